"""What the package managers install: which words of a command are packages, and which have a version."""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner.model.commands import Call
from scanner.patterns.globs import wildcard_fits


class Installer(NamedTuple):
    """How a package manager installs.

    A word is no package when `skipped` is found in it (a file, a group), and has a version
    when `pinned` is; with one of the options `pinning`, all of them have. `separator` is
    where the version begins. With a subcommand of `local`, a word without a version means what is there
    already.
    """

    subcommands: frozenset[str]
    pinned: re.Pattern[str]
    skipped: re.Pattern[str]
    pinning: frozenset[str]
    separator: re.Pattern[str]
    local: frozenset[str] = frozenset()


def packages_of(call: Call) -> tuple[str, ...]:
    """Return the words that name packages in an install command, none for another command."""
    installer = INSTALLERS.get(call.name)
    if installer is None or call.subcommand not in installer.subcommands:
        return ()
    skipped = installer.skipped
    words = tuple(
        word
        for word in call.operands
        if word and len(word) <= _LONGEST and word[0] != "-" and skipped.search(word) is None
    )
    if call.subcommand in installer.local:
        return tuple(word for word in words if installer.separator.search(word) is not None)
    return words


def unpinned(call: Call) -> bool | None:
    """Whether an install command names a package without a version; None when that is not decided."""
    packages = packages_of(call)
    if not packages:
        return False
    installer = INSTALLERS[call.name]
    if any(flag in installer.pinning for flag, _ in call.flags):
        return False
    verdict: bool | None = False
    for package in packages:
        if installer.pinned.search(package) is None:
            if package not in call.undecided or not package.startswith(("$", "`")):
                return True
            verdict = None
    return verdict


def names_one_of(call: Call, patterns: tuple[str, ...]) -> bool:
    """Whether an install command names a package that one of the patterns (`*-dev`) fits."""
    for package in packages_of(call):
        name = INSTALLERS[call.name].separator.split(package, maxsplit=1)[0]
        if any(wildcard_fits(name, pattern) for pattern in patterns):
            return True
    return False


def _installer(
    subcommands: str, pinned: str, skipped: str = r"(?!)", pinning: str = "", separator: str = "[=<>~@:]"
) -> Installer:
    return Installer(
        frozenset(subcommands.split()), re.compile(pinned), re.compile(skipped),
        frozenset(pinning.split()), re.compile(separator),
    )  # fmt: skip


_LONGEST = 400  # no name of a package is longer

# `tool@latest` and `tool@next` name whatever was published last.
_TAGGED = r"@(?!(?:latest|next|canary|nightly|beta|alpha|main|master|HEAD)$)\S"
_PATH = r"^(?:\.|/|~|file:|[A-Za-z]:[\\/])"
_APT = _installer("install reinstall", r"=.|/", r"\.deb$|^[./~]|-$|^[?~^]|\^$")
_RPM = _installer(
    "install localinstall reinstall in",
    r"-[0-9$]|:[0-9A-Za-z$]|[<>=]",  # a module stream and an epoch have a colon
    r"\.rpm$|^[./~]|^@|://",
)
_NPM = _installer(
    "install i add in ins isntall",
    rf"^(?:@[^/]+/)?[^@/]+{_TAGGED}|\.(?:tgz|tar|tar\.gz)$|#",
    rf"{_PATH}|^(?:workspace|link|npm):",
    separator=r"(?<=.)@",
)

INSTALLERS: dict[str, Installer] = {
    "apt-get": _APT,
    "apt": _APT,
    "aptitude": _APT,
    "apk": _installer("add", r"[=~<>]", r"\.apk$|^[./]|^!"),
    "yum": _RPM,
    "dnf": _RPM,
    "microdnf": _RPM,
    "tdnf": _RPM,
    "zypper": _installer("install in", r"[=<>]", r"\.rpm$|^[./~]|^@|://|^(?:pattern|patch|product):|^[-!]"),
    "pip": _installer(
        "install",
        r"[=<>~!]=|[<>]|\s@\s|@[a-z+]+:|\.(?:whl|zip|tar\.gz|tgz|tar\.bz2)(?:#|$)",
        rf"{_PATH}|^[^=<>]*/[^/:=<>]*(?:[=<>][^:]*)?$|^(?:git|hg|svn|bzr)\+|\.(?:whl|zip|tar\.gz|tgz)$|://",
        "-c --constraint --require-hashes --no-index",
        separator=r"[=<>~!\[;@ ]",
    ),
    "pipx": _installer("install", r"==|@", rf"{_PATH}|^git\+", separator="[=<>~!@]"),
    "uv": _installer("install", r"[=<>~]=|@", rf"{_PATH}|^git\+", separator="[=<>~!@]"),
    "npm": _NPM,
    "pnpm": _NPM,
    "bun": _NPM,
    "yarn": _NPM._replace(subcommands=frozenset({"add"})),
    "gem": _installer("install i", r":[\d$~<>=]", r"\.gem$|^[./]", "-v --version"),
    # Without a version, `go install` builds what go.mod and GOPATH hold (https://go.dev/ref/mod#go-install).
    "go": _installer(
        "install get", _TAGGED, r"^\.|^/|^(?:all|std|tool)$|^cmd(?:/|$)", "-mod", separator="@"
    )._replace(local=frozenset({"install"})),
    "cargo": _installer("install", r"@.", r"^\.", "--version --vers --path --git"),
    "composer": _installer("require", r":|=|\s", r"^\."),
}
"""By the name of the tool."""
