"""What network policies let out and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.engine.network_operators import denies_by_default, lets_out_to
from tests.linking.network_texts import linked, of_kind, policy


def read(root: Path, more: str, selector: str = ""):
    return of_kind(linked(root, a=policy("p", selector, "", more)), "network_policies")[0]


@pytest.mark.parametrize(
    ("egress", "wanted"),
    [
        ("[]", False),
        ("[{}]", True),
        ("[{ports: [{port: 80}]}]", True),
        ("[{ports: [{port: 53, protocol: UDP}, {port: 80, protocol: UDP}]}]", False),
        ("[{ports: [{port: 1, endPort: 1024}]}]", True),
        ("[{ports: [{port: 81, endPort: 1024}]}]", False),
        ("[{ports: [{protocol: TCP}]}]", True),
        ("[{ports: [{port: http}]}]", False),
        ("[{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]", True),
        ("[{to: [{ipBlock: {cidr: 169.254.169.254/32}}], ports: [{port: 80}]}]", True),
        ("[{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}}]}]", False),
        ("[{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]", True),
        ("[{to: [{ipBlock: {cidr: '::/0'}}]}]", False),
        ("[{to: [{ipBlock: {cidr: nonsense}}]}]", False),
        ("[{to: [{podSelector: {}}, {namespaceSelector: {}}]}]", False),
        ("[{to: [{podSelector: {}}]}, {to: [{ipBlock: {cidr: 169.0.0.0/8}}]}]", True),
    ],
)
def test_what_a_policy_lets_out(tmp_path: Path, egress: str, wanted: bool) -> None:
    found = read(tmp_path, f"policyTypes: [Egress]\n  egress: {egress}")
    assert lets_out_to(found, address="169.254.169.254", port=80) is wanted


def test_a_policy_that_does_not_govern_egress_lets_out_nothing_of_its_own(tmp_path: Path) -> None:
    found = read(tmp_path, "policyTypes: [Ingress]\n  egress: [{}]")
    assert lets_out_to(found, address="169.254.169.254", port=80) is False


@pytest.mark.parametrize(
    ("selector", "more", "wanted"),
    [
        ("", "policyTypes: [Ingress]", True),
        ("", "# by default", True),
        ("", "ingress: []", True),
        ("", "policyTypes: [Egress]", False),
        ("", "ingress: [{}]", False),
        ("matchLabels: {app: web}", "policyTypes: [Ingress]", False),
        ("matchExpressions: [{key: app, operator: Exists}]", "policyTypes: [Ingress]", False),
    ],
)
def test_what_refuses_by_default(tmp_path: Path, selector: str, more: str, wanted: bool) -> None:
    assert denies_by_default(read(tmp_path, more, selector)) is wanted
