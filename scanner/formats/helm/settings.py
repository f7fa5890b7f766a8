"""What a user may say about the rendering of charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EngineChoice = Literal["auto", "library", "binary", "none"]
"""`auto` takes the library, else a `helm` on PATH, else none."""

SubchartChoice = Literal["report", "lower", "ignore"]
"""What becomes of findings in a subchart: as they are, a step less severe, or left out."""


@dataclass(frozen=True, slots=True)
class HelmSettings:
    """How every chart of a scan is rendered.

    `value_files` (paths below the scanned root) are the one set of values to render every
    chart with; without them it is its defaults, and every set that is found or stands in
    `environments`: a name with files, in a chart's folder or below the root, the last on
    top. `set_values` (`a.b=c`) go over all. `trials` is how many renderings may be spent on each
    chart to find the values that control its findings; 0 turns that off.

    `time_limit` is in seconds for each render, and ends only an engine that hangs: it is far above what
    charts need, for no report may depend on how fast or busy a machine is. `memory_limit` is in MiB
    for the helper process, `output_limit` in bytes for what one render may give. `kube_version`
    (`v1.29.0`) and `api_versions` (`batch/v1beta1`) are
    what `.Capabilities` answers, where the API versions that come with that version of
    Kubernetes need not be named; without a version it is the engine's own built-in default,
    and the API versions are those of the latest Kubernetes.
    `subcharts` says what becomes of findings in subcharts, by name or alias; `*` means all
    others that are vendored.
    """

    engine: EngineChoice = "auto"
    release_name: str = "release-name"
    namespace: str = "default"
    value_files: tuple[str, ...] = ()
    set_values: tuple[str, ...] = ()
    environments: tuple[tuple[str, tuple[str, ...]], ...] = ()
    trials: int = 480
    kube_version: str | None = None
    api_versions: tuple[str, ...] = ()
    subcharts: tuple[tuple[str, SubchartChoice], ...] = ()
    time_limit: float = 60.0
    memory_limit: int = 1024
    output_limit: int = 16 << 20
