"""Explanations as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.engine.explaining import Explanation
from scanner.engine.showing import show
from scanner.engine.tracing import Trace
from scanner.engine.witnesses import called, in_a_sentence, name_of
from scanner.model.finding import DEFAULT_ENVIRONMENT
from scanner.model.redacted import Redacted
from scanner.model.resolved import Step
from scanner.model.rule import Any as AnyOf
from scanner.model.rule import Condition, Not, Predicate, Quantified, Related
from scanner.model.source import Located, Unknown
from scanner.policy.wording import in_words
from scanner.reporting.shared.text import defuse, defuse_json, visible
from scanner.secrets.concealing import Concealing

_VERDICTS = {True: "fires on", False: "does not fire on", None: "cannot be decided for"}
_MARKS = {True: "yes", False: "no ", None: "?  "}
_SECRET_FIELDS = frozenset(("value", "content", "file_text", "text"))


class Telling:
    """Tells explanations; `conceal` keeps the secrets of the scanned files out of them."""

    def __init__(self, conceal: Concealing) -> None:
        self._conceal = conceal

    def one_line(self, explanation: Explanation) -> Redacted:
        """Say the verdict for one resource."""
        words = _Words(explanation, self._conceal)
        place = _place(explanation.fact) or _own_place(explanation.resource)
        verdict = {True: "fires", False: "passes", None: "undecided"}[explanation.trace.verdict]
        where = f"  {place}" if place else ""
        return Redacted(
            _shown(f"{verdict:9}  {words.called(explanation.resource)}{_environment(explanation)}{where}")
        )

    def text(self, explanation: Explanation) -> Redacted:
        """Say why, fact by fact, with their places, and which of them decide."""
        trace = explanation.trace
        words = _Words(explanation, self._conceal)
        head = f"{explanation.rule.id} {_VERDICTS[trace.verdict]} {words.called(explanation.resource)}"
        lines = [head + _environment(explanation)]
        if explanation.message:
            lines.append(f"  {_place(explanation.fact)}  {words.message}")
        lines += ["", "It fires when"]
        lines += (f"  {line}" for line in _Lines(words).of(trace))
        lines += ["", *_decisive_lines(explanation, words)]
        return Redacted("\n".join(_shown(line.rstrip()) for line in lines))

    def data(self, explanations: Iterable[Explanation]) -> Redacted:
        """Return explanations as a JSON document."""
        data = [self._one(one) for one in explanations]
        text = json.dumps({"schema_version": 1, "explanations": data}, indent=2, sort_keys=True)
        return Redacted(defuse_json(text))

    def _one(self, one: Explanation) -> dict[str, Any]:
        words = _Words(one, self._conceal)
        return {
            "rule": one.rule.id,
            "resource": words.called(one.resource),
            "environment": one.unit.resources.environment,
            "verdict": {True: "fires", False: "passes", None: "undecided"}[one.trace.verdict],
            "message": words.message,
            "place": _place(one.fact),
            "trace": _data(one.trace, words),
            "decisive": [_data(leaf, words) for leaf in one.decisive],
        }


def _shown(line: str) -> str:
    """Return one line as a terminal and GitHub's runner may see it."""
    return defuse(visible(line))


class _Words:
    """What an explanation says of scanned text, with the secrets of its unit and of the files that
    it speaks of concealed."""

    def __init__(self, explanation: Explanation, conceal: Concealing) -> None:
        self._conceal = conceal
        self._explanation = explanation
        self.is_hidden = explanation.rule.sensitive

    @property
    def message(self) -> str | None:
        """The message of the finding, None where there is none."""
        text = self._explanation.message
        return None if text is None else self.said(text)

    def said(self, text: str) -> Redacted:
        """Return a text without secrets."""
        return self._conceal(text)

    def called(self, resource: Any) -> str:
        """Return what people call a resource."""
        return self._conceal.name(called(resource))

    def value(self, trace: Trace, fact: Located[Any]) -> str:
        """Say what a fact is."""
        if isinstance(fact.value, Unknown):
            return f"not known: {self.said(fact.value.reason)}"
        field = getattr(trace.condition, "path", "").split(".")[-1]
        if self.is_hidden or field in _SECRET_FIELDS:
            return "it is set"
        return f"it is {self.said(show(fact.value))}"

    def found(self, trace: Trace) -> str:
        """Say what stands where a condition looked, and where."""
        if trace.parts or isinstance(trace.condition, Predicate | Related):
            return ""
        fact = trace.fact
        if fact is None and trace.plain is not None:
            shown = not self.is_hidden and trace.kind != "value"
            return f"  (it is {self.said(show(trace.plain))})" if shown else ""
        if fact is None:
            return "" if trace.kind == "value" else "  (absent)"
        place = _place(fact)
        return f"  ({self.value(trace, fact)}{f', {place}' if place else ''})"

    def whose(self, leaf: Trace) -> str:
        """Return what people call that which a condition was asked of."""
        if leaf.kind != "value":
            return self.called(leaf.subject)
        return "an item" if self.is_hidden else self.said(show(leaf.subject))


