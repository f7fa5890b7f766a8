"""The commands of a build stage as resources: what its RUN, CMD and the like execute."""

from __future__ import annotations

from typing import NamedTuple

from scanner.formats.dockerfile.shell_values import ShellValues
from scanner.formats.dockerfile.tools import read_words, tool_name
from scanner.formats.dockerfile.variables import Scope
from scanner.model.commands import NO_CALLS, BuildMount, Call, Command, Run, Script
from scanner.model.source import Located, Location, Source, Span, Unknown
from scanner.parsing.dockerfile_tree import Flag, Instruction
from scanner.parsing.shell import DEFAULT_SHELL, ShellCommand, ShellScript, commands_of

SETTINGS = frozenset(("PIP_NO_CACHE_DIR", "UV_NO_CACHE", "BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT"))
"""The variables that `Run.settings` tells."""


class Beginning(NamedTuple):
    """A source of commands that are located by their first line, however long they are."""

    source: Source

    @property
    def path(self) -> str:
        return self.source.path

    def locate(self, place: object) -> Location:
        """Return the first line of a command; places are whatever has a span."""
        span: Span = place.span  # type: ignore[attr-defined]
        if span.end_line > span.line:
            first = _first_line(place)
            span = Span(span.line, span.column, span.line, span.column + max(len(first), 1))
        return self.source.locate(span)

    def settle(self, place: object) -> tuple[Source, object]:
        """Return what is given: there are few such places, and where they stand is asked late."""
        return self, place

    def extent(self, place: object) -> Location:
        """Return all of a command."""
        return self.source.extent(place.span)  # type: ignore[attr-defined]


class CommandReader:
    """Collects what the instructions of one stage run; `shell` is the SHELL in force."""

    def __init__(self, source: Source, shell: tuple[str, ...] = DEFAULT_SHELL) -> None:
        self.shell = shell
        self.runs: list[Run] = []
        self.commands: list[Command] = []
        self._source = source
        self._beginning = Beginning(source)
        self._settings: tuple[tuple[str, str], ...] | None = None

    def take(self, instruction: Instruction, scope: Scope) -> None:
        """Take in an instruction; one that runs nothing is passed over."""
        inner = instruction.nested or instruction
        if inner.keyword == "SHELL":
            if inner is instruction and inner.json_form:
                self.shell = tuple(word.text for word in inner.arguments)
            return
        if inner.keyword in ("ENV", "ARG"):
            self._settings = None
        if inner.keyword not in _RUNS or not inner.arguments:
            return
        script = commands_of(inner, self.shell)
        calls = _calls(script, scope) if script.commands else NO_CALLS
        run = self._run(inner, instruction is not inner, script, calls, scope)
        self.runs.append(run)
        beginning = self._beginning
        for number, (call, command) in enumerate(zip(calls, script.commands, strict=True)):
            text = Located(command.source.text[command.start : command.end], command, beginning)
            label = f"{call.name} {call.subcommand}" if call.subcommand else call.name
            self.commands.append(Command(text, label, call.name, call.subcommand, call, number, run))

    def _run(
        self, inner: Instruction, onbuild: bool, script: ShellScript, calls: Script, scope: Scope
    ) -> Run:
        keyword = Located(inner.keyword, inner.keyword_word, self._beginning)
        shell_form = not inner.json_form
        pipefail = (shell_form and "pipefail" in self.shell) or any(
            (call.name == "set" and "pipefail" in call.words)
            or (call.name in _SHELLS and any("pipefail" in (value, flag) for flag, value in call.flags))
            for call in calls
        )
        mounts: tuple[BuildMount, ...] = ()
        network = security = None
        if inner.flags:
            network = self._flag(inner.flag("network"), scope)
            security = self._flag(inner.flag("security"), scope)
            mounts = tuple(
                self._mount(flag, scope) for flag in inner.flags if flag.name == "mount" and flag.value
            )
        return Run(
            keyword, inner.keyword, onbuild, shell_form, script.language, script.understood, pipefail,
            network, security, mounts, self._settings_of(scope), calls,
        )  # fmt: skip

    def _flag(self, flag: Flag | None, scope: Scope) -> Located[str | Unknown] | None:
        if flag is None or flag.value is None:
            return None
        return Located(scope.value(flag.value), flag.span, self._source)

    def _mount(self, flag: Flag, scope: Scope) -> BuildMount:
        """Read a mount; its keys are comma-separated (Dockerfile reference, "RUN --mount")."""
        text = flag.value or ""
        entries: dict[str, str] = {}
        for entry in text.split(","):
            key, _, value = entry.strip().strip("\"'").partition("=")
            entries[_MOUNT_KEYS.get(key.lower(), key.lower())] = value
        values: dict[str, Located[str | Unknown]] = {
            key: Located(scope.value(entries[key]), flag.span, self._source)
            for key in ("target", "source")
            if key in entries
        }
        written = Located(f"--mount={text}", flag.span, self._source)
        return BuildMount(written, entries.get("type", "bind"), values.get("target"), values.get("source"))

    def _settings_of(self, scope: Scope) -> tuple[tuple[str, str], ...]:
        """Return the watched variables in force, looked up anew only after an ENV or ARG."""
        if self._settings is None:
            self._settings = tuple(
                (name, value)
                for name in sorted(SETTINGS)
                if name in scope.environment or name in scope.arguments
                for value in [scope.lookup(name)]
                if isinstance(value, str)
            )
        return self._settings


