"""Generated conditions say what three-valued logic says (Kleene's strong logic)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.engine.expressions import ExpressionWriter, Mode
from scanner.model.resources import Container, ImageReference, Port, ResourceRef
from scanner.model.rule import All, Any, FieldTest, Not, ParamRef, Quantified
from scanner.model.source import Located, Span, SpanSource, Unknown
from scanner.trees import nodes
from scanner.trees.running import made

SOURCE = SpanSource("x")
PLACE = Span(1, 1, 1, 2)


def fact(value):
    return None if value is None else Located(value, PLACE, SOURCE)


unknown = st.just(Unknown("no value"))
booleans = st.one_of(st.none(), st.booleans(), unknown)
numbers = st.one_of(st.none(), st.integers(0, 3), unknown)
texts = st.one_of(st.none(), st.sampled_from(["", "a", "ab", "b"]), unknown)
lists = st.one_of(st.none(), st.lists(st.sampled_from(["ALL", "KILL"]), max_size=2).map(tuple), unknown)


@st.composite
def containers(draw):
    image = draw(st.one_of(st.none(), texts.filter(lambda text: text is not None)))
    return Container(
        ResourceRef("Pod", "p", container="c"),
        Located("c", PLACE, SOURCE),
        image=None if image is None else ImageReference(fact(image), tag=fact(draw(texts))),
        privileged=fact(draw(booleans)),
        uid=fact(draw(numbers)),
        proc_mount=fact(draw(texts)),
        cap_drop=fact(draw(lists)),
        ports=tuple(Port(fact("80"), number=fact(n)) for n in draw(st.lists(numbers, max_size=3))),
    )


field_tests = st.one_of(
    st.builds(
        FieldTest, st.just("privileged"), st.sampled_from(["equals", "not_equals", "exists"]), st.booleans()
    ),
    st.builds(
        FieldTest,
        st.just("uid"),
        st.sampled_from(["equals", "not_equals", "greater_than", "at_least", "less_than", "at_most"]),
        st.integers(0, 3),
    ),
    st.builds(FieldTest, st.just("uid"), st.sampled_from(["in", "not_in"]), st.just((0, 2))),
    st.builds(
        FieldTest,
        st.sampled_from(["proc_mount", "image.tag"]),
        st.sampled_from(["matches", "not_matches"]),
        st.just("^a"),
    ),
    st.builds(FieldTest, st.just("image.tag"), st.sampled_from(["equals", "not_equals"]), st.just("a")),
    st.builds(FieldTest, st.just("image.tag"), st.just("exists"), st.booleans()),
    st.builds(FieldTest, st.just("cap_drop"), st.just("contains"), st.just("ALL")),
    st.builds(
        FieldTest, st.just("cap_drop"), st.sampled_from(["contains_any", "subset_of"]), st.just(("ALL",))
    ),
)
item_tests = st.one_of(
    st.builds(FieldTest, st.just("number"), st.sampled_from(["equals", "greater_than"]), st.integers(0, 3)),
    st.builds(FieldTest, st.just("number"), st.just("exists"), st.booleans()),
)
quantified = st.one_of(
    st.builds(Quantified, st.just("ports"), st.sampled_from(["any_of", "all_of", "none_of"]), item_tests),
    st.builds(
        Quantified,
        st.just("cap_drop"),
        st.sampled_from(["any_of", "all_of", "none_of"]),
        st.just(FieldTest("value", "equals", "ALL")),
    ),
)
conditions = st.recursive(
    st.one_of(field_tests, quantified),
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Any, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)


def generated(condition, container, mode, params=None):
    names: dict[str, object] = {"Unknown": Unknown}
    expression = ExpressionWriter(params or {}, names, "c").condition(
        condition, "container", "container", mode
    )
    tree = nodes.module(nodes.function("check", ("container",), [nodes.returned(expression)]))
    return made(tree, "check", names, "a condition")(container)


def kleene_all(verdicts):
    verdicts = list(verdicts)
    return False if False in verdicts else None if None in verdicts else True


def kleene_not(verdict):
    return None if verdict is None else not verdict


def kleene_any(verdicts):
    return kleene_not(kleene_all(kleene_not(verdict) for verdict in verdicts))


def meaning(condition, resource):
    """The reference: a plain reading of the documentation, with None for unknown."""
    match condition:
        case All(parts):
            return kleene_all(meaning(part, resource) for part in parts)
        case Any(parts):
            return kleene_any(meaning(part, resource) for part in parts)
        case Not(inner):
            return kleene_not(meaning(inner, resource))
        case Quantified("ports", quantifier, inner):
            verdicts = [meaning(inner, port) for port in resource.ports]
        case Quantified("cap_drop", quantifier, _):
            if resource.cap_drop is None:
                return False
            if isinstance(resource.cap_drop.value, Unknown):
                return None
            verdicts = [item == "ALL" for item in resource.cap_drop.value]
        case FieldTest(path, operator, operand):
            return test(path, operator, operand, resource)
    if quantifier == "all_of":
        return kleene_all(verdicts)
    return kleene_any(verdicts) if quantifier == "any_of" else kleene_not(kleene_any(verdicts))


def test_meaning_of_a_parameter_is_its_setting():
    container = Container(ResourceRef("Pod", "p"), Located("c", PLACE, SOURCE), uid=fact(2))
    condition = FieldTest("uid", "in", ParamRef("allowed"))
    assert generated(condition, container, Mode.CERTAIN, {"allowed": (1, 2)}) is True
    assert generated(condition, container, Mode.CERTAIN, {"allowed": (1,)}) is False


def test(path, operator, operand, resource):
    found = resource
    for step in path.split("."):
        found = getattr(found, step)
        if found is None:
            return (not operand) if operator == "exists" else False
    value = found.value
    if isinstance(value, Unknown):
        return None
    return {
        "exists": lambda: operand,
        "equals": lambda: value == operand,
        "not_equals": lambda: value != operand,
        "in": lambda: value in operand,
        "not_in": lambda: value not in operand,
        "greater_than": lambda: value > operand,
        "at_least": lambda: value >= operand,
        "less_than": lambda: value < operand,
        "at_most": lambda: value <= operand,
        "matches": lambda: value.startswith("a"),
        "not_matches": lambda: not value.startswith("a"),
        "contains": lambda: operand in value,
        "contains_any": lambda: any(item in value for item in operand),
        "subset_of": lambda: all(item in operand for item in value),
    }[operator]()


test.__test__ = False


@given(conditions, containers())
def test_surely_true_and_possible_are_kleenes_verdict(condition, container):
    verdict = meaning(condition, container)
    assert bool(generated(condition, container, Mode.TRUE)) is (verdict is True)
    assert bool(generated(condition, container, Mode.POSSIBLE)) is (verdict is not False)


@given(conditions, containers())
def test_two_valued_code_agrees_where_nothing_is_unknown(condition, container):
    facts = [container.privileged, container.uid, container.proc_mount, container.cap_drop]
    facts += [port.number for port in container.ports]
    facts += [container.image.text, container.image.tag] if container.image else []
    if any(found is not None and isinstance(found.value, Unknown) for found in facts):
        return
    assert bool(generated(condition, container, Mode.CERTAIN)) is meaning(condition, container)
