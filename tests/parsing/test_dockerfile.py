"""The Dockerfile language: what is read, where it stands, and what is refused."""

from __future__ import annotations

import pytest

from scanner.model.source import Span
from scanner.parsing.dockerfile import parse_dockerfile
from scanner.parsing.dockerfile_stages import split_stages
from scanner.parsing.dockerfile_tree import DockerfileTree, Instruction


def first(text: str) -> Instruction:
    """The first instruction behind a FROM."""
    tree = parse_dockerfile("FROM scratch\n" + text)
    assert not tree.errors, tree.errors
    return tree.instructions[1]


def messages(text: str) -> list[str]:
    return [f"{error.line}:{error.column} {error.message}" for error in parse_dockerfile(text).errors]


def keywords(tree: DockerfileTree) -> list[str]:
    return [instruction.keyword for instruction in tree.instructions]


def cut(text: str, span: Span) -> str:
    lines = text.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    middle = lines[span.line : span.end_line - 1]
    return "\n".join(
        [lines[span.line - 1][span.column - 1 :], *middle, lines[span.end_line - 1][: span.end_column - 1]]
    )


def test_keywords_are_upper_case_whatever_the_file_says():
    assert keywords(parse_dockerfile("from a\nRun b\n")) == ["FROM", "RUN"]


def test_a_word_over_a_continuation_spans_both_lines():
    text = "FROM scratch\nCOPY a.\\\ntxt /b\n"
    word = parse_dockerfile(text).instructions[1].arguments[0]
    assert word.text == "a.txt"
    assert word.span == Span(2, 6, 3, 4)


def test_comments_and_empty_lines_within_a_continuation_do_not_count():
    tree = parse_dockerfile("FROM scratch\nRUN a \\\n  # why\n\n  b\n")
    assert tree.instructions[1].arguments[0].text == "a   b"
    assert tree.instructions[1].span == Span(2, 1, 5, 4)
    assert [(comment.text, comment.span) for comment in tree.comments] == [("why", Span(3, 3, 3, 8))]
    assert [(warning.span.line, warning.text) for warning in tree.warnings] == [(4, "RUN a   b")]


def test_a_doubled_escape_does_not_continue_the_line():
    assert keywords(parse_dockerfile("FROM scratch\nRUN a \\\\\nUSER b\n")) == ["FROM", "RUN", "USER"]


def test_an_escape_at_the_end_of_the_file_is_dropped():
    assert first("RUN something \\").arguments[0].text == "something"


def test_the_escape_directive_makes_windows_paths_readable():
    text = "# escape=`\nFROM scratch\nCOPY a `\n  c:\\dir\\\nUSER b\n"
    tree = parse_dockerfile(text)
    assert tree.escape == "`"
    assert tree.instructions[1].arguments[1].text == "c:\\dir\\"
    assert tree.instructions[1].arguments[1].span == Span(4, 3, 4, 10)


def test_directives_are_read_at_the_top_only():
    tree = parse_dockerfile("# Syntax = docker/dockerfile:1 \n#CHECK=skip=all\n\n# escape=`\nFROM a\n")
    assert [(found.name, found.value, found.span.line) for found in tree.directives] == [
        ("syntax", "docker/dockerfile:1", 1),
        ("check", "skip=all", 2),
    ]
    assert tree.escape == "\\"
    assert [comment.text for comment in tree.comments] == ["escape=`"]


def test_a_repeated_or_wrong_directive_is_an_error_and_the_rest_is_read():
    assert messages("# syntax=a\n# syntax=b\nFROM a\n") == [
        "2:1 only one 'syntax' parser directive can be used"
    ]
    tree = parse_dockerfile("# escape=x\nFROM a\n")
    assert [error.line for error in tree.errors] == [1]
    assert keywords(tree) == ["FROM"]


def test_byte_order_mark_and_carriage_returns_are_no_part_of_words():
    tree = parse_dockerfile("\ufeffFROM a\r\nRUN b \\\r\n  c\r\n")
    assert [word.text for word in tree.instructions[0].arguments] == ["a"]
    assert tree.instructions[1].arguments[0].text == "b   c"
    assert tree.instructions[1].span == Span(2, 1, 3, 4)


