"""Laws that hold for every text, and the limits that keep hostile ones harmless."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.model.report import Status
from tests.formats.compose.compose_texts import read_files, statuses

KEYS = [
    "services",
    "web",
    "image",
    "build",
    "ports",
    "volumes",
    "environment",
    "env_file",
    "extends",
    "include",
    "user",
    "privileged",
    "cap_add",
    "deploy",
    "resources",
    "limits",
    "memory",
    "security_opt",
    "healthcheck",
    "test",
    "networks",
    "secrets",
    "configs",
    "tmpfs",
    "devices",
    "ulimits",
    "logging",
    "options",
    "depends_on",
    "labels",
    "target",
    "source",
    "published",
    "path",
    "file",
    "service",
    "command",
    "use_api_socket",
    "post_start",
]

scalars = st.one_of(
    st.sampled_from(
        [
            "null",
            "true",
            "yes",
            "'80:80'",
            "8080-8082:80",
            "${A}",
            "${A:-",
            "$$",
            "0",
            "-1",
            "1.5",
            "./x:/y:ro",
        ]
    ),
    st.sampled_from(
        [
            "!reset null",
            "!override []",
            "&a x",
            "*a",
            "~",
            "''",
            "a=b",
            "compose.yaml",
            "root:0",
            "1g",
            "CAP_X",
        ]
    ),
    st.text(alphabet="ab:-=/${}#'\"[]&*!|> ", max_size=8),
)


def _block(value: object, depth: int = 0) -> str:
    indent = "  " * depth
    if isinstance(value, dict):
        return "".join(f"\n{indent}{key}: {_block(inner, depth + 1)}" for key, inner in value.items()) or "{}"
    if isinstance(value, list):
        return "".join(f"\n{indent}- {_block(inner, depth + 1)}" for inner in value) or "[]"
    return str(value)


values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=4), st.lists(inner, max_size=3)
    ),
    max_leaves=12,
)
services = st.dictionaries(
    st.sampled_from(["web", "db", "a"]),
    st.dictionaries(st.sampled_from(KEYS), values, max_size=5),
    max_size=3,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(services, values, st.text(max_size=30))
def test_no_text_raises(body: dict[str, object], top: object, env: str) -> None:
    first = _block({"services": body, "include": top, "networks": top, "volumes": top})
    second = _block({"services": body})
    reading = read_files({"compose.yaml": first, "b.yaml": second, ".env": env}, "compose.yaml", "b.yaml")
    assert reading.resources is not None
    assert {"compose.yaml", "b.yaml"} <= {line.path for line in reading.coverage}
    for line in reading.coverage:
        assert (line.reason is None) == (line.status is Status.EVALUATED)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_raw_text_raises(text: str) -> None:
    assert read_files({"c.yaml": text}, "c.yaml").coverage


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(services)
def test_places_lie_in_the_file(body: dict[str, object]) -> None:
    text = _block({"services": body}).lstrip("\n")
    reading = read_files({"c.yaml": text}, "c.yaml")
    lines = text.count("\n") + 1
    assert reading.resources is not None
    for workload in reading.resources.workloads:
        for fact in (workload.name, workload.containers[0].user, workload.containers[0].privileged):
            assert fact is None or 1 <= fact.location.span.line <= lines


def _bomb() -> str:
    levels = "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    return f"a0: &a0 [x]\n{levels}services: {{web: {{image: x, command: *a8}}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        _bomb(),
        "services: &s\n  web: {image: x, labels: *s}\n",
        "k0: &k0 {a: 1}\n" + "".join(f"k{n}: &k{n} {{a: *k{n - 1}}}\n" for n in range(1, 2000)),
        "services: " + "[" * 5000,
        "- a",
        "just text",
    ],
)
def test_hostile_and_foreign_texts_fail_alone(text: str) -> None:
    reading = read_files({"a.yaml": "services: {web: {image: x}}", "b.yaml": text}, "a.yaml", "b.yaml")
    assert statuses(reading) == {"a.yaml": "evaluated", "b.yaml": "failed"}
    assert reading.resources is not None
    assert len(reading.resources.workloads) == 1


def _chain(count: int, backwards: bool) -> str:
    lines = ["  s0: {image: x}\n", *(f"  s{n}: {{extends: s{n - 1}}}\n" for n in range(1, count))]
    return "services:\n" + "".join(reversed(lines) if backwards else lines)


def _refused(reading: object) -> set[int]:
    """The lines of the services at which a chain was cut."""
    wanted = "more than 100 services extend one another"
    rows = [each.line for each in reading.diagnostics if each.message == wanted]
    return set(rows)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_long_chain_of_extends_is_cut_after_each_hundred_services(backwards: bool) -> None:
    found = {}
    for count in (400, 1600):
        reading = read_files({"c.yaml": _chain(count, backwards)}, "c.yaml")
        found[count] = {row if not backwards else count + 3 - row for row in _refused(reading)}
    assert found[400] == {103, 204, 305}
    assert found[1600] == set(range(103, 1602, 101))


def test_a_chain_of_a_hundred_services_is_no_long_one() -> None:
    for backwards in (False, True):
        assert not read_files({"c.yaml": _chain(101, backwards)}, "c.yaml").diagnostics


def test_a_long_chain_of_extends_over_files_is_cut_too() -> None:
    files = {
        f"c{n}.yaml": f"services: {{a: {{extends: {{file: c{n + 1}.yaml, service: a}}}}}}\n"
        for n in range(300)
    }
    reading = read_files({**files, "c300.yaml": "services: {a: {image: x}}\n"}, "c0.yaml")
    cut = [each.path for each in reading.diagnostics if "extend one another" in each.message]
    assert sorted(cut) == ["c199.yaml", "c98.yaml"]


def test_a_thousand_services_in_twenty_files_are_read_whole() -> None:
    body = "image: a:1\n    environment: [A=1, B=2]\n    ports: ['8080:80']\n    volumes: ['./a:/a:ro']\n    cap_drop: [ALL]\n"
    texts = {
        f"{n}.yaml": "services:\n" + "".join(f"  s{n}x{i}:\n    {body}" for i in range(50)) for n in range(20)
    }
    reading = read_files(texts, *texts)
    assert reading.resources is not None
    assert len(reading.resources.workloads) == 1000
