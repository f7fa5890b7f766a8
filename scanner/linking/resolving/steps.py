"""The steps of resolved facts, put into words when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from scanner.model.resolved import Step


class LaterSteps(Mapping[str, tuple[Step, ...]]):
    """Steps by field that are made when they are first asked for: few of them ever are."""

    __slots__ = ("_arguments", "_known", "_make")

    def __init__(self, make: Callable[..., Mapping[str, tuple[Step, ...]]], *arguments: object) -> None:
        self._make = make
        self._arguments = arguments
        self._known: Mapping[str, tuple[Step, ...]] | None = None

    def __getitem__(self, field: str) -> tuple[Step, ...]:
        return self._all()[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[str, tuple[Step, ...]]:
        if self._known is None:
            self._known = self._make(*self._arguments)
        return self._known
