"""Which commands only run another one, and where in their words that other one begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from scanner.parsing.shell_tree import ShellWord, base_name


class Wrapper(NamedTuple):
    """How a wrapper reads its words: the options that take a word, operands before the command."""

    with_value: frozenset[str] = frozenset()
    operands: int = 0
    assigns: bool = False
    no_command: frozenset[str] = frozenset()


class Unwrapped(NamedTuple):
    """Where the wrapped command begins, and the numbers of the words that assign variables."""

    start: int
    assignments: tuple[int, ...]


def unwrap(words: Sequence[ShellWord], start: int) -> Unwrapped | None:
    """Return what the wrapper at `start` runs, or None when it is no wrapper or runs nothing."""
    wrapper = _WRAPPERS.get(base_name(words[start].text))
    if wrapper is None:
        return None
    assignments: list[int] = []
    operands = wrapper.operands
    at = start + 1
    while at < len(words):
        text = words[at].text
        if text == "--":
            at += 1
            break
        if text in wrapper.no_command:
            return None
        if text.startswith("-") and len(text) > 1:
            at += 2 if text in wrapper.with_value else 1
        elif wrapper.assigns and ASSIGNMENT.match(text):
            assignments.append(at)
            at += 1
        elif operands:
            operands -= 1
            at += 1
        else:
            break
    at += operands if at < len(words) and words[at - 1].text == "--" else 0
    return Unwrapped(at, tuple(assignments)) if at < len(words) else None


def script_of(words: Sequence[ShellWord]) -> ShellWord | None:
    """Return the word that a command runs as a script (`sh -c WORD`, `eval WORD`), or None."""
    name = base_name(words[0].text)
    if name == "eval":
        return words[1] if len(words) == 2 else None
    if name not in POSIX_SHELLS and name not in ("su", "runuser"):
        return None
    takes_script = False
    for word in words[1:]:
        text = word.text
        if takes_script and not text.startswith(("-", "+")):
            return word
        if text == "--command" or (text.startswith("-") and not text.startswith("--") and "c" in text):
            takes_script = True
        elif not text.startswith(("-", "+")) and name in POSIX_SHELLS and text not in ("pipefail", "errexit"):
            return None
    return None


def reads_stdin(words: Sequence[ShellWord]) -> bool:
    """Whether the command is a shell that takes its script from standard input."""
    if base_name(words[0].text) not in POSIX_SHELLS:
        return False
    options = [word.text for word in words[1:]]
    if "-s" in options:
        return True
    return all(text.startswith("-") and ("c" not in text or text.startswith("--")) for text in options)


POSIX_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"})
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]=]*\])?\+?=")


def _options(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WRAPPERS = {
    "sudo": Wrapper(_options("-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir"), 0,
                    True, _options("-l -v -k -K -V --list --version")),
    "doas": Wrapper(_options("-u -C")),
    "env": Wrapper(_options("-u -C -S --unset --chdir"), 0, True),
    "exec": Wrapper(_options("-a")),
    "command": Wrapper(frozenset(), 0, False, _options("-v -V")),
    "builtin": Wrapper(),
    "time": Wrapper(_options("-f -o --format --output")),
    "nohup": Wrapper(),
    "nice": Wrapper(_options("-n --adjustment")),
    "ionice": Wrapper(_options("-c -n -p -P -u --class --classdata")),
    "timeout": Wrapper(_options("-s -k --signal --kill-after"), 1),
    "stdbuf": Wrapper(_options("-i -o -e")),
    "setsid": Wrapper(),
    "xargs": Wrapper(_options("-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-procs")),
    "chroot": Wrapper(_options("--userspec --groups"), 1),
    "gosu": Wrapper(frozenset(), 1),
    "su-exec": Wrapper(frozenset(), 1),
    "setpriv": Wrapper(_options("--reuid --regid --groups")),
    "flock": Wrapper(_options("-w --timeout -E"), 1, False, _options("-c --command")),
    "tini": Wrapper(_options("-e -p")),
    "dumb-init": Wrapper(),
    "catatonit": Wrapper(),
    "busybox": Wrapper(frozenset(), 0, False, _options("--install --list")),
    "eatmydata": Wrapper(),
    "unbuffer": Wrapper(),
    "chronic": Wrapper(),
    "fakeroot": Wrapper(),
}  # fmt: skip
