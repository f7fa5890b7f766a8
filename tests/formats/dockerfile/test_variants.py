"""A Dockerfile as one build resolves it: arguments, contexts and the target are given from outside."""

from __future__ import annotations

from textwrap import dedent

from scanner.artifacts import Tree
from scanner.formats.dockerfile.variants import read_for_build, read_inline_for_build
from scanner.model.source import Located, Span, SpanSource, Unknown
from tests.support import write_tree


def built(root, text, args=None, contexts=None, target=None):
    write_tree(root, {"Dockerfile": dedent(text)})
    return read_for_build("Dockerfile", Tree(root), args or {}, contexts, target)


def user(dockerfile):
    (final,) = [stage for stage in dockerfile.stages if stage.final]
    return None if final.user is None else final.user.value


def is_given_later(value, name):
    return isinstance(value, Unknown) and name in value.reason


def test_a_given_argument_wins_over_the_default(tmp_path):
    text = "FROM alpine\nARG APP_USER=root\nUSER ${APP_USER}\n"
    assert user(built(tmp_path, text)) == "root"
    found = built(tmp_path, text, {"APP_USER": "1000"})
    assert user(found) == "1000"
    assert found.stages[0].uid.value == 1000
    assert found.stages[0].args[0].value.value == "1000"
    assert found.stages[0].user.location.span.line == 3


def test_an_argument_before_from_holds_in_a_stage_only_where_it_is_declared_again(tmp_path):
    text = "ARG WHO=a\nFROM scratch\nUSER x$WHO\n"
    assert user(built(tmp_path, text, {"WHO": "b"})) == "x"
    assert user(built(tmp_path, "ARG WHO=a\nFROM scratch\nARG WHO\nUSER x$WHO\n", {"WHO": "b"})) == "xb"
    assert user(built(tmp_path, "ARG WHO=a\nFROM scratch\nARG WHO\nUSER x$WHO\n")) == "xa"


def test_a_given_argument_wins_over_a_stages_own_default_and_over_the_global_one(tmp_path):
    text = "ARG WHO=a\nFROM scratch\nARG WHO=c\nUSER $WHO\n"
    assert user(built(tmp_path, text)) == "c"
    assert user(built(tmp_path, text, {"WHO": "b"})) == "b"


def test_from_follows_the_arguments_to_images_and_stages(tmp_path):
    text = """\
        ARG BASE=alpine
        ARG VARIANT=prod
        FROM ${BASE} AS base-prod
        USER 1000
        FROM base-prod AS base-dev
        USER root
        FROM base-${VARIANT}
    """
    assert user(built(tmp_path, text)) == "1000"
    found = built(tmp_path, text, {"VARIANT": "dev", "BASE": "debian:12"})
    assert user(found) == "root"
    assert found.stages[-1].origin.repository.value == "debian"
    assert [stage.in_image for stage in found.stages] == [True, True, True]


def test_an_unknown_value_makes_unknown_what_depends_on_it(tmp_path):
    text = "ARG BASE=alpine\nFROM ${BASE}\nARG WHO=root\nARG OTHER=x\nUSER ${WHO}\n"
    found = built(tmp_path, text, {"WHO": None, "BASE": None})
    assert is_given_later(user(found), "WHO")
    assert isinstance(found.stages[0].base.text.value, Unknown)
    assert user(built(tmp_path, text, {"OTHER": None})) == "root"
    assert is_given_later(user(built(tmp_path, text, {"WHO": Unknown("WHO is a secret")})), "WHO")


def test_a_build_that_leaves_an_argument_out_uses_the_word_for_that(tmp_path):
    assert user(built(tmp_path, "FROM scratch\nARG WHO\nUSER ${WHO:-app}\n")) == "app"
    assert user(built(tmp_path, "FROM scratch\nARG WHO\nUSER ${WHO:-app}\n", {"WHO": "me"})) == "me"
    assert is_given_later(user(built(tmp_path, "FROM scratch\nARG WHO\nUSER ${WHO}\n")), "WHO")


