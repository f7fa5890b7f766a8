"""From the text of a Dockerfile to a reading of it."""

from __future__ import annotations

import posixpath

from scanner.errors import InputError, ParseError
from scanner.formats.base import Files, Reading
from scanner.formats.dockerfile.build_context import context_of
from scanner.formats.dockerfile.certainty import is_certain, not_read
from scanner.formats.dockerfile.credentials import read_credentials
from scanner.formats.dockerfile.stages import read_stages
from scanner.model.report import Coverage, Diagnostic, Status
from scanner.model.resources import Dockerfile, Format, UnitResources
from scanner.model.source import Source, SpanSource
from scanner.model.stage_parts import BuildContext
from scanner.parsing.dockerfile import parse_dockerfile


def read_dockerfile(path: str, files: Files, folder: str | None = None) -> Reading:
    """Read one Dockerfile; a wrong instruction is a diagnostic and costs itself alone. `folder` is
    what it is built from, where that is known."""
    try:
        text = files.text(path)
    except InputError as error:
        message = f"{error.message}; {error.hint}" if error.hint else error.message
        found = Diagnostic(path, error.line, error.column, "error", message)
        return Reading(None, (Coverage(path, "dockerfile", Status.FAILED, error.message),), (found,))
    context = context_of(path, files, folder)
    tree, source = parse_dockerfile(text), SpanSource(path)
    dockerfile, errors = read_stages(tree, source, display_name(path), context), tree.errors
    diagnostics = tuple(
        Diagnostic(path, error.line, error.column, "error", _message(error)) for error in errors
    )
    if not dockerfile.stages:
        reason = errors[0].message if errors else "no stage"
        return Reading(None, (Coverage(path, "dockerfile", Status.FAILED, reason),), diagnostics)
    status, why = Status.EVALUATED, not_read(dockerfile)
    if errors:
        status, why = Status.PARTIAL, f"line {errors[0].line}: {errors[0].message}"
    resources = UnitResources(
        Format.DOCKERFILE,
        dockerfiles=(dockerfile,),
        certain=is_certain(dockerfile),
        credentials=read_credentials(tree, source, dockerfile),
    )
    return Reading(resources, (Coverage(path, "dockerfile", status, why),), diagnostics)


def dockerfile_of(
    text: str, source: Source, name: str, context: BuildContext | None = None
) -> tuple[Dockerfile, tuple[ParseError, ...]]:
    """Return the resource of a Dockerfile's text, and what BuildKit would refuse in it.

    `source` locates spans of `text`; it may shift them, for a text inside of another file.
    """
    tree = parse_dockerfile(text)
    return read_stages(tree, source, name, context), tree.errors


def display_name(path: str) -> str:
    """Return what people call a Dockerfile: its folder, with the file's name if it is unusual.

    It is part of a finding's identity, so it says nothing that moving the folder changes.
    """
    folder, name = posixpath.split(path)
    parent = posixpath.basename(folder)
    if name in ("Dockerfile", "Containerfile"):
        return parent or name
    return f"{parent}/{name}" if parent else name


def _message(error: ParseError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message
