"""How the text after a Dockerfile keyword splits into flags, words, pairs and JSON strings.

The rules are those of BuildKit's frontend/dockerfile/parser (split_command.go, line_parsers.go).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from scanner.errors import ParseError
from scanner.parsing.dockerfile_tree import Flag, Pair, Word
from scanner.parsing.mapped_text import MappedText

# What Go's unicode.IsSpace takes for a space; `str.isspace` takes four control characters more.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
SPACES += "\u2028\u2029\u202f\u205f\u3000"


def read_flags(source: MappedText, start: int, escape: str) -> tuple[tuple[Flag, ...], int]:
    """Return the flags that stand from `start` on, and where the arguments begin."""
    text = source.text
    end = len(text)
    flags: list[Flag] = []
    spaces = _SPACE_RUN.match
    while True:
        gap = spaces(text, start)
        start = gap.end() if gap else start
        if not text.startswith("--", start):
            return tuple(flags), start
        found = _PLAIN_FLAG.match(text, start)
        if found is not None:
            value, stop = found.group(), found.end()
        else:
            value, stop = _unquoted_flag(text, start, escape)
        if value == "--":
            return tuple(flags), stop
        name, equals, content = value[2:].partition("=")
        flags.append(Flag(name, content if equals else None, start, stop, source))
        if stop >= end:
            return tuple(flags), end
        start = stop


def split_blanks(source: MappedText, start: int, end: int) -> tuple[Word, ...]:
    """Return the words between blanks; quotes mean nothing."""
    return tuple(
        Word(found.group(), found.start(), found.end(), source)
        for found in _NOT_BLANK.finditer(source.text, start, end)
    )


def split_words(source: MappedText, start: int, end: int, escape: str) -> tuple[Word, ...]:
    """Return the words between spaces that stand outside quotes, as ENV, LABEL and ARG have them."""
    words = []
    for found in _quoted_words(escape).finditer(source.text, start, end):
        first, last = found.span()
        if found.lastgroup is not None:
            last -= 1  # an escape character that ends the text is dropped
        if last > first:
            words.append(Word(source.text[first:last], first, last, source))
    return tuple(words)


def read_pairs(
    source: MappedText, start: int, end: int, escape: str, keyword: str
) -> tuple[tuple[Word, ...], tuple[Pair, ...]]:
    """Return the words and pairs of an ENV or LABEL, in the old form `key value` or the new one."""
    words = split_words(source, start, end, escape)
    if not words:
        return (), ()
    if "=" not in words[0].text:
        gap = _BLANKS.search(source.text, start, end)
        if gap is None:
            raise _refused(f"{keyword} must have two arguments", words[0])
        key = Word(source.text[start : gap.start()], start, gap.start(), source)
        value = Word(source.text[gap.end() : end], gap.end(), end, source)
        return (key, value), (Pair(key, value, ""),)
    pairs = []
    for word in words:
        cut = word.text.find("=")
        if cut < 0:
            raise _refused(
                f"can't find = in '{word.text}'", word, f"write {keyword} name=value, or quote the blanks"
            )
        pairs.append(Pair(word.part(0, cut), word.part(cut + 1, len(word.text)), "="))
    return words, tuple(pairs)


def read_arg_pairs(words: tuple[Word, ...]) -> tuple[Pair, ...]:
    """Return the pairs of an ARG; a name alone has no value."""
    pairs = []
    for word in words:
        cut = word.text.find("=")
        if cut < 0:
            pairs.append(Pair(word, None, ""))
        else:
            pairs.append(Pair(word.part(0, cut), word.part(cut + 1, len(word.text)), "="))
    return tuple(pairs)


def read_json(source: MappedText, start: int, end: int) -> tuple[Word, ...] | None:
    """Return the strings of a JSON array, or None for text that is no JSON array at all.

    An array that holds anything but strings raises ParseError, as BuildKit refuses it.
    """
    text = source.text
    if start >= end or text[start] != "[":
        return None
    words: list[Word] = []
    pos = _JSON_SPACE.match(text, start + 1, end).end()  # type: ignore[union-attr] # matches the empty text
    if pos < end and text[pos] == "]":
        return _json_end(text, pos + 1, end, words)
    while True:
        found = _JSON_STRING.match(text, pos, end)
        if found is None:
            break
        words.append(Word(_json_text(found.group(1)), *found.span(1), source))
        pos = found.end()
        if text[pos - 1] == "]":
            return _json_end(text, pos, end, words)
    if _is_json(text[start:end]):
        raise _refused("a JSON array must hold strings only", Word("", start, start + 1, source))
    return None


_SPACE_RUN = re.compile(f"[{SPACES}]+")
_PLAIN_FLAG = re.compile(rf"--[^{SPACES}'\"\\`]*(?=[{SPACES}]|\Z)")
_BLANKS = re.compile(r"[\t\v\f\r ]+")
_NOT_BLANK = re.compile(r"[^\t\v\f\r ]+")
_JSON_SPACE = re.compile(r"[ \t\r\n]*")
# Plain text, then escapes with plain text behind each: neighbours share no character, so
# there is one way only.
_JSON_STRING = re.compile(
    r'[ \t\r\n]*"([^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*)"'
    r'[ \t\r\n]*(?:\]|,(?=[ \t\r\n]*"))'
)
_SURROGATE = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=2)
def _quoted_words(escape: str) -> re.Pattern[str]:
    """Match a word; every alternative begins with another character and none can fail behind it,
    so nothing is tried twice."""
    e = re.escape(escape)
    double = rf"\"[^\"{e}]*(?:{e}(?!\Z).[^\"{e}]*)*(?:\"|(?={e}?\Z))"
    return re.compile(
        rf"(?:[^{SPACES}'\"{e}]+|{e}(?!\Z).|'[^']*'?|{double})+(?P<dropped>{e}\Z)?|(?P<lone>{e}\Z)",
        re.DOTALL,
    )


def _unquoted_flag(text: str, start: int, escape: str) -> tuple[str, int]:
    """Return a flag without its quotes and escapes, and where it ends."""
    parts: list[str] = []
    quote = ""
    pos = start
    while pos < len(text):
        char = text[pos]
        if quote:
            if char == quote:
                quote = ""
                pos += 1
                continue
        elif char in SPACES:
            break
        elif char in "'\"":
            quote = char
            pos += 1
            continue
        if char == escape:
            pos += 1
            if pos == len(text):
                break
            char = text[pos]
        parts.append(char)
        pos += 1
    return "".join(parts), pos


def _json_end(text: str, pos: int, end: int, words: list[Word]) -> tuple[Word, ...] | None:
    rest = _JSON_SPACE.match(text, pos, end)
    return tuple(words) if rest is not None and rest.end() == end else None


def _json_text(raw: str) -> str:
    if "\\" not in raw:
        return raw
    decoded: str = json.loads(f'"{raw}"')
    # Go puts U+FFFD in the place of half a surrogate pair; no output could encode it.
    return _SURROGATE.sub("\ufffd", decoded)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _refused(message: str, word: Word, hint: str | None = None) -> ParseError:
    span = word.span
    return ParseError(message, line=span.line, column=span.column, hint=hint)
