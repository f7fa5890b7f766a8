"""The files of a project that are resources themselves, and what is wrong in them."""

from __future__ import annotations

from scanner.model.basics import EnvVar, Fact, ResourceRef
from scanner.model.record import record
from scanner.model.source import Located


@record
class RemoteFile:
    """A file of a project that lies elsewhere: `address` names a repository or an artifact of
    a registry, `keyword` what asks for it (include, extends)."""

    address: Located[str]
    keyword: str


@record
class ProjectFile:
    """One file of a project; `version` is the one of its format that it says it has."""

    ref: ResourceRef
    name: Located[str]
    version: Fact[str] = None
    remotes: tuple[RemoteFile, ...] = ()


@record
class EnvFile:
    """A file of variables that a project's own files are filled in from, or (`variables` are then those
    of its services) that services are given."""

    ref: ResourceRef
    name: Located[str]
    variables: tuple[EnvVar, ...] = ()


@record
class InvalidPlace:
    """A place that the specification of the format does not allow, with what is wrong there; the
    `path` is dotted."""

    ref: ResourceRef
    path: str
    message: Located[str]
