"""The words of rules that the engine gives meaning to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from scanner.model.signatures import Signature


class Words(NamedTuple):
    """The named predicates and value tests that conditions may use, with a line about each, and what
    a predicate takes, by its name."""

    predicates: Mapping[str, str]
    tests: Mapping[str, str]
    signature_of: Callable[[str], Signature]