def test_flags_have_their_unquoted_value_and_their_place():
    run = first('RUN --mount=type=cache,target="/a b" --network=none make all\n')
    assert [(flag.name, flag.value) for flag in run.flags] == [
        ("mount", "type=cache,target=/a b"),
        ("network", "none"),
    ]
    assert run.flags[0].span == Span(2, 5, 2, 37)
    assert run.flags[1].value_span == Span(2, 48, 2, 52)
    assert run.arguments[0].text == "make all"


def test_a_flag_without_value_has_none():
    copy = first("COPY --link --chown=a:b x y\n")
    assert [(flag.name, flag.value) for flag in copy.flags] == [("link", None), ("chown", "a:b")]


def test_double_dash_ends_the_flags():
    run = first("RUN -- --mount x\n")
    assert run.flags == ()
    assert run.arguments[0].text == "--mount x"


def test_json_strings_have_the_place_between_their_quotes():
    text = 'CMD [ "nginx", "-g", "a\\u0041\\n" ]\n'
    cmd = first(text)
    assert cmd.json_form
    assert [word.text for word in cmd.arguments] == ["nginx", "-g", "aA\n"]
    assert cmd.arguments[0].span == Span(2, 8, 2, 13)
    assert cmd.command is None


@pytest.mark.parametrize("text", ["CMD ['a', 'b']", 'CMD ["a",]', 'CMD ["a"] b', 'CMD ["a" "b"]', "CMD ["])
def test_what_is_no_json_is_a_shell_form(text: str):
    cmd = first(text)
    assert not cmd.json_form
    assert cmd.arguments[0].text == text[4:]


def test_a_json_array_of_other_things_than_strings_is_refused():
    assert messages('FROM a\nCMD ["a", 1]\nUSER b\n') == ["2:5 a JSON array must hold strings only"]


def test_an_empty_json_array_has_no_arguments():
    cmd = first("CMD []\n")
    assert cmd.json_form
    assert cmd.arguments == ()


def test_heredocs_have_bodies_names_and_flags():
    copy = first("COPY <<A <<-'B' /dest\n1\nA\n\t2\n\tB\n")
    assert [(doc.name, doc.body, doc.expand, doc.strip_tabs) for doc in copy.heredocs] == [
        ("A", "1\n", True, False),
        ("B", "\t2\n", False, True),
    ]
    assert copy.heredocs[1].content.text == "2\n"
    assert copy.heredocs[1].content.span(0, 1) == Span(5, 2, 5, 3)
    assert copy.span == Span(2, 1, 6, 3)
    assert [word.text for word in copy.arguments] == ["<<A", "<<-'B'", "/dest"]


def test_an_instruction_may_stand_right_behind_the_end_marker():
    tree = parse_dockerfile("FROM a\nRUN <<EOF\nUSER x\nEOF\nUSER y")
    assert keywords(tree) == ["FROM", "RUN", "USER"]
    assert tree.instructions[2].arguments[0].text == "y"


def test_a_heredoc_without_end_costs_only_its_instruction():
    tree = parse_dockerfile("FROM a\nRUN cat <<EOF\nUSER y\n")
    assert [str(error) for error in tree.errors] == ["2:1: here-document 'EOF' has no end"]
    assert keywords(tree) == ["FROM", "USER"]


@pytest.mark.parametrize(
    "text", ['RUN "<<EOF"\n', "RUN echo $((1<<2)) 'x\n", 'RUN ["a", "<<EOF"]\n', "USER <<X\n"]
)
def test_what_looks_like_a_heredoc_and_is_none(text: str):
    assert first(text).heredocs == ()


def test_onbuild_holds_its_trigger():
    onbuild = first("ONBUILD COPY --chown=a b \\\n c\n")
    assert onbuild.arguments == ()
    nested = onbuild.nested
    assert nested is not None
    assert (nested.keyword, [word.text for word in nested.arguments]) == ("COPY", ["b", "c"])
    assert nested.span == Span(2, 9, 3, 3)


