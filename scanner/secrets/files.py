"""Credentials in a file whose text is known: settings of any syntax, scripts and sources.

The name and the first line say how a file is read. In sources only literals in quotes
count, an expression is none; texts for people (pages, translations) hold no settings.
What gives itself away (keys, tokens, addresses) is found in any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from functools import cache

from scanner.secrets.credentials import Credential, assigned, is_weak, is_written_out, telling
from scanner.secrets.given import given_in_text
from scanner.secrets.markup import in_markup
from scanner.secrets.names import Noun, credential_noun
from scanner.secrets.pairs import hidden_part, lines_and_starts, pairs, says_credential
from scanner.secrets.values import LiteralKind, literal_kind, looks_made
from scanner.secrets.verdicts import Verdict

MOST = 200
"""Credentials of one file that are told; a file with more is a list of them."""


class Language(Enum):
    """How a file is read."""

    SETTINGS = auto()
    SHELL = auto()
    SOURCE = auto()
    MARKUP = auto()
    PROSE = auto()


def is_file(name: str, text: str) -> bool:
    """Whether an entry of a configuration is a file: by its lines, its name or its first sign."""
    stripped = text.strip()
    return "\n" in stripped or _file_name().search(name) is not None or stripped[:1] in ("{", "<")


def credentials_in(name: str, text: str) -> list[Credential]:
    """The credentials of a file, in order; none stands within another. Its time is linear."""
    language = language_of(name, text)
    found = [*telling(text)]
    if language is Language.PROSE:
        found = [one for one in found if one.verdict in (Verdict.PRIVATE_KEY, Verdict.KNOWN_TOKEN)]
    else:
        found += _by_language(language, text)
        found += [Credential("password", *span, Verdict.LITERAL) for span in _in_notes(text)]
    kept: list[Credential] = []
    last = 0
    for one in sorted(found, key=lambda each: (each.begin, -each.end, not each.name)):
        if one.begin >= last and one.begin < one.end:
            kept.append(one)
            last = one.end
    return kept[:MOST]


def language_of(name: str, text: str) -> Language:
    """How a file is read, by its name and by its first line."""
    base = name.rpartition("/")[2]
    if _translation().search(name):
        return Language.PROSE
    ending = base.rpartition(".")[2].lower() if "." in base else ""
    for language, endings in _ENDINGS.items():
        if ending in endings:
            return language
    first = text.lstrip()[:200].partition("\n")[0]
    if first.startswith("#!"):
        return Language.SHELL if _shell().search(first) else Language.SOURCE
    if first.startswith("<"):
        return Language.MARKUP
    return Language.SETTINGS


_ENDINGS = {
    Language.SHELL: frozenset(["sh", "bash", "zsh", "ksh", "ash", "bat", "cmd", "profile", "bashrc"]),
    Language.SOURCE: frozenset(
        [
            "js",
            "mjs",
            "cjs",
            "ts",
            "tsx",
            "jsx",
            "vue",
            "py",
            "pyw",
            "rb",
            "lua",
            "go",
            "java",
            "kt",
            "kts",
            "scala",
            "groovy",
            "gradle",
            "php",
            "pl",
            "pm",
            "rs",
            "c",
            "cc",
            "cpp",
            "h",
            "hpp",
            "cs",
            "swift",
            "jl",
            "r",
            "ex",
            "exs",
            "erl",
            "ps1",
            "psm1",
            "rego",
            "cue",
            "star",
            "jsonnet",
            "libsonnet",
            "nix",
            "vcl",
            "tf",
            "hcl",
            "dart",
            "clj",
            "coffee",
        ]
    ),
    Language.MARKUP: frozenset(["xml", "xsd", "xsl", "xslt", "plist", "config", "csproj", "pom", "jnlp"]),
    Language.PROSE: frozenset(
        [
            "html",
            "htm",
            "xhtml",
            "css",
            "scss",
            "less",
            "md",
            "markdown",
            "rst",
            "adoc",
            "svg",
            "po",
            "pot",
            "log",
            "csv",
            "tsv",
        ]
    ),
}


def _by_language(language: Language, text: str) -> Iterator[Credential]:
    match language:
        case Language.SETTINGS:
            yield from _in_settings(text)
        case Language.SHELL:
            yield from _in_shell(text)
        case Language.SOURCE:
            yield from _in_source(text)
        case Language.MARKUP:
            yield from in_markup(text, counts)
        case Language.PROSE:
            pass


def _in_settings(text: str) -> Iterator[Credential]:
    pending = ""  # the name whose `value:` follows
    block = ""  # the name whose block of text follows
    for start, line in lines_and_starts(text):
        stripped = line.strip()
        if not stripped:
            continue
        if block:
            if is_written_out(block, stripped):
                begin = start + line.index(stripped)
                yield Credential(block, begin, begin + len(stripped), Verdict.LITERAL)
            block = ""
            continue
        is_note = stripped.startswith(_NOTES)
        for pair in pairs(line, _is_wanted):
            key, value = pair.name, line[pair.begin : pair.end]
            lowered = key.lower()
            if lowered in _NAMES:
                pending = value if says_credential(value) else ""
                continue
            if lowered in _VALUES:
                key, pending = pending, ""
            if not key or (is_note and not (looks_made(value) and len(value) > 7)):
                continue
            if value in _BLOCKS and pair.separator == ":":
                block = key
                continue
            if pair.separator in (" ", ",", "\t") and not key.startswith("--"):
                continue
            whole = _whole(line, pair.begin, pair.end)
            if counts(_with_prefix(line, pair.at, key), whole):
                first, last = hidden_part(whole)
                begin = start + pair.begin
                yield Credential(key, begin + first, begin + last, Verdict.LITERAL)
        yield from _in_two_words(line, start, is_note=is_note)


_NOTES = ("#", ";", "//", "--", "<!--", "*", "rem ")
_NAMES = ("name", "key")
_VALUES = ("value", "defaultvalue")
_OTHERS = frozenset((*_NAMES, *_VALUES, "_auth"))
_LONGEST_LINE = 2_000
"""A longer line is data, and is not one key with its value."""
_BLOCKS = ("|", ">", "|-", ">-", "|+", ">+")


def _is_wanted(name: str) -> bool:
    return says_credential(name) or name.lower() in _OTHERS


def counts(name: str, value: str) -> bool:
    """Whether the value of a setting in a file is a credential, be it one that everybody knows."""
    if name.lower() == "_auth":
        return looks_made(value) and literal_kind(value) is LiteralKind.LITERAL
    if is_written_out(name, value):
        return True
    return " " not in value and is_weak(name, value) and credential_noun(name) in (Noun.PASSWORD, Noun.SECRET)


def _whole(line: str, begin: int, end: int) -> str:
    """The value with what stands behind it to the end of the line, where it has no quotes: a
    sentence is no value."""
    if begin == end:
        return ""
    if (
        len(line) > _LONGEST_LINE
        or line[begin - 1 : begin] in ("'", '"')
        or line[end : end + 1] in (",", "&", "}", ";")
    ):
        return line[begin:end]
    rest = _note_behind().split(line[begin:], maxsplit=1)[0].rstrip().rstrip(",;")
    return rest if " " in rest and _first_assigned(line, begin) else line[begin:end]


def _with_prefix(line: str, at: int, key: str) -> str:
    """A key with what stands before its slash: `checksum/secret` is no secret."""
    if line[at - 1 : at] != "/":
        return key.lstrip("-")
    before = line[max(0, at - 40) : at]
    return before[len(before.rstrip(_KEY_SIGNS)) :] + key


_KEY_SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/"


def _first_assigned(line: str, begin: int) -> bool:
    """Whether what stands before the value is one key and its sign."""
    return _one_key().fullmatch(line, 0, begin) is not None


def _in_two_words(line: str, start: int, *, is_note: bool) -> Iterator[Credential]:
    """`requirepass x`: settings whose name and value are parted by a blank."""
    found = _two_words().fullmatch(line) if len(line) <= _LONGEST_LINE else None
    if found is not None:
        name, value = found["name"], found["value"]
        is_own = name in ("masterauth", "requirepass", "rootpw", "bindpw")
        is_named = is_own or credential_noun(name) is not None
        is_real = looks_made(value) or (is_own and not is_note)
        if is_named and is_real and literal_kind(value) is LiteralKind.LITERAL:
            yield Credential(name, start + found.start("value"), start + found.end("value"), Verdict.LITERAL)
    if ">" in line and len(line) <= _LONGEST_LINE and line.lstrip().startswith("user "):
        acl = _redis_user().match(line)
        if acl is not None and looks_made(acl[1]):
            yield Credential("user", start + acl.start(1), start + acl.end(1), Verdict.LITERAL)


def _in_shell(text: str) -> Iterator[Credential]:
    for begin, end in given_in_text(text):
        yield Credential("command", begin, end, Verdict.LITERAL)
    for start, line in lines_and_starts(text):
        if line.lstrip().startswith("#"):
            continue
        for one in assigned(line):
            if (
                one.name != "command"
                and '"' not in line[max(0, one.begin - 1 - len(one.name) - 2) : one.begin - 1 - len(one.name)]
            ):
                yield one._replace(begin=start + one.begin, end=start + one.end)


def _in_source(text: str) -> Iterator[Credential]:
    for start, line in lines_and_starts(text):
        stripped = line.lstrip()
        if stripped.startswith(("#", "//", "*", "--", "/*")):
            continue
        for pair in pairs(line, says_credential):
            value = line[pair.begin : pair.end]
            quoted = line[pair.begin - 1 : pair.begin] in ("'", '"') and line[pair.end : pair.end + 1] in (
                "'",
                '"',
            )
            if quoted and pair.separator in ("=", ":", ":=", "=>") and _is_literal(pair.name, value):
                yield Credential(pair.name, start + pair.begin, start + pair.end, Verdict.LITERAL)
        if "define(" in line:
            for found in _defined().finditer(line):
                if says_credential(found[1]) and _is_literal(found[1], found[2]):
                    yield Credential(found[1], start + found.start(2), start + found.end(2), Verdict.LITERAL)


def _is_literal(name: str, value: str) -> bool:
    """Whether a text in quotes is a credential: of one piece, and with a digit, for the names, patterns
    and colours of programs have their own signs."""
    if _one_piece().fullmatch(value) is None or not any(map(str.isdigit, value)):
        return False
    return looks_made(value) and is_written_out(name, value)


@cache
def _one_piece() -> re.Pattern[str]:
    return re.compile(r"(?!#[0-9a-fA-F]{3,8}$)(?!_)[^\s{}()\[\]\\<>|]{8,500}")


def _in_notes(text: str) -> Iterator[tuple[int, int]]:
    """What SQL and .netrc say in words."""
    if "password" in text.lower() or "IDENTIFIED" in text or "identified" in text:
        for found in _sql().finditer(text):
            if literal_kind(found[1]) is LiteralKind.LITERAL and not found[1].startswith("%"):
                yield found.span(1)
    if "login" in text or "machine" in text:
        yield from given_in_text(text) if "password" in text and "machine" in text else ()


@cache
def _file_name() -> re.Pattern[str]:
    return re.compile(
        r"\.[A-Za-z][A-Za-z0-9]{1,11}$|^\.\w|(?:^|[/_-])(?:config|kubeconfig|netrc|npmrc|pgpass)$"
    )


@cache
def _translation() -> re.Pattern[str]:
    return re.compile(
        r"(?:^|/)(?:[a-z]{2}(?:[-_][A-Za-z]{2,4})?\.(?:json|ya?ml|properties|js|ts|ini|toml|php|lang|xml)"
        r"|(?:messages|strings|labels)(?:[._-][\w-]{2,7})?\.(?:properties|json|ya?ml|xml)"
        r"|\w+_[a-z]{2}(?:_[A-Z]{2})?\.properties)$"
        r"|(?:^|[/._-])(?:i18n|l10n|locales?|translations?|lang)(?:[/._-]|$)|\.(?:po|arb|ftl)$"
    )


@cache
def _shell() -> re.Pattern[str]:
    return re.compile(r"\b(?:ba|da|a|z|k|mk)?sh\b")


@cache
def _note_behind() -> re.Pattern[str]:
    return re.compile(r"\s[#;]|\s//|\r")


@cache
def _one_key() -> re.Pattern[str]:
    return re.compile(r"[\s>|\-*#;\d]*(?:export )?[\"']?[\w.:/@-]{1,200}[\"']?\s{0,8}(?:=>|:=|[=:])\s{0,8}")


@cache
def _two_words() -> re.Pattern[str]:
    return re.compile(
        r"[ \t#;]{0,40}(?P<name>[A-Za-z][\w.-]{1,60})[ \t]{1,40}"
        r"[\"']?(?P<value>[^\s\"';=,]{4,300})[\"']?;?\s{0,8}"
    )


@cache
def _redis_user() -> re.Pattern[str]:
    return re.compile(r"\s{0,20}user [^\s>]{1,80} (?:[^\s>]{1,40} ){0,20}>(\S{4,200})")


@cache
def _defined() -> re.Pattern[str]:
    return re.compile(r"define\(\s{0,4}[\"']([\w.]{1,80})[\"']\s{0,4},\s{0,4}[\"']([^\"']{1,300})[\"']")


@cache
def _sql() -> re.Pattern[str]:
    return re.compile(
        r"\b(?:(?:IDENTIFIED|identified)[ \t]{1,4}(?:(?:WITH|with)[ \t]{1,4}\w{1,40}[ \t]{1,4})?(?:BY|by)"
        r"|PASSWORD|password)[ \t]{1,4}'([^'\n]{4,200})'"
    )
