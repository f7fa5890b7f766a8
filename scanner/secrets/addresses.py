"""Passwords inside addresses: URLs, data source names, JDBC and other connection strings."""

from __future__ import annotations

import re
from functools import cache

from scanner.secrets.pairs import Span, credential_pairs, is_template, lines_and_starts


def credential_in_url(value: str) -> bool:
    """Whether an address in the value carries a password that is written out."""
    return bool(password_spans(value))


def password_spans(value: str) -> tuple[Span, ...]:
    """Where the passwords stand that are written out in the addresses of a value, in order.

    Known forms: `scheme://user:password@host`, `user:password@tcp(host)`,
    `jdbc:oracle:thin:user/password@host`, and `password=...` in the query of a URL or in a
    connection string. A user without a password, a reference and a blank are none.
    """
    spans: set[Span] = set()
    if "@" in value:
        spans.update(_in_userinfo(value))
        spans.update(_in_go_source(value))
        spans.update(_in_oracle(value))
    if "=" in value and _is_connection(value):
        for line_begin, line in lines_and_starts(value):
            spans.update((line_begin + pair.begin, line_begin + pair.end)
                         for pair in credential_pairs(line) if pair.separator == "=")  # fmt: skip
    return tuple(sorted(spans))


REACH = 256
"""Longest user, and longest password, that is looked for."""


@cache
def _authority_end() -> re.Pattern[str]:
    return re.compile(r"[\s/?#\"'<>`\\]|$")


@cache
def _text_end() -> re.Pattern[str]:
    return re.compile(r"[\s\"'<>`,]|$")


def _in_userinfo(value: str) -> list[Span]:
    spans = []
    start = value.find("//")
    while start >= 0:
        begin = start + 2
        found = _authority_end().search(value, begin)
        end = len(value) if found is None else found.start()
        at = value.rfind("@", begin, end)
        user = value.find("}", begin, end if at < 0 else at) + 1 if value.startswith("${", begin) else begin
        colon = value.find(":", user or begin, end if at < 0 else at)
        if at < 0 and colon >= 0 and not value[colon + 1 : end].isdigit():
            # A password with a `/`, `?` or `#` that should have been escaped.
            found = _text_end().search(value, begin, begin + REACH)
            end = begin + REACH if found is None else found.start()
            at = value.find("@", begin, end)
        if 0 <= colon < at and _is_password(value[begin:colon], value[colon + 1 : at], value[at + 1 : end]):
            spans.append((colon + 1, at))
        start = value.find("//", begin)
    return spans


def _is_password(user: str, password: str, host: str) -> bool:
    if not password or is_template(password) or password in _SHOWN:
        return False
    if user.startswith(("[", "<")):
        return False
    if "${" in user or host.startswith(("sha256:", "sha512:")):
        return "${" in user
    if password.isdigit() and len(password) <= 5 and "." in user:
        return False  # host:port@...
    return not (_is_for_show(user, password) and host.split(":")[0].lower() in _SHOWN_HOSTS)


_SHOWN = frozenset(("PASSWORD", "PASS", "PASSWD", "SECRET", "TOKEN", "PW", "PWD", "MYPASSWORD"))
_SHOWN_HOSTS = frozenset(("host", "hostname", "example.com", "example.org", "server", "address"))


def _is_for_show(user: str, password: str) -> bool:
    shown = ("password", "pass", "passwd", "secret", "pwd")
    return user.lower() in ("user", "username", "login", "") and password.lower() in shown


def _in_go_source(value: str) -> list[Span]:
    spans = []
    at = value.find("@")
    while at >= 0:
        if _go_protocol().match(value, at):
            nearest = max(value.rfind(sign, max(0, at - 2 * REACH), at) for sign in _GO_BORDERS)
            colon = value.find(":", nearest + 1, at)
            is_user = colon > nearest + 1 and _user().fullmatch(value, nearest + 1, colon) is not None
            if is_user and _is_password(value[nearest + 1 : colon], value[colon + 1 : at], ""):
                spans.append((colon + 1, at))
        at = value.find("@", at + 1)
    return spans


_GO_BORDERS = " \t\n\"'=,/()"


@cache
def _user() -> re.Pattern[str]:
    return re.compile(r"[\w.%+${}-]{1,256}")


@cache
def _go_protocol() -> re.Pattern[str]:
    return re.compile(r"@(?:tcp[46]?|udp|unix|cloudsql)?\(")


def _in_oracle(value: str) -> list[Span]:
    if "jdbc:oracle:" not in value:
        return []
    return [found.span(1) for found in _oracle().finditer(value) if not is_template(found[1])]


@cache
def _oracle() -> re.Pattern[str]:
    return re.compile(r"jdbc:oracle:\w{1,8}:[^\s/@:]{1,128}/([^\s/@]{1,128})@")


def _is_connection(value: str) -> bool:
    if "://" in value or "jdbc:" in value or "LoginModule" in value:
        return True
    if value.count("=") < 2:
        return False
    return ";" in value or _libpq().search(value) is not None


@cache
def _libpq() -> re.Pattern[str]:
    return re.compile(r"(?:^|\s)(?:host|hostaddr|dbname|server|data source|user id|addr)\s?=", re.IGNORECASE)
