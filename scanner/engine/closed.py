"""The closed list of what the trees of rules are made of, and whether some trees keep to it.

By construction they do. This is the one place that says so for names and members, for tests to hold
every built-in rule against it, and every rule that somebody could write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from scanner.engine.comparisons import LatePattern
from scanner.engine.questions import crosses_files
from scanner.engine.registry import argument_words, predicates, tests
from scanner.engine.rule_trees import Params, RuleTree, graph_rule_tree, rule_tree
from scanner.engine.telling import Teller, base_names
from scanner.model.rule import Rule
from scanner.model.vocabulary import KINDS, PARTS, RESOLVED, fields_of
from scanner.trees.closed import strangers
from scanner.trees.nodes import CONSTANTS

_BUILTINS = frozenset(("Exception", "all", "any", "int", "len", "next", "str", "tuple"))
_OWN_NAMES = frozenset(
    ("broken", "error", "evaluate", "hit", "owners", "removals", "resolved", "sides", "tell", "unit")
    + ("unknown", "view")
)
_OWN_MEMBERS = frozenset(
    ("__class__", "endswith", "find", "get", "isdisjoint", "issuperset", "ref", "search", "startswith")
    + ("tell", "value")
)
_NUMBERED = re.compile(r"(?:v|[ct][0-9]+_|kinds_|tell_|sure_|all_|open_)[0-9]+")


def strangers_of(rules: Mapping[int, Rule], params: Params) -> Iterator[str]:
    """Yield what does not belong in the trees of some rules, for every format that they are for."""
    for form in sorted({form for rule in rules.values() for form in rule.formats}):
        crossing = {number: rule for number, rule in rules.items() if crosses_files(rule.when)}
        local = {number: rule for number, rule in rules.items() if number not in crossing}
        for tree in (
            rule_tree(local, params, form, certain=True),
            rule_tree(local, params, form, certain=False),
            graph_rule_tree(crossing, params, form),
        ):
            yield from strangers_in(tree)


def strangers_in(tree: RuleTree) -> Iterator[str]:
    """Yield what does not belong in a tree, or among what its names stand for."""
    for module, names in tree.parts():
        yield from strangers(module, _is_name, _is_member)
        for word, value in names.items():
            if not _is_ours(value):
                yield f"{word!r}, which stands for {type(value).__name__}"


def _is_name(word: str) -> bool:
    return word in _names() or _NUMBERED.fullmatch(word) is not None


def _is_member(word: str) -> bool:
    return word in _members()


@cache
def _names() -> frozenset[str]:
    asked = (f"predicate_{one.__name__}" for one in predicates().values())
    return frozenset((*_BUILTINS, *_OWN_NAMES, *base_names(), *KINDS, *asked))


@cache
def _members() -> frozenset[str]:
    kinds = (*KINDS, *PARTS, *(kind for kind, _ in RESOLVED.values()))
    fields = {field for kind in kinds for field in fields_of(kind)}
    steps = {step for kind in KINDS.values() for step in kind.member.split(".")}
    arguments = {word for one in predicates().values() for word in argument_words(one)}
    return frozenset(_OWN_MEMBERS | fields | steps | arguments)


def _is_ours(value: object) -> bool:
    """Whether something that a name stands for is a function or a type of the engine, or plain data."""
    if isinstance(value, tuple | frozenset):
        return all(type(item) in CONSTANTS for item in value)
    if isinstance(value, LatePattern | Teller):
        return True
    known = (*base_names().values(), *predicates().values(), *tests().values())
    return any(value is one for one in known)
