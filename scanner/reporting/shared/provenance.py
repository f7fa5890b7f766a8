"""Which revision of which repository a folder holds, read from its Git files without running Git."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from urllib.parse import quote

from scanner.files.named import read_git, text_of
from scanner.reporting.base import Provenance

# Not `urlsplit`, whose checks differ from one Python to the next.
_WEB_FORM = re.compile(r"(?P<scheme>https?|ssh)://(?P<netloc>[^/?#]*)(?P<path>[^?#]*)", re.IGNORECASE)
_SCP_FORM = re.compile(r"(?:[^@/\s]+@)?(?P<host>[\w.-]+):(?P<path>[^/\s].*)\Z")
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_SAFE = "/%~@:+,="


def read_provenance(repository: Path) -> Provenance | None:
    """Return what is checked out in a repository, given its root folder; None when it has no
    remote named origin or cannot be read. Nothing of it is trusted: the address is given
    without credentials, and only when it is one of http, https or ssh."""
    try:
        folder = repository / ".git"
        address = _address(_text(folder / "config"))
        head = _text(folder / "HEAD").strip()
    except (OSError, ValueError):
        return None
    if address is None:
        return None
    name = head.removeprefix("ref: ") if head.startswith("ref: refs/heads/") else None
    revision = head if name is None else _revision(folder, name)
    branch = None if name is None else name.removeprefix("refs/heads/")
    return Provenance(address, revision if revision and _HASH.match(revision) else None, branch)


def _text(file: Path) -> str:
    return text_of(read_git(file))


def _address(config: str) -> str | None:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, delimiters=("=",))
    try:
        parser.read_string(config)
        written = parser.get('remote "origin"', "url", fallback=None)
    except configparser.Error:
        return None
    if not written:
        return None
    web = _WEB_FORM.match(written)
    if web is not None:
        # Credentials stand before the host; a port after it.
        host = web["netloc"].rpartition("@")[2]
        scheme = "http" if web["scheme"].lower() == "http" else "https"
        return f"{scheme}://{host}{quote(web['path'], safe=_SAFE)}" if host.partition(":")[0] else None
    found = _SCP_FORM.match(written)
    if found is None:
        return None
    return f"https://{found['host']}/{quote(found['path'], safe=_SAFE)}"


def _revision(folder: Path, name: str) -> str | None:
    if ".." in name.split("/"):
        return None
    try:
        return _text(folder / name).strip()
    except (OSError, ValueError):
        pass
    try:
        packed = _text(folder / "packed-refs")
    except (OSError, ValueError):
        return None
    for line in packed.splitlines():
        revision, _blank, ref = line.partition(" ")
        if ref == name:
            return revision
    return None
