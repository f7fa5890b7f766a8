"""Which findings do not count because somebody said so, and which of these words are of no use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from scanner.model.finding import Finding, Suppression
from scanner.model.source import Location
from scanner.model.suppressions import EVERY_RULE, DeclaredSuppression, SuppressionState
from scanner.patterns.globs import wildcard_fits
from scanner.triage.suppressing_comments import Written
from scanner.triage.suppressing_objects import Annotated
from scanner.triage.suppressing_scopes import NOTHING, Scope
from scanner.triage.suppressing_words import Words


@dataclass(slots=True)
class Entry:
    """One rule of one suppression. `rule` is its id, as written where it does not exist; `state` says
    why it does not count, None where it does. `used` tells that it has taken out a finding."""

    rule: str
    suppression: Suppression
    place: Location
    state: SuppressionState | None = None
    detail: str = ""
    scope: Scope = NOTHING
    used: bool = False


_MOST_ADVICE = 50


class Judging(NamedTuple):
    """What decides whether a suppression counts. `resolve` gives the id of a rule by id or alias, and
    `advise` what an unknown one may have meant. `today` is an ISO date."""

    resolve: Callable[[str], str | None]
    advise: Callable[[str], str | None]
    today: Callable[[], str]


@dataclass(slots=True)
class Suppressions:
    """Collects suppressions, and takes out the findings that they cover.

    `kept` are the rules that no `*` speaks of.
    """

    judging: Judging
    kept: Collection[str] = ()
    entries: list[Entry] = field(default_factory=list)
    _by_path: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)
    _by_object: dict[int, dict[tuple[object, ...], list[Entry]]] = field(default_factory=dict)
    _annotated: dict[tuple[Location, str], Entry] = field(default_factory=dict)
    _advised: set[str] = field(default_factory=set)
    _declared: dict[str, list[tuple[_Declared, Entry]]] = field(default_factory=dict)

    def add_written(self, written: Iterable[Written]) -> None:
        """Take in what stands in a file."""
        for one in written:
            for entry in self._entries(one.words, one.place):
                entry.scope = one.scope
                if entry.state is None:
                    self._by_path.setdefault((one.place.path, entry.rule), []).append(entry)

    def add_annotated(self, number: int, annotated: Iterable[Annotated]) -> None:
        """Take in what stands in the annotations of a unit, by its number; one that is met in several
        environments is one entry."""
        for one in annotated:
            key = (one.place, one.words.rules[0])
            if key not in self._annotated:
                (self._annotated[key],) = self._entries(one.words, one.place)
            entry = self._annotated[key]
            if entry.state is None:
                of_unit = self._by_object.setdefault(number, {})
                of_unit.setdefault((entry.rule, *one.of), []).append(entry)

    def annotated(self, number: int, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return findings of a unit; those that an annotation in it speaks of are suppressed."""
        known = self._by_object.get(number)
        return findings if known is None else tuple(_annotated(finding, known) for finding in findings)

    def add_declared(
        self, declared: DeclaredSuppression, place: Location, is_in: Callable[[str], bool]
    ) -> list[Entry]:
        """Take in one of the configuration, which speaks of the paths that `is_in` holds for."""
        words = Words(declared.rules, declared.reason, declared.until)
        entries = self._entries(words, place)
        for entry in entries:
            if entry.state is None:
                found = _Declared(is_in, declared.resources)
                self._declared.setdefault(entry.rule, []).append((found, entry))
        return entries

    def applied(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """Return the findings that count and those that do not, which say why: some were suppressed
        before. All that speak of a finding are used; the narrowest tells the reason."""
        if not (self._by_path or self._by_object or self._declared):
            return list(findings), []
        still: list[Finding] = []
        suppressed: list[Finding] = []
        for finding in findings:
            entries = list(self._speaking_of(finding))
            for entry in entries:
                entry.used = True
            if finding.suppressed is not None:
                suppressed.append(finding)
            elif entries:
                suppressed.append(finding._replace(suppressed=entries[0].suppression))
            else:
                still.append(finding)
        return still, suppressed

    def _entries(self, words: Words, place: Location) -> list[Entry]:
        suppression = Suppression(words.reason, place, words.until)
        made = []
        for name in words.rules or ("",):
            entry = Entry(self.judging.resolve(name) or name, suppression, place)
            entry.state, entry.detail = self._state_of(name, words)
            made.append(entry)
        self.entries += made
        return made

    def _state_of(self, name: str, words: Words) -> tuple[SuppressionState | None, str]:
        if words.problem is not None:
            return SuppressionState.MALFORMED, words.problem
        if name != EVERY_RULE and self.judging.resolve(name) is None:
            # Finding a near word takes milliseconds.
            self._advised.add(name)
            advice = self.judging.advise(name) if len(self._advised) <= _MOST_ADVICE else None
            return SuppressionState.UNKNOWN_RULE, f"; {advice}" if advice else ""
        if not words.reason:
            return SuppressionState.REASONLESS, ""
        if words.until is not None and words.until < self.judging.today():
            return SuppressionState.EXPIRED, ""
        return None, ""

    def _speaking_of(self, finding: Finding) -> Iterator[Entry]:
        rules = (finding.rule,) if finding.rule in self.kept else (finding.rule, EVERY_RULE)
        around: list[Entry] = []
        for rule in rules:
            around += self._at_places(finding, rule)
        yield from sorted(around, key=lambda entry: entry.scope.last - entry.scope.first)
        for rule in rules:
            for declared, entry in self._declared.get(rule, ()):
                if declared.speaks_of(finding):
                    yield entry

    def _at_places(self, finding: Finding, rule: str) -> Iterator[Entry]:
        path, span = finding.location
        of = finding.resource
        for entry in self._by_path.get((path, rule), ()):
            first, last, service = entry.scope
            if first <= span.line <= last or (service and (of.kind, of.name) == ("service", service)):
                yield entry
        key = finding.values_key
        line = None if key is None else key.line or key.near
        if key is not None and line is not None:
            for entry in self._by_path.get((key.path, rule), ()):
                if entry.scope.first <= line <= entry.scope.last:
                    yield entry


def _annotated(finding: Finding, known: Mapping[tuple[object, ...], Sequence[Entry]]) -> Finding:
    kind, name, namespace, _, number = finding.resource
    entries = known.get((finding.rule, kind, name, namespace, number), ())
    for entry in entries:
        entry.used = True
    return finding._replace(suppressed=entries[0].suppression) if entries else finding


class _Declared(NamedTuple):
    is_in: Callable[[str], bool]
    resources: tuple[str, ...]

    def speaks_of(self, finding: Finding) -> bool:
        if not self.is_in(finding.location.path):
            return False
        if not self.resources:
            return True
        kind, name, _, container, _ = finding.resource
        names = {name, f"{kind}/{name}"}
        if container:
            names |= {container, f"{name}/{container}", f"{kind}/{name}/{container}"}
        return any(wildcard_fits(one, pattern) for pattern in self.resources for one in names)


def unused(entries: Iterable[Entry], selected: Mapping[str, object], every: Collection[str]) -> list[Entry]:
    """Return the entries that counted and took out nothing, of rules that the scan asked; `every` are
    all rules that there are."""
    asked = selected.keys() >= set(every)
    return [
        entry
        for entry in entries
        if entry.state is None
        and not entry.used
        and (asked if entry.rule == EVERY_RULE else entry.rule in selected)
    ]
