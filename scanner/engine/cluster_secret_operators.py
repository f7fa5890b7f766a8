"""The predicates of rules about what Secrets and ConfigMaps hold in the clear."""

from __future__ import annotations

from scanner.engine.registry import predicate
from scanner.model.basics import EnvVar
from scanner.model.source import Unknown
from scanner.secrets import verdicts as secrets
from scanner.secrets.credentials import in_setting
from scanner.secrets.files import credentials_in, is_file

_NO_SECRET = frozenset(
    (
        secrets.LiteralKind.EMPTY,
        secrets.LiteralKind.REFERENCE,
        secrets.LiteralKind.PLACEHOLDER,
        secrets.LiteralKind.PATH,
        secrets.LiteralKind.SETTING,
        secrets.LiteralKind.ADDRESS,
    )
)

_SHORTEST_NUMBER = 3
_WRAPPERS = ("ENC[", "vault:", "AgB", "-----BEGIN AGE", "-----BEGIN PGP MESSAGE", "ref+", "op://")
"""How the texts of tools begin that encrypt a value (SOPS, age, Sealed Secrets) or fetch it later."""


@predicate
def committed_secret(entry: EnvVar, *, public: tuple[str, ...] = ()) -> bool | None:
    """An entry of a Secret holds a value that can be used; base64 is decoded. Names in `public`
    (with `.crt`: an ending) hold no secret."""
    if entry.value is None or _is_public(entry.name.value.lower(), public):
        return False
    value = entry.value.value
    if isinstance(value, Unknown):
        return None
    text = value.strip()
    if text.startswith(_WRAPPERS):
        return False
    if entry.origin == "base64":
        decoded = secrets.decoded_base64(text)
        if decoded is not None:
            text = decoded.strip()
        elif not _is_base64(text):
            return False  # nothing that the API would accept: a blank to fill in
    if text.startswith(_WRAPPERS) or "-----BEGIN CERTIFICATE-----" in text[:40]:
        return False
    if secrets.weak_default(entry.name.value, text) is not None:
        return True
    if "\n" in text and not entry.name.value.startswith(".docker"):
        return _holds_credential(entry.name.value, text)  # a file of settings, most of them no secret
    kind = secrets.literal_kind(text)
    if kind is secrets.LiteralKind.NUMBER:
        return len(text) > _SHORTEST_NUMBER and secrets.is_secret_name(entry.name.value)
    return kind not in _NO_SECRET or secrets.judge(entry.name.value, text) is not None


def _is_public(name: str, public: tuple[str, ...]) -> bool:
    return any(name == one or (one.startswith((".", "-", "_")) and name.endswith(one)) for one in public)


def _is_base64(text: str) -> bool:
    packed = "".join(text.split())
    return (
        len(packed) >= 8
        and len(packed) % 4 == 0
        and packed.rstrip("=").replace("+", "").replace("/", "").isalnum()
    )


@predicate
def credential_in_config(entry: EnvVar) -> bool | None:
    """An entry of a ConfigMap is a credential, or a packed file with one in it."""
    if entry.value is None:
        return False
    value = entry.value.value
    if isinstance(value, Unknown):
        return None
    name = entry.name.value
    if entry.origin == "base64":
        value = secrets.decoded_base64(value) or ""
        if is_file(name, value):
            return bool(credentials_in(name, value))
    elif is_file(name, value):
        return False  # each credential in it is told at its own place
    return _holds_credential(name, value) or any(True for _ in in_setting(name, value))


def _holds_credential(name: str, text: str) -> bool:
    verdict = secrets.judge(name, text)
    if verdict is not None and verdict is not secrets.Verdict.RANDOM:
        return True
    return "\n" in text.strip() and bool(credentials_in(name, text))
