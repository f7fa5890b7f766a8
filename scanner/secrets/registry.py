"""The values of secrets that a scan has met, and where they stand in any text.

One registry holds those of all files: a value is hidden wherever it turns up, in whatever text.
What is in it is kept by value, so that it does not matter which file was read first. Ordinary
words are not in it (see `distinctive`): they are hidden where they stand as a value, by what stands
before them.
"""

from __future__ import annotations

import binascii
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from urllib.parse import quote

from scanner.secrets.distinctive import SHORTEST, is_distinctive
from scanner.secrets.redaction import MASK

_HEAD = SHORTEST
"""Characters of a value by which a place is found that may hold it."""
_REACH = 128
"""Characters after which a value that stands in a text is surely told from all others."""

_MOST_VALUE = 1 << 16
_FEW = 16


class Registry:
    """Finds values of secrets in texts.

    A text is searched in time linear in its length, however many values there are. Of a value that
    a message cuts short, a beginning that is distinctive in itself is found too.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: dict[str, None] = {}
        for value in values:
            self.add(value)

    def __bool__(self) -> bool:
        return bool(self._forms)

    @property
    def forms(self) -> tuple[str, ...]:
        """The texts that are looked for, sorted."""
        return tuple(self._sorted)

    def add(self, value: str) -> None:
        """Take in a value, as it stands and as texts may show it: quoted, escaped, in base64."""
        for line in value[:_MOST_VALUE].splitlines():
            plain = line.strip()
            if plain not in self._forms and is_distinctive(plain):
                self._forms.update((form, None) for form in _forms_of(plain))
                self.__dict__.pop("_sorted", None)
                self.__dict__.pop("_heads", None)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where values stand in a text: 0-based, end exclusive, sorted and apart."""
        if not self._forms or len(text) < _HEAD:
            return []
        found: list[tuple[int, int]] = []
        last = 0
        for begin in self._candidates(text):
            end = self._end(text, begin) if begin >= last else None
            if end is not None:
                found.append((begin, end))
                last = end
        return found

    def _candidates(self, text: str) -> Iterable[int]:
        """Return the places where the head of a value stands, in order."""
        heads = self._heads
        if len(heads) <= _FEW:
            # The search in C is the dearer the more there are.
            places = {place for head in heads for place in _places(text, head)}
            return sorted(places) if len(places) > 1 else places
        return [place for place in range(len(text) - _HEAD + 1) if text[place : place + _HEAD] in heads]

    def hidden(self, text: str) -> str:
        """Return a text with a mask for each value in it."""
        spans = self.spans(text)
        if not spans:
            return text
        parts = []
        last = 0
        for begin, end in spans:
            parts += [text[last:begin], MASK]
            last = end
        return "".join((*parts, text[last:]))

    def _end(self, text: str, begin: int) -> int | None:
        """Return where the value ends that begins at a place, or None.

        Of all values, one that shares the longest beginning with the text stands beside the place
        where the text itself would be sorted in.
        """
        near = text[begin : begin + _REACH]
        values = self._sorted
        place = bisect_left(values, near)
        end = None
        for value in values[max(place - 1, 0) : place + 1]:
            shared = _shared(value, text, begin)
            if shared >= _enough(value):
                end = max(end or 0, begin + shared)
        return end

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._forms)

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset(form[:_HEAD] for form in self._forms)


def _places(text: str, head: str) -> Iterator[int]:
    place = text.find(head)
    while place >= 0:
        yield place
        place = text.find(head, place + 1)


@lru_cache(maxsize=1 << 12)
def _enough(value: str) -> int:
    """Return how many of a value's first characters are enough to know it."""
    shown = value[:_REACH]
    sizes = range(_HEAD, len(shown))
    return next((size for size in sizes if is_distinctive(shown[:size])), len(shown))


def _shared(value: str, text: str, begin: int) -> int:
    """Return how many characters of a value stand in a text from a place on."""
    size = min(len(value), len(text) - begin)
    if text.startswith(value[:size], begin):
        return size
    low, high = 0, size  # the first `low` are the same, the first `high` are not
    while high - low > 1:
        middle = (low + high) // 2
        if text.startswith(value[:middle], begin):
            low = middle
        else:
            high = middle
    return low


def _forms_of(value: str) -> Iterable[str]:
    yield value
    data = value.encode("utf-8", "surrogatepass")
    packed = binascii.b2a_base64(data, newline=False).decode()
    yield from {packed: None, packed.rstrip("="): None}  # a text that is cut off has no marks at its end
    others = {
        quote(data, safe=""),
        quote(data),
        value.encode("unicode_escape").decode(),
        repr(value)[1:-1],
        value.replace("'", "''"),
        value.replace("$", "$$"),
        value.replace("$$", "$"),
        json.dumps(value)[1:-1],
        value.lower(),
    }
    yield from sorted(one for one in others if one != value and is_distinctive(one))
