"""The stages of a Dockerfile as resources: base, user, environment, ports, health check."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanner.formats.dockerfile.variables import Scope, global_scope
from scanner.formats.shared.images import image_reference
from scanner.model.resources import BuildStage, Dockerfile, EnvVar, Fact, ImageReference, Port, ResourceRef
from scanner.model.source import Located, Source, Span, Unknown
from scanner.parsing.dockerfile_stages import Stage, split_stages
from scanner.parsing.dockerfile_tree import DockerfileTree, Instruction, Pair, Word

MAX_PORTS = 1_000
"""More EXPOSE words than this in one stage are not looked at."""


def read_stages(tree: DockerfileTree, source: Source, name: str) -> Dockerfile:
    """Return the resource of a parsed Dockerfile that goes by `name`."""
    before, stages = split_stages(tree)
    outer = global_scope(before, tree.escape)
    built: list[_Built] = []
    for stage in stages:
        built.append(_read_stage(stage, built, outer, source, name, final=stage.index == len(stages) - 1))
    top = tree.instructions[0].span if tree.instructions else Span(1, 1, 1, 1)
    place = Span(top.line, top.column, top.line, top.column + 1) if not stages else stages[0].origin.keyword_span
    arguments = tuple(
        variable
        for instruction in before
        for pair in instruction.pairs
        if instruction.keyword == "ARG"
        for variable in [_argument(pair, outer, source)]
    )
    return Dockerfile(
        ResourceRef("Dockerfile", name),
        Located(name, place, source),
        tuple(stage.resource for stage in built),
        arguments,
    )


@dataclass(slots=True)
class _Built:
    """A stage that was read, and the scope at its end, which stages based on it inherit."""

    name: str | None
    resource: BuildStage
    scope: Scope


@dataclass(slots=True)
class _State:
    """What the instructions of a stage have set so far."""

    user: Fact[str] = None
    uid: Fact[int] = None
    healthcheck: Fact[str] = None
    env: list[EnvVar] = field(default_factory=list)
    args: list[EnvVar] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)


def _read_stage(
    stage: Stage, earlier: list[_Built], outer: Scope, source: Source, name: str, *, final: bool
) -> _Built:
    parent, base = _base(stage, earlier, outer, source)
    scope = Scope(
        outer.escape,
        given=outer.given,
        environment=dict(parent.scope.environment) if parent is not None else {},
        closed=parent.scope.closed if parent is not None else base.scratch,
    )
    state = _State()
    if parent is not None:
        inherited = parent.resource
        state.user, state.uid = inherited.user, inherited.uid
        state.healthcheck = inherited.healthcheck
    for instruction in stage.instructions:
        _apply(instruction, state, scope, source)
    label = stage.name or str(stage.index)
    place = stage.name_word.span if stage.name_word is not None else stage.base.span
    platform = stage.platform
    resource = BuildStage(
        ResourceRef("Dockerfile", name, container=label),
        Located(label, place, source),
        stage.index,
        final,
        base,
        platform=None
        if platform is None or platform.value is None
        else Located(outer.value(platform.value), platform.span, source),
        user=state.user,
        uid=state.uid,
        healthcheck=state.healthcheck,
        env=tuple(state.env),
        args=tuple(state.args),
        ports=tuple(state.ports),
    )
    return _Built(stage.name, resource, scope)


def _base(
    stage: Stage, earlier: list[_Built], outer: Scope, source: Source
) -> tuple[_Built | None, ImageReference]:
    value = outer.value(stage.base)
    text = Located(value, stage.base.span, source)
    if isinstance(value, str):
        for candidate in reversed(earlier):
            if candidate.name is not None and candidate.name == value.lower():
                return candidate, image_reference(text, stage=True)
        if value == "scratch":
            return None, image_reference(text, scratch=True)
    return None, image_reference(text)


def _apply(instruction: Instruction, state: _State, scope: Scope, source: Source) -> None:
    keyword = instruction.keyword
    if keyword == "ENV":
        for pair in instruction.pairs:
            state.env.append(_variable(pair, scope, source))
        scope.set(instruction.pairs)
    elif keyword == "ARG":
        for pair in instruction.pairs:
            state.args.append(_argument(pair, scope, source))
            scope.declare(pair)
    elif keyword == "USER" and instruction.arguments:
        word = instruction.arguments[0]
        state.user = Located(scope.value(word), word.span, source)
        state.uid = _uid(state.user)
    elif keyword == "HEALTHCHECK" and instruction.arguments:
        kind = instruction.arguments[0]
        state.healthcheck = Located(kind.text.upper(), kind.span, source)
    elif keyword == "EXPOSE":
        for word in instruction.arguments[: MAX_PORTS - len(state.ports)]:
            state.ports.append(_exposed(word, scope, source))


def _uid(user: Located[str | Unknown]) -> Fact[int]:
    """The number of a `user[:group]`; None for a name, which only the image can resolve."""
    if isinstance(user.value, Unknown):
        return user._replace(value=user.value)  # type: ignore[return-value]
    name = user.value.partition(":")[0]
    if name == "root":
        return Located(0, user.place, user.source)
    if name.isascii() and name.isdigit() and len(name) < 12:
        return Located(int(name), user.place, user.source)
    return None


def _variable(pair: Pair, scope: Scope, source: Source) -> EnvVar:
    name = Located(scope.expand(pair.key).text, pair.key.span, source)
    if pair.value is None:
        return EnvVar(name)
    # As far as the file tells it; a reference to what it does not tell stays as written.
    return EnvVar(name, Located(scope.expand(pair.value).text, pair.value.span, source))


def _argument(pair: Pair, scope: Scope, source: Source) -> EnvVar:
    return _variable(pair, scope, source)


def _exposed(word: Word, scope: Scope, source: Source) -> Port:
    text = scope.value(word)
    located: Located[str | Unknown] = Located(text, word.span, source)
    if isinstance(text, Unknown):
        return Port(located)
    digits, slash, protocol = text.partition("/")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else None
    return Port(
        located,
        None if number is None else Located(number, word.span, source),
        protocol=Located(protocol.lower(), word.span, source) if slash else None,
    )
