"""What a predicate takes: the resources that it is about, and its arguments by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Parameter(NamedTuple):
    """An argument of a predicate: `type` is str, int or bool; with `listed` it is a list of these.
    One that is not `required` can be left out."""

    type: type
    listed: bool
    required: bool


class Signature(NamedTuple):
    """`subjects` are the types of resources that a predicate can be asked about (empty: any)."""

    subjects: tuple[type, ...]
    parameters: Mapping[str, Parameter]
