"""The predicates of rules about secrets that stand elsewhere than in a plain variable."""

from __future__ import annotations

from scanner.engine.registry import predicate
from scanner.model.resources import Argument, EnvVar, StoredValue
from scanner.model.source import Unknown
from scanner.secrets import verdicts as secrets
from scanner.secrets.files import credentials_in, is_file
from scanner.secrets.verdicts import LiteralKind, Verdict

_NO_SECRET = (LiteralKind.EMPTY, LiteralKind.PLACEHOLDER, LiteralKind.REFERENCE)

_NO_VALUE = (LiteralKind.EMPTY, LiteralKind.SETTING, LiteralKind.NUMBER, LiteralKind.PATH)


@predicate
def random_value(variable: EnvVar) -> bool | None:
    """The variable's name may mean a secret and its value looks drawn at random, and nothing else
    about it is told more surely."""
    if variable.value is None:
        return False
    value = variable.value.value
    if isinstance(value, Unknown):
        return None
    name = variable.name.value
    return secrets.is_high_entropy(name, value) and secrets.judge(name, value) is Verdict.RANDOM


@predicate
def passes_credential(variable: EnvVar) -> bool:
    """The variable's name says secret, and a value is handed on, wherever it comes from."""
    if not secrets.is_secret_name(variable.name.value):
        return False
    if variable.value is None or isinstance(variable.value.value, Unknown):
        return True
    return secrets.literal_kind(variable.value.value) not in _NO_VALUE


@predicate
def credential_in_argument(argument: Argument) -> bool | None:
    """The word of a command line hands over a credential, by itself or by those before it."""
    if argument.credential is not None:
        return True
    return None if isinstance(argument.text.value, Unknown) else False


@predicate
def committed_value(stored: StoredValue) -> bool | None:
    """The value of a secret, or a credential in the text of a config, stands in the repository."""
    fact = stored.content or (stored.file_text if stored.kind == "secret" else None)
    if fact is None:
        return False
    if isinstance(fact.value, Unknown):
        return None
    text = fact.value
    if stored.kind == "secret":
        return secrets.literal_kind(text) not in _NO_SECRET
    if is_file(stored.name.value, text):
        return False  # each credential in it is told at its own place
    return bool(credentials_in(stored.name.value, text))
