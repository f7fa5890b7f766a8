"""Several files laid over one another."""

from __future__ import annotations

import pytest

from scanner.formats.base import Reading
from scanner.model.resources import Container
from tests.formats.compose.compose_texts import (
    container,
    in_service,
    lost,
    messages,
    place,
    read_files,
    statuses,
    value,
    workload,
)


def merged(base: str, over: str, **env: str) -> Reading:
    texts = {
        "compose.yaml": in_service(base),
        "compose.override.yaml": "services:\n  web:\n" + _indented(over),
    }
    return read_files({**texts, **env}, "compose.yaml", "compose.override.yaml")


def _indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.splitlines())


def env_of(found: Container) -> dict[str, object]:
    return {each.name.value: value(each.value) for each in found.env}


def test_a_later_scalar_wins_and_remembers_the_place_that_lost() -> None:
    found = container(merged("user: '1000'", "user: root"))
    assert value(found.user) == "root"
    assert place(found.user) == "compose.override.yaml:3:5"
    assert lost(found.user) == ["compose.yaml:4:5"]


def test_a_value_of_the_base_alone_keeps_its_place() -> None:
    found = container(merged("privileged: true", "user: root"))
    assert place(found.privileged) == "compose.yaml:4:5"


def test_environment_merges_by_name_whatever_its_form() -> None:
    found = container(merged("environment: {A: 1, B: 2}", "environment: [B=3, C]"))
    assert env_of(found) == {"A": "1", "B": "3", "C": None}
    overriding = next(each for each in found.env if each.name.value == "B")
    assert place(overriding.value) == "compose.override.yaml:3:19"
    assert lost(overriding.value) == ["compose.yaml:4:25"]


def test_ports_add_up_and_the_same_port_in_another_form_counts_once() -> None:
    found = container(
        merged("ports: ['8080:80', '9090:90']", "ports: [{target: 80, published: 8080}, '7070:70']")
    )
    assert [(value(port.published), value(port.number)) for port in found.ports] == [
        (8080, 80),
        (9090, 90),
        (7070, 70),
    ]
    assert place(found.ports[0].text).startswith("compose.override.yaml")


def test_volumes_are_the_same_when_they_have_one_target() -> None:
    found = container(merged("volumes: [data:/a, './b:/b']", "volumes: ['/etc:/b:ro']"))
    assert [(value(mount.source), value(mount.target)) for mount in found.mounts] == [
        ("data", "/a"),
        ("/etc", "/b"),
    ]


def test_command_and_entrypoint_are_replaced() -> None:
    found = container(merged("command: [a, b]\nentrypoint: x", "command: c d\nentrypoint: [y]"))
    assert (value(found.args), value(found.command)) == (("c", "d"), ("y",))


def test_a_list_merged_of_two_files_tells_both() -> None:
    found = container(merged("cap_add: [NET_ADMIN]", "cap_add: [SYS_ADMIN]"))
    assert value(found.cap_add) == ("NET_ADMIN", "SYS_ADMIN")
    assert place(found.cap_add) == "compose.override.yaml:3:5"
    assert lost(found.cap_add) == ["compose.yaml:4:5"]


def test_reset_takes_a_value_away() -> None:
    reading = merged("ports: ['80:80']\nprivileged: true", "ports: !reset []\nprivileged: !reset null")
    found = container(reading)
    assert (found.ports, found.privileged) == ((), None)
    assert reading.diagnostics == ()


def test_override_replaces_a_list() -> None:
    found = container(merged("cap_add: [NET_ADMIN]", "cap_add: !override [CHOWN]"))
    assert value(found.cap_add) == ("CHOWN",)


def test_a_short_build_merges_with_a_long_one() -> None:
    found = container(merged("build: ./app", "build: {target: prod, args: {A: 1}}"))
    assert found.build_spec is not None
    assert value(found.build_spec.context) == "app"
    assert value(found.build_spec.target) == "prod"


def test_another_logging_driver_drops_the_options_of_the_first() -> None:
    base = "logging: {driver: json-file, options: {max-size: 1m}}"
    assert value(container(merged(base, "logging: {driver: none}")).logging_options) is None
    kept = container(merged(base, "logging: {options: {max-file: 2}}"))
    assert value(kept.logging_options) == ("max-size=1m", "max-file=2")


def test_depends_on_and_networks_merge_lists_with_mappings() -> None:
    found = workload(
        merged(
            "depends_on: [db]\nnetworks: [a]",
            "depends_on: {cache: {condition: service_healthy}}\nnetworks: {b: }",
        )
    )
    assert [each.value for each in found.depends_on] == ["db", "cache"]
    assert [each.value for each in found.networks] == ["a", "b"]


def test_an_empty_value_of_a_later_file_changes_nothing() -> None:
    assert value(container(merged("user: '1'", "user:")).user) == "1"


def test_values_of_two_kinds_cannot_merge_and_cost_that_service_only() -> None:
    base = in_service("deploy: {replicas: 2}") + "  db: {image: db}\n"
    over = "services:\n  web: {deploy: [x], user: root}\n  db: {user: root}\n"
    reading = read_files({"a.yaml": base, "b.yaml": over}, "a.yaml", "b.yaml")
    assert messages(reading) == [
        "b.yaml:2:9: error: cannot be merged with the value of another kind at a.yaml:4; write both in the same form"
    ]
    assert value(container(reading, "db").user) == "root"
    assert statuses(reading) == {"a.yaml": "evaluated", "b.yaml": "partial"}
    assert reading.resources is not None
    assert not reading.resources.certain


def test_a_file_that_cannot_be_parsed_costs_only_itself() -> None:
    reading = read_files({"a.yaml": in_service("user: root"), "b.yaml": "services: ["}, "a.yaml", "b.yaml")
    assert value(container(reading).user) == "root"
    assert statuses(reading) == {"a.yaml": "evaluated", "b.yaml": "failed"}


@pytest.mark.parametrize("text", ["", "services:", "services: {}", "x-only: 1"])
def test_a_file_without_services_is_read(text: str) -> None:
    reading = read_files({"a.yaml": text}, "a.yaml")
    assert reading.diagnostics == ()
    assert statuses(reading) == {"a.yaml": "evaluated"}


def test_merge_keys_anchors_and_extensions() -> None:
    text = (
        "x-safe: &safe\n  read_only: true\n  user: '5'\n"
        "services:\n  web:\n    <<: *safe\n    image: a\n    user: '6'\n    x-note: [1]\n"
    )
    found = container(read_files({"a.yaml": text}, "a.yaml"))
    assert (value(found.read_only_root), value(found.user)) == (True, "6")
    assert place(found.read_only_root) == "a.yaml:2:3"
