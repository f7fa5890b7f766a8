"""The named predicates on the commands of a build.

A predicate returns None when an expansion stands where it would decide.
"""

from __future__ import annotations

import re

from scanner.engine import downloads, packages
from scanner.engine.command_patterns import Asked, any_of, fits, which, which_fit
from scanner.engine.file_modes import is_setuid, is_world_writable
from scanner.engine.layers import is_mounted, removes_one_of
from scanner.engine.registry import Regex, predicate
from scanner.model.commands import Call, Command
from scanner.model.resources import Container, Copy, EnvVar
from scanner.model.source import Located, Unknown
from scanner.model.stage_parts import CopySource
from scanner.patterns.matching import compile_pattern
from scanner.secrets import verdicts as secrets
from scanner.secrets.given import given_in_text, given_in_words, reads_credential, said

Texts = tuple[str, ...]


@predicate
def runs(
    command: Command | Container | EnvVar, *, names: Texts = (), subcommands: Texts = (), flags: Texts = (),
    without_flags: Texts = (), operands: Regex = "", arguments: Regex = "", not_arguments: Regex = "",
    passing_over: Regex = "",
) -> bool | None:  # fmt: skip
    """The command is one of `names`, does one of `subcommands`, has one of `flags`, none of
    `without_flags`, its operands or all its words match a pattern, and these do not match
    `not_arguments`. Words that match `passing_over` are as if they were not there."""
    if not isinstance(command, Command):
        return False
    asked = Asked(names, subcommands, flags, without_flags, operands, arguments, not_arguments, passing_over)
    return fits(command.call, asked)


@predicate
def followed_by(
    command: Command, *, names: Texts = (), subcommands: Texts = (), flags: Texts = (),
    without_flags: Texts = (), operands: Regex = "", arguments: Regex = "", not_arguments: Regex = "",
    passing_over: Regex = "",
) -> bool | None:  # fmt: skip
    """A later command of the same instruction is such a one; see `runs`."""
    asked = Asked(names, subcommands, flags, without_flags, operands, arguments, not_arguments, passing_over)
    return which_fit(command.run.calls, asked).after(command.number)


@predicate
def beside(
    command: Command, *, names: Texts = (), subcommands: Texts = (), flags: Texts = (),
    without_flags: Texts = (), operands: Regex = "", arguments: Regex = "", not_arguments: Regex = "",
    passing_over: Regex = "",
) -> bool | None:  # fmt: skip
    """Another command of the same instruction is such a one; see `runs`."""
    asked = Asked(names, subcommands, flags, without_flags, operands, arguments, not_arguments, passing_over)
    return which_fit(command.run.calls, asked).besides(command.number)


@predicate
def always(subject: object, *, value: bool) -> bool | None:  # noqa: ARG001
    """A parameter of the rule is true."""
    return value


@predicate
def wrapped_by(command: Command, *, names: Texts) -> bool | None:
    """One of `names` runs the command (`sudo -E make`)."""
    wrappers = command.call.wrappers
    return bool(wrappers) and not set(names).isdisjoint(wrappers)


@predicate
def is_fed_by(command: Command, *, names: Texts) -> bool | None:
    """One of `names` writes into the command through a pipe."""
    if not command.call.is_fed:
        return False
    script = command.run.calls
    return any(
        command.number in script[number].pipes_to
        for name in names
        for number in script.numbers.get(name, ())[:_MOST_READERS]
    )


@predicate
def sets_variable(
    subject: Command | EnvVar, *, names: Texts, values: Regex = "", not_values: Regex = ""
) -> bool | None:
    """The variable is one of `names` with a value that matches `values` and does not match
    `not_values`, or the command sets it in front of itself, by export or by `env`."""
    if isinstance(subject, EnvVar):
        if subject.name.value not in names or subject.value is None:
            return False
        value = subject.value.value
        return None if isinstance(value, Unknown) else _is_meant(value, values, not_values)
    if not subject.call.assignments:
        return False
    return any_of(
        True if _is_meant(value, values, not_values) else None if "$" in value else False
        for name, value in subject.call.assignments
        if name in names
    )


def _is_meant(value: str, values: str, not_values: str) -> bool:
    if not compile_pattern(values).search(value):
        return False
    return not (not_values and compile_pattern(not_values).search(value))


