"""The built-in rules in one file that loads at once, made when the package is built.

Reading and checking the YAML of all rules takes longer than scanning a file with them.
The bundle holds what a scan needs, checked already; examples stay in the YAML, which is
read again when they are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from scanner.model.resources import Format
from scanner.model.rule import (
    All,
    Case,
    Condition,
    Confidence,
    Control,
    FieldTest,
    Framework,
    Not,
    Operand,
    ParamRef,
    Predicate,
    Quantified,
    Related,
    Rule,
    Severity,
    Tier,
)
from scanner.model.rule import Any as AnyOf
from scanner.model.source import Location, Span

FILE_NAME = "bundle.json"

_TEXTS = ("applies_to", "at", "resource_kinds", "references", "tags", "aliases")


def dump_bundle(rules: Iterable[Rule], frameworks: Iterable[Framework]) -> str:
    """Return the text of a bundle; the same rules give the same text."""
    data = {
        "rules": [_rule_data(rule) for rule in rules],
        "frameworks": [
            [
                framework.id,
                framework.title,
                framework.version,
                framework.url,
                [[c.id, c.title, list(c.rules), c.not_assessed] for c in framework.controls],
            ]
            for framework in frameworks
        ],
    }
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def load_bundle(text: str) -> tuple[tuple[Rule, ...], tuple[Framework, ...]]:
    """Return what a bundle holds; the rules have no examples."""
    data = json.loads(text)
    rules = tuple(_rule(entry) for entry in data["rules"])
    frameworks = tuple(
        Framework(
            identifier,
            title,
            version,
            url,
            tuple(Control(one, name, tuple(rules), why) for one, name, rules, why in controls),
        )
        for identifier, title, version, url, controls in data["frameworks"]
    )
    return rules, frameworks


def _rule_data(rule: Rule) -> dict[str, Any]:
    data: dict[str, Any] = {name: list(getattr(rule, name)) for name in _TEXTS if getattr(rule, name)}
    data.update(
        id=rule.id,
        title=rule.title,
        severity=rule.severity.value,
        confidence=rule.confidence.value,
        tier=rule.tier.value,
        formats=[form.value for form in rule.formats],
        when=_condition_data(rule.when),
        message=rule.message,
        description=rule.description,
        remediation=dict(rule.remediation),
        path=rule.origin.path if rule.origin is not None else "",
    )
    if rule.params:
        data["params"] = {name: _operand_data(value) for name, value in rule.params.items()}
    for name in ("sensitive", "flow"):
        if getattr(rule, name):
            data[name] = True
    if rule.cases:
        data["cases"] = [
            [one.name, _condition_data(one.when), list(one.at), one.message, list(one.applies_to)]
            for one in rule.cases
        ]
    return data


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        id=data["id"],
        title=data["title"],
        severity=Severity(data["severity"]),
        confidence=Confidence(data["confidence"]),
        tier=Tier(data["tier"]),
        formats=tuple(map(Format, data["formats"])),
        when=_condition(data["when"]),
        message=data["message"],
        description=data["description"],
        remediation=data["remediation"],
        params={name: _operand(value) for name, value in data.get("params", {}).items()},
        sensitive=data.get("sensitive", False),
        flow=data.get("flow", False),
        origin=Location(data["path"], Span(1, 1, 1, 2)),
        cases=tuple(
            Case(name, _condition(when), tuple(at), message, tuple(kinds))
            for name, when, at, message, kinds in data.get("cases", ())
        ),
        **{name: tuple(data.get(name, ())) for name in _TEXTS},  # type: ignore[arg-type]  # they are texts
    )


def _condition_data(condition: Condition) -> list[Any]:
    match condition:
        case All(parts):
            return ["all", [_condition_data(part) for part in parts]]
        case AnyOf(parts):
            return ["any", [_condition_data(part) for part in parts]]
        case Not(inner):
            return ["not", _condition_data(inner)]
        case FieldTest(path, operator, operand):
            return ["field", path, operator, _operand_data(operand)]
        case Quantified(path, quantifier, inner):
            return ["each", path, quantifier, _condition_data(inner)]
        case Predicate(name, arguments):
            return ["predicate", name, [[key, _operand_data(value)] for key, value in arguments]]
        case Related(relation, quantifier, inner, operand):
            inner_data = None if inner is None else _condition_data(inner)
            return ["related", relation, quantifier, inner_data, _operand_data(operand)]


def _condition(data: list[Any]) -> Condition:
    match data:
        case ["all", parts]:
            return All(tuple(_condition(part) for part in parts))
        case ["any", parts]:
            return AnyOf(tuple(_condition(part) for part in parts))
        case ["not", inner]:
            return Not(_condition(inner))
        case ["field", path, operator, operand]:
            return FieldTest(path, operator, _operand(operand))
        case ["each", path, quantifier, inner]:
            return Quantified(path, quantifier, _condition(inner))
        case ["predicate", name, arguments]:
            return Predicate(name, tuple((key, _operand(value)) for key, value in arguments))
        case ["related", relation, quantifier, inner, operand]:
            about = None if inner is None else _condition(inner)
            return Related(relation, quantifier, about, _operand(operand))
    raise ValueError(f"not a condition: {data!r}")


def _operand_data(operand: Operand) -> Any:
    if isinstance(operand, ParamRef):
        return {"param": operand.name}
    if isinstance(operand, tuple):
        return [_operand_data(item) for item in operand]
    return operand


def _operand(data: Any) -> Operand:
    if isinstance(data, dict):
        return ParamRef(data["param"])
    if isinstance(data, list):
        return tuple(_operand(item) for item in data)
    operand: Operand = data
    return operand
