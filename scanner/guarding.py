"""The one guard: what a bug costs is the step that it is in, for the input that shows it, and it is told.

An exception's message may quote scanned text, which may be a secret: nothing of it is ever told. What
is told is the stage, the type of the exception and the place in our own code. `HULLCHECK_DEBUG=1`
lets exceptions through. What ends a program (KeyboardInterrupt, SystemExit) always gets through, and
so does trouble with what the user asked for (ConfigError, RuleError), which no input has caused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath
from types import TracebackType
from typing import Generic, NamedTuple, TypeVar

from scanner.errors import ConfigError, RuleError
from scanner.model.finding import Finding
from scanner.model.report import Bug, Diagnostic

T = TypeVar("T")
R = TypeVar("R")

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MOST_ATTEMPTS = 64
_SHOWN = 3


def bug_of(stage: str, path: str | None, error: Exception) -> Bug:
    """Return what is told of an exception in a stage (such as `linking`, or `rule 'x'`) for the input
    at `path`. Raises the exception itself where a guard is to let it through."""
    if isinstance(error, ConfigError | RuleError) or os.environ.get("HULLCHECK_DEBUG"):
        raise error
    return Bug(stage, path, what_failed(error))


def what_failed(error: BaseException) -> str:
    """Return the type of an exception and the place in our own code that raised it, or had it raised:
    `KeyError at linking/access.py:90`. Where the limit of recursion or of memory strikes is chance,
    and no place is told."""
    name = type(error).__name__
    if isinstance(error, RecursionError | MemoryError):
        return name
    place = ""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(_PACKAGE) and not file.endswith(f"{os.sep}guarding.py"):
            place = f" at {PurePath(file[len(_PACKAGE) :]).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{name}{place}"


def rule_stage(identifier: str) -> str:
    """Return the stage of asking one rule."""
    return f"{_RULE}{identifier}'"


_RULE = "rule '"


def told_of(bugs: Iterable[Bug]) -> list[Diagnostic]:
    """Return an error for each different bug, at the first of the inputs that show it. Rules that fail
    in the same way at the same place are one."""
    stages: dict[tuple[str, str], set[str]] = {}
    inputs: dict[tuple[str, str], set[str]] = {}
    for stage, path, what in bugs:
        key = (_RULE if stage.startswith(_RULE) else stage, what)
        stages.setdefault(key, set()).add(stage)
        inputs.setdefault(key, set()).update(() if path is None else (path,))
    found = []
    for (kind, what), paths in inputs.items():
        where = min(stages[kind, what])
        others = len(stages[kind, what]) - 1
        where += f" and {others} more rule{'s' if others > 1 else ''}" if others else ""
        count = f" (in {len(paths)} inputs)" if len(paths) > 1 else ""
        found.append(Diagnostic(min(paths, default=None), None, None, "error", _said(where, what, count)))
    return sorted(found, key=lambda one: (one.path or "", one.message))


def _said(stage: str, what: str, count: str) -> str:
    if what == RecursionError.__name__:
        return f"nested too deeply for {stage}{count}; make it flatter, or exclude the file"
    if what == MemoryError.__name__:
        return f"not enough memory for {stage}{count}; scan less at a time, or exclude the file"
    return f"internal error in {stage}: {what}{count}; please report it"


def in_ledger(stage: str) -> str:
    """Return what the ledger says of an input for which a stage has failed."""
    return f"internal error in {stage}"


class Guard:
    """Runs the steps of one scan, and collects the bugs that they bring to light."""

    def __init__(self) -> None:
        self.bugs: list[Bug] = []

    def reasons(self) -> dict[str, str]:
        """Return for each input with a bug what the ledger says of it."""
        stages: dict[str, set[str]] = {}
        for stage, path, _ in self.bugs:
            if path is not None:
                stages.setdefault(path, set()).add(stage)
        return {
            path: in_ledger(", ".join(sorted(names)[:_SHOWN]) + (", ..." if len(names) > _SHOWN else ""))
            for path, names in stages.items()
        }

    def step(self, stage: str, path: str | None) -> _Step:
        """Return a context in which an exception ends the work, is noted, and goes no further."""
        return _Step(self, stage, path)

    def note(self, stage: str, path: str | None, error: Exception) -> None:
        """Note an exception that was caught. Raises it where `bug_of` does."""
        self.bugs.append(bug_of(stage, path, error))

    def each(
        self,
        stage: str,
        findings: Sequence[Finding],
        step: Callable[[Sequence[Finding]], Sequence[Finding]],
        otherwise: Callable[[Finding], Finding] | None = None,
    ) -> tuple[Finding, ...]:
        """Return what a step makes of findings; where it fails, of each by itself, and of one that it
        fails on what `otherwise` does (by default: nothing)."""
        try:
            return tuple(step(findings))
        except Exception as error:
            bug = bug_of(stage, None, error)
        found: list[Finding] = []
        before = len(self.bugs)
        for one in findings:
            try:
                found += step((one,))
            except Exception as error:
                self.note(stage, one.location.path, error)
                found.append(one if otherwise is None else otherwise(one))
        if len(self.bugs) == before:
            self.bugs.append(bug)
        return tuple(found)


class _Step:
    """See `Guard.step`."""

    __slots__ = ("_guard", "_path", "_stage")

    def __init__(self, guard: Guard, stage: str, path: str | None) -> None:
        self._guard = guard
        self._stage = stage
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self._guard.note(self._stage, self._path, error)
        return True


class Sifted(NamedTuple, Generic[T, R]):
    """What an attempt gave for the items that could be kept (None where it fails even for none of
    them), and those that were left out, each with the exception that it brought about."""

    outcome: R | None
    left_out: tuple[tuple[T, Exception], ...]


def sift(
    items: Sequence[T],
    attempt: Callable[[Sequence[T]], R],
    *,
    alone: Callable[[T], object] | None = None,
    most: int = _MOST_ATTEMPTS,
) -> Sifted[T, R]:
    """Attempt something with all items; where that fails, with as many of them as it can be done with.

    Left out are first those that fail `alone` (by default: an attempt with one), then those
    with which it fails beside others, found by halves in at most `most` attempts; what has not been
    told apart by then is left out too. The outcome depends on the order of the items alone.
    """
    try:
        return Sifted(attempt(items), ())
    except Exception as error:
        bug_of("", None, error)  # what a guard is to let through
        first = error
    search = _Search(items, attempt, most, first)
    for index, item in enumerate(items):
        try:
            attempt((item,)) if alone is None else alone(item)
        except Exception as error:
            search.left_out[index] = error
    search.take([index for index in range(len(items)) if index not in search.left_out])
    if not search.kept:
        search.settle()
    return Sifted(search.outcome, tuple((items[at], search.left_out[at]) for at in sorted(search.left_out)))


class _Search(Generic[T, R]):
    """Looks for the items that can be kept; `outcome` is that of those `kept`."""

    def __init__(
        self, items: Sequence[T], attempt: Callable[[Sequence[T]], R], most: int, error: Exception
    ) -> None:
        self._items = items
        self._attempt = attempt
        self._left = most
        self._error = error
        self.kept: list[int] = []
        self.left_out: dict[int, Exception] = {}
        self.outcome: R | None = None

    def take(self, candidates: list[int]) -> None:
        """Keep what can be kept of some more items."""
        if not candidates:
            return
        if self._left <= 0:
            self.left_out.update(dict.fromkeys(candidates, self._error))
            return
        self._left -= 1
        together = sorted((*self.kept, *candidates))
        try:
            self.outcome = self._attempt([self._items[index] for index in together])
        except Exception as error:
            self._error = error
            if len(candidates) == 1:
                self.left_out[candidates[0]] = error
                return
            half = len(candidates) // 2
            self.take(candidates[:half])
            self.take(candidates[half:])
        else:
            self.kept = together

    def settle(self) -> None:
        """Attempt it with nothing."""
        try:
            self.outcome = self._attempt(())
        except Exception as error:
            self._error = error
