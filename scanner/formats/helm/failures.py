"""What a failed rendering means: a message for people and the template's place."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from scanner.errors import ScannerError
from scanner.formats.helm.bundle import Bundle, values_root
from scanner.formats.helm.engine import Failure
from scanner.formats.helm.settings import HelmSettings
from scanner.formats.helm.value_sets import ValueSet
from scanner.model.report import Diagnostic
from scanner.parsing.yaml import MappingNode, Node, ScalarNode, SequenceNode, entries

_LONGEST = 400
_MASK = "***"
_SHORTEST = 4
_DEEPEST = 60
_SECRET = ("passw", "passphrase", "pwd", "secret", "token", "credential", "apikey", "accesskey", "privatekey")
_HARMLESS = ("name", "names", "ref", "file", "path", "url", "enabled", "create", "type", "namespace", "ttl")
_COMMON = frozenset(
    ("true", "false", "null", "none", "root", "user", "admin", "test", "default", "localhost")
)


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


def describe_failure(
    failure: Failure, bundle: Bundle, settings: HelmSettings, values: ValueSet | None = None
) -> Diagnostic:
    """Say what went wrong, at the innermost place in the chart that the engine names; without
    the values under keys of secrets, of the charts and of the set that was rendered."""
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
    if failure.kind in ("render", "load", "values"):
        failure = Failure(failure.kind, hide_texts(failure.detail, _secrets(bundle, values)))
    return Diagnostic(path, line, column, "error", _message(failure, subject, settings))


def secret_texts(root: Node | None) -> frozenset[str]:
    """Return the texts that stand under a key whose name says secret, at any depth."""
    return frozenset(_under_secrets(root, set(), is_inside=False, depth=0))


def hide_texts(message: str, texts: Collection[str]) -> str:
    """Return the message with `***` for each of the texts, also where it is encoded as base64."""
    forms = {form for text in texts for form in (text, b64encode(text.encode(errors="replace")).decode())}
    for form in sorted(forms, key=lambda one: (-len(one), one)):
        message = message.replace(form, _MASK)
    return message


def _secrets(bundle: Bundle, values: ValueSet | None) -> frozenset[str]:
    found: set[str] = set()
    for name, text in bundle.files.items():
        if name == "values.yaml" or name.endswith("/values.yaml"):
            try:
                found |= secret_texts(values_root(text, name))
            except ScannerError:
                continue
    if values is not None:
        for layer in values.layers:
            found |= secret_texts(layer.root)
        for assignment in values.assignments:
            key, _, value = assignment.partition("=")
            if _is_secret_key(key.rpartition(".")[2]):
                found.update(_shown_forms(value))
    return frozenset(found)


def _under_secrets(
    node: Node | None, seen: set[tuple[int, bool]], *, is_inside: bool, depth: int
) -> Iterator[str]:
    if node is None or depth > _DEEPEST or (id(node), is_inside) in seen:
        return
    seen.add((id(node), is_inside))  # an alias is the node itself
    if isinstance(node, MappingNode):
        for key, pair in entries(node).items():
            is_secret = _is_secret_key(key) or (is_inside and not _is_harmless(key))
            yield from _under_secrets(pair[1], seen, is_inside=is_secret, depth=depth + 1)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _under_secrets(item, seen, is_inside=is_inside, depth=depth + 1)
    elif is_inside and isinstance(node, ScalarNode):
        yield from _shown_forms(node.value)


def _shown_forms(value: str) -> Iterator[str]:
    """The value, its lines, and as Go quotes it."""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    for form in (value, quoted, *value.splitlines()):
        if len(form.strip()) >= _SHORTEST and form.strip().lower() not in _COMMON:
            yield form.strip()


def _is_secret_key(key: str) -> bool:
    lowered = key.lower().replace("_", "").replace("-", "")
    return any(word in lowered for word in _SECRET) and not _is_harmless(key)


def _is_harmless(key: str) -> bool:
    return key.lower().endswith(_HARMLESS)


def _message(failure: Failure, subject: str, settings: HelmSettings) -> str:
    match failure.kind:
        case "time":
            return f"time was up: rendering took longer than {failure.detail} and was stopped"
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
