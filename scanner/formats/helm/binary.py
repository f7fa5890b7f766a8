"""Rendering by a `helm` binary, for machines that have one and not the library."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from scanner.files.scratch import make_folder, put, scratch_folder
from scanner.formats.helm.chart import describe_chart, keep_dependencies
from scanner.formats.helm.command import run_command
from scanner.formats.helm.engine import Failure, Rendered, RenderJob, Variant

_SOURCE = "# Source: "


class BinaryEngine:
    """Helm's engine as `helm template`, one process for each render.

    The binary is the user's own; nothing of the repository is run. It gets a copy of
    the chart in a temporary folder, fixed arguments, and an environment that names
    empty folders for its configuration, cache and plugins and no cluster. Unlike in
    the helper process, nothing stops it from opening files of its own accord; charts
    cannot ask for that, and schemas that would are left out before.
    """

    def __init__(self, binary: str) -> None:
        self._binary = binary

    def render(self, job: RenderJob, variants: Sequence[Variant]) -> list[Rendered | Failure]:
        """Render each variant in a process of its own."""
        try:
            with scratch_folder() as folder:
                return [self._render(job, variant, folder / str(n)) for n, variant in enumerate(variants)]
        except OSError as error:
            reason = error.strerror or str(error)
            return [Failure("engine", f"no temporary folder can be used: {reason}")] * len(variants)

    def close(self) -> None:
        """Nothing outlives a render."""

    def _render(self, job: RenderJob, variant: Variant, folder: Path) -> Rendered | Failure:
        chart = folder / "chart"
        for name, text in {**job.files, **_without_absent(job.files)}.items():
            put(chart, name, variant.files.get(name, text).encode("utf-8", "surrogatepass"))
        for name, content in job.binary.items():
            put(chart, name, content)
        command = [self._binary, *_arguments(job, variant, folder), "--"]
        command += [variant.release or job.settings.release_name, str(chart)]
        home = make_folder(folder, "home")
        environment = {name: str(home) for name in _HOMES}
        environment |= {
            "PATH": os.defpath,
            "KUBECONFIG": str(home / "none"),
            "HELM_PLUGINS": str(home / "none"),
        }
        try:
            ran = run_command(command, folder, environment, job.settings.time_limit)
        except TimeoutError as error:
            return Failure("time", str(error))
        except OSError as error:
            return Failure("engine", str(error))
        if ran.code != 0:
            return _failure(ran.err.decode("utf-8", "replace"))
        if len(ran.out) > job.settings.output_limit:
            return Failure("output", f"{len(ran.out)} bytes")
        return Rendered(split_output(ran.out.decode("utf-8", "replace")))


def _failure(text: str) -> Failure:
    detail = text.strip().removeprefix("Error: ").partition("\n\nUse --debug flag")[0]
    kind = "values" if detail.startswith("values don't meet the specifications") else "render"
    return Failure(kind, detail[-4000:])


def _without_absent(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files that declare dependencies, without those that are not there: the
    command refuses such a chart, where the library renders what there is."""
    present = set()
    for path, text in files.items():
        if path.startswith("charts/") and path.endswith("/Chart.yaml") and path.count("/") == 2:
            present.add(describe_chart(text, path).name)
    return {
        path: keep_dependencies(files[path], path, present)
        for path in ("Chart.yaml", "requirements.yaml")
        if path in files
    }


_HOMES = (
    "HOME",
    "HELM_CACHE_HOME",
    "HELM_CONFIG_HOME",
    "HELM_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
)


def _arguments(job: RenderJob, variant: Variant, folder: Path) -> list[str]:
    settings = job.settings
    arguments = ["template", "--namespace", variant.namespace or settings.namespace]
    if settings.kube_version:
        arguments += ["--kube-version", settings.kube_version]
    for version in settings.api_versions:
        arguments += ["--api-versions", version]
    for number, text in enumerate(variant.values):
        path = put(folder, f"values-{number}.yaml", text.encode())
        arguments += ["--values", str(path)]
    for assignment in variant.assignments:
        arguments += ["--set", assignment]
    for key, value in variant.over.items():
        arguments += ["--set-json", f"{key}={json.dumps(value)}"]
    return arguments


def split_output(text: str) -> dict[str, str]:
    """Return what `helm template` printed by template: each document names its own."""
    files: dict[str, str] = {}
    for document in text.removeprefix("---\n").split("\n---\n"):
        if document.startswith(_SOURCE):
            head, _, body = document.partition("\n")
            name = head.removeprefix(_SOURCE).strip()
            files[name] = f"{files[name]}\n---\n{body}" if name in files else body
    return files