def _calls(script: ShellScript, scope: Scope) -> Script:
    """Return the commands of a script as texts, with the variables that the file decides."""
    values = ShellValues(scope)
    commands = script.commands
    fed = {number for reading in {command.pipes_to for command in commands} for number in reading}
    calls: list[Call] = []
    directory = ""
    for number, command in enumerate(commands):
        words: list[str] = []
        undecided: list[str] = []
        for word in command.words:
            if not word.has_expansion:
                words.append(word.text)
            else:
                decided, found = values.expanded(word)
                words += found
                if not decided:
                    undecided += found
        name, count = tool_name(words) if words else ("", 0)
        rest = tuple(words[count:])
        reading = read_words(name, rest)
        assignments = tuple((entry.name, values.text(entry.value)) for entry in command.assignments)
        if name in _EXPORTS:
            assignments += tuple(
                (key, value) for word in rest for key, equals, value in [word.partition("=")] if equals
            )
        if assignments and (not words or name in _EXPORTS):
            values.assign(assignments)
        call = Call(
            name, reading.subcommand, rest, reading.flags, reading.operands,
            frozenset(undecided) if undecided else _NO_WORDS,
            assignments, _own_wrappers(command, commands), _outputs(command, values),
            directory, command.pipes_to, number in fed, command.parent, command.origin,
        )  # fmt: skip
        calls.append(call)
        if name == "cd" and len(rest) == 1:
            directory = rest[0] if rest[0].startswith("/") else directory and f"{directory}/{rest[0]}"
    return Script(calls)


def _own_wrappers(command: ShellCommand, commands: tuple[ShellCommand, ...]) -> tuple[str, ...]:
    """Return the names of a command's wrappers without those of the script that it stands in."""
    if not command.wrappers:
        return ()
    names = command.wrapper_names
    if command.parent is not None and command.origin in ("script", "heredoc"):
        return names[len(commands[command.parent].wrappers) :]
    return names


def _outputs(command: ShellCommand, values: ShellValues) -> tuple[str, ...]:
    if not command.redirections:
        return ()
    targets = (
        redirection.target
        for redirection in command.redirections
        if ">" in redirection.operator and not redirection.operator.endswith(("&", ">("))
    )
    return tuple(values.text(target.text) for target in targets if target is not None)


def _first_line(place: object) -> str:
    """Return the part of a command that stands on its first line."""
    if not isinstance(place, ShellCommand):
        return ""
    source, start = place.source, place.start
    line = source.lines.position(source.origin(start))[0]
    end, last = start + 1, place.end
    while end < last:  # find the longest part of the command that stays in the line
        middle = (end + last + 1) // 2
        if source.lines.position(source.origin(middle - 1))[0] == line:
            end = middle
        else:
            last = middle - 1
    return source.text[start:end].rstrip().rstrip("\\").rstrip()


_RUNS = frozenset({"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"})
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"})
_EXPORTS = frozenset({"export", "declare", "typeset", "local", "readonly"})
_MOUNT_KEYS = {"dst": "target", "destination": "target", "src": "source"}
_NO_WORDS: frozenset[str] = frozenset()
