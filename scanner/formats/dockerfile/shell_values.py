"""What a word of a shell script is worth, as far as the Dockerfile tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scanner.formats.dockerfile.variables import Scope
from scanner.parsing.shell_tree import ShellWord


class ShellValues:
    """The variables of one script: those of the build, and those that the script assigns.

    A name that the script assigns twice, to different values, is not decided: which of
    them is in force is a matter of the path that the script takes.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._assigned: dict[str, str | None] = {}
        self._room = _ROOM

    def assign(self, assignments: Iterable[tuple[str, str]]) -> None:
        """Take in assignments that hold for what follows."""
        for name, value in assignments:
            known = value if "$" not in value and "`" not in value else None
            if name in self._assigned and self._assigned[name] != known:
                known = None
            self._assigned[name] = known

    def expanded(self, word: ShellWord) -> tuple[bool, list[str]]:
        """Return whether a word could be decided, and the words that it comes to."""
        text = self.text(word.text)
        if text == word.text or "$" in text or "`" in text or "<(" in text:
            return False, [text]
        return True, [text] if word.is_quoted else text.split()

    def text(self, text: str) -> str:
        """Return a text with the variables put in that the file decides; others stay as written."""
        return _VARIABLE.sub(self._replacement, text) if "$" in text else text

    def _replacement(self, found: re.Match[str]) -> str:
        name = found.group(1) or found.group(3)
        if name in self._assigned:
            value = self._assigned[name]
        else:
            looked_up = self._scope.lookup(name) if self._knows(name) else None
            value = looked_up if isinstance(looked_up, str) else None
        if value is None and found.group(2) is not None and not self._may_be_set(name):
            value = found.group(2)
        if value is None or len(value) > self._room:
            return found.group()
        self._room -= len(value)
        return value

    def _knows(self, name: str) -> bool:
        return name in self._scope.environment or name in self._scope.arguments

    def _may_be_set(self, name: str) -> bool:
        return name in self._assigned or self._knows(name) or not self._scope.closed


_ROOM = 1_000_000  # what all variables of a script may come to: they can double each other
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^${}]*))?\}|([A-Za-z_]\w*))")
