"""The targets of a Bake definition as builds of images (buildx, bake/bake.go)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from scanner.formats.bake.definition import Definition, Part, Target
from scanner.formats.bake.values import Locals, Written, text_of
from scanner.formats.compose.paths import is_inside, is_remote, join
from scanner.model.builds import ImageBuild
from scanner.model.resources import EnvVar, Fact, ResourceRef
from scanner.model.source import Located, Unknown
from scanner.parsing.hcl_tree import Expression, ListOf, MapOf, Template


class Place(NamedTuple):
    """Where a definition is used: the folder of its files, whether Bake finds them there by
    itself, and which files there are. `shared` are the services of a Compose file beside it,
    which Bake merges with the targets of the same names."""

    folder: str
    is_default: bool
    exists: Callable[[str], bool]
    shared: frozenset[str] = frozenset()


def read_targets(definition: Definition, place: Place) -> tuple[ImageBuild, ...]:
    """Return the images that are built: all targets but those that others only inherit from."""
    inheritance = _Inheritance(definition)
    resolved = {name: inheritance.resolve(name) for name in definition.targets}
    return tuple(
        _build(target, resolved[name], place)
        for name, target in definition.targets.items()
        if name in definition.grouped or name not in inheritance.inherited or "tags" in resolved[name].own
    )


class _Entry(NamedTuple):
    """A value that is written in a file: known as far as evaluating goes."""

    name: Located[str]
    value: Fact[str]


@dataclass(slots=True)
class _Resolved:
    """What a target says with what it inherits. `own` are the names of its own settings; `open`
    is why there may be more to it than the files say, `tags_open` why there may be more tags."""

    texts: dict[str, Fact[str]] = field(default_factory=dict)
    tags: tuple[Located[str | Unknown], ...] = ()
    args: dict[str, _Entry] = field(default_factory=dict)
    contexts: dict[str, _Entry] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    open: Located[Unknown] | None = None
    tags_open: Located[Unknown] | None = None

    def take(self, other: _Resolved) -> None:
        """Let what another target says win over what is here."""
        self.texts.update(other.texts)
        self.args.update(other.args)
        self.contexts.update(other.contexts)
        if other.tags:
            self.tags, self.tags_open = other.tags, None
        self.tags_open = other.tags_open or self.tags_open
        self.open = other.open or self.open


_TEXTS = ("context", "dockerfile", "dockerfile-inline", "target")
_DEEPEST = 30


class _Inheritance:
    """Brings together what targets say, each once; `inherited` are those that another one names."""

    def __init__(self, definition: Definition) -> None:
        self.inherited: set[str] = set()
        self._definition = definition
        self._done: dict[str, _Resolved] = {}
        self._open: set[str] = set()

    def resolve(self, name: str) -> _Resolved:
        """Return what a target says in its blocks, and before that in its parents, in order."""
        if name in self._done:
            return self._done[name]
        self._open.add(name)
        target = self._definition.targets[name]
        made = _Resolved()
        for part in target.parts:
            if "inherits" in part.settings:
                for parent in _texts(part.settings["inherits"], part, self._definition):
                    made.take(self._parent(parent))
        for part in target.parts:
            made.take(_own(part, self._definition))
        made.own = frozenset(key for part in target.parts for key in part.settings)
        if not made.own:
            reason = Unknown(f"another file may fill in the target '{name}', which is empty")
            made.tags_open = Located(reason, target.name.place, target.name.source)
        self._open.discard(name)
        self._done[name] = made
        return made

    def _parent(self, parent: Located[str | Unknown]) -> _Resolved:
        name = parent.value
        if isinstance(name, Unknown):
            return _elsewhere(parent, name)
        self.inherited.add(name)
        if name not in self._definition.targets:
            return _elsewhere(parent, Unknown(f"the target '{name}' is defined elsewhere"))
        if name in self._open or len(self._open) > _DEEPEST:
            return _elsewhere(parent, Unknown(f"the target '{name}' inherits from itself"))
        return self.resolve(name)


def _elsewhere(parent: Located[str | Unknown], reason: Unknown) -> _Resolved:
    at = Located(reason, parent.place, parent.source)
    return _Resolved(open=at, tags_open=at)


def _own(part: Part, definition: Definition) -> _Resolved:
    made = _Resolved()
    for name in _TEXTS:
        if name in part.settings:
            setting, source = part.settings[name]
            value = definition.evaluator.text(setting.value, part.local)
            if value is not None:
                made.texts[name] = Located(value, setting.value.span, source)
    if "tags" in part.settings:
        made.tags = tuple(
            tag for tag in _texts(part.settings["tags"], part, definition, _image_name) if tag.value != ""
        )
    for key, into in (("args", made.args), ("contexts", made.contexts)):
        if key in part.settings:
            into.update(_entries(part.settings[key], part, definition))
    return made


def _texts(
    written: Written,
    part: Part,
    definition: Definition,
    refine: Callable[[Expression, Definition, Locals], str | Unknown | None] | None = None,
) -> tuple[Located[str | Unknown], ...]:
    """The texts of a list, each at its own place where the list is written out."""
    setting, source = written
    evaluator = definition.evaluator
    if isinstance(setting.value, ListOf):
        found = []
        for item in setting.value.items:
            value = evaluator.text(item, part.local)
            if isinstance(value, Unknown) and refine is not None:
                value = refine(item, definition, part.local) or value
            if value is not None:
                found.append(Located(value, item.span, source))
        return tuple(found)
    values = evaluator.value(setting.value, part.local)
    if values is None:
        return ()
    if isinstance(values, Unknown) or not isinstance(values, list):
        values = [values]
    return tuple(Located(text_of(value), setting.value.span, source) for value in values if value is not None)


def _image_name(expression: Expression, definition: Definition, local: Locals) -> str | None:
    """The name of an image whose tag alone is not known; None where the name is not known either."""
    known = definition.evaluator.beginning(expression, local)
    name, colon, _ = known.rpartition(":")
    if not colon or not name or "/" in known[len(name) :] or not isinstance(expression, Template):
        return None
    behind = [part for part in expression.parts if isinstance(part, str)][1:]
    return None if any("/" in part for part in behind[-1:]) else name


def _entries(written: Written, part: Part, definition: Definition) -> dict[str, _Entry]:
    """The entries of a map; null takes none back, it leaves the value to the Dockerfile."""
    setting, source = written
    evaluator = definition.evaluator
    found: dict[str, _Entry] = {}
    if isinstance(setting.value, MapOf):
        for key, expression in setting.value.entries:
            name = evaluator.text(key, part.local)
            if not isinstance(name, str):
                continue
            value = evaluator.text(expression, part.local)
            fact = None if value is None else Located(value, expression.span, source)
            found[name] = _Entry(Located(name, key.span, source), fact)
        return found
    values = evaluator.value(setting.value, part.local)
    if not isinstance(values, dict):
        return {}
    at = setting.value.span
    for name, item in values.items():
        fact = None if item is None else Located(text_of(item), at, source)
        found[name] = _Entry(Located(name, at, source), fact)
    return found


def _build(target: Target, resolved: _Resolved, place: Place) -> ImageBuild:
    name = target.name
    context = _text(resolved, "context", ".", target, place)
    dockerfile = _text(resolved, "dockerfile", "Dockerfile", target, place)
    inline = resolved.texts.get("dockerfile-inline")
    written = context.value
    is_local = isinstance(written, Unknown) or not is_remote(written.removeprefix("cwd://"))
    if is_local:
        context, dockerfile = _paths(context, dockerfile, place)
    tags = resolved.tags
    if resolved.tags_open is not None:
        tags = (*tags, resolved.tags_open)
    return ImageBuild(
        ResourceRef("bake target", name.value),
        name,
        "bake",
        tags,
        context,
        None if inline is not None else dockerfile,
        resolved.texts.get("target"),
        tuple(EnvVar(one.name, one.value) for one in resolved.args.values() if one.value is not None),
        _contexts(resolved.contexts, target),
        inline,
        is_local,
    )


def _text(
    resolved: _Resolved, key: str, default: str, target: Target, place: Place
) -> Located[str | Unknown]:
    """A setting, or its default where nothing outside of these files may say otherwise."""
    written = resolved.texts.get(key)
    if written is not None:
        return written
    name = target.name
    if resolved.open is not None:
        return resolved.open
    if name.value in place.shared:
        why = Unknown(f"the Compose file beside it has a service '{name.value}' too")
        return Located(why, name.place, name.source)
    return name._replace(value=default)


def _paths(
    context: Located[str | Unknown], dockerfile: Located[str | Unknown], place: Place
) -> tuple[Located[str | Unknown], Located[str | Unknown]]:
    """Both as paths from the root. Bake starts them from the folder that it is called in: that
    of a file which it finds by itself, and of others the one where the Dockerfile is."""
    if isinstance(context.value, Unknown):
        return context, context
    written = context.value.removeprefix("cwd://")
    name = "Dockerfile" if isinstance(dockerfile.value, Unknown) else dockerfile.value
    candidates = dict.fromkeys(join(folder, written) for folder in (place.folder, ""))
    found = [folder for folder in candidates if is_inside(folder) and place.exists(join(folder, name))]
    own = next(iter(candidates))
    if len(found) == 1 or (place.is_default and own in found):
        own = own if own in found else found[0]
    elif not place.is_default and len(candidates) > 1:
        why = Unknown("the folder that Bake is called in decides")
        return Located(why, context.place, context.source), Located(why, dockerfile.place, dockerfile.source)
    if not isinstance(dockerfile.value, Unknown):
        dockerfile = dockerfile._replace(value=join(own, name))
    return context._replace(value=own), dockerfile


def _contexts(entries: dict[str, _Entry], target: Target) -> Fact[tuple[str, ...]]:
    if not entries:
        return None
    texts: list[str] = []
    last = target.name
    for name, entry in entries.items():
        if entry.value is None:
            continue
        last = entry.name
        if isinstance(entry.value.value, Unknown):
            return Located(entry.value.value, entry.value.place, entry.value.source)
        texts.append(f"{name}={entry.value.value}")
    return Located(tuple(texts), last.place, last.source)
