"""The work of the network linkers grows with the files, and not with their pairs."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest

from scanner.linking.link import link
from tests.linking.network_texts import deployment, ingress, linked, pairs, policy, service, together


def calls_of(root: Path, files: dict[str, str]) -> int:
    """How many functions linking calls: a count, where a time would depend on the machine."""
    units = linked(root, **files).units
    count = 0

    def tell(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tell)
    try:
        link(units, lambda path, values, contexts: None)
    finally:
        sys.setprofile(before)
    return count


def one_folder(number: int) -> str:
    return together(
        deployment("web"),
        service("web"),
        ingress("web", "web"),
        policy("deny", more="egress: [{to: [{podSelector: {}}, {namespaceSelector: {}}]}]"),
        policy("web", "matchLabels: {app: web}"),
    )


def one_namespace(number: int) -> str:
    name = f"web-{number}"
    return together(
        deployment(name, f"app: {name}, part-of: shop", "shop"),
        service(name, f"app: {name}, part-of: shop", "shop"),
        ingress(name, name, namespace="shop"),
        policy(f"deny-{number}", "", "shop", "ingress: [{from: [{podSelector: {}}]}]"),
        policy(name, f"matchLabels: {{part-of: shop, app: {name}}}", "shop"),
    )


@pytest.mark.parametrize("text", [one_folder, one_namespace])
def test_twice_the_files_are_about_twice_the_work(tmp_path: Path, text) -> None:
    def work(count: int) -> int:
        root = tmp_path / str(count)
        return calls_of(root, {f"f{number}__all": text(number) for number in range(count)})

    # Above the 64 policies that count of those that select every pod of a namespace.
    assert work(300) / work(150) < 2.2


def test_everything_selecting_everything_ends_open_and_not_in_pairs(tmp_path: Path) -> None:
    files = {f"f{number}": deployment(f"d{number}", "app: all", "shop") for number in range(400)}
    files |= {f"s{number}": service(f"s{number}", "app: all", "shop") for number in range(400)}
    graph = linked(tmp_path, **files)
    assert len(pairs(graph, "selects")) == 10_000 + 32 * 400
