"""Texts and bytes with mistakes in them that nobody would think of."""

from __future__ import annotations

import random
from collections.abc import Sequence

TOKENS = (
    "", " ", "\t", "\n", "\n\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1b", "\x85", "\u2028", "\ufeff", "\u202e", "é", "😀",
    "\\", "\\\n", "`", "'", '"', "'''", "$", "$$", "${", "}", "${X", "${X}", "${X:-", "${X:?", "${X#*", "${X/a/b}", "$(", ")",
    "((", "))", "|", "||", "&&", "&", ";", "<", "<<", "<<EOF", "<<-'E'", "\nEOF\n", ">", "2>&1", "#", "# ", "//", "/*", "*/",
    "{", "{{", "{{-", "-}}", "}}", "{{/*", "*/}}", "[", "]", "(", ":", ": ", "::", "=", "==", ",", "-", "- ", "--", "---\n", "...\n",
    "!", "!!binary ", "&a ", "*a", "%YAML 1.1\n", "? ", "@", "@sha256:", "~", "*", "**", "?", "[a-", "[!", "[]]", "^", "%{ if x }", "%{",
    "export ", "export", "null", "true", "0", "-1", "99999999999999999999", "1e999", "0x", "0o9", "\\x", "\\u12", "\\U0011ffff",
    "FROM ", "RUN ", "ARG ", "ENV ", "COPY --from=", "ONBUILD ", "HEALTHCHECK ", "# escape=`\n", "# syntax=", "RUN --mount=", "USER ",
    "if ", "then", "fi", "for ", "do", "done", "case ", "esac", "function f {", "eval ", "sh -c '", "env -u ", "xargs ", "sudo ",
    "target ", "variable ", "function ", "for x in y : ", "range ", "define ", "end", "include ", "tpl ", "template ", "block ",
    "hullcheck:ignore ", "hullcheck:ignore-file ", "until=", "password=", "-----BEGIN RSA PRIVATE KEY-----\n", "AKIA", "://u:p@", "\ud800",
)  # fmt: skip
"""What is put into a text."""


def mutate(text: str, rng: random.Random, others: Sequence[str] = ()) -> str:
    """Return a text after some changes: tokens put in, parts taken out, doubled, moved or spliced."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        text = _changed(text, rng, others)
    return text[:20_000]


def _changed(text: str, rng: random.Random, others: Sequence[str]) -> str:
    at = rng.randint(0, len(text))
    end = min(len(text), at + rng.choice((1, 1, 2, 5, 20, 100)))
    match rng.randrange(11):
        case 0 | 1 | 2:
            return text[:at] + rng.choice(TOKENS) + text[at:]
        case 3:
            return text[:at] + text[end:]
        case 4:
            return text[:at] + rng.choice(TOKENS) + text[end:]
        case 5:
            return text[:at]
        case 6:
            return text[:at] + text[at:end] * rng.choice((2, 3, 20)) + text[end:]
        case 7:
            lines = text.split("\n")
            first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[first], lines[second] = lines[second], lines[first]
            return "\n".join(lines)
        case 8 if others:
            other = rng.choice(others)
            cut = rng.randint(0, len(other))
            return text[:at] + other[cut : cut + rng.choice((10, 100, 1000))] + text[at:]
        case 9:
            return text[:at] + chr(rng.choice((rng.randrange(128), rng.randrange(0x3000)))) + text[end:]
        case _:
            lines = text.split("\n")
            number = rng.randrange(len(lines))
            lines[number] = rng.choice(("  ", "\t", "- ", "#")) + lines[number]
            return "\n".join(lines)


def mutate_bytes(data: bytes, rng: random.Random) -> bytes:
    """Return bytes of which some were changed, taken out or doubled."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randint(0, len(made))
        match rng.randrange(5):
            case 0:
                made[at:at] = rng.randbytes(rng.choice((1, 2, 8)))
            case 1:
                del made[at : at + rng.choice((1, 2, 8, 100))]
            case 2 if at < len(made):
                made[at] ^= 1 << rng.randrange(8)
            case 3:
                made[at:at] = made[at : at + 64]
            case _:
                del made[at:]
    return bytes(made)
