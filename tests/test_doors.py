"""Who may touch the disk and start processes: the named modules, and nobody else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT

PACKAGE = ROOT / "scanner"

READS = {
    "open",
    "open_code",
    "fdopen",
    "FileIO",
    "read_text",
    "read_bytes",
    "readlink",
    "mmap",
    "loadtxt",
    "fromfile",
    "sendfile",
    "copy_file_range",
    "pread",
    "readv",
}
"""Names of functions and methods that read files, whoever's they are."""

WRITES = {
    "write_text",
    "write_bytes",
    "unlink",
    "rmdir",
    "removedirs",
    "mkdir",
    "makedirs",
    "mkfifo",
    "mknod",
    "symlink",
    "symlink_to",
    "hardlink_to",
    "touch",
    "chmod",
    "chown",
    "truncate",
    "ftruncate",
    "copyfile",
    "copytree",
    "rmtree",
    "renames",
    "tofile",
    "dump_stats",
}
LISTS = {"scandir", "listdir", "iterdir", "fwalk", "rglob", "glob", "iglob"}
RUNS = {
    "system",
    "popen",
    "Popen",
    "fork",
    "forkpty",
    "posix_spawn",
    "posix_spawnp",
    "startfile",
    "run_path",
    "run_module",
    *(f"exec{kind}" for kind in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
    *(f"spawn{kind}" for kind in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
}
ONLY_OF_OS = {
    "walk",
    "replace",
    "rename",
    "remove",
    "link",
    "read",
    "write",
    "dup",
    "dup2",
    "pipe",
    "sendfile",
}
"""Names that other things have too: meant is what `os` and `shutil` have of them."""

MODULES = {
    "bz2",
    "codecs.open",
    "compression",
    "concurrent",
    "ctypes",
    "dbm",
    "fileinput",
    "fcntl",
    "glob",
    "gzip",
    "importlib.resources",
    "linecache",
    "lzma",
    "mmap",
    "multiprocessing",
    "pkgutil",
    "posix",
    "pty",
    "runpy",
    "shelve",
    "shutil",
    "sqlite3",
    "subprocess",
    "tarfile",
    "tempfile",
    "tokenize",
    "zipfile",
    "zlib",
}
"""Modules that open files or start processes in ways of their own."""

INDIRECT = {"__import__", "getattr", "import_module", "globals", "vars", "methodcaller", "attrgetter"}
"""Ways to a name that stands in a text."""

ALLOWED: dict[str, dict[str, str]] = {
    "files/opening.py": {
        "open": "the one place where a file is opened for reading",
        "os.read": "reads what was opened there",
    },
    "files/border.py": {
        "scandir": "lists the files of a folder of rules",
        "open": "asks whether os.open knows folders; it opens nothing",
    },
    "files/named.py": {"scandir": "names for suggestions"},
    "files/writing.py": {
        "open": "the one place where a report is written",
        "os.write": "writes what was opened there",
        "os.dup": "/dev/stdout is a descriptor, not a file",
        "os.replace": "gives a whole report its name",
        "unlink": "removes what could not be written whole, and old reports of the action",
        "makedirs": "the folders of a report",
    },
    "files/scratch.py": {
        "tempfile": "temporary folders",
        "mkdir": "folders in these",
        "write_bytes": "files in these",
    },
    "discovery.py": {"scandir": "the walk: it lists, and opens nothing"},
    "cli/streams.py": {
        "open": "/dev/null, for standard streams that are closed",
        "os.dup2": "the same",
    },
    "formats/helm/archives.py": {
        "gzip": "unpacks a chart in memory, within bounds",
        "tarfile": "the same",
        "open": "tarfile.open on bytes in memory",
        "zlib": "the error that it raises",
    },
    "formats/helm/worker.py": {
        "gzip": "packs a chart in memory, in the helper process, which can open no file",
        "tarfile": "the same",
        "open": "tarfile.open on bytes in memory, and /dev/null for the library's own output",
        "fdopen": "the pipes to its parent",
        "os.dup": "the same",
        "os.dup2": "the same",
    },
    "formats/helm/helper.py": {
        "subprocess": "starts the helper process",
        "Popen": "the same",
    },
    "formats/helm/command.py": {
        "subprocess": "runs the user's own helm, where there is no library",
        "Popen": "the same",
    },
    "formats/helm/engine.py": {"shutil": "finds the user's own helm in PATH"},
    "engine/command_operators.py": {"chmod": "a fact of ADD and COPY, not a call"},
    "formats/bake/targets.py": {"open": "what is open in a target, not a call"},
    "engine/registry.py": {"pkgutil": "names the modules of the package with operators"},
    "reporting/base.py": {"pkgutil": "names the modules of the package with reporters"},
    "action/__main__.py": {"subprocess": "runs the scan as a process of its own"},
    "action/changes.py": {"subprocess": "asks Git what a pull request changes"},
}
"""Each module that does one of these things, with the reason."""


def uses(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield each use of the disk or of processes by its name, with its line."""
    system = {"os", "shutil", "posix"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from ((name, node.lineno) for name in _modules(alias.name))
                if alias.name in system and alias.asname:
                    system.add(alias.asname)
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                yield from ((name, node.lineno) for name in _modules(module))
                for alias in names:
                    yield from ((name, node.lineno) for name in _modules(f"{module}.{alias.name}"))
                    if module in system and (alias.name in ONLY_OF_OS or alias.name == "*"):
                        yield f"os.{alias.name}", node.lineno
                    elif not module.startswith("scanner") and alias.name in READS | WRITES | LISTS | RUNS:
                        yield alias.name, node.lineno
            case ast.Name(id="open"):
                yield "open", node.lineno
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in system and name in ONLY_OF_OS:
                yield f"os.{name}", node.lineno
            case ast.Attribute(attr=name) if name in READS | WRITES | LISTS | RUNS:
                yield name, node.lineno
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in INDIRECT:
                yield from _indirect(node)


def _modules(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from MODULES.intersection(".".join(parts[: n + 1]) for n in range(len(parts)))


def _indirect(call: ast.Call) -> Iterator[tuple[str, int]]:
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            last = argument.value.rpartition(".")[2]
            if argument.value in MODULES or last in READS | WRITES | LISTS | RUNS | ONLY_OF_OS:
                yield argument.value, call.lineno


def found_in(path: Path) -> set[str]:
    return {name for name, _ in uses(ast.parse(path.read_text(encoding="utf-8")))}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_nothing_but_the_doors_touches_the_disk_or_starts_a_process(path):
    allowed = ALLOWED.get(path.relative_to(PACKAGE).as_posix(), {})
    assert found_in(path) - set(allowed) == set()


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_what_is_allowed_is_used(name):
    assert set(ALLOWED[name]) - found_in(PACKAGE / name) == set()


@pytest.mark.parametrize(
    "text,name",
    [
        ("open('x')", "open"),
        ("f = open", "open"),
        ("import io\nio.open('x')", "open"),
        ("import os\nos.open('x', 0)", "open"),
        ("import os as o\no.read(0, 1)", "os.read"),
        ("from os import open as f", "open"),
        ("from os import replace", "os.replace"),
        ("from os import *", "os.*"),
        ("p.open()", "open"),
        ("Path('x').read_text()", "read_text"),
        ("map(Path.read_bytes, paths)", "read_bytes"),
        ("p.write_text('')", "write_text"),
        ("p.write_bytes(b'')", "write_bytes"),
        ("import codecs\ncodecs.open('x')", "open"),
        ("from codecs import open", "codecs.open"),
        ("import tarfile", "tarfile"),
        ("from zipfile import ZipFile", "zipfile"),
        ("def f():\n    import gzip", "gzip"),
        ("import os\nos.scandir()", "scandir"),
        ("import os\nos.walk('.')", "os.walk"),
        ("import os\nos.listdir()", "listdir"),
        ("p.iterdir()", "iterdir"),
        ("p.rglob('*')", "rglob"),
        ("import os\nos.readlink('x')", "readlink"),
        ("p.readlink()", "readlink"),
        ("import mmap", "mmap"),
        ("from shutil import copyfile", "shutil"),
        ("import tempfile as t", "tempfile"),
        ("import subprocess", "subprocess"),
        ("import os\nos.execv('x', [])", "execv"),
        ("import os\nos.spawnlp(0, 'x')", "spawnlp"),
        ("import os\nos.system('x')", "system"),
        ("from multiprocessing import Process", "multiprocessing"),
        ("from concurrent.futures import ProcessPoolExecutor", "concurrent"),
        ("import importlib.resources", "importlib.resources"),
        ("from importlib import resources", "importlib.resources"),
        ("import os\ngetattr(os, 'open')('x', 0)", "open"),
        ("__import__('subprocess')", "subprocess"),
        ("import importlib\nimportlib.import_module('tarfile')", "tarfile"),
    ],
)
def test_each_way_to_the_disk_is_seen(text, name):
    assert name in {found for found, _ in uses(ast.parse(text))}


@pytest.mark.parametrize(
    "text",
    [
        "text.replace('a', 'b')",
        "stream.read()",
        "ast.walk(tree)",
        "from dataclasses import replace",
        "names.remove('x')",
    ],
)
def test_what_has_only_the_name_is_let_through(text):
    assert list(uses(ast.parse(text))) == []
