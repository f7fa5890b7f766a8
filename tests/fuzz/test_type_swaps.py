"""Whole scans of projects in which things of other types stand: no crash, and no other file's findings lost."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.projects import Mutant, mutant, seeds
from tests.fuzz.swaps import VALUES, Spot, spots, swapped, sweep
from tests.fuzz.whole_scans import WholeScans

TOGETHER = 12


@pytest.fixture(scope="module")
def scans() -> WholeScans:
    return WholeScans()


@pytest.mark.parametrize("seed", range(4))
def test_mutated_projects_cost_nothing_but_themselves(scans, seed):
    rng = random.Random(seed)
    for number in range(4):
        mutants = [mutant(rng) for _ in range(TOGETHER)]
        failures = scans.failures(mutants, rendered=number % 3 == 0, types=number == 0)
        assert failures == []


@pytest.mark.parametrize("value", ["{a: {b: c}}", "[[a]]"])
def test_one_type_at_every_place_of_every_own_project(scans, value):
    mutants = [
        Mutant(origin, path, {**files, path: changed})
        for origin, files in seeds()
        if origin.startswith("kitchen/")
        for path, text in files.items()
        for changed in sweep(text, value, 40)
    ]
    assert len(mutants) > 60
    for start in range(0, len(mutants), 2 * TOGETHER):
        assert (
            scans.failures(mutants[start : start + 2 * TOGETHER], rendered=start == 0, types=start == 0) == []
        )


def test_mutated_charts_are_rendered_or_refused():
    pytest.importorskip("helm_python", reason="the extra [helm] is not installed")
    rng = random.Random(1)
    charts = [seed for seed in seeds() if seed[0] in ("kitchen/chart", "fixtures/shop")]
    assert WholeScans(charts=True).failures([mutant(rng, charts) for _ in range(4)]) == []


def test_most_swapped_texts_are_still_yaml():
    text = dict(seeds())["kitchen/manifests"]["all.yaml"]
    places = spots(text)
    rng = random.Random(3)
    texts = [swapped(text, rng.choice(places), "[a]") for _ in range(60)]
    assert sum(bool(spots(one)) for one in texts) > 50


def test_every_replacement_is_put_where_a_value_stood():
    for value in VALUES:
        made = swapped("a: b\nc: d\n", Spot(3, 4, is_key=False), value)
        assert made.startswith("a: " + value)
        assert made.endswith("\nc: d\n")


def test_a_sweep_replaces_everything_once():
    text = "a: b\nc:\n- d\n- {e: f}\ng: {h: [i]}\n"
    texts = sweep(text, "X", 2)
    assert texts[0].count("X") == 2
    assert sum(one.count("X") for one in texts) == sum(not spot.is_key for spot in spots(text))
