"""What crosses the border of the reports holds no secret, in any text and any format."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.model.finding import Finding, RelatedLocation, Suppression, ValuesKey
from scanner.model.report import Action, Coverage, Diagnostic, Report, Status
from scanner.model.resources import ResourceRef
from scanner.model.rule import Severity
from scanner.reporting.base import RenderOptions, across, load_reporter, reporter_names
from scanner.reporting.shared.linehash import line_hashes
from scanner.secrets.hiding import Redactor, looked_over
from scanner.secrets.registry import Registry
from tests.reporting.report_builders import at, finding, report, rule
from tests.support import ROOT, hullcheck, write_tree

SECRET = "Kx82mQzt71bW"
TEXT = f"first\nurl {SECRET} end\nlast\n"


def planted(secret: str, text: str = TEXT) -> Report:
    """A report in which a secret stands in every text that may quote a scanned file."""
    place = at("a.yaml", 2, 1, 4)
    told = f"the text '{secret}' is no port"
    one = Finding(
        rule="some-rule",
        severity=Severity.HIGH,
        message=told,
        location=place,
        resource=ResourceRef(f"Kind{secret}", f"name-{secret}", f"space-{secret}", f"part-{secret}", 0),
        field="image",
        item=f"item {secret}",
        related=(RelatedLocation(place, told),),
        environments=(f"env-{secret}",),
        values_key=ValuesKey("a.yaml", 2, f"key.{secret}"),
        suppressed=None,
        flow=(RelatedLocation(place, told), RelatedLocation(at("a.yaml", 1, 1, 3), told)),
        group="0123456789abcdef",
    )
    action = Action("0123456789abcdef", place, told, (told,), 2, ("some-rule",), Severity.HIGH)
    why = Suppression(told, place, "2027-01-31")
    return report(
        one,
        texts={"a.yaml": text},
        rules=(
            rule("some-rule", title=told, description=told, remediation={"any": told}, references=(told,)),
        ),
        suppressed=(one._replace(suppressed=why),),
        coverage=(
            Coverage("a.yaml", "compose", Status.PARTIAL, told),
            Coverage(f"https://u:{secret}@host/x", None, Status.FAILED, told),
        ),
        diagnostics=(Diagnostic("a.yaml", 2, 1, "error", told), Diagnostic(None, None, None, "error", told)),
        actions=(action,),
        secrets=(secret,),
    )


OPTIONS = (
    RenderOptions(verbose=True, show_suppressed=True, width=200),
    RenderOptions(quiet=True, show_suppressed=True),
    RenderOptions(color=True, unicode=False, blob_url="https://x/", base_path="sub", workflow_commands=True),
)


@pytest.mark.parametrize("name", reporter_names())
@pytest.mark.parametrize("options", OPTIONS, ids=["verbose", "quiet", "colour"])
def test_a_secret_in_every_text_is_shown_in_no_format(name: str, options: RenderOptions) -> None:
    text = load_reporter(name).render(planted(SECRET), options)
    assert SECRET not in text
    assert SECRET.lower() not in text.lower()
    assert "***" in text or "&#42;&#42;&#42;" in text


@settings(max_examples=25)
@given(st.text(st.sampled_from("abcXYZ0123456789-_!@#%+=/~."), min_size=12, max_size=40))
def test_whatever_the_secret_is(secret: str) -> None:
    if not Registry([secret]):
        return
    shown = across(planted(secret, f"first\nurl {secret} end\nlast\n"))
    for name in reporter_names():
        assert secret not in load_reporter(name).render(shown, OPTIONS[0]), name


@pytest.mark.parametrize("word", ["inventory", "postgres", "web", "my-shop"])
@pytest.mark.parametrize("name", reporter_names())
def test_a_name_is_not_hidden_for_being_a_password_too(name: str, word: str) -> None:
    of = report(
        finding(
            message=f"container '{word}' mounts the Docker socket",
            resource=ResourceRef("service", word, word, word, 0),
        )
    )
    options = RenderOptions(verbose=True)
    with_secret = report(*of.findings, secrets=(word,))
    assert load_reporter(name).render(with_secret, options) == load_reporter(name).render(of, options)


def test_a_message_is_free_of_a_secret_that_was_found_after_it(tmp_path: Path) -> None:
    """The first file refers to what the last one builds; only that one tells the secret."""
    files = {
        "a.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
        "spec: {containers: [{name: app, image: 'shop/web:1.0'}]}\n",
        "z/.env": f"DB_PASSWORD={SECRET}\n",
        "z/compose.yaml": "services:\n  web:\n    image: shop/web:${DB_PASSWORD}\n    build: .\n",
        "z/Dockerfile": "FROM alpine:3.20\nUSER 10001\n",
    }
    ran = hullcheck("scan", str(write_tree(tmp_path, files)), "--profile", "all", "--format", "json")
    assert "image-source-unlinked" in ran.out
    assert SECRET not in ran.out


@pytest.mark.parametrize(
    "files",
    [
        {".gitignore": ".env\n", ".env": f"DB_PASSWORD={SECRET}\n", "image": "${DB_PASSWORD}"},
        {"image": f"${{DB_PASSWORD:-{SECRET}}}"},
        {"image": f"${{DB_PASSWORD-{SECRET}}}"},
    ],
    ids=["a git-ignored env file", "a default", "a default where unset"],
)
def test_what_fills_in_a_field_is_known(tmp_path: Path, files: dict[str, str]) -> None:
    image = files.pop("image")
    files["compose.yaml"] = f"services:\n  web:\n    image: shop/web:{image}\n    ports: ['{image}:80']\n"
    root = str(write_tree(tmp_path, files))
    for form in reporter_names():
        ran = hullcheck("scan", root, "--profile", "all", "--format", form, "-v")
        assert SECRET.lower() not in (ran.out + ran.err).lower(), form
    assert SECRET not in hullcheck("graph", root).out


@pytest.mark.parametrize(
    "files",
    [
        {"docker-bake.hcl": f'target "web" {{\n  args = {{ DB_PASSWORD = "{SECRET}" ]\n}}\n'},
        {
            "compose.yaml": f"services:\n  web:\n    image: a\n    environment:\n      API_TOKEN: '{SECRET}${{x'\n"
        },
        {
            "k.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\nstringData: {{password: {SECRET}, [}}\n"
        },
        {".env": f"DB_PASSWORD='{SECRET}\n", "compose.yaml": "services: {web: {image: 'a:1'}}\n"},
    ],
    ids=["bake", "compose", "kubernetes", "dotenv"],
)
def test_what_cannot_be_read_shows_no_secret(tmp_path: Path, files: dict[str, str]) -> None:
    root = str(write_tree(tmp_path, files))
    for form in reporter_names():
        ran = hullcheck("scan", root, "--profile", "all", "--format", form, "-v")
        assert SECRET not in ran.out + ran.err, form


def test_a_line_hash_is_not_made_of_a_secret() -> None:
    """It is linear in the characters: who knows the rest of the line can solve it for the secret."""
    hashes = []
    for secret in (SECRET, "Qp71xLwm44kT"):
        text = f"a: 1\nb: {secret}\nc: 3\n" + "d: 4\n" * 40
        one = report(finding(at("f", 2, 1, 2), "r"), texts={"f": text}, rules=(rule("r"),), secrets=(secret,))
        hashes.append(across(one).sources.line_hashes("f", (1, 2, 3)))
    assert hashes[0] == hashes[1]
    assert hashes[0][3] == line_hashes(text, (3,))[3]


def test_a_fingerprint_is_not_made_of_a_secret() -> None:
    prints = set()
    for secret in (SECRET, "Qp71xLwm44kT"):
        text = load_reporter("gitlab").render(planted(secret, ""), RenderOptions())
        prints.add(text)
    assert len(prints) == 1


def test_the_path_of_a_file_is_shown_as_it_is() -> None:
    redactor = Redactor(Registry([SECRET]))
    assert redactor.path(f"conf/{SECRET}/token=abc.yaml") == f"conf/{SECRET}/token=abc.yaml"
    assert redactor.path(f"https://u:{SECRET}@host/x") == "https://u:***@host/x"


@given(st.text(st.sampled_from("pasword:= '\"|\n-{},@/tokenK8#E$")))
def test_what_is_redacted_stays_as_it_is(text: str) -> None:
    redactor = Redactor(Registry([SECRET]))
    shown = redactor.text(text + SECRET)
    assert redactor.text(shown) == shown
    assert SECRET not in shown


def test_a_line_break_in_a_message_hides_nothing_from_the_border() -> None:
    assert looked_over("a\npassword: hunter2\nb") == "a\npassword: ***\nb"


REFUSED = """
from scanner.cli.streams import print_text
from scanner.model.redacted import Redacted
from scanner.model.report import Report
from scanner.reporting.base import RenderOptions, across
from scanner.reporting.json import REPORTER
from scanner.reporting.shared.shown import ShownDiagnostic

