"""The predicates of rules about the stages, files and settings of a Dockerfile."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache

from scanner.engine.registry import predicate
from scanner.model.commands import Command
from scanner.model.resources import BuildStage, EnvVar, ImageReference, Port
from scanner.model.source import Unknown
from scanner.model.stage_parts import CopySource, CredentialFile, StageInstruction, WorkingDirectory
from scanner.patterns.globs import Glob, star_glob, wildcard_fits
from scanner.secrets import verdicts as secrets


@predicate
def image_listed(resource: ImageReference | BuildStage, *, images: tuple[str, ...]) -> bool | None:
    """The image, or the one that a stage began with, fits one of the patterns `images`.

    A pattern is `registry/repository` with an optional `:tag`, and may hold `*`; without a
    registry it means Docker Hub.
    """
    image = resource.origin if isinstance(resource, BuildStage) else resource
    if image is None or image.scratch or image.stage:
        return False
    names = _names(image)
    if names is None:
        return None
    return any(_fits(names, pattern) for pattern in images)


@predicate
def image_outside(image: ImageReference, *, allowed: tuple[str, ...]) -> bool | None:
    """The image comes from nowhere in `allowed`: registries, or `registry/repository` and what lies
    below, with `*`. Nothing is outside of an empty list."""
    if not allowed or image.scratch or image.stage or image.built or image.registry is None:
        return False
    names = _names(image)
    if names is None:
        return None
    name = names[0]
    if name.startswith("docker.io/") and name.count("/") == 1:
        name = "docker.io/library/" + name.removeprefix("docker.io/")
    return not any(_lies_in(name, place) for place in allowed)


@predicate
def image_in(image: ImageReference, *, places: tuple[str, ...]) -> bool | None:
    """The image comes from one of `places`: registries, or `registry/repository` and what lies below."""
    if image.scratch or image.stage or image.built or image.registry is None:
        return False
    names = _names(image)
    return None if names is None else any(_lies_in(names[0], place) for place in places)


@predicate
def release_ended(image: ImageReference, *, releases: tuple[str, ...], as_of: str) -> bool | None:
    """The image is of a release in `releases` (`repository:tag date`, the date its support ended)
    that ended before `as_of`."""
    if image.scratch or image.stage or image.built:
        return False
    names = _names(image)
    if names is None:
        return None
    return _has_ended(names[0].removeprefix("docker.io/"), names[1], releases, as_of)


@predicate
def relative_workdir(directory: WorkingDirectory, *, after_absolute: bool) -> bool | None:
    """A WORKDIR is relative and nothing absolute stands before it, or it climbs with `..`; with
    `after_absolute`, any relative one."""
    if not directory.relative:
        return False
    text = directory.text.value
    if after_absolute or directory.resolved is None:
        return True
    return not isinstance(text, Unknown) and ".." in re.split(r"[/\\]", text.strip("\"'"))


@predicate
def workdir_at(
    directory: WorkingDirectory, *, exactly: tuple[str, ...], below: tuple[str, ...]
) -> bool | None:
    """A WORKDIR is one of `exactly`, or one of `below` or a folder in it."""
    path = directory.resolved
    if path is None:
        return False
    if isinstance(path.value, Unknown):
        return None
    cleaned = posixpath.normpath(path.value)
    return cleaned in exactly or any(_lies_in(cleaned, place) for place in below)


@predicate
def build_credential(variable: EnvVar, *, placeholders: bool) -> bool:
    """A variable of a build has the name of a credential, and a value that may be one, or none yet."""
    if not secrets.is_secret_name(variable.name.value):
        return False
    if variable.value is None:
        return True
    value = variable.value.value
    if isinstance(value, Unknown):
        return True
    kind = secrets.literal_kind(value)
    if kind is secrets.LiteralKind.PLACEHOLDER:
        return placeholders
    if kind is secrets.LiteralKind.NUMBER:
        return secrets.is_literal_credential(variable.name.value, value)
    return kind in (secrets.LiteralKind.LITERAL, secrets.LiteralKind.REFERENCE) and not _is_secret_mount(
        value
    )


@predicate
def secret_file(
    resource: CopySource | CredentialFile | Command, *, names: tuple[str, ...], harmless: tuple[str, ...]
) -> bool | None:
    """A copied path looks like a file of credentials: its end fits one of `names` and none of
    `harmless`. A command makes one: it logs a cloud's tool in, without a secret mount."""
    if isinstance(resource, Command):
        if resource.run.instruction != "RUN" or any(mount.kind == "secret" for mount in resource.run.mounts):
            return False
        return _LOGS_IN.match(f"{resource.name} {' '.join(resource.call.words)}") is not None
    if isinstance(resource, CredentialFile):
        return resource.copied
    if resource.kind != "path":
        return False
    if resource.credential:
        return True
    path = resource.text.value
    if isinstance(path, Unknown):
        return None
    return _has_end(path, names) and not _has_end(path, harmless)


