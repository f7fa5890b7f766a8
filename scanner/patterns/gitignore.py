"""The language of .gitignore: which lines speak of a path, and what they decide.

Read as Git's dir.c and wildmatch.c have it, byte by byte. Between two slashes a part of a pattern is
a glob, and `**` stands for any number of parts; both are looked for as `globs` tells, so that no
line can make it go back and forth.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias

from scanner.patterns.characters import ANY, CharSet
from scanner.patterns.globs import Glob, Item, Wild


class GitPatterns:
    """The lines of one ignore file. Paths are relative to its folder, with `/`, without `/` at the end."""

    __slots__ = ("_names", "_paths", "_wild")

    def __init__(self, lines: Iterable[str]) -> None:
        self._names: dict[str, list[_Line]] = {}
        self._paths: dict[str, list[_Line]] = {}
        self._wild: list[_Line] = []
        for number, text in enumerate(lines):
            line = _read_line(number, text)
            if line is None:
                continue
            if line.literal is None:
                self._wild.append(line)
            else:
                (self._paths if line.anchored else self._names).setdefault(line.literal, []).append(line)
        self._wild.reverse()

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Whether the last line that speaks of this very path leaves it out; None when none does.

        What a folder is left out for holds for all in it, and is for the caller to ask before.
        """
        if not path.isascii():
            path = _bytes(path)
        name = path[path.rfind("/") + 1 :]
        decided: _Line | None = None
        for line in (*self._names.get(name, ()), *self._paths.get(path, ())):
            if (is_folder or not line.folders_only) and (decided is None or line.number > decided.number):
                decided = line
        least = -1 if decided is None else decided.number
        for line in self._wild:
            if line.number < least:
                break
            if (is_folder or not line.folders_only) and line.fits(path if line.anchored else name):
                decided = line
                break
        return None if decided is None else not decided.negated

    def covers(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether a file or folder, or a folder that it is in, is left out."""
        at = path.find("/")
        while at >= 0:
            if self.verdict(path[:at], is_folder=True):
                return True
            at = path.find("/", at + 1)
        return bool(self.verdict(path, is_folder=is_folder))


def is_usable(line: str) -> bool:
    """Whether a line is a pattern that some path can fit."""
    return _read_line(0, line) is not None


class _Parts(Enum):
    """Any number of parts of a path."""

    ANY = "**"


_Path: TypeAlias = "tuple[Glob | _Parts, ...]"


class _Line(NamedTuple):
    """A line: a name or path as it stands in `literal`, else `fits` tells whether it speaks of one."""

    number: int
    negated: bool
    folders_only: bool
    anchored: bool
    literal: str | None
    fits: Callable[[str], bool]


def _read_line(number: int, text: str) -> _Line | None:
    """Return what a line says; None for a comment, an empty line and one that no path can fit."""
    pattern = _bytes(_without_blanks_at_end(text.removesuffix("\r")))
    if not pattern or pattern.startswith("#"):
        return None
    negated = pattern.startswith("!")
    pattern = pattern[negated:]
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    anchored = "/" in pattern
    pattern = pattern.removeprefix("/")
    if not pattern:
        return None
    # Git compares what stands before the first wildcard by itself, and a `**` behind that stands
    # at a start for it.
    special = next((at for at, char in enumerate(pattern) if char in "*?[\\"), len(pattern))
    literal, rest = pattern[:special], pattern[special:]
    if not rest:
        return _Line(number, negated, folders_only, anchored, literal, literal.__eq__)
    parts = _parts(rest)
    if parts is None:
        return None
    return _Line(number, negated, folders_only, anchored, None, _test(literal, parts))


def _test(literal: str, parts: _Path) -> Callable[[str], bool]:
    """Return whether a path begins with a text, and its parts behind that fit."""
    first = parts[0]
    if not literal and len(parts) == 1 and isinstance(first, Glob):
        # A star takes no `/`; one that cannot is quicker, and names have none.
        fits = first.fits
        return lambda text: fits(text) and "/" not in text

    runs: list[list[Glob]] = [[]]
    for part in parts:
        if isinstance(part, _Parts):
            runs.append([])
        else:
            runs[-1].append(part)
    ending = runs[-1][-1].fits

    def fits_behind(text: str) -> bool:
        if not text.startswith(literal):
            return False
        text = text[len(literal) :]
        return ending(text[text.rfind("/") + 1 :]) and _fits(text.split("/"), runs)

    return fits_behind


def _without_blanks_at_end(line: str) -> str:
    """Return a line without its last spaces, unless a backslash stands before them."""
    end = at = 0
    while at < len(line):
        if line[at] == "\\":
            if at + 1 == len(line):
                return line
            at += 1
            end = at + 1
        elif line[at] != " ":
            end = at + 1
        at += 1
    return line[:end]


def _bytes(text: str) -> str:
    """Return a text with a character for each byte of its UTF-8: what Git compares."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:  # half of a pair, from an escape in a configuration: no name has it
        return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _fits(names: Sequence[str], runs: Sequence[Sequence[Glob]]) -> bool:
    """Whether globs fit all names of a path: cut at each `**`, and looked for from the front."""
    first, *between = runs
    if sum(map(len, runs)) > len(names) or not _run_fits(names, 0, first):
        return False
    if not between:
        return len(first) == len(names)
    last = between.pop()
    end = len(names) - len(last)
    if not _run_fits(names, end, last):
        return False
    at = len(first)
    for run in between:
        starts = range(at, end - len(run) + 1)
        found = next((start for start in starts if _run_fits(names, start, run)), None)
        if found is None:
            return False
        at = found + len(run)
    return True


def _run_fits(names: Sequence[str], start: int, run: Sequence[Glob]) -> bool:
    return all(glob.fits(name) for glob, name in zip(run, names[start : start + len(run)], strict=True))


def _parts(pattern: str) -> _Path | None:
    """Return the parts of a pattern, None when nothing can fit it."""
    parts: list[Glob | _Parts] = []
    items: list[Item] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            end = at
            while end < len(pattern) and pattern[end] == "*":
                end += 1
            if end - at > 1 and (at == 0 or pattern[at - 1] == "/") and not items:
                behind = pattern[end:]
                if behind.startswith("/"):
                    parts.append(_Parts.ANY)
                    at = end + 1
                    continue
                if not behind:
                    # It fits what is inside, and that is at least one part.
                    return (*parts, _Parts.ANY, _ANY_NAME)
                if behind.startswith("\\/"):
                    parts += (_Parts.ANY, _ANY_NAME)
                    at = end + 2
                    continue
            items.append(Wild.STAR)
            at = end
        elif char == "/" or pattern.startswith("\\/", at):
            parts.append(Glob(items))
            items = []
            at += 1 + (char == "\\")
        elif char == "[":
            found = _read_class(pattern, at + 1)
            if found is None:
                return None
            items.append(found[0])
            at = found[1]
        elif char == "\\":
            if at + 1 == len(pattern):
                return None
            items.append(pattern[at + 1])
            at += 2
        else:
            items.append(ANY if char == "?" else char)
            at += 1
    return (*parts, Glob(items))


_ANY_NAME = Glob((Wild.STAR,))
_CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, (*range(1, 32), 127))),
    "digit": string.digits,
    "graph": "".join(map(chr, range(33, 127))),
    "lower": string.ascii_lowercase,
    "print": "".join(map(chr, range(32, 127))),
    "punct": string.punctuation,
    "space": " \t\n\r",
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}


