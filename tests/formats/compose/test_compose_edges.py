"""Rarer forms, and what is said about wrong ones."""

from __future__ import annotations

import pytest

from scanner.errors import FormatError
from scanner.formats.compose.shorthand import expand_port, split_volume
from scanner.model.source import Unknown
from tests.formats.compose.compose_texts import (
    TextFiles,
    container,
    in_service,
    messages,
    read,
    read_files,
    service,
    statuses,
    value,
    workload,
)


def errors_of(body: str) -> list[str]:
    return [each.partition(" error: ")[2] for each in messages(read(in_service(body)))]


def test_a_range_of_ports_expands_pair_by_pair() -> None:
    assert [(each.published, each.target) for each in expand_port("90-91:80-81/udp")] == [
        ("90", "80"),
        ("91", "81"),
    ]
    assert [(each.published, each.target) for each in expand_port("90-99:80")] == [("90-99", "80")]
    assert [each.target for each in expand_port("80-82")] == ["80", "81", "82"]


@pytest.mark.parametrize("text", ["", ":/a", "a1:/b:ro:x", "one::/two"])
def test_a_volume_without_its_form_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        split_volume(text)


@pytest.mark.parametrize(
    "body, message",
    [
        ("volumes: ['a1::/b']", "the volume 'a1::/b' has an empty part between colons"),
        ("volumes: [[a]]", "expected a volume as item for 'volumes', found a list"),
        ("volumes: text", "expected a list for 'volumes', found the text 'text'"),
        (
            "ports: [{target: 80, published: x}]",
            "expected a port or a range for 'published', found the text 'x'; use a number up to 65535 or a range",
        ),
        ("expose: ['80:80']", "expected a port of the container for 'expose', found the text '80:80'"),
        ("secrets: [[a]]", "expected a name as item for 'secrets', found a list"),
        ("configs: [{target: /a}]", "the config has no 'source'; write its name there"),
        ("user: [root]", "expected text for 'user', found a list"),
        ("environment: text", "expected a mapping or a list for 'environment', found the text 'text'"),
        ("environment: [[A]]", "expected text as item for 'environment', found a list; write NAME=value"),
        ("environment: {A: [1]}", "expected text for 'A', found a list"),
        ("env_file: [{format: raw}]", "the env file has no 'path'"),
        ("build: [a]", "expected a path or a mapping for 'build', found a list"),
        ("build: {secrets: [{target: x}]}", "the secret has no 'source'; write its name there"),
        ("pids_limit: many", "expected a whole number for 'pids_limit', found the text 'many'"),
        ("pids_limit: [1]", "expected a whole number for 'pids_limit', found a list"),
        (
            "ulimits: {nofile: [1]}",
            "expected a number or a mapping with 'soft' and 'hard' for 'nofile', found a list",
        ),
        ("cpus: two", "expected a number of CPUs for 'cpus', found the text 'two'; write one like 0.5"),
        ("post_start: [x]", "expected a mapping as item for 'post_start', found the text 'x'"),
        ("deploy: [x]", "expected a mapping for 'deploy', found a list"),
        ("healthcheck: {test: {a: 1}}", "expected a list for 'test', found a mapping"),
        ("extends: {file: a.yaml}", "'extends' does not say which service; write its name as 'service'"),
        ("extends: nobody", "the extended service 'nobody' is not in compose.yaml"),
    ],
)
def test_what_is_wrong_is_said(body: str, message: str) -> None:
    assert errors_of(body) == [message]


@pytest.mark.parametrize(
    "body, field",
    [
        ("cap_add: ['${C}']", "cap_add"),
        ("command: ['${C}']", "args"),
        ("command: run ${C}", "args"),
        ("mem_limit: ${M}", "memory_limit"),
        ("cpu_quota: ${Q}", "cpu_limit"),
        ("pids_limit: ${P}", "pids_limit"),
        ("privileged: ${P}", "privileged"),
        ("ulimits: {nofile: '${N}'}", "ulimits"),
        ("healthcheck: {disable: '${D}'}", "healthcheck"),
        ("healthcheck: {test: 'x ${D}'}", "healthcheck"),
        ("logging: {options: {a: '${A}'}}", "logging_options"),
    ],
)
def test_a_variable_without_value_leaves_the_fact_open(body: str, field: str) -> None:
    reading = read(in_service(body))
    assert isinstance(value(getattr(container(reading), field)), Unknown)
    assert reading.diagnostics == ()
    assert reading.resources is not None
    assert not reading.resources.certain


def test_open_texts_in_lists_of_resources() -> None:
    found = service(
        "devices: ['${D}', {source: /dev/x}]\ntmpfs: ['${T}']\nexpose: ['${E}']\nuse_api_socket: ${S}\nvolumes: ['/a:/b:${O}']"
    )
    assert isinstance(value(found.devices[0].path), Unknown)
    assert (value(found.devices[1].path), value(found.devices[1].target)) == ("/dev/x", "/dev/x")
    assert isinstance(value(found.mounts[0].read_only), Unknown)
    assert isinstance(value(found.mounts[1].target), Unknown)
    assert isinstance(value(found.mounts[2].source), Unknown)
    assert isinstance(value(found.ports[0].number), Unknown)
    long = service(
        "ports: [{target: 80, published: '${P}', host_ip: '${I}'}]\nvolumes: [{type: '${K}', target: /k}]"
    )
    assert isinstance(value(long.ports[0].published), Unknown)
    assert isinstance(value(long.ports[0].text), Unknown)
    assert long.mounts[0].kind == "unknown"


