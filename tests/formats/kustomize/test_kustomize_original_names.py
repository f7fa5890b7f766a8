"""What an image was called in the base, before an overlay renamed it."""

from __future__ import annotations

from textwrap import dedent

from scanner.artifacts import Tree
from scanner.discovery import discover
from scanner.formats.helm.settings import HelmSettings
from scanner.units import read_units
from tests.support import write_tree

POD = """\
    apiVersion: v1
    kind: Pod
    metadata: {name: p}
    spec:
      containers:
      - name: c
        image: frontend
"""


def image_of(root, overlay, base="resources: [pod.yaml]\n"):
    files = {"base/pod.yaml": POD, "base/kustomization.yaml": base, "prod/kustomization.yaml": overlay}
    write_tree(root, {name: dedent(text) for name, text in files.items()})
    inventory = discover([root])
    for reading in read_units(inventory, Tree(root, inventory.files), HelmSettings()):
        for workload in reading.resources.workloads if reading.resources else ():
            return workload.containers[0].image
    raise AssertionError("no pod was built")


def test_a_renamed_image_remembers_its_name_and_place_in_the_base(tmp_path):
    overlay = """\
        resources: [../base]
        images:
        - {name: frontend, newName: gcr.io/x/frontend, newTag: v1}
    """
    image = image_of(tmp_path, overlay)
    assert image.text.value == "gcr.io/x/frontend:v1"
    assert image.original.value == "frontend"
    assert image.original.location.path == "base/pod.yaml"
    assert image.original.location.span.line == 7


def test_the_first_name_is_kept_through_several_renames(tmp_path):
    base = "resources: [pod.yaml]\nimages: [{name: frontend, newName: middle}]\n"
    overlay = "resources: [../base]\nimages: [{name: middle, newName: last}]\n"
    image = image_of(tmp_path, overlay, base)
    assert (image.text.value, image.original.value) == ("last", "frontend")


def test_another_tag_alone_is_no_other_name(tmp_path):
    image = image_of(tmp_path, "resources: [../base]\nimages: [{name: frontend, newTag: v2}]\n")
    assert image.text.value == "frontend:v2"
    assert image.original is None


def test_an_image_that_nothing_renames_has_none(tmp_path):
    assert image_of(tmp_path, "resources: [../base]\n").original is None
