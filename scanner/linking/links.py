"""What linkers write to: links, open ends, and resolved facts."""

from __future__ import annotations

from typing import Any

from scanner.model.graph import Link


class Links:
    """The links of a scan as they are found; the same link is kept once."""

    def __init__(self) -> None:
        self.found: list[Link] = []
        self.open_ends: dict[tuple[str, bool], set[Any]] = {}
        self._pairs: set[tuple[str, Any, Any]] = set()
        self._by_source: dict[tuple[str, Any], list[Link]] = {}
        self._by_target: dict[tuple[str, Any], list[Link]] = {}

    def add(self, link: Link) -> None:
        """Keep a link, unless the same source leads to the same target already."""
        pair = (link.verb, link.source, link.target)
        if pair in self._pairs:
            return
        self._pairs.add(pair)
        self._by_source.setdefault((link.verb, link.source), []).append(link)
        self._by_target.setdefault((link.verb, link.target), []).append(link)
        self.found.append(link)

    def leave_open(self, verb: str, resource: Any, *, is_source: bool = True) -> None:
        """Note that a resource may be linked so to something outside of the scanned files."""
        self.open_ends.setdefault((verb, is_source), set()).add(resource)

    def of(self, verb: str, source: Any) -> list[Link]:
        """Return the links of a source."""
        return self._by_source.get((verb, source), [])

    def to(self, verb: str, target: Any) -> list[Link]:
        """Return the links to a target."""
        return self._by_target.get((verb, target), [])
