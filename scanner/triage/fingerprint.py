"""The identity of a finding across scans, edits of its surroundings and moves of its file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Protocol

from scanner.model.source import Span

_SIZE = 16
_SEPARATOR = "\x1f"


class Identified(Protocol):
    """A finding, or one as it may be shown. What is shown should be told apart by what is shown: a
    fingerprint of a secret's value would let people try values out."""

    @property
    def rule(self) -> str:
        """The id of the rule."""

    @property
    def message(self) -> str:
        """What is wrong; no part of the identity."""

    @property
    def location(self) -> tuple[str, Span]:
        """The path and the span; no part of the identity."""

    @property
    def resource(self) -> tuple[str, str, str | None, str | None, int | None]:
        """Kind, name, namespace, container and document."""

    @property
    def field(self) -> str:
        """What the rule points at."""

    @property
    def item(self) -> str:
        """What tells items of one list apart."""


def fingerprints(findings: Sequence[Identified], wanted: Collection[int] | None = None) -> tuple[str, ...]:
    """Return a fingerprint for each finding, in their order, no two the same.

    It is made from the rule, the resource, the field and the item: never from a message,
    a place or a clock. Findings that agree in all of these are numbered by path, line and
    column, so that the set of fingerprints of a scan does not depend on the order given.
    Give all findings of a scan at once, those that triage takes out included; `wanted`
    are the indexes of those whose fingerprint is needed, the others get an empty text.
    """
    identities = [_identity(finding) for finding in findings]
    order = sorted(range(len(findings)), key=lambda index: _place(findings[index]))
    seen: dict[str, int] = {}
    values = [""] * len(findings)
    for index in order:
        identity = identities[index]
        ordinal = seen.get(identity, 0)
        seen[identity] = ordinal + 1
        if wanted is None or index in wanted:
            text = f"{identity}{_SEPARATOR}{ordinal}" if ordinal else identity
            values[index] = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).hexdigest()
    return tuple(values)


def _identity(finding: Identified) -> str:
    kind, name, namespace, container, _document = finding.resource
    return joined((finding.rule, kind, namespace or "", name, container or "", finding.field, finding.item))


def joined(parts: Sequence[str]) -> str:
    """Return one text for the parts of an identity, another for any other parts."""
    text = _SEPARATOR.join(parts)
    if "\\" not in text and text.count(_SEPARATOR) == len(parts) - 1:
        return text
    # The name of a resource comes from a scanned file: a separator in it must not let one
    # finding take the identity of another.
    return _SEPARATOR.join(part.replace("\\", "\\\\").replace(_SEPARATOR, "\\s") for part in parts)


def _place(finding: Identified) -> tuple[str, int, int, str]:
    path, span = finding.location
    return path, span.line, span.column, finding.message
