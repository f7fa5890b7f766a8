"""Running a pattern over a text: one step a character, whatever the pattern.

The states of the automaton's powerset are made when a text first leads to them, and so are their
transitions, which are kept in dictionaries by character: a text that was like others before
costs one lookup a character. When a pattern's dictionaries have grown to their bound, further
sets of places are computed and not kept, which is slower and still linear.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from scanner.patterns.automaton import ALWAYS, SIDES, Automaton, Places, Side, build, places_of, side_of
from scanner.patterns.characters import CharSet
from scanner.patterns.literals import Literals, literals_of
from scanner.patterns.syntax import Dialect, parse
from scanner.patterns.tree import Assertion, Node, PatternError, Sequence

__all__ = ["Dialect", "Pattern", "PatternError", "compile_pattern"]

MOST_TRANSITIONS = 3_000
"""Transitions that are kept of one pattern."""

_MOST_CHARACTERS = 5_000


class Pattern:
    """A pattern that is ready to run. The methods have the verdicts of their namesakes in `re`."""

    __slots__ = ("_literals", "_runners", "_searching", "text", "tree")

    def __init__(self, text: str, tree: Node) -> None:
        self.text = text
        self.tree = tree
        self._literals: Literals | None = None
        self._searching: Runner | None = None
        self._runners: dict[bool, Runner] = {}

    def search(self, text: str) -> bool:
        """Whether the pattern fits a part of a text."""
        needed = self._literals
        if needed is None:
            needed = self._literals = literals_of(self.tree)
        if needed.prefix and not text.startswith(needed.prefix):
            return False
        if needed.needle and needed.needle not in text:
            return False
        return needed.is_all or self.searching().run(text)

    def match(self, text: str) -> bool:
        """Whether the pattern fits the start of a text."""
        return self._anchored(to_end=False).run(text)

    def fullmatch(self, text: str) -> bool:
        """Whether the pattern fits a whole text."""
        return self._anchored(to_end=True).run(text)

    def searching(self) -> Runner:
        """Return what searches for the pattern; it is made once."""
        if self._searching is None:
            self._searching = Runner(build(self.tree))
        return self._searching

    def _anchored(self, *, to_end: bool) -> Runner:
        found = self._runners.get(to_end)
        if found is None:
            end = (Assertion.END,) if to_end else ()
            found = self._runners[to_end] = Runner(build(Sequence((Assertion.START, self.tree, *end))))
        return found


@lru_cache(maxsize=1024)
def compile_pattern(text: str, dialect: Dialect = Dialect.PYTHON) -> Pattern:
    """Return the pattern of a text. Raises PatternError.

    What it costs to run is paid when it first runs.
    """
    return Pattern(text, parse(text, dialect))


class _Table(NamedTuple):
    """The automaton between one pair of sides.

    `chain` are places that may be followed by the next one; `single` and `several` are the other
    successors, by one place and by a set of places.
    """

    first: int
    last: int
    is_empty: bool
    chain: int
    single: dict[int, int]
    singles: int
    several: tuple[tuple[int, int], ...]


class _Set:
    """A set of places and what stands before them. `verdict` is that of a text that ends here, None
    until somebody asks; of a `final` one it holds whatever follows."""

    __slots__ = ("before", "final", "places", "verdict")

    def __init__(self, places: int, before: Side, verdict: bool | None = None) -> None:
        self.places = places
        self.before = before
        self.verdict = verdict
        self.final = verdict is not None


_State: TypeAlias = "dict[str, Any]"
"""The states behind a character, by the character; under _SELF, the _Set that it stands for.

