"""`extends` and `include`."""

from __future__ import annotations

from scanner.formats.base import Reading
from scanner.model.source import Unknown
from tests.formats.compose.compose_texts import (
    container,
    lost,
    messages,
    place,
    read_files,
    statuses,
    value,
    workload,
)


def names(reading: Reading) -> list[str]:
    assert reading.resources is not None
    return [each.name.value for each in reading.resources.workloads]


def test_a_service_extends_another_of_its_file() -> None:
    text = "services:\n  base: {image: a, user: '5', cap_add: [CHOWN]}\n  web:\n    extends: base\n    user: root\n"
    found = container(read_files({"c.yaml": text}, "c.yaml"))
    assert (value(found.user), value(found.cap_add)) == ("root", ("CHOWN",))
    assert (place(found.user), lost(found.user)) == ("c.yaml:5:5", ["c.yaml:2:20"])
    assert place(found.name) == "c.yaml:3:3"


def test_a_chain_over_files_keeps_the_paths_of_each_file() -> None:
    texts = {
        "app/compose.yaml": "services:\n  web:\n    extends: {service: mid, file: ../shared/mid.yaml}\n",
        "shared/mid.yaml": "services:\n  mid:\n    extends: {service: low, file: deep/low.yaml}\n    volumes: ['./m:/m']\n",
        "shared/deep/low.yaml": "services:\n  low:\n    build: .\n    volumes: ['./l:/l']\n    env_file: low.env\n",
        "shared/deep/low.env": "LOW=1\n",
    }
    reading = read_files(texts, "app/compose.yaml", directory="app")
    found = container(reading)
    assert messages(reading) == []
    assert [value(mount.source) for mount in found.mounts] == ["./shared/deep/l", "./shared/m"]
    assert found.build_spec is not None
    assert value(found.build_spec.dockerfile) == "shared/deep/Dockerfile"
    assert [(each.name.value, place(each.value)) for each in found.env] == [
        ("LOW", "shared/deep/low.env:1:1")
    ]
    assert set(statuses(reading)) == set(texts)


def test_a_cycle_is_refused_with_its_place() -> None:
    text = "services:\n  a:\n    image: x\n    extends: b\n  b:\n    extends: a\n"
    reading = read_files({"c.yaml": text}, "c.yaml")
    assert messages(reading) == [
        "c.yaml:6:5: error: the service extends itself: a (c.yaml) -> b (c.yaml) -> a (c.yaml)"
    ]
    assert statuses(reading) == {"c.yaml": "partial"}


def test_what_a_service_does_not_say_is_unknown_when_its_base_is_not_there() -> None:
    text = (
        "services:\n  web:\n    image: a\n    privileged: true\n    extends: {service: x, file: gone.yaml}\n"
    )
    reading = read_files({"c.yaml": text}, "c.yaml")
    found = container(reading)
    assert value(found.privileged) is True
    assert isinstance(value(found.user), Unknown)
    assert isinstance(value(workload(reading).host_network), Unknown)
    assert messages(reading) == ["c.yaml:5:5: error: 'gone.yaml' cannot be read: there is no such file"]
    assert reading.resources is not None
    assert not reading.resources.certain


def test_a_remote_base_is_a_gap_and_no_error() -> None:
    text = "services:\n  web:\n    extends: {service: x, file: 'https://example.org/c.yaml'}\n"
    reading = read_files({"c.yaml": text}, "c.yaml")
    assert messages(reading) == [
        "c.yaml:3:5: warning: the extended file 'https://example.org/c.yaml' is not in the repository"
    ]
    assert statuses(reading) == {"c.yaml": "partial"}


def test_an_include_brings_its_own_directory_and_env_file() -> None:
    texts = {
        "compose.yaml": "include:\n  - db/compose.yaml\nservices:\n  web: {image: 'web:${TAG:-none}'}\n",
        "db/compose.yaml": "services:\n  db:\n    image: db:${TAG}\n    volumes: ['./data:/data']\n",
        "db/.env": "TAG=7\n",
    }
    reading = read_files(texts, "compose.yaml")
    found = container(reading, "db")
    assert found.image is not None
    assert value(found.image.tag) == "7"
    assert value(found.mounts[0].source) == "./db/data"
    web = container(reading).image
    assert web is not None
    assert value(web.tag) == "none"
    assert statuses(reading) == dict.fromkeys(texts, "evaluated")


def test_a_long_include_merges_its_paths_and_takes_its_settings() -> None:
    texts = {
        ".env": "TAG=root\n",
        "compose.yaml": (
            "include:\n  - path: [sub/a.yaml, sub/b.yaml]\n    project_directory: other\n    env_file: sub/x.env\n"
        ),
        "sub/a.yaml": "services:\n  web:\n    image: web:${TAG}\n    build: ./ctx\n",
        "sub/b.yaml": "services:\n  web:\n    user: ${WHO}\n",
        "sub/x.env": "WHO=nobody\nTAG=sub\n",
    }
    found = container(read_files(texts, "compose.yaml"))
    assert value(found.user) == "nobody"
    assert found.image is not None
    assert found.build_spec is not None
    assert value(found.image.tag) == "root"
    assert value(found.build_spec.context) == "other/ctx"


def test_an_include_that_includes_itself_is_refused() -> None:
    texts = {"a.yaml": "include: [b.yaml]\nservices: {a: {image: x}}\n", "b.yaml": "include:\n  - a.yaml\n"}
    reading = read_files(texts, "a.yaml")
    assert names(reading) == ["a"]
    assert messages(reading) == ["b.yaml:2:5: error: 'a.yaml' includes itself: a.yaml -> b.yaml -> a.yaml"]


def test_a_service_that_an_include_defines_otherwise_is_a_conflict() -> None:
    texts = {
        "a.yaml": "include: [b.yaml]\nservices:\n  web: {image: mine}\n  same: {image: s}\n",
        "b.yaml": "services:\n  web: {image: theirs}\n  same: {image: s}\n",
    }
    reading = read_files(texts, "a.yaml")
    assert messages(reading) == [
        "a.yaml:3:3: error: 'services.web' conflicts with the included one at b.yaml:2"
    ]


def test_a_remote_include_leaves_the_file_partly_read() -> None:
    texts = {"a.yaml": "include:\n  - oci://example.org/project\nservices: {web: {image: x}}\n"}
    reading = read_files(texts, "a.yaml")
    assert names(reading) == ["web"]
    assert statuses(reading) == {"a.yaml": "partial"}
    assert [each.severity for each in reading.diagnostics] == ["warning"]
