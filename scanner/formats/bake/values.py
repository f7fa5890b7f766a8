"""What the expressions of a Bake file come to, as far as its files tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from scanner.formats.bake.functions import (
    LONGEST,
    TOO_LONG,
    NotDecided,
    Value,
    as_number,
    as_text,
    as_truth,
    call,
    is_equal,
)
from scanner.model.source import SpanSource, Unknown
from scanner.parsing.hcl_tree import (
    Access,
    Call,
    Expression,
    ListOf,
    Literal,
    Loop,
    MapOf,
    Operation,
    Setting,
    Template,
    Variable,
)

Locals: TypeAlias = Mapping[str, Value]
"""Names that hold in one expression alone: of a matrix, a loop, the parameters of a function."""


class Written(NamedTuple):
    """A setting, and the file that it stands in."""

    setting: Setting
    source: SpanSource


class Function(NamedTuple):
    """A function that the file defines."""

    parameters: tuple[str, ...]
    rest: str | None
    result: Expression


@dataclass(slots=True)
class Definitions:
    """The names of a definition, put together from its files. A variable is None when it has
    no default; `targets` are the settings of each target's blocks, for `target.app.args`."""

    variables: dict[str, Expression | None] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    targets: dict[str, list[dict[str, Written]]] = field(default_factory=dict)


