"""The named predicates and tests that rules may use where YAML cannot say it.

A test (`is:`) judges one value, a predicate a whole resource; a predicate returns
None when the files cannot decide. The first line of each docstring is its
documentation in `hullcheck rules docs`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from scanner.engine.registry import predicate, test
from scanner.model.resources import EnvVar, Mount
from scanner.model.source import Located, Unknown
from scanner.secrets import verdicts as secrets
from scanner.secrets.credentials import assigned


@test
def secret_name(value: str) -> bool:
    """The text names a credential (DB_PASSWORD, apiToken), not something about one."""
    return secrets.is_secret_name(value)


@test
def credential_in_url(value: str) -> bool:
    """The text holds a URL or connection string with a literal password."""
    return secrets.credential_in_url(value)


@test
def known_token(value: str) -> bool:
    """The text holds a token of a known provider."""
    return secrets.known_token(value) is not None


@test
def private_key(value: str) -> bool:
    """The text holds private key material."""
    return secrets.private_key(value)


@predicate
def literal_credential(variable: EnvVar) -> bool | None:
    """The variable's name says secret and its value is a literal that is no weak default, or the value
    assigns one itself (`-Dspring.datasource.password=x`)."""
    return _judged(variable, _is_written_out)


def _is_written_out(name: str, value: str) -> bool:
    if secrets.is_literal_credential(name, value):
        return True
    return secrets.judge(name, value) is None and any(True for _ in assigned(value))


@predicate
def weak_default(variable: EnvVar) -> bool | None:
    """The variable holds a credential that everybody knows, or switches authentication off."""
    return _judged(variable, lambda name, value: secrets.weak_default(name, value) is not None)


def _judged(variable: EnvVar, judge: Callable[[str, str], bool]) -> bool | None:
    if variable.value is None:
        return False
    value = variable.value.value
    if isinstance(value, Unknown):
        return None
    return judge(variable.name.value, value)


@predicate
def path_under(mount: Mount, *, paths: tuple[str, ...], exactly: bool = False) -> bool | None:
    """A mount's host path is one of `paths` or lies below one (with `exactly`: is one)."""
    return _under(mount.source, paths, exactly)


@predicate
def path_holds(mount: Mount, *, paths: tuple[str, ...]) -> bool | None:
    """A mount's host path is one of `paths` or a folder above one."""
    source = mount.source
    if source is None:
        return False
    if isinstance(source.value, Unknown):
        return None
    path = _clean(source.value)
    return any(wanted == path or wanted.startswith(path.rstrip("/") + "/") for wanted in paths)


def _under(source: Located[str | Unknown] | None, paths: tuple[str, ...], exactly: bool) -> bool | None:
    if source is None:
        return False
    if isinstance(source.value, Unknown):
        return None
    path = _clean(source.value)
    if exactly:
        return path in paths
    return any(path == wanted or path.startswith(wanted.rstrip("/") + "/") for wanted in paths)


def _clean(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/")) if path.startswith("/") else path
