"""Conditions in words, for people who read why a rule fired."""

from __future__ import annotations

from scanner.model.rule import (
    All,
    Condition,
    FieldTest,
    Not,
    Operand,
    ParamRef,
    Predicate,
    Quantified,
    Related,
)
from scanner.model.rule import Any as AnyOf

_WORDS = {
    "equals": "is {}",
    "not_equals": "is set, and not {}",
    "in": "is one of {}",
    "not_in": "is set, and none of {}",
    "matches": "matches {}",
    "not_matches": "does not match {}",
    "starts_with": "starts with {}",
    "ends_with": "ends with {}",
    "greater_than": "is above {}",
    "at_least": "is at least {}",
    "less_than": "is below {}",
    "at_most": "is at most {}",
    "contains": "contains {}",
    "contains_any": "contains one of {}",
    "subset_of": "has nothing but {}",
    "is": "is a {}",
    "is_not": "is no {}",
}
_QUANTIFIERS = {"any_of": "for one of {}:", "all_of": "for all of {}:", "none_of": "for none of {}:"}
_LONGEST = 60


def in_words(condition: Condition) -> str:
    """Return what a condition asks, in a line; of one with parts, what it asks of them."""
    match condition:
        case All():
            return "all of these:"
        case AnyOf():
            return "one of these:"
        case Not():
            return "not:"
        case FieldTest(path, "exists", operand):
            return f"{path} is {'set' if operand else 'not set'}"
        case FieldTest(path, operator, operand):
            return f"{path} {_WORDS[operator].format(shown(operand))}"
        case Quantified(path, quantifier, _):
            return _QUANTIFIERS[quantifier].format(path)
        case Related(relation, "exists", _, operand):
            return f"{'there are' if operand else 'there are no'} {relation.replace('-', ' ')}"
        case Related(relation, quantifier, None, operand):
            return f"there are {quantifier.replace('_', ' ')} {shown(operand)} {relation.replace('-', ' ')}"
        case Related(relation, quantifier, _, _):
            return _QUANTIFIERS[quantifier].format(f"its {relation.replace('-', ' ')}")
        case Predicate(name, arguments):
            asked = ", ".join(f"{key} {shown(value)}" for key, value in arguments)
            return name.replace("-", " ") + (f" ({asked})" if asked else "")


def shown(operand: Operand) -> str:
    """Return an operand as text; long ones are cut."""
    if isinstance(operand, ParamRef):
        return f"the rule's {operand.name}"
    if isinstance(operand, bool):
        return str(operand).lower()
    text = ", ".join(map(shown, operand)) if isinstance(operand, tuple) else str(operand)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
