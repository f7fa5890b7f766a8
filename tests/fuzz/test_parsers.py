"""Every parser over mutated texts: nothing but the errors that are meant for users comes out."""

from __future__ import annotations

import random
import warnings

import pytest

from tests.fuzz.mutators import mutate, mutate_bytes
from tests.fuzz.parsers import targets

INPUTS = 250


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_a_parser_raises_only_what_it_promises(target):
    rng = random.Random(target.name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning shows a path of this machine on standard error
        for seed in target.seeds[:50]:
            assert target.try_out(seed) is None, seed
        for _ in range(INPUTS):
            data = target.mutant(rng)
            error = target.try_out(data)
            assert error is None, f"{error!r} for {data!r}"


def test_the_same_seed_gives_the_same_inputs():
    first, second = random.Random(5), random.Random(5)
    assert [mutate("a: b\n", first) for _ in range(50)] == [mutate("a: b\n", second) for _ in range(50)]
    assert mutate_bytes(b"abc", first) == mutate_bytes(b"abc", second)