It is a plain dictionary because nothing is looked up faster, and the loop over a text is little else.
"""

_SELF = ""
_LAST_BREAK = "\n at the end"
"""The character that stands for a line break at the end of a text, where that matters."""


class Runner:
    """Runs one automaton: whether some part of a text takes it from a first to a last place.

    `work` counts the sets of places that were joined to make transitions, which is what a text cost
    beyond one lookup for each of its characters; `kept` counts the transitions that are kept.
    """

    def __init__(self, automaton: Automaton) -> None:
        self.work = 0
        self.automaton = automaton
        self._has_sides = automaton.looks_around
        self._has_last_break = self._has_sides and _tells_last_break(automaton)
        self._can_begin_later = any(_holds_later(when) for when in (*automaton.first, automaton.empty))
        self._tables: dict[int, _Table] = {}
        self._literal: dict[str, int] = {}
        self._sets: list[tuple[CharSet, int]] = []
        self._letters: list[tuple[CharSet, int]] = []
        self._sort_sets()
        self._characters: dict[str, tuple[int, Side]] = {}
        self.kept = 0
        self._states: dict[tuple[int, Side], _State] = {}
        self._found: _State = {_SELF: _Set(0, Side.BORDER, True)}
        self._lost: _State = {_SELF: _Set(0, Side.BORDER, False)}
        self._start = self._state(0, Side.BORDER)

    def run(self, text: str) -> bool:
        """Whether a part of the text fits."""
        if self.kept >= MOST_TRANSITIONS:
            self._forget()
        state = self._start
        ends_in_break = self._has_last_break and text.endswith("\n")
        rest = iter(text[:-1] if ends_in_break else text)
        char = ""
        while True:
            try:
                for char in rest:
                    state = state[char]
                break
            except KeyError:
                here: _Set = state[_SELF]
                if here.final:
                    return bool(here.verdict)
                state = self._step(state, here, char)
        if ends_in_break and not state[_SELF].final:
            state = self._step(state, state[_SELF], _LAST_BREAK)
        return self._at_end(state[_SELF])

    def _at_end(self, here: _Set) -> bool:
        if here.verdict is None:
            table = self._table(here.before, Side.BORDER)
            here.verdict = table.is_empty or bool(here.places & table.last)
        return here.verdict

    def _step(self, state: _State, here: _Set, char: str) -> _State:
        following = self._following(here, char)
        if self.kept < MOST_TRANSITIONS:
            self.kept += 1
            state[char] = following
        return following

    def _following(self, here: _Set, char: str) -> _State:
        takers, side = self._character(char)
        table = self._table(here.before, side)
        places = here.places
        if table.is_empty or places & table.last:
            return self._found
        reached = table.first | (places & table.chain) << 1
        for sources, targets in table.several:
            if places & sources:
                reached |= targets
        self.work += 1 + len(table.several)
        for place in places_of(places & table.singles):
            reached |= table.single[place]
            self.work += 1
        reached &= takers
        if not reached and not self._can_begin_later:
            return self._lost
        return self._state(reached, side if self._has_sides else Side.BORDER)

    def _state(self, places: int, before: Side) -> _State:
        if before is Side.LAST_BREAK:
            before = Side.BREAK
        found = self._states.get((places, before))
        if found is None:
            found = {_SELF: _Set(places, before)}
            if self.kept < MOST_TRANSITIONS:
                self._states[places, before] = found
        return found

    def _forget(self) -> None:
        """Begin anew. States refer to one another, and nobody collects that while a scan runs."""
        for state in self._states.values():
            state.clear()
        self._states.clear()
        self.kept = 0
        self._start = self._state(0, Side.BORDER)

    def _character(self, char: str) -> tuple[int, Side]:
        found = self._characters.get(char)
        if found is None:
            real = "\n" if char is _LAST_BREAK else char
            takers = self._literal.get(real, 0)
            for of, places in self._sets if real.isascii() else (*self._sets, *self._letters):
                if of.takes(real):
                    takers |= places
            side = Side.BORDER
            if self._has_sides:
                side = Side.LAST_BREAK if char is _LAST_BREAK else side_of(char)
            if len(self._characters) >= _MOST_CHARACTERS:
                self._characters.clear()
            found = self._characters[char] = takers, side
        return found

    def _sort_sets(self) -> None:
        by_set: dict[CharSet, int] = {}
        for place, of in enumerate(self.automaton.sets):
            by_set[of] = by_set.get(of, 0) | 1 << place
        for of, places in by_set.items():
            chars = of.cases()
            if not chars:
                self._sets.append((of, places))
            elif of.folded:
                self._letters.append((of, places))
            for char in chars:
                self._literal[char] = self._literal.get(char, 0) | places

    def _table(self, before: Side, behind: Side) -> _Table:
        context = before * SIDES + behind
        found = self._tables.get(context)
        if found is None:
            found = self._tables[context] = self._table_of(1 << context)
        return found

    def _table_of(self, bit: int) -> _Table:
        automaton = self.automaton
        by_source: dict[int, int] = {}
        several: dict[int, int] = {}
        for when, sources, targets in automaton.edges:
            if not when & bit:
                continue
            if sources & (sources - 1):
                several[targets] = several.get(targets, 0) | sources
            else:
                by_source[sources] = by_source.get(sources, 0) | targets
        chain = 0
        single = {}
        for source, targets in by_source.items():
            if targets & source << 1:
                chain |= source
                targets &= ~(source << 1)
            if targets:
                single[source.bit_length() - 1] = targets
        return _Table(
            _where(automaton.first, bit),
            _where(automaton.last, bit),
            bool(automaton.empty & bit),
            chain,
            single,
            sum(1 << place for place in single),
            tuple((sources, targets) for targets, sources in several.items()),
        )


def _where(places: Places, bit: int) -> int:
    result = 0
    for when, of in places.items():
        if when & bit:
            result |= of
    return result


def _holds_later(when: int) -> bool:
    """Whether pairs of sides have one that does not begin the text."""
    return when == ALWAYS or when >> SIDES != 0


def _tells_last_break(automaton: Automaton) -> bool:
    """Whether it matters that a line break is the last character."""
    conditions = (
        *automaton.first,
        *automaton.last,
        automaton.empty,
        *(edge.when for edge in automaton.edges),
    )
    for before in Side:
        last, other = (1 << before * SIDES + side for side in (Side.LAST_BREAK, Side.BREAK))
        if any(bool(when & last) is not bool(when & other) for when in conditions):
            return True
    return False
