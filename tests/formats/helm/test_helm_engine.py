"""The helper process: limits, restarts, isolation and its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanner.formats.helm.engine import Engine, Failure, Rendered, RenderJob, Variant, engine_for
from scanner.formats.helm.helper import HelperEngine
from scanner.formats.helm.settings import HelmSettings

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
NAME = "web/templates/a.yaml"


def render(
    engine: Engine, template: str, assignments: tuple[str, ...] = (), **options: object
) -> Rendered | Failure:
    settings = HelmSettings(**options)  # type: ignore[arg-type]
    (outcome,) = engine.render(
        RenderJob({"Chart.yaml": CHART, "templates/a.yaml": template}, settings),
        [Variant(assignments=assignments)],
    )
    return outcome


def works(engine: Engine) -> bool:
    return render(engine, "a: 1\n") == Rendered({NAME: "a: 1\n"})


def test_each_variant_is_rendered(engine: Engine) -> None:
    job = RenderJob({"Chart.yaml": CHART, "templates/a.yaml": "a: 1"}, HelmSettings())
    found = engine.render(
        job,
        [
            Variant(),
            Variant({"templates/a.yaml": "b: {{ fail `no` }}"}),
            Variant({"templates/a.yaml": "c: 3"}),
        ],
    )
    assert found[0] == Rendered({NAME: "a: 1"})
    assert isinstance(found[1], Failure)
    assert found[1].kind == "render"
    assert found[2] == Rendered({NAME: "c: 3"})


def test_names_versions_and_assignments_reach_the_templates(engine: Engine) -> None:
    template = (
        "{{ .Release.Name }} {{ .Release.Namespace }} {{ .Capabilities.KubeVersion.Version }} "
        '{{ .Capabilities.APIVersions.Has "x/v1" }} {{ .Values.a.b }}'
    )
    outcome = render(
        engine,
        template,
        release_name="shop",
        namespace="prod",
        kube_version="v1.27.0",
        api_versions=("x/v1",),
        assignments=("a.b=3",),
    )
    assert outcome == Rendered({NAME: "shop prod v1.27.0 true 3"})


def test_files_of_values_go_over_the_chart_and_later_ones_win(engine: Engine) -> None:
    files = {
        "Chart.yaml": CHART,
        "values.yaml": "a: 1\nb: {c: 1, d: 1}\n",
        "templates/a.yaml": "{{ toJson .Values }}",
    }
    job = RenderJob(files, HelmSettings())
    (outcome,) = engine.render(job, [Variant(values=("b: {c: 2}\n", "b: {e: 3}\na: 4\n"))])
    assert outcome == Rendered({NAME: '{"a":4,"b":{"c":2,"d":1,"e":3}}'})


def test_a_loop_without_end_is_stopped_at_its_limit_and_the_next_chart_renders(engine: Engine) -> None:
    endless = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
    assert render(engine, endless, time_limit=0.5) == Failure("time", "0.5 s")
    assert works(engine)


def test_a_loop_that_eats_memory_ends_the_helper_and_not_the_machine(engine: Engine) -> None:
    bomb = '{{ $x := repeat 1000000 "abcdefgh" }}{{ range until 3000 }}{{ $x }}{{ end }}'
    outcome = render(engine, bomb)
    assert isinstance(outcome, Failure)
    assert outcome.kind in ("memory", "time")
    assert works(engine)


def test_a_template_that_writes_100_megabytes_is_over_the_limit(engine: Engine) -> None:
    outcome = render(engine, '{{ $x := repeat 1000000 "abcde" }}{{ range until 20 }}{{ $x }}{{ end }}')
    assert isinstance(outcome, Failure)
    assert outcome.kind in ("output", "memory")
    assert works(engine)


def test_a_recursion_without_end_is_an_error_of_bounded_length(engine: Engine) -> None:
    outcome = render(engine, '{{ define "r" }}{{ include "r" . }}{{ end }}{{ include "r" . }}')
    assert isinstance(outcome, Failure)
    assert outcome.kind == "render"
    assert len(outcome.detail) < 5000


def test_templates_reach_no_environment_no_files_and_no_cluster(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = (
        '[{{ .Files.Get "/etc/passwd" }}][{{ .Files.Get "../../../../etc/passwd" }}]'
        '[{{ getHostByName "localhost" }}][{{ lookup "v1" "Secret" "a" "b" | toJson }}]'
    )
    assert render(engine, template) == Rendered({NAME: "[][][][{}]"})
    outcome = render(engine, '{{ env "HOME" }}')
    assert isinstance(outcome, Failure)


def test_the_engine_can_open_no_socket(engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        schema = f'{{"$ref": "http://127.0.0.1:{server.getsockname()[1]}/schema.json"}}'
        files = {"Chart.yaml": CHART, "templates/a.yaml": "a: 1", "values.schema.json": schema}
        (outcome,) = engine.render(RenderJob(files, HelmSettings()), [Variant()])
        assert isinstance(outcome, Failure)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.fixture
def own(engine: Engine) -> HelperEngine:
    assert isinstance(engine, HelperEngine)
    return HelperEngine(engine._library, 1024)


def test_a_helper_that_was_killed_is_replaced(own: HelperEngine) -> None:
    assert works(own)
    assert own._process is not None
    own._process.kill()
    own._process.wait()
    assert works(own)
    own.close()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")
def test_the_helper_gets_none_of_the_environment(own: HelperEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/secret")
    monkeypatch.setenv("HELM_C_LIB", "/tmp/evil.so")
    monkeypatch.setenv("PYTHONPATH", "/tmp/evil")
    assert works(own)
    assert own._process is not None
    names = {
        line.partition("=")[0] for line in Path(f"/proc/{own._process.pid}/environ").read_text().split("\0")
    }
    own.close()
    assert names - {""} == {"LC_ALL", "TZ", "GOMEMLIMIT", "GOTRACEBACK"}


def test_nothing_of_the_working_folder_is_imported(
    own: HelperEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("json.py", "helm_python.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('imported from the scanned folder')\n")
    monkeypatch.chdir(tmp_path)
    assert works(own)
    own.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_helper_ends_with_a_parent_that_was_killed() -> None:
    script = (
        "from scanner.formats.helm.engine import *\n"
        "from scanner.formats.helm.settings import HelmSettings\n"
        "import time\n"
        "e = engine_for('library', 1024)\n"
        f"e.render(RenderJob({{'Chart.yaml': {CHART!r}}}, HelmSettings()), [Variant()])\n"
        "print(e._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    helper = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _is_alive(helper):
        time.sleep(0.05)
    assert not _is_alive(helper)


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        try:
            os.kill(process, 0)
        except OSError:
            return False
        return not os.path.isdir("/proc/self")
    return state != "Z"


def test_no_engine_is_none() -> None:
    assert engine_for("none", 1024) is None


def test_importing_the_reader_loads_neither_the_engine_nor_subprocesses() -> None:
    script = (
        "import sys, scanner.formats.helm.reader\n"
        "print(*sorted({'helm_python', 'subprocess', 'multiprocessing', 'tarfile', 'ctypes'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_library_that_cannot_be_loaded_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "helm_python").mkdir()
    (tmp_path / "helm_python" / "__init__.py").write_text("raise OSError('no such library')\n")
    outcome = render(HelperEngine(str(tmp_path), 1024), "a: 1")
    assert outcome == Failure("engine", "OSError: no such library")


def test_a_helper_that_ends_at_once_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "helm_python").mkdir()
    (tmp_path / "helm_python" / "__init__.py").write_text("import os; os._exit(7)\n")
    outcome = render(HelperEngine(str(tmp_path), 1024), "a: 1")
    assert outcome == Failure("engine", "the engine ended with code 7")


def test_the_binary_is_taken_where_there_is_no_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "helm"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    engine_for.cache_clear()
    found = engine_for("binary", 1024)
    engine_for.cache_clear()
    assert type(found).__name__ == "BinaryEngine"
