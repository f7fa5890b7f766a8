"""What FROM says: the base, the platform, the earlier stage of the same name, and the
frontend that the syntax directive asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scanner.formats.dockerfile.given import named_context
from scanner.formats.dockerfile.variables import Scope
from scanner.formats.shared.images import image_reference
from scanner.model.resources import ImageReference
from scanner.model.source import Located, Source, Span
from scanner.parsing.dockerfile_stages import Stage
from scanner.parsing.dockerfile_tree import DockerfileTree, Instruction


def implicit_stage(before: Sequence[Instruction]) -> tuple[Stage, ...]:
    """Return what stands in a file without a FROM as one stage, so that rules can speak of it."""
    if not before:
        return ()
    first = before[0]
    return (Stage(0, None, None, first.keyword_word, None, first, tuple(before)),)


def stages_of_image(
    stages: Sequence[Stage], outer: Scope, contexts: Mapping[str, str] | None = None
) -> frozenset[int]:
    """Return the last stage and those that it is based on: what the built image consists of.
    A name of one of the `contexts` of the build is no stage."""
    earlier: dict[str, int] = {}
    parents: list[int | None] = []
    for stage in stages:
        value = outer.value(stage.base)
        is_stage = isinstance(value, str) and named_context(value, contexts or {}) is None
        parents.append(earlier.get(str(value).lower()) if is_stage else None)
        if stage.name is not None:
            earlier[stage.name] = stage.index
    found: set[int] = set()
    current = len(stages) - 1 if stages else None
    while current is not None:
        found.add(current)
        current = parents[current]
    return frozenset(found)


def names_platform(platform: str, stage: str | None) -> bool:
    """Whether the name of a stage tells that it is for one platform (BuildKit's check for a
    constant platform accepts these)."""
    system, _, rest = platform.partition("/")
    architecture = rest.partition("/")[0]
    return stage is not None and any(
        part and part in stage for part in (system.lower(), architecture.lower())
    )


def syntax_image(tree: DockerfileTree, source: Source) -> ImageReference | None:
    """Return the frontend image of the `# syntax=` directive."""
    for directive in tree.directives:
        if directive.name == "syntax":
            line, column, end_line, end_column = directive.span
            begin = max(column, end_column - len(directive.value))
            return image_reference(Located(directive.value, Span(line, begin, end_line, end_column), source))
    return None
