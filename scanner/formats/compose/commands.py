"""What a Compose service runs: its command line, and the hooks beside it."""

from __future__ import annotations

import shlex

from scanner.formats.compose.fields import FactReader, is_absent, part_of, with_value
from scanner.formats.compose.security import read_user
from scanner.formats.compose.tree import Mapping, Scalar, Sequence
from scanner.formats.shared.credentials import with_credentials
from scanner.model.resources import Argument, Fact, Hook
from scanner.model.source import Located, Unknown


def read_command(service: Mapping, key: str, facts: FactReader) -> Fact[tuple[str, ...]]:
    """Read `command` or `entrypoint`: a list, or a text that is split as a shell does it."""
    entry = service.entries.get(key)
    if entry is None or is_absent(entry):
        return None
    if isinstance(entry.value, Scalar):
        if entry.value.unknown is not None:
            return facts.undecided(entry, entry.value.unknown)
        return part_of(entry, _shell_words(entry.value.text))
    return facts.texts(service, key)


def read_arguments(service: Mapping, facts: FactReader) -> tuple[Argument, ...]:
    """Return the words of `entrypoint` and `command`, each at its own place, and those of what is
    run beside them: the test of the health check, and hooks."""
    own = [word for key in ("entrypoint", "command") for word in _words(service, key, facts, "command line")]
    found = [*with_credentials(own)]
    check = service.entries.get("healthcheck")
    if check is not None and isinstance(check.value, Mapping):
        found += with_credentials(_words(check.value, "test", facts, "health check"))
    for kind in _HOOKS:
        hooks = service.entries.get(kind)
        for item in hooks.value.items if hooks is not None and isinstance(hooks.value, Sequence) else ():
            if isinstance(item.value, Mapping):
                found += with_credentials(_words(item.value, "command", facts, "hook"))
    return tuple(found)


def _words(holder: Mapping, key: str, facts: FactReader, use: str) -> list[Argument]:
    found: list[Argument] = []
    before: str | None = None
    entry = holder.entries.get(key)
    if entry is None or is_absent(entry):
        return found
    for item in facts.items(holder, key, single=True):
        text = facts.text_of(item, key)
        if text is None or isinstance(text.value, Unknown):
            before = None
            found += () if text is None else (Argument(text, None, use),)
            continue
        words = _shell_words(text.value) if item is entry and use == "command line" else (text.value,)
        for word in words:
            found.append(Argument(with_value(text, word), before, use))
            before = word
    return found


def read_hooks(service: Mapping, facts: FactReader) -> tuple[Hook, ...]:
    """Read the commands that run beside a service's own when it starts and stops."""
    hooks: list[Hook] = []
    for kind in _HOOKS:
        for item in facts.items(service, kind):
            if not isinstance(item.value, Mapping):
                facts.mistyped(item, kind, "a mapping as item")
                continue
            user = read_user(item.value, facts)
            place = Located(kind, item.place, item.source)
            hooks.append(Hook(kind, place, user.user, user.uid, facts.boolean(item.value, "privileged")))
    return tuple(hooks)


_HOOKS = ("pre_start", "post_start", "pre_stop")


def _shell_words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return (text,)