def message() -> str:
    return input()

ShownDiagnostic(None, None, None, "error", message())  # a text that did not cross
REPORTER.render(Report(), RenderOptions())  # a report that did not cross
out: Redacted = REPORTER.render(across(Report()), RenderOptions())  # what no reporter vouches for
print_text(message())  # a text that did not cross
"""


def test_mypy_refuses_what_did_not_cross(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    file = tmp_path / "refused.py"
    file.write_text(REFUSED, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(file)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    wrong = [line.split(":")[1] for line in ran.stdout.splitlines() if ": error:" in line]
    lines = REFUSED.splitlines()
    assert wrong == [str(number) for number, line in enumerate(lines, 1) if "  # " in line], ran.stdout


MAKERS = {
    "model/redacted.py",
    "secrets/hiding.py",
    "reporting/base.py",
    "reporting/sarif.py",
    "reporting/shared/border.py",
    "reporting/shared/sources.py",
    "drawing/texts.py",
    "drawing/page.py",
    "cli/explanations.py",
}
"""The modules that may say of a text that it is redacted: the last ones put it together of texts that
are, and words of their own."""


def calls(name: str) -> list[tuple[str, ast.Call]]:
    found = []
    for path in sorted((ROOT / "scanner").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if name in text:
            relative = path.relative_to(ROOT / "scanner").as_posix()
            found += [
                (relative, node)
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
            ]
    return found


def test_few_modules_say_of_a_text_that_it_is_redacted() -> None:
    assert {path for path, _ in calls("Redacted")} <= MAKERS
    casts = [path for path, call in calls("cast") if "Redacted" in ast.dump(call)]
    assert casts == []


def test_a_text_of_our_own_is_a_constant() -> None:
    found = calls("own")
    assert found
    for path, call in found:
        argument = call.args[0]
        is_constant = isinstance(argument, ast.Constant) or (
            isinstance(argument, ast.Name) and argument.id.isupper()
        )
        assert is_constant, f"{path}:{call.lineno}"


BEFORE_IT = (
    "reporting/base.py",
    "reporting/shared/border.py",
    "reporting/shared/sources.py",
    "reporting/shared/guarded.py",  # leaves findings out of a report, and takes that across
)
"""What handles a report that did not cross, and renders none of it."""


def test_reporters_know_no_report_that_did_not_cross() -> None:
    for path in sorted((ROOT / "scanner" / "reporting").rglob("*.py")):
        relative = path.relative_to(ROOT / "scanner").as_posix()
        if relative in BEFORE_IT:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                names = {alias.name for alias in node.names}
                assert node.module not in ("scanner.artifacts", "scanner.secrets.registry"), relative
                raw = {"Report", "Finding", "Diagnostic", "Coverage", "Action", "RelatedLocation", "Location"}
                assert not names & raw, relative