class Evaluator:
    """Evaluates expressions. What comes from outside, what is not modelled and what Bake would
    refuse is Unknown; the work for one definition is bounded."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._known: dict[str, Value] = {}
        self._open: set[str] = set()
        self._depth = 0
        self._left = 200_000

    def value(self, expression: Expression, local: Locals | None = None) -> Value:
        """Return the value of an expression."""
        self._left -= 1
        if self._left < 0:
            return _TOO_MUCH
        if self._depth >= _DEEPEST:
            return Unknown(f"it is nested more than {_DEEPEST} deep")
        self._depth += 1
        try:
            return self._value(expression, local or {})
        except NotDecided:
            return Unknown("it cannot be evaluated")
        finally:
            self._depth -= 1

    def text(self, expression: Expression, local: Locals | None = None) -> str | Unknown | None:
        """Return the value of an expression that is a text; None for null."""
        value = self.value(expression, local)
        return value if isinstance(value, Unknown) or value is None else text_of(value)

    def beginning(self, expression: Expression, local: Locals | None = None) -> str:
        """Return the part of a text before the first thing in it that is not known."""
        if not isinstance(expression, Template):
            return ""
        known = ""
        for part in expression.parts:
            value = part if isinstance(part, str) else None if part is None else self.text(part, local)
            if not isinstance(value, str):
                break
            known += value
        return known

    def _value(self, expression: Expression, local: Locals) -> Value:
        match expression:
            case Literal():
                return expression.value
            case Template():
                return self._filled_in(expression, local)
            case Variable():
                return local[expression.name] if expression.name in local else self._variable(expression.name)
            case ListOf():
                return [self.value(item, local) for item in expression.items]
            case MapOf():
                return self._map(expression, local)
            case Operation():
                return self._operation(expression, local)
            case Access():
                return self._access(expression, local)
            case Call():
                return self._call(expression, local)
            case Loop():
                return self._loop(expression, local)

    def _filled_in(self, template: Template, local: Locals) -> Value:
        first = template.parts[0]
        if len(template.parts) == 1 and first is not None and not isinstance(first, str):
            return self.value(first, local)  # `"${x}"` is x itself, and need not be a text
        parts: list[str] = []
        length = 0
        for part in template.parts:
            if part is None:
                return Unknown("directives in a text are not evaluated")
            value = part if isinstance(part, str) else self.value(part, local)
            if isinstance(value, Unknown):
                return value
            parts.append(as_text(value))
            length += len(parts[-1])
            if length > LONGEST:
                return TOO_LONG
        return "".join(parts)

    def _variable(self, name: str) -> Value:
        if name in self._known:
            return self._known[name]
        if name not in self._definitions.variables:
            return Unknown(
                f"{name} is set by whoever builds" if name.startswith("BAKE_") else f"nothing sets {name}"
            )
        if name in self._open:
            return Unknown(f"{name} is set by way of itself")
        default = self._definitions.variables[name]
        if default is None:
            return Unknown(f"{name} is given when the image is built")
        self._open.add(name)
        self._known[name] = self.value(default)
        self._open.discard(name)
        return self._known[name]

    def _map(self, expression: MapOf, local: Locals) -> Value:
        made: dict[str, Value] = {}
        for key, value in expression.entries:
            name = self.text(key, local)
            if not isinstance(name, str):
                return name or Unknown("a key is null")
            made[name] = self.value(value, local)
        return made

    def _operation(self, expression: Operation, local: Locals) -> Value:
        operator = expression.operator
        first = self.value(expression.operands[0], local)
        if operator == "?":
            if isinstance(first, Unknown):
                return first
            return self.value(expression.operands[1 if as_truth(first) else 2], local)
        if len(expression.operands) == 1:
            if isinstance(first, Unknown):
                return first
            return not as_truth(first) if operator == "!" else -as_number(first)
        second = self.value(expression.operands[1], local)
        if operator in ("&&", "||"):
            return _logic(operator, first, second)
        for operand in (first, second):
            if isinstance(operand, Unknown):
                return operand
        if operator in ("==", "!="):
            return is_equal(first, second) == (operator == "==")
        return call(_NAMES[operator], (first, second))

    def _access(self, expression: Access, local: Locals) -> Value:
        if expression.key is None:
            return Unknown("'[*]' is not evaluated")
        key = self.value(expression.key, local)
        of = expression.of
        if isinstance(of, Variable) and of.name == "target" and of.name not in local and isinstance(key, str):
            return self._target(key)
        value = self.value(of, local)
        if isinstance(value, Unknown):
            return value
        if isinstance(key, Unknown):
            return key
        if isinstance(value, dict):
            name = as_text(key)
            return value[name] if name in value else Unknown(f"it has no '{name[:40]}'")
        if isinstance(value, list):
            number = as_number(key)
            if number == int(number) and 0 <= number < len(value):
                return value[int(number)]
        return Unknown("it has no such item")

    def _target(self, name: str) -> Value:
        """The settings of a target, as other targets may refer to them."""
        reference = f"target.{name}"
        if name not in self._definitions.targets:
            return Unknown(f"nothing defines the target '{name}'")
        if reference not in self._known:
            if reference in self._open:
                return Unknown(f"the target '{name}' refers to itself")
            self._open.add(reference)
            merged: dict[str, Value] = {}
            for settings in self._definitions.targets[name]:
                merged.update({key: self.value(one.setting.value) for key, one in settings.items()})
            self._known[reference] = merged
            self._open.discard(reference)
        return self._known[reference]

    def _call(self, expression: Call, local: Locals) -> Value:
        arguments = [self.value(argument, local) for argument in expression.arguments]
        if expression.spread and arguments:
            last = arguments.pop()
            if isinstance(last, Unknown):
                return last
            if not isinstance(last, list):
                raise NotDecided
            arguments += last
        own = self._definitions.functions.get(expression.name)
        if own is None:
            return call(expression.name, arguments)
        return self._own(expression.name, own, arguments)

    def _own(self, name: str, function: Function, arguments: Sequence[Value]) -> Value:
        count = len(function.parameters)
        if len(arguments) < count or (len(arguments) > count and function.rest is None):
            return Unknown(f"the function '{name}' is called with {len(arguments)} arguments")
        local: dict[str, Value] = dict(zip(function.parameters, arguments, strict=False))
        if function.rest is not None:
            local[function.rest] = list(arguments[count:])
        return self.value(function.result, local)

    def _loop(self, loop: Loop, local: Locals) -> Value:
        of = self.value(loop.of, local)
        if isinstance(of, Unknown):
            return of
        if isinstance(of, dict):
            pairs: list[tuple[Value, Value]] = [(key, of[key]) for key in sorted(of)]
        elif isinstance(of, list):
            pairs = list(enumerate(of))
        else:
            raise NotDecided
        items: list[Value] = []
        entries: dict[str, Value] = {}
        for pair in pairs:
            inner = {**local, **dict(zip(loop.names, pair[-len(loop.names) :], strict=True))}
            if loop.condition is not None:
                wanted = self.value(loop.condition, inner)
                if isinstance(wanted, Unknown):
                    return wanted
                if not as_truth(wanted):
                    continue
            value = self.value(loop.value, inner)
            if self._left < 0:
                return _TOO_MUCH
            if loop.key is None:
                items.append(value)
                continue
            key = self.text(loop.key, inner)
            if not isinstance(key, str) or loop.grouped:
                return key if isinstance(key, Unknown) else Unknown("it cannot be evaluated")
            entries[key] = value
        return items if loop.key is None else entries


_DEEPEST = 60
_TOO_MUCH = Unknown("the file takes too much work to evaluate")
_NAMES = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "%": "modulo",
    "<": "lessthan",
    ">": "greaterthan",
    "<=": "lessthanorequalto",
    ">=": "greaterthanorequalto",
}


def text_of(value: Value) -> str | Unknown:
    """Return a value that is not null as a text."""
    if isinstance(value, Unknown):
        return value
    try:
        return as_text(value)
    except NotDecided:
        return Unknown("it is no text")


def _logic(operator: str, first: Value, second: Value) -> Value:
    decides = operator == "||"
    unknown: Unknown | None = None
    for operand in (first, second):
        if isinstance(operand, Unknown):
            unknown = unknown or operand
        elif as_truth(operand) is decides:
            return decides
    return unknown if unknown is not None else not decides
