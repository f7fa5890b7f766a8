"""What a failed rendering means: a message for people and the template's place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scanner.formats.helm.bundle import Bundle
from scanner.formats.helm.engine import Failure
from scanner.formats.helm.settings import HelmSettings
from scanner.model.report import Diagnostic

_LONGEST = 400


class _Named(NamedTuple):
    offset: int
    template: str
    line: int | None
    column: int | None


def failing_template(failure: Failure, bundle: Bundle) -> str | None:
    """Return the path in the chart of the template whose own rendering failed, if it is told.

    A named template that fails is told after the one that included it.
    """
    if failure.kind != "render":
        return None
    places = _places(failure.detail, bundle.templates)
    return places[0].template if places else None


def describe_failure(failure: Failure, bundle: Bundle, settings: HelmSettings) -> Diagnostic:
    """Say what went wrong, at the innermost place in the chart that the engine names."""
    places = _places(failure.detail, bundle.templates) if failure.kind in ("render", "load") else []
    path: str = bundle.chart.path
    line: int | None = None
    column: int | None = None
    if places:
        origin = bundle.origins[places[-1].template]
        path = origin.path
        if not origin.is_packed:
            line, column = places[-1].line, places[-1].column
    elif failure.kind == "values" and "values.yaml" in bundle.origins:
        path = bundle.origins["values.yaml"].path
    subject = "template" if places else "chart"
    return Diagnostic(path, line, column, "error", _message(failure, subject, settings))


def _message(failure: Failure, subject: str, settings: HelmSettings) -> str:
    match failure.kind:
        case "time":
            return f"rendering took longer than {failure.detail} and was stopped"
        case "memory":
            return (
                f"rendering broke the engine, most likely over its limit of {settings.memory_limit} MiB "
                f"({failure.detail})"
            )
        case "output":
            return f"rendering gave {failure.detail}, more than the limit of {settings.output_limit}"
        case "engine":
            return f"Helm's engine could not be started: {failure.detail}"
        case "values":
            return f"the values do not fit the chart: {_one_line(failure.detail)}"
        case _:
            return f"the {subject} does not render: {_one_line(_innermost(failure.detail))}"


def _innermost(detail: str) -> str:
    """Take the callers off: their places are told apart, and a recursion has thousands."""
    return detail.rpartition("error calling include: ")[2]


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def _places(detail: str, templates: Mapping[str, str]) -> list[_Named]:
    """Find each `<engine's name>:<line>[:<column>]`, in order of appearance."""
    found: list[_Named] = []
    for name, template in templates.items():
        offset = detail.find(name)
        while offset >= 0:
            before, after = detail[offset - 1 : offset], detail[offset + len(name) :]
            if before in ("", " ", "(", "\n", '"') and after[:1] in (":", ")", '"', " "):
                line, column = _numbers(after)
                if line is not None:
                    found.append(_Named(offset, template, line, column))
            offset = detail.find(name, offset + 1)
    return sorted(found)


def _numbers(after: str) -> tuple[int | None, int | None]:
    parts = after.removeprefix(":").split(":", 2) if after.startswith(":") else []
    line = _leading_number(parts[0]) if parts else None
    column = _leading_number(parts[1]) if len(parts) > 1 and parts[0].isdigit() else None
    # text/template counts columns in bytes from 0.
    return line, None if column is None else column + 1


def _leading_number(text: str) -> int | None:
    digits = ""
    for character in text[:9]:
        if not ("0" <= character <= "9"):
            break
        digits += character
    return int(digits) if digits else None