@predicate
def context_lets_through(source: CopySource, *, names: tuple[str, ...], root_names: tuple[str, ...]) -> bool:
    """A source is the whole build context, and no ignore file keeps `names` out of it, nor
    `root_names` where the context is the scanned root."""
    context = source.context
    if context is None or not source.everything:
        return False
    if context.ignore_file is None:
        return True
    wanted = (*names, *root_names) if not context.folder else names
    return any(context.ignored_by(name) is None for name in wanted)


@predicate
def expose_invalid(port: Port) -> bool | None:
    """A word of EXPOSE is no port or range from 0 to 65535 with a protocol in lower case."""
    text = port.text.value
    if isinstance(text, Unknown):
        return None
    found = _EXPOSED.fullmatch(text)
    if found is None:
        return True
    first = int(found.group(1))
    last = int(found.group(2) or first)
    return not first <= last <= 65535


@predicate
def debug_mode(resource: EnvVar | StageInstruction) -> bool | None:
    """A variable or start command switches a debugger or the debug mode of a framework on."""
    if isinstance(resource, StageInstruction):
        words = resource.keyword.value in ("CMD", "ENTRYPOINT") and not resource.onbuild
        return words and _DEBUG_COMMAND.search(resource.text.value) is not None
    if resource.value is None:
        return False
    value = resource.value.value
    if isinstance(value, Unknown):
        return None
    name, value = resource.name.value, value.strip()
    if name in _DEBUG_SWITCHES:
        return value.lower() in ("1", "true", "yes", "on")
    if name in _ENVIRONMENTS:
        return value.lower() in ("development", "dev")
    return name in _OPTIONS and _DEBUG_OPTION.search(value) is not None


@predicate
def labels_wrong(resource: EnvVar | BuildStage, *, required: tuple[str, ...], strict: bool) -> bool | None:
    """A label has no valid key or value, or the final stage lacks one of the `required` labels."""
    if isinstance(resource, BuildStage):
        names = resource.label_names
        if not resource.final or names is None or isinstance(names.value, Unknown):
            return False
        return not set(required) <= set(names.value)
    name = resource.name.value
    if strict and not _LABEL_KEY.fullmatch(name):
        return True
    if resource.value is None or isinstance(resource.value.value, Unknown):
        return None if resource.value is not None else False
    wanted = _LABEL_VALUES.get(name)
    return wanted is not None and wanted.fullmatch(resource.value.value) is None


_LOGS_IN = re.compile(
    r"aws configure set (?:\S+\.)?aws_(?:access_key_id|secret_access_key|session_token)\b"
    r"|gcloud auth activate-service-account\b|az login\b"
)
_EXPOSED = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/(?:tcp|udp|sctp))?", re.ASCII)
_DEBUG_SWITCHES = frozenset((
    "FLASK_DEBUG", "DJANGO_DEBUG", "DEBUG", "APP_DEBUG", "WP_DEBUG", "WORDPRESS_DEBUG", "SYMFONY_DEBUG",
    "QUARKUS_DEBUG", "JPDA_ENABLED", "BPL_DEBUG_ENABLED",
))  # fmt: skip
_ENVIRONMENTS = frozenset((
    "FLASK_ENV", "NODE_ENV", "RAILS_ENV", "RACK_ENV", "APP_ENV", "ASPNETCORE_ENVIRONMENT",
    "DOTNET_ENVIRONMENT", "MIX_ENV",
))  # fmt: skip
_OPTIONS = frozenset((
    "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CATALINA_OPTS", "JPDA_OPTS",
    "NODE_OPTIONS", "JAVA_OPTIONS",
))  # fmt: skip
_DEBUG_OPTION = re.compile(r"(?:-agentlib:jdwp|-Xrunjdwp|-Xdebug|--inspect(?:-brk)?(?:=|\s|$))")
_DEBUG_COMMAND = re.compile(
    r"-agentlib:jdwp|-Xrunjdwp|[\s\"']--inspect(?:-brk)?(?:[=\s\"']|$)|\bjpda[\"',\s]+(?:start|run)\b"
    r"|\bdebugpy\b|\bpydevd\b|\bdlv[\"',\s]+(?:debug|exec|--)|\bflask\b.*--debug\b|\brdbg\b"
)
_LABEL_KEY = re.compile(
    r"(?!com\.docker\.|io\.docker\.|org\.dockerproject\.)[a-z](?:[a-z0-9]|[.-](?![.-]))*(?<![.-])"
)
_LINK = re.compile(r"(?:https?|git|ssh)://\S+|git@\S+")
_LABEL_VALUES = {
    "org.opencontainers.image.created": re.compile(
        r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)"
    ),
    "org.opencontainers.image.url": _LINK,
    "org.opencontainers.image.documentation": _LINK,
    "org.opencontainers.image.source": _LINK,
    "org.opencontainers.image.licenses": re.compile(
        r"[A-Za-z0-9.+-]+(?:\s+(?:AND|OR|WITH)\s+\(?[A-Za-z0-9.+-]+\)?)*"
    ),
    "org.opencontainers.image.base.digest": re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}"),
}


