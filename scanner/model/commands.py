"""What the steps of a build run: the instruction, its mounts, and its simple commands.

A `Run` owns the calls of its script, texts alone; a `Command` is one of them with its
place and knows its run. Nothing refers from a run to its commands, so that a unit's
resources are freed without a garbage collector run.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from scanner.model.record import record
from scanner.model.source import Located, Unknown


class Call(NamedTuple):
    """One simple command as texts, read as its tool reads its words.

    `name` is the tool without its path and version (`pip` for `/usr/bin/pip3` and for
    `python3 -m pip`), `subcommand` what the tool is told to do ("" where it has none).
    `words` are all words behind the name; of these, `flags` are the options, each under
    the name it was written with (`-fsSL` gives four) and with its value, and `operands`
    the rest without the subcommand. Variables that the file decides are put in;
    `undecided` are the words in which one is left. `outputs` are the files that its
    output goes to, `directory` the last absolute path that a `cd` before it went to.
    `pipes_to` numbers the calls that read its output, `parent` the call it stands in and
    `origin` how: "substitution", "script" or "heredoc", else "".
    """

    name: str
    subcommand: str
    words: tuple[str, ...]
    flags: tuple[tuple[str, str | None], ...]
    operands: tuple[str, ...]
    undecided: frozenset[str]
    assignments: tuple[tuple[str, str], ...]
    wrappers: tuple[str, ...]
    outputs: tuple[str, ...]
    directory: str
    pipes_to: range
    is_fed: bool
    parent: int | None
    origin: str


class Script(tuple[Call, ...]):
    """The calls of one instruction, with a place for what was found out about all of them.

    An instruction may hold thousands of commands, each of which asks about the others.
    """

    @cached_property
    def found(self) -> dict[object, object]:
        """What was found out, under keys of whoever asks."""
        return {}

    @cached_property
    def numbers(self) -> dict[str, list[int]]:
        """The numbers of the calls by the name of the tool."""
        numbers: dict[str, list[int]] = {}
        for number, call in enumerate(self):
            numbers.setdefault(call.name, []).append(number)
        return numbers


@record
class BuildMount:
    """A `--mount` of a RUN. `kind` is bind, cache, tmpfs, secret or ssh; `text` the flag."""

    text: Located[str]
    kind: str
    target: Located[str | Unknown] | None = None
    source: Located[str | Unknown] | None = None


NO_CALLS = Script()


@record
class Run:
    """An instruction that runs something: RUN, CMD, ENTRYPOINT or HEALTHCHECK.

    `text` begins at its keyword. `understood` is false when the script is in a language
    (`language`) that is not read; it has no calls then. `pipefail` says that the shell in
    force, or the script, stops at a failure within a pipe. `settings` are the variables
    in force of those that package managers take their options from.
    """

    text: Located[str]
    instruction: str
    onbuild: bool
    shell_form: bool
    language: str
    understood: bool
    pipefail: bool
    network: Located[str | Unknown] | None = None
    security: Located[str | Unknown] | None = None
    mounts: tuple[BuildMount, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    calls: Script = NO_CALLS


@record
class Command:
    """A simple command that a build step runs.

    `text` is the whole command, its wrappers included. `label` is what people call it
    (`apt-get install`); `name` and `subcommand` are those of its `call`, which is number
    `number` of the calls of its `run`.
    """

    text: Located[str]
    label: str
    name: str
    subcommand: str
    call: Call
    number: int
    run: Run
