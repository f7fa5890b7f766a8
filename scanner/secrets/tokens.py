"""Credentials that are known by their form alone: providers' tokens and private keys.

A value is looked at closely only when it holds the letters that a form begins with.
Documentation examples and made-up bodies (`EXAMPLE`, `xxxxxxxx`, `1234567890`) are no
tokens. GitHub's checksum is not verified: a token of the right form is worth a look even
when a character was cut off.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

BASIC = "HTTP basic credentials"
"""The label of the user and password of a header."""

SHORTEST = 20
"""No token is shorter."""


def known_token(value: str) -> str | None:
    """What kind of provider's token the value holds, or None."""
    for token in tokens(value):
        return token.label
    return None


class Token(NamedTuple):
    """A token found in a text, and where."""

    label: str
    begin: int
    end: int


def tokens(value: str) -> Iterator[Token]:
    """The providers' tokens in a text, form after form."""
    if len(value) < SHORTEST:
        return
    for needle, label, _ in _FORMS:
        if needle in value:
            for found in _form(needle).finditer(value):
                begin, end = found.span(found.lastindex or 0)
                if not _is_made_up(value[begin:end]) and _CHECKS.get(label, _passes)(value[begin:end]):
                    yield Token(label, begin, end)


def private_key(value: str) -> bool:
    """Whether the value holds private key material: PEM, OpenSSH, PGP, PuTTY or age, with
    real or written-out line breaks, or the base64 of it."""
    if len(value) < SHORTEST:
        return False
    return bool(private_key_spans(value)) or any(map(private_key_spans, _unwrapped(value)))


def private_key_spans(value: str) -> tuple[tuple[int, int], ...]:
    """Where the material of private keys stands, between the begin and the end marker."""
    spans = []
    if "PRIVATE KEY" in value:
        for found in _begin_marker().finditer(value):
            end = value.find("---", found.end())
            begin, end = found.end(), len(value) if end < 0 else end
            if _material().search(value, begin, min(end, begin + 4096)):
                spans.append((begin, end))
    if "PuTTY-User-Key-File" in value and "Private-Lines" in value:
        spans.append((value.index("Private-Lines"), len(value)))
    if "AGE-SECRET-KEY-1" in value:
        spans.extend(found.span() for found in _age().finditer(value))
    return tuple(spans)


def wrapped_key_spans(value: str) -> tuple[tuple[int, int], ...]:
    """Where base64 stands that unwraps to a private key."""
    return tuple(
        found.span() for found in _wrapped().finditer(value)
        if any(private_key_spans(inner) for inner in _unwrapped(found[0]))
    )  # fmt: skip


