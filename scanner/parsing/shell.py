"""What a RUN, CMD, ENTRYPOINT or HEALTHCHECK runs, as commands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scanner.errors import ParseError
from scanner.parsing.dockerfile_tree import Heredoc, Instruction, Word
from scanner.parsing.heredoc import parse_heredoc
from scanner.parsing.mapped_text import MappedText, join_mapped
from scanner.parsing.shell_parser import ScriptReader
from scanner.parsing.shell_tokens import Draft
from scanner.parsing.shell_tree import (
    Assignment,
    Redirection,
    ShellCommand,
    ShellScript,
    ShellWord,
    base_name,
)
from scanner.parsing.shell_wrappers import POSIX_SHELLS

__all__ = [
    "DEFAULT_SHELL", "WINDOWS_SHELL", "Assignment", "Redirection", "ShellCommand", "ShellScript", "ShellWord",
    "commands_of", "commands_of_words", "parse_script", "shell_language",
]  # fmt: skip

DEFAULT_SHELL = ("/bin/sh", "-c")
WINDOWS_SHELL = ("cmd", "/S", "/C")


def commands_of(instruction: Instruction, shell: Sequence[str] = DEFAULT_SHELL) -> ShellScript:
    """Return the commands of an instruction, given the SHELL in force; it never raises.

    An instruction that runs nothing has no commands. A body in the language of another
    shell or interpreter is not understood, and left alone.
    """
    if instruction.nested is not None:
        return commands_of(instruction.nested, shell)
    words = instruction.arguments
    if instruction.keyword == "HEALTHCHECK":
        words = words[1:]
    elif instruction.keyword not in _RUNS:
        return _NOTHING
    if not words:
        return _NOTHING
    if instruction.json_form:
        return commands_of_words(words)
    command = words[0].mapped
    if instruction.heredocs:
        if _is_heredoc_alone(command.text):
            return _heredoc_script(instruction.heredocs[0], shell)
        command = _with_bodies(command, instruction.heredocs)
    language = shell_language(shell)
    if language != "sh":
        return ShellScript((), False, language)
    return parse_script(command)


def commands_of_words(words: Sequence[Word]) -> ShellScript:
    """Return the commands of a JSON form: one, and those of the script that it may carry."""
    if not words:
        return _NOTHING
    drafts: list[Draft] = []
    reader = ScriptReader(words[0].source, drafts)
    reader.run_words(words)
    return ShellScript(tuple(draft.finish() for draft in drafts), complete=reader.complete)


def parse_script(source: MappedText) -> ShellScript:
    """Return the commands of a POSIX shell script."""
    drafts: list[Draft] = []
    reader = ScriptReader(source, drafts)
    reader.read()
    return ShellScript(tuple([draft.finish() for draft in drafts]), complete=reader.complete)


def shell_language(shell: Sequence[str]) -> str:
    """Return "sh" for a SHELL whose scripts are POSIX shell, else the name of the interpreter."""
    names = [re.split(r"[\\/]", word)[-1].lower().removesuffix(".exe") for word in shell]
    if not names:
        return "sh"
    if names[0] in _OTHERS:
        return _OTHERS[names[0]]
    # `SHELL ["conda", "run", "-n", "env", "/bin/bash", "-c"]` ends in a shell too.
    return "sh" if any(name in POSIX_SHELLS or name == "busybox" for name in names) else names[0]


_RUNS = frozenset({"RUN", "CMD", "ENTRYPOINT"})
_NOTHING = ShellScript(())
_OTHERS = {"powershell": "powershell", "pwsh": "powershell", "cmd": "cmd"}


def _is_heredoc_alone(text: str) -> bool:
    try:
        return parse_heredoc(text) is not None
    except ParseError:
        return False


def _heredoc_script(heredoc: Heredoc, shell: Sequence[str]) -> ShellScript:
    """Read a body that is a script of its own; its first line may name the interpreter."""
    content = heredoc.content
    if content.text.startswith("#!"):
        first = content.text.split("\n", 1)[0][2:].split()
        if first and base_name(first[0]) == "env":
            first = [word for word in first[1:] if not word.startswith("-") and "=" not in word]
        shell = first[:1]
    language = shell_language(shell)
    if language != "sh":
        return ShellScript((), False, language)
    return parse_script(content)


def _with_bodies(command: MappedText, heredocs: Sequence[Heredoc]) -> MappedText:
    """Put the bodies behind the command, as BuildKit hands both to the shell."""
    parts = [command]
    for heredoc in heredocs:
        lines = heredoc.lines
        end = heredoc.start + len(heredoc.body)
        # The shell strips the tabs itself; the line end before the body maps to its start.
        parts.append(MappedText("\n", (0,), (heredoc.start,), lines))
        parts.append(MappedText(heredoc.body, (0,), (heredoc.start,), lines))
        parts.append(MappedText(heredoc.name, (0,), (end,), lines))
    return join_mapped(parts, command.lines)
