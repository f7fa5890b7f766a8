"""What a RUN does: commands, pipelines, wrappers and places."""

from __future__ import annotations

import pytest

from scanner.parsing.dockerfile import parse_dockerfile
from scanner.parsing.dockerfile_tree import Instruction
from scanner.parsing.shell import WINDOWS_SHELL, ShellScript, commands_of, shell_language


def instruction(text: str) -> Instruction:
    tree = parse_dockerfile("FROM scratch\n" + text)
    assert not tree.errors, tree.errors
    return tree.instructions[1]


def script(text: str) -> ShellScript:
    return commands_of(instruction(text))


def words(text: str) -> list[list[str]]:
    return [[word.text for word in command.words] for command in script("RUN " + text).commands]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b && c; d || e", [["a", "b"], ["c"], ["d"], ["e"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a # not b", [["a"]]),
        ("a#b c", [["a#b", "c"]]),
        ("(cd x && a) | b", [["cd", "x"], ["a"], ["b"]]),
        ("{ a; b; }", [["a"], ["b"]]),
        ("if a; then b; elif c; then d; else e; fi", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("for x in 1 2; do a $x; done; b", [["a", "$x"], ["b"]]),
        ("while a; do b; done", [["a"], ["b"]]),
        ("case $x in a|b) c;; (d) e ;; *) f; esac; g", [["c"], ["e"], ["f"], ["g"]]),
        ("f() { a; }; f", [["a"], ["f"]]),
        ("! a b", [["a", "b"]]),
        ("[[ $a == b && -f c ]] && d", [["[[", "$a", "==", "b", "&&", "-f", "c", "]]"], ["d"]]),
        ("a >b 2>&1 <c d", [["a", "d"]]),
        ("a $'x\\ny'", [["a", "x\ny"]]),
        ("x=(1 2) && a", [[], ["a"]]),
        ("a $((1 + (2))) b", [["a", "$((1 + (2)))", "b"]]),
        ("set -eux; a", [["set", "-eux"], ["a"]]),
        ("a & b", [["a"], ["b"]]),
        ("find . -exec rm {} \\; && a", [["find", ".", "-exec", "rm", "{}", ";"], ["a"]]),
    ],
)
def test_a_script_is_split_into_simple_commands(text: str, expected: list[list[str]]):
    assert words(text) == expected
    assert script("RUN " + text).complete


def test_a_word_tells_whether_a_part_of_it_is_known_only_when_it_runs():
    (command,) = script("RUN a $B '$C' \"x$(d)\" ~/e \\$F\n").commands[:1]
    assert [word.has_expansion for word in command.words] == [False, True, False, True, False, False]


def test_words_have_exact_places_across_continuations():
    run = script('RUN apt-get update \\\n  && curl \\\n    -k "https://x y"\n')
    curl = run.commands[1]
    assert curl.name == "curl"
    assert curl.words[1].span == (4, 5, 4, 7)
    assert curl.words[2].span == (4, 8, 4, 21)
    assert curl.span == (3, 6, 4, 21)


def test_operators_follow_their_commands():
    run = script("RUN a && b || c; d | e & f\n")
    assert [command.operator for command in run.commands] == ["&&", "||", ";", "|", "&", ""]


@pytest.mark.parametrize(
    ("text", "feeds"),
    [
        ("curl x | sh", {"curl": ["sh"]}),
        ("curl x | tee y | sudo bash -", {"curl": ["tee"], "tee": ["bash"]}),
        ("(a; curl x) | sh", {"a": ["sh"], "curl": ["sh"]}),
        ("curl x | { read l; sh; }", {"curl": ["read", "sh"]}),
        ("a && curl x |\\\n sh", {"curl": ["sh"]}),
        ("a; b", {}),
        ("echo $(curl x) | sh", {"echo": ["sh"]}),
    ],
)
def test_a_pipeline_tells_who_reads_whose_output(text: str, feeds: dict[str, list[str]]):
    commands = script("RUN " + text).commands
    found = {command.name: [commands[at].name for at in command.pipes_to] for command in commands}
    assert {name: names for name, names in found.items() if names} == feeds


@pytest.mark.parametrize(
    ("text", "wrappers", "expected"),
    [
        ("sudo -u app rm -rf x", ["sudo"], ["rm", "-rf", "x"]),
        ("sudo -E A=1 env B=2 /usr/bin/curl x", ["sudo", "env"], ["/usr/bin/curl", "x"]),
        ("exec a b", ["exec"], ["a", "b"]),
        ("time -p make all", ["time"], ["make", "all"]),
        ("nohup nice -n 5 a", ["nohup", "nice"], ["a"]),
        ("xargs -0 -n 1 rm -f", ["xargs"], ["rm", "-f"]),
        ("timeout -k 5 30 curl x", ["timeout"], ["curl", "x"]),
        ("command -v curl", [], ["command", "-v", "curl"]),
        ("env", [], ["env"]),
        ("sudo -l", [], ["sudo", "-l"]),
    ],
)
def test_wrappers_are_taken_off_and_kept(text: str, wrappers: list[str], expected: list[str]):
    (command,) = script("RUN " + text).commands
    assert list(command.wrapper_names) == wrappers
    assert [word.text for word in command.words] == expected