class _Lines:
    """Tells a trace line by line; how a fact came about is told once."""

    def __init__(self, words: _Words) -> None:
        self._words = words
        self._told: set[tuple[Step, ...]] = set()

    def of(self, trace: Trace, depth: int = 0) -> Iterator[str]:
        """Yield the lines about a trace and its parts. Of alternatives, those that hold are enough."""
        pad = "  " * depth
        inner = trace.parts[0] if isinstance(trace.condition, Not) else None
        if inner is not None and not inner.parts and not inner.links:
            # A single thing that must not be so stands better on the line of its own question.
            found = self._words.found(inner)
            yield f"{_MARKS[trace.verdict]}  {pad}not: {in_words(inner.condition)}{found}"
            yield from self._steps(inner.steps, pad)
            return
        yield f"{_MARKS[trace.verdict]}  {pad}{in_words(trace.condition)}{self._words.found(trace)}"
        yield from self._steps(trace.steps, pad)
        if isinstance(trace.condition, Related):
            yield from self._links(trace, pad, depth)
            return
        parts = trace.parts
        if trace.verdict is True and _is_choice(trace.condition):
            parts = tuple(part for part in parts if part.verdict is True)
        for part in parts:
            yield from self.of(part, depth + 1)
        left_out = len(trace.parts) - len(parts)
        if left_out:
            yield f"{_MARKS[False]}  {pad}  ({left_out} more, not needed)"

    def _links(self, trace: Trace, pad: str, depth: int) -> Iterator[str]:
        if not trace.links:
            yield f"     {pad}  (there are none in the scanned files)"
        for index, link in enumerate(trace.links):
            place = _place(link.place)
            sure = "" if link.sure else ", perhaps"
            source, target = map(self._words.called, (link.source, link.target))
            told = f"{source} {in_a_sentence(link.verb)} {target}{sure}{self._words.said(link.note)}"
            yield f"     {pad}  {told}" + (f"  [{place}]" if place else "")
            if index < len(trace.parts):
                yield from self.of(trace.parts[index], depth + 2)

    def _steps(self, steps: tuple[Step, ...], pad: str) -> Iterator[str]:
        if steps in self._told:
            return
        self._told.add(steps)
        for number, step in enumerate(steps, 1):
            place = _place(step.fact)
            yield f"     {pad}  {number}. {self._words.said(step.text)}" + (f"  [{place}]" if place else "")


def _is_choice(condition: Condition) -> bool:
    """Whether one part that holds is enough."""
    return isinstance(condition, AnyOf) or (
        isinstance(condition, Quantified) and condition.quantifier == "any_of"
    )


def _decisive_lines(explanation: Explanation, words: _Words) -> Iterator[str]:
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
        yield f"  {words.whose(leaf)}: {in_words(leaf.condition)}{f'  [{place}]' if place else ''}"


def _data(trace: Trace, words: _Words) -> dict[str, Any]:
    data: dict[str, Any] = {"asks": in_words(trace.condition), "holds": trace.verdict}
    if trace.fact is not None:
        data["found"] = words.value(trace, trace.fact)
        data["place"] = _place(trace.fact)
    if trace.steps:
        data["steps"] = [{"text": words.said(step.text), "place": _place(step.fact)} for step in trace.steps]
    if trace.links:
        data["links"] = [
            {
                "source": words.called(link.source),
                "relation": link.verb,
                "target": words.called(link.target),
                "place": _place(link.place),
                "sure": link.sure,
            }
            for link in trace.links
        ]
    if trace.parts:
        data["parts"] = [_data(part, words) for part in trace.parts]
    return data


def _place(fact: Located[Any] | None) -> str:
    if fact is None:
        return ""
    path, span = fact.location
    return f"{path}:{span.line}"


def _own_place(resource: Any) -> str:
    return _place(name_of(resource))


def _environment(explanation: Explanation) -> str:
    name = explanation.unit.resources.environment
    return "" if name == DEFAULT_ENVIRONMENT else f" in {name}"
