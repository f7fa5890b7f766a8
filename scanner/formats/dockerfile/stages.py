"""The stages of a Dockerfile as resources: base, user, environment, ports, health check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.formats.dockerfile.aftermath import with_aftermath
from scanner.formats.dockerfile.base_environment import environment_of
from scanner.formats.dockerfile.bases import implicit_stage, names_platform, stages_of_image, syntax_image
from scanner.formats.dockerfile.commands import CommandReader
from scanner.formats.dockerfile.given import GivenToBuild, context_image, named_context
from scanner.formats.dockerfile.instructions import Collected, InstructionReader
from scanner.formats.dockerfile.ports import exposed_ports
from scanner.formats.dockerfile.undeclared import undeclared_in_from
from scanner.formats.dockerfile.variables import Scope, global_scope
from scanner.formats.shared.images import image_reference
from scanner.model.resources import BuildStage, Dockerfile, EnvVar, Fact, ImageReference, Port, ResourceRef
from scanner.model.source import Located, Source, Span, Unknown
from scanner.model.stage_parts import BuildContext
from scanner.parsing.dockerfile_stages import Stage, split_stages
from scanner.parsing.dockerfile_tree import DockerfileTree, Instruction, Pair

MAX_PORTS = 1_000
"""More words of EXPOSE, and of VOLUME, than this in one stage are not looked at."""


def read_stages(
    tree: DockerfileTree,
    source: Source,
    name: str,
    context: BuildContext | None = None,
    build: GivenToBuild | None = None,
) -> Dockerfile:
    """Return the resource of a parsed Dockerfile that goes by `name`; `context` is what it is built from.

    With `build`, it is what that build makes of the file, and stages behind its target are not
    there. Instructions of a file without any FROM count as a stage, which no build has as its result.
    """
    before, stages = split_stages(tree)
    if build is not None and build.target is not None:
        stages = stages[: build.target + 1]
    outer = global_scope(before, tree.escape, None if build is None else build.args)
    has_from = bool(stages)
    if not has_from:
        stages = implicit_stage(before)
    contexts = {} if build is None else build.contexts
    in_image = stages_of_image(stages, outer, contexts)
    reading = _Reading(outer, source, name, context, has_from, in_image, len(stages) - 1, contexts)
    built = [_read_stage(stage, reading) for stage in stages]
    top = stages[0].origin.keyword_span if stages else Span(1, 1, 1, 2)
    arguments = tuple(
        _argument(pair, outer, source)
        for instruction in before
        if instruction.keyword == "ARG" and has_from
        for pair in instruction.pairs
    )
    return Dockerfile(
        ResourceRef("Dockerfile", name),
        Located(name, top, source),
        tuple(stage.resource for stage in built),
        arguments,
        syntax_image(tree, source),
    )


@dataclass(slots=True)
class _Reading:
    """What holds for every stage of a file; `earlier` and `indexes` grow as stages are read."""

    outer: Scope
    source: Source
    name: str
    context: BuildContext | None
    has_from: bool
    in_image: frozenset[int]
    last: int
    contexts: Mapping[str, str]
    earlier: dict[str, _Built] = field(default_factory=dict)
    indexes: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Built:
    """A stage that was read, and the scope at its end, which stages based on it inherit."""

    name: str | None
    resource: BuildStage
    scope: Scope
    commands: CommandReader
    collected: Collected


@dataclass(slots=True)
class _State:
    """What the instructions of a stage have set so far."""

    user: Fact[str] = None
    uid: Fact[int] = None
    healthcheck: Fact[str] = None
    env: list[EnvVar] = field(default_factory=list)
    args: list[EnvVar] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    volumes: list[Located[str | Unknown]] = field(default_factory=list)
    child_user: Fact[str] = None


def _read_stage(stage: Stage, reading: _Reading) -> _Built:
    outer, source = reading.outer, reading.source
    parent, base = _base(stage, reading)
    scope = Scope(
        outer.escape,
        given=outer.given,
        arguments=dict(parent.scope.arguments) if parent is not None else {},
        environment=dict(parent.scope.environment) if parent is not None else {},
        closed=parent.scope.closed if parent is not None else base is None or base.scratch,
        build=outer.build,
        unset=set(parent.scope.unset) if parent is not None else set(),
    )
    state = _State()
    origin = base
    if parent is not None:
        inherited = parent.resource
        state.user, state.uid = inherited.user, inherited.uid
        state.healthcheck = inherited.healthcheck
        state.volumes = list(inherited.volumes)
        if inherited.child_user is not None:
            state.user, state.uid = inherited.child_user, _uid(inherited.child_user)
        origin = inherited.origin
    commands = CommandReader(source) if parent is None else CommandReader(source, parent.commands.shell)
    known = None if origin is None else environment_of(origin)
    collected = Collected() if parent is None else parent.collected.child()
    if reading.has_from:
        collected.undeclared.extend(undeclared_in_from(stage, outer, source))
    reader = InstructionReader(stage, reading.indexes, known, reading.context, source, collected)
    for instruction in stage.instructions:
        reader.read(instruction, scope)
        _apply(instruction, state, scope, source)
        commands.take(instruction, scope)
    label = stage.name or str(stage.index)
    word = stage.name_word
    alias = None if word is None else Located(word.text, word.span, source)
    namesake = None if stage.name is None else reading.earlier.get(stage.name)
    platform = stage.platform
    resource = BuildStage(
        ResourceRef("Dockerfile", reading.name, container=label),
        Located(label, word.span if word is not None else stage.base.span, source),
        stage.index,
        stage.index == reading.last and reading.has_from,
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
        volumes=tuple(state.volumes),
        child_user=state.child_user,
        runs=tuple(commands.runs),
        commands=tuple(commands.commands),
        in_image=stage.index in reading.in_image,
        origin=origin,
        alias=alias,
        named_in=alias._replace(value=namesake.resource.name.location.span.line)  # type: ignore[arg-type]
        if alias is not None and namesake is not None
        else None,
        platform_text=None
        if platform is None or platform.value is None
        else Located(platform.value, platform.span, source),
        platform_named=platform is not None and names_platform(platform.value or "", stage.name),
        cmd=collected.cmd,
        entrypoint=collected.entrypoint,
        label_names=Located(tuple(collected.label_names), stage.base.span, source),
        labels=tuple(collected.labels),
        copies=with_aftermath(collected.copies, commands.commands),
        instructions=tuple(collected.instructions),
        workdirs=tuple(collected.workdirs),
        undeclared=tuple(collected.undeclared),
        credential_files=reader.credential_files([*state.env, *state.args]),
        image_env=tuple(state.env) if stage.index in reading.in_image else (),
        only_files=origin is not None
        and origin.scratch
        and collected.cmd is None
        and collected.entrypoint is None,
    )
    built = _Built(stage.name, resource, scope, commands, collected)
    if stage.name is not None:
        reading.earlier[stage.name] = built
        reading.indexes[stage.name] = stage.index
    return built


def _base(stage: Stage, reading: _Reading) -> tuple[_Built | None, ImageReference | None]:
    if not reading.has_from:
        return None, None
    value = reading.outer.value(stage.base)
    text = Located(value, stage.base.span, reading.source)
    if isinstance(value, str):
        named = named_context(value, reading.contexts)
        if named is not None:
            return None, context_image(named, reading.contexts[named], text)
        parent = reading.earlier.get(value.lower())
        if parent is not None:
            return parent, image_reference(text, stage=True)
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
            state.ports.extend(exposed_ports(word, scope, source))
    elif keyword == "ONBUILD" and instruction.nested is not None and instruction.nested.keyword == "USER":
        for word in instruction.nested.arguments[:1]:
            # A variable in it is that of the stage where it is triggered.
            value = Unknown("a variable of another stage decides") if "$" in word.text else word.text
            state.child_user = Located(value, word.span, source)
    elif keyword == "VOLUME":
        for word in instruction.arguments[: MAX_PORTS - len(state.volumes)]:
            state.volumes.append(Located(scope.value(word), word.span, source))


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
    name = pair.key.text
    if scope.build is not None and name in scope.build:
        place = Located(name, pair.key.span, source)
        return EnvVar(place, Located(scope.build[name], pair.key.span, source))
    return _variable(pair, scope, source)