def test_assignments_stand_apart():
    (command,) = script('RUN A=1 B="x y" env C=$D curl x\n').commands
    assert [(found.name, found.value) for found in command.assignments] == [
        ("A", "1"),
        ("B", "x y"),
        ("C", "$D"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "RUN sh -c 'curl -k x | sh'",
        'RUN bash -lc "curl -k x | sh"',
        'RUN ["sh", "-c", "curl -k x | sh"]',
        "RUN sudo bash -euo pipefail -c 'curl -k x | sh'",
        "RUN eval 'curl -k x | sh'",
        "RUN <<EOF\ncurl -k x |\n sh\nEOF",
        "RUN <<EOF bash\ncurl -k x | sh\nEOF",
        "RUN bash -s <<-EOF\n\tcurl -k x | sh\n\tEOF",
        "RUN <<EOF\n#!/usr/bin/env -S bash -e\ncurl -k x | sh\nEOF",
        "RUN x=`curl -k x | sh`",
        'RUN echo "${y:-$(curl -k x | sh)}"',
        "RUN cat <(curl -k x | sh)",
        "CMD curl -k x | sh",
        "HEALTHCHECK CMD curl -k x | sh",
        'HEALTHCHECK CMD ["sh", "-c", "curl -k x | sh"]',
        "ONBUILD RUN curl -k x | sh",
    ],
)
def test_a_command_is_found_wherever_a_script_holds_it(text: str):
    run = script(text + "\n")
    (number,) = [at for at, command in enumerate(run.commands) if command.name == "curl"]
    curl = run.commands[number]
    assert [word.text for word in curl.words] == ["curl", "-k", "x"]
    assert [run.commands[at].name for at in curl.pipes_to] == ["sh"]
    lines = ("FROM scratch\n" + text).split("\n")
    for word in curl.words:
        span = word.span
        assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == word.text


def test_a_script_within_a_command_knows_its_wrappers_and_its_parent():
    run = script("RUN sudo sh -c 'rm x'\n")
    assert [command.name for command in run.commands] == ["sh", "rm"]
    assert run.commands[1].wrapper_names == ("sudo",)
    assert (run.commands[1].parent, run.commands[1].origin) == (0, "script")


def test_a_downloaded_script_is_read_once():
    run = script('RUN sh -c "$(curl -fsSL x)"\n')
    assert [(command.name, command.origin) for command in run.commands if command.name == "curl"] == [
        ("curl", "substitution")
    ]


def test_the_text_of_a_heredoc_that_is_data_holds_no_commands():
    run = script("RUN cat <<EOF > /x && a\ncurl y\nEOF\n")
    assert [command.name for command in run.commands] == ["cat", "a"]


@pytest.mark.parametrize(
    ("text", "shell", "language"),
    [
        ("RUN Get-Item x\n", ("powershell", "-Command"), "powershell"),
        ("RUN dir\n", WINDOWS_SHELL, "cmd"),
        ("RUN dir\n", ("C:\\Windows\\System32\\cmd.exe", "/S", "/C"), "cmd"),
        ("RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n", ("/bin/sh", "-c"), "python3"),
        ("RUN print(1)\n", ("python3", "-c"), "python3"),
    ],
)
def test_another_language_is_left_alone(text: str, shell: tuple[str, ...], language: str):
    run = commands_of(instruction(text), shell)
    assert (run.understood, run.language, run.commands) == (False, language, ())


def test_a_shell_may_stand_behind_a_launcher():
    assert shell_language(("conda", "run", "-n", "x", "/bin/bash", "-c")) == "sh"


def test_an_instruction_that_runs_nothing_has_no_commands():
    assert script("USER x\n") == ShellScript(())
    assert script("HEALTHCHECK NONE\n") == ShellScript(())
    assert script("CMD []\n") == ShellScript(())


@pytest.mark.parametrize(
    "text", ["a 'b", 'a "b', "a $(b", "(a", "{ a", "if a; then b", "case x in a) b", "a ${b", "a `b"]
)
def test_what_is_left_open_is_said(text: str):
    assert not script(f"RUN {text}\n").complete


@pytest.mark.parametrize(
    "piece",
    ["(", "((", "$(", "${", "`", '"', "'", "{ ", "if ", "case x in ", '"$(', "${x:-$(", "<(", "a|", "(a|", "sudo ",
     "$'", "[[ ", "f() {", "(a;a|b)|", "sh -c 'a' ; ", "eval ", "<<A ", "a=(", "$((", "bash -c \"", ")", "esac "],
)  # fmt: skip
def test_a_hostile_script_takes_linear_time_and_never_raises(piece: str):
    run = instruction("RUN <<X\nx " + piece * (100_000 // len(piece)) + "\nX\n")
    commands_of(run)


def test_scripts_within_scripts_are_read_a_bounded_number_of_times():
    nested = "".join(f"bash <<A{level}\n" for level in range(40))
    run = instruction("RUN <<X\n" + nested + "echo hi\n" * 20_000 + "X\n")
    commands_of(run)
