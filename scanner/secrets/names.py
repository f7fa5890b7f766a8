"""Whether the name of a setting says that its value is a credential.

A name is cut into words (`DB_PASSWORD`, `dbPassword`, `db-password`, `db.password`) and
judged by its head noun: `TOKEN` is a credential, `TOKEN_TTL` only speaks about one.
Decisions: `AWS_ACCESS_KEY_ID` counts, being half of a static key pair, as BuildKit, Trivy
and Kubescape hold; `*_KEY` counts only with a word that makes it a credential
(`API_KEY`, not `CACHE_KEY`); `*_HASH`, `*_URL`, `*_DSN` do not (their value is judged).
A connection string is a name of its own kind: only a password inside it is a credential.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, lru_cache

MAX_NAME = 200
"""Characters of a name that are looked at, from its end: the head noun stands there."""


class Noun(StrEnum):
    """What kind of credential a name speaks of."""

    PASSWORD = "password"
    SECRET = "secret"
    TOKEN = "token"
    KEY = "key"
    CREDENTIALS = "credentials"
    CONNECTION = "connection string"


def is_secret_name(name: str) -> bool:
    """Whether the name says that the value is a credential."""
    return credential_noun(name) is not None


def may_name_credential(text: str) -> bool:
    """Whether a name of a credential may stand somewhere in a text: the cheap test for all the others."""
    lowered = text.lower()
    return any(root in lowered for root in _ROOTS)


def credential_noun(name: str) -> Noun | None:
    """The kind of credential that the name says its value is, or None."""
    lowered = name.lower()
    for root in _ROOTS:
        if root in lowered:
            return _judged(name[-MAX_NAME:])
    return None


def is_issued(name: str) -> bool:
    """Whether such a credential is given out by somebody else (an API key), so that a
    stand-in like `dummy` opens nothing; a password or signing secret opens with any value."""
    noun = credential_noun(name)
    return noun in (Noun.TOKEN, Noun.KEY) or (noun is Noun.SECRET and "client" in name.lower())


def hints_at_secret(name: str) -> bool:
    """Whether the name may mean a credential without saying so (`KEY`, `COOKIE_SALT`)."""
    lowered = name.lower()
    if not ("key" in lowered or "auth" in lowered or "salt" in lowered or "cookie" in lowered
            or "signature" in lowered):  # fmt: skip
        return False
    words = _words(name[-MAX_NAME:])
    return bool(words) and words[-1] in _HINTS and not _HARMLESS_KEYS.intersection(words)


# Every name that says credential holds one of these: the cheap test for all the others.
_ROOTS = ("pass", "pw", "secret", "token", "key", "cred", "auth", "jwt", "_pat", "-pat", "cookie",
          "salt", "bearer", "mnemonic", "connection", "conn_s", "dockerc")  # fmt: skip

_HINTS = frozenset(("key", "keys", "auth", "salt", "cookie", "signature"))
_HARMLESS_KEYS = frozenset((
    "public", "publishable", "anon", "pub", "gpg", "pgp", "release", "signers", "fingerprint", "cache",
    "sort", "primary", "foreign", "partition", "routing", "hash", "object", "bucket", "group", "map",
    "label", "idempotency", "known", "host", "kms", "site", "verify", "verification",
))  # fmt: skip

_PASSWORD_ENDS = ("password", "passwords", "passwd", "passphrase", "passcode", "passwort")
_NOT_PASS = frozenset(("bypass", "compass", "trespass", "surpass", "underpass", "overpass", "encompass",
                       "onepass", "lastpass", "keepass"))  # fmt: skip
_SHORT_PASSWORDS = frozenset(("pw", "bindpw", "rootpw", "adminpw", "userpw", "dbpw", "userpass", "psk"))
_WORKING_DIRECTORIES = frozenset(("pwd", "oldpwd", "cwd", "lpwd"))
_KEY_ENDS = ("apikey", "apikeys", "secretkey", "accesskey", "privatekey", "authkey", "signingkey",
             "encryptionkey", "masterkey", "accountkey", "sharedkey", "licensekey", "vaultkey", "sshkey",
             "jwtkey", "sessionkey", "deploykey", "servicekey", "appkey", "cryptkey")  # fmt: skip
_CREDENTIAL_ENDS = ("credential", "credentials")
_WHOLE = {
    "authorization": Noun.TOKEN, "bearer": Noun.TOKEN, "jwt": Noun.TOKEN, "mnemonic": Noun.SECRET,
    "cred": Noun.CREDENTIALS, "creds": Noun.CREDENTIALS, "dockerconfigjson": Noun.CREDENTIALS,
    "dockercfg": Noun.CREDENTIALS, "connectionstring": Noun.CONNECTION,
    "connectionstrings": Noun.CONNECTION,
}  # fmt: skip

_ONLY_LAST = frozenset(("authorization", "bearer", "jwt", "mnemonic"))

# `X_KEY` is a credential when X is one of these.
_KEY_QUALIFIERS = frozenset((
    "api", "access", "secret", "private", "priv", "enc", "encryption", "encrypt", "decryption", "signing",
    "sign", "master", "app", "application", "ssh", "account", "storage", "subscription", "license",
    "licence", "auth", "authentication", "shared", "deploy", "service", "role", "jwt", "jws", "jwe",
    "hmac", "aes", "rsa", "dsa", "ecdsa", "ed25519", "cookie", "session", "crypt", "crypto", "cipher",
    "fernet", "vault", "unseal", "seal", "integration", "write", "server", "client", "stream", "tls",
    "ssl", "cert", "root", "admin", "nonce", "in", "security", "webhook", "token", "bot", "ingest",
    "ingestion", "wallet", "recovery", "tsig", "rndc", "dkim", "vapid", "symmetric", "data", "salt",
    "openai", "stripe", "sendgrid", "twilio", "mailgun", "mailchimp", "aws", "gcp", "algolia", "datadog",
    "dd", "newrelic", "honeycomb", "anthropic", "gemini", "maps", "cloudflare", "digitalocean", "heroku",
    "github", "gitlab", "slack", "telegram", "discord", "firebase", "supabase", "braintree", "paypal",
    "rollbar", "bugsnag", "deepl", "huggingface", "hf", "mistral", "cohere", "groq", "pinecone",
    "typesense", "shodan", "virustotal", "opsgenie", "pagerduty",
))  # fmt: skip
_AUTH_QUALIFIERS = frozenset(("basic", "http", "proxy", "npm", "neo4j", "redis", "docker", "requirepass"))
_SALT_QUALIFIERS = frozenset(("auth", "password", "secret", "nonce", "hash", "hashids", "in", "crypt",
                              "session", "django", "jwt"))  # fmt: skip

# A word after the noun that makes the name speak about the credential only.
_ABOUT = frozenset((
    "file", "files", "filename", "path", "paths", "dir", "directory", "folder", "location", "name",
    "names", "id", "ids", "identifier", "arn", "enabled", "enable", "disabled", "disable", "required",
    "require", "optional", "length", "len", "size", "min", "max", "minimum", "maximum", "ttl", "expiry",
    "expires", "expiration", "expire", "exp", "lifetime", "lifespan", "age", "validity", "valid", "timeout",
    "interval", "duration", "period", "seconds", "secs", "sec", "ms", "minutes", "hours", "days", "policy",
    "policies", "algorithm", "algorithms", "alg", "algo", "type", "types", "kind", "method", "methods",
    "mode", "header", "headers", "prefix", "suffix", "format", "url", "urls", "uri", "uris", "endpoint",
    "endpoints", "host", "hosts", "hostname", "port", "address", "addr", "server", "domain", "rotation",
    "rotate", "rotated", "issuer", "iss", "audience", "aud", "subject", "scope", "scopes", "claim",
    "claims", "provider", "providers", "manager", "store", "backend", "backends", "engine", "service",
    "hash", "hashed", "hashes", "hashing", "digest", "checksum", "fingerprint", "thumbprint", "ref",
    "refs", "reference", "user", "users", "username", "account", "role", "roles", "group", "email",
    "label", "labels", "annotation", "annotations", "version", "region", "namespace", "namespaces",
    "project", "mount", "mounts", "mountpath", "volume", "template", "pattern", "regex", "regexp",
    "charset", "chars", "complexity", "strength", "history", "attempts", "retries", "limit", "limits",
    "count", "bucket", "buckets", "budget", "usage", "cost", "price", "rate", "quota", "window", "index",
    "table", "column", "field", "fields", "param", "parameter", "option", "options", "config",
    "configuration", "strategy", "source", "class", "plugin", "resolver", "validator", "validation",
    "encoder", "generator", "command", "cmd", "script", "helper", "hint", "question", "reset", "grant",
    "flow", "exchange", "request", "response", "status", "state", "error", "message", "page", "link",
    "form", "icon", "uuid", "created", "updated", "at", "date", "time", "timestamp", "iterations",
    "rounds", "public", "encoding", "separator", "delimiter", "registry", "repository", "image", "tag",
    "cache", "allowed", "supported", "env", "var", "variable", "lookup", "rule", "rules", "check",
    "checks", "auth", "authentication", "login", "authenticator", "key", "keys", "cookie", "exists",
    "keyspace", "keyspaces",
    "yaml", "yml", "conf", "cnf", "properties", "toml", "ini", "sh", "py", "xml", "sql", "pub", "pem",
    "review", "reviewer", "controller", "operator", "csi", "driver", "sync", "sidecar", "parallelism",
    "description", "mtime", "ctime", "prompt", "help", "tooltip", "caption", "alias", "connector",
    "title", "placeholder", "example", "usages", "audiences", "refresh", "renew",
))  # fmt: skip

# A word before the noun that makes the setting a switch, a number or an object's name.
_SWITCHES = frozenset(("allow", "enable", "enabled", "disable", "disabled", "max", "min", "num", "require",
                       "requires", "generate", "random", "automount", "existing", "skip", "eos", "bos",
                       "allocate", "checksum", "digest", "sha256", "sha1",
                       "fingerprint", "pad", "unk", "stop", "onetime"))  # fmt: skip
_FIRST_SWITCHES = frozenset(("use", "has", "is", "no", "without", "show", "hide", "total", "count"))
_OBJECT_NAMES = frozenset(("pull", "tls", "k8s", "kube", "kubernetes", "from"))
_OPEN_TO_ALL = frozenset(("public", "publishable", "anon", "pub", "csrf", "xsrf"))


@cache
def _word_borders() -> re.Pattern[str]:
    return re.compile(r"[^A-Za-z0-9]+|(?:(?<=[a-z])|(?<=[a-z][0-9]))(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _words(name: str) -> list[str]:
    return [word.lower() for word in _word_borders().split(name) if word]


@lru_cache(maxsize=4096)
def _judged(name: str) -> Noun | None:
    words = _words(name)
    for index in range(len(words) - 1, -1, -1):
        noun = _noun_at(words, index)
        if noun is not None:
            return noun if _is_meant(words, index, noun) else None
    return None


def _noun_at(words: list[str], index: int) -> Noun | None:
    word = words[index].rstrip("0123456789") or words[index]
    if _is_password(word, alone=len(words) == 1):
        return Noun.PASSWORD
    if word.endswith(("secret", "secrets")):
        return Noun.SECRET
    if word.endswith("token") or word == "tokens":
        return Noun.TOKEN
    if word in _WHOLE and (index == len(words) - 1 or word not in _ONLY_LAST):
        return _WHOLE[word]
    if word.endswith(_KEY_ENDS):
        return Noun.KEY
    if word.endswith(_CREDENTIAL_ENDS):
        return Noun.CREDENTIALS
    return _noun_of_two(words, index, word) if index else None


def _is_password(word: str, *, alone: bool) -> bool:
    if word.endswith(_PASSWORD_ENDS) or word in _SHORT_PASSWORDS:
        return True
    if word.endswith("pass"):
        return word not in _NOT_PASS
    return word.endswith("pwd") and not (word in _WORKING_DIRECTORIES and (alone or word != "pwd"))


def _noun_of_two(words: list[str], index: int, word: str) -> Noun | None:
    """The noun that a word makes together with the one before it."""
    before = words[index - 1]
    if word in ("key", "keys") and (before in _KEY_QUALIFIERS or "azure" in words[:index]):
        return Noun.KEY
    if word == "auth" and before in _AUTH_QUALIFIERS:
        return Noun.CREDENTIALS
    if word == "salt" and before in _SALT_QUALIFIERS:
        return Noun.SECRET
    if word == "pat" and index == len(words) - 1:
        return Noun.TOKEN
    if word == "cookie" and before == "erlang":
        return Noun.SECRET
    if word in ("string", "strings", "str") and before in ("connection", "conn"):
        return Noun.CONNECTION
    return None


def _is_meant(words: list[str], index: int, noun: Noun) -> bool:
    """Whether the noun is what the name is about: neither a word after it nor one before
    it turns the setting into something else."""
    before, after = words[:index], words[index + 1 :]
    if words == ["etcd", "auth", "token"]:
        return False  # the kind of token that etcd makes: simple, or jwt with the paths of its keys
    if any(word in _ABOUT for word in after):
        return _is_identifier_that_opens(before, words[index], after)
    if before and (before[0] in _FIRST_SWITCHES or not _SWITCHES.isdisjoint(before)):
        return False
    if noun in (Noun.KEY, Noun.TOKEN) and not _OPEN_TO_ALL.isdisjoint(words):
        return False
    return not (noun is Noun.SECRET and before and before[-1] in _OBJECT_NAMES)


def _is_identifier_that_opens(before: list[str], word: str, after: list[str]) -> bool:
    """Credentials whose names end like an identifier's: AWS's key pair, the root token of
    a Vault in development mode, an AppRole's secret; and the registry login of GitLab."""
    if after == ["config"]:
        return word == "auth" and before[-1:] == ["docker"]
    if after != ["id"]:
        return False
    if word in ("key", "accesskey"):
        return word == "accesskey" or before[-1:] == ["access"]
    if word == "token":
        return before[-1:] == ["root"]
    return word == "secret" and not {"vault", "approle", "role"}.isdisjoint(before)
