"""The bundle says of every rule what its YAML says."""

from __future__ import annotations

from dataclasses import replace

from scanner.pipeline import Settings, catalog_of
from scanner.policy.bundle import dump_bundle, load_bundle

CATALOG = catalog_of(Settings(), examples=True)


def test_what_goes_into_a_bundle_comes_out_of_it_without_examples():
    rules, frameworks = load_bundle(dump_bundle(CATALOG.rules.values(), CATALOG.frameworks.values()))
    assert rules == tuple(replace(rule, examples=()) for rule in CATALOG.rules.values())
    assert frameworks == tuple(CATALOG.frameworks.values())


def test_a_bundle_is_the_same_each_time():
    first = dump_bundle(CATALOG.rules.values(), CATALOG.frameworks.values())
    again = dump_bundle(*load_bundle(first))
    assert first == again
