"""Names in a configuration that nobody knows are told with their place and with what was meant."""

from __future__ import annotations

import pytest

from tests.support import hullcheck, write_tree

COMPOSE = "services:\n  web:\n    image: nginx:1.27\n"


def told(tmp_path, text, *arguments):
    write_tree(tmp_path, {".hullcheck.yaml": text, "compose.yaml": COMPOSE})
    ran = hullcheck("scan", str(tmp_path), *arguments)
    assert ran.code == 2
    return ran.err


@pytest.mark.parametrize(
    "text,expected",
    [
        ("ignore:\n  - host-port\n  - privilegd\n", ".hullcheck.yaml:3:5: unknown rule or tag 'privilegd'; did you mean 'privileged'?"),
        ("select: [privilegd]\n", ":1:10: unknown rule or tag 'privilegd'; did you mean"),
        ("select: privilegd\n", ":1:9: unknown rule or tag"),
        ("frameworks: [pss-baselin]\n", ":1:14: unknown framework 'pss-baselin'; did you mean 'pss-baseline'?"),
        ("rules:\n  privilegd: {severity: low}\n", ":2:3: unknown rule 'privilegd'; did you mean"),
        ("rules:\n  sensitive-port-published: {params: {prts: [1]}}\n", ":2:39: rule 'sensitive-port-published' has no parameter 'prts'"),
        ("environments:\n  prod: {ignore: [privilegd]}\n", ":2:19: unknown rule or tag 'privilegd'; did you mean"),
        ("environments:\n  prod: {severity: {privilegd: low}}\n", ":2:21: environment 'prod': unknown rule 'privilegd'; did"),
    ],
)  # fmt: skip
def test_an_unknown_name_is_told_with_its_place(tmp_path, text, expected):
    assert expected in told(tmp_path, text)


def test_a_name_on_the_command_line_has_no_place(tmp_path):
    assert "hullcheck: unknown rule or tag 'privilegd'; did" in told(tmp_path, "", "--ignore", "privilegd")


@pytest.mark.parametrize(
    "rule,params,expected",
    [
        (
            "host-path-writable",
            "{folders: /etc}",
            "parameter 'folders' of rule 'host-path-writable' must be a list",
        ),
        (
            "host-path-writable",
            "{folders: [/etc, 5]}",
            "takes text, and never the number 5; write it in quotes",
        ),
        (
            "override-weakens-base",
            "{capabilities: [1]}",
            "an item of 'cap_add' is text, and never the number 1",
        ),
    ],
)
def test_a_value_that_a_parameter_cannot_have_is_told_with_its_place(tmp_path, rule, params, expected):
    message = told(tmp_path, f"rules:\n  {rule}:\n    params: {params}\n")
    assert expected in message
    assert ".hullcheck.yaml:3:" in message
