"""Makes a text fit to leave the program: the one place where secrets are taken out of it."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from scanner.model.redacted import Redacted
from scanner.secrets.lines import masked
from scanner.secrets.redaction import redact
from scanner.secrets.registry import Registry

_KEPT_TEXTS = 1 << 14
_MOST_ROUNDS = 4


class Redactor:
    """Takes the secrets of a scan out of texts: the values that it knows, and what looks like one.

    What is redacted stays as it is when it is redacted again.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[str, Redacted] = {}

    def text(self, text: str) -> Redacted:
        """Return a message, a reason, or any text that may quote what was scanned, without secrets."""
        known = self._known.get(text)
        if known is None:
            shown = looked_over(self._registry.hidden(text))
            if len(self._known) >= _KEPT_TEXTS:
                self._known.clear()
            known = self._known[text] = Redacted(shown)
        return known

    def name(self, name: str) -> Redacted:
        """Return a name without secrets. That a password has the same text is no reason to hide a name;
        that a token or an address with a password stands in it is."""
        name = self._registry.hidden(name)
        return Redacted(name if _ordinary().fullmatch(name) else looked_over(name))

    def path(self, path: str) -> Redacted:
        """Return the path of a file, which people must be able to find: of an address alone, the
        password is hidden."""
        return self.text(path) if "://" in path else Redacted(path)

    def rule_text(self, text: str) -> Redacted:
        """Return what a rule says of itself: its examples look like secrets and are none, but a rule
        that stands in the scanned tree may hold one of its values."""
        return Redacted(self._registry.hidden(text))

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return where known values stand in a line."""
        return self._registry.spans(line)


def of_rules(text: str) -> Redacted:
    """Return what somebody asked to see of rules and frameworks, as it is: no scanned file is in it, and
    the examples of rules look like secrets and are none."""
    return Redacted(text)


@lru_cache(maxsize=_KEPT_TEXTS)
def looked_over(text: str) -> str:
    """Return a text without what looks like a secret by itself."""
    for _ in range(_MOST_ROUNDS):
        shown = "\n".join(map(masked, redact(text).split("\n")))
        if shown == text:
            break
        text = shown
    return text


@cache
def _ordinary() -> re.Pattern[str]:
    """What names look like, and no token or address with a password does."""
    return re.compile(r"[a-z0-9]{0,20}(?:[-._/ ][a-z0-9]{0,20})*")
