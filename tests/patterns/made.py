"""What the syntax of the source does not say of its patterns: samples of those that functions make, which
ones rules bring, and how one is used that is handed on."""

from __future__ import annotations

import re
from collections.abc import Callable

from scanner.engine import packages, versions
from scanner.linking import base_images, base_ports
from scanner.parsing import dockerfile_arguments, hcl_templates
from scanner.secrets import commands, tokens, values

Patterns = list[re.Pattern[str]]

MADE: dict[str, Callable[[], Patterns]] = {
    "engine/packages.py:_installer": lambda: [
        pattern
        for each in packages.INSTALLERS.values()
        for pattern in (each.pinned, each.skipped, each.separator)
    ],
    "engine/versions.py:_grammar": lambda: [versions._grammar()],
    "engine/dockerfile_operators.py:_is_release": lambda: [re.compile(re.escape("-3.8") + r"(?![a-z0-9])")],
    "linking/base_images.py:_user": lambda: [
        re.compile(row.tags) for row in base_images.table() if row.tags is not None
    ],
    "linking/base_ports.py:_names": lambda: [base_ports._names()],
    "parsing/dockerfile_arguments.py:_quoted_words": lambda: [
        dockerfile_arguments._quoted_words(escape) for escape in "\\`"
    ],
    "parsing/hcl_templates.py:_end_of": lambda: [
        hcl_templates._end_of(name) for name in ("E", "EOT", "E-E_E")
    ],
    "patterns/characters.py:_oracle": lambda: [re.compile(r"(?i)[^a-z0-9\d\s]")],
    "secrets/given.py:_in_operands": lambda: [
        re.compile(pattern) for tool in commands.TOOLS for pattern, _ in tool.operands
    ],
    "secrets/values.py:_name_like": lambda: [values._name_like()],
    "secrets/tokens.py:_form": lambda: [tokens._form(needle) for needle, _, _ in tokens._FORMS],
}
"""For a function that makes its pattern of what it is given: patterns that it makes."""

_OPERAND = "an operand or parameter of a rule"
FROM_RULES: dict[str, str] = {
    "engine/cluster_operators.py:lacks_keys": _OPERAND,
    "engine/command_operators.py:writes": _OPERAND,
    "engine/command_operators.py:sets_variable": _OPERAND,
    "engine/command_patterns.py:fits": _OPERAND,
    "engine/dockerfile_operators.py:_glob": _OPERAND,
    "engine/dockerfile_operators.py:_ends_with": _OPERAND,
    "engine/comparisons.py:compile": _OPERAND,
    "model/refuting.py:_compare": _OPERAND,
    "policy/conditions.py:_check_pattern": "tried only, to refuse an operand that is no pattern",
}
"""Patterns that are no constants of the source, and where they come from."""

LIMITED: dict[str, tuple[int, str]] = {
    "linking/base_images.py:_user": (
        128,
        "the tag of a reference that was read, which has at most 128 characters",
    ),
}
"""The patterns that meet short texts only: how long these are at most, and why. What they cost then is small."""

_AT_CURSOR = "Cursor.skip takes it where the cursor stands, and what it did not take ends the reading"
USES: dict[str, tuple[str, str]] = {
    "parsing/hcl_cursor.py:BLANK": ("match", _AT_CURSOR),
    "parsing/hcl_cursor.py:BLANK_LINES": ("match", _AT_CURSOR),
}
"""The use of a pattern that is handed on by its name, and why it is that one."""
