"""What conditions ask for, as far as it decides when and where they are evaluated."""

from __future__ import annotations

from scanner.model.rule import All, Any, Condition, FieldTest, Not, Predicate, Quantified, Related
from scanner.model.vocabulary import RESOLVED_FIELD


def crosses_files(condition: Condition) -> bool:
    """Whether a condition asks for more than the resource itself says: for relations, or for facts
    that the graph decides."""
    match condition:
        case All(parts) | Any(parts):
            return any(crosses_files(part) for part in parts)
        case Not(inner):
            return crosses_files(inner)
        case FieldTest(path):
            return RESOLVED_FIELD in path.split(".")
        case Quantified(path, _, inner):
            return RESOLVED_FIELD in path.split(".") or crosses_files(inner)
        case Related():
            return True
        case Predicate():
            return False


def follows(condition: Condition, names: frozenset[str]) -> bool:
    """Whether a condition follows one of the relations of these names."""
    match condition:
        case All(parts) | Any(parts):
            return any(follows(part, names) for part in parts)
        case Not(inner) | Quantified(_, _, inner):
            return follows(inner, names)
        case Related(name, _, inner):
            return name in names or (inner is not None and follows(inner, names))
        case FieldTest() | Predicate():
            return False
