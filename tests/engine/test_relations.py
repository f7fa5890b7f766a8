"""Conditions about related resources say what three-valued logic says of an open world."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.engine.compile import View
from scanner.engine.evaluate import Engine
from scanner.engine.tracing import Tracer
from scanner.model.cluster import ClusterObjects, Service, ServicePort
from scanner.model.graph import Graph, GraphUnit, Link
from scanner.model.relations import RELATIONS, relations_of
from scanner.model.resolved import ResolvedWorkload, Step
from scanner.model.resources import Format, ResourceRef, UnitResources, Workload
from scanner.model.rule import All, Any, Confidence, FieldTest, Not, Related, Rule, Severity, Tier
from scanner.model.source import Located, Span, SpanSource, Unknown
from scanner.model.vocabulary import KINDS

SOURCE = SpanSource("x.yaml")


def fact(value, line=1):
    return None if value is None else Located(value, Span(line, 1, line, 2), SOURCE)


def workload(name="web", **fields):
    ref = ResourceRef("Deployment", name)
    return Workload(ref, fact(name), "Deployment", Format.KUBERNETES, **fields)


def service(name="front", line=1, **fields):
    return Service(ResourceRef("Service", name), fact(name, line), **fields)


def graph_of(workloads=(), services=(), links=(), open_ends=None, resolved=None, owners=None):
    unit = GraphUnit(
        UnitResources(
            Format.KUBERNETES, workloads=tuple(workloads), cluster=ClusterObjects(services=tuple(services))
        ),
        0,
        "kubernetes",
        "x.yaml",
    )
    return Graph([unit], links, open_ends or {}, resolved or {}, owners or {})


def rule_of(when, **fields):
    given = {
        "id": "r",
        "title": "t",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "tier": Tier.CORE,
        "applies_to": ("workload",),
        "formats": (Format.KUBERNETES,),
        "at": ("name",),
        "message": "workload '{name}'",
        "description": "d",
        "remediation": {"any": "x"},
    }
    return Rule(**{**given, "when": when, **fields})


types = st.one_of(st.none(), st.sampled_from(["NodePort", "ClusterIP"]), st.just(Unknown("?")))
tests = st.builds(FieldTest, st.just("type"), st.just("equals"), st.just("NodePort"))
related = st.one_of(
    st.builds(Related, st.just("services"), st.sampled_from(["any_of", "all_of", "none_of"]), tests),
    st.builds(Related, st.just("services"), st.just("exists"), st.none(), st.booleans()),
    st.builds(
        Related, st.just("services"), st.sampled_from(["at_least", "at_most"]), st.none(), st.integers(0, 3)
    ),
)
conditions = st.recursive(
    related,
    lambda inner: st.one_of(
        st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: Any(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(Not, inner),
    ),
    max_leaves=5,
)


@st.composite
def graphs(draw):
    subject = workload()
    services = [service(type=fact(draw(types))) for _ in range(draw(st.integers(0, 3)))]
    links = [Link(one, "selects", subject, sure=draw(st.booleans())) for one in services]
    open_ends = {("selects", False): {subject}} if draw(st.booleans()) else {}
    return graph_of([subject], services, links, open_ends), subject


def worlds(graph, subject):
    """Every way the links may really be: sure ones hold, others may, and an open end may have
    one more target of any type."""
    known = graph.related(subject, relations_of("workload")["services"])
    sets = [[]]
    for link in known.possible:
        value = link.source.type.value if link.source.type else None
        kinds = ["NodePort", "ClusterIP"] if isinstance(value, Unknown) else [value]
        with_it = [[*one, kind] for one in sets for kind in kinds]
        sets = with_it if link.sure else [*sets, *with_it]
    if known.is_open:
        sets += [
            [*one, *more]
            for one in sets
            for more in (["NodePort"], ["ClusterIP"], ["NodePort"] * 3, ["ClusterIP"] * 4)
        ]
    return sets


def holds(condition, targets):
    match condition:
        case All(parts):
            return all(holds(part, targets) for part in parts)
        case Any(parts):
            return any(holds(part, targets) for part in parts)
        case Not(inner):
            return not holds(inner, targets)
        case Related(_, "exists", _, operand):
            return bool(targets) is operand
        case Related(_, "at_least", _, operand):
            return len(targets) >= operand
        case Related(_, "at_most", _, operand):
            return len(targets) <= operand
        case Related(_, quantifier, _, _):
            found = [one == "NodePort" for one in targets]
            return {"any_of": any(found), "all_of": all(found), "none_of": not any(found)}[quantifier]
    raise AssertionError(condition)


@given(graphs(), conditions)
def test_a_verdict_holds_in_every_world_that_the_files_allow(drawn, condition):
    graph, subject = drawn
    verdict = Tracer(graph, {}).verdict(condition, "workload", subject)
    answers = {holds(condition, targets) for targets in worlds(graph, subject)}
    if verdict is not None:
        assert answers == {verdict}


@given(graphs(), related)
def test_a_single_relation_is_undecided_only_if_worlds_differ(drawn, condition):
    graph, subject = drawn
    verdict = Tracer(graph, {}).verdict(condition, "workload", subject)
    answers = {holds(condition, targets) for targets in worlds(graph, subject)}
    assert verdict == (answers.pop() if len(answers) == 1 else None)


@given(graphs(), conditions)
def test_a_scan_and_a_trace_agree(drawn, condition):
    graph, subject = drawn
    engine = Engine([rule_of(condition)])
    ((_, evaluation),) = engine.relate(graph)
    trace = Tracer(graph, {}).trace(condition, "workload", subject)
    assert bool(evaluation.findings) is (trace.verdict is True)
    assert bool(evaluation.unknown) is (trace.verdict is None)


def test_findings_tell_what_they_rest_on():
    subject = workload()
    front = service(line=7, type=fact("NodePort", 9))
    link = Link(front, "selects", subject, place=fact("app=web", 8))
    when = Related("services", "any_of", FieldTest("type", "equals", "NodePort"))
    ((_, evaluation),) = Engine([rule_of(when)]).relate(graph_of([subject], [front], [link]))
    (finding,) = evaluation.findings
    told = [(place.location.span.line, place.message) for place in finding.related]
    assert (8, "Service 'front' selects Deployment 'web'") in told
    assert (9, "type is NodePort") in told


def test_a_flow_keeps_the_order_of_the_conditions():
    subject = workload(host_network=fact(True, 4))
    front = service(line=7, type=fact("NodePort", 9))
    link = Link(front, "selects", subject, place=fact("app=web", 8))
    when = All(
        (
            Related("services", "any_of", FieldTest("type", "equals", "NodePort")),
            FieldTest("host_network", "equals", True),
        )
    )
    ((_, evaluation),) = Engine([rule_of(when, flow=True)]).relate(graph_of([subject], [front], [link]))
    (finding,) = evaluation.findings
    lines = [place.location.span.line for place in finding.flow]
    assert lines[-1] == 4
    assert set(lines) >= {8, 9, 4}


def test_resolved_facts_bring_their_steps():
    subject = workload()
    step = Step("type LoadBalancer opens it", fact("LoadBalancer", 12))
    record = ResolvedWorkload(exposure=fact("internet", 12), steps={"exposure": (step,)})
    when = FieldTest("resolved.exposure", "equals", "internet")
    rule = rule_of(when, message="workload is reached from {resolved.exposure}")
    ((_, evaluation),) = Engine([rule]).relate(graph_of([subject], resolved={subject: record}))
    (finding,) = evaluation.findings
    assert finding.message == "workload is reached from internet"
    assert [(one.location.span.line, one.message) for one in finding.related] == [(12, step.text)]


def test_what_no_resource_was_decided_for_is_absent():
    when = FieldTest("resolved.exposure", "exists", False)
    ((_, evaluation),) = Engine([rule_of(when)]).relate(graph_of([workload()]))
    assert len(evaluation.findings) == 1


def test_a_condition_about_a_target_reaches_what_is_around_it():
    port = ServicePort(fact("80", 10), number=fact(80, 10))
    front = service(type=fact("NodePort"), ports=(port,))
    subject = workload()
    tracer = Tracer(graph_of([subject], [front], owners={port: front}), {})
    assert tracer.verdict(FieldTest("service.type", "equals", "NodePort"), "service_port", port) is True


def test_links_of_low_confidence_lower_that_of_the_finding():
    subject = workload()
    note = " (by its name alone)"
    link = Link(service(), "selects", subject, confidence=Confidence.LOW, note=note)
    when = Related("services", "exists", None, True)
    ((_, evaluation),) = Engine([rule_of(when)]).relate(graph_of([subject], [link.source], [link]))
    (finding,) = evaluation.findings
    assert finding.confidence is Confidence.LOW
    assert finding.message.endswith(note)


def test_every_relation_is_between_known_kinds_and_told_apart():
    assert len({(one.source, one.name) for one in RELATIONS}) == len(RELATIONS)
    for one in RELATIONS:
        assert one.source in KINDS
        assert one.target in KINDS
    sides = [(one.verb, one.said_by_source) for one in RELATIONS]
    assert len(set(sides)) == len(sides)


def test_an_empty_view_is_enough_for_rules_without_relations():
    assert View((), {}, {}).sides == ()
