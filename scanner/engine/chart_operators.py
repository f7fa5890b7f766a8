"""The predicates and tests of rules about charts: versions, repositories, default credentials."""

from __future__ import annotations

from scanner.engine.registry import predicate, test
from scanner.engine.versions import is_exact, satisfies
from scanner.model.charts import ChartDependency, ChartValue
from scanner.model.source import Located, Unknown
from scanner.secrets import verdicts as secrets
from scanner.secrets.verdicts import Verdict

_CREDENTIALS = (Verdict.PRIVATE_KEY, Verdict.KNOWN_TOKEN, Verdict.ADDRESS, Verdict.LITERAL)


@test
def exact_version(value: str) -> bool:
    """The text is one version (1.2.3), not a range of them (~1.2, ^1, 1.x, >=1.0)."""
    return is_exact(value)


@predicate
def drifted(dependency: ChartDependency) -> bool | None:
    """The vendored copy, the lock file and the version asked for do not go together."""
    asked, locked = _text(dependency.version), _text(dependency.locked_version)
    vendored = _text(dependency.vendored_version)
    if locked is not None and vendored is not None and locked.removeprefix("v") != vendored.removeprefix("v"):
        return True
    verdicts = [satisfies(held, asked) for held in (locked, vendored) if held is not None and asked]
    if False in verdicts:
        return True
    return None if None in verdicts else False


@predicate
def default_credential(value: ChartValue) -> bool | None:
    """The value is a credential that works: under its own name or under one that it arrives at."""
    if value.value is None:
        return False
    text = value.value.value
    if isinstance(text, Unknown):
        return None
    return any(_is_credential(name, text) for name in (value.name.value, *value.targets.value))


def _is_credential(name: str, text: str) -> bool:
    verdict = secrets.judge(name, text)
    # A setting that switches authentication off is no credential.
    return verdict in _CREDENTIALS or (verdict is Verdict.WEAK_DEFAULT and secrets.is_secret_name(name))


def _text(fact: Located[str | Unknown] | None) -> str | None:
    return None if fact is None or isinstance(fact.value, Unknown) else fact.value
