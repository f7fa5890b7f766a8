"""The exceptions that stand for trouble a user can cure; everything else is a bug."""

from __future__ import annotations

from typing import Self


class ScannerError(Exception):
    """Trouble with what the user gave us, told in the user's terms.

    `message` starts in lower case, has no full stop and quotes the offending value.
    `path` is the file as the user named it, or None; `line` and `column` are 1-based
    (columns count Unicode code points), or None where the trouble has no place.
    `hint` says what to do about it, or is None.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.hint = hint

    def at(self, path: str, line: int, column: int) -> Self:
        """Return the same trouble with its place."""
        return type(self)(self.message, path=path, line=line, column=column, hint=self.hint)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        text = f"{place}: {self.message}" if place else self.message
        return f"{text}; {self.hint}" if self.hint else text


class ParseError(ScannerError):
    """A text is not well-formed in its language."""


class FormatError(ScannerError):
    """A well-formed text does not say what its format demands."""


class RuleError(ScannerError):
    """A rule or framework file cannot be used."""


class ConfigError(ScannerError):
    """The configuration file, an option or their combination cannot be used."""


class InputError(ScannerError):
    """An input that was asked for is missing, unreadable or over a limit."""
