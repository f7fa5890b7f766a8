"""Findings that one edit would cure, and the edits: what to do first.

An edit is claimed only where it is known to make each of its findings go: a values key that a
rendering has confirmed, a mapping that several containers take keys from, the stage that images
are built from, or the very place that several findings have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from scanner.guarding import Guard, sift
from scanner.model.finding import Finding, ValuesKey
from scanner.model.report import Action
from scanner.model.rule import Rule
from scanner.model.source import Location, Span
from scanner.triage.fingerprint import joined
from scanner.triage.values_edits import ValuesEdit, agrees, values_edit, written

_Texts: TypeAlias = tuple[str, ...]
_SIZE = 8
_IMAGES = frozenset(("image", "base_image", "copied_image", "syntax_image"))


class Grouped(NamedTuple):
    """The findings given, each with its group, and what to do about the groups, first things first."""

    findings: tuple[Finding, ...]
    actions: tuple[Action, ...]


def group_findings(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> Grouped:
    """Return findings with those that one edit cures in a group, and the edits.

    The findings must be sorted by place. Of several edits that would cure a finding the one that
    cures most is named; an edit that cures one finding alone is none. A group's name is made from
    what is edited, never from a line number.
    """
    edits = _edits(findings, rules)
    taken: dict[int, str] = {}
    actions: list[Action] = []
    for edit in sorted(edits, key=lambda one: (-len(one.members), *one.identity)):
        left = {index: lines for index, lines in edit.members.items() if index not in taken}
        members = [findings[index] for index in left]
        if not _is_worth_it(edit, members):
            continue
        name = blake2b(joined(edit.identity).encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest()
        taken.update(dict.fromkeys(left, name))
        actions.append(_action(name, edit, members, left.values()))
    grouped = tuple(
        finding._replace(group=taken[index]) if index in taken else finding
        for index, finding in enumerate(findings)
    )
    return Grouped(grouped if taken else tuple(findings), tuple(sorted(actions, key=_order)))


def group_guarded(findings: Sequence[Finding], rules: Mapping[str, Rule], guard: Guard) -> Grouped:
    """Return findings in groups; where that fails, those of the files that show why have none."""
    paths = tuple(dict.fromkeys(finding.location.path for finding in findings))

    def group(some: Sequence[str]) -> tuple[set[str], Grouped]:
        chosen = set(some)
        return chosen, group_findings([one for one in findings if one.location.path in chosen], rules)

    outcome, left_out = sift(paths, group)
    for path, error in left_out:
        guard.note("grouping", path, error)
    if outcome is None:
        return Grouped(tuple(findings), ())
    chosen, grouped = outcome
    if not left_out:
        return grouped
    known = iter(grouped.findings)
    whole = tuple(next(known) if one.location.path in chosen else one for one in findings)
    return Grouped(whole, grouped.actions)


@dataclass(slots=True)
class _Edit:
    """`members` are the indexes of the findings that it cures, each with the lines that it asks for."""

    identity: _Texts
    place: Location
    what: str
    members: dict[int, _Texts] = field(default_factory=dict)
    texts: set[_Texts] = field(default_factory=set)


def _edits(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> Iterable[_Edit]:
    edits: dict[_Texts, _Edit] = {}

    def add(index: int, lines: _Texts, identity: _Texts, place: Location, what: str) -> None:
        edit = edits.setdefault(identity, _Edit(identity, place, what))
        edit.members[index] = lines
        edit.texts.add(lines)

    for index, finding in enumerate(findings):
        key = finding.values_key
        value = values_edit(finding, rules.get(finding.rule)) if key is not None else None
        if key is not None and value is not None:
            add(index, (value.text,), _identity(key.path, value, edits), _line(key), value.what)
            continue
        for cure in finding.cures:
            add(index, cure.lines, ("home", cure.place.path, cure.home), cure.place, cure.what)
    for shared in _shared_places(findings, rules):
        first = findings[shared[0]]
        of = min(
            (one.rule, one.field, one.item, *_resource(one)) for one in map(findings.__getitem__, shared)
        )
        identity = ("line", first.location.path, *of)
        for index in shared:
            add(index, (), identity, first.location, "change the line, which they share")
    return edits.values()


def _line(key: ValuesKey) -> Location:
    """Return the line of a key; one that is to be added has that of the mapping around it, or the
    beginning of the file."""
    line = key.line or key.near or 1
    return Location(key.path, Span(line, 1, line, 1))


def _identity(path: str, edit: ValuesEdit, edits: Mapping[_Texts, _Edit]) -> _Texts:
    """Name the edit of a values file, another one where a key would have to have two values."""
    identity = ("value", path, edit.home)
    known = edits.get(identity)
    if known is None or all(agrees(edit.text, other) for (other,) in known.texts):
        return identity
    return (*identity, edit.text)


def _shared_places(findings: Sequence[Finding], rules: Mapping[str, Rule]) -> Iterator[list[int]]:
    """Yield the indexes of findings at one place, where a rule has several there."""
    place = attrgetter("location")
    start = 0
    for _, group in groupby(findings, key=place):
        size = sum(1 for _ in group)
        if size > 1:
            yield from _repeated(range(start, start + size), findings, rules)
        start += size


def _repeated(
    indexes: Iterable[int], findings: Sequence[Finding], rules: Mapping[str, Rule]
) -> Iterator[list[int]]:
    same: dict[_Texts, list[int]] = {}
    for index in indexes:
        finding = findings[index]
        rule = rules.get(finding.rule)
        if finding.exact and finding.values_key is None and rule is not None:
            # One line of a template may name many images.
            text = finding.message if _IMAGES.intersection(rule.applies_to) else ""
            same.setdefault((finding.rule, finding.field, finding.item, text), []).append(index)
    found = [one for one in same.values() if len(one) > 1]
    if found:
        yield [index for one in found for index in one]


def _is_worth_it(edit: _Edit, members: Sequence[Finding]) -> bool:
    if edit.identity[0] == "value":
        return len(members) > 1
    return len({_resource(finding) for finding in members}) > 1


def _resource(finding: Finding) -> _Texts:
    kind, name, namespace, container, _document = finding.resource
    return (kind, namespace or "", name, container or "")


def _action(name: str, edit: _Edit, members: Sequence[Finding], lines: Iterable[_Texts]) -> Action:
    texts = [line for each in lines for line in each]
    asked = written(texts) if edit.identity[0] == "value" else tuple(dict.fromkeys(texts))
    rules = tuple(sorted({finding.rule for finding in members}))
    worst = max((finding.severity for finding in members), key=lambda severity: severity.rank)
    return Action(name, edit.place, edit.what, asked, len(members), rules, worst)


def _order(action: Action) -> tuple[object, ...]:
    return (-action.severity.rank, -action.findings, action.place, action.group)