def test_a_heredoc_of_a_trigger_belongs_to_the_trigger():
    nested = first("ONBUILD RUN <<X\na\nX\n").nested
    assert nested is not None
    assert [doc.body for doc in nested.heredocs] == ["a\n"]


def test_pairs_keep_their_quotes_and_places():
    env = first('ENV a=1 b="x y" c=\\\nz\n')
    assert [(pair.key.text, pair.value.text if pair.value else None) for pair in env.pairs[:2]] == [
        ("a", "1"),
        ("b", '"x y"'),
    ]
    assert env.pairs[1].key.span == Span(2, 9, 2, 10)
    assert env.pairs[1].value.span == Span(2, 11, 2, 16)


def test_the_old_form_takes_the_rest_of_the_line():
    env = first("ENV name  a  b = c \n")
    assert [(pair.key.text, pair.value.text, pair.separator) for pair in env.pairs] == [
        ("name", "a  b = c", "")
    ]
    assert env.pairs[0].value.span == Span(2, 11, 2, 19)


def test_an_arg_may_have_no_value():
    arg = first("ARG a b=1 c=\n")
    assert [(pair.key.text, pair.value and pair.value.text) for pair in arg.pairs] == [
        ("a", None),
        ("b", "1"),
        ("c", ""),
    ]


def test_healthcheck_has_its_kind_and_its_command():
    check = first("HEALTHCHECK --interval=5s --start-period=1m CMD curl -f http://x || exit 1\n")
    assert [word.text for word in check.arguments] == ["CMD", "curl -f http://x || exit 1"]
    assert check.command is not None
    assert check.command.span(0, 4) == Span(2, 49, 2, 53)
    assert first("HEALTHCHECK none\n").arguments[0].text == "none"
    assert [word.text for word in first('HEALTHCHECK CMD ["a","b"]\n').arguments] == ["CMD", "a", "b"]


def test_a_command_knows_the_place_of_each_character():
    text = "FROM scratch\nRUN one \\\n    two \\\n    three\n"
    command = parse_dockerfile(text).instructions[1].command
    assert command is not None
    at = command.text.index("three")
    assert command.span(at, at + 5) == Span(4, 5, 4, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("FOO bar", "2:1 unknown instruction 'FOO'"),
        ("COPY a", "2:1 COPY requires at least two arguments, a source and a destination"),
        ("USER", "2:1 USER requires exactly one argument"),
        ("EXPOSE", "2:1 EXPOSE requires at least one argument"),
        ("SHELL sh -c", "2:1 SHELL requires the arguments to be in JSON form"),
        ("ENV a", "2:5 ENV must have two arguments"),
        ("ENV a=1 b", "2:9 can't find = in 'b'"),
        ("ENV =1", "2:5 ENV names can not be blank"),
        ("HEALTHCHECK SOME x", "2:13 unknown type 'SOME' in HEALTHCHECK (try CMD)"),
        ("HEALTHCHECK NONE x", "2:13 HEALTHCHECK NONE takes no arguments"),
        ("HEALTHCHECK --retries=x CMD a", "2:13 '--retries' takes a number that is not negative, not 'x'"),
        ("HEALTHCHECK --interval=5 CMD a", "2:13 invalid duration '5' of '--interval'"),
        ("ONBUILD", "2:1 ONBUILD requires at least one argument"),
        ("ONBUILD FROM a", "2:9 FROM isn't allowed as an ONBUILD trigger"),
        ("ONBUILD ONBUILD RUN a", "2:9 chaining ONBUILD via 'ONBUILD ONBUILD' isn't allowed"),
        ("RUN --boo x", "2:5 unknown flag '--boo' of RUN"),
        ("RUN --network=far x", "2:5 invalid network mode 'far', use one of default, none, host"),
        ("COPY --link=maybe a b", "2:6 expecting a boolean value for flag '--link', not 'maybe'"),
        ("COPY --chown a b", "2:6 missing a value on flag '--chown'"),
        ("COPY --from=a --from=b c d", "2:15 duplicate flag '--from'"),
        ("FROM a AS 1x", "2:11 invalid name '1x' for a build stage"),
        ("FROM a b", "2:1 FROM requires either one or three arguments"),
        ("COPY a <<X\nX", "2:8 COPY cannot accept a heredoc as a destination"),
        ('VOLUME ["", "a"]', "2:1 VOLUME specified can not be an empty string"),
    ],
)
def test_what_buildkit_refuses_is_an_error_with_its_place(text: str, message: str):
    assert messages(f"FROM scratch\n{text}\nUSER last\n") == [message]
    assert keywords(parse_dockerfile(f"FROM scratch\n{text}\nUSER last\n"))[-1] == "USER"


