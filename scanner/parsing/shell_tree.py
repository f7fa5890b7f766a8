"""What a shell script runs: its simple commands, with the place of every word."""

from __future__ import annotations

from typing import NamedTuple

from scanner.model.source import Span
from scanner.parsing.mapped_text import MappedText


class ShellWord(NamedTuple):
    """One word; `text` has no quotes and keeps expansions as written.

    `has_expansion` says that a part is known only when it runs (a variable, a command
    substitution, arithmetic); `is_quoted` that some quote or escape stood in it.
    """

    text: str
    start: int
    end: int
    source: MappedText
    has_expansion: bool = False
    is_quoted: bool = False

    @property
    def raw(self) -> str:
        """The word as written."""
        return self.source.text[self.start : self.end]

    @property
    def span(self) -> Span:
        """Where the word stands in the file, its quotes included."""
        return self.source.span(self.start, self.end)


class Assignment(NamedTuple):
    """A `NAME=value` before a command, or an operand of `env`; `word` is the whole of it."""

    name: str
    value: str
    word: ShellWord


class Redirection(NamedTuple):
    """A redirection: its operator with the file descriptor before it (`2>`), and its target."""

    operator: str
    target: ShellWord | None


class ShellCommand(NamedTuple):
    """One simple command.

    `words` begins with what really runs: `sudo -u app env A=1 curl x` has the words
    `curl x`, the wrappers `sudo -u app` and `env A=1`, and the assignment A. `operator` is
    what follows ("&&", "||", ";", "|", "|&", "&", newline, or "" at the end). `pipes_to`
    are the commands (numbers in the script) that read its output. `parent` is the command
    that this one stands in, and `origin` how: "substitution" (`$(...)`, backquotes,
    `<(...)`), "script" (`sh -c '...'`, `eval`) or "heredoc" (`bash <<EOF`); else "".
    """

    words: tuple[ShellWord, ...]
    assignments: tuple[Assignment, ...]
    redirections: tuple[Redirection, ...]
    wrappers: tuple[tuple[ShellWord, ...], ...]
    operator: str
    negated: bool
    pipes_to: range
    parent: int | None
    origin: str
    source: MappedText
    start: int
    end: int

    @property
    def name(self) -> str:
        """The last part of the path of what runs; empty for assignments alone, as written for `$CMD`."""
        return base_name(self.words[0].text) if self.words else ""

    @property
    def wrapper_names(self) -> tuple[str, ...]:
        """The names of the wrappers, the outermost first."""
        return tuple(base_name(words[0].text) for words in self.wrappers)

    @property
    def arguments(self) -> tuple[ShellWord, ...]:
        """The words after the first."""
        return self.words[1:]

    @property
    def span(self) -> Span:
        """From the first word, wrapper or assignment to the end of the last word."""
        return self.source.span(self.start, self.end)


class ShellScript(NamedTuple):
    """The commands in the order in which they begin.

    `understood` is False for a script in another language (`language` names it), which
    has no commands here; `complete` is False when something was left open (a quote, a
    bracket) or was nested too deeply, so that the end may have been read wrongly.
    """

    commands: tuple[ShellCommand, ...]
    understood: bool = True
    language: str = "sh"
    complete: bool = True


def base_name(path: str) -> str:
    """Return the last part of a command's path."""
    return path.rpartition("/")[2] if "/" in path else path
