"""Rule and framework files to rules and frameworks."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath

from scanner.model.resources import Format
from scanner.model.rule import (
    All,
    Any,
    Case,
    Condition,
    Confidence,
    Control,
    Example,
    Framework,
    Operand,
    ParamRef,
    Rule,
    Severity,
    Tier,
)
from scanner.model.source import Location, Span
from scanner.model.vocabulary import KINDS
from scanner.parsing.yaml import Node, ScalarNode, read_int
from scanner.policy.conditions import ConditionReader
from scanner.policy.nodes import PolicyFile, suggest
from scanner.policy.showing import read_showing
from scanner.policy.words import Words

_REQUIRED = (
    "id",
    "title",
    "severity",
    "confidence",
    "tier",
    "applies_to",
    "formats",
    "message",
    "description",
    "remediation",
    "examples",
)
_OPTIONAL = ("when", "at", "references", "tags", "aliases", "params", "kinds", "sensitive", "flow", "cases")
_NOTHING_IN_COMMON = All(())
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def load_rule(path: str, text: str, words: Words, taken: Mapping[str, str] | None = None) -> Rule:
    """Return the rule of a file.

    Raises RuleError with line and column for the first thing that is wrong, with a
    suggestion where a word is misspelt. `path` must end in the rule's id and `.yaml`.
    `taken` are names that neither it nor an alias may have, each with what it stands for.
    """
    file = PolicyFile(path, text)
    taken = taken or {}
    entries = file.keys(file.root, "a rule", _REQUIRED, _OPTIONAL)
    identifier = file.text(entries["id"], "id")
    if not _ID.fullmatch(identifier):
        file.fail(entries["id"], f"'{identifier}' is no rule id", "use lower-case words with hyphens")
    stem = PurePosixPath(path.replace("\\", "/")).stem
    if identifier != stem:
        file.fail(entries["id"], f"id '{identifier}' differs from the file's name '{stem}'")
    _refuse_taken(file, entries["id"], (identifier,), taken)
    aliases = file.texts(entries["aliases"], "aliases") if "aliases" in entries else ()
    if aliases:
        _refuse_taken(file, entries["aliases"], aliases, {identifier: "the rule's own id", **taken})
    applies_to = _read_kinds(file, entries["applies_to"])
    params = _read_params(file, entries.get("params"))
    reader = ConditionReader(file, params, words)
    condition: Condition = _NOTHING_IN_COMMON
    if "when" in entries:
        # Read for each kind, so that a field that one of them lacks is an error.
        condition, *_ = [reader.read(entries["when"], kind) for kind in applies_to]
    elif "cases" not in entries:
        file.fail(file.root, "a rule lacks 'when'")
    sensitive = "sensitive" in entries and file.boolean(entries["sensitive"], "sensitive")
    at, message = read_showing(file, entries, applies_to, condition, sensitive)
    cases = _read_cases(
        file, entries.get("cases"), reader, Case("", condition, at, message, applies_to), sensitive
    )
    if cases:
        condition = Any(tuple(case.when for case in cases))
    formats = tuple(
        file.choice(item, "format", Format) for item in file.sequence(entries["formats"], "formats")
    )
    if not formats:
        file.fail(entries["formats"], "'formats' is empty, so that the rule is asked nowhere")
    return Rule(
        id=identifier,
        title=file.text(entries["title"], "title"),
        severity=file.choice(entries["severity"], "severity", Severity),
        confidence=file.choice(entries["confidence"], "confidence", Confidence),
        tier=file.choice(entries["tier"], "tier", Tier),
        applies_to=applies_to,
        formats=formats,
        when=condition,
        at=at,
        message=message,
        description=file.text(entries["description"], "description"),
        remediation=_read_remediation(file, entries["remediation"]),
        resource_kinds=file.texts(entries["kinds"], "kinds") if "kinds" in entries else (),
        references=file.texts(entries["references"], "references") if "references" in entries else (),
        tags=file.texts(entries["tags"], "tags") if "tags" in entries else (),
        aliases=aliases,
        params=params,
        sensitive=sensitive,
        flow="flow" in entries and file.boolean(entries["flow"], "flow"),
        examples=_read_examples(file, entries["examples"], formats),
        origin=Location(path, Span(1, 1, 1, 2)),
        cases=cases,
    )


def _refuse_taken(file: PolicyFile, node: Node, names: Sequence[str], taken: Mapping[str, str]) -> None:
    """Refuse a name that stands for something already: whoever selects or ignores that would get this."""
    for name in names:
        if name in taken:
            file.fail(node, f"the name '{name}' is taken: it is {taken[name]}", "choose another")
        if names.count(name) > 1:
            file.fail(node, f"the name '{name}' stands twice")


def _read_kinds(file: PolicyFile, node: Node) -> tuple[str, ...]:
    """Return the kinds that a rule or a case applies to: at least one, and each once."""
    kinds = file.texts(node, "applies_to")
    for kind in kinds:
        if kind not in KINDS:
            hint = suggest(kind, KINDS) or f"use one of {', '.join(KINDS)}"
            file.fail(node, f"unknown kind '{kind}'", hint)
        if kinds.count(kind) > 1:
            file.fail(node, f"kind '{kind}' stands twice")
    if not kinds:
        file.fail(node, "'applies_to' is empty, so that the rule is asked nowhere")
    return kinds


def _read_cases(
    file: PolicyFile,
    node: Node | None,
    reader: ConditionReader,
    common: Case,
    sensitive: bool,
) -> tuple[Case, ...]:
    """Return the cases of a rule, each with what they have in `common` where it says nothing else."""
    cases: dict[str, Case] = {}
    for item in file.sequence(node, "cases") if node is not None else ():
        entries = file.keys(item, "a case", ("name", "when"), ("at", "message", "applies_to"))
        name = file.text(entries["name"], "name")
        if not _ID.fullmatch(name):
            file.fail(entries["name"], f"'{name}' names no case", "use lower-case words with hyphens")
        if name in cases:
            file.fail(entries["name"], f"there is a case '{name}' already")
        kinds = common.applies_to
        if "applies_to" in entries:
            kinds = _read_kinds(file, entries["applies_to"])
            for kind in kinds:
                if kind not in common.applies_to:
                    file.fail(entries["applies_to"], f"the rule does not apply to '{kind}'")
        own, *_ = [reader.read(entries["when"], kind) for kind in kinds]
        when = own if common.when is _NOTHING_IN_COMMON else All((common.when, own))
        at, message = read_showing(file, entries, kinds, when, sensitive)
        cases[name] = Case(name, when, at or common.at, message or common.message, kinds)
    if node is not None and not cases:
        file.fail(node, "'cases' is empty")
    return tuple(cases.values())


def _read_params(file: PolicyFile, node: Node | None) -> dict[str, Operand]:
    if node is None:
        return {}
    params: dict[str, Operand] = {}
    for name, value in file.mapping(node, "params").items():
        entries = file.keys(value, f"parameter '{name}'", ("default", "description"), ())
        default = file.operand(entries["default"], f"the default of '{name}'")
        if isinstance(default, ParamRef):
            file.fail(entries["default"], "a default cannot be a parameter")
        file.text(entries["description"], "description")
        params[name] = default
    return params


def _read_remediation(file: PolicyFile, node: Node) -> dict[str, str]:
    if isinstance(node, ScalarNode):
        return {"any": file.text(node, "remediation")}
    known = [*(member.value for member in Format), "any"]
    entries = file.keys(node, "remediation", (), known)
    return {key: file.text(value, "remediation") for key, value in entries.items()}


def _read_examples(file: PolicyFile, node: Node, formats: tuple[Format, ...]) -> tuple[Example, ...]:
    examples = []
    known = {member.value for member in formats}
    for item in file.sequence(node, "examples"):
        entries = file.keys(
            item, "an example", ("name", "format", "expect", "source"), ("files", "params", "path")
        )
        form = file.text(entries["format"], "format")
        if form not in known:
            file.fail(entries["format"], f"the rule does not claim the format '{form}'", suggest(form, known))
        expect = []
        for line in file.sequence(entries["expect"], "expect"):
            number = read_int(line)
            if number is None or number < 1:
                raise file.fail(line, "expected a line number")
            expect.append(number)
        files = file.mapping(entries["files"], "files") if "files" in entries else {}
        params = file.mapping(entries["params"], "params") if "params" in entries else {}
        examples.append(
            Example(
                file.text(entries["name"], "name"),
                form,
                tuple(expect),
                file.block(entries["source"], "source"),
                tuple((name, file.block(value, name)) for name, value in files.items()),
                tuple((name, file.operand(value, name)) for name, value in params.items()),
                file.text(entries["path"], "path") if "path" in entries else None,
            )
        )
    return tuple(examples)


def load_framework(
    path: str, text: str, taken: Mapping[str, str] | None = None, rules: Collection[str] | None = None
) -> Framework:
    """Return the framework of a file; raises RuleError as `load_rule` does.

    `taken` are names that it may not have, and `rules` the ids of those there are (None: not known).
    """
    file = PolicyFile(path, text)
    entries = file.keys(file.root, "a framework", ("id", "title", "version", "url", "controls"), ())
    identifier = file.text(entries["id"], "id")
    _refuse_taken(file, entries["id"], (identifier,), taken or {})
    controls = []
    for item in file.sequence(entries["controls"], "controls"):
        control = file.keys(item, "a control", ("id", "title"), ("rules", "not_assessed"))
        if ("rules" in control) == ("not_assessed" in control):
            file.fail(item, "a control has either 'rules' or 'not_assessed'")
        served = file.texts(control["rules"], "rules") if "rules" in control else ()
        for name in served:
            if rules is not None and name not in rules:
                file.fail(control["rules"], f"unknown rule '{name}' in a control", suggest(name, rules))
        controls.append(
            Control(
                file.text(control["id"], "id"),
                file.text(control["title"], "title"),
                served,
                file.text(control["not_assessed"], "not_assessed") if "not_assessed" in control else None,
            )
        )
    return Framework(
        identifier,
        file.text(entries["title"], "title"),
        file.text(entries["version"], "version"),
        file.text(entries["url"], "url"),
        tuple(controls),
    )
