"""Explanations as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.cli.main import printable
from scanner.engine.compile import show
from scanner.engine.explaining import Explanation
from scanner.engine.tracing import Trace
from scanner.engine.witnesses import called
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.resolved import Step
from scanner.model.rule import Any as AnyOf
from scanner.model.rule import Condition, Not, Predicate, Quantified, Related
from scanner.model.source import Located, Unknown
from scanner.policy.wording import in_words

_VERDICTS = {True: "fires on", False: "does not fire on", None: "cannot be decided for"}
_MARKS = {True: "yes", False: "no ", None: "?  "}
_SECRET_FIELDS = frozenset(("value", "content", "file_text", "text"))


def one_line(explanation: Explanation) -> str:
    """Say the verdict for one resource."""
    place = _place(explanation.fact or getattr(explanation.resource, "name", None))
    verdict = {True: "fires", False: "passes", None: "undecided"}[explanation.trace.verdict]
    where = f"  {place}" if place else ""
    return printable(f"{verdict:9}  {called(explanation.resource)}{_environment(explanation)}{where}")


def as_text(explanation: Explanation) -> str:
    """Say why, fact by fact, with their places, and which of them decide."""
    trace = explanation.trace
    head = f"{explanation.rule.id} {_VERDICTS[trace.verdict]} {called(explanation.resource)}"
    lines = [head + _environment(explanation)]
    if explanation.message:
        lines.append(f"  {_place(explanation.fact)}  {explanation.message}")
    lines += ["", "It fires when"]
    hidden = explanation.rule.sensitive
    lines += (f"  {line}" for line in _Telling(hidden).lines(trace))
    lines += ["", *_decisive_lines(explanation)]
    return "\n".join(printable(line.rstrip()) for line in lines)


def as_data(explanations: Iterable[Explanation]) -> str:
    """Return explanations as a JSON document."""
    data = [
        {
            "rule": one.rule.id,
            "resource": called(one.resource),
            "environment": one.unit.resources.environment,
            "verdict": {True: "fires", False: "passes", None: "undecided"}[one.trace.verdict],
            "message": one.message,
            "place": _place(one.fact),
            "trace": _data(one.trace, one.rule.sensitive),
            "decisive": [_data(leaf, one.rule.sensitive) for leaf in one.decisive],
        }
        for one in explanations
    ]
    return json.dumps({"schema_version": 1, "explanations": data}, indent=2, sort_keys=True)


class _Telling:
    """Tells a trace line by line; how a fact came about is told once."""

    def __init__(self, hidden: bool) -> None:
        self._hidden = hidden
        self._told: set[tuple[Step, ...]] = set()

    def lines(self, trace: Trace, depth: int = 0) -> Iterator[str]:
        """Yield the lines about a trace and its parts. Of alternatives, those that hold are enough."""
        pad = "  " * depth
        inner = trace.parts[0] if isinstance(trace.condition, Not) else None
        if inner is not None and not inner.parts and not inner.links:
            # A single thing that must not be so stands better on the line of its own question.
            found = _found(inner, self._hidden)
            yield f"{_MARKS[trace.verdict]}  {pad}not: {in_words(inner.condition)}{found}"
            yield from self._steps(inner.steps, pad)
            return
        yield f"{_MARKS[trace.verdict]}  {pad}{in_words(trace.condition)}{_found(trace, self._hidden)}"
        yield from self._steps(trace.steps, pad)
        if isinstance(trace.condition, Related):
            yield from self._links(trace, pad, depth)
            return
        parts = trace.parts
        if trace.verdict is True and _is_choice(trace.condition):
            parts = tuple(part for part in parts if part.verdict is True)
        for part in parts:
            yield from self.lines(part, depth + 1)
        left_out = len(trace.parts) - len(parts)
        if left_out:
            yield f"{_MARKS[False]}  {pad}  ({left_out} more, not needed)"

    def _links(self, trace: Trace, pad: str, depth: int) -> Iterator[str]:
        if not trace.links:
            yield f"     {pad}  (there are none in the scanned files)"
        for index, link in enumerate(trace.links):
            place = _place(link.place)
            sure = "" if link.sure else ", perhaps"
            told = (
                f"{called(link.source)} {link.verb.replace('-', ' ')} {called(link.target)}{sure}{link.note}"
            )
            yield f"     {pad}  {told}" + (f"  [{place}]" if place else "")
            if index < len(trace.parts):
                yield from self.lines(trace.parts[index], depth + 2)

    def _steps(self, steps: tuple[Step, ...], pad: str) -> Iterator[str]:
        if steps in self._told:
            return
        self._told.add(steps)
        for number, step in enumerate(steps, 1):
            place = _place(step.fact)
            yield f"     {pad}  {number}. {step.text}" + (f"  [{place}]" if place else "")


def _is_choice(condition: Condition) -> bool:
    """Whether one part that holds is enough."""
    return isinstance(condition, AnyOf) or (
        isinstance(condition, Quantified) and condition.quantifier == "any_of"
    )


def _found(trace: Trace, hidden: bool) -> str:
    """Say what stands there, and where."""
    if trace.parts or isinstance(trace.condition, Predicate | Related):
        return ""
    fact = trace.fact
    if fact is None and trace.plain is not None:
        return f"  (it is {show(trace.plain)})" if not hidden and trace.kind != "value" else ""
    if fact is None:
        return "" if trace.kind == "value" else "  (absent)"
    place = _place(fact)
    return f"  ({_value(trace, fact, hidden)}{f', {place}' if place else ''})"


def _value(trace: Trace, fact: Located[Any], hidden: bool) -> str:
    if isinstance(fact.value, Unknown):
        return f"not known: {fact.value.reason}"
    field = getattr(trace.condition, "path", "").split(".")[-1]
    if hidden or field in _SECRET_FIELDS:
        return "it is set"
    return f"it is {show(fact.value)}"


def _decisive_lines(explanation: Explanation) -> Iterator[str]:
    leaves = explanation.decisive
    if explanation.trace.verdict is None:
        yield "Not known, and so not decided:"
    elif len(leaves) == 1:
        yield "Decisive; if this were otherwise, the verdict would be too:"
    else:
        yield f"Decisive; if these {len(leaves)} were otherwise, the verdict would be too:"
    for leaf in leaves:
        place = _place(leaf.steps[-1].fact if leaf.steps else leaf.fact)
        if not place and explanation.fact is not None:
            place = f"to be set near {_place(explanation.fact)}"
        whose = leaf.subject if leaf.kind == "value" else called(leaf.subject)
        yield f"  {whose}: {in_words(leaf.condition)}{f'  [{place}]' if place else ''}"


def _data(trace: Trace, hidden: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"asks": in_words(trace.condition), "holds": trace.verdict}
    if trace.fact is not None:
        data["found"] = _value(trace, trace.fact, hidden)
        data["place"] = _place(trace.fact)
    if trace.steps:
        data["steps"] = [{"text": step.text, "place": _place(step.fact)} for step in trace.steps]
    if trace.links:
        data["links"] = [
            {
                "source": called(link.source),
                "relation": link.verb,
                "target": called(link.target),
                "place": _place(link.place),
                "sure": link.sure,
            }
            for link in trace.links
        ]
    if trace.parts:
        data["parts"] = [_data(part, hidden) for part in trace.parts]
    return data


def _place(fact: Located[Any] | None) -> str:
    if fact is None:
        return ""
    path, span = fact.location
    return f"{path}:{span.line}"


def _environment(explanation: Explanation) -> str:
    name = explanation.unit.resources.environment
    return "" if name == DEFAULT_ENVIRONMENT else f" in {name}"
