"""Which keys of the values may control a finding, and what to set them to to find out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from scanner.formats.helm.expressions import Key
from scanner.formats.helm.hardening import CONTAINER_ONLY, Setting, follows_relations, wanted_settings
from scanner.formats.helm.influence import Influence, Place
from scanner.formats.helm.markers import Template
from scanner.formats.helm.plain import Plain
from scanner.formats.helm.values_view import ValuesView
from scanner.model.rule import Rule

_MOST = 16
"""Trials for one finding."""
_MOST_NEAR = 8
_DIGEST = "sha256:" + "0123456789abcdef" * 4
_REGISTRY = "registry.example.org"
_CHANGED = "hullcheck-changed"
_IMAGES = frozenset(("image", "base_image"))
_WHOLE = frozenset(("workload", "container", "document"))
"""Kinds of resources whose findings may be about what is not there."""


class Trial(NamedTuple):
    """A key and a value to set it to.

    `field` is the field of a resource that it gives a safe value; it is empty for a mere
    change, where `counts_change` tells whether another text in the finding's place is
    proof enough.
    """

    key: Key
    value: Plain
    field: str = ""
    counts_change: bool = False

    @property
    def identity(self) -> tuple[Key, str]:
        """What makes two trials the same."""
        return self.key, repr(self.value)


class Plan(NamedTuple):
    """The trials for a finding, the likeliest first, and all keys that may have to do with it.

    It is hard-coded when neither its lines nor any that could give it what it lacks speak
    of the values, as far as that is known of the fields of its rule.
    """

    trials: tuple[Trial, ...]
    is_hard_coded: bool
    keys: frozenset[Key]


class Planner:
    """Plans trials for the findings of one rendered template (`path` in the chart)."""

    def __init__(
        self, path: str, influence: Influence, templates: Mapping[str, Template], view: ValuesView
    ) -> None:
        self._path = path
        self._influence = influence
        self._templates = templates
        self._view = view
        places = influence.own.keys() | influence.above.keys()
        self._written = {place: self._written_key(place) for place in places}
        heads = [place for place in influence.above if self._written[place] == "kind"]
        self._of_all = {key for place in heads for key in influence.above[place]}

    def plan(self, rule: Rule, lines: Sequence[Place]) -> Plan:
        """Plan for a finding of a rule that stands on some lines; none where they are not known."""
        settings = wanted_settings(rule)
        near = self._keys(self._influence.own, lines)
        # What switches a whole object off is no answer to what is wrong with it.
        above = [key for key in self._keys(self._influence.above, lines) if key not in self._of_all]
        trials = list(self._safe(settings, lines))
        is_known = bool(settings) or not _WHOLE.intersection(rule.applies_to)
        is_hard_coded = is_known and bool(lines) and not (near or above or trials or follows_relations(rule))
        is_elsewhere = bool(settings) and not any(self._is_written(one, lines) for one in settings.values())
        if _IMAGES.intersection(rule.applies_to):
            trials += self._images(near, prefers_digest="error" not in _texts(rule))
        is_name = is_elsewhere and all(self._written_key(place) in ("name", "") for place in lines)
        trials += [
            Trial(key, value, counts_change=not is_elsewhere)
            for key in ([] if is_name else near[:_MOST_NEAR])
            for value in self._changes(key, is_sensitive=rule.sensitive)
        ]
        trials += [
            Trial(key, value)
            for key in above[:_MOST_NEAR]
            if key not in near
            for value in self._switched(key)
        ]
        trials = [trial for trial in trials if self._view.get(trial.key) != trial.value]
        if follows_relations(rule) and not settings and _WHOLE.intersection(rule.applies_to):
            trials = []  # one template alone cannot show what becomes of it: other objects decide
        distinct = {trial.identity: trial for trial in reversed(trials)}
        kept = [trial for trial in trials if distinct.get(trial.identity) is trial]
        keys = frozenset((*near, *above, *(trial.key for trial in trials)))
        return Plan(tuple(kept[:_MOST]), is_hard_coded, keys)

    def _keys(self, found: Mapping[Place, Mapping[Key, None]], lines: Sequence[Place]) -> list[Key]:
        keys = dict.fromkeys(key for place in lines for key in found.get(place, ()))
        return [concrete for key in keys for concrete in self._view.expand(key)]

    def _is_written(self, setting: Setting, lines: Sequence[Place]) -> bool:
        """Whether one of the lines writes the field itself."""
        return any(self._written_key(place) in setting.path for place in lines)

    def _written_key(self, place: Place) -> str:
        template = self._templates.get(place[0])
        if template is None:
            return ""
        own = template.lines[place[1] - 1]
        name, colon, _ = own.literal.strip().removeprefix("- ").partition(":")
        if colon:
            return name
        if not own.has_writing_action:
            return ""
        for line in template.lines[max(place[1] - 5, 0) : place[1] - 1][::-1]:
            literal = line.literal.strip().removeprefix("- ")
            if literal:
                return literal[:-1] if literal.endswith(":") else ""
        return ""

    def _safe(self, settings: Mapping[str, Setting], lines: Sequence[Place]) -> Iterator[Trial]:
        """Trials that give a field a safe value, those of the nearest keys first."""
        files = {place[0] for place in lines} | {self._path}
        for field, setting in settings.items():
            ranked: list[tuple[int, int, Key]] = []
            for place, keys in self._influence.own.items():
                if place[0] not in files:
                    continue
                distance = self._distance(place, lines)
                under = self._written[place]
                for number, key in enumerate(keys):
                    target = self._target(key, setting, under)
                    if target is not None:
                        is_pods = field in CONTAINER_ONLY and "pod" in key[-1].lower()
                        ranked.append((distance + 5000 * is_pods, number, target))
            for _, _, target in sorted(ranked):
                yield Trial(target, setting.value, field)
            yield from self._switches(field, setting, lines)

    def _switches(self, field: str, setting: Setting, lines: Sequence[Place]) -> Iterator[Trial]:
        """Trials that switch on (or off) the lines that write a setting."""
        around = self._keys(self._influence.above, lines)
        for place, keys in self._influence.above.items():
            if place[0] == self._path and self._written[place] in setting.path[-2:]:
                for key in list(keys)[:2]:
                    held = self._view.get(key) if "*" not in key else None
                    if isinstance(held, bool) and key not in around:
                        yield Trial(key, not held, field)

    def _distance(self, place: Place, lines: Sequence[Place]) -> int:
        """How far a line is from the finding's; what stands before it is further away."""
        steps = [place[1] - line for path, line in lines if path == place[0]]
        if not steps:
            return 1000
        return min(step if step >= 0 else 200 - step for step in steps)

    def _target(self, key: Key, setting: Setting, under: str) -> Key | None:
        """The key in which a setting would stand if this one holds a part of its path."""
        if "*" in key:
            return None
        last = _plain_name(key[-1])
        for depth in range(len(setting.path) - 1, -1, -1):
            name = _plain_name(setting.path[depth])
            if last == name or (last.endswith(name) and depth < len(setting.path) - 1):
                return self._below(key, setting.path[depth + 1 :])
        if under == setting.path[-1]:
            return key
        held = self._view.get(key) if under in setting.path else False
        if held is None or held == "" or isinstance(held, dict):
            return self._below(key, setting.path[setting.path.index(under) + 1 :])
        return None

    def _below(self, key: Key, rest: tuple[str, ...]) -> Key | None:
        held = self._view.get(key)
        if rest and not isinstance(held, (dict, list, type(None))) and held != "":
            return None
        return (*key, *rest)

    def _images(self, near: Sequence[Key], *, prefers_digest: bool) -> list[Trial]:
        """Trials with pinned images, by what the keys are called."""
        tags = [key for key in near if _plain_name(key[-1]).endswith(("tag", "version"))]
        digests = [key for key in near if _plain_name(key[-1]).endswith(("digest", "sha", "sha256"))]
        whole = [key for key in near if _plain_name(key[-1]).endswith(("image", "repository", "name"))]
        hosts = [key for key in near if _plain_name(key[-1]).endswith("registry")]
        found = [Trial(key, "1.2.3") for key in tags]
        pinned = [Trial(key, _DIGEST) for key in digests]
        found = [*pinned, *found] if prefers_digest else [*found, *pinned]
        found += [Trial(key, f"1.2.3@{_DIGEST}") for key in tags]
        found += [Trial(key, _REGISTRY) for key in hosts]
        for key in whole:
            held = self._view.get(key)
            if isinstance(held, str):
                name = held.partition("@")[0]
                head, _, last = name.rpartition("/")
                bare = f"{head}/{last.partition(':')[0]}" if head else last.partition(":")[0]
                found += [Trial(key, f"{bare}:1.2.3"), Trial(key, f"{bare}:1.2.3@{_DIGEST}")]
                found.append(Trial(key, f"{_REGISTRY}/{bare.rpartition('/')[2]}"))
        return found

    def _changes(self, key: Key, *, is_sensitive: bool) -> list[Plain]:
        """Other values of the type that a key holds."""
        held = self._view.get(key)
        match held:
            case bool():
                return [not held]
            case int() | float():
                return [held + 1]
            case str():
                return ["", _CHANGED] if is_sensitive and held else [_CHANGED]
            case list():
                return [[]] if held else []
            case dict():
                return [None] if held else []
            case _:
                return [_CHANGED]

    def _switched(self, key: Key) -> list[Plain]:
        """The value that turns a condition on a key round."""
        held = self._view.get(key)
        return [""] if isinstance(held, str) and held else self._changes(key, is_sensitive=False)


@cache
def _plain_name(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _texts(rule: Rule) -> frozenset[str]:
    from scanner.formats.helm.hardening import tested_fields

    return frozenset(tested_fields(rule))
