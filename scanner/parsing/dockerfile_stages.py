"""The build stages of a Dockerfile, and what stands before the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scanner.model.source import Span
from scanner.parsing.dockerfile_tree import DockerfileTree, Flag, Instruction, Word


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM and the instructions that follow it.

    `name` is in lower case, as BuildKit compares it; None for a stage without `AS`.
    `base` is as written: variables in it are not resolved.
    """

    index: int
    name: str | None
    name_word: Word | None
    base: Word
    platform: Flag | None
    origin: Instruction
    instructions: tuple[Instruction, ...]

    @property
    def span(self) -> Span:
        """From the FROM to the end of the stage's last instruction."""
        start = self.origin.span
        end = self.instructions[-1].span if self.instructions else start
        return Span(start.line, start.column, end.end_line, end.end_column)


class Stages(NamedTuple):
    """The stages in order, and the instructions before the first FROM (ARG alone is allowed there)."""

    before: tuple[Instruction, ...]
    stages: tuple[Stage, ...]

    @property
    def global_args(self) -> tuple[Instruction, ...]:
        """The ARGs before the first FROM; FROM lines can use them, a stage only after its own ARG."""
        return tuple(instruction for instruction in self.before if instruction.keyword == "ARG")

    def find(self, reference: str) -> Stage | None:
        """Return the stage that a `COPY --from`, FROM or build target names, by name or index.

        The last stage of a name wins; a caller that looks from inside a stage passes the
        stages before it alone.
        """
        wanted = reference.lower()
        for stage in reversed(self.stages):
            if stage.name == wanted:
                return stage
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 and int(wanted) < len(self.stages):
            return self.stages[int(wanted)]
        return None


def split_stages(tree: DockerfileTree) -> Stages:
    """Return the stages of a parsed file."""
    groups: list[list[Instruction]] = [[]]
    for instruction in tree.instructions:
        if instruction.keyword == "FROM":
            groups.append([])
        groups[-1].append(instruction)
    stages = []
    for index, (origin, *rest) in enumerate(groups[1:]):
        words = origin.arguments
        named = len(words) == 3 and words[1].text.lower() == "as"
        name = words[2] if named else None
        stages.append(
            Stage(
                index,
                name.text.lower() if name is not None else None,
                name,
                words[0],
                origin.flag("platform"),
                origin,
                tuple(rest),
            )
        )
    return Stages(tuple(groups[0]), tuple(stages))