def test_a_misspelled_keyword_is_answered_with_the_right_one():
    assert parse_dockerfile("FROM a\nENTRYPIONT x\n").errors[0].hint == "did you mean 'ENTRYPOINT'?"


def test_a_refused_instruction_is_kept_apart():
    tree = parse_dockerfile("FROM a\nCOPY b\n")
    assert keywords(tree) == ["FROM"]
    assert [instruction.keyword for instruction in tree.refused] == ["COPY"]


def test_a_flag_that_is_not_known_does_not_cost_its_instruction():
    tree = parse_dockerfile("FROM a\nRUN --new=1 b\n")
    assert keywords(tree) == ["FROM", "RUN"]


def test_a_trigger_that_would_fail_is_a_warning():
    tree = parse_dockerfile("FROM a\nONBUILD COPY b\n")
    assert not tree.errors
    assert [warning.message for warning in tree.warnings] == [
        "ONBUILD: COPY requires at least two arguments, a source and a destination"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1 file with no instructions"),
        ("# only this\n", "1:1 file with no instructions"),
        ("ARG a\n", "1:1 no FROM in the file"),
        ("RUN a\nFROM b\nRUN c\n", "1:1 RUN stands before the first FROM"),
    ],
)
def test_a_file_needs_a_stage(text: str, message: str):
    assert messages(text) == [message]


def test_stages_have_names_bases_and_the_arguments_before_them():
    text = "ARG V=1\nFROM --platform=$P a:$V AS Build\nRUN x\nFROM build\nCOPY --from=0 a b\nUSER c\n"
    stages = split_stages(parse_dockerfile(text))
    assert [(stage.index, stage.name, stage.base.text) for stage in stages.stages] == [
        (0, "build", "a:$V"),
        (1, None, "build"),
    ]
    assert stages.stages[0].platform.value == "$P"
    assert [instruction.keyword for instruction in stages.stages[1].instructions] == ["COPY", "USER"]
    assert [pair.key.text for argument in stages.global_args for pair in argument.pairs] == ["V"]
    assert stages.find("BUILD") is stages.stages[0]
    assert stages.find("1") is stages.stages[1]
    assert stages.find("2") is None
    assert stages.stages[1].span == Span(4, 1, 6, 7)


@pytest.mark.parametrize(
    "text",
    [
        "RUN apt-get update && apt-get install -y curl\n" * 20_000,
        "RUN " + "apt-get install -y foo && " * 16_000 + "true\n",
        "RUN " + "a \\\n" * 100_000 + "b\n",
        "RUN <<X\n" * 20_000,
        "ENV " + 'a="b c" ' * 50_000 + "\n",
        "CMD " + "[" * 400_000 + "\n",
        'CMD ["' + "\\\\" * 200_000 + '"]\n',
        "RUN " + "--mount='a" * 40_000 + "\n",
        "ONBUILD " * 50_000 + "\n",
    ],
    ids=[
        "instructions",
        "line",
        "continuations",
        "heredocs",
        "pairs",
        "brackets",
        "escapes",
        "flags",
        "onbuild",
    ],
)
def test_a_hostile_size_takes_linear_time(text: str):
    parse_dockerfile("FROM a\n" + text)
