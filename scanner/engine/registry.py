"""Where the named tests and predicates of rules are registered, by whichever module has them.

Every module of this package whose name ends in `operators` is asked; a new one needs
no entry elsewhere.
"""

from __future__ import annotations

import importlib
import pkgutil
import typing
from collections.abc import Callable
from functools import cache
from typing import Annotated, TypeAlias

from scanner.model.signatures import Parameter, Signature

Test = Callable[[str], bool]
Predicate = Callable[..., "bool | None"]

Regex: TypeAlias = Annotated[str, "pattern"]
"""The type of an argument that is a regular expression: rules that give one that cannot be used are
refused when they are read."""

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


@cache
def signature_of(name: str) -> Signature:
    """Return what a predicate takes, read off the function itself. Raises KeyError for an unknown name,
    and TypeError for a predicate whose arguments no rule could give."""
    asked = predicates()[name]
    hints = typing.get_type_hints(asked)
    code = asked.__code__
    subject, *others = code.co_varnames[: code.co_argcount]
    if others:
        raise TypeError(f"'{name}' takes more than a resource by position")
    subjects = typing.get_args(hints[subject]) or (hints[subject],)
    return Signature(
        () if object in subjects else subjects,
        {
            word: _parameter(hints[word], word in (asked.__kwdefaults__ or {}))
            for word in argument_words(asked)
        },
    )


def _parameter(hint: object, has_default: bool) -> Parameter:
    """Return the parameter of a type hint: str, int, bool, or a tuple of any number of one of them."""
    listed = typing.get_origin(hint) is tuple
    arguments = typing.get_args(hint)
    type_ = arguments[0] if listed and arguments[1:] == (...,) else hint
    if type_ not in (str, int, bool):
        raise TypeError(f"no operand of a rule has the type {hint}")
    return Parameter(typing.cast("type", type_), listed, not has_default)


def summaries(table: dict[str, Test] | dict[str, Predicate]) -> dict[str, str]:
    """Return each name of a table with the first line of its documentation."""
    return {name: (function.__doc__ or "").strip().partition("\n")[0] for name, function in table.items()}


@cache
def _load() -> None:
    package = importlib.import_module(__package__ or "scanner.engine")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.endswith("operators"):
            importlib.import_module(f"{package.__name__}.{module.name}")
