"""A pattern as a program for `steps.count_steps`: what `re` would do, one instruction a step.

The tree is that of `re._parser`, so what is measured is what `re` reads. Repeats of one character are
one instruction, as in `re` itself; any other repeat is a loop with a counter that ends when a turn took
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple


class Characters:
    """A set of characters: what one instruction takes. Remembers what it was asked."""

    def __init__(self, holds: Callable[[str], bool]) -> None:
        self._holds = holds
        self._known: dict[str, bool] = {}

    def __contains__(self, char: str) -> bool:
        known = self._known.get(char)
        if known is None:
            known = self._known[char] = self._holds(char)
        return known


class Instruction(NamedTuple):
    """One step. Which of the fields count is said by `kind`."""

    kind: str
    characters: Characters | None = None
    low: int = 0
    high: int = 0
    lazy: bool = False
    slot: int = 0
    target: int = 0
    targets: tuple[int, ...] = ()
    inner: tuple[Instruction, ...] = ()
    at: Any = None


Program = tuple[Instruction, ...]


def compile_program(pattern: re.Pattern[Any]) -> Program:
    """Return the program of a pattern; it ends in `done`."""
    writer = _Writer(pattern.flags)
    writer.sequence(parse_tree(pattern), pattern.flags)
    writer.add(Instruction("done"))
    return tuple(writer.program)


def parse_tree(pattern: re.Pattern[Any]) -> Any:
    """Return the tree that `re` makes of a pattern."""
    return parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE.value)


def characters_of(op: Any, argument: Any, flags: int) -> Characters | None:
    """Return the characters that a node of one character takes; None of any other node."""
    if op is c.LITERAL:
        return Characters(_either_case(lambda char: ord(char) == argument, flags))
    if op is c.NOT_LITERAL:
        same = _either_case(lambda char: ord(char) == argument, flags)
        return Characters(lambda char: not same(char))
    if op is c.ANY:
        return Characters(lambda char: bool(flags & re.DOTALL) or char != "\n")
    if op is c.IN:
        negated = argument[0][0] is c.NEGATE
        holds = _either_case(_one_of(argument[1:] if negated else argument, flags), flags)
        return Characters(lambda char: holds(char) is not negated)
    return None


def _either_case(holds: Callable[[str], bool], flags: int) -> Callable[[str], bool]:
    if not flags & re.IGNORECASE:
        return holds
    return lambda char: any(len(each) == 1 and holds(each) for each in (char, char.lower(), char.upper()))


def _one_of(items: Sequence[tuple[Any, Any]], flags: int) -> Callable[[str], bool]:
    def holds(char: str) -> bool:
        code = ord(char)
        for op, argument in items:
            if op is c.LITERAL and code == argument:
                return True
            if op is c.RANGE and argument[0] <= code <= argument[1]:
                return True
            if op is c.CATEGORY and _in_category(char, argument, flags):
                return True
        return False

    return holds


def _in_category(char: str, category: Any, flags: int) -> bool:
    name = str(category).removeprefix("CATEGORY_")
    known = not flags & re.ASCII or char.isascii()
    holds = {
        "DIGIT": known and char.isdecimal(),
        "SPACE": known and char.isspace(),
        "WORD": known and (char.isalnum() or char == "_"),
    }[name.removeprefix("NOT_")]
    return holds is not name.startswith("NOT_")


class _Writer:
    def __init__(self, flags: int) -> None:
        self.program: list[Instruction] = []
        self._slots = 1000  # below are the groups: 2 * number and 2 * number + 1
        self._flags = flags

    def add(self, instruction: Instruction) -> int:
        self.program.append(instruction)
        return len(self.program) - 1

    def sequence(self, nodes: Any, flags: int) -> None:
        for op, argument in nodes:
            self._node(op, argument, flags)

    def _node(self, op: Any, argument: Any, flags: int) -> None:
        taken = characters_of(op, argument, flags)
        if taken is not None:
            self.add(Instruction("take", taken))
        elif op is c.SUBPATTERN:
            group, added, removed, nodes = argument
            if group is not None:
                self.add(Instruction("note", slot=2 * group))
            self.sequence(nodes, flags & ~removed | added)
            if group is not None:
                self.add(Instruction("note", slot=2 * group + 1))
        elif op is c.BRANCH:
            self._branch(argument[1], flags)
        elif op in (c.MAX_REPEAT, c.MIN_REPEAT):
            self._repeat(*argument, flags, lazy=op is c.MIN_REPEAT)
        elif op is c.AT:
            self.add(Instruction("at", at=argument, high=flags))
        elif op in (c.ASSERT, c.ASSERT_NOT):
            self._look(*argument, flags, "look" if op is c.ASSERT else "refuse")
        elif op is c.GROUPREF:
            self.add(Instruction("again", slot=2 * argument))
        elif op is c.FAILURE:
            self.add(Instruction("fail"))
        else:
            raise AssertionError(f"no instruction for {op}: possessive repeats and atomic groups are refused")

    def _branch(self, branches: Any, flags: int) -> None:
        split = self.add(Instruction("split"))
        starts, ends = [], []
        for nodes in branches:
            starts.append(len(self.program))
            self.sequence(nodes, flags)
            ends.append(self.add(Instruction("jump")))
        for end in ends:
            self.program[end] = Instruction("jump", target=len(self.program))
        self.program[split] = Instruction("split", targets=tuple(starts))

    def _repeat(self, low: int, high: Any, nodes: Any, flags: int, *, lazy: bool) -> None:
        most = 1 << 40 if high is c.MAXREPEAT else int(high)
        single = characters_of(*nodes[0], flags) if len(nodes) == 1 else None
        if single is not None:
            self.add(Instruction("run", single, low, most, lazy))
            return
        slot = self._slots
        self._slots += 2  # the turns so far, and where the last one began
        self.add(Instruction("enter", slot=slot))
        loop = self.add(Instruction("loop"))
        self.sequence(nodes, flags)
        self.add(Instruction("jump", target=loop))
        self.program[loop] = Instruction(
            "loop", low=low, high=most, lazy=lazy, slot=slot, target=len(self.program)
        )

    def _look(self, direction: int, nodes: Any, flags: int, kind: str) -> None:
        inner = _Writer(self._flags)
        inner._slots = self._slots
        inner.sequence(nodes, flags)
        inner.add(Instruction("done"))
        self._slots = inner._slots
        width = nodes.getwidth()[0] if direction < 0 else 0
        self.add(Instruction(kind, low=width, inner=tuple(inner.program)))
