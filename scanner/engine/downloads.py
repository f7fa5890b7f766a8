"""What becomes of what a command downloads: whether it is run or unpacked, and whether it was verified."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scanner.model.commands import Call, Script
from scanner.patterns.globs import wildcard_fits

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


def feeds_interpreter(script: Script, number: int) -> bool:
    """Whether what call `number` downloads is run by a shell or another interpreter, unverified."""
    call = script[number]
    if not is_download(call):
        return False
    if any(_reads_program(script[target]) for target in _readers(script, number)):
        return True
    if _is_substituted_program(script, number):
        return True
    path = saved_as(call)
    return path is not None and not is_verified(script) and _uses(script).run_after(path, number)


def is_unpacked_unverified(script: Script, number: int) -> bool:
    """Whether what call `number` downloads is unpacked or installed in the same script, unverified."""
    call = script[number]
    if not is_download(call) or is_verified(script):
        return False
    if any(script[target].name in _UNPACKERS for target in _readers(script, number)):
        return True
    path = saved_as(call)
    return path is not None and _uses(script).installed_after(path, number)


def is_verified(script: Script) -> bool:
    """Whether a script has a step that compares a checksum or a signature."""
    return _uses(script).verified


def saved_as(call: Call) -> str | None:
    """Return the file that a download is written to, None when it goes elsewhere."""
    folder = next((value for flag, value in call.flags if flag in _FOLDER and value), None)
    for flag, value in call.flags:
        if flag in ("-o", "--output", "--output-document") or (flag == "-O" and call.name != "curl"):
            if value in (None, "-", "/dev/null", "/dev/stdout"):
                break
            return f"{folder}/{value}" if folder and call.name == "curl" else value
    else:
        takes_name = call.name != "curl" or any(flag in _REMOTE_NAME for flag, _ in call.flags)
        if not call.outputs and takes_name and not call.pipes_to and call.operands:
            name = call.operands[-1].rstrip("/").rpartition("/")[2].partition("?")[0]
            return f"{folder}/{name}" if folder else name or None
    return call.outputs[-1] if call.outputs and call.outputs[-1] != "/dev/null" else None


def _uses(script: Script) -> _Uses:
    """Return what a script does with files, looked at once."""
    uses = script.found.get(_Uses)
    if uses is None:
        uses = script.found[_Uses] = _Uses(script)
    assert isinstance(uses, _Uses)
    return uses


class _Uses:
    """The last call that runs, and the last that installs, each file of a script, by its name."""

    def __init__(self, script: Script) -> None:
        self.verified = False
        self._run: dict[str, int] = {}
        self._installed: dict[str, int] = {}
        self._globs: list[tuple[str, int]] = []
        for number, call in enumerate(script):
            if call.name in _CHECKERS or (
                call.name in _VERIFIERS and _VERIFIES.search(" ".join(call.words)) is not None
            ):
                self.verified = True
            program = _program_of(call)
            if program:
                self._run[_base(program)] = number
            elif call.name not in INTERPRETERS:
                self._installed[call.name] = number
            if call.name in _UNPACKERS or _is_installing(call):
                for word in (*call.words, *(value for _, value in call.flags if value)):
                    name = _base(word)
                    if "*" in name and len(name) > 1 and len(self._globs) < _MOST_GLOBS:
                        self._globs.append((name, number))
                    elif name:
                        self._installed[name] = number

    def run_after(self, path: str, number: int) -> bool:
        """Whether an interpreter runs the file after call `number`."""
        return self._run.get(_base(path), -1) > number

    def installed_after(self, path: str, number: int) -> bool:
        """Whether the file is unpacked, installed or started after call `number`."""
        name = _base(path)
        return self._installed.get(name, -1) > number or any(
            later > number and wildcard_fits(name, pattern) for pattern, later in self._globs
        )


def _readers(calls: Sequence[Call], number: int) -> Iterator[int]:
    """Give the calls that read the output of one, directly or through others; the first of them."""
    seen = {number}
    pending = list(calls[number].pipes_to[:_MOST_READERS])
    while pending and len(seen) <= _MOST_READERS:
        target = pending.pop()
        if target in seen or target >= len(calls):
            continue
        seen.add(target)
        yield target
        pending += calls[target].pipes_to[:_MOST_READERS]


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


def _program_of(call: Call) -> str:
    """Return the file that a call has an interpreter run, or runs as a script itself."""
    if call.name in INTERPRETERS:
        if not call.operands or any(flag in ("-c", "-m", "-e") for flag, _ in call.flags):
            return ""
        return call.operands[0]
    if call.name in ("source", "."):
        return call.words[0] if call.words else ""
    return call.name if call.name.endswith((".sh", ".bash", ".py", ".run")) else ""


def _is_installing(call: Call) -> bool:
    if call.name == "chmod":
        return bool(call.operands) and _EXECUTABLE.search(call.operands[0]) is not None
    return call.name in _INSTALLERS


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MOST_READERS = 100
_MOST_GLOBS = 20
_NO_FETCH = frozenset({"-I", "--head", "-V", "--version", "--help", "--spider", "-T", "--upload-file"})
_REMOTE_NAME = frozenset({"-O", "--remote-name", "--remote-name-all"})
_FOLDER = frozenset({"-P", "--directory-prefix", "--output-dir"})
_STDIN = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
_SUBSTITUTION = re.compile(r"\$\(|`|<\(")
_EXECUTABLE = re.compile(r"\+[rwX]*x|^[0-7]*[1357][0-7]{0,2}$|=[rw]*x")
_VERIFIERS = frozenset({"gpg", "gpg2", "gh", "openssl", "apk"})
_VERIFIES = re.compile(r"--verify\b|\bverify\b|\bdgst\b")
_CHECKERS = _words(
    "sha1sum sha224sum sha256sum sha384sum sha512sum sha3sum shasum md5sum b2sum b3sum cksum gpgv "
    "gpgv2 cosign minisign signify rhash slsa-verifier sha256 sha512 notation "
)
_UNPACKERS = _words(
    "tar bsdtar unzip gunzip gzip zcat xz unxz xzcat bzip2 bunzip2 zstd unzstd cpio jar 7z 7za 7zr "
    "dpkg dpkg-deb rpm rpm2cpio ar funzip "
)
_INSTALLERS = _words("install chmod apt apt-get yum dnf microdnf apk zypper gdebi msiexec java pip ")
