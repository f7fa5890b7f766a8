"""The command line: exit codes, formats, colours, pipes, and what every option promises."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.support import ROOT, hullcheck, write_tree

BAD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostPID: true\n  containers:\n"
    "    - {name: c, image: 'a:1', securityContext: {privileged: true}}\n"
)
LOW = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - {name: c, image: 'a:1'}\n"
BROKEN = "apiVersion: v1\nkind: Pod\nspec: [\n"
SELECT = ("--select", "privileged,host-pid,cpu-request-missing")


def code(path, *options):
    return hullcheck("scan", str(path), *SELECT, *options).code


@pytest.mark.parametrize(
    "files,options,expected",
    [
        ({"a.yaml": LOW}, ["--select", "privileged"], 0),
        ({"a.yaml": LOW}, [], 0),
        ({"a.yaml": LOW}, ["--fail-on", "low"], 1),
        ({"a.yaml": BAD}, [], 1),
        ({"a.yaml": BAD}, ["--fail-on", "critical"], 1),
        ({"a.yaml": BAD}, ["--fail-on", "never"], 0),
        ({"a.yaml": BAD}, ["--exit-zero"], 0),
        ({"a.yaml": BAD, "b.yaml": BROKEN}, [], 2),
        ({"a.yaml": BAD, "b.yaml": BROKEN}, ["--exit-zero"], 2),
        ({"a.yaml": BAD, "b.yaml": BROKEN}, ["--allow-partial"], 1),
        ({"a.yaml": BAD, "b.yaml": BROKEN}, ["--allow-partial", "--exit-zero"], 0),
        ({"a.txt": "x"}, [], 2),
        ({"a.txt": "x"}, ["--allow-empty"], 0),
        ({"a.yaml": BAD}, ["--format", "nonsense"], 2),
        ({"a.yaml": BAD}, ["--nonsense"], 2),
        ({"a.yaml": BAD}, ["--select", "nonsense"], 2),
        ({"a.yaml": BAD}, ["--ignore", "nonsense"], 2),
        ({"a.yaml": BAD}, ["--framework", "nonsense"], 2),
        ({"a.yaml": BAD}, ["--fail-on", "nonsense"], 2),
        ({"a.yaml": BAD}, ["--config", "/nowhere.yaml"], 2),
    ],
)
@pytest.mark.parametrize("form", ["console", "json", "sarif"])
def test_the_exit_code_is_the_same_in_every_format(tmp_path, files, options, expected, form):
    write_tree(tmp_path, files)
    if "nonsense" not in str(options) or "--format" not in options:
        options = [*options, "--format", form]
    assert code(tmp_path, *options) == expected


def test_an_unknown_rule_gets_a_suggestion(tmp_path):
    write_tree(tmp_path, {"a.yaml": BAD})
    ran = hullcheck("scan", str(tmp_path), "--select", "priviledged")
    assert (ran.code, ran.out) == (2, "")
    assert "unknown rule or tag 'priviledged'; did you mean 'privileged'?" in ran.err


def test_rules_are_selected_by_id_tag_tier_and_framework(tmp_path):
    write_tree(tmp_path, {"a.yaml": BAD})

    def found(*options):
        report = json.loads(hullcheck("scan", str(tmp_path), "--format", "json", "--exit-zero", *options).out)
        return {finding["rule"] for finding in report["findings"]}

    assert found("--select", "privileged") == {"privileged"}
    assert "privileged" in found("--framework", "pss-baseline")
    assert "cpu-request-missing" not in found("--framework", "pss-baseline")
    assert "privileged" not in found("--ignore", "privileged")
    assert found("--profile", "all") > found("--profile", "core")


def test_reports_go_to_files_and_the_terminal_at_once(tmp_path):
    write_tree(tmp_path, {"in/a.yaml": BAD})
    out = tmp_path / "reports"
    ran = hullcheck(
        "scan", str(tmp_path / "in"), *SELECT, "--format", "console",
        "--format", f"json={out}/r.json", "--format", f"sarif={out}/r.sarif",
    )  # fmt: skip
    assert "privileged" in ran.out
    assert json.loads((out / "r.json").read_text())["schema_version"] == 1
    assert json.loads((out / "r.sarif").read_text())["version"] == "2.1.0"


def test_two_reports_cannot_have_one_destination(tmp_path):
    write_tree(tmp_path, {"a.yaml": BAD})
    assert "same destination" in hullcheck("scan", str(tmp_path), "--format", "json", "--format", "sarif").err


def test_one_document_is_read_from_standard_input():
    ran = hullcheck("scan", "-", "--stdin-name", "web.yaml", *SELECT, "--format", "json", stdin=BAD.encode())
    assert ran.code == 1
    assert {found["path"] for found in json.loads(ran.out)["findings"]} == {"web.yaml"}


@pytest.mark.parametrize(
    "text,kind",
    [(BAD, "kubernetes"), ("FROM a\n", "dockerfile"), ("services: {web: {image: 'a:1'}}\n", "compose")],
)
def test_standard_input_is_recognised_by_content(text, kind):
    report = json.loads(hullcheck("scan", "-", "--format", "json", "--exit-zero", stdin=text.encode()).out)
    assert [(line["kind"], line["status"]) for line in report["coverage"]] == [(kind, "evaluated")]


def test_report_only_keeps_the_whole_tree_as_context(tmp_path, monkeypatch):
    write_tree(tmp_path, {"a.yaml": BAD, "sub/b.yaml": BAD, "README.md": "x"})
    monkeypatch.chdir(tmp_path)
    ran = hullcheck("scan", "--report-only", *SELECT, "--format", "json", "--", "sub/b.yaml")
    report = json.loads(ran.out)
    assert {found["path"] for found in report["findings"]} == {"sub/b.yaml"}
    assert report["summary"]["files"] == 2
    assert hullcheck("scan", "--report-only", *SELECT, "--", "README.md").code == 0


def test_the_configuration_is_found_upwards_and_options_win(tmp_path):
    write_tree(
        tmp_path,
        {
            ".hullcheck.yaml": "select: [privileged]\nfail-on: never\nexclude: [skipped/]\n"
            "rules:\n  privileged: {severity: low}\n",
            "deploy/a.yaml": BAD,
            "skipped/a.yaml": BAD,
        },
    )
    ran = hullcheck("scan", str(tmp_path), "--format", "json")
    report = json.loads(ran.out)
    assert [(f["path"], f["rule"], f["severity"]) for f in report["findings"]] == [
        ("deploy/a.yaml", "privileged", "low")
    ]
    assert ran.code == 0
    assert hullcheck("scan", str(tmp_path / "deploy"), "--fail-on", "low").code == 1
    assert hullcheck("scan", str(tmp_path), "--select", "host-pid", "--fail-on", "high").code == 1


@pytest.mark.parametrize(
    "text,told",
    [
        ("profil: core\n", "1:1: unknown key 'profil' in the configuration; did you mean 'profile'?"),
        ("profile: cor\n", "1:10: unknown profile 'cor'"),
        ("rules:\n  privileged: {severity: bad}\n", "2:26: unknown severity 'bad'"),
        (
            "rules:\n  priviledged: {severity: low}\n",
            "unknown rule 'priviledged'; did you mean 'privileged'?",
        ),
        ("rules:\n  privileged: {params: {x: 1}}\n", "rule 'privileged' has no parameter 'x'"),
        ("select: [nothing-like-it]\n", "unknown rule or tag 'nothing-like-it'"),
        ("select: {a: b}\n", "expected a list for select"),
        ("helm: {time-limit: soon}\n", "1:20: expected a whole number of seconds"),
        ("a: [\n", "YAML syntax"),
    ],
)
def test_a_wrong_configuration_is_told_with_its_place(tmp_path, text, told):
    write_tree(tmp_path, {".hullcheck.yaml": text, "a.yaml": BAD})
    ran = hullcheck("scan", str(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_user_rules_are_the_same_as_built_in_ones(tmp_path):
    rule = (ROOT / "rules/privilege/privileged.yaml").read_text().replace("id: privileged", "id: house-rule")
    write_tree(tmp_path, {"in/a.yaml": BAD, "policy/house-rule.yaml": rule})
    ran = hullcheck(
        "scan", str(tmp_path / "in"), "--rules", str(tmp_path / "policy"), "--select", "house-rule", "-q"
    )
    assert ran.out.startswith("a.yaml:7:")
    assert hullcheck("rules", "show", "house-rule", "--rules", str(tmp_path / "policy")).code == 0


def test_a_wrong_user_rule_stops_the_scan_with_its_place(tmp_path):
    write_tree(tmp_path, {"in/a.yaml": BAD, "policy/x.yaml": "id: x\ntitel: y\n"})
    ran = hullcheck("scan", str(tmp_path / "in"), "--rules", str(tmp_path / "policy"))
    assert ran.code == 2
    assert "policy/x.yaml:2:1: unknown key 'titel' in a rule; did you mean 'title'?" in ran.err


def test_quiet_is_a_line_a_finding_and_twice_is_silence(tmp_path):
    write_tree(tmp_path, {"a.yaml": BAD})
    lines = hullcheck("scan", str(tmp_path), *SELECT, "-q").out.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["a.yaml:7:49:", "a.yaml:5:3:", "a.yaml:7:8:"]
    assert lines[1].startswith("a.yaml:5:3: high host-pid ")
    ran = hullcheck("scan", str(tmp_path), *SELECT, "-qq")
    assert (ran.code, ran.out) == (1, "")


def test_rules_and_frameworks_can_be_looked_at():
    assert "privileged" in hullcheck("rules", "list").out
    assert "How to fix" in hullcheck("rules", "show", "privileged").out
    assert "did you mean 'privileged'" in hullcheck("rules", "show", "privilege").err
    assert "pss-baseline" in hullcheck("frameworks", "list").out
    assert "privileged" in hullcheck("frameworks", "show", "pss-baseline").out
    assert "unknown framework" in hullcheck("frameworks", "show", "x").err


def process(*arguments, **options):
    environment = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")
    }
    environment.update(options.pop("env", {}))
    return subprocess.Popen(
        [sys.executable, "-m", "scanner", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    "env,colored",
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "0"}, False),
    ],
)
def test_a_pipe_gets_colour_only_when_forced(tmp_path, env, colored):
    write_tree(tmp_path, {"a.yaml": BAD})
    out, _ = process("scan", str(tmp_path), *SELECT, env=env).communicate(timeout=60)
    assert (b"\x1b[" in out) is colored


def test_control_characters_of_scanned_text_are_shown_as_escapes(tmp_path):
    name = "p\\u001b[31mred"
    text = BAD.replace("{name: p}", f'{{name: "{name}"}}').replace("{name: c,", '{name: "c\\u0007",')
    write_tree(tmp_path, {"a\x1bb.yaml": text})
    for form in ("console", "github", "markdown"):
        ran = hullcheck("scan", str(tmp_path), *SELECT, "--format", form)
        assert "\x1b" not in ran.out
        assert "\x07" not in ran.out


def test_a_reader_that_leaves_gets_no_traceback(tmp_path):
    write_tree(tmp_path, {f"{n}.yaml": (BAD + "---\n") * 10 for n in range(200)})
    running = process("scan", str(tmp_path), "--profile", "all", "--format", "json")
    running.stdout.read(10)
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait(60) in (141, -signal.SIGPIPE)


def test_an_interrupt_ends_with_130(tmp_path):
    write_tree(tmp_path, {f"{n}.yaml": (BAD + "---\n") * 50 for n in range(1500)})
    running = process("scan", str(tmp_path), "--profile", "all")
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Traceback" not in err


def test_the_version_is_that_of_the_package():
    from scanner import __version__

    out, _ = process("--version").communicate(timeout=60)
    assert out.decode() == f"hullcheck {__version__}\n"
    assert hullcheck("--help").code == 0


def test_quiet_tells_on_standard_error_why_a_scan_is_incomplete(tmp_path):
    write_tree(tmp_path, {"a.yaml": BAD, "b.yaml": BROKEN})
    ran = hullcheck("scan", str(tmp_path), *SELECT, "-q")
    assert ran.code == 2
    assert "b.yaml:4:" in ran.err or "b.yaml:3:" in ran.err


def test_a_file_named_twice_counts_once(tmp_path):
    write_tree(tmp_path, {"a.yaml": BAD})
    once = hullcheck("scan", str(tmp_path), *SELECT, "-q").out
    assert hullcheck("scan", str(tmp_path), str(tmp_path / "a.yaml"), *SELECT, "-q").out.count(
        "\n"
    ) == once.count("\n")


def test_report_only_takes_folders(tmp_path, monkeypatch):
    write_tree(tmp_path, {"a.yaml": BAD, "sub/b.yaml": BAD})
    monkeypatch.chdir(tmp_path)
    ran = hullcheck("scan", "--report-only", *SELECT, "--format", "json", "--", "sub")
    assert {found["path"] for found in json.loads(ran.out)["findings"]} == {"sub/b.yaml"}


@pytest.mark.parametrize("form", ["json=", "json=/proc/nowhere/x.json"])
def test_a_report_that_cannot_be_written_is_misuse(tmp_path, form):
    write_tree(tmp_path, {"a.yaml": BAD})
    ran = hullcheck("scan", str(tmp_path), *SELECT, "--format", form)
    assert (ran.code, "internal error" in ran.err) == (2, False)


def test_no_rule_at_all_is_misuse(tmp_path):
    write_tree(tmp_path, {"a.yaml": BAD})
    assert hullcheck("scan", str(tmp_path), "--select", "privileged", "--ignore", "privileged").code == 2


@pytest.mark.parametrize("text", ["", "a: 1\n", "hello\n"])
def test_standard_input_that_holds_nothing_is_nothing_to_scan(text):
    assert hullcheck("scan", "-", stdin=text.encode()).code == 2


def test_excludes_of_the_configuration_are_relative_to_its_folder(tmp_path):
    write_tree(tmp_path, {".hullcheck.yaml": "exclude: [sub/a.yaml]\n", "sub/a.yaml": BAD, "sub/b.yaml": BAD})
    ran = hullcheck("scan", str(tmp_path / "sub"), *SELECT, "--format", "json")
    assert {found["path"] for found in json.loads(ran.out)["findings"]} == {"b.yaml"}


def test_a_configuration_cannot_load_rules_from_outside_its_folder(tmp_path):
    write_tree(
        tmp_path,
        {"repo/.hullcheck.yaml": "rule-folders: [../policy]\n", "policy/x.yaml": "", "repo/a.yaml": BAD},
    )
    ran = hullcheck("scan", str(tmp_path / "repo"))
    assert (ran.code, "lies outside the folder of the configuration" in ran.err) == (2, True)