@predicate
def has_setting(command: Command, *, names: Texts) -> bool | None:
    """One of the variables, set in its instruction or by an ENV or ARG before, says yes."""
    script = command.run.calls
    said = script.found.get("settings")
    if said is None:
        assigned = [pair for call in script for pair in call.assignments]
        said = script.found["settings"] = frozenset(
            name for name, value in (*command.run.settings, *assigned) if value.lower() not in _NO
        )
    assert isinstance(said, frozenset)
    return not said.isdisjoint(names)


@predicate
def writes(command: Command | EnvVar, *, files: Regex, text: Regex) -> bool | None:
    """The command writes words that match `text` into a file whose path matches `files`."""
    if not isinstance(command, Command) or command.name not in _WRITERS:
        return False
    call = command.call
    if not call.outputs and not call.pipes_to and call.name not in _EDITORS:
        return False
    targets = list(call.outputs)
    if call.name in _EDITORS:
        targets += call.operands
    for number in call.pipes_to[:_MOST_READERS]:
        reader = command.run.calls[number]
        targets += reader.operands if reader.name == "tee" else ()
        targets += reader.outputs
    if not any(map(compile_pattern(files).search, targets)):
        return False
    return compile_pattern(text).search(" ".join(call.words))


@predicate
def unpinned_packages(command: Command) -> bool | None:
    """The command installs a package and does not say which version."""
    return packages.unpinned(command.call)


@predicate
def installs(subject: Command | Container, *, packages: Texts) -> bool | None:
    """The command installs a package whose name one of the patterns fits."""
    return isinstance(subject, Command) and _names_one_of(subject.call, packages)


@predicate
def names_packages(command: Command) -> bool | None:
    """The command installs packages that it names."""
    return bool(packages.packages_of(command.call))


@predicate
def removes(command: Command, *, paths: Texts) -> bool | None:
    """A later command of the same instruction removes one of `paths`."""
    return which(command.run.calls, ("removes", paths), lambda call: removes_one_of(call, paths)).after(
        command.number
    )


@predicate
def mounts(command: Command, *, paths: Texts) -> bool | None:
    """One of `paths` lies in a cache or tmpfs mount of the instruction, so that it leaves nothing."""
    return is_mounted(command.run.mounts, paths)


@predicate
def runs_download(command: Command) -> bool | None:
    """The command downloads a program that a shell or another interpreter runs at once."""
    return downloads.feeds_interpreter(command.run.calls, command.number)


@predicate
def unverified_download(command: Command) -> bool | None:
    """The command downloads what the instruction unpacks or installs without a checksum or signature."""
    return downloads.is_unpacked_unverified(command.run.calls, command.number)


@predicate
def unpinned_checkout(subject: Command | CopySource) -> bool | None:
    """A git repository is fetched, and nothing says which commit or tag."""
    if isinstance(subject, CopySource):
        if subject.kind != "git":
            return False
        text = subject.text.value
        return None if isinstance(text, Unknown) else not _GIT_REFERENCE.search(text)
    call = subject.call
    if call.name in ("pip", "uv", "pipx", "npm", "yarn", "pnpm"):
        return any(_GIT_URL.match(word) and not _names_revision(word) for word in call.words)
    if call.name != "git" or call.subcommand != "clone":
        return False
    if any(flag in _REFERENCES and value and _is_fixed(value) for flag, value in call.flags):
        return False
    return not which(subject.run.calls, "checkout", _selects_reference).after(subject.number)


def _names_revision(url: str) -> bool:
    """Whether a Git address of pip or npm says which commit: `@` in its path, or a fragment."""
    path = url.partition("#")[0].partition("//")[2].partition("/")[2]
    return bool(path.partition("@")[2]) or _FRAGMENT_REVISION.search(url) is not None


@predicate
def holds_secret(command: Command) -> bool | None:
    """The command has a literal credential among its words or assignments."""
    call = command.call
    pairs = [*call.assignments, *_pairs(call)]
    for name, value in pairs:
        if value and "$" not in value and secrets.is_literal_credential(name, value):
            return True
    if call.name in _SET_PASSWORDS:
        return False  # a rule of its own tells of these
    if any(secrets.known_token(word) or secrets.credential_in_url(word) for word in call.words):
        return True
    words = ["" if word in call.undecided else word for word in (call.name, *call.words)]
    return bool(given_in_words(words, scripts=call.name in _WRITERS)) or _feeds_login(command, words)


