"""Versions and ranges of charts, and the predicates on dependencies and default values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.engine.chart_operators import default_credential, drifted
from scanner.engine.versions import is_exact, read_version, satisfies
from scanner.model.charts import ChartDependency, ChartValue
from scanner.model.source import Located, Span, SpanSource

SOURCE = SpanSource("chart/Chart.yaml")


def at(value):
    return Located(value, Span(1, 1, 1, 2), SOURCE)


@pytest.mark.parametrize(
    "version,range_,expected",
    [
        ("1.2.9", "~1.2", True),
        ("1.3.0", "~1.2", False),
        ("1.2.9", "~1.2.x", True),
        ("5.9.0", "~5", True),
        ("1.9.0", "^1.2", True),
        ("2.0.0", "^1.2", False),
        ("0.2.9", "^0.2.1", True),
        ("0.3.0", "^0.2.1", False),
        ("0.0.4", "^0.0.3", False),
        ("1.26.7", "1.26.*", True),
        ("1.2.3", "1.2", True),
        ("1.3.0", "1.2", False),
        ("1.9.0", ">=1.2, <2", True),
        ("1.9.0", ">=1.2 <2", True),
        ("2.1.0", ">= 1.2, < 2 || 2.x", True),
        ("1.3.5", "1.2 - 1.3", True),
        ("1.4.0", "1.2 - 1.3", False),
        ("1.2.4", "> 1.2", False),
        ("1.3.0", "> 1.2", True),
        ("1.2.4", "!=1.2.3", True),
        ("1.2.3-rc.1", "~1.2", False),
        ("1.2.3-rc.1", ">=1.2.0-0", True),
        ("1.2.3-rc.2", ">1.2.3-rc.1", True),
        ("v1.2.3", "=1.2.3", True),
        ("1.2.3", "*", True),
        ("1.2.3", "", True),
        ("1.2.3", "latest", None),
        ("yesterday", "^1", None),
        ("1.2.3", "1." * 500, None),
    ],
)
def test_a_range_holds_as_helm_compares_it(version, range_, expected):
    assert satisfies(version, range_) is expected


def test_only_a_version_written_out_is_exact():
    exact = ["1.2.3", "v1.2.3", "=1.2.3", "1.2.3-rc.1+build.5"]
    assert [
        text for text in [*exact, "1.2", "1.2.x", "~1.2.3", ">=1.0.0", "*", ""] if is_exact(text)
    ] == exact


@given(st.text(alphabet="0123456789.xX*~^<>=!|, -+vab", max_size=30), st.tuples(*[st.integers(0, 99)] * 3))
def test_any_range_is_read_without_an_error_and_a_version_is_in_itself(range_, numbers):
    version = ".".join(map(str, numbers))
    assert satisfies(version, range_) in (True, False, None)
    assert satisfies(version, version) is True
    assert read_version(version) is not None


def dependency(asked=None, locked=None, vendored=None):
    facts = [None if one is None else at(one) for one in (asked, locked, vendored)]
    return ChartDependency(at("db"), facts[0], locked_version=facts[1], vendored_version=facts[2])


@pytest.mark.parametrize(
    "asked,locked,vendored,expected",
    [
        ("^1.0.0", "1.2.0", "1.2.0", False),
        ("^1.0.0", "1.2.0", "1.1.0", True),
        ("^1.0.0", None, "2.0.0", True),
        ("^1.0.0", "2.0.0", None, True),
        ("1.2.0", None, "v1.2.0", False),
        ("^1.0.0", None, None, False),
        (None, "1.2.0", "1.2.0", False),
        ("${VERSION}", None, "1.2.0", None),
    ],
)
def test_versions_that_do_not_go_together_have_drifted(asked, locked, vendored, expected):
    assert drifted(dependency(asked, locked, vendored)) is expected


def shipped(name, value, *targets):
    return ChartValue(at(name), f"auth.{name}", at(value), at(targets))


def test_a_default_is_a_credential_by_its_own_name_or_by_that_of_its_target():
    assert default_credential(shipped("password", "hV9kq2Lw0zR", "config"))
    assert default_credential(shipped("value", "hV9kq2Lw0zR", "DB_PASSWORD"))
    assert default_credential(shipped("password", "changeme", "password"))


def test_what_opens_nothing_is_no_default_credential():
    assert not default_credential(shipped("username", "admin", "POSTGRES_USER"))
    assert not default_credential(shipped("existingSecret", "web-credentials", "SECRET_NAME"))
    assert not default_credential(shipped("allow", "yes", "ALLOW_EMPTY_PASSWORD"))
    assert not default_credential(shipped("password", "<your password>", "password"))
