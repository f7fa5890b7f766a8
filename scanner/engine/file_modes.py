"""What a command makes of the permissions of files."""

from __future__ import annotations

import re

from scanner.model.commands import Call
from scanner.model.source import Located, Unknown


def is_setuid(call: Call) -> bool | None:
    """Whether a command sets the set-user-ID or set-group-ID bit; None for a mode that is not decided."""
    mode = _mode_of(call)
    if mode is None or _UNDECIDED.search(mode):
        return None if mode else False
    if _OCTAL.fullmatch(mode):
        return bool(int(mode, 8) & 0o6000)
    return any("s" in clause.group(3) and clause.group(2) != "-" for clause in _CLAUSE.finditer(mode))


def is_world_writable(subject: Call | Located[str | Unknown] | None) -> bool | None:
    """Whether a command, or a mode as written, lets everybody write; folders with the sticky bit do not."""
    if subject is None:
        return False
    mode = _mode_of(subject) if isinstance(subject, Call) else subject.value
    if isinstance(mode, Unknown):
        return None
    if mode is None or _UNDECIDED.search(mode):
        return None if mode else False
    if _OCTAL.fullmatch(mode):
        bits = int(mode, 8)
        return bool(bits & 0o002) and not bits & 0o1000
    clauses = list(_CLAUSE.finditer(mode))
    if any("t" in clause.group(3) for clause in clauses):
        return False
    # Without a letter in front the umask applies, which takes the bit away.
    return any(
        clause.group(2) != "-" and "w" in clause.group(3) and not {"o", "a"}.isdisjoint(clause.group(1))
        for clause in clauses
    )


def _mode_of(call: Call) -> str | None:
    if call.name == "chmod":
        return call.operands[0] if call.operands else None
    if call.name in ("install", "mkdir"):
        return next((value for flag, value in call.flags if flag in ("-m", "--mode")), None)
    return None


_OCTAL = re.compile(r"[0-7]{1,5}")
_CLAUSE = re.compile(r"(?<![ugoa])([ugoa]*)([-+=])([rwxXst]*)")
_UNDECIDED = re.compile(r"[$`]")