def _names(image: ImageReference) -> tuple[str, str] | None:
    """An image as `registry/repository` and tag; None when a variable decides."""
    registry, repository, tag = image.registry, image.repository, image.tag
    if registry is None or repository is None:
        return "", ""
    if isinstance(registry.value, Unknown) or isinstance(repository.value, Unknown):
        return None
    written = "" if tag is None or isinstance(tag.value, Unknown) else tag.value
    return f"{registry.value}/{repository.value}", written


def _lies_in(name: str, place: str) -> bool:
    if "*" not in place:
        return name == place or name.startswith(place.rstrip("/") + "/")
    return wildcard_fits(name, place) or wildcard_fits(name, place + "/*")


def _fits(names: tuple[str, str], pattern: str) -> bool:
    path, colon, tag = pattern.rpartition(":")
    if not colon or "/" in tag:
        path, tag = pattern, "*"
    first = path.partition("/")[0]
    if "/" not in path or not ("." in first or ":" in first or "*" in first or first == "localhost"):
        path = "docker.io/" + path
    return wildcard_fits(names[0], path) and wildcard_fits(names[1], tag)


@lru_cache(maxsize=8)
def _ends(releases: tuple[str, ...]) -> dict[str, list[tuple[str, str]]]:
    """The releases of a table by repository, each with the date of its end."""
    table: dict[str, list[tuple[str, str]]] = {}
    for line in releases:
        names, _, date = line.partition(" ")
        repositories, _, tags = names.partition(":")
        for repository in repositories.split(","):
            table.setdefault(repository, []).extend((tag, date.strip()) for tag in tags.split(","))
    return table


@lru_cache(maxsize=4096)
def _has_ended(repository: str, tag: str, releases: tuple[str, ...], as_of: str) -> bool:
    table = _ends(releases)
    known = (*table.get(repository, ()), *table.get("*", ()))
    return any(date < as_of and _is_release(tag, release) for release, date in known)


def _is_release(tag: str, release: str) -> bool:
    """Whether a tag is of a release: `3.8-slim` and `3.8.19` are of `3.8`, `3.80` is not."""
    if release.startswith("-"):
        found = tag.find(release)
        while found >= 0 and _NAME_CHARACTER.match(tag, found + len(release)):
            found = tag.find(release, found + 1)
        return found >= 0
    if not tag.startswith(release):
        return False
    rest = tag[len(release) :]
    return not rest or rest[0] in ".-_" or (release[-1].isdigit() and rest[0] == "u" and rest[1:2].isdigit())


def _is_secret_mount(value: str) -> bool:
    return value.startswith(("/run/secrets/", "/var/run/secrets/"))


def _has_end(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether the last parts of a path fit a pattern, part by part and in any case of letters."""
    cleaned = posixpath.normpath(path.replace("\\", "/").strip("\"'")).lower()
    parts = cleaned.split("/")
    return any(
        len(globs) <= len(parts)
        and all(glob.fits(part) for glob, part in zip(globs, parts[-len(globs) :], strict=True))
        for globs in _by_part(patterns)
    )


@lru_cache(maxsize=64)
def _by_part(patterns: tuple[str, ...]) -> tuple[tuple[Glob, ...], ...]:
    return tuple(tuple(map(star_glob, pattern.split("/"))) for pattern in patterns)


_NAME_CHARACTER = re.compile("[a-z0-9]")
