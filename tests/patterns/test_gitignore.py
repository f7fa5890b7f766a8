"""Lines of .gitignore decide as Git does."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from scanner.patterns.gitignore import GitPatterns, is_usable

PIECES = [
    "a", "b", "ab", "*", "**", "?", "/", "/", "[ab]", "[!a]", "[^b]", "[a-c]", "[[:alpha:]]", "[]a]", "[a-]",
    "[-a]", r"\*", r"\a", "\\", "!", "#", " ", "[", "]", "a/**", "**/", "/**/", "é", ".", "[z-a]", r"[a\-c]",
    "[:a]", "[[:a]", "x", "[!]a]", "[/]", "[a/b]", r"\/", "[\\", "[[:foo:]]", r"[a-\c]", r" \ ", "[--a]", "[[:punct:]]",
    "[[:space:]]", "[[:graph:]]",
]  # fmt: skip
NAMES = ["a", "b", "ab", "abc", "x", "é", "c", ".a", "a b", "-", "]", "*", "a*", "[", "ba", "aab", "d", "z", "#a",
         "!a", "a ", " a", "\\", "~", "_"]  # fmt: skip


def asked_of_git(folder, lines, paths):
    (folder / ".gitignore").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        ["git", "-C", folder, "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"],
        input="".join(path + "\0" for path in paths).encode(),
        capture_output=True,
        check=False,
    )
    fields = done.stdout.decode().split("\0")[:-1]
    rows = zip(fields[::4], fields[2::4], fields[3::4], strict=True)
    return {path: bool(source) and not pattern.startswith("!") for source, pattern, path in rows}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_every_verdict_is_that_of_git(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    chance = random.Random(3)
    seen = 0
    for _ in range(150):
        lines = ["".join(chance.choices(PIECES, k=chance.randint(1, 6))) for _ in range(chance.randint(1, 3))]
        paths = {"/".join(chance.choices(NAMES, k=chance.randint(1, 4))) for _ in range(60)}
        verdicts = asked_of_git(tmp_path, lines, sorted(paths))
        patterns = GitPatterns(lines)
        assert {path: patterns.covers(path) for path in verdicts} == verdicts, lines
        seen += len(verdicts)
    assert seen > 5_000


@pytest.mark.parametrize(
    ("lines", "path", "covered"),
    [
        (["*.log", "!keep.log"], "a/keep.log", False),
        (["build/"], "build/a/b", True),
        (["build/", "!build/a"], "build/a", True),
        (["/only"], "a/only", False),
        (["foo**/bar"], "foobar", True),
        (["a/**"], "a", False),
        (["**/x/**/y"], "x/y", True),
        (["a*a*a*a*a*a*a*a*b"], "a" * 200 + "b", True),
        (["trailing  "], "trailing", True),
        (["trailing\\ "], "trailing ", True),
        (["with-cr\r"], "with-cr", True),
        (["??"], "é", True),
        (["?"], "\udcff", True),
        (["\udcff*"], "\udcffa", True),
        (["\ud800"], "\ud800", True),
    ],
)
def test_the_traps_of_the_language(lines, path, covered):
    assert GitPatterns(lines).covers(path) is covered


def test_what_speaks_of_folders_alone_says_nothing_of_a_file():
    assert GitPatterns(["x/"]).verdict("x", is_folder=False) is None
    assert GitPatterns(["x/"]).verdict("x", is_folder=True) is True


@pytest.mark.parametrize(
    ("line", "usable"),
    [("a*a*a*a*a*a*b", True), ("[a", False), ("a\\", False), ("# a", False), ("", False), ("/", False)],
)
def test_a_line_that_no_path_can_fit_is_not_usable(line, usable):
    assert is_usable(line) is usable
