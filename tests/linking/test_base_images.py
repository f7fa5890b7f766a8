"""What user well-known images start with."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from scanner.formats.shared.images import image_reference
from scanner.linking.base_images import default_user, table
from scanner.model.source import Located, Span, SpanSource, Unknown

DIGEST = "@sha256:" + "0" * 64


def reference(text, **how):
    return image_reference(Located(text, Span(1, 1, 1, 2), SpanSource("Dockerfile")), **how)


def user(text):
    found = default_user(reference(text))
    return None if found is None else (found.user, found.uid)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("nginx", ("root", 0)),
        ("library/nginx:1.27-alpine", ("root", 0)),
        ("docker.io/library/nginx", ("root", 0)),
        ("index.docker.io/library/nginx", ("root", 0)),
        ("public.ecr.aws/docker/library/nginx:1", ("root", 0)),
        ("mirror.gcr.io/library/python:3", ("root", 0)),
        ("nginx" + DIGEST, ("root", 0)),
        ("nginxinc/nginx-unprivileged:1", ("101", 101)),
        ("gcr.io/distroless/static-debian12:nonroot", ("65532", 65532)),
        ("gcr.io/distroless/base:debug-nonroot-amd64", ("65532", 65532)),
        ("gcr.io/distroless/static", ("0", 0)),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled-extra", ("1654", 1654)),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", ("root", 0)),
        ("haproxy:2.3", ("root", 0)),
        ("haproxy:2.3.21-alpine", ("root", 0)),
        ("haproxy:2.30", ("haproxy", 99)),
        ("haproxy:3.0-alpine", ("haproxy", 99)),
        ("bitnami/postgresql:16", ("1001", 1001)),
        ("registry.access.redhat.com/ubi9/nodejs-20:1", ("1001", 1001)),
        ("docker:24-dind-rootless", ("rootless", 1000)),
        ("docker:27", ("root", 0)),
        ("wordpress:cli-php8.2", ("www-data", 82)),
        ("k8s.gcr.io/pause:3.9", ("65535:65535", 65535)),
        ("quay.io/prometheus/prometheus:v2.53.0", ("nobody", 65534)),
    ],
)
def test_well_known_images(text, wanted):
    assert user(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "acme/app",
        "evil.example/nginx",
        "acme/nginx",
        "gcr.io/distroless/static/extra:nonroot",
        "gcr.io/distroless/static" + DIGEST,  # nonroot and root have one name
        "haproxy" + DIGEST,
        "mcr.microsoft.com/dotnet/runtime:8.0-azurelinux3.0-distroless",
        "mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-1809",
        "python:3-windowsservercore",
        "quay.io/prometheus/prometheus:v3.1.0-distroless",
        "bitnami/spark",
        "Nginx",
    ],
)
def test_what_is_not_known_is_none(text):
    assert user(text) is None


def test_a_tag_with_a_digest_is_taken_at_its_word():
    assert user("gcr.io/distroless/static:nonroot" + DIGEST) == ("65532", 65532)


def test_stages_scratch_and_unknown_texts():
    assert default_user(reference("nginx", stage=True)) is None
    assert default_user(reference("scratch", scratch=True)).uid == 0
    assert default_user(reference(Unknown("a variable"))) is None
    image = reference("haproxy:1")
    unknown = image.tag._replace(value=Unknown("a variable"))
    image.tag = unknown
    assert default_user(image) is None
    image = reference("nginx:1")
    image.tag = unknown
    assert default_user(image).user == "root"


def test_every_row_is_well_formed_and_reachable():
    seen = Counter()
    for row in table():
        assert row.source
        assert row.source == row.source.strip()
        name = row.repository.replace("*", "x")
        assert row.is_for(name)
        assert not name.startswith("docker.io/library/")
        found = reference(name)
        assert (found.registry.value, found.repository.value) == tuple(name.split("/", 1)), name
        assert seen[(row.repository, row.tags)] == 0, "twice"
        assert seen[(row.repository, None)] == 0, "behind a row for every tag"
        seen[(row.repository, row.tags)] += 1
        if row.tags is not None:
            assert re.compile(row.tags).fullmatch("\n") is None
        number = (row.user or "").partition(":")[0]
        if number.isdigit():
            assert row.uid == int(number)
        if row.user == "root":
            assert row.uid == 0
        if row.user is None:
            assert row.uid is None


def test_the_why_names_the_source():
    assert "nginx/docker-nginx" in default_user(reference("nginx")).why


def test_there_are_enough_rows_to_be_worth_it():
    assert len(table()) >= 200
