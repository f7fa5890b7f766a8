"""Skaffold files: which images they say are built, and from what."""

from __future__ import annotations

from textwrap import dedent

from scanner.artifacts import Tree
from scanner.discovery import discover
from scanner.formats.helm.settings import HelmSettings
from scanner.model.report import Status
from scanner.model.source import Unknown
from scanner.units import read_units
from tests.support import scan_tree, write_tree


def reading_of(root, text, path="skaffold.yaml", **files):
    write_tree(root, {path: dedent(text), **files})
    inventory = discover([root])
    units = read_units(inventory, Tree(root, inventory.files), HelmSettings())
    return next(one for one in units if any(line.path == path for line in one.coverage))


SAMPLE = """\
    apiVersion: skaffold/v4beta6
    kind: Config
    build:
      artifacts:
      - image: front
        context: src/front
        docker:
          dockerfile: docker/Dockerfile
          target: run
          buildArgs:
            VERSION: "1"
            FROM_ENV: "{{.VERSION}}"
            OPEN:
      - image: gcr.io/x/back
      - image: kaniko
        kaniko: {dockerfile: K}
      - image: java
        jib: {}
      - image: script
        custom: {buildCommand: ./build.sh}
      - image: "{{.IMAGE}}"
    ---
    apiVersion: skaffold/v4beta6
    kind: Config
    profiles:
    - name: debug
      build:
        artifacts:
        - image: front
          docker: {dockerfile: Dockerfile.debug}
"""


def test_artifacts_are_builds_with_defaults_and_places(tmp_path):
    reading = reading_of(tmp_path, SAMPLE, "app/skaffold.yaml")
    front, back, kaniko, java, script, open_, debug = reading.resources.builds
    assert [image.value for image in front.images] == ["front"]
    assert (front.context.value, front.dockerfile.value) == (
        "app/src/front",
        "app/src/front/docker/Dockerfile",
    )
    assert front.dockerfile.location.span.line == 8
    assert front.target.value == "run"
    assert {arg.name.value: arg.value.value for arg in front.args} == {
        "VERSION": "1",
        "FROM_ENV": Unknown("Skaffold fills in a template"),
        "OPEN": Unknown("OPEN is given when the image is built"),
    }
    assert (back.context.value, back.dockerfile.value) == ("app", "app/Dockerfile")
    assert back.name.location.span[:2] == (14, 5)
    assert kaniko.dockerfile.value == "app/K"
    assert java.dockerfile is None
    assert script.dockerfile.value == Unknown("a script builds it")
    assert isinstance(open_.images[0].value, Unknown)
    assert (front.variant, debug.variant, debug.ref.document) == (None, "debug", 1)
    assert debug.dockerfile.value == "app/Dockerfile.debug"
    assert not reading.resources.certain


def test_a_dockerfile_that_artifacts_share_is_seen_from_the_folder_of_the_configuration(tmp_path):
    text = """\
        apiVersion: skaffold/v2beta29
        kind: Config
        build:
          artifacts: [{image: a, context: a, docker: {dockerfile: shared/Dockerfile}}]
    """
    (build,) = reading_of(tmp_path, text, **{"shared/Dockerfile": "FROM a\n"}).resources.builds
    assert build.dockerfile.value == "shared/Dockerfile"


def test_a_configuration_is_no_manifest_but_one_beside_it_is(tmp_path):
    text = """\
        apiVersion: skaffold/v3
        kind: Config
        build: {artifacts: [{image: a}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec: {containers: [{name: c, image: a}]}
    """
    reading = reading_of(tmp_path, text)
    assert [one.kind for one in reading.resources.documents] == ["Pod"]
    assert len(reading.resources.builds) == 1
    (line,) = reading.coverage
    assert (line.kind, line.status) == ("skaffold", Status.EVALUATED)


def test_what_is_not_followed_stands_in_the_ledger(tmp_path):
    text = """\
        apiVersion: skaffold/v3
        kind: Config
        build: {artifacts: [{image: a}]}
        profiles:
        - name: debug
          patches: [{op: replace, path: /build/artifacts/0/docker/dockerfile, value: D}]
        - name: other
          patches: [{op: replace, path: /deploy/kubectl, value: {}}]
    """
    (line,) = reading_of(tmp_path, text).coverage
    assert line.status is Status.PARTIAL
    assert line.reason == "patches of artifacts are not applied (profile 'debug')"


def test_an_artifact_without_an_image_is_a_diagnostic_with_its_place(tmp_path):
    text = "apiVersion: skaffold/v3\nkind: Config\nbuild:\n  artifacts:\n  - context: a\n  - image: b\n"
    reading = reading_of(tmp_path, text)
    assert [build.ref.name for build in reading.resources.builds] == ["b"]
    (found,) = reading.diagnostics
    assert (found.line, found.message) == (5, "the artifact has no 'image'")


def test_a_scan_counts_no_document_of_it(tmp_path):
    write_tree(tmp_path, {"skaffold.yaml": dedent(SAMPLE)})
    report = scan_tree(tmp_path)
    assert {found.rule for found in report.findings} == {
        "image-build-target-missing"
    }  # no Dockerfile is there
    assert [(line.path, line.kind) for line in report.coverage] == [("skaffold.yaml", "skaffold")]
