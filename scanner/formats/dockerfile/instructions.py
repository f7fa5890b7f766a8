"""The instructions of a stage as resources, and what they say of working directory, shell,
labels, start commands and copied files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.formats.dockerfile.copies import CREDENTIAL_VARIABLES, Whereabouts, is_relative, read_copy
from scanner.formats.dockerfile.undeclared import MAX_NAMES, Surroundings, undeclared_in
from scanner.formats.dockerfile.variables import Scope
from scanner.model.resources import Copy, EnvVar, Fact
from scanner.model.source import Located, Source, Unknown
from scanner.model.stage_parts import (
    BuildContext,
    CredentialFile,
    StageInstruction,
    UndeclaredVariable,
    WorkingDirectory,
)
from scanner.parsing.dockerfile_stages import Stage
from scanner.parsing.dockerfile_tree import Instruction


@dataclass(slots=True)
class Collected:
    """What the instructions of a stage have given so far; `workdir` to `label_names` are inherited."""

    workdir: Fact[str] = None
    trigger_workdir: Fact[str] = None
    custom_shell: bool = False
    cmd: Fact[str] = None
    entrypoint: Fact[str] = None
    label_names: dict[str, None] = field(default_factory=dict)
    labels: list[EnvVar] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    instructions: list[StageInstruction] = field(default_factory=list)
    workdirs: list[WorkingDirectory] = field(default_factory=list)
    undeclared: list[UndeclaredVariable] = field(default_factory=list)
    credential_files: list[CredentialFile] = field(default_factory=list)

    def child(self) -> Collected:
        """Return what a stage based on this one starts with."""
        return Collected(
            self.workdir,
            None,
            self.custom_shell,
            self.cmd,
            self.entrypoint,
            dict(self.label_names),
        )


class InstructionReader:
    """Reads the instructions of one stage in order, each with the variables in force before it."""

    def __init__(
        self,
        stage: Stage,
        stages: Mapping[str, int],
        base: frozenset[str] | None,
        context: BuildContext | None,
        source: Source,
        collected: Collected,
    ) -> None:
        self.collected = collected
        self._stage = stage
        self._stages = stages
        self._context = context
        self._source = source
        self._around = Surroundings(base, _declared(stage))
        self._last = _last_of_each(stage)
        self._inherited_cmd = collected.cmd
        self._index = 0

    def read(self, instruction: Instruction, scope: Scope) -> None:
        """Take in an instruction; `scope` has what stood before it."""
        self._index += 1
        nested = instruction.nested
        self._add(instruction, scope, nested)
        if nested is not None:
            self._add(nested, scope, None, onbuild=True)
        elif len(self.collected.undeclared) < MAX_NAMES:
            self.collected.undeclared.extend(undeclared_in(instruction, scope, self._around, self._source))

    def credential_files(self, env: list[EnvVar]) -> tuple[CredentialFile, ...]:
        """Return the credential files that the variables of the stage name."""
        found = []
        for variable in env:
            if variable.name.value in CREDENTIAL_VARIABLES and variable.value is not None:
                path = variable.value.value
                copied = isinstance(path, str) and any(
                    _may_hold(copy, path) for copy in self.collected.copies
                )
                found.append(CredentialFile(variable.value, str(path), variable.name.value, copied))
        return tuple(found)

    def _add(
        self, instruction: Instruction, scope: Scope, nested: Instruction | None, *, onbuild: bool = False
    ) -> None:
        keyword = instruction.keyword
        place = instruction.keyword_span
        located = Located(keyword, place, self._source)
        text = instruction.source.text[instruction.keyword_word.end :].strip()
        replaced = None if onbuild else self._last.get(keyword)
        trigger = None
        if keyword == "ONBUILD":
            word = nested.keyword if nested is not None else text.partition(" ")[0].upper()
            trigger = Located(word, place, self._source)
        self.collected.instructions.append(
            StageInstruction(
                located,
                Located(text, place, self._source),
                self._index,
                _form(instruction),
                Located(replaced, place, self._source)
                if replaced is not None and replaced != place.line
                else None,
                self.collected.custom_shell,
                onbuild,
                trigger,
            )
        )
        self._interpret(instruction, scope, text, onbuild)

    def _interpret(self, instruction: Instruction, scope: Scope, text: str, onbuild: bool) -> None:
        """Take in what an instruction sets for those after it."""
        keyword, collected = instruction.keyword, self.collected
        if keyword in ("COPY", "ADD") and len(instruction.arguments) > 1:
            workdir = collected.workdir
            if onbuild and collected.trigger_workdir is not None:
                workdir = collected.trigger_workdir
            stage = self._stage
            where = Whereabouts(self._stages, stage.name, stage.index, workdir, self._context)
            collected.copies.append(read_copy(instruction, scope, where, self._source, onbuild=onbuild))
        elif keyword == "WORKDIR" and instruction.arguments:
            self._change_directory(instruction, scope, onbuild)
        elif onbuild:
            return
        elif keyword == "SHELL":
            collected.custom_shell = True
        elif keyword == "CMD":
            collected.cmd = Located(text, instruction.keyword_span, self._source)
        elif keyword == "ENTRYPOINT":
            collected.entrypoint = Located(text, instruction.keyword_span, self._source)
            if collected.cmd is self._inherited_cmd:
                collected.cmd = None  # an ENTRYPOINT resets the CMD of the base image
        elif keyword == "LABEL":
            self._label(instruction, scope)

    def _label(self, instruction: Instruction, scope: Scope) -> None:
        for pair in instruction.pairs:
            name = scope.expand(pair.key).text
            value = None
            if pair.value is not None:
                value = Located(scope.value(pair.value), pair.value.span, self._source)
            self.collected.labels.append(EnvVar(Located(name, pair.key.span, self._source), value))
            self.collected.label_names[name] = None

    def _change_directory(self, instruction: Instruction, scope: Scope, onbuild: bool) -> None:
        collected = self.collected
        word = instruction.arguments[0]
        value = scope.value(word)
        seen = scope.expand(word).text
        before = collected.trigger_workdir or collected.workdir if onbuild else collected.workdir
        relative = is_relative(seen)
        resolved = _join(before, seen if relative else value, relative)
        place = Located(value, word.span, self._source)
        fact: Fact[str] = None if resolved is None else place._replace(value=resolved)
        collected.workdirs.append(WorkingDirectory(place, fact, relative))
        # A directory that builds on an unknown one is unknown itself, but one was chosen.
        chosen = fact if fact is not None else place._replace(value=_OF_BASE)
        if onbuild:
            collected.trigger_workdir = chosen
        else:
            collected.workdir = chosen


_OF_BASE = Unknown("the base image decides")
_DRIVE = re.compile(r"[A-Za-z]:")
_ONCE = frozenset(("CMD", "ENTRYPOINT", "HEALTHCHECK"))
_WITH_FORMS = frozenset(("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "SHELL", "COPY", "ADD", "VOLUME"))


def _form(instruction: Instruction) -> str:
    if instruction.keyword not in _WITH_FORMS:
        return ""
    if instruction.keyword == "HEALTHCHECK" and len(instruction.arguments) < 2:
        return ""
    return "json" if instruction.json_form else "shell"


def _last_of_each(stage: Stage) -> dict[str, int]:
    """The line of the last instruction of each keyword of which only the last one counts."""
    return {
        instruction.keyword: instruction.keyword_span.line
        for instruction in stage.instructions
        if instruction.keyword in _ONCE
    }


def _declared(stage: Stage) -> dict[str, int]:
    """The names that a stage declares anywhere, with the line of the first declaration."""
    lines: dict[str, int] = {}
    for instruction in stage.instructions:
        if instruction.keyword in ("ARG", "ENV"):
            for pair in instruction.pairs:
                if pair.key.text not in lines:
                    lines[pair.key.text] = pair.key.span.line
    return lines


def _join(before: Fact[str], path: str | Unknown, relative: bool) -> str | Unknown | None:
    if not relative or isinstance(path, Unknown):
        return path
    if before is None or before.value is _OF_BASE:
        return None
    if isinstance(before.value, Unknown):
        return before.value
    if "\\" in before.value or _DRIVE.match(before.value):
        return before.value.rstrip("\\/") + "\\" + path
    return posixpath.normpath(posixpath.join(before.value, path))


def _may_hold(copy: Copy, path: str) -> bool:
    """Whether a COPY from the context may have brought the file of that path.

    Both are seen from the working directory; where that is unknown, from the root.
    """
    target = copy.destination.value
    if copy.origin != "context" or isinstance(target, Unknown) or "$" in path:
        return False
    base = copy.base.value if copy.base is not None and isinstance(copy.base.value, str) else "/"
    target = posixpath.normpath(posixpath.join("/", base, target))
    wanted = posixpath.normpath(posixpath.join("/", base, path))
    return wanted == target or wanted.startswith(target.rstrip("/") + "/")
