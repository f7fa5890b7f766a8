"""Secrets planted in files of every kind: found, not shown, and told apart from what looks like one."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tests.support import ROOT


@pytest.fixture(scope="module")
def benchmark():
    """The module `benchmarks/secrets.py`, whose name is one of the standard library too."""
    path = ROOT / "benchmarks" / "secrets.py"
    spec = importlib.util.spec_from_file_location("benchmark_of_secrets", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.fixture(scope="module")
def outcome(benchmark, tmp_path_factory):
    command = [sys.executable, "-m", "scanner"]
    return benchmark.measure(tmp_path_factory.mktemp("planted"), 20261129, command, ("json", "sarif"))


def test_there_are_enough_of_them(benchmark, outcome):
    secrets = outcome.tree.secrets
    assert len({secret.text for secret in secrets}) == len(secrets) >= 200
    assert len(set(benchmark.forms(secrets))) >= 40
    assert len({secret.path for secret in secrets}) >= 25
    assert sum(map(len, outcome.tree.look_alikes.values())) >= 200


def test_nearly_all_are_found_at_their_own_line(benchmark, outcome):
    whole = [
        one for one in outcome.tree.secrets if one.path not in outcome.tree.broken and one.place != "comment"
    ]
    missed = [f"{one.form} {one.path}:{one.line}" for one in whole if one not in outcome.found]
    assert len(missed) <= (1 - benchmark.LEAST_FOUND) * len(whole), missed


def test_hardly_a_look_alike_is_taken_for_one(benchmark, outcome):
    count = sum(map(len, outcome.tree.look_alikes.values()))
    assert len(outcome.alarms) <= benchmark.MOST_ALARMS * count, outcome.alarms


def test_none_is_shown(outcome):
    shown = [f"{one.form} {one.path}:{one.line} {where}" for one, where in outcome.shown.items()]
    assert not shown


def test_a_seed_makes_the_same_tree_and_another_one_another(benchmark, tmp_path):
    first, again, other = (
        benchmark.plant(tmp_path / name, seed) for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    assert first.secrets == again.secrets
    assert not {one.text for one in first.secrets} & {one.text for one in other.secrets}
