"""Data flows one way: which package may import which, and what is loaded when."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

PACKAGE = ROOT / "scanner"

ALLOWED = {
    "errors": set(),
    "files": {"errors"},
    "model": {"patterns"},
    "parsing": {"errors", "model"},
    "artifacts": {"errors", "files", "parsing"},
    "ignoring": {"errors", "files", "patterns"},
    "discovery": {"artifacts", "errors", "files", "ignoring", "model"},
    "formats": {"errors", "files", "guarding", "model", "parsing", "patterns", "secrets"},
    "policy": {"errors", "files", "model", "parsing", "patterns"},
    "secrets": {"model"},
    "trees": set(),
    "linking": {"files", "guarding", "model", "trees"},
    "engine": {"guarding", "model", "patterns", "secrets", "trees"},
    "triage": {"files", "guarding", "model", "parsing", "patterns"},
    "reporting": {"__init__", "files", "guarding", "model", "parsing", "secrets", "triage"},
    "config": {"errors", "files", "ignoring", "model", "parsing", "policy"},
    "units": {"artifacts", "discovery", "errors", "formats", "guarding", "model", "parsing"},
    "environments": {"errors", "formats", "model", "policy"},
    "settings": {"engine", "errors", "finishing", "formats", "ignoring", "model", "policy"},
    "inputs": {"artifacts", "discovery", "errors", "files", "settings"},
    "scanning": {
        "discovery",
        "engine",
        "environments",
        "errors",
        "files",
        "finishing",
        "formats",
        "gathering",
        "guarding",
        "inputs",
        "model",
        "policy",
        "secrets",
        "settings",
        "triage",
        "units",
        "weakening",
    },
    "pipeline": {
        "engine",
        "environments",
        "gathering",
        "inputs",
        "model",
        "policy",
        "scanning",
        "settings",
        "units",
    },
    "finishing": {
        "artifacts",
        "engine",
        "errors",
        "guarding",
        "ignoring",
        "model",
        "policy",
        "secrets",
        "triage",
    },
    "gathering": {"engine", "formats", "guarding", "linking", "model", "triage"},
    "drawing": {"files", "model", "reporting"},
    "rule_tests": {"files", "guarding", "model", "pipeline", "policy"},
    "cli": {
        "__init__",
        "artifacts",
        "config",
        "discovery",
        "drawing",
        "engine",
        "errors",
        "files",
        "formats",
        "guarding",
        "ignoring",
        "model",
        "pipeline",
        "policy",
        "reporting",
        "rule_tests",
        "secrets",
        "triage",
    },
    "action": {"__init__", "cli", "errors", "files", "guarding", "model", "pipeline", "reporting"},
    "__main__": {"__init__", "cli"},
    "__init__": set(),
    "patterns": set(),
    "guarding": {"errors", "model"},
    "weakening": {"model", "policy", "settings", "triage"},
}
"""What each part of the package may import of the others."""

ONLY_IN = {
    "click": "cli",
    "rich": "reporting/console",
    "sarif_om": "reporting/sarif",
    "attr": "reporting/sarif",
    "helm_python": "formats/helm/",
    "helm_python_sdk": "formats/helm/",
    "pathspec": "-",
    "jsonschema": "-",
    "socket": "-",
    "urllib.request": "-",
    "http": "-",
    "requests": "-",
    "pickle": "-",
    "time": "formats/helm/worker",
}
"""Where a module may be imported at all; `-` is nowhere. No clock decides what a report says: the helper
process only looks for its parent's end."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.append(node.module or "")
    return found


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_what_stands_before_it(path):
    own = part(path)
    used = {
        name.split(".")[1] if "." in name else "__init__"
        for name in imports(path)
        if name.split(".")[0] == "scanner"
    }
    assert used - {own} <= ALLOWED[own]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_heavy_or_dangerous_modules_stand_in_their_one_place(path):
    relative = path.relative_to(PACKAGE).as_posix()
    misplaced = [
        name for name in imports(path) if not relative.startswith(ONLY_IN.get(name.split(".")[0], ""))
    ]
    assert misplaced == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_says_what_it_owns_and_stays_small(path):
    text = path.read_text(encoding="utf-8")
    if path.name != "__init__.py" or text.strip():
        assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert len(text.splitlines()) <= 400


def test_generated_code_is_compiled_and_run_in_one_place():
    """A text that becomes code is how a scanner runs what it scans: nothing else makes code at all."""
    words = {"compile", "exec", "eval", "__import__", "execfile"}
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            own = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in (
                "builtins",
                "__builtins__",
            )
            word = node.attr if own else getattr(node, "id", None)
            if word in words:
                found.add((path.relative_to(PACKAGE).as_posix(), word))
    assert found == {("trees/running.py", "compile"), ("trees/running.py", "exec")}


def test_no_module_reads_or_writes_python_as_text():
    """Trees are built, never parsed; `unparse` is for the build, which ships them."""
    readers = {"parse", "literal_eval", "unparse"}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "ast"
            ):
                assert node.attr not in readers, f"{path}: ast.{node.attr}"


def loaded_by(*arguments: str) -> set[str]:
    code = (
        "import sys\n"
        f"sys.argv = ['hullcheck', *{list(arguments)!r}]\n"
        "from scanner.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    return set(done.stderr.split())


def test_the_version_loads_nothing():
    modules = loaded_by("--version")
    assert not modules & {"click", "yaml", "scanner.cli.main", "dataclasses"}


def test_a_piped_scan_loads_nothing_heavy(tmp_path):
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: a}]}\n"
    )
    modules = loaded_by("scan", str(tmp_path))
    assert "scanner.formats.kubernetes" in modules
    heavy = {
        "rich",
        "jsonschema",
        "sarif_om",
        "attr",
        "helm_python_sdk",
        "asyncio",
        "pathspec",
        "multiprocessing",
        "importlib.metadata",
        "scanner.formats.compose.reader",
        "scanner.formats.dockerfile.reader",
        "scanner.formats.helm.reader",
    }
    assert modules & heavy == set()
