"""What several environments say alike is one finding; what one says alone names it."""

from __future__ import annotations

from scanner.model.finding import Finding
from scanner.model.resources import ResourceRef
from scanner.model.rule import Severity
from scanner.model.source import Location, Span
from scanner.triage.environments import merge_environments


def finding(environment, name="web", line=3, document=0):
    return Finding(
        "privileged",
        Severity.CRITICAL,
        f"container of '{name}' is bad",
        Location("base.yaml", Span(line, 1, line, 5)),
        ResourceRef("Deployment", name, None, "app", document),
        "privileged",
        environments=(environment,),
    )


def test_equal_findings_are_one_with_every_environment_default_first():
    (merged,) = merge_environments([finding("prod"), finding("default"), finding("dev")])
    assert merged.environments == ("default", "dev", "prod")


def test_an_object_that_overlays_rename_is_still_one():
    found = [finding("prod", "prod-web"), finding("dev", "dev-web")]
    assert merge_environments(found) == merge_environments(found[::-1])
    (merged,) = merge_environments(found)
    assert (merged.environments, merged.resource.name) == (("dev", "prod"), "dev-web")


def test_other_places_and_documents_stay_apart():
    found = [finding("prod"), finding("dev", line=4), finding("dev", document=1)]
    assert len(merge_environments(found)) == 3


def test_two_equal_findings_of_one_environment_both_stand():
    assert len(merge_environments([finding("dev", "a"), finding("dev", "b")])) == 2
