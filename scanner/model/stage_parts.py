"""The parts of a build stage that are written in its Dockerfile alone: instructions, copied
files, working directories, and variables that nothing declares.

They refer to no other resource, and belong to the stage (see `dockerfiles`).
"""

from __future__ import annotations

from collections.abc import Callable

from scanner.model.basics import Fact
from scanner.model.record import record
from scanner.model.source import Located, Unknown


@record
class BuildContext:
    """The files that a build may copy: the folder (relative to the scanned root), its ignore file
    (None where there is none), and the pattern by which that leaves a path out. A folder above
    the Dockerfile's own is a guess, and not `is_certain`."""

    folder: str
    ignore_file: str | None
    ignored_by: Callable[[str], str | None]
    is_certain: bool = True


@record
class CopySource:
    """One source of a COPY or ADD; `label` is what people call it: the path as written.

    `kind` is path, url, git or heredoc. `archive` tells a path that ADD would unpack,
    `everything` a path that is the whole root of where it is copied from. `ignored_by` is the
    pattern of the ignore file that leaves it out. `credential` tells that the destination is
    the variable of a credential file. `context` is None for what no context gives. `unpacked_in`
    and `deleted_in` are the lines, and places, of later commands that do so.
    """

    text: Located[str | Unknown]
    label: str
    kind: str = "path"
    archive: bool = False
    everything: bool = False
    ignored_by: Fact[str] = None
    credential: bool = False
    context: BuildContext | None = None
    unpacked_in: Fact[int] = None
    deleted_in: Fact[int] = None


@record
class StageInstruction:
    """Any instruction of a stage but its FROM, one inside ONBUILD included (`onbuild`).

    `form` is json, shell, or empty where there are no two forms. `replaced_in` is the line of a
    later one of the same keyword that leaves this one without effect. `custom_shell` tells
    that a SHELL is in force. `trigger` is what an ONBUILD holds.
    """

    keyword: Located[str]
    text: Located[str]
    index: int
    form: str = ""
    replaced_in: Fact[int] = None
    custom_shell: bool = False
    onbuild: bool = False
    trigger: Fact[str] = None


@record
class WorkingDirectory:
    """A WORKDIR: as written, with variables resolved, and `resolved` against those before it
    (None where only the base image knows). `relative` tells that it starts from another."""

    text: Located[str | Unknown]
    resolved: Fact[str] = None
    relative: bool = False


@record
class UndeclaredVariable:
    """A variable that the instruction `keyword` uses and nothing declares; `problem` says what
    became of it, in words that continue a sentence about it."""

    name: Located[str]
    keyword: str
    problem: str


@record
class CredentialFile:
    """A variable that names a credential file, with the path as its `text`, which is its `label`
    too; `copied` tells that the path lies where an instruction of the stage copies to."""

    text: Located[str | Unknown]
    label: str
    variable: str
    copied: bool = False
