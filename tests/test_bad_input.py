"""Whatever stands in a repository: a clear diagnostic, the right exit code, never a traceback."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import hullcheck, write_tree

GOOD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
    "    - {name: c, image: 'a:1', securityContext: {privileged: true}}\n"
)


def run(tmp_path, files, *options):
    write_tree(tmp_path, files)
    ran = hullcheck("scan", str(tmp_path), "--select", "privileged", "--format", "json", *options)
    assert "internal error" not in ran.err
    assert "Traceback" not in ran.err + ran.out
    return ran.code, json.loads(ran.out) if ran.out else None, ran.err


BOMB = "".join(
    f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 10) if level else 'x'}]\n" for level in range(12)
)

CASES = {
    "a broken document": ({"bad.yaml": "apiVersion: v1\nkind: Pod\nspec: [\n"}, 4, "YAML syntax"),
    "deep nesting": (
        {"bad.yaml": "apiVersion: v1\nkind: Pod\nspec: " + "[" * 50_000},
        1,
        "nested more than 200 deep",
    ),
    "a tab as indentation": (
        {"bad.yaml": "apiVersion: v1\nkind: Pod\nspec:\n\thostPID: true\n"},
        4,
        "YAML syntax",
    ),
    "a template": (
        {"bad.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .name }}\n"},
        4,
        "template",
    ),
    "broken UTF-8": ({"bad.yaml": b"apiVersion: v1\nkind: Pod\nx: \xff\n"}, 3, "byte 0xff cannot be decoded"),
    "a binary manifest": ({"bad.yaml": b"apiVersion: v1\nkind: Pod\n\0\0"}, None, "binary"),
    "a mistyped flag": (
        {
            "bad.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [], hostPID: 'yes'}\n"
        },
        4,
        "expected a boolean for 'hostPID', found the text 'yes'",
    ),
    "containers that are no list": (
        {"bad.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: {}}\n"},
        4,
        "expected a list for 'containers', found a mapping",
    ),
    "an instruction that is none": ({"Dockerfile": "FROM scratch\nRUNN x\n"}, 2, "RUNN"),
    "an empty Dockerfile": ({"Dockerfile": ""}, None, ""),
    "an unterminated heredoc": ({"Dockerfile": "FROM scratch\nRUN <<EOF\necho\n"}, None, "EOF"),
    "a compose file that is a list": ({"compose.yaml": "- a\n"}, 1, ""),
    "compose services that are a list": ({"compose.yaml": "services: [a]\n"}, 1, ""),
    "a broken compose file": ({"compose.yaml": "services:\n  web: [\n"}, 3, "YAML syntax"),
}


@pytest.mark.parametrize("files,line,told", CASES.values(), ids=CASES)
def test_trouble_has_a_place_and_exit_code_2_and_costs_no_other_finding(tmp_path, files, line, told):
    code, report, _ = run(tmp_path, {**files, "good.yaml": GOOD})
    assert code == 2
    errors = [found for found in report["diagnostics"] if found["severity"] == "error"]
    assert errors
    assert any(told in found["message"] for found in errors)
    if line is not None:
        assert line in {found["line"] for found in errors}
    assert [found["path"] for found in report["findings"]] == ["good.yaml"]
    (name,) = files
    (entry,) = [entry for entry in report["coverage"] if entry["path"] == name]
    assert entry["status"] in ("failed", "partial")
    assert entry["reason"]


@pytest.mark.parametrize("files,line,told", CASES.values(), ids=CASES)
def test_partial_results_can_be_allowed(tmp_path, files, line, told):
    assert run(tmp_path, {**files, "good.yaml": GOOD}, "--allow-partial")[0] == 1


@pytest.mark.parametrize(
    "files",
    [
        {"bomb.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" + BOMB},
        {"cycle.yaml": "apiVersion: v1\nkind: X\nmetadata: {name: x}\na: &a [*a]\nb: &b {c: *b}\n"},
        {"many.yaml": "---\n".join([GOOD.replace("name: p", f"name: p{n}") for n in range(3)])},
    ],
    ids=["an alias bomb", "a cycle of aliases", "many documents"],
)
def test_odd_but_valid_input_is_no_error(tmp_path, files):
    code, report, _ = run(tmp_path, {**files, "good.yaml": GOOD})
    assert code == 1
    assert [found for found in report["diagnostics"] if found["severity"] == "error"] == []


def test_a_file_over_the_limit_is_refused_and_the_rest_goes_on(tmp_path):
    write_tree(tmp_path, {"good.yaml": GOOD, "big.yaml": GOOD})
    with open(tmp_path / "big.yaml", "r+b") as file:
        file.truncate(100 * 1024 * 1024)
    code, report, _ = run(tmp_path, {})
    assert code == 2
    assert [(found["path"], found["message"].partition(";")[0]) for found in report["diagnostics"]] == [
        ("big.yaml", "the file is larger than 16 MiB")
    ]
    assert len(report["findings"]) == 1


def test_a_large_file_that_is_not_ours_is_ignored(tmp_path):
    write_tree(tmp_path, {"good.yaml": GOOD, "big.json": "{}"})
    with open(tmp_path / "big.json", "r+b") as file:
        file.truncate(20 * 1024 * 1024)
    assert run(tmp_path, {})[0] == 1


def test_a_folder_without_inputs_says_so(tmp_path):
    code, _, err = run(tmp_path, {"notes.txt": "x"})
    assert (code, "nothing to scan" in err) == (2, True)
    assert run(tmp_path, {}, "--allow-empty")[0] == 0


def test_a_missing_path_says_so(tmp_path):
    ran = hullcheck("scan", str(tmp_path / "gone"))
    assert ran.code == 2
    assert "no such file or folder" in ran.err


def test_a_file_that_cannot_be_read_says_so(tmp_path):
    write_tree(tmp_path, {"good.yaml": GOOD, "locked.yaml": GOOD})
    os.chmod(tmp_path / "locked.yaml", 0)
    if os.access(tmp_path / "locked.yaml", os.R_OK):
        pytest.skip("this user reads everything")
    code, report, _ = run(tmp_path, {})
    assert code == 2
    assert report["findings"]


def test_a_named_pipe_does_not_hang(tmp_path):
    write_tree(tmp_path, {"good.yaml": GOOD})
    os.mkfifo(tmp_path / "pipe.yaml")
    code, _, _ = run(tmp_path, {})
    assert code in (1, 2)


@pytest.mark.parametrize("name", ["x.yaml", "Dockerfile", "compose.yaml", "chart/Chart.yaml"])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=120),
        st.lists(
            st.sampled_from(
                [
                    "apiVersion: v1",
                    "kind: Pod",
                    "spec:",
                    "  containers:",
                    "  - name: c",
                    "    image: x",
                    "services:",
                    "  web:",
                    "    image: [",
                    "    build: {context: 1}",
                    "FROM x",
                    "RUN <<E",
                    "E",
                    "USER",
                    "\\",
                    "&a",
                    "*a",
                    "    ports: ['::']",
                    "<<: *a",
                    "name: c",
                    "version: 1",
                ]
            ),
            max_size=14,
        ).map("\n".join),
        st.binary(max_size=60),
    )
)
def test_no_text_makes_a_traceback(tmp_path, name, text):
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    write_tree(tmp_path, {name: content})
    ran = hullcheck("scan", str(tmp_path), "--format", "json", "--profile", "all")
    assert ran.code in (0, 1, 2), ran.err
    assert "internal error" not in ran.err + ran.out


def test_a_key_that_stands_twice_is_told_in_every_format(tmp_path):
    write_tree(
        tmp_path,
        {
            "compose.yaml": "services:\n  web:\n    image: a:1\n    image: b:1\n",
            "pod.yaml": GOOD + "metadata: {name: q}\n",
        },
    )
    _, report, _ = run(tmp_path, {})
    assert [(found["path"], found["line"], found["severity"]) for found in report["diagnostics"]] == [
        ("compose.yaml", 4, "error"),
        ("pod.yaml", 7, "warning"),
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"a.json": '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": []}\n'},
        {"a.yaml": "{apiVersion: v1, kind: Pod, spec: {containers: [}}\n"},
        {"stack.yml": "services:\n  web:\n    image: a:1\n   ports: []\n"},
    ],
    ids=["JSON without its end", "flow YAML", "a compose file of another name"],
)
def test_what_is_broken_is_not_taken_for_what_is_not_ours(tmp_path, files):
    code, report, _ = run(tmp_path, {**files, "good.yaml": GOOD})
    (name,) = files
    assert code == 2
    assert {entry["path"]: entry["status"] for entry in report["coverage"]}[name] == "failed"


def test_nested_merges_are_merged_once_each(tmp_path):
    merges = "".join(
        f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}, *a{n - 1}], k{n}: v}}\n" for n in range(1, 40)
    )
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\na0: &a0 {{k: v}}\n{merges}spec: {{<<: *a39, containers: []}}\n"
    assert run(tmp_path, {"merge.yaml": text, "good.yaml": GOOD})[0] == 1
