"""Rules as data: what they apply to, their condition, and how they present themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from scanner.model.resources import Format
from scanner.model.source import Location


class Severity(StrEnum):
    """How bad a finding is."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return _RANKS[self]


_RANKS = {Severity.INFO: 0, Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3, Severity.CRITICAL: 4}


class Confidence(StrEnum):
    """How sure a finding is true where the rule fires (SARIF precision)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Tier(StrEnum):
    """Which profile a rule belongs to: core is on by default, `strict` adds extra,
    `all` adds pedantic."""

    CORE = "core"
    EXTRA = "extra"
    PEDANTIC = "pedantic"


Operand: TypeAlias = "str | int | float | bool | tuple[Operand, ...] | ParamRef"


@dataclass(frozen=True, slots=True)
class ParamRef:
    """An operand that is a parameter of the rule, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class All:
    """Every condition holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one condition holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A test of one field; `path` is dotted, `operator` a name that the engine knows."""

    path: str
    operator: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class Quantified:
    """A test of the items of a list field; `quantifier` is any_of, all_of or none_of."""

    path: str
    quantifier: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named predicate on the whole resource, with its arguments."""

    name: str
    arguments: tuple[tuple[str, Operand], ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """A test of the resources at the other end of a relation.

    `quantifier` is any_of, all_of, none_of (then `condition` is about each of them), exists,
    at_least or at_most (then `operand` is the truth value or how many there are).
    """

    relation: str
    quantifier: str
    condition: Condition | None = None
    operand: Operand = True


Condition: TypeAlias = All | Any | Not | FieldTest | Quantified | Predicate | Related


@dataclass(frozen=True, slots=True)
class Example:
    """An input and the lines at which the rule fires on it (none: compliant).

    `files` are (name, text) of further files of a small project, `params` the settings
    of the rule, and `path` the name of the main file where the usual one will not do.
    """

    name: str
    format: str
    expect: tuple[int, ...]
    source: str
    files: tuple[tuple[str, str], ...] = ()
    params: tuple[tuple[str, Operand], ...] = ()
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One of several ways in which a rule is not met, each a finding of its own. `when` is the whole
    condition, what all cases of the rule have in common included; `name` is a part of the
    finding's identity. `applies_to` are those of the rule's kinds that it is about."""

    name: str
    when: Condition
    at: tuple[str, ...]
    message: str
    applies_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy. Texts are plain, without markup; `at` are the fields whose place a
    finding points at, the first that is present winning, else the resource's name.
    `remediation` is by format, with `any` for all. `resource_kinds` restricts a rule on
    documents to Kubernetes kinds. `sensitive` findings point at a secret: the text at
    their place appears in no output. `flow` tells that the places which make a finding are a way
    from its first to its last (SARIF codeFlows). A rule with `cases` has a finding for each that
    holds, and its `when` is that one of them does; `case` names the only one that is left of
    such a rule, where the engine has taken it apart."""

    id: str
    title: str
    severity: Severity
    confidence: Confidence
    tier: Tier
    applies_to: tuple[str, ...]
    formats: tuple[Format, ...]
    when: Condition
    at: tuple[str, ...]
    message: str
    description: str
    remediation: Mapping[str, str]
    resource_kinds: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    params: Mapping[str, Operand] = field(default_factory=dict)
    sensitive: bool = False
    flow: bool = False
    examples: tuple[Example, ...] = ()
    origin: Location | None = None
    cases: tuple[Case, ...] = ()
    case: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a framework: the rules that answer it, or why files cannot."""

    id: str
    title: str
    rules: tuple[str, ...] = ()
    not_assessed: str | None = None


@dataclass(frozen=True, slots=True)
class Framework:
    """A named set of controls."""

    id: str
    title: str
    version: str
    url: str
    controls: tuple[Control, ...]


def meant_by(condition: Condition, path: str) -> Condition | None:
    """Return what a condition asks of one item of a list (`any_of`), at its first such part: it tells
    which item a rule speaks of where it points at one or names it."""
    match condition:
        case All(parts) | Any(parts):
            found = (meant_by(part, path) for part in parts)
            return next((one for one in found if one is not None), None)
        case Quantified(known, "any_of", inner) if known == path:
            return inner
    return None


def count_conditions(condition: Condition) -> int:
    """Return how many conditions a condition is made of, itself included."""
    match condition:
        case All(parts) | Any(parts):
            return 1 + sum(map(count_conditions, parts))
        case Not(inner) | Quantified(_, _, inner):
            return 1 + count_conditions(inner)
        case Related(_, _, inner) if inner is not None:
            return 1 + count_conditions(inner)
    return 1
