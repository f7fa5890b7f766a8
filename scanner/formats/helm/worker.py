"""The helper process that holds Helm's engine: charts in, rendered text out.

Started by `engine.py` as a script of its own, so it imports nothing of the scanner and
works in Python's isolated mode. Messages are JSON behind a length of four bytes. Charts
arrive as text and are handed to the engine as an archive in memory: once the library is
loaded, this process can open no file and no socket (`_seal`). Its end comes with the end
of its input, with the death of its parent, or from its parent's time limit.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import struct
import sys
import tarfile
import threading
import time
from typing import Any, BinaryIO

LENGTH = struct.Struct(">I")
_SLOTS = 64
_PROBE: dict[str, Any] = {
    "files": {"Chart.yaml": "apiVersion: v2\nname: probe\nversion: 1.0.0\n", "templates/a.yaml": "a: 1\n"},
}


def main(library: str, memory_limit: int) -> None:  # pragma: no cover - in the helper
    """Serve renders until the input ends; `library` is the folder that holds the package."""
    requests, replies = _own_pipes()
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    sys.path.append(library)
    try:
        import helm_python
        from helm_python import _native
    except Exception as error:
        _send(replies, {"error": "load", "detail": f"{type(error).__name__}: {error}"})
        return
    engine = (helm_python, _native)
    list(_render_variants(engine, {**_PROBE, "variants": [{}]}))
    _seal(memory_limit)
    _send(replies, {"ready": helm_python.helm_sdk_version()})
    while (request := _receive(requests)) is not None:
        for reply in _render_variants(engine, request):
            _send(replies, reply)


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:  # pragma: no cover - in the helper
    """Take the pipes away from descriptors 0 and 1, to which a library may write."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, replies


def _end_with_parent(parent: int) -> None:  # pragma: no cover - in the helper
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(0)


def _seal(memory_limit: int) -> None:  # pragma: no cover - in the helper
    """Give up what rendering does not need: new descriptors, files, core dumps, memory.

    RLIMIT_DATA and not RLIMIT_AS: the Go runtime reserves gigabytes of address space
    that it never touches, and only writable memory counts towards the former.
    """
    try:
        import resource
    except ImportError:
        return
    for name, value in (("DATA", memory_limit << 20), ("FSIZE", 0), ("CORE", 0), ("NOFILE", _SLOTS)):
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:
            try:
                resource.setrlimit(kind, (value, value))
            except (OSError, ValueError):
                continue
    try:
        while os.dup(0) < _SLOTS * 16:
            pass
    except OSError:
        return


def _receive(stream: BinaryIO) -> dict[str, Any] | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    body = stream.read(LENGTH.unpack(head)[0])
    request: dict[str, Any] = json.loads(body)
    return request


def _send(stream: BinaryIO, message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def _render_variants(engine: Any, request: dict[str, Any]) -> Any:
    """Render a chart once for each variant; it is loaded again when its files change, and
    each time when it has others below it: rendering takes those off that are switched off,
    and leaves values behind in the loaded chart."""
    helm, _ = engine
    own = request["files"]
    has_charts = any(path.startswith("charts/") for path in own) or any(
        "import-values" in own.get(path, "") for path in ("Chart.yaml", "requirements.yaml")
    )
    chart: Any = None
    loaded: object = None
    try:
        for variant in request["variants"]:
            files = variant.get("files") or {}
            if chart is None or files != loaded or has_charts:
                if chart is not None:
                    chart.close()
                    chart = None
                try:
                    chart, loaded = helm.Chart.load_archive(_archive(request, files)), files
                except helm.HelmError as error:
                    yield {"error": "load", "detail": _detail(error)}
                    continue
            yield _render(engine, chart, variant, request)
    finally:
        if chart is not None:
            chart.close()


def _render(engine: Any, chart: Any, variant: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    helm, native = engine
    names = {"name": variant.get("name", "release-name"), "namespace": variant.get("namespace", "default")}
    options = json.dumps({**(request.get("options") or {}), **names})
    try:
        merged = _merged_values(helm, variant)
    except helm.HelmError as error:
        return {"error": "values", "detail": _detail(error)}
    try:
        # The C interface takes kube_version and api_versions, the package's own method does not.
        text = native.call_string(
            "helm_render", chart._raw(), json.dumps(merged) if merged else None, options
        )
    except helm.HelmError as error:
        kinds = {"HelmRenderError": "render", "HelmValuesError": "values"}
        return {"error": kinds.get(type(error).__name__, "load"), "detail": _detail(error)}
    if len(text) > request.get("output_limit", 1 << 20):
        return {"error": "output", "detail": f"{len(text)} bytes"}
    return {"files": json.loads(text)}


def _detail(error: Any) -> str:
    detail = str(getattr(error, "detail", None) or error)
    # An endless recursion repeats itself; both ends of the text tell what happened.
    return detail if len(detail) <= 4000 else detail[:2000] + " ... " + detail[-2000:]


def _merged_values(helm: Any, variant: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for text in variant.get("values") or ():
        _merge(merged, helm.values_from_yaml(text))
    for assignment in variant.get("set") or ():
        _merge(merged, helm.parse_set_string(assignment))
    _merge(merged, variant.get("over") or {})
    return merged


def _merge(into: dict[str, Any], over: dict[str, Any]) -> None:
    for key, value in over.items():
        below = into.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            _merge(below, value)
        else:
            into[key] = value


def _archive(request: dict[str, Any], variant: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, text in request["files"].items():
            _add(archive, path, variant.get(path, text).encode("utf-8", "surrogatepass"))
        for path, coded in (request.get("binary") or {}).items():
            _add(archive, path, base64.b64decode(coded))
    return gzip.compress(packed.getvalue(), compresslevel=0, mtime=0)


def _add(archive: tarfile.TarFile, path: str, content: bytes) -> None:
    member = tarfile.TarInfo("chart/" + path)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


if __name__ == "__main__":  # pragma: no cover - in the helper
    main(sys.argv[1], int(sys.argv[2]))