def _read_class(pattern: str, at: int) -> tuple[CharSet, int] | None:
    """Return a class and the place behind it, from behind its bracket; None when it is none.

    It follows dowild() of wildmatch.c step by step, whose treatment of `-` and `[:` is its own.
    """
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    ranges: list[tuple[str, str]] = []
    previous = ""
    is_first = True
    while is_first or pattern[at : at + 1] != "]":
        is_first = False
        char = pattern[at : at + 1]
        if not char:
            return None
        following = pattern[at + 1 : at + 2]
        if char == "\\":
            at += 1
            char = following
            if not char:
                return None
            ranges.append((char, char))
        elif char == "-" and previous and following not in ("", "]"):
            at += 1
            high = following
            if high == "\\":
                at += 1
                high = pattern[at : at + 1]
                if not high:
                    return None
            ranges.append((previous, high))
            char = ""
        elif char == "[" and following == ":":
            end = pattern.find("]", at + 2)
            if end < 0:
                return None
            if end - 1 > at + 1 and pattern[end - 1] == ":":
                chars = _CLASSES.get(pattern[at + 2 : end - 1])
                if chars is None:
                    return None
                ranges += ((one, one) for one in chars)
                at = end
                char = ""
            else:
                ranges.append(("[", "["))
        else:
            ranges.append((char, char))
        previous = char
        at += 1
    if not negated and all(low > high for low, high in ranges):
        return None
    return CharSet(tuple(ranges), negated=negated), at + 1
