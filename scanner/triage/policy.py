"""What the keys of a configuration, and suppressions in files, took out of a report: counts and places."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from scanner.model.finding import Finding
from scanner.model.policy import IN_FILES, Configured, Counted, Effect, Policy, Said
from scanner.model.rule import Severity
from scanner.model.source import Location

_NAMED = 5


class Facts(NamedTuple):
    """What a scan knows when it is done.

    `left_out` are the rules that a key (`select`, `ignore`, `frameworks`) takes away, `added` those of the
    configuration's own folders, `lowered` the rules whose configured severity is below their own.
    `excluded` is how many files and folders the configuration excludes, `charts` how many were
    scanned. `environments` counts findings by the key of an environment's policy that left them out or
    lowered them. `threshold` is what makes a scan fail where nobody says otherwise.
    """

    findings: Sequence[Finding]
    suppressed: Sequence[Finding]
    left_out: Mapping[str, Collection[str]]
    added: Collection[str] = ()
    lowered: Collection[str] = ()
    excluded: int = 0
    charts: int = 0
    environments: Mapping[str, int] = {}
    threshold: Severity = Severity.HIGH


def policy_of(configured: Configured | None, facts: Facts, root: str) -> Policy:
    """Return what made a report smaller, with places relative to the root."""
    hidden = Counter(
        one.suppressed.location for one in facts.suppressed if one.suppressed is not None
    )  # by the place of the suppression; None where it has none
    effects = []
    own: set[Location] = set()
    if configured is not None:
        for said in configured.said:
            place = Location(_relative(said.place.path, root), said.place.span)
            own.add(place)
            effects.append(_effect(said, place, facts, hidden.get(place, 0)))
    effects += _in_files(hidden, own)
    effects.sort(key=lambda effect: (effect.key == IN_FILES, effect.place, effect.key))
    if configured is None:
        return Policy(None, True, tuple(effects))
    return Policy(_relative(configured.path, root), configured.from_tree, tuple(effects))


def _in_files(hidden: Mapping[Location | None, int], own: Collection[Location]) -> Iterator[Effect]:
    for place, count in hidden.items():
        if place is not None and place not in own:
            told = f"{_of(count, 'finding')} suppressed in the file"
            yield Effect(IN_FILES, place, count, Counted.FINDINGS, told)


def _effect(said: Said, place: Location, facts: Facts, hidden: int) -> Effect:
    counted, count, message = _outcome(said, facts, hidden)
    return Effect(said.key, place, count, counted, message)


def _outcome(said: Said, facts: Facts, hidden: int) -> tuple[Counted, int, str]:
    """Return what a key did: what is counted, how much of it, and a sentence."""
    head, _, rest = said.key.partition(".")
    if head in _OF_RULES:
        return _OF_RULES[head](facts, said, rest)
    if head == "suppressions":
        return Counted.FINDINGS, hidden, f"{_of(hidden, 'finding')} suppressed"
    if head == "exclude":
        return Counted.FILES, facts.excluded, f"{_of(facts.excluded, 'file or folder', 's')} left out"
    if head == "fail-on":
        passed = _passed(said.values, facts)
        return (
            Counted.FINDINGS,
            passed,
            f"{_of(passed, 'finding')} of '{facts.threshold.value}' or worse do not fail the scan",
        )
    if head == "environments":
        return _of_environment(said, rest, facts)
    if head == "helm":
        return Counted.CHARTS, facts.charts, f"applied to {_of(facts.charts, 'chart')}"
    return Counted.FILES, 0, "nothing made smaller"


def _selected(facts: Facts, said: Said, _rest: str) -> tuple[Counted, int, str]:
    rules = sorted(facts.left_out.get(said.key, ()))
    return Counted.RULES, len(rules), f"{_of(len(rules), 'rule')} not asked{_names(rules)}"


def _folders(facts: Facts, _said: Said, _rest: str) -> tuple[Counted, int, str]:
    # Rules of a folder are added and replace none: nothing gets smaller by them.
    return Counted.RULES, 0, f"{_of(len(facts.added), 'rule')} added{_names(sorted(facts.added))}"


def _of_rule(facts: Facts, said: Said, rest: str) -> tuple[Counted, int, str]:
    rule, _, what = rest.partition(".")
    if what != "severity":
        return Counted.PARAMETERS, 1, f"parameter '{what.partition('.')[2]}' of '{rule}' changed"
    level = said.values[0] if said.values else ""
    if rule not in facts.lowered:
        return Counted.FINDINGS, 0, f"'{rule}' is '{level}'"
    count = sum(finding.rule == rule for finding in (*facts.findings, *facts.suppressed))
    return Counted.FINDINGS, count, f"{_of(count, 'finding')} of '{rule}' lowered to '{level}'"


_OF_RULES: Mapping[str, Callable[[Facts, Said, str], tuple[Counted, int, str]]] = {
    "profile": _selected,
    "select": _selected,
    "frameworks": _selected,
    "ignore": _selected,
    "rule-folders": _folders,
    "rules": _of_rule,
}


def _of_environment(said: Said, rest: str, facts: Facts) -> tuple[Counted, int, str]:
    for word, told in ((".ignore", "left out"), (".severity.", "lowered")):
        if word in rest:
            count = facts.environments.get(said.key, 0)
            return Counted.FINDINGS, count, f"{_of(count, 'finding')} {told} in that environment"
    return Counted.ENVIRONMENTS, 1, f"says what environment '{rest}' is made of"


def _passed(values: Sequence[str], facts: Facts) -> int:
    levels = {severity.value: severity.rank for severity in Severity}
    limit = levels.get(values[0] if values else "", max(levels.values()) + 1)  # `never` is above all
    return sum(facts.threshold.rank <= finding.severity.rank < limit for finding in facts.findings)


def _names(rules: Sequence[str]) -> str:
    if not rules:
        return ""
    more = f" and {len(rules) - _NAMED} more" if len(rules) > _NAMED else ""
    return f": {', '.join(rules[:_NAMED])}{more}"


def _of(count: int, word: str, ending: str = "s") -> str:
    if count == 1:
        return f"1 {word}"
    return (
        f"{count} {word}{ending}"
        if " or " not in word
        else f"{count} {word.replace(' or ', 's or ')}{ending}"
    )


def _relative(path: str, root: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")
