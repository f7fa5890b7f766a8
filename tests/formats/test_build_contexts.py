"""From which folder a Dockerfile is built."""

from __future__ import annotations

from scanner.formats.base import Reading
from scanner.formats.build_contexts import BuildContexts
from scanner.model.resources import Format, ImageBuild, ResourceRef, UnitResources
from scanner.model.source import Located, Span, SpanSource


def at(text):
    return Located(text, Span(1, 1, 1, 2), SpanSource("bake.hcl"))


def built(*pairs):
    contexts = BuildContexts()
    builds = tuple(
        ImageBuild(ResourceRef("bake target", "x"), at("x"), "bake", (), at(context), at(path))
        for context, path in pairs
    )
    contexts.noted(Reading(UnitResources(Format.DOCKERFILE, builds=builds), ()))
    return contexts


def test_the_folder_that_all_builds_agree_on_is_known():
    assert built(("app", "app/Dockerfile"), ("app", "app/Dockerfile")).of("app/Dockerfile") == "app"
    assert built(("", "docker/Dockerfile")).of("docker/Dockerfile") == ""


def test_builds_that_differ_and_folders_outside_tell_nothing():
    assert built(("app", "Dockerfile"), ("", "Dockerfile")).of("Dockerfile") is None
    assert built(("..", "Dockerfile")).of("Dockerfile") is None
    assert built().of("Dockerfile") is None
