"""COPY and ADD as resources: what is copied, from where, to where, and with which rights."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import NamedTuple

from scanner.formats.dockerfile.variables import Scope
from scanner.formats.shared.images import image_reference
from scanner.model.resources import Copy, Fact, ImageReference
from scanner.model.source import Located, Source, Unknown
from scanner.model.stage_parts import BuildContext, CopySource
from scanner.parsing.dockerfile_tree import Flag, Instruction, Word

ARCHIVES = (".tar", ".gz", ".bz2", ".xz", ".zst", ".Z", ".lz", ".lzma", ".tgz", ".tbz", ".tbz2", ".tb2",
            ".txz", ".tlz", ".tpz", ".tZ", ".tzst")  # fmt: skip
"""Names of archives that ADD unpacks, by their ends; of a zip it makes nothing."""

CREDENTIAL_VARIABLES = frozenset((
    "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "HF_TOKEN_PATH",
    "GOOGLE_APPLICATION_CREDENTIALS", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE",
    "KUBECONFIG",
    "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", "PGPASSFILE", "NETRC", "VAULT_TOKEN_FILE",
))  # fmt: skip
"""Variables by which programs find a file of credentials."""


class Whereabouts(NamedTuple):
    """Where a COPY stands: the earlier stages by name, its stage's own name and number, the
    working directory, and the build context."""

    stages: Mapping[str, int]
    own: str | None
    number: int
    workdir: Fact[str]
    context: BuildContext | None


def read_copy(
    instruction: Instruction, scope: Scope, where: Whereabouts, source: Source, *, onbuild: bool = False
) -> Copy:
    """Return the resource of a COPY or ADD."""
    *words, last = instruction.arguments
    from_flag = instruction.flag("from")
    origin, image = _origin(from_flag, where, source, onbuild)
    context = where.context if origin == "context" else None
    credential = (_variable(last.text) or "") in CREDENTIAL_VARIABLES
    sources = tuple(_source(word, scope, context, credential, source) for word in words)
    destination = scope.value(last)
    seen = scope.expand(last).text
    exclude = tuple(flag.value for flag in instruction.flags if flag.name == "exclude" and flag.value)
    link = instruction.flag("link")
    parents = instruction.flag("parents")
    return Copy(
        Located(instruction.keyword, instruction.keyword_span, source),
        Located(destination, last.span, source),
        origin,
        None if from_flag is None else Located(from_flag.value or "", from_flag.value_span, source),
        image,
        sources,
        _flag_value(instruction.flag("chown"), scope, source),
        _flag_value(instruction.flag("chmod"), scope, source),
        _flag_value(instruction.flag("checksum"), scope, source),
        Located(exclude, instruction.keyword_span, source) if exclude else None,
        where.workdir,
        relative=is_relative(seen),
        many=len(sources) > 1,
        link=link is not None and (link.value or "true").lower() == "true",
        parents=parents is not None and (parents.value or "true").lower() == "true",
        onbuild=onbuild,
    )


def is_relative(path: str) -> bool:
    """Whether a path starts from the working directory; one that begins with a variable may not."""
    return path != "" and not path.startswith(("/", "\\", "$")) and _DRIVE.match(path) is None


_DRIVE = re.compile(r"[A-Za-z]:")
_GIT = re.compile(r"git@[^/]+:|git://|ssh://|https?://[^#?]+\.git(?:[#?/]|$)")
_LAYER = re.compile(r"(?:file|multi|dir):[0-9a-f]{64}")
_IS_IMAGE = re.compile(r"[/:@.]")
_LONE_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_LEFT_OPEN = re.compile(r"\$|.*\$(?:\w+|\{[^{}]*\})$", re.DOTALL)


def _origin(
    flag: Flag | None, where: Whereabouts, source: Source, onbuild: bool
) -> tuple[str, ImageReference | None]:
    if flag is None:
        return "context", None
    written = flag.value or ""
    name = written.lower()
    if "$" in written or onbuild:
        # BuildKit resolves no variable here, and a trigger sees the stages of another file.
        return "variable", None
    if name == where.own:
        return "self", None
    if name in where.stages:
        return "stage", None
    if name.isascii() and name.isdigit() and len(name) < 9:
        number = int(name)
        return ("stage" if number < where.number else "self" if number == where.number else "unknown"), None
    if _IS_IMAGE.search(written):
        return "image", image_reference(Located(written, flag.value_span, source))
    return ("scratch" if name == "scratch" else "unknown"), None


def _source(
    word: Word,
    scope: Scope,
    context: BuildContext | None,
    credential: bool,
    source: Source,
) -> CopySource:
    value = scope.value(word)
    seen = scope.expand(word).text
    text = Located(value, word.span, source)
    kind = _kind(seen, isinstance(value, Unknown))
    if kind != "path":
        return CopySource(text, word.text, kind)
    return CopySource(
        text,
        word.text,
        kind,
        archive=seen.endswith(ARCHIVES),
        everything=_root(seen),
        ignored_by=_ignored(value, context, text),
        credential=credential,
        context=context,
    )


def _kind(text: str, is_open: bool) -> str:
    if text.startswith("<<"):
        return "heredoc"
    if _GIT.match(text):
        return "git"
    if text.startswith(("http://", "https://", "ftp://")):
        return "url"
    if _LAYER.match(text):
        return "layer"
    return "variable" if is_open and _LEFT_OPEN.match(text) else "path"


def _root(path: str) -> bool:
    """Whether a path is the root of what it is copied from, or everything in it."""
    cleaned = posixpath.normpath("/" + path.replace("\\", "/")).replace("//", "/")
    return cleaned in ("/", "/*", "/**")


def _ignored(value: str | Unknown, context: BuildContext | None, text: Located[str | Unknown]) -> Fact[str]:
    if context is None or not context.is_certain or isinstance(value, Unknown):
        return None
    if any(mark in value for mark in "*?["):
        return None
    pattern = context.ignored_by(value)
    return None if pattern is None else Located(pattern, text.place, text.source)


def _variable(text: str) -> str | None:
    found = _LONE_VARIABLE.fullmatch(text.strip("\"'"))
    return (found.group(1) or found.group(2)) if found else None


def _flag_value(flag: Flag | None, scope: Scope, source: Source) -> Fact[str]:
    if flag is None or flag.value is None:
        return None
    return Located(scope.value(flag.value), flag.value_span, source)
