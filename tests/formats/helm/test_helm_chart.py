"""Charts described and gathered: dependencies, archives, aliases, what is left out."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable

import pytest

from scanner.errors import FormatError, InputError, ParseError
from scanner.formats.helm.archives import unpack
from scanner.formats.helm.bundle import Bundle, load_bundle
from scanner.formats.helm.chart import describe_chart, keep_dependencies, own_files
from scanner.formats.helm.ignore import ignore_rules
from scanner.model.source import Span

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"


def packed(files: dict[str, str], top: str = "cache") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.fixture
def load(tree: Callable[..., object]) -> Callable[..., Bundle]:
    def load(files: dict[str, str | bytes], unlisted: frozenset[str] = frozenset()) -> Bundle:
        return load_bundle("web", tree({"web/Chart.yaml": CHART, **files}, unlisted))  # type: ignore[arg-type]

    return load


def test_dependencies_know_where_they_are_declared() -> None:
    text = (
        CHART
        + "type: library\ndependencies:\n  - name: a\n    alias: b\n    condition: b.on\n    version: 1.x\n"
    )
    chart = describe_chart(text, "Chart.yaml")
    assert chart.is_library
    assert [(found.label, found.condition, found.span) for found in chart.dependencies] == [
        ("b", "b.on", Span(6, 5, 6, 12))
    ]


@pytest.mark.parametrize("text", ["- a\n", "name: web\n", "apiVersion: v2\n", ""])
def test_a_description_without_its_keys_is_an_error_with_a_place(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        describe_chart(text, "web/Chart.yaml")
    assert (caught.value.path, caught.value.line) == ("web/Chart.yaml", 1)


def test_a_broken_description_is_a_syntax_error() -> None:
    with pytest.raises(ParseError):
        describe_chart("apiVersion: [v2\n", "Chart.yaml")


def test_a_chart_owns_its_own_files_and_not_the_dockerfile_beside_it() -> None:
    listing = ["Chart.yaml", "Dockerfile", "README.md", "ci/a-values.yaml", "deploy.yaml", "templates/a.yaml"]
    assert own_files("", [*listing, "values-prod.yaml", "values.schema.json"]) == (
        "Chart.yaml",
        "ci/a-values.yaml",
        "templates/a.yaml",
        "values-prod.yaml",
        "values.schema.json",
    )


def test_templates_are_known_by_the_names_that_the_engine_uses(load: Callable[..., Bundle]) -> None:
    dependency = "dependencies:\n- {name: cache, version: 0.1.0, alias: one}\n- {name: cache, version: 0.1.0, alias: two}\n"
    bundle = load(
        {
            "web/Chart.yaml": CHART + dependency,
            "web/templates/a.yaml": "a: 1",
            "web/charts/folder/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 0.1.0\n",
            "web/charts/folder/templates/b.yaml": "b: 1",
        }
    )
    assert bundle.templates["web/templates/a.yaml"] == "templates/a.yaml"
    for label in ("one", "two", "cache"):
        assert bundle.templates[f"web/charts/{label}/templates/b.yaml"] == "charts/folder/templates/b.yaml"
    assert bundle.gaps == []


def test_a_packed_dependency_is_unpacked(load: Callable[..., Bundle]) -> None:
    archive = packed(
        {"Chart.yaml": "apiVersion: v2\nname: cache\nversion: 0.1.0\n", "templates/b.yaml": "b: 1"}
    )
    declared = CHART + "dependencies:\n- name: cache\n  version: 0.1.0\n"
    bundle = load({"web/Chart.yaml": declared, "web/charts/cache-0.1.0.tgz": archive})
    assert bundle.templates == {"web/charts/cache/templates/b.yaml": "charts/cache-0.1.0/templates/b.yaml"}
    assert bundle.packed_by["charts/cache-0.1.0/"].span.line == 5
    assert bundle.gaps == []


def test_a_packed_dependency_that_git_ignores_is_found_by_its_locked_version(
    load: Callable[..., Bundle],
) -> None:
    archive = packed({"Chart.yaml": "apiVersion: v2\nname: cache\nversion: 0.1.7\n"})
    path = "web/charts/cache-0.1.7.tgz"
    files = {
        "web/Chart.yaml": CHART + "dependencies:\n- name: cache\n  version: 0.1.x\n",
        "web/Chart.lock": "dependencies:\n- name: cache\n  version: 0.1.7\n",
        path: archive,
    }
    bundle = load(files, frozenset((path,)))
    assert bundle.gaps == []
    assert "charts/cache-0.1.7/Chart.yaml" in bundle.files


def test_an_absent_dependency_is_a_gap_unless_the_values_switch_it_off(load: Callable[..., Bundle]) -> None:
    declared = CHART + "dependencies:\n- name: cache\n  version: 0.1.0\n  condition: cache.enabled\n"
    on = load({"web/Chart.yaml": declared})
    assert [(gap.line, gap.column, gap.severity) for gap in on.gaps] == [(5, 3, "warning")]
    assert "helm dependency build web" in on.gaps[0].message
    assert load({"web/Chart.yaml": declared, "web/values.yaml": "cache: {enabled: false}\n"}).gaps == []


def test_a_dependency_by_path_is_taken_from_the_tree(load: Callable[..., Bundle]) -> None:
    bundle = load(
        {
            "web/Chart.yaml": CHART
            + "dependencies:\n- {name: lib, version: 1.0.0, repository: file://../lib}\n",
            "lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 1.0.0\n",
            "lib/templates/_x.tpl": "",
        }
    )
    assert bundle.origins["charts/lib/templates/_x.tpl"].path == "lib/templates/_x.tpl"


def test_a_chart_that_depends_on_itself_is_gathered_once(load: Callable[..., Bundle]) -> None:
    bundle = load({"web/Chart.yaml": CHART + "dependencies:\n- {name: web, repository: file://.}\n"})
    assert [gap.severity for gap in bundle.gaps] == ["warning"]


def test_a_dependency_outside_of_the_root_is_not_followed(load: Callable[..., Bundle]) -> None:
    text = (
        CHART
        + "dependencies:\n- {name: etc, repository: file://../../etc}\n- {name: abs, repository: file:///etc}\n"
    )
    assert len(load({"web/Chart.yaml": text}).gaps) == 2


@pytest.mark.parametrize(
    ("schema", "kept"),
    [
        ('{"$ref": "#/definitions/a"}', True),
        ('{"$schema": "http://json-schema.org/draft-07/schema#"}', True),
        ('{"properties": {"a": {"$ref": "https://example.org/a.json"}}}', False),
        ('{"allOf": [{"$ref": "file:///etc/passwd"}]}', False),
        ('{"$schema": "https://example.org/meta.json"}', False),
    ],
)
def test_a_schema_that_points_elsewhere_is_left_out(
    load: Callable[..., Bundle], schema: str, kept: bool
) -> None:
    bundle = load({"web/values.schema.json": schema})
    assert ("values.schema.json" in bundle.files) is kept
    assert len(bundle.gaps) == (0 if kept else 1)


def test_other_files_are_taken_along_only_for_charts_that_read_them(load: Callable[..., Bundle]) -> None:
    files: dict[str, str | bytes] = {"web/files/a.txt": "x", "web/logo.png": b"\0"}
    assert "files/a.txt" not in load({**files, "web/templates/a.yaml": "a: 1"}).files
    bundle = load({**files, "web/templates/a.yaml": '{{ .Files.Get "files/a.txt" }}'})
    assert bundle.files["files/a.txt"] == "x"
    assert bundle.gaps == []


def test_values_that_are_no_mapping_are_an_error_with_a_place(load: Callable[..., Bundle]) -> None:
    with pytest.raises(FormatError) as caught:
        load({"web/values.yaml": "\n- a\n"})
    assert (caught.value.path, caught.value.line) == ("web/values.yaml", 2)


def test_an_archive_yields_no_path_that_leads_out() -> None:
    assert unpack(packed({"a": "1", "../b": "2", "/etc/c": "3", "d/../../e": "4"}), "x.tgz") == {"a": b"1"}


@pytest.mark.parametrize(
    "content", [b"", b"no archive", packed({"a": "1"})[:-20]], ids=["empty", "text", "cut off"]
)
def test_what_is_no_archive_is_an_error(content: bytes) -> None:
    with pytest.raises(InputError):
        unpack(content, "x.tgz")


def test_an_archive_that_grows_is_refused() -> None:
    with pytest.raises(InputError, match="MiB"):
        unpack(packed({"a": "0" * (30 << 20)}), "x.tgz")


@pytest.mark.parametrize(
    ("rules", "path", "ignored"),
    [
        ("*.md", "README.md", True),
        ("*.md", "docs/a.md", True),
        ("/docs", "docs/a.txt", True),
        ("/a.txt", "b/a.txt", False),
        ("docs/", "docs", False),
        ("templates/*.yaml\n!templates/a.yaml", "templates/a.yaml", False),
        ("templates/*.yaml\n!templates/a.yaml", "templates/b.yaml", True),
        ("# a comment\n\n*.[^a]", "x.b", True),
        ("", "templates/.hidden.yaml", True),
    ],
)
def test_helmignore_decides_as_helm_does(rules: str, path: str, ignored: bool) -> None:
    assert ignore_rules(rules)(path) is ignored


class TextOnly:
    """A tree whose files have text and no bytes."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def text(self, path: str) -> str:
        return self.files[path]

    def exists(self, path: str) -> bool:
        return path in self.files

    def listing(self, folder: str) -> tuple[str, ...]:
        return tuple(sorted(self.files))


