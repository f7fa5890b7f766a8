"""What resources of every format are made of: facts, names, image references, variables, ports."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias, TypeVar

from scanner.model.record import record
from scanner.model.source import Located, Unknown

T = TypeVar("T")

Fact: TypeAlias = Located[T | Unknown] | None
"""A field of a resource: absent (None), known, or unknown."""


class Format(StrEnum):
    """The language that a resource was written in; rules claim formats. `scan` is none: what a scan
    says of itself, whatever the files are."""

    DOCKERFILE = "dockerfile"
    COMPOSE = "compose"
    KUBERNETES = "kubernetes"
    HELM = "helm"
    SCAN = "scan"


class Role(StrEnum):
    """What a container of a workload is there for."""

    MAIN = "main"
    INIT = "init"
    SIDECAR = "sidecar"
    EPHEMERAL = "ephemeral"


class ResourceRef(NamedTuple):
    """How people name a resource.

    `kind` is the word of the format (Deployment, service, stage); `namespace` and
    `container` are None where they do not apply; `document` is the 0-based index of
    the YAML document in its file, None for other texts.
    """

    kind: str
    name: str
    namespace: str | None = None
    container: str | None = None
    document: int | None = None


class DecidedBy(NamedTuple):
    """Stands among a fact's `overridden` for a place that did not lose but decided: the
    definition of a variable (in an env file) whose value stands in the fact."""

    variable: str


@record
class ImageReference:
    """A reference to an image, as it is pulled or built on.

    `repository` has no registry and no tag; `registry` is `docker.io` where none is
    written. `error` says why the text is no reference (distribution reference
    grammar); the parts are then None, but for tag and digest where only the name of the
    registry is wrong. `stage` is true when the text names an earlier
    stage of the same Dockerfile, `scratch` when it is the empty base, and `built` when
    the project builds this image itself and the text only names the result. `original` is the
    text in the base where an overlay put another image in its place.
    """

    text: Located[str | Unknown]
    registry: Fact[str] = None
    repository: Fact[str] = None
    tag: Fact[str] = None
    digest: Fact[str] = None
    error: Fact[str] = None
    stage: bool = False
    scratch: bool = False
    built: bool = False
    pull_policy: Fact[str] = None
    original: Fact[str] = None


@record
class EnvVar:
    """A variable of a container's or a build's environment.

    `origin` says what gives the value: `literal`, `secret`, `config`, `field`,
    `inherited` (from where the command is run) or `file` (an env file). `value` is
    None when the variable has none in the files. `repeated` tells that the same list
    has the name before.
    """

    name: Located[str]
    value: Fact[str] = None
    origin: str = "literal"
    repeated: bool = False


@record
class Port:
    """A port of a container, and how it is published.

    `number` is the container's port, `published` the host's (None: not published, or
    chosen by the runtime). `host_ip` is None where none is written, which publishes on
    every address. Of a range, `number` and `published` are the first ports and
    `number_last` and `published_last` the last; these are None where there is no range. `claimed_by` is
    the workload of the project that has claimed the same port of the host before, and
    `claim` how sure that is: `certain`, `range` (the runtime may choose another) or
    `bare` (one of the two names no port of the host).
    """

    text: Located[str | Unknown]
    number: Fact[int] = None
    published: Fact[int] = None
    is_published: bool = False
    host_ip: Fact[str] = None
    protocol: Fact[str] = None
    name: Fact[str] = None
    number_last: Fact[int] = None
    published_last: Fact[int] = None
    claimed_by: Fact[str] = None
    claim: str = ""
