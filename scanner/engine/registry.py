"""Where the named tests and predicates of rules are registered, by whichever module has them.

Every module of this package whose name ends in `operators` is asked; a new one needs
no entry elsewhere.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

Test = Callable[[str], bool]
Predicate = Callable[..., "bool | None"]

_TESTS: dict[str, Test] = {}
_PREDICATES: dict[str, Predicate] = {}


def test(function: Test) -> Test:
    """Register a test on one value, under its name with hyphens."""
    _TESTS[function.__name__.replace("_", "-")] = function
    return function


def predicate(function: Predicate) -> Predicate:
    """Register a predicate on a whole resource, under its name with hyphens."""
    _PREDICATES[function.__name__.replace("_", "-")] = function
    return function


def tests() -> dict[str, Test]:
    """Return every test by its name."""
    _load()
    return _TESTS


def predicates() -> dict[str, Predicate]:
    """Return every predicate by its name."""
    _load()
    return _PREDICATES


def argument_words(asked: Predicate) -> dict[str, str]:
    """Return the names of a predicate's arguments, each by itself: looked up here, what a rule calls an
    argument becomes what the predicate does. Raises no error; an unknown one is a missing key."""
    code = asked.__code__
    first = code.co_argcount
    return {word: word for word in code.co_varnames[first : first + code.co_kwonlyargcount]}


def summaries(table: dict[str, Test] | dict[str, Predicate]) -> dict[str, str]:
    """Return each name of a table with the first line of its documentation."""
    return {name: (function.__doc__ or "").strip().partition("\n")[0] for name, function in table.items()}


@cache
def _load() -> None:
    package = importlib.import_module(__package__ or "scanner.engine")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.endswith("operators"):
            importlib.import_module(f"{package.__name__}.{module.name}")
