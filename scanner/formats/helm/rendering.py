"""A chart rendered once for its facts and once for where they came from."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename

from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.engine import Engine, Failure, Rendered, RenderJob
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
from scanner.model.report import Diagnostic

_MAX_LEFT_OUT = 8


@dataclass(slots=True)
class Rendering:
    """What came of rendering a chart.

    `texts` are by the engine's name, random values masked; None when nothing could be
    rendered. `alignments` are for those whose lines are proved. `left_out` are the
    templates (paths in the chart) that failed and without which the others rendered.
    """

    texts: dict[str, str] | None = None
    alignments: Mapping[str, Alignment] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def is_notes(path: str) -> bool:
    """Whether a template is the text that Helm shows after an installation."""
    return basename(path) == "NOTES.txt"


def render_chart(
    bundle: Bundle, engine: Engine, settings: HelmSettings, values: tuple[str, ...]
) -> Rendering:
    """Render a chart, with the texts of value files over its own values.

    A template that fails is a diagnostic, and the rest is rendered without it. All
    renderings together start within the time limit of one.
    """
    paths = sorted(set(bundle.templates.values()))
    fixed = {path: fix_clock(bundle.files[path]) for path in paths}
    job = RenderJob({**bundle.files, **fixed}, settings, bundle.binary, values)
    templates = read_templates(fixed, [path for path in paths if not is_notes(path)])
    tag = free_tag(list(bundle.files.values()))
    marking = mark_templates(templates, tag, block_defines(templates))
    has_chance = any(map(uses_chance, fixed.values()))
    variants: list[Mapping[str, str]] = [{}, marking.texts, *([{}] if has_chance else [])]
    rendering = Rendering()
    deadline = time.monotonic() + settings.time_limit
    while True:
        empty = dict.fromkeys(rendering.left_out, "")
        plain, marked, *again = engine.render(job, [{**variant, **empty} for variant in variants])
        if isinstance(plain, Rendered):
            break
        rendering.diagnostics.append(describe_failure(plain, bundle, settings))
        culprit = failing_template(plain, bundle)
        if (
            culprit is None
            or basename(culprit).startswith("_")
            or culprit in rendering.left_out
            or len(rendering.left_out) >= _MAX_LEFT_OUT
            or time.monotonic() > deadline
        ):
            return rendering
        rendering.left_out.append(culprit)
    rendering.texts, unstable = _stable(plain, again, bundle, rendering)

    def render(more: Sequence[Mapping[str, str]]) -> list[Mapping[str, str] | None]:
        if not more or time.monotonic() > deadline:
            return [None] * len(more)
        return [_files(one) for one in engine.render(job, [{**variant, **empty} for variant in more])]

    traced = {name: text for name, text in rendering.texts.items() if not is_notes(name)}
    rendering.alignments = trace(
        traced, templates, bundle.templates, render, (marking, _files(marked)), unstable
    )
    return rendering


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


__all__ = ["Rendering", "Template", "is_notes", "render_chart"]
