"""The parent's side of the helper process: start, ask, time out, restart, end."""

from __future__ import annotations

import atexit
import base64
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import IO, Any

from scanner.formats.helm import worker
from scanner.formats.helm.engine import Failure, Rendered, RenderJob, Variant

_START_LIMIT = 120.0
"""Seconds that loading the library may take; a cold disk has 80 MB to read."""
_TICK = 0.05
"""Seconds by which a limit may be overrun."""
_KEPT = ("SYSTEMROOT", "TEMP", "TMP")
"""Variables without which Windows cannot start a process."""


class HelperEngine:
    """Helm's engine in one helper process, which is started when first needed.

    The process is killed and later replaced when a render exceeds its time or memory.
    It ends with this one: its input closes, it watches for its parent, and it gets no
    Ctrl-C of its own. After a fork the child starts its own.
    """

    def __init__(self, library: str, memory_limit: int) -> None:
        self._library = library
        self._memory_limit = memory_limit
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: _Watch | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def render(self, job: RenderJob, variants: Sequence[Variant]) -> list[Rendered | Failure]:
        """Render each variant; those after one that broke a limit fail with it."""
        request = _request(job, variants)
        with self._lock:
            try:
                process = self._started()
                _send(process.stdin, request)
            except (OSError, _Died) as error:
                self._kill()
                return [Failure("engine", str(error))] * len(variants)
            try:
                answers = list(self._answers(process, job, len(variants)))
            except BaseException:
                self._kill()  # an answer nobody waited for must not meet the next question
                raise
        return answers + [answers[-1]] * (len(variants) - len(answers))

    def close(self) -> None:
        """End the helper; a later render starts another."""
        with self._lock:
            self._kill()

    def _answers(
        self, process: subprocess.Popen[bytes], job: RenderJob, count: int
    ) -> Iterator[Rendered | Failure]:
        limit = job.settings.time_limit
        for _ in range(count):
            try:
                reply, timed_out = self._receive(process, limit)
            except _Died as error:
                self._kill()
                yield Failure("memory", str(error))
                return
            if timed_out:
                self._kill()
                yield Failure("time", f"{limit:g} s")
                return
            yield _answer(reply)

    def _started(self) -> subprocess.Popen[bytes]:
        process = self._process
        if process is not None and self._owner == os.getpid() and process.poll() is None:
            return process
        self._process = process = _start(self._library, self._memory_limit)
        self._owner = os.getpid()
        atexit.register(self._kill)
        self._watch = _Watch(process)
        greeting, timed_out = self._receive(process, _START_LIMIT)
        if timed_out or "ready" not in greeting:
            raise _Died(greeting.get("detail") or f"no answer within {_START_LIMIT:g} s")
        return process

    def _receive(self, process: subprocess.Popen[bytes], limit: float) -> tuple[dict[str, Any], bool]:
        """Read one message; (empty, True) when the limit passed and the process was killed."""
        watch = self._watch
        assert watch is not None
        assert process.stdout is not None
        watch.allow(limit)
        try:
            head = process.stdout.read(worker.LENGTH.size)
            body = process.stdout.read(worker.LENGTH.unpack(head)[0])
            return json.loads(body), False
        except (struct.error, ValueError, OSError) as error:
            if watch.has_killed:
                return {}, True
            raise _Died(f"the engine ended with code {process.wait()}") from error
        finally:
            watch.allow(None)

    def _kill(self) -> None:
        process, self._process = self._process, None
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        atexit.unregister(self._kill)
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                continue


class _Died(Exception):
    """The helper ended of itself."""


class _Watch:
    """Kills a process that does not answer in the time allowed, unless that is taken back.

    One thread for the life of the process: a timer for each answer would cost more than
    most answers do. It counts its own short waits and reads no clock: one that jumps, or a machine that
    slept, ends no rendering.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._left: int | None = None
        self._lock = threading.Lock()
        self.has_killed = False
        self._process = process
        self._stopped = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def allow(self, seconds: float | None) -> None:
        """Allow that many seconds from now; None allows any time."""
        with self._lock:
            self._left = None if seconds is None else max(round(seconds / _TICK), 1)

    def stop(self) -> None:
        """End the watch."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(_TICK):
            with self._lock:
                if self._left is None:
                    continue
                self._left -= 1
                if self._left >= 0:
                    continue
                self.has_killed = True
                self._process.kill()
                return


def _start(library: str, memory_limit: int) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment = {
        **kept,
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        # The garbage collector works harder before the hard limit is near.
        "GOMEMLIMIT": f"{memory_limit * 3 // 4}MiB",
        "GOTRACEBACK": "none",
    }
    # -I: no PYTHON* variables, no user site, and above all not the current folder, which
    # may be the scanned repository. -S: no .pth files either.
    command = [sys.executable, "-I", "-S", os.path.abspath(worker.__file__), library, str(memory_limit)]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=os.path.abspath(os.sep),
        close_fds=True,
        start_new_session=True,
    )


def _request(job: RenderJob, variants: Sequence[Variant]) -> bytes:
    settings = job.settings
    options: dict[str, object] = {}
    if settings.kube_version:
        options["kube_version"] = settings.kube_version
    if settings.api_versions:
        options["api_versions"] = list(settings.api_versions)
    message = {
        "files": dict(job.files),
        "binary": {path: base64.b64encode(content).decode() for path, content in job.binary.items()},
        "variants": [
            {
                "files": dict(variant.files),
                "values": variant.values,
                "set": variant.assignments,
                "over": dict(variant.over),
                "name": variant.release or settings.release_name,
                "namespace": variant.namespace or settings.namespace,
            }
            for variant in variants
        ],
        "options": options,
        "output_limit": settings.output_limit,
    }
    return json.dumps(message).encode()


def _send(pipe: IO[bytes] | None, body: bytes) -> None:
    assert pipe is not None
    pipe.write(worker.LENGTH.pack(len(body)))
    pipe.write(body)
    pipe.flush()


def _answer(reply: dict[str, Any]) -> Rendered | Failure:
    if "error" in reply:
        return Failure(str(reply["error"]), str(reply["detail"]))
    return Rendered(reply["files"])
