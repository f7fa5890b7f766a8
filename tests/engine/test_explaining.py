"""What an explanation calls decisive, decides."""

from __future__ import annotations

from hypothesis import given

from scanner.engine.explaining import decisive
from scanner.engine.tracing import Tracer
from scanner.model.rule import All, Any, FieldTest, Not, Quantified
from tests.engine.test_logic import conditions, containers
from tests.engine.test_relations import graph_of


def flipped(condition, leaves):
    """The condition with the answers of some leaves turned round."""
    if condition in leaves:
        return Not(condition)
    match condition:
        case All(parts):
            return All(tuple(flipped(part, leaves) for part in parts))
        case Any(parts):
            return Any(tuple(flipped(part, leaves) for part in parts))
        case Not(inner):
            return Not(flipped(inner, leaves))
    return condition


def fields_of(condition):
    """The fields that a condition asks for; an item of a list stands for two of one name."""
    match condition:
        case All(parts) | Any(parts):
            return [field for part in parts for field in fields_of(part)]
        case Not(inner):
            return fields_of(inner)
        case Quantified(path):
            return [path, path]
    return [condition.path]


@given(containers(), conditions)
def test_turning_the_decisive_facts_round_turns_the_verdict(container, condition):
    tracer = Tracer(graph_of(), {"wanted": "a"})
    trace = tracer.trace(condition, "container", container)
    fields = fields_of(condition)
    if trace.verdict is None or len(set(fields)) < len(fields):
        return  # facts that are asked for twice cannot be changed one by one
    leaves = [leaf.condition for leaf in decisive(trace)]
    assert all(isinstance(leaf, FieldTest) for leaf in leaves)
    after = tracer.verdict(flipped(condition, leaves), "container", container)
    assert after is not trace.verdict


@given(containers(), conditions)
def test_a_trace_agrees_with_its_parts(container, condition):
    trace = Tracer(graph_of(), {"wanted": "a"}).trace(condition, "container", container)

    def check(one):
        verdicts = [part.verdict for part in one.parts]
        if isinstance(one.condition, All) and one.verdict is True:
            assert all(verdict is True for verdict in verdicts)
        if isinstance(one.condition, Any) and one.verdict is False:
            assert all(verdict is False for verdict in verdicts)
        for part in one.parts:
            check(part)

    check(trace)
