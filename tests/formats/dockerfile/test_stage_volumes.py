"""What a stage says about images that are run, and those that are based on it."""

from __future__ import annotations

from scanner.formats.dockerfile.reader import dockerfile_of
from scanner.model.source import SpanSource, Unknown


def stages(text):
    return dockerfile_of(text, SpanSource("Dockerfile"), "app")[0].stages


def test_volumes_are_read_in_both_forms_with_those_of_the_stage_below():
    first, second = stages('FROM debian AS base\nVOLUME /data /log\nFROM base\nVOLUME ["/a b", "/tmp"]\n')
    assert [one.value for one in first.volumes] == ["/data", "/log"]
    assert [one.value for one in second.volumes] == ["/data", "/log", "/a b", "/tmp"]
    assert second.volumes[1].location.span[:2] == (2, 14)


def test_a_volume_that_a_variable_names_is_not_guessed():
    (stage,) = stages("FROM debian\nARG DATA\nVOLUME $DATA\n")
    assert isinstance(stage.volumes[0].value, Unknown)


def test_the_user_of_an_onbuild_is_that_of_stages_based_on_it():
    parent, child, other = stages(
        "FROM debian AS parent\nONBUILD USER 1000\nFROM parent AS child\nFROM child\nUSER 5\n"
    )
    assert parent.user is None
    assert parent.child_user.value == "1000"
    assert (child.user.value, child.uid.value, child.child_user) == ("1000", 1000, None)
    assert other.user.value == "5"


def test_a_variable_in_an_onbuild_is_that_of_another_stage():
    _, child = stages("FROM debian AS parent\nARG X=1\nONBUILD USER $X\nFROM parent\n")
    assert isinstance(child.user.value, Unknown)