def test_the_later_of_environment_and_argument_wins(tmp_path):
    assert user(built(tmp_path, "FROM scratch\nENV WHO=env\nARG WHO=a\nUSER $WHO\n", {"WHO": "b"})) == "b"
    assert user(built(tmp_path, "FROM scratch\nENV WHO=env\nARG WHO\nUSER $WHO\n")) == "env"


def test_environment_wins_over_arguments_before_it(tmp_path):
    assert user(built(tmp_path, "FROM scratch\nARG WHO=a\nENV WHO=env\nUSER $WHO\n", {"WHO": "b"})) == "env"


def test_an_argument_that_nothing_declares_is_not_used(tmp_path):
    assert user(built(tmp_path, "FROM scratch\nUSER a$WHO\n", {"WHO": "b"})) == "a"


def test_platform_arguments_are_of_who_builds_unless_given(tmp_path):
    text = "FROM base-${TARGETARCH}\nUSER 1\n"
    assert isinstance(built(tmp_path, text).stages[0].base.text.value, Unknown)
    assert built(tmp_path, text, {"TARGETARCH": "arm64"}).stages[0].base.text.value == "base-arm64"
    inner = "FROM scratch\nARG TARGETARCH\nUSER u-${TARGETARCH}\n"
    assert isinstance(user(built(tmp_path, inner)), Unknown)


def test_arguments_of_a_parent_stage_hold_in_the_child(tmp_path):
    text = "FROM scratch AS a\nARG WHO=x\nFROM a\nUSER $WHO\n"
    assert user(built(tmp_path, text, {"WHO": "y"})) == "y"


def test_the_target_is_the_image_and_later_stages_are_not_there(tmp_path):
    text = "FROM alpine AS one\nUSER 1\nFROM alpine AS Two\nUSER 2\nFROM alpine\nUSER root\n"
    assert user(built(tmp_path, text, target="two")) == "2"
    assert user(built(tmp_path, text, target="0")) == "1"
    assert len(built(tmp_path, text, target="one").stages) == 1
    assert built(tmp_path, text, target="none") is None


def test_a_context_takes_the_place_of_an_image_or_a_stage(tmp_path):
    text = "FROM alpine:3.20 AS base\nUSER root\nFROM base\n"
    found = built(tmp_path, text, contexts={"base": "docker-image://gcr.io/distroless/static:nonroot"})
    assert user(found) is None
    assert found.stages[-1].origin.repository.value == "distroless/static"
    assert [stage.in_image for stage in found.stages] == [False, True]
    found = built(tmp_path, text, contexts={"docker.io/library/alpine:3.20": "docker-image://debian"})
    assert found.stages[-1].origin.repository.value == "debian"
    found = built(tmp_path, text, contexts={"base": "target:other"})
    assert found.stages[-1].origin.text.value == Unknown("the build gives 'target:other' for 'base'")


def test_files_that_hold_no_stage_and_files_that_are_not_there_are_none(tmp_path):
    assert built(tmp_path, "# nothing\n") is None
    assert read_for_build("missing/Dockerfile", Tree(tmp_path), {}) is None
    assert read_for_build("../Dockerfile", Tree(tmp_path), {}) is None


def test_an_inline_dockerfile_keeps_its_lines_where_the_text_is_as_it_is(tmp_path):
    compose = "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM alpine\n        ARG WHO\n        USER $WHO\n"
    write_tree(tmp_path, {"compose.yaml": compose})
    text = "FROM alpine\nARG WHO\nUSER $WHO\n"
    inline = Located(text, Span(4, 26, 8, 1), SpanSource("compose.yaml"))
    found = read_inline_for_build(inline, "a", Tree(tmp_path), {"WHO": "1000"})
    assert user(found) == "1000"
    assert found.stages[0].user.location == ("compose.yaml", Span(7, 14, 7, 18))
    changed = read_inline_for_build(inline._replace(value="FROM b\nUSER 1\n"), "a", Tree(tmp_path), {})
    assert changed.stages[0].user.location == ("compose.yaml", Span(4, 26, 8, 1))
