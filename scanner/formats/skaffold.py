"""Skaffold files: which images `skaffold` builds, and from what (skaffold.dev, skaffold.yaml)."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from scanner.formats.base import Files
from scanner.formats.compose.paths import is_inside, join
from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.model.builds import ImageBuild
from scanner.model.report import Diagnostic
from scanner.model.resources import EnvVar, Fact, ResourceRef
from scanner.model.source import Located, Unknown
from scanner.parsing.yaml import MappingNode, Node, ScalarNode, YamlFile, entries, is_null

_BUILDERS_WITHOUT_DOCKERFILE = ("bazel", "jib", "jibMaven", "jibGradle", "ko", "buildpacks", "buildpack")


class SkaffoldFile(NamedTuple):
    """What the Skaffold configurations of a file say. `left_out` names what is not followed, None
    for nothing; `rest` is the file without these documents."""

    builds: tuple[ImageBuild, ...]
    certain: bool
    diagnostics: tuple[Diagnostic, ...]
    left_out: str | None
    rest: YamlFile


def read_skaffold(file: YamlFile, files: Files) -> SkaffoldFile | None:
    """Read the configurations of a file, or return None where it has none.

    `requires` is not followed: each file is read where it is found.
    """
    own = [one for one in file.documents if _is_configuration(one.root)]
    if not own:
        return None
    facts = FactReader(file.source)
    builds: list[ImageBuild] = []
    patched: list[str] = []
    folder = posixpath.dirname(file.source.path)
    for number, root in own:
        index = entries(root) if root.__class__ is MappingNode else {}
        reader = _Reader(facts, folder, files, number)
        builds += reader.artifacts(index, None)
        for _, profile in facts.objects(index, "profiles"):
            name = facts.text(profile, "name")
            label = "" if name is None else str(name.value)
            builds += reader.artifacts(profile, label)
            if _patches_artifacts(profile, facts):
                patched.append(label)
    rest = file._replace(documents=tuple(one for one in file.documents if one not in own))
    left_out = None
    if patched:
        names = ", ".join(f"'{name}'" for name in patched)
        left_out = f"patches of artifacts are not applied (profile{'s' if len(patched) > 1 else ''} {names})"
    return SkaffoldFile(tuple(builds), facts.certain, tuple(facts.diagnostics), left_out, rest)


def _is_configuration(root: Node | None) -> bool:
    if root.__class__ is not MappingNode or root is None:
        return False
    index = entries(root)
    return _text(index, "kind") == "Config" and _text(index, "apiVersion").startswith("skaffold/")


def _text(index: Index, key: str) -> str:
    pair = index.get(key)
    return str(pair[1].value) if pair is not None and pair[1].__class__ is ScalarNode else ""


def _patches_artifacts(profile: Index, facts: FactReader) -> bool:
    return any(
        _text(patch, "path").startswith("/build/artifacts") for _, patch in facts.objects(profile, "patches")
    )


class _Reader:
    """Reads the artifacts of one configuration, whose paths start at `folder`."""

    def __init__(self, facts: FactReader, folder: str, files: Files, document: int) -> None:
        self._facts = facts
        self._folder = folder
        self._files = files
        self._document = document

    def artifacts(self, owner: Index, profile: str | None) -> list[ImageBuild]:
        """Return what the `build` of a configuration, or of a profile, says is built."""
        build = self._facts.mapping(owner, "build")
        found = [
            self._artifact(node, index, profile) for node, index in self._facts.objects(build, "artifacts")
        ]
        return [one for one in found if one is not None]

    def _artifact(self, node: Node, index: Index, profile: str | None) -> ImageBuild | None:
        image = self._plain(self._facts.text(index, "image"))
        if image is None:
            self._facts.complain(node, "the artifact has no 'image'")
            return None
        name = image.value if isinstance(image.value, str) else "?"
        at = Located(name, image.place, image.source)
        context = self._context(index, at)
        builder = next((key for key in ("docker", "kaniko", "custom") if key in index), None)
        if builder is None and any(key in index for key in _BUILDERS_WITHOUT_DOCKERFILE):
            return self._build(at, image, context, profile)
        if builder == "custom":
            unknown = Located(Unknown("a script builds it"), index["custom"], self._facts.source)
            return self._build(at, image, context, profile, dockerfile=unknown)
        options = self._facts.mapping(index, builder) if builder is not None else {}
        return self._build(
            at,
            image,
            context,
            profile,
            dockerfile=self._dockerfile(options, context, at),
            target=self._plain(self._facts.text(options, "target")),
            args=self._arguments(options),
        )

    def _build(
        self,
        name: Located[str],
        image: Located[str | Unknown],
        context: Located[str | Unknown],
        profile: str | None,
        *,
        dockerfile: Fact[str] = None,
        target: Fact[str] = None,
        args: tuple[EnvVar, ...] = (),
    ) -> ImageBuild:
        ref = ResourceRef("skaffold artifact", name.value, document=self._document)
        return ImageBuild(ref, name, "skaffold", (image,), context, dockerfile, target, args, variant=profile)

    def _context(self, index: Index, name: Located[str]) -> Located[str | Unknown]:
        written = self._plain(self._facts.text(index, "context"))
        if written is None:
            return Located(self._folder, name.place, name.source)
        if isinstance(written.value, Unknown):
            return written
        return written._replace(value=join(self._folder, written.value))

    def _dockerfile(
        self, options: Index, context: Located[str | Unknown], name: Located[str]
    ) -> Located[str | Unknown]:
        """The Dockerfile: in the context, else where it is seen from the configuration's folder
        (skaffold, NormalizeDockerfilePath)."""
        written = self._plain(self._facts.text(options, "dockerfile"))
        at = Located("Dockerfile", name.place, name.source) if written is None else written
        if isinstance(at.value, Unknown) or isinstance(context.value, Unknown):
            return at if isinstance(at.value, Unknown) else context
        inner, outer = join(context.value, at.value), join(self._folder, at.value)
        is_outer = not self._exists(inner) and self._exists(outer)
        return at._replace(value=outer if is_outer else inner)

    def _exists(self, path: str) -> bool:
        return is_inside(path) and self._files.exists(path)

    def _arguments(self, options: Index) -> tuple[EnvVar, ...]:
        found: list[EnvVar] = []
        for key, pair in self._facts.mapping(options, "buildArgs").items():
            place = Located(key, pair, self._facts.source)
            value = None if is_null(pair[1]) else self._plain(self._facts.as_text(pair))
            if value is None:  # the environment of whoever builds has it, or nothing
                value = Located(Unknown(f"{key} is given when the image is built"), pair, self._facts.source)
            found.append(EnvVar(place, value))
        return tuple(found)

    def _plain(self, fact: Fact[str]) -> Located[str | Unknown] | None:
        """A text, in which a Go template is not filled in."""
        if fact is not None and isinstance(fact.value, str) and "{{" in fact.value:
            self._facts.certain = False
            return Located(Unknown("Skaffold fills in a template"), fact.place, fact.source)
        return fact
