"""Bake files: which images they say are built, and from what (expectations: `buildx bake --print`)."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.artifacts import Tree
from scanner.discovery import discover
from scanner.formats.bake import bake_units, read_bake
from scanner.model.report import Status
from scanner.model.source import Unknown
from tests.support import scan_tree, write_tree


def readings(root, files):
    write_tree(root, {name: dedent(text) for name, text in files.items()})
    inventory = discover([root])
    tree = Tree(root, inventory.files)
    return [read_bake(unit, tree) for unit in bake_units(inventory.bake)]


def builds(root, text, **files):
    (reading,) = readings(root, {"docker-bake.hcl": text, **files})
    assert reading.diagnostics == ()
    return {build.ref.name: build for build in reading.resources.builds}


def images(build):
    return [image.value for image in build.images]


def args(build):
    return {arg.name.value: arg.value.value for arg in build.args}


SAMPLE = """\
    variable "TAG" { default = "latest" }
    variable "REG" {
      default = "docker.io/acme"
    }
    function "img" {
      params = [n]
      result = "${REG}/${n}:${TAG}"
    }
    target "_common" {
      args = { A = "1", B = null, C = TAG == "latest" ? "dev" : "prod" }
    }
    target "app" {
      inherits   = ["_common"]
      context    = "./app"
      dockerfile = "Dockerfile.${lower("PROD")}"
      tags       = [img("app"), notequal("", TAG) ? "x:${TAG}" : "", ""]
      args       = { A = 2, D = upper(TAG) }
      contexts   = { base = "docker-image://alpine:3.20" }
    }
    target "db" {
      tags   = concat([img("db")], ["extra"])
      target = "run"
      args   = { for k, v in {x = "1", y = "2"} : upper(k) => "v${v}" if v != "2" }
    }
