"""What becomes of what a command downloads: whether it is run or unpacked, and whether it was verified."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from scanner.model.commands import Call

DOWNLOADERS = frozenset({"curl", "wget", "aria2c", "fetch", "axel"})
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish"})
INTERPRETERS = SHELLS | {"python", "perl", "ruby", "node", "php", "lua", "Rscript"}


def is_download(call: Call) -> bool:
    """Whether a command fetches something that a URL or a variable names."""
    if call.name not in DOWNLOADERS or any(flag in _NO_FETCH for flag, _ in call.flags):
        return False
    return any("/" in word or "." in word or "$" in word for word in call.operands) or any(
        flag == "--url" for flag, _ in call.flags
    )


def feeds_interpreter(calls: Sequence[Call], number: int) -> bool:
    """Whether what call `number` downloads is run by a shell or another interpreter, unverified."""
    call = calls[number]
    if not is_download(call):
        return False
    if any(_reads_program(calls[target]) for target in _readers(calls, number)):
        return True
    if _is_substituted_program(calls, number):
        return True
    path = saved_as(call)
    if path is None or is_verified(calls):
        return False
    return any(_interprets(later, path) for later in calls[number + 1 :])


def is_unpacked_unverified(calls: Sequence[Call], number: int) -> bool:
    """Whether what call `number` downloads is unpacked or installed in the same script, unverified."""
    call = calls[number]
    if not is_download(call) or is_verified(calls):
        return False
    if any(calls[target].name in _UNPACKERS for target in _readers(calls, number)):
        return True
    path = saved_as(call)
    if path is None:
        return False
    return any(_installs(later, path) for later in calls[number + 1 :])


def is_verified(calls: Sequence[Call]) -> bool:
    """Whether a script has a step that compares a checksum or a signature."""
    return any(
        call.name in _CHECKERS
        or (call.name in ("gpg", "gpg2", "gh", "openssl", "apk") and _VERIFIES.search(" ".join(call.words)))
        for call in calls
    )


def saved_as(call: Call) -> str | None:
    """Return the file that a download is written to, None when it goes elsewhere."""
    folder = next((value for flag, value in call.flags if flag in _FOLDER and value), None)
    for flag, value in call.flags:
        if flag in ("-o", "--output", "--output-document") or (flag == "-O" and call.name != "curl"):
            if value in (None, "-", "/dev/null", "/dev/stdout"):
                break
            return f"{folder}/{value}" if folder and call.name == "curl" else value
    else:
        takes_name = call.name != "curl" or any(flag in ("-O", "--remote-name", "-J") for flag, _ in call.flags)
        if not call.outputs and takes_name and not call.pipes_to and call.operands:
            name = call.operands[-1].rstrip("/").rpartition("/")[2].partition("?")[0]
            return f"{folder}/{name}" if folder else name or None
    return call.outputs[-1] if call.outputs and call.outputs[-1] != "/dev/null" else None


def _readers(calls: Sequence[Call], number: int) -> Iterator[int]:
    """Give the calls that read the output of one, directly or through others."""
    seen = {number}
    pending = list(calls[number].pipes_to)
    while pending:
        target = pending.pop()
        if target in seen or target >= len(calls):
            continue
        seen.add(target)
        yield target
        pending += calls[target].pipes_to


def _reads_program(call: Call) -> bool:
    """Whether an interpreter takes its program from standard input."""
    if call.name not in INTERPRETERS:
        return False
    names = {flag for flag, _ in call.flags}
    if call.name in SHELLS:
        if "-c" in names:
            return False
        return "-s" in names or not call.operands or call.operands[0] in _STDIN
    if names & {"-c", "-m", "-e", "-E", "-r", "-p", "-n", "--eval", "--print"}:
        return False
    return not call.operands or call.operands[0] in _STDIN


def _is_substituted_program(calls: Sequence[Call], number: int) -> bool:
    """Whether a call stands in a substitution that is the whole program of a shell (`sh -c "$(curl ..)"`)."""
    call = calls[number]
    while call.parent is not None:
        outer = calls[call.parent]
        if call.origin == "substitution":
            if outer.name in ("eval", "source", "."):
                program = outer.words[0] if outer.words else ""
            elif outer.name in INTERPRETERS:
                script = next((value for flag, value in outer.flags if flag in ("-c", "-e") and value), None)
                program = script or (outer.operands[0] if outer.operands else "<(")
                if script is None and not program.startswith("<("):
                    program = ""
            else:
                program = ""
            if program == "<(" or (_SUBSTITUTION.match(program) and call.name in program):
                return True
        call = outer
    return False


def _interprets(call: Call, path: str) -> bool:
    if call.name in INTERPRETERS:
        return not any(flag in ("-c", "-m", "-e") for flag, _ in call.flags) and any(
            _is_file(word, path) for word in call.operands[:1]
        )
    if call.name in ("source", "."):
        return bool(call.words) and _is_file(call.words[0], path)
    return call.name.endswith((".sh", ".bash", ".py", ".run")) and _is_file(call.name, path)


def _installs(call: Call, path: str) -> bool:
    if call.name in _UNPACKERS or call.name in _INSTALLERS:
        if call.name == "chmod" and not (call.operands and _EXECUTABLE.search(call.operands[0])):
            return False
        words = [*call.words, *(value for _, value in call.flags if value)]
        return any(_is_file(word, path) for word in words)
    return bool(call.name) and call.name not in INTERPRETERS and _is_file(call.name, path)


def _is_file(word: str, path: str) -> bool:
    name = path.rpartition("/")[2]
    last = word.rpartition("/")[2]
    if word == path or last == name:
        return bool(last)
    return "*" in last and len(last) > 1 and fnmatchcase(name, last)


_NO_FETCH = frozenset({"-I", "--head", "-V", "--version", "--help", "--spider", "-T", "--upload-file"})
_FOLDER = frozenset({"-P", "--directory-prefix", "--output-dir"})
_STDIN = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_SUBSTITUTION = re.compile(r"\$\(|`|<\(")
_EXECUTABLE = re.compile(r"\+[rwX]*x|^[0-7]*[1357][0-7]{0,2}$|=[rw]*x")
_VERIFIES = re.compile(r"--verify\b|\bverify\b|\bdgst\b")
_CHECKERS = frozenset(
    ["sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "sha3sum", "shasum", "md5sum", "b2sum", "b3sum", "cksum", "gpgv", "gpgv2", "cosign", "minisign", "signify", "rhash", "slsa-verifier", "sha256", "sha512", "notation"]
)
_UNPACKERS = frozenset(
    ["tar", "bsdtar", "unzip", "gunzip", "gzip", "zcat", "xz", "unxz", "xzcat", "bzip2", "bunzip2", "zstd", "unzstd", "cpio", "jar", "7z", "7za", "7zr", "dpkg", "dpkg-deb", "rpm", "rpm2cpio", "ar", "funzip"]
)
_INSTALLERS = frozenset(["install", "chmod", "apt", "apt-get", "yum", "dnf", "microdnf", "apk", "zypper", "gdebi", "msiexec", "java", "pip"])