# The letters that a form begins with, its name, and the form. The first group, if there
# is one, is the secret part.
_FORMS = (
    ("AKIA", "AWS access key", r"AKIA[A-Z2-7]{16}"),
    ("ASIA", "AWS temporary access key", r"ASIA[A-Z2-7]{16}"),
    ("ecret_access_key", "AWS secret key", r"(?<=ecret_access_key)[\s\"']*[=:][\s\"']*([A-Za-z0-9/+]{40})"),
    ("AIza", "Google API key", r"AIza[0-9A-Za-z_-]{35}"),
    ("GOCSPX-", "Google OAuth client secret", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    ("ya29.", "Google OAuth access token", r"ya29\.[A-Za-z0-9_-]{20,}"),
    ("ghp_", "GitHub personal access token", r"ghp_[A-Za-z0-9]{36,255}"),
    ("gho_", "GitHub OAuth token", r"gho_[A-Za-z0-9]{36,255}"),
    ("ghu_", "GitHub user token", r"ghu_[A-Za-z0-9]{36,255}"),
    ("ghs_", "GitHub server token", r"ghs_[A-Za-z0-9]{36,255}"),
    ("ghr_", "GitHub refresh token", r"ghr_[A-Za-z0-9]{36,255}"),
    ("github_pat_", "GitHub fine-grained token", r"github_pat_[A-Za-z0-9_]{60,255}"),
    ("glpat-", "GitLab personal access token", r"glpat-[\w.-]{20,300}"),
    ("gldt-", "GitLab deploy token", r"gldt-[\w-]{20,64}"),
    ("glrt-", "GitLab runner token", r"glrt-[\w.-]{20,300}"),
    ("glptt-", "GitLab trigger token", r"glptt-[0-9a-f]{40}"),
    ("glcbt-", "GitLab CI token", r"glcbt-\w{1,5}_[\w-]{20,64}"),
    ("xox", "Slack token", r"xox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z-]{16,250}"),
    ("xapp-", "Slack app token", r"xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{32,}"),
    ("hooks.slack.com/", "Slack webhook",
     r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Z]\w{7,12}/[\w/]{20,80})"),
    ("sk_live_", "Stripe secret key", r"sk_live_[0-9A-Za-z]{16,250}"),
    ("rk_live_", "Stripe restricted key", r"rk_live_[0-9A-Za-z]{16,250}"),
    ("whsec_", "webhook signing secret", r"whsec_[A-Za-z0-9+/]{24,100}={0,2}"),
    ("npm_", "npm access token", r"npm_[A-Za-z0-9]{36}"),
    ("pypi-Ag", "PyPI token", r"pypi-Ag[\w-]{50,1000}"),
    ("rubygems_", "RubyGems key", r"rubygems_[a-f0-9]{48}"),
    ("SG.", "SendGrid key", r"SG\.[\w-]{16,32}\.[\w-]{32,64}"),
    ("SK", "Twilio key", r"SK[0-9a-f]{32}"),
    ("key-", "Mailgun key", r"key-[0-9a-f]{32}"),
    ("-us", "Mailchimp key", r"[0-9a-f]{32}-us\d{1,2}"),
    ("xkeysib-", "Brevo key", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ("_v1_", "DigitalOcean token", r"do[opr]_v1_[a-f0-9]{64}"),
    ("AccountKey=", "Azure storage key", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    ("SharedAccessKey=", "Azure shared access key", r"SharedAccessKey=([A-Za-z0-9+/]{43}=)"),
    ("Q~", "Azure client secret", r"[\w.~-]{3}\dQ~[\w.~-]{31,34}"),
    (":AA", "Telegram bot token", r"\d{8,10}:AA[\w-]{33}"),
    ("api/webhooks/", "Discord webhook", r"discord(?:app)?\.com/api/webhooks/(\d{17,20}/[\w-]{60,80})"),
    (".", "Discord bot token", r"[MNO][A-Za-z\d]{23,25}\.[\w-]{6}\.[\w-]{27,38}"),
    ("shp", "Shopify token", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("sq0", "Square token", r"sq0(?:atp|csp)-[\w-]{22,43}"),
    ("dapi", "Databricks token", r"dapi[a-f0-9]{32}(?:-\d)?"),
    ("hvs.", "Vault service token", r"hvs\.[\w-]{24,300}"),
    ("hvb.", "Vault batch token", r"hvb\.[\w-]{24,500}"),
    (".atlasv1.", "Terraform Cloud token", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,80}"),
    ("dp.", "Doppler token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
    ("lin_api_", "Linear key", r"lin_api_[A-Za-z0-9]{40}"),
    ("T3BlbkFJ", "OpenAI key", r"sk-[\w-]{20,100}T3BlbkFJ[\w-]{20,100}"),
    ("sk-proj-", "OpenAI project key", r"sk-proj-[\w-]{40,200}"),
    ("sk-ant-", "Anthropic key", r"sk-ant-[a-z]{3,8}\d\d-[\w-]{80,120}"),
    ("hf_", "Hugging Face token", r"hf_[A-Za-z0-9]{34,40}"),
    ("gsk_", "Groq key", r"gsk_[A-Za-z0-9]{52}"),
    ("pplx-", "Perplexity key", r"pplx-[A-Za-z0-9]{48}"),
    ("r8_", "Replicate token", r"r8_[A-Za-z0-9]{37}"),
    ("xai-", "xAI key", r"xai-[A-Za-z0-9]{70,90}"),
    ("lsv2_", "LangSmith key", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    ("dckr_", "Docker access token", r"dckr_(?:pat|oat)_[\w-]{27,64}"),
    ("NRAK-", "New Relic key", r"NRAK-[A-Z0-9]{27}"),
    ("glsa_", "Grafana service token", r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}"),
    ("PMAK-", "Postman key", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("ATATT3", "Atlassian token", r"ATATT3[\w=-]{100,300}"),
    ("AKCp", "Artifactory key", r"AKCp[A-Za-z0-9]{69}"),
    ("pul-", "Pulumi token", r"pul-[a-f0-9]{40}"),
    ("pscale_", "PlanetScale token", r"pscale_(?:tkn|pw|oauth)_[\w.-]{32,64}"),
    ("sbp_", "Supabase token", r"sbp_[a-f0-9]{40}"),
    ("figd_", "Figma token", r"figd_[\w-]{40,60}"),
    ("sntry", "Sentry token", r"sntry[us]_[\w=+/-]{64,400}"),
    ("LTAI", "Alibaba access key", r"LTAI[A-Za-z0-9]{20}"),
    ("tskey-", "Tailscale key", r"tskey-(?:auth|api|client)-[A-Za-z0-9]+-[A-Za-z0-9]{16,}"),
    ("dt0c01.", "Dynatrace token", r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    ("HRKU-", "Heroku key", r"HRKU-[\w-]{36,64}"),
    ("ops_eyJ", "1Password service token", r"ops_eyJ[A-Za-z0-9+/_=-]{100,2000}"),
    ("phx_", "PostHog personal key", r"phx_[A-Za-z0-9]{40,50}"),
    ("eyJ", "JSON web token", r"eyJ[\w-]{10,2000}\.eyJ[\w-]{10,8000}\.[\w-]{20,2000}"),
    ("asic ", BASIC, r"[Bb]asic ([A-Za-z0-9+/]{8,400}={0,2})"),
)  # fmt: skip


@cache
def _form(needle: str) -> re.Pattern[str]:
    form = next(form for known, _, form in _FORMS if known == needle)
    return re.compile(rf"(?<![A-Za-z0-9]){form}(?![A-Za-z0-9])" if form[0] != "(" else form)


@cache
def _made_up() -> re.Pattern[str]:
    return re.compile(
        r"example|(.)\1{6}|1234567890|0123456789|abcdefghij|your[_-]|xxxx|placeholder|fake|dummy",
        re.IGNORECASE,
    )


def _is_made_up(token: str) -> bool:
    return _made_up().search(token) is not None or len(set(token)) < 9


def _is_web_token(token: str) -> bool:
    """A JSON web token whose header names an algorithm, and which is neither jwt.io's
    sample nor made to be published (Supabase's `anon`)."""
    header, claims = (_unpacked(part.replace("-", "+").replace("_", "/")) for part in token.split(".")[:2])
    if '"alg"' not in header or not claims.rstrip().endswith("}"):
        return False
    return '"John Doe"' not in claims and not ('"role"' in claims and '"anon"' in claims)


def _unpacked(packed: str) -> str:
    """What base64 without its end marks says, or an empty text."""
    try:
        return binascii.a2b_base64(packed + "=" * (-len(packed) % 4)).decode(errors="replace")
    except ValueError:
        return ""


def _is_user_and_password(packed: str) -> bool:
    user, colon, password = _unpacked(packed.rstrip("=")).partition(":")
    return bool(user.isprintable() and colon and password and password.isprintable())


def _passes(_token: str) -> bool:
    return True


_CHECKS = {"JSON web token": _is_web_token, BASIC: _is_user_and_password}


@cache
def _begin_marker() -> re.Pattern[str]:
    return re.compile(r"-{4,5} ?BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)? ?-{4,5}")


@cache
def _material() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9+/=]{12}")


@cache
def _age() -> re.Pattern[str]:
    return re.compile(r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}")


@cache
def _wrapped() -> re.Pattern[str]:
    # The base64 of `-----BEGIN`, of `---- BEGIN` and of `{` that a service account starts with.
    return re.compile(r"(?:LS0tLS1CRUdJTi|LS0tLSBCRUdJTi|ewogIC|eyJ0eXBl)[A-Za-z0-9+/]{40,}={0,2}")


def _unwrapped(value: str) -> Iterator[str]:
    """The texts of the base64 pieces that may hold a key; the last character of a line
    break or of a cut-off piece is let go."""
    if "LS0tLS" not in value and "ewogIC" not in value and "eyJ0eXBl" not in value:
        return
    for found in _wrapped().finditer("".join(value.split())):
        packed = found[0].rstrip("=")
        packed = packed[: len(packed) - (1 if len(packed) % 4 == 1 else 0)]
        yield _unpacked(packed)