def test_archives_that_cannot_be_read_are_a_gap() -> None:
    bundle = load_bundle("", TextOnly({"Chart.yaml": CHART, "charts/a-1.tgz": ""}))
    assert [gap.path for gap in bundle.gaps] == ["charts/a-1.tgz"]


def test_a_chart_at_the_root_with_old_requirements_is_gathered() -> None:
    old = "dependencies:\n- name: a\n  version: 1.0.0\n"
    bundle = load_bundle(
        "", TextOnly({"Chart.yaml": CHART, "requirements.yaml": old, "templates/a.yaml": ""})
    )
    assert [(gap.path, gap.line) for gap in bundle.gaps] == [("requirements.yaml", 2)]
    assert bundle.templates == {"web/templates/a.yaml": "templates/a.yaml"}


def test_packed_charts_in_packed_charts_are_unpacked(load: Callable[..., Bundle]) -> None:
    inner = packed(
        {"Chart.yaml": "apiVersion: v2\nname: deep\nversion: 1.0.0\n", "templates/c.yaml": "c: 1"}, "deep"
    )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        chart = (
            b"apiVersion: v2\nname: cache\nversion: 0.1.0\ndependencies:\n- {name: deep, version: 1.0.0}\n"
        )
        for name, data in (
            ("cache/Chart.yaml", chart),
            ("cache/charts/deep-1.0.0.tgz", inner),
            ("cache/x.bin", b"\xff"),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    declared = CHART + "dependencies:\n- name: cache\n  version: 0.1.0\n"
    bundle = load({"web/Chart.yaml": declared, "web/charts/cache-0.1.0.tgz": buffer.getvalue()})
    path = "charts/cache-0.1.0/charts/deep-1.0.0/templates/c.yaml"
    assert bundle.templates == {"web/charts/cache/charts/deep/templates/c.yaml": path}
    assert bundle.origins[path] == ("web/charts/cache-0.1.0.tgz", True)
    assert bundle.packed_by["charts/cache-0.1.0/charts/deep-1.0.0/"].name == "cache"


def test_a_schema_that_is_no_json_is_left_to_the_engine(load: Callable[..., Bundle]) -> None:
    assert load({"web/values.schema.json": "{"}).gaps == []


def test_dependencies_are_dropped_and_the_lines_around_them_stay() -> None:
    text = CHART + "dependencies:\n- name: a\n  version: 1\n\n- name: b\n# end\ntype: application\n"
    kept = keep_dependencies(text, "Chart.yaml", {"b"})
    assert kept == CHART + "dependencies:\n\n\n\n- name: b\n# end\ntype: application\n"
    assert describe_chart(keep_dependencies(text, "Chart.yaml", ()), "Chart.yaml").dependencies == ()
    flow = CHART + "dependencies: [{name: a}]\n"
    assert keep_dependencies(flow, "Chart.yaml", ()) == flow
