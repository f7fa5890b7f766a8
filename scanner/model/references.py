"""Uses of secrets and configuration by name, for the graph to follow."""

from __future__ import annotations

from scanner.model.basics import Fact
from scanner.model.record import record
from scanner.model.source import Located, Unknown


@record
class EnvSource:
    """A whole Secret or ConfigMap (`origin`: secret, config) whose entries become variables."""

    name: Located[str | Unknown]
    origin: str
    prefix: Fact[str] = None


@record
class Reference:
    """A use of a Secret or ConfigMap, or of a Compose project's secret or config, by its name.

    `kind` is Secret, ConfigMap, secret or config. `via` is env, env-from, volume,
    projected, image-pull, mount, build, or the type of another volume that asks for a
    Secret (csi, azureFile). `key` is the entry that is asked for, None where it is all of
    them; `variable` the one that an entry becomes. An `optional` one may be missing.
    """

    kind: str
    name: Located[str | Unknown]
    via: str
    key: Fact[str] = None
    optional: Fact[bool] = None
    variable: str | None = None
