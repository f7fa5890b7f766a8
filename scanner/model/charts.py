"""What a Helm chart says of itself, and what renderings with all its sets of values showed."""

from __future__ import annotations

from scanner.model.basics import Fact, ResourceRef
from scanner.model.record import record
from scanner.model.source import Located


@record
class ChartDependency:
    """A chart that another one declares to need.

    `version` is the range that it asks for, as written. `locked_version` is the one that the
    lock file holds and `vendored_version` that of the copy in `charts/` (a folder or an
    archive); both are None where there is none. `digest` is that of the artifact in an OCI
    registry, where one is written. `is_local` tells of a dependency whose
    files are in the repository without having been fetched: by a path, or unpacked into
    `charts/` with no repository named.
    """

    name: Located[str]
    version: Fact[str] = None
    repository: Fact[str] = None
    alias: Fact[str] = None
    condition: Fact[str] = None
    locked_version: Fact[str] = None
    vendored_version: Fact[str] = None
    digest: Fact[str] = None
    is_local: bool = False


@record
class ChartTemplate:
    """A template that is there to write objects. `reached` tells whether it wrote one with any of
    the sets of values of the scan, and `reason` in words why not."""

    name: Located[str]
    reached: bool
    reason: str = ""


@record
class ChartValue:
    """A value that the chart ships in its values.yaml and that arrives in objects.

    `key` is its dotted path, `name` the last part of it. `targets` are the names under which it
    arrives: of variables, of entries of a Secret.
    """

    name: Located[str]
    key: str
    value: Fact[str]
    targets: Located[tuple[str, ...]]


@record
class FixedSetting:
    """Settings of one container or object that no value of the chart changes: `settings` are the
    ids of the rules that found something wrong with them, the worst first, `name` is the object's."""

    name: Located[str]
    kind: str
    settings: Located[tuple[str, ...]]


@record
class DefaultGap:
    """What the chart's default values leave open and other values of the scan close.

    `name` is the values key, or the rule's id where no key is known; `resource` the object
    concerned (the first of `count`), `rule` and `severity` those of the finding, and
    `environments` the sets of values with which it is gone.
    """

    name: Located[str]
    resource: str
    rule: str
    severity: str
    environments: Located[tuple[str, ...]]
    count: int = 1


DERIVED_KINDS = frozenset(("fixed_setting", "default_gap"))
"""Kinds whose resources are made from the findings of other rules."""


@record
class Chart:
    """A chart, once for all sets of values. `type` is `application` where none is written;
    `is_rendered` is false where nothing could say what its templates write."""

    ref: ResourceRef
    name: Located[str]
    version: Fact[str] = None
    app_version: Fact[str] = None
    kube_version: Fact[str] = None
    type: Fact[str] = None
    deprecated: Fact[bool] = None
    has_lock: bool = False
    is_rendered: bool = False
    dependencies: tuple[ChartDependency, ...] = ()
    templates: tuple[ChartTemplate, ...] = ()
    shipped_values: tuple[ChartValue, ...] = ()
    fixed_settings: tuple[FixedSetting, ...] = ()
    default_gaps: tuple[DefaultGap, ...] = ()
