"""Runs the conformance tables of `../shared/conformance/parser` against our parsers and prints what differs.

A table is one function in `TABLES`: it yields one `Outcome` per case. `python
benchmarks/parser_conformance.py [directory]`; the exit code is the number of differences.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.compose_conformance import answer as compose_answer
from scanner.errors import ParseError
from scanner.parsing.dockerfile import parse_dockerfile
from scanner.parsing.dockerfile_arguments import read_json, split_words
from scanner.parsing.dockerfile_tree import Instruction
from scanner.parsing.heredoc import heredocs_of_line, parse_heredoc
from scanner.parsing.lines import LineTable
from scanner.parsing.mapped_text import MappedText
from scanner.parsing.words import expand_word

DEFAULT = Path(__file__).resolve().parent.parent.parent / "shared" / "conformance" / "parser"


class Outcome(NamedTuple):
    """One case: what was expected and what came out."""

    kind: str
    case: str
    expected: object
    got: object
    passed: bool


def dockerfile(directory: Path) -> Iterator[Outcome]:
    """BuildKit's own tables: syntax trees, heredocs, words, JSON forms, shell expansion."""
    for row in read_rows(directory / "dockerfile.jsonl"):
        kind, expected = row["kind"], row["expected"]
        got = _DOCKERFILE[kind](row)
        passed = _says(got, expected) if kind == "inst_error" else got == expected
        yield Outcome(kind, row["case_id"], expected, got, passed)


def compose(directory: Path) -> Iterator[Outcome]:
    """compose-go's own tables: merge, uniqueness, interpolation, ports."""
    for row in read_rows(directory / "compose.jsonl"):
        expected, got = compose_answer(row)
        yield Outcome(row["kind"], row["case_id"], expected, got, got == expected)


TABLES: dict[str, Callable[[Path], Iterator[Outcome]]] = {"dockerfile": dockerfile, "compose": compose}


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the cases of a table."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def main(directory: Path) -> int:
    """Run every table; return how many cases differ."""
    different = 0
    for name, table in TABLES.items():
        passed: Counter[str] = Counter()
        failed: Counter[str] = Counter()
        for outcome in table(directory):
            (passed if outcome.passed else failed)[outcome.kind] += 1
            if not outcome.passed:
                print(f"{name} {outcome.kind} {outcome.case}")
                print(f"  expected {outcome.expected!r}\n  got      {outcome.got!r}")
        for kind in sorted({*passed, *failed}):
            print(f"{name:10} {kind:14} passed {passed[kind]:4} failed {failed[kind]:4}")
        print(f"{name:10} {'all':14} passed {passed.total():4} failed {failed.total():4}")
        different += failed.total()
    return different


def _node(instruction: Instruction) -> list[object]:
    """The row of BuildKit's dump: keyword, flags, then arguments or pairs."""
    node: list[object] = [instruction.keyword.lower()]
    if instruction.flags:
        texts = []
        for flag in instruction.flags:
            texts.append(f"--{flag.name}" if flag.value is None else f"--{flag.name}={flag.value}")
        node.append({"flags": texts})
    if instruction.nested is not None:
        return [*node, _node(instruction.nested)]
    if instruction.keyword in ("ENV", "LABEL"):
        for pair in instruction.pairs:
            assert pair.value is not None
            node += [pair.key.text, pair.value.text, pair.separator]
        return node
    return [*node, *(word.text for word in instruction.arguments)]


def _all(text: str) -> list[Instruction]:
    """BuildKit's first stage: what its second stage refuses is still there."""
    tree = parse_dockerfile(text)
    return sorted((*tree.instructions, *tree.refused), key=lambda instruction: instruction.start)


def _ast(row: dict[str, Any]) -> object:
    return [_node(instruction) for instruction in _all(row["input"])]


def _shell_word(row: dict[str, Any]) -> object:
    environment = json.loads(re.search(r"\{.*\}", row["note"]).group())  # type: ignore[union-attr]
    try:
        return expand_word(row["input"], environment.get).text
    except ParseError:
        return "error"


def _heredoc_word(row: dict[str, Any]) -> object:
    try:
        mark = parse_heredoc(row["input"])
    except ParseError:
        return "ERROR"
    return mark.name if mark is not None else None


def _heredoc_line(row: dict[str, Any]) -> object:
    return [mark.name for mark in heredocs_of_line(row["input"])] or None


def _heredocs(row: dict[str, Any]) -> object:
    found = []
    for instruction in _all(row["input"])[1:]:
        docs = []
        for doc in instruction.heredocs:
            facts = {"name": doc.name, "content": doc.body, "expand": doc.expand}
            docs.append({**facts, "chomp": doc.strip_tabs, "fd": doc.fd})
        found.append(docs or None)
    return found


def _words(row: dict[str, Any]) -> object:
    source = _source(row["input"])
    return [word.text for word in split_words(source, 0, len(source.text), "\\")]


def _json_array(row: dict[str, Any]) -> object:
    source = _source(row["input"])
    try:
        words = read_json(source, 0, len(source.text))
    except ParseError:
        return None
    return words if words is None else [word.text for word in words]


def _copy(row: dict[str, Any]) -> object:
    (copy,) = parse_dockerfile("FROM scratch\n" + row["input"]).instructions[1:]
    docs = {doc.name: doc for doc in copy.heredocs}
    contents, sources = [], []
    for word in copy.arguments[:-1]:
        mark = parse_heredoc(word.text)
        if mark is None:
            sources.append(word.text)
        else:
            contents.append({"path": mark.name, "data": docs[mark.name].content.text})
    return {"dest": copy.arguments[-1].text, "sources": sources, "contents": contents}


def _instruction_error(row: dict[str, Any]) -> object:
    errors = parse_dockerfile("FROM scratch\n" + row["input"]).errors
    return errors[0].message if errors else None


def _error(row: dict[str, Any]) -> object:
    return None if parse_dockerfile(row["input"]).errors else "accepted"


def _lines(row: dict[str, Any]) -> object:
    spans = [instruction.span for instruction in parse_dockerfile(row["input"]).instructions]
    return [[span.line, span.end_line] for span in spans]


def _warnings(row: dict[str, Any]) -> object:
    tree = parse_dockerfile(row["input"])
    return [warning.text for warning in tree.warnings] if len(tree.instructions) == 6 else tree.instructions


def _source(text: str) -> MappedText:
    return MappedText(text, (0,), (0,), LineTable(text))


def _says(got: object, expected: str) -> bool:
    """Compare messages by their letters: ours quote values in another way."""
    return re.sub(r"\W", "", expected.lower()) in re.sub(r"\W", "", str(got).lower())


_DOCKERFILE: dict[str, Callable[[dict[str, Any]], object]] = {
    "ast": _ast,
    "copy": _copy,
    "error": _error,
    "heredoc": _heredocs,
    "heredoc_line": _heredoc_line,
    "heredoc_word": _heredoc_word,
    "inst_error": _instruction_error,
    "json_array": _json_array,
    "lines": _lines,
    "shell_word": _shell_word,
    "warn": _warnings,
    "words": _words,
}


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT), 100))