def test_open_builds() -> None:
    build = service(
        "build: {context: '${C}', secrets: ['${S}'], additional_contexts: {a: '${A}'}, ssh: default}"
    ).build_spec
    assert build is not None
    for fact in (build.context, build.dockerfile, build.secrets, build.contexts):
        assert isinstance(value(fact), Unknown)
    assert value(build.ssh) == ("default",)
    named = service("build: {dockerfile: '${D}', secrets: [{source: s}]}").build_spec
    assert named is not None
    assert isinstance(value(named.dockerfile), Unknown)
    assert value(named.secrets) == ("s",)


def test_open_modes_and_references() -> None:
    reading = read(
        in_service(
            "network_mode: ${N}\ncommand: 'unclosed \"quote'\nnetworks: ['${X}']\nlabels: ['${L}=1', 'a=${V}']"
        )
    )
    assert isinstance(value(workload(reading).host_network), Unknown)
    assert isinstance(value(workload(reading).networks[0]), Unknown)
    assert value(container(reading).args) == ('unclosed "quote',)
    assert workload(reading).labels == {}


def test_a_job_is_a_workload_of_its_own_kind() -> None:
    text = "jobs: {clean: {image: x, user: root, triggers: [{manual: {}}]}}\n"
    found = workload(read(text), "clean")
    assert (found.kind, found.ref.kind, value(found.containers[0].uid)) == ("job", "job", 0)


def test_a_merge_tag_lays_items_over_one_another_by_position() -> None:
    base = in_service(
        "ports:\n  - {target: 80, published: 8080}\n  - {target: 90, published: 9090}\n  - '70:70'"
    )
    over = "services:\n  web:\n    ports: !merge\n      - {}\n      - {published: 9999}\n"
    found = container(read_files({"a.yaml": base, "b.yaml": over}, "a.yaml", "b.yaml"))
    assert [(value(port.published), value(port.number)) for port in found.ports] == [
        (8080, 80),
        (9999, 90),
        (70, 70),
    ]
    longer = "services: {web: {cap_add: !merge [null, B, C]}}"
    found = container(
        read_files({"a.yaml": in_service("cap_add: [A]"), "b.yaml": longer}, "a.yaml", "b.yaml")
    )
    assert value(found.cap_add) == ("A", "B", "C")


def test_subnets_of_a_network_merge_by_subnet() -> None:
    base = "services: {}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/8, gateway: 10.0.0.1}]}}}"
    over = "networks: {n: {internal: true, ipam: {config: [{subnet: 10.0.0.0/8}, {subnet: 11.0.0.0/8}]}}}"
    reading = read_files({"a.yaml": base, "b.yaml": over}, "a.yaml", "b.yaml")
    assert reading.diagnostics == ()
    assert reading.resources is not None
    assert value(reading.resources.networks[0].internal) is True
    clash = read_files({"a.yaml": base, "b.yaml": "networks: {n: {ipam: {config: {}}}}"}, "a.yaml", "b.yaml")
    assert statuses(clash)["b.yaml"] == "partial"


def test_devices_expose_and_configs_count_once_by_their_key() -> None:
    base = in_service(
        "devices: ['/dev/a:/dev/x']\nexpose: ['80']\nconfigs: [c]\nsecrets: [{source: s}]\nextra_hosts: [a=1]"
    )
    over = "services: {web: {devices: [{source: /dev/b, target: /dev/x}], expose: [80], configs: [{source: d, target: /c}], secrets: [s], extra_hosts: {a: 1}}}"
    found = container(read_files({"a.yaml": base, "b.yaml": over}, "a.yaml", "b.yaml"))
    assert [value(each.path) for each in found.devices] == ["/dev/b"]
    assert len(found.ports) == 1
    assert sorted(str(value(mount.source)) for mount in found.mounts) == ["d", "s"]


def test_several_documents_of_a_file_are_layers() -> None:
    reading = read("services: {web: {image: a, user: '1'}}\n---\nservices: {web: {user: '2'}}\n")
    assert value(container(reading).user) == "2"


def test_a_file_that_is_not_there_fails() -> None:
    reading = read_files({"a.yaml": in_service("")}, "a.yaml", "gone.yaml")
    assert statuses(reading) == {"a.yaml": "evaluated", "gone.yaml": "failed"}
    assert messages(reading) == ["gone.yaml:None:None: error: there is no such file"]


def test_includes_of_unknown_or_wrong_form_are_told() -> None:
    wrong = read_files({"a.yaml": "include: [{env_file: x}, {path: [[a]]}, '${P}']\nservices: {}"}, "a.yaml")
    assert [each.message for each in wrong.diagnostics] == [
        "the include has no 'path'",
        "expected a path for 'path' of the include",
        "an included file is not known: the variable 'P' has no value in the files and no default",
    ]


def test_an_open_base_and_a_clash_with_it_are_gaps() -> None:
    text = "services:\n  a: {image: x, deploy: {replicas: 1}}\n  b: {extends: a, deploy: [1]}\n  c: {extends: {service: '${S}'}}\n"
    reading = read_files({"a.yaml": text}, "a.yaml")
    assert isinstance(value(container(reading, "b").user), Unknown)
    assert isinstance(value(container(reading, "c").user), Unknown)
    assert sorted(each.severity for each in reading.diagnostics) == ["error", "error", "warning"]


def test_the_listing_of_a_tree_of_texts() -> None:
    assert TextFiles({"a/b": "", "c": ""}).listing("a") == ("a/b",)
