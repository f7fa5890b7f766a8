"""The places of other resources that a finding rests on, in the order in which its rule asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from scanner.engine.telling import related_placeholders
from scanner.engine.tracing import Trace, Tracer
from scanner.engine.views import Viewer
from scanner.model.graph import Graph, Link
from scanner.model.relations import relation_named
from scanner.model.resolved import Step
from scanner.model.rule import (
    All,
    Condition,
    Confidence,
    FieldTest,
    Not,
    Operand,
    Predicate,
    Quantified,
    Related,
    Rule,
)
from scanner.model.rule import Any as AnyOf
from scanner.model.source import Located, Unknown
from scanner.model.vocabulary import RESOLVED_FIELD


class Witnesses(NamedTuple):
    """What a finding rests on. `note` is the end of its message where a link was read off a
    convention, and `confidence` then the lowest of such links (None where there are none).
    `told` is what the message says of resources at the other end of a relation, by the
    placeholder that stands for it."""

    steps: tuple[Step, ...]
    note: str = ""
    confidence: Confidence | None = None
    told: Mapping[str, str] = {}

    def fill(self, message: str) -> str:
        """Return a message with what it says of the resources at the other end of relations."""
        for placeholder, text in self.told.items():
            message = message.replace(placeholder, text)
        return message


def has_witnesses(rule: Rule) -> bool:
    """Whether findings of a rule can rest on what other resources say."""
    return rule.flow or _follows(rule.when)


_KNOWN: dict[int, tuple[Condition, bool]] = {}


def _follows(condition: Condition) -> bool:
    """Whether a condition can have something to tell of other resources; looked up, as it is asked for
    every finding."""
    known = _KNOWN.get(id(condition))
    if known is None:
        known = _KNOWN[id(condition)] = condition, _can_tell(condition)
    return known[1]


def _can_tell(condition: Condition) -> bool:
    match condition:
        case All(parts) | AnyOf(parts):
            return any(_follows(part) for part in parts)
        case Quantified(path, _, inner):
            return RESOLVED_FIELD in path or _follows(inner)
        case FieldTest(path):
            return RESOLVED_FIELD in path.split(".")
        case Related(_, quantifier, _, operand):
            return quantifier == "any_of" or (quantifier in ("exists", "at_least") and operand is not False)
        case Not() | Predicate():
            return False


class Witnessing:
    """Finds the witnesses of one rule's findings in a graph; `params` are the rule's settings."""

    def __init__(self, rule: Rule, graph: Graph, params: Mapping[str, Operand], viewer: Viewer) -> None:
        self._rule = rule
        self._tracer = Tracer(graph, params, viewer)
        self._graph = graph

    def of(self, kind: str, resource: Any) -> Witnesses:
        """Return what the rule's finding for a resource of `kind` rests on."""
        collected = _Collected(resource, self._graph, self._tracer, own=self._rule.flow)
        collected.take(self._rule.when, kind, resource)
        return Witnesses(
            tuple(collected.steps), collected.note, collected.confidence, self._told(kind, collected.ends)
        )

    def _told(self, kind: str, ends: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        for name in related_placeholders(self._rule.message, kind):
            relation, _, path = name.partition(".")
            target = relation_named(kind, relation)[0].target
            shown = self._tracer.shown(path, target, ends[relation]) if relation in ends else "another"
            found["{" + name + "}"] = shown
        return found


def untold(rule: Rule, kind: str) -> Witnesses:
    """Return what stands for witnesses that could not be found: the message is whole without them."""
    names = related_placeholders(rule.message, kind)
    return Witnesses((), told=dict.fromkeys(("{" + name + "}" for name in names), "another"))


_LEVELS = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


class _Collected:
    """Collects from conditions that surely hold; what does not hold is not looked into."""

    def __init__(self, resource: Any, graph: Graph, tracer: Tracer, *, own: bool) -> None:
        self._resource = resource
        self._graph = graph
        self._tracer = tracer
        self._own = own
        self.steps: list[Step] = []
        self.ends: dict[str, Any] = {}
        self._loose: set[str] = set()
        self.note = ""
        self.confidence: Confidence | None = None

    def take(self, condition: Condition, kind: str, subject: Any) -> None:
        """Collect from a condition that holds: from all of its parts, or the first that makes it hold."""
        match condition:
            case All(parts):
                for part in parts:
                    if self._own or subject is not self._resource or _follows(part):
                        self.take(part, kind, subject)
            case AnyOf(parts):
                for part in parts:
                    if self._tracer.holds(part, kind, subject):
                        self.take(part, kind, subject)
                        break
            case Quantified():
                self._go_over(condition, kind, subject)
            case Related():
                self._follow(condition, kind, subject)
            case FieldTest():
                self._look_at(self._tracer.looked_at(condition, kind, subject))

    def _go_over(self, condition: Quantified, kind: str, subject: Any) -> None:
        for of, item in self._tracer.items(condition, kind, subject):
            if condition.quantifier == "all_of":
                self.take(condition.condition, of, item)
            elif condition.quantifier == "any_of" and self._tracer.holds(condition.condition, of, item):
                before = len(self.steps)
                self.take(condition.condition, of, item)
                # What a predicate says of an item has no place; the item has.
                if len(self.steps) == before and (self._own or not self._is_own(item)):
                    self.steps += _item_steps(item)
                break

    def _follow(self, condition: Related, kind: str, subject: Any) -> None:
        if condition.quantifier in ("none_of", "at_most") or condition.operand is False:
            return
        relation, _, links = self._tracer.followed(condition, kind, subject)
        forward, inner = relation.said_by_source, condition.condition
        left = 1 if condition.quantifier == "any_of" or condition.operand == 1 else len(links)
        if inner is None:
            left = min(left, 2)
        for link in links:
            end = link.target if forward else link.source
            if left <= 0 or not link.sure or (inner and not self._tracer.holds(inner, relation.target, end)):
                continue
            left -= 1
            # What a condition was asked of is meant, rather than whatever there is.
            if condition.relation not in self.ends or (inner and condition.relation in self._loose):
                self.ends[condition.relation] = end
                (self._loose.add if inner is None else self._loose.discard)(condition.relation)
            self._weigh(link.confidence, link.note)
            self.steps += link_steps(link, forward)
            if inner is not None:
                self.take(inner, relation.target, end)

    def _look_at(self, trace: Trace) -> None:
        if trace.resolved is not None:
            self.steps += trace.steps
            confidence = getattr(trace.resolved, "confidence", Confidence.HIGH)
            self._weigh(confidence, getattr(trace.resolved, "note", ""))
        elif trace.fact is not None and (self._own or not self._is_own(trace.subject)):
            self.steps.append(Step(told(trace), trace.fact))

    def _is_own(self, subject: Any) -> bool:
        own = self._resource
        while own is not None:
            if own is subject:
                return True
            own = self._graph.owners.get(own)
        return False

    def _weigh(self, confidence: Confidence, note: str) -> None:
        if confidence is not Confidence.HIGH and note and note not in self.note:
            self.note += note
        known = self.confidence or Confidence.HIGH
        lower = min(known, confidence, key=_LEVELS.index)
        self.confidence = None if lower is Confidence.HIGH else lower


_HIDDEN = frozenset(("value", "content", "file_text", "text"))
_SHOWN = 60


def told(trace: Trace) -> str:
    """Say what stands in the fact of a field test, without showing what may be a secret."""
    condition = trace.condition
    assert isinstance(condition, FieldTest)
    word = condition.path.split(".")[-1]
    value = trace.fact.value if trace.fact is not None else None
    shown = isinstance(value, bool | int) or (isinstance(value, str | tuple) and len(str(value)) <= _SHOWN)
    if word in _HIDDEN or not shown or isinstance(value, Unknown):
        return f"{word.replace('_', ' ')} is set here"
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{word.replace('_', ' ')} is {text.lower() if isinstance(value, bool) else text}"


def link_steps(link: Link, forward: bool) -> list[Step]:
    """Say a link in the direction in which it was followed: the place that says it, and the end
    that answers."""
    verb = in_a_sentence(link.verb)
    target = called(link.target)
    source = called(link.source)
    steps = []
    if link.place is not None:
        steps.append(Step(f"{source} {verb} {target}", link.place))
    end = link.end or name_of(link.target)
    if end is not None:
        steps.append(Step(f"{target} is defined here", end))
    return steps if forward else steps[::-1]


_VERBS = {
    "bound-by": "is bound by",
    "empowered-by": "is empowered by",
    "opened-by": "is opened by",
    "built-from": "is built from",
    "built-by": "is built by",
    "based-on": "is based on",
    "governed-by": "is governed by",
    "unknown-to": "is unknown to",
    "shares-account": "acts as the same account as",
    "shares-network": "shares a network with",
    "shares-volume": "shares a volume with",
    "shares-selector": "has a selector that also matches the pods of",
}


def in_a_sentence(verb: str) -> str:
    """Return a relation's verb as it stands between its two ends."""
    return _VERBS.get(verb) or verb.replace("-", " ")


def _item_steps(item: Any) -> list[Step]:
    """Say that an item of a list is there, where it has a name that may be shown."""
    for field in ("source", "target", "name"):
        fact = getattr(item, field, None)
        if fact is not None and not isinstance(fact.value, Unknown):
            word = _KIND_WORDS.get(type(item).__name__, "part")
            return [Step(f"{word} '{fact.value}' is set here", fact)]
    return []


def called(resource: Any) -> str:
    """What people call a resource: its kind and name."""
    ref = getattr(resource, "ref", None)
    if ref is not None:
        name = ref.container or ref.name
        kind = ref.kind
        if ref.container:
            kind = "stage" if kind == "Dockerfile" else "container"
        return f"{kind} '{name}'"
    word = _KIND_WORDS.get(type(resource).__name__, "part")
    if word == "argument":
        return "an argument"  # its text is all that it has, and may be a password
    label = getattr(resource, "label", None)
    name = label if isinstance(label, str) else getattr(name_of(resource), "value", None)
    return f"a {word}" if name is None or isinstance(name, Unknown) else f"{word} '{name}'"


def name_of(resource: Any) -> Located[Any] | None:
    """What a resource is known by, None for one that has no name."""
    for field in ("name", "keyword", "text", "target"):
        fact = getattr(resource, field, None)
        if isinstance(fact, Located) and not isinstance(fact.value, Unknown):
            return fact
    return None


_KIND_WORDS = {
    "ServicePort": "port",
    "Port": "port",
    "Mount": "mount",
    "Backend": "backend",
    "PolicyRule": "rule",
    "Reference": "reference",
    "NetworkPeer": "peer",
    "EnvVar": "variable",
    "Argument": "argument",
    "Command": "command",
    "StageInstruction": "instruction",
    "ImageReference": "image",
}
