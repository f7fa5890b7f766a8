"""Which arguments of predicates are patterns is known where rules are read."""

from __future__ import annotations

from scanner.engine.command_operators import runs
from scanner.engine.registry import predicates
from scanner.policy.patterns import KEY_PATTERN_ARGUMENTS, PATTERN_ARGUMENTS


def hints():
    for function in predicates().values():
        for name, hint in function.__annotations__.items():
            if name in function.__code__.co_varnames[function.__code__.co_argcount :]:
                yield name, hint


def test_an_argument_that_is_run_as_a_pattern_is_checked_as_one_and_no_other():
    assert {name for name, hint in hints() if hint == "Regex"} == PATTERN_ARGUMENTS
    assert not {name for name, hint in hints() if hint != "Regex"} & PATTERN_ARGUMENTS


def test_lists_of_keys_with_patterns_are_of_one_predicate():
    owners = {name for name, function in predicates().items() if "keys" in function.__annotations__}
    assert (owners, KEY_PATTERN_ARGUMENTS) == ({"lacks-keys"}, {"keys"})
    assert runs.__kwdefaults__["not_arguments"] == ""
