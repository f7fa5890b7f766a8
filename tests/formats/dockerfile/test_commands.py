"""Commands of build steps as resources: words, options, places, and what is not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.formats.dockerfile import dockerfile_of
from scanner.formats.dockerfile.certainty import is_certain, not_read
from scanner.formats.dockerfile.tools import read_words
from scanner.model.commands import Command, Run
from scanner.model.resources import BuildStage
from scanner.model.source import SpanSource
from tests.support import scan_tree, write_tree


def stages_of(text: str) -> tuple[BuildStage, ...]:
    dockerfile, errors = dockerfile_of(text, SpanSource("Dockerfile"), "a")
    assert not errors
    return dockerfile.stages


def commands_of(text: str) -> tuple[Command, ...]:
    return stages_of(f"FROM a\n{text}\n")[-1].commands


def runs_of(text: str) -> tuple[Run, ...]:
    return stages_of(f"FROM a\n{text}\n")[-1].runs


def test_each_simple_command_of_a_run_is_a_command():
    commands = commands_of("RUN apt-get -qqy update && apt-get install -y curl=1 # why\nCMD ls")
    assert [command.label for command in commands] == ["apt-get update", "apt-get install", "ls"]
    assert commands[1].call.flags == (("-y", None),)
    assert commands[1].call.operands == ("curl=1",)
    assert commands[0].call.flags == (("-q", None), ("-q", None), ("-y", None))
    assert [command.run.instruction for command in commands] == ["RUN", "RUN", "CMD"]


def test_place_is_the_first_line_of_the_command():
    command = commands_of("RUN ls && \\\n    sudo curl -k \\\n      https://a")[1]
    assert command.text.location.span == (3, 5, 3, 17)
    assert command.text.source.extent(command.text.place).span == (3, 5, 4, 16)


def test_place_in_a_heredoc_is_its_line():
    commands = commands_of("RUN <<EOF\nset -e\n  curl -k https://a\nEOF")
    assert [command.text.location.span.line for command in commands] == [3, 4]
    assert commands[1].text.location.span.column == 3


def test_place_in_a_json_form_is_its_words():
    command = commands_of('ENTRYPOINT ["curl", "-k"]')[0]
    assert command.run.shell_form is False
    assert command.call.flags == (("-k", None),)
    assert command.text.location.span.line == 2


@pytest.mark.parametrize(
    ("written", "name", "words"),
    [
        ("/usr/bin/pip3.11 install a", "pip", ("install", "a")),
        ("python3 -m pip install a", "pip", ("install", "a")),
        ("uv pip install a", "pip", ("install", "a")),
        ("uv sync", "uv", ("sync",)),
        ("dnf5 install a", "dnf", ("install", "a")),
        ("python3 -m http.server", "python", ("-m", "http.server")),
        ("$TOOL install a", "$TOOL", ("install", "a")),
    ],
)
def test_name_is_that_of_the_tool(written: str, name: str, words: tuple[str, ...]):
    call = commands_of(f"RUN {written}")[0].call
    assert (call.name, call.words) == (name, words)


@pytest.mark.parametrize(
    ("name", "words", "flags", "operands"),
    [
        ("curl", "-fsSLo a -H b https://c", [("-f", None), ("-s", None), ("-S", None), ("-L", None),
                                            ("-o", "a"), ("-H", "b")], ["https://c"]),
        ("curl", "-o- -ofile", [("-o", "-"), ("-o", "file")], []),
        ("apt-get", "-q=2 -oA::B=c install -t=x a", [("-q", "2"), ("-o", "A::B=c"), ("-t", "x")], ["a"]),
        ("pip", "install -r a --index-url=b c", [("-r", "a"), ("--index-url", "b")], ["c"]),
        ("apk", "--no-cache add -t .deps a", [("--no-cache", None), ("-t", ".deps")], ["a"]),
        ("gem", "install a -- --with-b", [], ["a", "--with-b"]),
        ("go", "install -ldflags x ./a", [("-ldflags", "x")], ["./a"]),
        ("bash", "-c script -k", [("-c", "script"), ("-k", None)], []),
        ("bash", "script -k", [], ["script", "-k"]),
        ("other", "-k a", [], ["-k", "a"]),
        ("curl", "-o", [("-o", None)], []),
    ],
)  # fmt: skip
def test_options_are_read_as_the_tool_reads_them(
    name: str, words: str, flags: list[tuple[str, str | None]], operands: list[str]
):
    reading = read_words(name, words.split())
    assert list(reading.flags) == flags
    assert list(reading.operands) == operands


def test_variables_that_the_file_decides_are_put_in():
    text = "ENV TOOLS='gcc make' VERSION=1\nRUN extra=curl; apt-get install $TOOLS a=$VERSION \"$extra\""
    assert commands_of(text)[1].call.operands == ("gcc", "make", "a=1", "curl")


def test_variables_that_only_the_build_knows_are_undecided():
    call = commands_of("ARG PACKAGES\nRUN apt-get install $PACKAGES $(cat list) '$a'")[0].call
    assert call.operands == ("$PACKAGES", "$(cat list)", "$a")
    assert call.undecided == {"$PACKAGES", "$(cat list)"}


def test_a_name_that_is_assigned_twice_is_undecided():
    text = "RUN if a; then P=x; else P=y; fi; apk add $P"
    assert "$P" in commands_of(text)[-1].call.undecided


def test_variables_cannot_make_a_script_grow_without_bound():
    doubling = "; ".join(f"A{i + 1}=$A{i}$A{i}" for i in range(60))
    text = f"RUN A0=aaaaaaaaaa; {doubling}; echo $A60"
    assert sum(len(word) for command in commands_of(text) for word in command.call.words) < 3_000_000


def test_wrappers_assignments_and_outputs_are_known():
    call = commands_of("RUN sudo -E env A=1 make > /tmp/log 2>&1")[0].call
    assert (call.name, call.wrappers, call.assignments, call.outputs) == (
        "make", ("sudo", "env"), (("A", "1"),), ("/tmp/log",),
    )  # fmt: skip


def test_wrappers_of_a_script_are_not_those_of_its_commands():
    commands = commands_of("RUN sudo sh -c 'a && b'")
    assert [(command.name, command.call.wrappers) for command in commands] == [
        ("sh", ("sudo",)),
        ("a", ()),
        ("b", ()),
    ]


def test_export_assigns():
    assert commands_of("RUN export A=1 B")[0].call.assignments == (("A", "1"),)


def test_pipes_are_known_from_both_ends():
    first, second = commands_of("RUN a | b")
    assert list(first.call.pipes_to) == [1]
    assert (first.call.is_fed, second.call.is_fed) == (False, True)


def test_flags_of_a_run_are_facts():
    run = runs_of(
        "RUN --mount=type=cache,dst=/c --mount=type=bind,src=a,target=/b --network=host --security=insecure ls"
    )[0]
    assert run.network is not None
    assert run.network.value == "host"
    assert run.security is not None
    assert run.security.value == "insecure"
    kinds = [
        (mount.kind, mount.target and mount.target.value, mount.source and mount.source.value)
        for mount in run.mounts
    ]
    assert kinds == [("cache", "/c", None), ("bind", "/b", "a")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a | b', True),
        ("RUN set -euo pipefail; a | b", True),
        ('RUN ["/bin/bash", "-eo", "pipefail", "-c", "a | b"]', True),
        ("RUN a | b", False),
        ('SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN ["a", "b"]', False),
    ],
)
def test_pipefail_is_that_of_the_shell_or_the_script(text: str, expected: bool):
    assert runs_of(text)[0].pipefail is expected


def test_shell_is_inherited_by_stages_on_top_alone():
    text = 'FROM a AS x\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nFROM x\nRUN a\nFROM a\nRUN a\n'
    assert [stage.runs[0].pipefail for stage in stages_of(text)[1:]] == [True, False]


def test_onbuild_commands_are_marked():
    assert [run.onbuild for run in runs_of("ONBUILD RUN a\nRUN b")] == [True, False]


def test_other_languages_are_left_alone_and_noted(tmp_path: Path):
    text = 'FROM a\nSHELL ["powershell", "-Command"]\nRUN curl -k https://a\nRUN b\n'
    dockerfile, _ = dockerfile_of(text, SpanSource("Dockerfile"), "a")
    assert dockerfile.stages[0].commands == ()
    assert not_read(dockerfile) == "commands not read: powershell in lines 3, 4"
    report = scan_tree(write_tree(tmp_path, {"Dockerfile": text}), "build-tls-verify-off-curl")
    assert [(line.status, line.reason) for line in report.coverage] == [("evaluated", not_read(dockerfile))]
    assert not report.findings


def test_everything_read_has_no_note():
    dockerfile, _ = dockerfile_of("FROM a\nRUN ls\n", SpanSource("Dockerfile"), "a")
    assert not_read(dockerfile) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a:1\nRUN ls\n", True),
        ("FROM a:1\nRUN ls $A\n", False),
        ("ARG B\nFROM a:$B\n", False),
        ("FROM a:1\nUSER $NOBODY\n", False),
        ("FROM a:1\nARG A\nRUN --mount=type=cache,target=/$A ls\n", False),
    ],
)
def test_a_unit_is_certain_when_everything_is_decided(text: str, expected: bool):
    dockerfile, _ = dockerfile_of(text, SpanSource("Dockerfile"), "a")
    assert is_certain(dockerfile) is expected
