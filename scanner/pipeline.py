"""One scan from end to end: settings in, report out."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from scanner.engine.evaluate import Engine
from scanner.environments import environments_of
from scanner.gathering import linked
from scanner.inputs import inputs_of
from scanner.model.graph import Graph
from scanner.model.report import Report
from scanner.policy.catalog import Catalog, load_catalog
from scanner.scanning import Scan
from scanner.settings import Settings as Settings
from scanner.settings import words as words
from scanner.units import build_reader, read_units


def catalog_of(settings: Settings, *, examples: bool = False) -> Catalog:
    """Load the built-in and the user's rules, with their examples if asked. Raises RuleError."""
    return load_catalog(words(), settings.rule_folders, examples=examples)


def engine_of(settings: Settings, catalog: Catalog) -> Engine:
    """Return the rules that settings select, compiled once for many scans."""
    return Scan(settings, catalog).engine


def scan(settings: Settings, catalog: Catalog | None = None, engine: Engine | None = None) -> Report:
    """Scan and return the report. A `catalog` that was loaded before is used as it is, and so is an
    `engine` that was made of it for the same selection of rules.

    Raises ConfigError, RuleError or InputError when the scan cannot begin; trouble
    with single inputs is in the report's diagnostics and coverage.
    """
    with _uncollected():
        return Scan(settings, catalog or catalog_of(settings), engine).run()


def whole_graph(settings: Settings) -> Graph:
    """Return the graph of what a scan with these settings reads, with every fact of its resources.

    Trouble with single inputs is for `scan` to tell. Raises ConfigError and InputError as it does.
    """
    with _uncollected():
        inventory, tree = inputs_of(settings)
        environments = environments_of(settings.environments, settings.declared, inventory.root, bases=True)
        return linked(read_units(inventory, tree, settings.helm, environments), build_reader(tree))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking what is alive: resources are trees and freed at once."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
