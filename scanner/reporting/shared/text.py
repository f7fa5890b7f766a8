"""Makes scanned text harmless to show: control characters, GitHub commands, markup."""

from __future__ import annotations

import re

# C0, DEL, C1, and what hides or reorders text: soft hyphen, Arabic letter mark, Mongolian
# vowel separator, zero width and bidi characters, line separators, invisible operators,
# the byte order mark, lone surrogates (undecodable bytes of file names), interlinear
# annotations and tag characters. https://trojansource.codes
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_OLD_COMMAND = "##["
_NEW_COMMAND = re.compile(r"^([^\S\n]*)::", re.MULTILINE)
# Characters that may begin GFM markup anywhere in a line. A reference to the character
# is shown the same and never begins any.
_MARKUP = re.compile(r"[&<>|`*_\[\]\\~#]|(?<=\w)://|(?<=\bwww)\.", re.IGNORECASE)
_MENTION = "@"
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def visible(text: str) -> str:
    """Return the text with every character that controls, hides or reorders shown as an
    escape, such as `\\x1b` or `\\u202e`; a text without any is returned as it is."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_escape, text)


def escape_of(character: str) -> str:
    """Return how a single character is shown: itself, or its escape."""
    return _escape_character(character) if _UNSAFE.match(character) else character


def defuse(text: str) -> str:
    """Return the text without anything that GitHub's runner would take for a command.

    The runner obeys `::name::` at the start of a line after blanks, and the older
    `##[name]` anywhere in a line (ActionCommand.cs).
    """
    if _OLD_COMMAND in text:
        text = text.replace(_OLD_COMMAND, "##\\x5b")
    return _NEW_COMMAND.sub(r"\1:\\x3a", text) if "::" in text else text


def defuse_json(document: str) -> str:
    """Return a JSON document that says the same and holds no command for GitHub's runner."""
    return document.replace(_OLD_COMMAND, "#\\u0023[") if _OLD_COMMAND in document else document


def in_markdown(text: str) -> str:
    """Return GitHub-flavoured Markdown that shows exactly this text, in one line, also
    inside a table cell: no markup, no link, no mention."""
    text = _MARKUP.sub(_reference, visible(text))
    # A mention is found after character references are resolved; a comment breaks it.
    return text.replace(_MENTION, "@<!-- -->") if _MENTION in text else text


def capped(text: str, limit: int) -> str:
    """Return the text, cut to at most that many characters and marked when it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _escape(found: re.Match[str]) -> str:
    return _escape_character(found.group())


def _escape_character(character: str) -> str:
    code = ord(character)
    if character == "\n":
        return "\\n"
    if character == "\t":
        return "\\t"
    if character == "\r":
        return "\\r"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _reference(found: re.Match[str]) -> str:
    text = found.group()
    return _NAMED.get(text) or f"&#{ord(text[0])};{text[1:]}"
