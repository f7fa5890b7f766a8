"""Facts of pods that rules rely on and that no example of a rule can show."""

from __future__ import annotations

from scanner.formats.kubernetes import read_objects
from scanner.model.resources import Container
from scanner.model.source import Unknown
from scanner.parsing.yaml import parse_yaml


def _containers(spec: str) -> tuple[Container, ...]:
    file = parse_yaml(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n{spec}", "pod.yaml")
    resources, _ = read_objects(file, file.source)
    return resources.workloads[0].containers


def test_selinux_options_of_a_container_replace_those_of_its_pod_as_a_whole() -> None:
    one, other = _containers(
        "  securityContext: {seLinuxOptions: {type: spc_t, user: system_u}}\n"
        "  containers:\n"
        "    - {name: a, image: a, securityContext: {seLinuxOptions: {level: s0}}}\n"
        "    - {name: b, image: b}\n"
    )
    assert one.selinux_type is None
    assert one.selinux_user is None
    assert other.selinux_type is not None
    assert other.selinux_type.value == "spc_t"


def test_capabilities_that_are_no_list_are_unknown() -> None:
    (container,) = _containers(
        "  containers: [{name: a, image: a, securityContext: {capabilities: {add: all}}}]\n"
    )
    assert container.cap_add is not None
    assert isinstance(container.cap_add.value, Unknown)
    assert container.cap_add_written is None


def test_capabilities_are_kept_as_written_only_where_that_is_another_name() -> None:
    one, other = _containers(
        "  containers:\n"
        "    - {name: a, image: a, securityContext: {capabilities: {add: [CAP_KILL], drop: [ALL]}}}\n"
        "    - {name: b, image: b, securityContext: {capabilities: {drop: [all]}}}\n"
    )
    assert one.cap_add is not None
    assert one.cap_add.value == ("KILL",)
    assert one.cap_add_written is not None
    assert one.cap_add_written.value == ("CAP_KILL",)
    assert one.cap_drop_written is None
    assert other.cap_drop_written is not None
    assert other.cap_drop_written.value == ("all",)


def test_resources_of_the_pod_hold_for_containers_that_set_none() -> None:
    one, other = _containers(
        "  resources: {limits: {memory: 1Gi}, requests: {cpu: 1}}\n"
        "  containers:\n"
        "    - {name: a, image: a, resources: {limits: {memory: 64Mi}}}\n"
        "    - {name: b, image: b}\n"
    )
    assert one.memory_limit is not None
    assert one.memory_limit.value == "64Mi"
    assert other.memory_limit is not None
    assert other.memory_limit.value == "1Gi"
    assert other.cpu_request is not None
    assert other.cpu_request.value == "1"


def test_an_object_without_a_name_has_none_invented_for_it() -> None:
    file = parse_yaml("apiVersion: v1\nkind: Pod\nspec: {containers: [{image: a}]}\n", "pod.yaml")
    resources, _ = read_objects(file, file.source)
    (workload,) = resources.workloads
    assert workload.ref.name == ""
    assert workload.name.value == "(unnamed)"
