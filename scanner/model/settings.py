"""Credentials that a file holds elsewhere than where variables, Secrets and command lines are."""

from __future__ import annotations

from scanner.model.basics import ResourceRef
from scanner.model.record import record
from scanner.model.source import Located


@record
class WrittenCredential:
    """A credential that stands in a field of an object, or in a file that an object holds.

    `name` is the setting's (`application.properties: db.password` in a file); `value` is the
    credential alone, at its place. `kind` is field, config (a file or entry of a ConfigMap), file (one
    that a build writes) or values (of a chart, which no template uses); `owner` is the name of the
    object. `verdict` is private-key, known-token, address or literal.
    """

    ref: ResourceRef
    name: Located[str]
    value: Located[str]
    kind: str
    owner: str
    verdict: str
