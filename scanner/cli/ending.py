"""Ending in order: signals become an exception, so that what was begun is taken back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_PATIENCE = 2
"""Signals after the first that are passed over: `timeout` sends two, and people press keys twice."""


class Ended(BaseException):
    """A signal asked the program to end; `code` is what shells report for that."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Raise Ended for signals that ask to end, in the main thread; those that whoever started the
    program has set to be ignored (`nohup`, a background job) stay so.

    While the first one is obeyed, the next two are passed over; after these a signal ends at once.
    """
    seen = 0

    def end(number: int, _: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            raise Ended(number)
        if seen > _PATIENCE:
            signal.signal(number, signal.SIG_DFL)

    before = {}
    for name in _SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