def _feeds_login(command: Command, words: list[str]) -> bool:
    """Whether a command writes a literal to one that reads a credential, or is such a one and is
    fed by the text behind it (`<<<`)."""
    calls = command.run.calls
    readers = [calls[number] for number in command.call.pipes_to[:_MOST_READERS] if number < len(calls)]
    if any(one.name not in _SET_PASSWORDS and reads_credential((one.name, *one.words)) for one in readers):
        return bool(said(words))
    return "<<<" in command.text.value and bool(given_in_text(command.text.value))


@predicate
def sets_setuid(command: Command) -> bool | None:
    """The command gives a file the set-user-ID or set-group-ID bit."""
    return is_setuid(command.call)


@predicate
def sets_world_writable(subject: Command | Copy) -> bool | None:
    """The command, or the --chmod of a COPY or ADD, lets everybody write to a file or folder."""
    return is_world_writable(subject.call if isinstance(subject, Command) else subject.chmod)


@predicate
def starts_pipe(command: Command) -> bool | None:
    """The command is the first of a pipe."""
    return bool(command.call.pipes_to) and not command.call.is_fed


@predicate
def starts_program(subject: Command | Container, *, names: Texts) -> bool | None:
    """The command, or the command or arguments of a container, run one of these programs."""
    if isinstance(subject, Command):
        return subject.name in names
    return any_of(_holds_program(fact, names) for fact in (subject.command, subject.args))


def _holds_program(fact: Located[Texts | Unknown] | None, names: Texts) -> bool | None:
    if fact is None:
        return False
    if isinstance(fact.value, Unknown):
        return None
    words = (part for word in fact.value for part in word.split())
    return any(word.rpartition("/")[2] in names for word in words)


def _selects_reference(call: Call) -> bool | None:
    if call.name != "git" or call.subcommand not in _SELECTS:
        return False
    return any(_is_fixed(word) for word in call.operands)


def _is_fixed(reference: str) -> bool:
    """Whether a reference is a commit, a tag or a variable, and no branch that moves."""
    return not _BRANCH.fullmatch(reference) and not reference.startswith("-")


def _pairs(call: Call) -> list[tuple[str, str]]:
    """Return what looks like a named value among the words of a command."""
    pairs = [(flag.lstrip("-"), value) for flag, value in call.flags if value and len(flag) > 2]
    for word in call.words:
        if len(word) > _LONGEST:
            continue
        header = _HEADER.search(word)
        if header is not None:
            pairs.append(("authorization_token", header.group(1)))
        if call.name in ("echo", "printf"):
            pairs += [found.group(1, 2) for found in _ECHOED.finditer(word)]  # type: ignore[misc]
        elif "=" in word:
            name, _, value = word.partition("=")
            pairs.append((name.lstrip("-"), value))
    return pairs


_LONGEST = 20_000  # a longer word is data
_MOST_READERS = 100
_NO = frozenset({"", "0", "no", "off", "false"})
_EDITORS = frozenset({"tee", "sed", "crudini"})
_WRITERS = _EDITORS | {"echo", "printf"}
_names_one_of = packages.names_one_of
_BRANCH = re.compile(r"(?:origin/)?(?:main|master|develop|dev|trunk|HEAD|stable|edge|next|nightly|\.|--)")
_REFERENCES = frozenset({"-b", "--branch", "--revision"})
_SELECTS = frozenset({"checkout", "reset", "switch", "fetch"})
_GIT_URL = re.compile(r"(?:\S+\s*@\s*)?(?:git\+(?:https?|ssh|git|file)://|git://|github:)|-e\s*git\+")
_FRAGMENT_REVISION = re.compile(r"#(?!egg=|subdirectory=).")
_GIT_REFERENCE = re.compile(r"#(?!:)(?!(?:main|master|develop|HEAD)(?::|$)).+|[?&](?:commit|checksum|tag)=")
_SET_PASSWORDS = frozenset({"chpasswd", "passwd", "useradd", "usermod"})
_HEADER = re.compile(r"(?i)(?:authorization|private-token|x-[a-z-]{0,40}(?:token|key))\s*:\s*"
                     r"(?:(?:bearer |basic |token )\s*)?([^\s\"'$]{6,})")  # fmt: skip
_ECHOED = re.compile(r"([A-Za-z_][\w.:/-]{2,60})\s{0,3}[=:]\s{0,3}['\"]?([^\s'\"$]{4,200})")
