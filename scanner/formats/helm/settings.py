"""What a user may say about the rendering of charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EngineChoice = Literal["auto", "library", "binary", "none"]
"""`auto` takes the library, else a `helm` on PATH, else none."""


@dataclass(frozen=True, slots=True)
class HelmSettings:
    """How every chart of a scan is rendered.

    `value_files` (paths below the scanned root) and `set_values` (`a.b=c`) go over a
    chart's own defaults, later ones win. `time_limit` is in seconds for each render,
    `memory_limit` in MiB for the helper process, `output_limit` in bytes for what one
    render may give. `kube_version` (`v1.29.0`) and `api_versions` (`batch/v1beta1`) are
    what `.Capabilities` answers; without them it is the engine's own built-in default.
    """

    engine: EngineChoice = "auto"
    release_name: str = "release-name"
    namespace: str = "default"
    value_files: tuple[str, ...] = ()
    set_values: tuple[str, ...] = ()
    kube_version: str | None = None
    api_versions: tuple[str, ...] = ()
    time_limit: float = 10.0
    memory_limit: int = 1024
    output_limit: int = 16 << 20
