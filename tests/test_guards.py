"""A bug costs the part that it is in: every step is made to raise on one of three folders."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import fields, is_dataclass, replace
from functools import cache, wraps
from pathlib import Path

import pytest

from scanner import rule_tests, scanning
from scanner.action import __main__ as action
from scanner.engine import evaluate
from scanner.formats.base import Reading
from scanner.linking import link as linking
from scanner.model.report import ExitCode, Report
from scanner.pipeline import Settings, catalog_of, scan
from scanner.policy.catalog import Catalog, Selection
from scanner.reporting.base import RenderOptions, load_reporter, reporter_names
from scanner.reporting.shared.shown import Shown
from tests.support import hullcheck, write_tree

SECRET = "hunter2-of-the-scanned-text"
"""What the injected exceptions say, as a message of Python may quote what was scanned."""

BAD = "b/"
"""The folder that shows the bugs."""

MANIFEST = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: NAME, namespace: NAME}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: NAME, namespace: NAME}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: NAME, namespace: NAME}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: NAME}
subjects: [{kind: ServiceAccount, name: NAME, namespace: NAME}]
---
apiVersion: v1
kind: Secret
metadata: {name: NAME, namespace: NAME}
stringData: {password: correct-horse-NAME-77}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  namespace: NAME
  annotations: {hullcheck.dev/ignore.image-tag-latest: "built here"}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      serviceAccountName: NAME
      containers:
        - name: one
          image: NAME/app:latest
          securityContext: {privileged: true}  # hullcheck: ignore[privileged] reason="it drives a device"
          envFrom: [{secretRef: {name: NAME}}]
          ports: [{containerPort: 8080}]
        - name: two
          image: NAME/other:latest
---
apiVersion: v1
kind: Service
metadata: {name: NAME, namespace: NAME}
spec: {type: LoadBalancer, selector: {app: NAME}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: NAME, namespace: NAME}
spec: {defaultBackend: {service: {name: NAME, port: {number: 80}}}}
"""
COMPOSE = """\
x-base: &base
  restart: always
services:
  NAME-web:
    <<: *base
    image: NAME/web
    build: {context: ., args: {COLOUR: red}}
    ports: ["8000:80"]
    environment: {DB_PASSWORD: correct-horse-NAME-78}
  NAME-db:
    <<: *base
    image: postgres:16
    privileged: true
"""
OVERLAY = "services:\n  NAME-web:\n    privileged: true\n"
DOCKERFILE = "FROM node:20 AS build\nRUN true\nFROM build\nENV API_TOKEN=correct-horse-NAME-79\nRUN npm i\n"
BAKE = 'target "NAME" {\n  dockerfile = "Dockerfile"\n  tags = ["NAME/web:1"]\n}\n'
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: NAME-release}
spec: {chart: {spec: {chart: ./NAME/chart, sourceRef: {kind: GitRepository, name: NAME}}}}
"""
KUSTOMIZATION = "resources: [../../NAME-base]\nnamePrefix: prod-\n"
BASE = "resources: [pod.yaml]\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME-k}\nspec: {containers: [{name: c, image: 'x:latest'}]}\n"


def tree(root: Path) -> Path:
    """Three folders that have nothing to do with each other, each with a bit of everything."""
    files = {}
    for name in "abc":
        for path, text in {
            "manifest.yaml": MANIFEST,
            "compose.yaml": COMPOSE,
            "compose.prod.yaml": OVERLAY,
            "Dockerfile": DOCKERFILE,
            "docker-bake.hcl": BAKE,
            "overlay/prod/kustomization.yaml": KUSTOMIZATION,
            "NAME-base/kustomization.yaml": BASE,
            "NAME-base/pod.yaml": POD,
            "flux.yaml": RELEASE,
            "chart/Chart.yaml": "apiVersion: v2\nname: NAME\nversion: 1.0.0\n",
            "chart/values.yaml": "image: {repository: NAME/c, tag: latest}\n",
            "chart/templates/pod.yaml": POD.replace("NAME-k", "NAME-h"),
        }.items():
            files[f"{name}/{path}".replace("NAME", name)] = text.replace("NAME", name)
    return write_tree(root, files)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree(tmp_path_factory.mktemp("guards"))


@cache
def catalog() -> Catalog:
    return catalog_of(Settings())


def scanned(root: Path) -> Report:
    return scan(Settings(paths=(root,), selection=Selection(profile="all")), catalog())


def as_json(report: Report) -> dict[str, object]:
    options = RenderOptions(show_suppressed=True)
    decoded: dict[str, object] = json.loads(load_reporter("json").render(report, options))
    return decoded


def others(report: Report) -> list[object]:
    """The findings of the folders that have no bug, in full."""
    findings = as_json(report)["findings"]
    assert isinstance(findings, list)
    return [one for one in findings if not one["path"].startswith(BAD)]


@pytest.fixture(scope="module")
def before(root: Path) -> Report:
    report = scanned(root)
    assert not [one for one in report.diagnostics if "internal error" in one.message]
    assert {one.location.path[:2] for one in report.findings} == {"a/", "b/", "c/"}
    return report


def mentions(value: object, depth: int = 9, seen: set[int] | None = None) -> bool:
    """Whether a value has to do with the folder that shows the bugs."""
    seen = set() if seen is None else seen
    if isinstance(value, str):
        return value.startswith(BAD)
    if depth == 0 or id(value) in seen or value is None or callable(value):
        return False
    seen.add(id(value))
    inner: Iterator[object] = iter(())
    if isinstance(value, dict):
        inner = iter((*value, *value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        inner = iter(value)
    elif is_dataclass(value):
        inner = (getattr(value, one.name) for one in fields(value))
    elif hasattr(value, "path"):
        inner = iter((value.path,))
    return any(mentions(one, depth - 1, seen) for one in inner)


WIDE = {
    *("dict", "Tree", "Deployments", "Environments", "Linking", "Graph", "ImageUsers", "Builder"),
    *("Suppressions", "Projects", "Curing", "ImageCuring"),
}
"""Arguments that know of all folders."""


def broken(
    function: Callable[..., object], error: BaseException | None = None, asked: list[object] | None = None
) -> Callable[..., object]:
    """A function that raises on the one folder; `asked` is told when it does."""

    @wraps(function)
    def raising(*args: object, **more: object) -> object:
        given = (*args, *more.values())
        if any(mentions(one) for one in given if type(one).__name__ not in WIDE):
            if asked is not None:
                asked.append(function)
            raise error or KeyError(SECRET)
        return function(*args, **more)

    return raising


def check(root: Path, before: Report, stage: str = "") -> Report:
    """Scan with a bug in place: it is told, and the findings of the other folders are as before."""
    report = scanned(root)
    assert others(report) == others(before)
    told = [one for one in report.diagnostics if f"internal error in {stage}" in one.message]
    assert told
    assert all(one.severity == "error" and "KeyError" in one.message for one in told)
    assert [one for one in told if one.path is None or one.path.startswith(BAD)] == told
    assert report.is_incomplete()
    assert SECRET not in json.dumps(as_json(report))
    for name in reporter_names():
        text = load_reporter(name).render(report, RenderOptions(verbose=True, show_suppressed=True))
        assert SECRET not in text
        assert "Traceback" not in text
    return report


READERS = (
    ("scanner.units", "_read_document"),
    ("scanner.formats.compose.reader", "read_compose"),
    ("scanner.formats.compose.projects", "group_projects"),
    ("scanner.formats.bake", "read_bake"),
    ("scanner.formats.dockerfile", "read_dockerfile"),
    ("scanner.formats.helm.reader", "read_chart"),
    ("scanner.formats.kustomize.workspace", "Workspace.kustomization"),
    ("scanner.formats.kustomize.builder", "Builder.build"),
    ("scanner.formats.build_contexts", "BuildContexts._note_all"),
    ("scanner.formats.helm.gitops", "read_manifests"),
)


def put(
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    name: str,
    error: BaseException | None = None,
    asked: list[object] | None = None,
) -> None:
    """Put a bug into a function or a method of a module."""
    holder: object = importlib.import_module(module)
    *around, last = name.split(".")
    for part in around:
        holder = getattr(holder, part)
    monkeypatch.setattr(holder, last, broken(getattr(holder, last), error, asked))


@pytest.mark.parametrize(("module", "name"), READERS, ids=lambda one: one)
def test_a_bug_in_a_reader_costs_its_unit(root, before, monkeypatch, module, name):
    put(monkeypatch, module, name)
    check(root, before, "reading")


def test_a_bug_between_two_units_costs_no_report(root, monkeypatch):
    def wrong(*_: object) -> bool:
        raise KeyError(SECRET)

    monkeypatch.setattr("scanner.units._deploys_charts", wrong)
    report = scanned(root)
    (told,) = [one for one in report.diagnostics if "internal error" in one.message]
    assert told.message.startswith("internal error in reading: KeyError at units.py:")
    assert SECRET not in json.dumps(as_json(report))


@pytest.mark.parametrize("number", range(len(linking._linkers())))
def test_a_bug_in_a_linker_costs_the_unit_its_links(root, before, monkeypatch, number):
    linkers = list(linking._linkers())
    right = linkers[number]

    def wrong(work: linking.Linking) -> None:
        if any(unit.path.startswith(BAD) for unit in work.index.units):
            raise KeyError(SECRET)
        right(work)

    linkers[number] = wrong
    monkeypatch.setattr(linking, "_linkers", lambda: tuple(linkers))
    report = check(root, before, "linking")
    (told,) = [one for one in report.diagnostics if "internal error" in one.message]
    assert "(in " in told.message, "one diagnostic for all units that show a bug"
    local = [one for one in report.findings if one.location.path.startswith(BAD)]
    assert local, "what needs no graph is judged all the same"
    partial = {
        one.path for one in report.coverage if one.reason and "internal error in linking" in one.reason
    }
    assert partial
    assert all(path.startswith(BAD) for path in partial)


RESOLVERS = (
    ("containers", "_resolved"),
    ("exposure", "_decide"),
    ("compose_exposure", "_decide"),
    ("secrets", "_resolved"),
)


@pytest.mark.parametrize(("module", "name"), RESOLVERS, ids=lambda one: one)
def test_a_bug_in_a_resolver_leaves_its_facts_unknown(root, before, monkeypatch, module, name):
    put(monkeypatch, f"scanner.linking.resolving.{module}", name)
    check(root, before, "resolving")


def test_a_bug_in_deciding_powers_leaves_them_unknown(root, before, monkeypatch):
    put(monkeypatch, "scanner.linking.access", "_decide")
    check(root, before, "resolving")


def test_a_bug_in_the_code_of_all_rules_is_cured_by_asking_them_one_by_one(root, before, monkeypatch):
    for name, position in (("compile_rules", None), ("compile_graph_rules", 0)):
        compiled = getattr(evaluate, name)

        def wrong(rules, *args, compiled=compiled, position=position, **more):
            found = compiled(rules, *args, **more)
            if len(rules) == 1:
                return found
            right = found if position is None else found[position]

            def evaluator(unit, *rest):
                right(unit, *rest)
                if mentions(unit):
                    raise KeyError(SECRET)

            return evaluator if position is None else (evaluator, *found[1:])

        monkeypatch.setattr(evaluate, name, wrong)
    assert as_json(scanned(root)) == as_json(before)


@pytest.mark.parametrize("name", ["compile_rules", "compile_graph_rules"])
def test_code_that_cannot_be_made_for_one_rule_costs_that_rule(root, before, monkeypatch, name):
    rule = "privileged" if name == "compile_rules" else "run-as-root"
    compiled = getattr(evaluate, name)

    def wrong(rules, *args, **more):
        if any(one.id == rule for one in rules.values()):
            raise KeyError(SECRET)
        return compiled(rules, *args, **more)

    monkeypatch.setattr(evaluate, name, wrong)
    report = scanned(root)
    without = ("coverage-gap", "helm-hardening-not-overridable", rule)
    assert [one for one in others(report) if one["rule"] not in without] == [
        one for one in others(before) if one["rule"] not in without
    ]
    (told,) = [one for one in report.diagnostics if "internal error" in one.message]
    assert told.message.startswith(f"internal error in rule '{rule}': KeyError at engine/evaluate.py:")
    assert told.severity == "error"


JUDGING = (
    ("scanner.engine.evaluate", "Engine.evaluate"),
    ("scanner.engine.evaluate", "Engine._evaluation"),
    ("scanner.engine.evaluate", "_needs"),
    ("scanner.linking.detaching", "Detacher.detach"),
    ("scanner.secrets.learning", "Learning.learn_unit"),
    ("scanner.secrets.learning", "Learning.learn_found"),
    ("scanner.scanning", "undecided_note"),
    ("scanner.scanning", "_count"),
)


@pytest.mark.parametrize(("module", "name"), JUDGING, ids=lambda one: one)
def test_a_bug_in_judging_costs_what_it_is_in(root, before, monkeypatch, module, name):
    asked: list[object] = []
    put(monkeypatch, module, name, asked=asked)
    if name == "undecided_note":
        assert others(scanned(root)) == others(before)
    else:
        check(root, before)
        assert asked


def test_a_bug_in_finding_witnesses_costs_the_finding_its_witnesses(root, before, monkeypatch):
    put(monkeypatch, "scanner.engine.witnesses", "Witnessing.of")
    report = check(root, before, "rule")
    assert places(report) == places(before)
    assert "{" not in "".join(one.message for one in report.findings)


def test_a_bug_in_refining_leaves_findings_as_they_are(root, before, monkeypatch):
    def refine(*_: object) -> tuple[()]:
        raise KeyError(SECRET)

    right = scanning.read_units

    def wrong(*args: object, **more: object) -> Iterator[Reading]:
        for reading in right(*args, **more):
            yield replace(reading, refine=refine) if mentions(reading.coverage) else reading

    monkeypatch.setattr(scanning, "read_units", wrong)
    assert places(check(root, before, "refining")) == places(before)


OF_ALL = ("coverage-gap", "suppression-stale", "helm-hardening-not-overridable")
"""Rules that speak of the scan, or of what all findings in a chart have in common."""


def places(report: Report) -> list[tuple[object, ...]]:
    """Where which rule found something; nothing is said of the scan itself, or of charts as a whole."""
    found = (*report.findings, *report.suppressed)
    return sorted((*one.location, one.rule) for one in found if one.rule not in OF_ALL)


def triage_steps() -> list[tuple[str, str]]:
    """Every function and method of triage that a scan calls, by where it is looked up."""
    found = []
    for module in ("scanner.scanning", "scanner.gathering", "scanner.finishing", "scanner.weakening"):
        tree = ast.parse(Path(importlib.import_module(module).__file__ or "").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scanner.triage"):
                for alias in node.names:
                    found += _steps_of(module, node, alias.name)
    return sorted(set(found) - GUARDS)


def _steps_of(module: str, node: ast.ImportFrom, name: str) -> list[tuple[str, str]]:
    step = getattr(importlib.import_module(node.module or ""), name)
    if inspect.isfunction(step):
        return [(module if node in _top(module) else node.module or "", name)]
    methods = inspect.getmembers(step, inspect.isfunction) if inspect.isclass(step) else []
    return [(node.module or "", f"{name}.{one}") for one, _ in methods if not one.startswith("_")]


@cache
def _top(module: str) -> _Lines:
    return _Lines(module)


class _Lines:
    """The imports at the top of a module: a name is then looked up in that module."""

    def __init__(self, module: str) -> None:
        text = Path(importlib.import_module(module).__file__ or "").read_text()
        self._lines = {node.lineno for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)}

    def __contains__(self, node: ast.ImportFrom) -> bool:
        return node.lineno in self._lines


GUARDS = {
    ("scanner.finishing", "group_guarded"),
    ("scanner.scanning", "merge_guarded"),
    ("scanner.scanning", "bare"),
    ("scanner.finishing", "bare"),
    ("scanner.scanning", "with_reasons"),
}
"""What guards, or says what is left when something has failed."""


@pytest.mark.parametrize(("module", "name"), triage_steps(), ids=lambda one: one)
def test_a_bug_in_triage_drops_no_finding(root, before, monkeypatch, module, name):
    asked: list[object] = []
    put(monkeypatch, module, name, asked=asked)
    report = scanned(root)
    if not asked:
        pytest.skip("has nothing to do with single inputs here")
    assert [one for one in report.diagnostics if "internal error" in one.message]
    if name not in WHOLE:
        check(root, before)
    assert set(places(before)) - set(places(report)) == set()


WHOLE = {"ledger_of", "in_order"}
"""What takes in everything at once: groups, actions and suppressions may be lost with it."""


INNER = (
    ("scanner.triage.grouping", "group_findings"),
    ("scanner.triage.grouping", "values_edit"),
    ("scanner.triage.environments", "merge_environments"),
    ("scanner.triage.environments", "_curable"),
    ("scanner.triage.suppressing_comments", "split_lines"),
    ("scanner.triage.suppressing", "Suppressions._speaking_of"),
)


@pytest.mark.parametrize(("module", "name"), INNER, ids=lambda one: one)
def test_a_bug_inside_a_step_of_triage_drops_no_finding(root, before, monkeypatch, module, name):
    asked: list[object] = []
    put(monkeypatch, module, name, asked=asked)
    report = scanned(root)
    assert others(report) == others(before)
    assert set(places(before)) - set(places(report)) == set()
    if asked:
        check(root, before)


def test_a_broken_reader_of_suppressions_lets_findings_count(root, before, monkeypatch):
    put(monkeypatch, "scanner.triage.suppressing_comments", "read_suppressions")
    report = check(root, before, "reading suppressions")
    assert "privileged" in {one.rule for one in before.suppressed if one.location.path.startswith(BAD)}
    assert "privileged" not in {one.rule for one in report.suppressed if one.location.path.startswith(BAD)}


@pytest.mark.parametrize("name", reporter_names())
@pytest.mark.parametrize("shortest", [False, True], ids=["beside", "always"])
def test_a_bug_in_a_format_costs_the_findings_that_show_it(root, before, monkeypatch, name, shortest):
    form = type(load_reporter(name).format)
    right = form.render

    def wrong(self: object, report: Shown, options: RenderOptions) -> str:
        for one in (*report.findings, *report.suppressed):
            is_short = one.rule in report.rules and one.message == report.rules[one.rule].title
            if one.location.path.startswith(BAD) and (shortest or not is_short):
                raise KeyError(SECRET)
        return right(self, report, options)

    monkeypatch.setattr(form, "render", wrong)
    ran = hullcheck("scan", str(root), "--format", name, "--format", f"json={root.parent}/j.json")
    if name == "json":
        ran = hullcheck("scan", str(root), "--format", name)
    assert ran.code == ExitCode.INCOMPLETE
    assert f"internal error in the format '{name}': KeyError" in ran.err
    assert "tells less than it should" in ran.err
    assert SECRET not in ran.out + ran.err
    assert "Traceback" not in ran.out + ran.err
    if name == "json":
        shown = json.loads(ran.out)["findings"]
        assert [one for one in shown if not one["path"].startswith(BAD)]
        assert any(one["path"].startswith(BAD) for one in shown) is not shortest


@pytest.mark.parametrize("name", reporter_names())
def test_a_format_that_cannot_be_made_keeps_no_other_one_from_it(root, monkeypatch, name):
    def wrong(*_: object) -> str:
        raise KeyError(SECRET)

    monkeypatch.setattr(type(load_reporter(name).format), "render", wrong)
    other = next(one for one in reporter_names() if one != name)
    file = root.parent / "other.txt"
    file.unlink(missing_ok=True)
    ran = hullcheck("scan", str(root), "--format", name, "--format", f"{other}={file}")
    assert (ran.code, ran.out, file.exists()) == (ExitCode.INCOMPLETE, "", True)
    assert f"the report '{name}' was not written" in ran.err
    alone = hullcheck("scan", str(root), "--format", name)
    assert (alone.code, alone.out) == (ExitCode.INTERNAL, "")
    assert SECRET not in ran.err + alone.err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(9), GeneratorExit()], ids=repr)
@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("scanner.units", "_read_document"),
        ("scanner.linking.resolving.containers", "_resolved"),
        ("scanner.engine.evaluate", "Engine.evaluate"),
        ("scanner.triage.grouping", "group_findings"),
        ("scanner.triage.suppressing_comments", "read_suppressions"),
    ],
    ids=lambda one: one,
)
def test_what_ends_a_program_gets_through(root, monkeypatch, module, name, error):
    put(monkeypatch, module, name, error)
    with pytest.raises(type(error)):
        scanned(root)


@pytest.mark.parametrize(
    ("error", "said"),
    [(RecursionError(SECRET), "nested too deeply"), (MemoryError(SECRET), "not enough memory")],
)
@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("scanner.units", "_read_document"),
        ("scanner.linking.resolving.containers", "_resolved"),
        ("scanner.engine.evaluate", "Engine.evaluate"),
        ("scanner.triage.grouping", "group_findings"),
    ],
    ids=lambda one: one,
)
def test_limits_are_told_as_what_they_are(root, before, monkeypatch, module, name, error, said):
    put(monkeypatch, module, name, error)
    report = scanned(root)
    assert others(report) == others(before)
    told = [one for one in report.diagnostics if said in one.message]
    assert told
    assert all((one.severity, SECRET in one.message) == ("error", False) for one in told)
    assert not [one for one in report.diagnostics if "internal error" in one.message]


def test_debugging_lets_exceptions_through(root, monkeypatch):
    monkeypatch.setenv("HULLCHECK_DEBUG", "1")
    for module, name in (
        ("scanner.linking.resolving.containers", "_resolved"),
        ("scanner.triage.grouping", "group_findings"),
    ):
        with monkeypatch.context() as patch:
            put(patch, module, name)
            with pytest.raises(KeyError):
                scanned(root)


def test_a_bug_is_told_alike_in_every_scan(root, monkeypatch):
    put(monkeypatch, "scanner.engine.evaluate", "Engine._evaluation")
    assert as_json(scanned(root)) == as_json(scanned(root))


@pytest.mark.parametrize("arguments", [["explain", "run-as-root"], ["graph"]], ids=lambda one: one[0])
def test_other_commands_show_the_rest_and_tell(root, monkeypatch, arguments):
    right = hullcheck(*arguments, str(root))
    put(monkeypatch, "scanner.linking.detaching", "Detacher.detach")
    ran = hullcheck(*arguments, str(root))
    assert (right.code, ran.code) == (ExitCode.CLEAN, ExitCode.INCOMPLETE)
    assert "internal error in linking: KeyError" in ran.err
    assert "a/manifest.yaml" in ran.out
    assert SECRET not in ran.out + ran.err


def test_explaining_goes_on_without_what_cannot_be_explained(root, monkeypatch):
    put(monkeypatch, "scanner.engine.explaining", "Explainer._explain")
    ran = hullcheck("explain", "run-as-root", str(root))
    assert ran.code == ExitCode.INCOMPLETE
    assert "internal error in rule 'run-as-root': KeyError" in ran.err
    assert "a/manifest.yaml" in ran.out


def test_a_bug_without_a_report_tells_its_place_alone(root, monkeypatch):
    def wrong(*_: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr("scanner.pipeline.Scan", wrong)
    ran = hullcheck("scan", str(root))
    assert ran.code == ExitCode.INTERNAL
    assert "internal error: KeyError at pipeline.py:" in ran.err
    assert SECRET not in ran.err


def test_an_example_with_a_bug_is_told_and_costs_no_other(monkeypatch):
    right = rule_tests.run_example

    def wrong(rule, example, catalog):
        if rule.id == "privileged":
            raise KeyError(SECRET)
        return None if rule.id != "run-as-root" else right(rule, example, catalog)

    monkeypatch.setattr(rule_tests, "run_example", wrong)
    ran = hullcheck("rules", "test")
    assert ran.code == ExitCode.INCOMPLETE
    assert {line.split(":")[0] for line in ran.out.splitlines() if "FAIL" in line} == {"FAIL privileged"}
    assert "internal error: KeyError at rule_tests.py:" in ran.out
    assert SECRET not in ran.out


@pytest.mark.parametrize("name", ["_copy", "_figures", "_scan"])
def test_the_action_hands_over_its_exit_code_in_spite_of_a_bug(tmp_path, monkeypatch, name):
    def wrong(*_: object) -> None:
        raise KeyError(SECRET)

    def scan_nothing(_: object) -> int:
        return int(ExitCode.CLEAN)

    out = io.StringIO()
    monkeypatch.setattr(action, "_scan", scan_nothing)
    monkeypatch.setattr(action, name, wrong)
    monkeypatch.chdir(tmp_path)
    for key, value in {
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
        "RUNNER_TEMP": str(tmp_path),
        "HULLCHECK_INPUT_ANNOTATIONS": "true",
    }.items():
        monkeypatch.setenv(key, value)
    with redirect_stdout(out):
        action.main()
    handed = (tmp_path / "outputs").read_text().splitlines()
    code = handed[next(at for at, line in enumerate(handed) if line.startswith("exit-code<<")) + 1]
    assert code == str(ExitCode.INTERNAL if name == "_scan" else ExitCode.INCOMPLETE)
    assert "::error title=hullcheck::internal error in " in out.getvalue()
    assert SECRET not in out.getvalue()
