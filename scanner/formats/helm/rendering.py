"""A chart rendered for every set of values: for its facts and for where they came from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from posixpath import basename

from scanner.formats.helm.api_versions import Absence, served_versions
from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.engine import Engine, Failure, Rendered, RenderJob, Variant
from scanner.formats.helm.failures import describe_failure, failing_template
from scanner.formats.helm.markers import (
    Alignment,
    Template,
    block_defines,
    free_tag,
    mark_templates,
    read_templates,
    trace,
)
from scanner.formats.helm.masking import fix_clock, mask_chance, uses_chance
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.helm.value_sets import DEFAULT_SET, ValueSet
from scanner.model.report import Diagnostic

_MAX_LEFT_OUT = 32
"""Templates of a set that may fail before the set is given up; each costs a rendering of the rest."""
_MAX_KILLS = 2
"""Renderings of a chart that may break a limit before its remaining sets are given up."""


@dataclass(slots=True)
class Rendering:
    """What came of rendering a chart with a set of values.

    `texts` are by the engine's name, random values masked; None when nothing could be
    rendered. `alignments` are for those whose lines are proved. `left_out` are the
    templates (paths in the chart) that failed and without which the others rendered.
    """

    values: ValueSet = DEFAULT_SET
    texts: dict[str, str] | None = None
    alignments: Mapping[str, Alignment] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def is_notes(path: str) -> bool:
    """Whether a template is the text that Helm shows after an installation."""
    return basename(path) == "NOTES.txt"


class Renderer:
    """Renders one chart, whose templates it takes apart once."""

    def __init__(self, bundle: Bundle, engine: Engine, settings: HelmSettings) -> None:
        self.bundle = bundle
        self._engine = engine
        served = served_versions(settings.kube_version)
        absence = Absence(settings.kube_version, settings.api_versions)
        named = tuple(dict.fromkeys((*served, *settings.api_versions)))
        settings = self._settings = replace(settings, api_versions=named)
        paths = sorted(set(bundle.templates.values()))
        self._fixed = {path: absence.answer(fix_clock(bundle.files[path])) for path in paths}
        self._job = RenderJob({**bundle.files, **self._fixed}, settings, bundle.binary)
        self._kills = 0
        self.has_broken = False
        self.templates = read_templates(self._fixed, [path for path in paths if not is_notes(path)])
        tag = free_tag(list(bundle.files.values()))
        self._marking = mark_templates(self.templates, tag, block_defines(self.templates))
        self._has_chance = any(map(uses_chance, self._fixed.values()))

    @property
    def cannot_try(self) -> bool:
        """Whether `try_values` will not do: it is turned off, or a limit was broken."""
        return self.has_broken or self._settings.trials <= 0

    def render_sets(self, sets: Sequence[ValueSet]) -> list[Rendering]:
        """Render the chart for each set of values, all in one request where none fails.

        A template that fails is a diagnostic, and the rest is rendered without it, until too many
        have failed. A set that breaks a limit fails, and those after it are rendered anew, until the
        chart has broken limits a few times.
        """
        renderings = [Rendering(one) for one in sets]
        pending = renderings
        while pending:
            pending = self._render_round(pending)
        return renderings

    def size_of(self, only: Collection[str]) -> int:
        """Return how many bytes the engine reads in `try_values` with these templates."""
        kept = (text for path, text in self._fixed.items() if not self._is_blank(path, text, only))
        values = (text for path, text in self.bundle.files.items() if basename(path) == "values.yaml")
        return sum(map(len, kept)) + sum(map(len, values))

    def try_values(
        self, rendering: Rendering, overs: Sequence[Mapping[str, object]], only: Collection[str]
    ) -> list[Mapping[str, str] | None]:
        """Render some templates (paths in the chart) of a set once more for each map of values
        to put on top; None where that fails. When a limit is broken, all are None from then
        on, and `has_broken` is true."""
        if self.has_broken:
            return [None] * len(overs)
        blank = {path: "" for path, text in self._fixed.items() if self._is_blank(path, text, only)}
        variants = [_variant(rendering, blank, over) for over in overs]
        outcomes = self._engine.render(self._job, variants)
        self.has_broken = any(map(_broke_limit, outcomes))
        return [_files(one) for one in outcomes]

    @staticmethod
    def _is_blank(path: str, text: str, only: Collection[str]) -> bool:
        """Whether a template is left out of a trial: it is not asked for, and names none that others use."""
        return path not in only and not basename(path).startswith("_") and "define" not in text

    def _render_round(self, pending: list[Rendering]) -> list[Rendering]:
        """Render some sets; return those that have to be rendered again."""
        marked = self._marking.texts
        kinds: list[Mapping[str, str]] = [{}, *([{}] if self._has_chance else []), marked]
        variants = [_variant(one, files) for files in kinds for one in pending]
        outcomes = self._engine.render(self._job, variants)
        count = len(pending)
        killed = next((n for n, one in enumerate(outcomes) if _broke_limit(one)), len(outcomes))
        self._kills += killed < len(outcomes)
        again: list[Rendering] = []
        for number, rendering in enumerate(pending):
            plain, *more = outcomes[number::count]
            if isinstance(plain, Failure):
                is_bystander = number > killed and self._kills < _MAX_KILLS
                if is_bystander or self._can_go_on(plain, rendering):
                    again.append(rendering)
                continue
            self._finish(rendering, plain, more)
        return again

    def _can_go_on(self, failure: Failure, rendering: Rendering) -> bool:
        """Note a failure; true when the set may render without the template that failed."""
        rendering.diagnostics.append(describe_failure(failure, self.bundle, self._settings, rendering.values))
        culprit = failing_template(failure, self.bundle)
        if culprit is None or basename(culprit).startswith("_") or culprit in rendering.left_out:
            return False
        if len(rendering.left_out) >= _MAX_LEFT_OUT:
            told = f"more than {_MAX_LEFT_OUT} templates do not render; no others are tried"
            rendering.diagnostics.append(Diagnostic(self.bundle.chart.path, None, None, "error", told))
            return False
        rendering.left_out.append(culprit)
        return True

    def _finish(self, rendering: Rendering, plain: Rendered, more: list[Rendered | Failure]) -> None:
        marked = more.pop()
        rendering.texts, unstable = _stable(plain, more, self.bundle, rendering)

        def render(texts: Sequence[Mapping[str, str]]) -> list[Mapping[str, str] | None]:
            if not texts or self._kills >= _MAX_KILLS:
                return [None] * len(texts)
            variants = [_variant(rendering, one) for one in texts]
            outcomes = self._engine.render(self._job, variants)
            self._kills += any(map(_broke_limit, outcomes))
            return [_files(one) for one in outcomes]

        traced = {name: text for name, text in rendering.texts.items() if not is_notes(name)}
        rendering.alignments = trace(
            traced, self.templates, self.bundle.templates, render, (self._marking, _files(marked)), unstable
        )


def _variant(
    rendering: Rendering, files: Mapping[str, str], over: Mapping[str, object] | None = None
) -> Variant:
    values = rendering.values
    empty = dict.fromkeys(rendering.left_out, "")
    texts = tuple(layer.text for layer in values.layers)
    return Variant(
        {**files, **empty}, texts, values.assignments, over or {}, values.release, values.namespace
    )


def _broke_limit(outcome: Rendered | Failure) -> bool:
    return isinstance(outcome, Failure) and outcome.kind in ("time", "memory")


def _files(outcome: Rendered | Failure) -> Mapping[str, str] | None:
    return outcome.files if isinstance(outcome, Rendered) else None


def _stable(
    plain: Rendered, again: Sequence[Rendered | Failure], bundle: Bundle, rendering: Rendering
) -> tuple[dict[str, str], dict[str, frozenset[int]]]:
    """Return the texts without random values, and the lines that had them."""
    other = _files(again[0]) if again else None
    texts: dict[str, str] = {}
    unstable: dict[str, frozenset[int]] = {}
    for name, text in plain.files.items():
        masked = mask_chance(text, text if other is None else other.get(name, ""))
        if masked is None:
            path = bundle.templates.get(name)
            message = "the template gives another number of lines each time; two reports of it may differ"
            place = bundle.origins[path].path if path else bundle.chart.path
            rendering.diagnostics.append(Diagnostic(place, None, None, "warning", message))
            texts[name] = text
            continue
        texts[name] = masked.text
        if masked.lines:
            unstable[name] = masked.lines
    return texts, unstable


__all__ = ["Renderer", "Rendering", "Template", "is_notes"]