"""


def test_targets_are_builds_with_everything_resolved(tmp_path):
    found = builds(tmp_path, SAMPLE)
    assert list(found) == ["app", "db"]  # _common is there to be inherited from
    app, db = found["app"], found["db"]
    assert images(app) == ["docker.io/acme/app:latest", "x:latest"]
    assert (app.context.value, app.dockerfile.value) == ("app", "app/Dockerfile.prod")
    assert args(app) == {"A": "2", "C": "dev", "D": "LATEST"}
    assert app.contexts.value == ("base=docker-image://alpine:3.20",)
    assert images(db) == ["docker.io/acme/db:latest", "extra"]
    assert (db.context.value, db.dockerfile.value, db.target.value) == ("", "Dockerfile", "run")
    assert args(db) == {"X": "v1"}


def test_every_value_has_its_place(tmp_path):
    app = builds(tmp_path, SAMPLE)["app"]
    places = [fact.location.span[:2] for fact in (app.name, app.images[0], app.context, app.dockerfile)]
    assert places == [(12, 8), (16, 17), (14, 16), (15, 16)]
    inherited = next(arg for arg in app.args if arg.name.value == "C")
    assert inherited.value.location.span[:2] == (10, 35)


def test_a_default_stands_at_the_name_of_the_target(tmp_path):
    build = builds(tmp_path, 'target "a" {\n  tags = ["a"]\n}\n')["a"]
    assert build.dockerfile.value == "Dockerfile"
    assert build.dockerfile.location.span[:2] == (1, 8)


def test_what_comes_from_outside_is_unknown_with_a_reason(tmp_path):
    text = """\
        variable "TAG" {}
        variable "REG" {}
        target "a" {
          tags = ["a:${TAG}", "${REG}/b:1", "c:1-${TAG}", "localhost:${REG}/d"]
          context = "src/${TAG}"
          args = { A = TAG, B = nothing, C = timestamp() }
        }
    """
    build = builds(tmp_path, text)["a"]
    given_later = Unknown("TAG is given when the image is built")
    assert images(build) == ["a", Unknown("REG is given when the image is built"), "c", images(build)[3]]
    assert isinstance(images(build)[3], Unknown)
    assert build.context.value == given_later
    assert build.dockerfile.value == given_later
    assert args(build) == {
        "A": given_later,
        "B": Unknown("nothing sets nothing"),
        "C": Unknown("the function 'timestamp' is not evaluated"),
    }


def test_null_leaves_an_argument_to_the_dockerfile(tmp_path):
    text = 'variable "A" { default = null }\ntarget "a" {\n  args = { A = "${A}", B = A, C = "x" }\n}\n'
    assert args(builds(tmp_path, text)["a"]) == {"C": "x"}


def test_a_matrix_is_counted_out(tmp_path):
    text = """\
        target "mx" {
          name = "mx-${v}-${replace(w.n, ".", "-")}"
          matrix = { v = ["a", "b"], w = [{ n = "1.0" }, { n = "2.0" }] }
          tags = ["mx:${v}-${w.n}"]
          dockerfile-inline = <<-EOT
            FROM alpine
            USER ${v}
          EOT
        }
    """
    found = builds(tmp_path, text)
    assert sorted(found) == ["mx-a-1-0", "mx-a-2-0", "mx-b-1-0", "mx-b-2-0"]
    assert images(found["mx-b-1-0"]) == ["mx:b-1.0"]
    assert found["mx-b-1-0"].inline.value == "FROM alpine\nUSER b\n"
    assert found["mx-b-1-0"].dockerfile is None


def test_files_that_bake_merges_are_one_definition_in_its_order(tmp_path):
    (reading,) = readings(
        tmp_path,
        {
            "docker-bake.override.hcl": 'TAG = "o"\ntarget "a" {\n  args = { B = "2" }\n}\n',
            "docker-bake.hcl": 'variable "TAG" { default = "d" }\ntarget "a" {\n  tags = ["a:${TAG}"]\n  args = { A = "1", B = "1" }\n}\n',
            "docker-bake.json": '{"target": {"a": {"tags": ["json"], "target": "t"}}}',
        },
    )
    (build,) = reading.resources.builds
    assert images(build) == ["a:o"]
    assert args(build) == {"A": "1", "B": "2"}
    assert build.target.value == "t"
    assert [line.path for line in reading.coverage] == [
        "docker-bake.json",
        "docker-bake.hcl",
        "docker-bake.override.hcl",
    ]


def test_json_says_the_same_as_hcl(tmp_path):
    text = """\
        {
          "variable": {"TAG": {"default": "v1"}},
          "target": {
            "app": {"tags": ["app:${TAG}"], "args": {"A": 1, "B": null, "C": "${upper(TAG)}"}, "context": "x"}
          }
        }
    """
    (reading,) = readings(tmp_path, {"docker-bake.json": text})
    (build,) = reading.resources.builds
    assert images(build) == ["app:v1"]
    assert args(build) == {"A": "1", "C": "V1"}
    assert build.images[0].location.span[:2] == (4, 22)
    assert build.dockerfile.value == "x/Dockerfile"


def test_a_target_that_ci_fills_in_leaves_the_tags_open_and_nothing_else(tmp_path):
    text = 'target "docker-metadata-action" {}\ntarget "a" {\n  inherits = ["docker-metadata-action"]\n}\n'
    build = builds(tmp_path, text)["a"]
    (image,) = images(build)
    assert "docker-metadata-action" in image.reason
    assert build.dockerfile.value == "Dockerfile"


def test_what_another_file_defines_is_not_guessed(tmp_path):
    build = builds(tmp_path, 'target "a" {\n  inherits = ["elsewhere"]\n  tags = ["a"]\n}\n')["a"]
    assert images(build) == ["a"]
    assert isinstance(build.dockerfile.value, Unknown)


def test_a_compose_service_of_the_same_name_is_merged_by_bake(tmp_path):
    files = {"compose.yaml": "services:\n  a: {build: x}\n"}
    text = 'target "a" {\n  tags = ["a"]\n}\ntarget "b" {\n  tags = ["b"]\n}\n'
    found = builds(tmp_path, text, **files)
    assert isinstance(found["a"].dockerfile.value, Unknown)
    assert found["b"].dockerfile.value == "Dockerfile"


def test_paths_of_a_file_that_is_used_from_anywhere_follow_the_dockerfile(tmp_path):
    text = 'target "a" {\n  context = "app"\n  tags = ["a"]\n}\n'
    known = {"app/Dockerfile": "FROM a\n", "build/release.bake.hcl": text}
    (reading,) = readings(tmp_path / "known", known)
    assert reading.resources.builds[0].dockerfile.value == "app/Dockerfile"
    (reading,) = readings(tmp_path / "open", {"build/release.bake.hcl": text})
    assert isinstance(reading.resources.builds[0].dockerfile.value, Unknown)


def test_a_remote_context_is_as_written(tmp_path):
    build = builds(tmp_path, 'target "a" {\n  context = "https://github.com/x/y.git"\n}\n')["a"]
    assert not build.is_local
    assert (build.context.value, build.dockerfile.value) == ("https://github.com/x/y.git", "Dockerfile")


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("docker-bake.hcl", 'target "a" {\n  tags = [\n}\n', (3, 1)),
        ("docker-bake.json", '{"target": {"a": {"tags": [}}}', (1, 28)),
        ("docker-bake.json", '{"target": {"a": []}}', None),
        ("docker-bake.json", '{"target": {"a": {"tags": ["${x"]}}}', (1, 28)),
    ],
)
def test_a_broken_file_is_a_diagnostic_with_its_place(tmp_path, name, text, place):
    (reading,) = readings(tmp_path, {name: text})
    if place is None:  # no block at all: nothing is built
        assert reading.resources.builds == ()
        return
    assert reading.resources is None
    (found,) = reading.diagnostics
    assert (found.line, found.column) == place
    assert reading.coverage[0].status is Status.FAILED


def test_the_ledger_of_a_scan_lists_bake_files(tmp_path):
    write_tree(
        tmp_path,
        {"docker-bake.hcl": 'target "a" {}\n', "x/release.bake.hcl": "target {\n", "Dockerfile": "FROM a\n"},
    )
    report = scan_tree(tmp_path)
    lines = {line.path: (line.kind, line.status) for line in report.coverage}
    assert lines["docker-bake.hcl"] == ("bake", Status.EVALUATED)
    assert lines["x/release.bake.hcl"] == ("bake", Status.FAILED)
    assert report.is_incomplete()


@pytest.mark.parametrize(
    "text",
    [
        "".join(f'target "t{i}" {{\n  inherits = ["t{i + 1}", "t{i + 1}"]\n}}\n' for i in range(200)),
        'target "a" {\n  inherits = ["b"]\n}\ntarget "b" {\n  inherits = ["a"]\n  args = { X = target.b.args.X }\n}\n',
        'target "a" {\n  name = "n"\n  matrix = { '
        + ", ".join(f"{name} = [1, 2, 3, 4, 5, 6, 7, 8, 9]" for name in "abcdefg")
        + " }\n}\n",
        'A = "${B}"\nB = "${A}"\ntarget "a" {\n  tags = [A]\n}\n',
        'A0 = "xxxxxxxxxxxxxxxx"\n' + "".join(f'A{i} = "${{A{i - 1}}}${{A{i - 1}}}"\n' for i in range(1, 50)) + 'target "a" {\n  tags = [A49]\n}\n',
        "A0 = [1, 2]\nB0 = [1, 2]\n"
        + "".join(f"A{i} = [A{i - 1}, A{i - 1}]\nB{i} = [B{i - 1}, B{i - 1}]\n" for i in range(1, 50))
        + 'target "a" {\n  tags = A49 == B49 ? ["x"] : flatten(A49)\n}\n',
        "A0 = 99999999999\n" + "".join(f"A{i} = A{i - 1} * A{i - 1}\n" for i in range(1, 50)) + 'target "a" {\n  tags = ["a:${A49}"]\n}\n',
        'function "f" {\n  params = [n]\n  result = "${f(n)}${f(n)}"\n}\ntarget "a" {\n  tags = [f(1)]\n}\n',
        "A0 = [1, 2, 3, 4, 5, 6, 7, 8]\n"
        + "".join(f"A{i} = [for a in A0 : A{i - 1}]\n" for i in range(1, 30))
        + 'target "a" {\n  tags = [for a in A0 : [for b in A0 : [for c in A0 : [for d in A0 : [for e in A0 : [for f in A0 : a]]]]]]\n}\n',
    ],
)  # fmt: skip
def test_hostile_definitions_end(tmp_path, text):
    (reading,) = readings(tmp_path, {"docker-bake.hcl": text})
    assert reading.resources is not None


_LINES = st.sampled_from([
    'variable "A" { default = B }', 'variable "B" {}', 'A = ["x", null]', "C = {a = 1, b = [A]}",
    'target "t" {\n inherits = ["u", A]\n tags = A\n}', 'target "u" {\n args = C\n contexts = C\n tags = ["${C}", A]\n}',
    'target "t" {\n name = A\n matrix = C\n dockerfile = 5\n}', 'target "v" {\n context = null\n target = upper(C)\n}',
    'group "default" { targets = [A, "t"] }', 'function "f" {\n params = [a, 5]\n result = a\n}', 'target "w" {\n tags = [f(A), target.t.tags]\n}',
    'target "x" {\n tags = format("%s-%d", A, "q")\n args = { "${A}" = 1, (B) = 2 }\n}', 'C = C.a[0].b["c"]', 'B = slice([1], 2, "z") && !A',
])  # fmt: skip


@given(st.lists(_LINES, max_size=8))
def test_any_well_formed_definition_is_read(tmp_path_factory, lines):
    (reading,) = readings(tmp_path_factory.mktemp("bake"), {"docker-bake.hcl": "\n".join([*lines, ""])})
    assert reading.resources is not None
