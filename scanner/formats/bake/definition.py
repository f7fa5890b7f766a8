"""The definition that several Bake files make up together: names, and targets with their blocks."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from scanner.formats.bake.functions import Value
from scanner.formats.bake.values import Definitions, Evaluator, Function, Locals, Written, text_of
from scanner.model.source import Located, SpanSource, Unknown
from scanner.parsing.hcl_tree import Block, Body, ListOf, Variable

MAX_TARGETS = 2_000
"""More targets than this, matrices counted out, are not looked at."""


class Part(NamedTuple):
    """A block of a target: its settings, and the names that its matrix gives."""

    settings: Mapping[str, Written]
    local: Locals


@dataclass(slots=True)
class Target:
    """A target by the name that Bake knows it by; `name` is where it is first defined."""

    name: Located[str]
    parts: list[Part] = field(default_factory=list)


class Definition(NamedTuple):
    """Targets by name, and the targets that groups ask for; `left_out` tells that there are more."""

    targets: dict[str, Target]
    grouped: frozenset[str]
    evaluator: Evaluator
    left_out: bool


def put_together(bodies: Iterable[tuple[Body, SpanSource]]) -> Definition:
    """Merge the bodies of files, of which the later ones win."""
    names = Definitions()
    blocks: list[tuple[Block, SpanSource]] = []
    for body, source in bodies:
        blocks += [(block, source) for block in body.blocks if block.labels]
        names.variables.update({name: one.value for name, one in body.settings.items()})
    own = set(names.variables)  # settings outside of blocks win over the defaults of variables
    for block, source in blocks:
        label = block.labels[0][0]
        if block.kind == "variable" and label not in own:
            default = block.body.settings.get("default")
            if default is not None or label not in names.variables:
                names.variables[label] = None if default is None else default.value
        elif block.kind == "function":
            function = _function(block)
            if function is not None:
                names.functions[label] = function
        elif block.kind == "target":
            names.targets.setdefault(label, []).append(_written(block, source))
    evaluator = Evaluator(names)
    targets: dict[str, Target] = {}
    left_out = False
    found = (
        (name, part, block, source)
        for block, source in blocks
        if block.kind == "target"
        for name, part in _parts(block, source, evaluator)
    )
    for number, (name, part, block, source) in enumerate(found):
        if number >= MAX_TARGETS:
            left_out = True
            break
        targets.setdefault(name, Target(Located(name, block.labels[0][1], source))).parts.append(part)
    return Definition(targets, _grouped(blocks, evaluator), evaluator, left_out)


def _written(block: Block, source: SpanSource) -> dict[str, Written]:
    return {name: Written(setting, source) for name, setting in block.body.settings.items()}


def _function(block: Block) -> Function | None:
    settings = block.body.settings
    if "result" not in settings or "params" not in settings:
        return None
    params = settings["params"].value
    names = [_keyword(item) for item in params.items] if isinstance(params, ListOf) else [""]
    rest = settings.get("variadic_params") or settings.get("variadic_param")
    last = None if rest is None else _keyword(rest.value)
    if "" in names or last == "":
        return None
    return Function(tuple(names), last, settings["result"].value)


def _keyword(expression: object) -> str:
    if isinstance(expression, Variable):
        return expression.name
    value = getattr(expression, "value", "")
    return value if isinstance(value, str) else ""


def _parts(block: Block, source: SpanSource, evaluator: Evaluator) -> Iterator[tuple[str, Part]]:
    """The targets that a block defines, more than one with a matrix."""
    settings = _written(block, source)
    label = block.labels[0][0]
    if "matrix" not in settings:
        yield label, Part(settings, {})
        return
    matrix = evaluator.value(settings["matrix"].setting.value)
    for local in _combinations(matrix):
        name = evaluator.text(settings["name"].setting.value, local) if "name" in settings else label
        yield (name if isinstance(name, str) else label), Part(settings, local)


def _combinations(matrix: Value) -> Iterator[dict[str, Value]]:
    if not isinstance(matrix, dict) or not all(isinstance(values, list) for values in matrix.values()):
        reason = matrix if isinstance(matrix, Unknown) else Unknown("the matrix is no map of lists")
        names = matrix if isinstance(matrix, dict) else {}
        yield dict.fromkeys(names, reason)
        return
    lists = [values for values in matrix.values() if isinstance(values, list)]
    for values in itertools.product(*lists):
        yield dict(zip(matrix, values, strict=True))


def _grouped(blocks: Iterable[tuple[Block, SpanSource]], evaluator: Evaluator) -> frozenset[str]:
    found: set[str] = set()
    for block, _ in blocks:
        if block.kind == "group" and "targets" in block.body.settings:
            value = evaluator.value(block.body.settings["targets"].value)
            names = [text_of(item) for item in value] if isinstance(value, list) else []
            found.update(name for name in names if isinstance(name, str))
    return frozenset(found)
