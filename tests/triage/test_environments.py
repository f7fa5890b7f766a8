"""What several environments say alike is one finding; what one says alone names it."""

from __future__ import annotations

from scanner.model.environments import EnvironmentPolicy, Lineage
from scanner.model.finding import Finding
from scanner.model.resources import ResourceRef
from scanner.model.rule import Severity
from scanner.model.source import Location, Span
from scanner.triage.environments import Projects, judged_in, merge_environments


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


def test_the_highest_severity_counts():
    low = finding("dev")._replace(severity=Severity.LOW)
    for pair in ([low, finding("prod")], [finding("prod"), low]):
        (merged,) = merge_environments(pair)
        assert merged.severity is Severity.CRITICAL


BASE = Lineage("base")
DEV, PROD = Lineage("base+dev", ("base",)), Lineage("base+prod", ("base",))


def projects(**lineages):
    found = Projects()
    for name, lineage in lineages.items():
        found.add(lineage, name)
    return found


def test_what_some_environments_of_a_project_do_not_have_says_so():
    found = [finding("dev")._replace(layer="base+dev"), finding("prod")._replace(layer="base+prod")]
    (merged,) = merge_environments(found, projects(dev=DEV, prod=PROD))
    assert not merged.only
    (merged,) = merge_environments(found, projects(default=BASE, dev=DEV, prod=PROD))
    assert merged.only
    (merged,) = merge_environments(found[:1], projects(dev=DEV, prod=PROD))
    assert merged.only


def test_environments_of_other_projects_do_not_count():
    found = [finding("dev")._replace(layer="base+dev")]
    (merged,) = merge_environments(found, projects(dev=DEV, other=Lineage("x", ("y",))))
    assert not merged.only


def test_projects_that_share_a_part_are_one():
    wide = Lineage("wide", ("base", "second"))
    narrow = Lineage("narrow", ("second",))
    (merged,) = merge_environments(
        [finding("dev")._replace(layer="base+dev")], projects(dev=DEV, a=wide, b=narrow)
    )
    assert merged.only


POLICIES = {
    "prod": EnvironmentPolicy({"privileged": Severity.HIGH}),
    "dev": EnvironmentPolicy({"privileged": Severity.INFO}),
    "local": EnvironmentPolicy({}, ("privileged",)),
}


def judged(name, *asked):
    return [one.severity.value for one in judged_in([finding("default")], name, None, POLICIES, asked)]


def test_each_environment_has_its_own_severities():
    assert judged("prod") == ["high"]
    assert judged("shop/overlays/dev") == ["info"]
    assert judged("staging") == ["critical"]
    assert judged("local") == []


def test_what_has_no_environment_is_as_severe_as_in_the_worst_that_is_asked_for():
    assert judged("default") == ["critical"]
    assert judged("default", "dev") == ["info"]
    assert judged("default", "dev", "prod") == ["high"]
    assert judged("default", "local") == []
    assert judged("default", "local", "dev") == ["info"]
    assert judged("default", "staging", "dev") == ["critical"]
