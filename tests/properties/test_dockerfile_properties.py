"""Laws of the Dockerfile parsers, and a comparison with BuildKit's own (PyPI `dockerfile`, a test oracle).

The oracle is an older BuildKit. Where it and the current one differ, ours follows the
current one, and the generated texts stay clear of it:

- non-ASCII letters in flags: BuildKit reads flags by bytes and splits letters apart;
- `# escape` with a backslash or backtick inside flags: the old one knew only the backslash there;
- a lone CR: BuildKit's lines end at LF alone, while a place counts lines as editors do;
- text behind a JSON array: the old one took the array and dropped the rest, the new one
  reads the whole as a shell form;
- blanks between `<<` and a name: the old one saw no here-document there;
- what is refused only when an instruction is built (`ONBUILD FROM`, `ONBUILD ONBUILD`).
"""

from __future__ import annotations

import itertools
from pathlib import Path

import dockerfile as oracle
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner.errors import ParseError
from scanner.model.source import Span
from scanner.parsing.dockerfile import parse_dockerfile
from scanner.parsing.dockerfile_checks import KEYWORDS
from scanner.parsing.dockerfile_stages import split_stages
from scanner.parsing.dockerfile_tree import DockerfileTree, Instruction, Word
from scanner.parsing.dockerignore import parse_dockerignore
from scanner.parsing.shell import commands_of
from scanner.parsing.words import expand_word, expand_words

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

PIECES = [
    "FROM ", "RUN ", "run ", "COPY ", "ADD ", "ENV ", "LABEL ", "ARG ", "CMD ", "ENTRYPOINT ", "HEALTHCHECK ", "SHELL ",
    "USER ", "WORKDIR ", "EXPOSE ", "VOLUME ", "ONBUILD ", "STOPSIGNAL ", "MAINTAINER ", "--from=x ", "--mount=type=a ",
    "--link ", "-- ", "\n", "\n", "\n", "\\\n", "\\\n", " \\\n", "\\ \n", "\\", "`", "`\n", "# c\n", "  # c\n", "#escape=`\n",
    "# syntax=x\n", "\t", " ", "  ", "a", "b=c", "k='v w'", 'k="v w"', "'", '"', "$A", "${A:-b}", "${", "}", "$(x)", "<<EOF",
    "<<-EOF", "<<'A'", "EOF\n", "A\n", "\tEOF\n", '["a", "b"]', '["a"', "[1]", "[", "]", ",", "\r\n", "é", "日", "\u00a0",
    "\ufeff", "&&", "|", ";", "(", ")", "{ ", "}", "if ", "then ", "fi", "for ", "do ", "done", "case ", "esac", ";;", "sh -c ",
    "sudo ", "`x`", ">", "2>&1", "CMD", "NONE", "AS ", "=", "\\u0041", "\\n",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=80)


def instructions(tree: DockerfileTree) -> list[Instruction]:
    """What BuildKit's parser gives: its second stage refuses some of them."""
    return sorted((*tree.instructions, *tree.refused), key=lambda instruction: instruction.start)


def all_words(instruction: Instruction) -> list[Word]:
    words = [instruction.keyword_word, *instruction.arguments]
    for pair in instruction.pairs:
        words += [pair.key] if pair.value is None else [pair.key, pair.value]
    return words + (all_words(instruction.nested) if instruction.nested is not None else [])


def within(inner: Span, outer: Span) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]


@given(texts)
@example("RUN <<A <<A\nA")
@example("\\\n FROM a")
@settings(max_examples=400, deadline=None)
def test_no_text_makes_the_parser_raise(text: str):
    tree = parse_dockerfile(text)
    split_stages(tree)
    assert all(error.line is not None for error in tree.errors)
    assert tree.errors or any(instruction.keyword == "FROM" for instruction in tree.instructions)


@given(texts)
@settings(max_examples=400, deadline=None)
def test_every_word_stands_where_it_says(text: str):
    for instruction in instructions(parse_dockerfile(text)):
        for word in all_words(instruction):
            mapped = word.mapped
            if not instruction.json_form:
                assert "".join(text[mapped.origin(at)] for at in range(len(word.text))) == word.text
            if word.span.line == word.span.end_line and word.source.text[word.start : word.end] == word.text:
                begin = instruction.source.lines.offset(word.span.line, word.span.column)
                assert text[begin : begin + len(word.text)] == word.text


@given(texts)
@settings(max_examples=300, deadline=None)
def test_spans_nest_and_follow_each_other(text: str):
    tree = parse_dockerfile(text)
    for instruction in tree.instructions:
        inner = [word.span for word in all_words(instruction)]
        inner += [part.span for part in (*instruction.flags, *instruction.pairs, *instruction.heredocs)]
        assert all(within(span, instruction.span) for span in inner)
        starts = [(word.start, word.end) for word in instruction.arguments]
        assert starts == sorted(starts)
    for before, after in itertools.pairwise(instructions(tree)):
        assert before.end <= after.start


@given(texts)
@settings(max_examples=400, deadline=None)
def test_no_script_makes_the_shell_reader_raise(text: str):
    tree = parse_dockerfile(f"FROM a\nRUN {text}\nRUN <<XYZ\n{text}\nXYZ\n")
    for instruction in tree.instructions:
        script = commands_of(instruction)
        for number, command in enumerate(script.commands):
            assert command.parent is None or command.parent < number or command.origin == "substitution"
            assert all(0 <= at < len(script.commands) for at in command.pipes_to)
            for word in command.words:
                assert word.raw
                assert within(word.span, instruction.span)
                if not word.is_quoted and not instruction.json_form:
                    assert word.text == word.raw


