"""The ports of EXPOSE: a number or a range, with or without protocol."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.formats.dockerfile.variables import Scope
from scanner.model.resources import Fact, Port
from scanner.model.source import Located, Source, Span, Unknown
from scanner.parsing.dockerfile_tree import Word


def exposed_ports(word: Word, scope: Scope, source: Source) -> Iterator[Port]:
    """Yield the ports of one word of EXPOSE; a variable may hold several, between blanks."""
    value = scope.value(word)
    span = word.span
    if isinstance(value, Unknown):
        yield Port(Located(value, span, source))
        return
    for text in value.split() if "$" in word.text else (value,):
        yield _port(text, span, source)


def _port(text: str, span: Span, source: Source) -> Port:
    ports, slash, protocol = text.partition("/")
    # BuildKit also takes the form of `docker run -p` and exposes the last part alone.
    first, dash, last = ports.rpartition(":")[2].partition("-")
    return Port(
        Located(text, span, source),
        _number(first, span, source),
        protocol=Located(protocol.lower(), span, source) if slash else None,
        number_last=_number(last, span, source) if dash else None,
    )


def _number(digits: str, span: Span, source: Source) -> Fact[int]:
    if digits.isascii() and digits.isdigit() and len(digits) < 9:
        return Located(int(digits), span, source)
    return None
