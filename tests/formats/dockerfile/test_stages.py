"""Stages of a Dockerfile: what they are based on, what they inherit and expose."""

from __future__ import annotations

from textwrap import dedent

import pytest

from scanner.formats.dockerfile import dockerfile_of
from scanner.model.resources import Dockerfile
from scanner.model.source import SpanSource, Unknown


def _read(text: str) -> Dockerfile:
    return dockerfile_of(dedent(text), SpanSource("Dockerfile"), "app")[0]


def test_image_consists_of_the_last_stage_and_those_below_it() -> None:
    stages = _read("FROM a AS one\nFROM b AS two\nFROM one AS three\nFROM three\n").stages
    assert [stage.in_image for stage in stages] == [True, False, True, True]
    assert [stage.final for stage in stages] == [False, False, False, True]


def test_origin_is_the_image_below_all_stages() -> None:
    stages = _read("FROM alpine:3 AS one\nFROM one AS two\nFROM two\n").stages
    assert {stage.origin.text.value for stage in stages if stage.origin is not None} == {"alpine:3"}


def test_user_is_inherited_with_its_place() -> None:
    user = _read("FROM a AS one\nUSER 1000:0\nFROM one\n").stages[1].user
    assert user is not None
    assert (user.value, user.location.span.line) == ("1000:0", 2)


def test_second_stage_of_a_name_knows_the_first() -> None:
    stages = _read("FROM a AS x\nFROM b AS X\nFROM c\n").stages
    assert [stage.named_in and stage.named_in.value for stage in stages] == [None, 1, None]


def test_environment_counts_for_the_image_only_in_its_stages() -> None:
    stages = _read("FROM a AS x\nENV A=1\nFROM b\nENV B=1\n").stages
    assert [len(stage.image_env) for stage in stages] == [0, 1]


def test_ports_are_numbers_or_ranges() -> None:
    ports = _read('FROM a\nARG P="1 2"\nEXPOSE 80 20-25/udp 127.0.0.1:8:9 $P $Q http\n').stages[0].ports
    shown = [
        (port.number and port.number.value, port.number_last and port.number_last.value) for port in ports
    ]
    assert shown == [(80, None), (20, 25), (9, None), (1, None), (2, None), (None, None), (None, None)]


def test_platform_in_the_name_of_a_stage() -> None:
    stages = _read(
        """\
        FROM --platform=linux/amd64 a AS build_amd64
        FROM --platform=linux/amd64 a AS base
        FROM --platform=linux/amd64 a
        """
    ).stages
    assert [stage.platform_named for stage in stages] == [True, False, False]


def test_syntax_directive_is_an_image_with_its_place() -> None:
    syntax = _read("# syntax = docker/dockerfile:1\nFROM a\n").syntax
    assert syntax is not None
    assert syntax.tag is not None
    assert (syntax.tag.value, syntax.text.location.span) == ("1", (1, 12, 1, 31))


def test_instructions_without_a_from_are_a_stage_that_no_build_has_as_its_result() -> None:
    dockerfile = _read("ARG A\nCOPY a b\n")
    assert [(stage.final, stage.base, len(stage.copies)) for stage in dockerfile.stages] == [(False, None, 1)]
    assert dockerfile.args == ()


@pytest.mark.parametrize("keyword", ["ARG", "ENV"])
def test_variables_that_double_each_other_become_unknown_in_little_time(keyword: str) -> None:
    lines = [f"{keyword} A0=xy", *(f"{keyword} A{i}=$A{i - 1}$A{i - 1}" for i in range(1, 60))]
    [stage] = _read("\n".join(["FROM alpine", *lines, "USER $A59"])).stages
    assert stage.user is not None
    assert stage.user.value == Unknown("its value is longer than 64 KiB")


def test_a_base_image_of_arguments_that_double_each_other_is_unknown() -> None:
    lines = ["ARG A0=xy", *(f"ARG A{i}=$A{i - 1}$A{i - 1}" for i in range(1, 60))]
    [stage] = _read("\n".join([*lines, "FROM $A59"])).stages
    assert stage.base is not None
    assert stage.base.text.value == Unknown("its value is longer than 64 KiB")