@given(texts, st.sampled_from(["\\", "`"]))
@settings(max_examples=300, deadline=None)
def test_words_raise_nothing_but_parse_errors(text: str, escape: str):
    for expand in (expand_word, expand_words):
        try:
            expand(text, {"A": "x y", "é": ""}.get, escape)
        except ParseError:
            continue


@given(st.text(alphabet="ab/*?[]^-!\\. #\n", max_size=40), st.text(alphabet="ab/.", max_size=12))
@settings(max_examples=300, deadline=None)
def test_no_dockerignore_makes_the_matcher_raise(text: str, path: str):
    parse_dockerignore(text).ignores(path)


WORDS = [
    "a",
    "b=c",
    "k='v w'",
    'k="v w"',
    "x\\ y",
    "$A",
    "${A:-b}",
    "'q r'",
    '"q r"',
    "é",
    "日=x",
    "-f",
    "&&",
    "|",
    "\\\\",
    "a#b",
]
HEADS = ["RUN", "run", "CMD", "Entrypoint", "COPY", "ADD", "ENV", "LABEL", "ARG", "USER", "WORKDIR", "EXPOSE", "VOLUME",
         "STOPSIGNAL", "MAINTAINER", "SHELL", "HEALTHCHECK", "ONBUILD RUN", "onbuild copy", "UNKNOWN"]  # fmt: skip
FLAGS = [
    "",
    "",
    "",
    "--from=x ",
    "--mount=type=cache,target='/a b' ",
    "--link ",
    '--chown="a:b" --chmod=1 ',
    "-- ",
]
GAPS = [" ", "  ", "\t", " \\\n", "\\\n  ", " \\\n# c\n  ", " \\\n\n ", " \\  \n"]
ENDS = ["\n", "\n\n", "\r\n", " \n", "\n# c\n", "\n  # c\n"]
JSON = ['["a", "b"]', "[]", '[ "a" ]', '["a\\n\\u0041"]', '["a",]', '["a" "b"]', "[a]"]


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    """Texts that mostly are Dockerfiles."""
    parts = [draw(st.sampled_from(["", "# syntax=x\n", "# c\n\n", "\n", "\ufeff"])), "FROM a\n"]
    for _ in range(draw(st.integers(0, 5))):
        parts += [draw(st.sampled_from(HEADS)), draw(st.sampled_from(GAPS)), draw(st.sampled_from(FLAGS))]
        shape = draw(st.integers(0, 9))
        if shape == 0:
            parts.append(draw(st.sampled_from(JSON)))
        elif shape == 1:
            parts.append("CMD " + draw(st.sampled_from(["x y", *JSON])))
        elif shape == 2:
            body = draw(st.sampled_from(["", "x\n", "\tx\n# y\n", "RUN z\n", " E\n", "$A \\\n"]))
            mark = draw(st.sampled_from(["<<E", "<<-E", "<<'E'", '3<<"E"']))
            parts.append(f"cat {mark} > f\n{body}E")
        else:
            words = draw(st.lists(st.sampled_from(WORDS), max_size=4))
            parts.append("".join(word + draw(st.sampled_from(GAPS)) for word in words))
        parts.append(draw(st.sampled_from(ENDS)))
    return "".join(parts)


def ours(text: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for found in instructions(parse_dockerfile(text)):
        part = found.nested or found
        values = [word.text for word in part.arguments]
        if part.keyword in ("ENV", "LABEL"):
            values = [word.text for pair in part.pairs for word in (pair.key, pair.value) if word is not None]
        flags = ["--" + flag.name + ("" if flag.value is None else "=" + flag.value) for flag in found.flags]
        docs = [(doc.name, doc.fd, doc.body) for doc in found.heredocs]  # the oracle hides those of a trigger
        row = (found.span.line, found.span.end_line, part.json_form, flags, values, docs)
        rows.append((found.keyword, *row) if found.nested or found.keyword != "ONBUILD" else (found.keyword,))
    return rows


def theirs(text: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for found in oracle.parse_string(text):
        docs = [(doc.name, doc.file_descriptor, doc.content) for doc in found.heredocs]
        # For an unknown word it gives one empty value.
        values = list(found.value) if found.cmd.upper() in KEYWORDS else []
        rows.append(
            (found.cmd.upper(), found.start_line, found.end_line, found.json, list(found.flags), values, docs)
        )
    return rows


@given(dockerfiles())
@settings(max_examples=500, deadline=None)
def test_buildkit_reads_the_same_instructions(text: str):
    try:
        expected = theirs(text)
    except oracle.GoParseError:
        assert parse_dockerfile(text).errors
        return
    found = ours(text)
    assert [row[0] for row in found] == [row[0] for row in expected]
    # An ONBUILD whose trigger fails on its own has no trigger with us, and a warning.
    assert [row for row in found if len(row) > 1] == [
        row for row, our in zip(expected, found, strict=True) if len(our) > 1
    ]


def corpus() -> list[Path]:
    names = ("dockerfile", "containerfile")
    files = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    return [
        path for path in files if path.name.lower().startswith(names) or path.suffix.lower() == ".dockerfile"
    ]


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}")
def test_buildkit_reads_the_same_in_every_file_of_the_corpus():
    files = corpus()
    assert len(files) >= 100
    for path in files:
        with path.open(encoding="utf-8", newline="") as stream:
            text = stream.read()
        tree = parse_dockerfile(text)
        assert not tree.errors, (path, tree.errors)
        assert ours(text) == theirs(text), path
        for instruction in tree.instructions:
            script = commands_of(instruction)
            assert script.complete, (path, instruction.span)
            assert script.understood, (path, instruction.span)
