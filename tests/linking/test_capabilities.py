"""The capabilities that a container begins with."""

from __future__ import annotations

import pytest

from scanner.linking.resolving.capabilities import DEFAULT
from tests.linking.support import container_of, graph_of, place_of
from tests.support import write_tree


def compose(extra: str) -> dict[str, str]:
    return {"compose.yaml": f"services:\n  c:\n    image: nginx:1.27\n{extra}"}


def kubernetes(context: str) -> dict[str, str]:
    return {
        "pod.yaml": (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
            f"    - name: c\n      image: nginx:1.27\n      securityContext: {context}\n"
        )
    }


def capabilities(root, files):
    graph = graph_of(write_tree(root, files))
    return graph.resolved[container_of(graph, "c")].capabilities.value


def test_a_container_that_asks_for_nothing_has_the_usual_fourteen(tmp_path):
    assert capabilities(tmp_path, compose("")) == DEFAULT
    assert len(DEFAULT) == 14


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (compose("    privileged: true\n    cap_drop: [ALL]\n"), ("ALL",)),
        (compose("    cap_drop: [ALL]\n"), ()),
        (compose("    cap_drop: [ALL]\n    cap_add: [NET_BIND_SERVICE]\n"), ("NET_BIND_SERVICE",)),
        (compose("    cap_drop: [CHOWN]\n    cap_add: [CHOWN]\n"), DEFAULT),
        (compose("    cap_add: [ALL]\n"), ("ALL",)),
        (kubernetes("{capabilities: {drop: [ALL]}}"), ()),
        (kubernetes("{capabilities: {drop: [all], add: [NET_ADMIN]}}"), ("NET_ADMIN",)),
        (
            kubernetes("{capabilities: {drop: [CHOWN], add: [CHOWN]}}"),
            tuple(one for one in DEFAULT if one != "CHOWN"),
        ),
        (kubernetes("{privileged: true}"), ("ALL",)),
    ],
)
def test_what_is_added_and_dropped_counts_as_the_runtime_does_it(tmp_path, files, expected):
    assert capabilities(tmp_path, files) == expected


def test_all_but_one_is_every_other(tmp_path):
    found = capabilities(tmp_path, compose("    cap_add: [ALL]\n    cap_drop: [SYS_ADMIN]\n"))
    assert "SYS_ADMIN" not in found
    assert len(found) == 40


def test_steps_and_place_tell_who_decided(tmp_path):
    graph = graph_of(write_tree(tmp_path, compose("    cap_drop: [ALL]\n    cap_add: [CHOWN]\n")))
    resolved = graph.resolved[container_of(graph, "c")]
    assert place_of(resolved.capabilities) == "compose.yaml:5"
    assert [step.text for step in resolved.steps["capabilities"]] == [
        "the runtime gives its usual capabilities",
        "the container drops ALL",
        "the container adds CHOWN",
    ]


def test_a_writable_root_file_system_is_told_in_steps(tmp_path):
    graph = graph_of(write_tree(tmp_path, compose("    read_only: true\n")))
    resolved = graph.resolved[container_of(graph, "c")]
    assert resolved.read_only_root.value is True
    assert [step.text for step in resolved.steps["read_only_root"]] == ["its root file system is read-only"]
