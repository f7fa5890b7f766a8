"""What the README shows and says is so."""

from __future__ import annotations

import re

from tests.support import ROOT, hullcheck

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(python3 -m venv .*)\n```", README)


def test_the_sample_is_real_output(monkeypatch):
    monkeypatch.chdir(ROOT)
    sample = re.search(r"<!-- sample -->\n```text\n(.*?)```\n<!-- /sample -->", README, re.S).group(1)
    out = hullcheck("scan", "fixtures/shop").out
    beginning, _, end = sample.partition("\n...\n")
    assert out.startswith(beginning)
    assert out.endswith(end)
    assert len(beginning) > 500


def test_ci_runs_the_readmes_test_command():
    assert COMMANDS[1] in (ROOT / ".ci/run").read_text()


def test_there_are_two_commands_to_set_up():
    assert len(COMMANDS) == 2
    assert "fixtures/shop" in COMMANDS[0]
