"""Runs a composite action as GitHub's runner does, without the runner.

`run:` steps are executed by bash; `uses:` steps are recorded with what they are given.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_TOKEN = re.compile(r"\s*(?:'(?P<text>(?:[^']|'')*)'|(?P<operator>==|!=|&&|\|\||[!()])|(?P<name>[\w.-]+))")


@dataclass
class Outcome:
    """What a run of an action leaves behind."""

    succeeded: bool
    outputs: dict[str, str]
    log: str
    summary: str
    used: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def commands(self) -> list[tuple[str, dict[str, str], str]]:
        """Return the workflow commands of the log, by the rules of ActionCommand.cs."""
        found = []
        for line in self.log.splitlines():
            if match := re.match(r"\s*::([\w-]+)(?: (.*?))?::(.*)$", line):
                pairs = (pair.split("=", 1) for pair in (match[2] or "").split(",") if "=" in pair)
                found.append(
                    (match[1], {key: _unescaped(value) for key, value in pairs}, _unescaped(match[3]))
                )
            found += [("##" + old, {}, "") for old in re.findall(r"##\[([\w-]+)", line)]
        return found


class ActionRunner:
    """An action, and the folders and variables of a job that uses it.

    `given` are outputs of steps that are then not run, by the steps' ids.
    """

    def __init__(
        self,
        action: Path,
        workspace: Path,
        temporary: Path,
        given: Mapping[str, Mapping[str, str]],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._action = yaml.safe_load(action.read_text())
        self._workspace, self._temporary, self._given = workspace, temporary, given
        self._environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("GITHUB_", "HULLCHECK"))
            },
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(action.parent),
            "GITHUB_WORKSPACE": str(workspace),
            "RUNNER_TEMP": str(temporary),
            **(environment or {}),
        }

    def run(self, **inputs: str) -> Outcome:
        """Run the action with these inputs (`-` written as `_`) and return what happened."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        declared = self._action["inputs"]
        assert set(given) <= set(declared), "an input that the action does not declare"
        values = {name: given.get(name, str(spec.get("default", ""))) for name, spec in declared.items()}
        context: dict[str, Any] = {"inputs": values, "steps": {}}
        outcome = Outcome(True, {}, "", "")
        for number, step in enumerate(self._action["runs"]["steps"]):
            condition = str(step.get("if", "success()"))
            if "always()" not in condition and not outcome.succeeded:
                continue
            if not truthy(
                evaluate(condition.removeprefix("${{").removesuffix("}}"), context, outcome.succeeded)
            ):
                continue
            name = step.get("id", f"step-{number}")
            code, outputs = self._step(step, context, outcome)
            context["steps"][name] = {"outputs": outputs}
            if code and not step.get("continue-on-error"):
                outcome.succeeded = False
        for name, spec in self._action["outputs"].items():
            outcome.outputs[name] = expanded(spec["value"], context)
        return outcome

    def _step(
        self, step: dict[str, Any], context: dict[str, Any], outcome: Outcome
    ) -> tuple[int, dict[str, str]]:
        if "uses" in step:
            given = {name: expanded(str(value), context) for name, value in step.get("with", {}).items()}
            outcome.used.append((step["uses"], given))
            return 0, dict(self._given.get(step.get("id", ""), {}))
        if step.get("id") in self._given:
            return 0, dict(self._given[step["id"]])
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "an expression in a script can be injected into"
        output, summary, script = (self._temporary / name for name in ("output", "summary", "step.sh"))
        output.write_text("")
        summary.write_text("")
        script.write_text(step["run"])
        environment = {
            **self._environment,
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            **{name: expanded(str(value), context) for name, value in step.get("env", {}).items()},
        }
        run = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self._workspace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        outcome.log += run.stdout.decode("utf-8", "replace")
        outcome.summary += summary.read_text()
        return run.returncode, _file_commands(output.read_text())


def evaluate(expression: str, context: Mapping[str, Any], succeeded: bool = True) -> Any:
    """Evaluate the small part of GitHub's expressions that an action should need."""
    tokens = [found for found in _TOKEN.finditer(expression.strip()) if found.group().strip()]
    assert "".join(token.group() for token in tokens) == expression.strip(), expression
    rest = [(token["text"], token["operator"] or token["name"]) for token in tokens]

    def take(*words: str) -> str | None:
        return rest.pop(0)[1] if rest and rest[0][0] is None and rest[0][1] in words else None

    def either() -> Any:
        value = both()
        while take("||"):
            other = both()
            value = value if truthy(value) else other
        return value

    def both() -> Any:
        value = compared()
        while take("&&"):
            other = compared()
            value = other if truthy(value) else value
        return value

    def compared() -> Any:
        value = single()
        while operator := take("==", "!="):
            value = (value == single()) == (operator == "==")
        return value

    def single() -> Any:
        if take("!"):
            return not truthy(single())
        if take("("):
            value = either()
            assert take(")")
            return value
        text, name = rest.pop(0)
        if text is not None:
            return text.replace("''", "'")
        functions: dict[str, Callable[[], bool]] = {"always": lambda: True, "success": lambda: succeeded}
        if name in functions:
            assert take("(")
            assert take(")")
            return functions[name]()
        value: Any = context
        for part in name.split("."):
            value = value.get(part, "") if isinstance(value, Mapping) else ""
        return value

    result = either()
    assert not rest, expression
    return result


def truthy(value: Any) -> bool:
    """Whether GitHub takes a value for true."""
    return value not in ("", False, None, 0)


def expanded(text: str, context: Mapping[str, Any]) -> str:
    """Return a text with its `${{ }}` evaluated."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(evaluate(found[1], context)), text)


def _file_commands(text: str) -> dict[str, str]:
    values, lines = {}, iter(text.splitlines())
    for line in lines:
        if match := re.match(r"([\w-]+)<<(.+)$", line):
            body = []
            for inner in lines:
                if inner == match[2]:
                    break
                body.append(inner)
            values[match[1]] = "\n".join(body)
        elif "=" in line:
            name, _equals, value = line.partition("=")
            values[name] = value
    return values


def _unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text
