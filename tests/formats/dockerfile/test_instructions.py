"""COPY, WORKDIR, labels, start commands and undeclared variables of a Dockerfile."""

from __future__ import annotations

from textwrap import dedent

from scanner.errors import InputError
from scanner.formats.dockerfile import dockerfile_of
from scanner.formats.dockerfile.build_context import context_of
from scanner.model.resources import BuildStage, Copy, Dockerfile
from scanner.model.source import SpanSource, Unknown


class _Files:
    """A tree of texts."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def text(self, path: str) -> str:
        if path not in self._texts:
            raise InputError("no such file", path=path)
        return self._texts[path]

    def exists(self, path: str) -> bool:
        return path in self._texts

    def listing(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(path for path in self._texts if path.startswith(folder)))


def _read(text: str, **files: str) -> Dockerfile:
    context = context_of("Dockerfile", _Files(files)) if files else None
    return dockerfile_of(dedent(text), SpanSource("Dockerfile"), "app", context)[0]


def _stage(text: str) -> BuildStage:
    return _read(text).stages[-1]


def _copy(text: str) -> Copy:
    return _stage(text).copies[-1]


def _undeclared(text: str) -> list[tuple[int, int, str]]:
    return [
        (*found.name.location.span[:2], found.name.value)
        for stage in _read(text).stages
        for found in stage.undeclared
    ]


def test_sources_and_destination_have_places_of_their_own() -> None:
    copy = _copy("FROM a\nADD --chown=1:2 a.tar.gz \\\n  https://x.y/z <<EOF /dest/\nbody\nEOF\n")
    assert [(source.kind, source.archive) for source in copy.sources] == [
        ("path", True),
        ("url", False),
        ("heredoc", False),
    ]
    assert [source.text.location.span[:2] for source in copy.sources] == [(2, 17), (3, 3), (3, 17)]
    assert copy.destination.location.span == (3, 23, 3, 29)
    assert (copy.keyword.value, copy.many, copy.relative) == ("ADD", True, False)
    assert copy.chown is not None
    assert copy.chown.value == "1:2"


def test_kinds_of_sources_of_add() -> None:
    copy = _copy(
        "FROM a\nADD git@github.com:a/b.git https://x/y.git#main file.zip $URL pre$V.tgz $V/end /d/\n"
    )
    assert [source.kind for source in copy.sources] == ["git", "git", "path", "variable", "path", "variable"]
    assert [source.archive for source in copy.sources] == [False, False, False, False, True, False]


def test_what_from_names() -> None:
    text = """\
        FROM a AS one
        FROM b AS Two
        COPY --from=ONE x y
        COPY --from=0 x y
        COPY --from=two x y
        COPY --from=1 x y
        COPY --from=three x y
        COPY --from=9 x y
        COPY --from=nginx:1 x y
        COPY --from=$v x y
        COPY x y
        ONBUILD COPY --from=three x y
        FROM c AS three
        """
    origins = [copy.origin for copy in _read(text).stages[1].copies]
    assert origins == [
        *("stage", "stage", "self", "self", "unknown", "unknown", "image", "variable", "context", "variable")
    ]


def test_image_that_is_copied_from_is_a_reference_with_a_place() -> None:
    image = _copy("FROM a\nCOPY --from=ghcr.io/x/y:1 /a /b\n").image
    assert image is not None
    assert image.tag is not None
    assert image.tag.value == "1"
    assert image.text.location.span == (2, 13, 2, 26)


def test_workdir_is_resolved_and_inherited() -> None:
    stages = _read("FROM a AS x\nWORKDIR sub\nWORKDIR /srv\nWORKDIR app\nFROM x\nCOPY a b\n").stages
    resolved = [None if item.resolved is None else item.resolved.value for item in stages[0].workdirs]
    assert resolved == [None, "/srv", "/srv/app"]
    base = stages[1].copies[0].base
    assert base is not None
    assert base.value == "/srv/app"


def test_directory_of_the_base_image_is_unknown_and_not_absent_after_a_relative_workdir() -> None:
    base = _copy("FROM a\nWORKDIR sub\nCOPY a b\n").base
    assert base is not None
    assert isinstance(base.value, Unknown)
    assert _copy("FROM a\nCOPY a b\n").base is None


def test_of_start_commands_all_but_the_last_are_replaced() -> None:
    stage = _stage('FROM a\nCMD a\nCMD ["b"]\nONBUILD CMD c\ncmd c\n')
    found = [
        (item.keyword.value, item.form, item.replaced_in and item.replaced_in.value, item.onbuild)
        for item in stage.instructions
    ]
    assert found == [
        ("CMD", "shell", 5, False),
        ("CMD", "json", 5, False),
        ("ONBUILD", "", None, False),
        ("CMD", "shell", None, True),
        ("CMD", "shell", None, False),
    ]


def test_entrypoint_resets_an_inherited_cmd_and_not_an_own_one() -> None:
    assert _stage("FROM a AS x\nCMD a\nFROM x\nENTRYPOINT b\n").cmd is None
    own = _stage("FROM a AS x\nCMD a\nENTRYPOINT b\n").cmd
    assert own is not None
    assert own.value == "a"


def test_shell_that_was_chosen_is_inherited() -> None:
    stage = _stage('FROM a AS x\nSHELL ["/bin/bash", "-c"]\nFROM x\nCMD a\n')
    assert stage.instructions[0].custom_shell


def test_refused_trigger_keeps_its_keyword() -> None:
    stage = _stage("FROM a\nONBUILD FROM b\n")
    trigger = stage.instructions[0].trigger
    assert trigger is not None
    assert trigger.value == "FROM"


def test_labels_are_inherited_by_name() -> None:
    names = _stage("FROM a AS x\nLABEL a=1 b=$c\nFROM x\nLABEL d=2\n").label_names
    assert names is not None
    assert names.value == ("a", "b", "d")


def test_undeclared_variables_stand_where_they_are_used() -> None:
    assert _undeclared("FROM alpine\nCOPY --chown=$u a${foo}/b /x\n") == [(2, 14, "u"), (2, 18, "foo")]


def test_arguments_are_inherited_by_stages_based_on_the_stage() -> None:
    assert _undeclared("FROM alpine AS base\nARG foo=x\nFROM base\nCOPY $foo .\n") == []


def test_global_arguments_and_platforms_must_be_repeated() -> None:
    assert [name for *_, name in _undeclared("ARG V=1\nFROM alpine\nCOPY $V$TARGETARCH /x\n")] == [
        "V",
        "TARGETARCH",
    ]


def test_variable_of_a_base_image_is_declared() -> None:
    assert _undeclared("FROM python:3\nENV A=$PYTHON_VERSION B=$PATH\n") == []
    assert _undeclared("FROM example.com/x\nENV A=$ANYTHING\n") == []
    assert _undeclared("FROM scratch\nENV A=$ANYTHING\n") == [(2, 7, "ANYTHING")]


def test_default_clears_a_variable() -> None:
    assert _undeclared("FROM alpine\nCOPY ${a:-b} ${c:+d} /x\n") == []


def test_from_without_a_default_counts_only_where_it_leaves_no_image() -> None:
    assert _undeclared("ARG T\nFROM busybox:$T\n") == [(2, 14, "T")]
    assert _undeclared("ARG T\nFROM busybox:stable$T\nFROM ${T:-alpine}\n") == []


def test_archive_that_a_later_command_unpacks() -> None:
    stage = _stage("FROM a\nRUN tar xf a.tar\nCOPY a.tar b.tar /x/\nRUN cd /x && tar -xf b.tar\n")
    lines = [source.unpacked_in and source.unpacked_in.value for source in stage.copies[0].sources]
    assert lines == [None, 4]


def test_file_that_a_later_command_deletes() -> None:
    stage = _stage("FROM a\nWORKDIR /w\nCOPY a b c ./\nRUN rm -f a /w/b /tmp/c\n")
    assert [bool(source.deleted_in) for source in stage.copies[0].sources] == [True, True, False]
    folder = _stage("FROM a\nCOPY key /root/.ssh/id\nRUN rm -rf ~/.ssh\n").copies[0].sources[0]
    assert folder.deleted_in is not None


def test_ignore_file_of_the_dockerfile_wins() -> None:
    files = _Files({"a/.dockerignore": "x", "a/Dockerfile.dockerignore": "y"})
    context = context_of("a/Dockerfile", files)
    assert context.ignored_by("x") is None
    assert context.ignored_by("y/z") == "y"


def test_ignore_file_above_is_a_guess() -> None:
    context = context_of("a/b/Dockerfile", _Files({".dockerignore": "x"}))
    assert (context.folder, context.ignore_file, context.is_certain) == ("", ".dockerignore", False)


def test_path_whose_parts_are_let_back_in_is_not_ignored() -> None:
    context = context_of("Dockerfile", _Files({".dockerignore": "dist\n!dist/app\nbuild"}))
    assert context.ignored_by("dist") is None
    assert context.ignored_by("./build/") == "build"


def test_unreadable_ignore_file_leaves_nothing_out() -> None:
    class Broken(_Files):
        def text(self, path: str) -> str:
            raise InputError("binary", path=path)

    assert context_of("Dockerfile", Broken({".dockerignore": "x"})).ignored_by("x") is None


def test_copy_of_an_ignored_path_names_the_pattern() -> None:
    stage = _read("FROM a\nCOPY x y /d/\n", **{".dockerignore": "x*"}).stages[0]
    assert [source.ignored_by and source.ignored_by.value for source in stage.copies[0].sources] == [
        "x*",
        None,
    ]
