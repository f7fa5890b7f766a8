"""A chart as a resource: what it says of itself, and which of its templates are reached."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable

from scanner.formats.helm.reader import read_chart
from scanner.formats.helm.settings import HelmSettings
from scanner.model.charts import Chart, ChartDependency
from scanner.model.source import Location, Span

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
NAME_IT = "; name what the cluster serves under helm.api-versions"
Tree = Callable[..., object]


def chart_of(tree: Tree, files: dict[str, str | bytes], engine: str = "none") -> Chart:
    whole = {"web/Chart.yaml": CHART, **{f"web/{path}": content for path, content in files.items()}}
    settings = HelmSettings(engine=engine)  # type: ignore[arg-type]
    *_, last = read_chart("web", tree(whole), settings)  # type: ignore[arg-type]
    last = last if last.late is None else last.late()
    assert last.resources is not None
    (chart,) = last.resources.charts
    return chart


def versions(dependency: ChartDependency) -> tuple[str | None, ...]:
    facts = (dependency.version, dependency.locked_version, dependency.vendored_version)
    return tuple(None if fact is None else str(fact.value) for fact in facts)


def packed(name: str, version: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        content = f"apiVersion: v2\nname: {name}\nversion: {version}\n".encode()
        member = tarfile.TarInfo(f"{name}/Chart.yaml")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_a_chart_tells_what_it_says_of_itself_at_its_place(tree: Tree) -> None:
    text = f"{CHART}appVersion: '1.27'\nkubeVersion: '>=1.25'\ntype: application\ndeprecated: true\n"
    chart = chart_of(tree, {"Chart.yaml": text})
    assert (chart.ref.kind, chart.ref.name, chart.name.value) == ("Chart", "web", "web")
    facts = (chart.version, chart.app_version, chart.kube_version, chart.type)
    assert [fact.value for fact in facts if fact is not None] == ["0.1.0", "1.27", ">=1.25", "application"]
    assert chart.deprecated is not None
    assert chart.deprecated.value is True
    assert chart.deprecated.location == Location("web/Chart.yaml", Span(7, 1, 7, 17))
    assert not chart.has_lock


def test_a_dependency_knows_its_range_its_lock_and_its_copy(tree: Tree) -> None:
    declared = (
        "dependencies:\n"
        "  - {name: db, version: ^1.0.0, repository: 'https://charts.example.com', condition: db.enabled}\n"
        "  - {name: cache, version: ~2.1, repository: 'oci://example.com/charts', alias: sessions}\n"
    )
    files: dict[str, str | bytes] = {
        "Chart.yaml": CHART + declared,
        "Chart.lock": "dependencies:\n  - {name: db, version: 1.4.0}\n  - {name: cache, version: 2.1.3}\n",
        "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.3.0\n",
        "charts/cache-2.1.3.tgz": packed("cache", "2.1.3"),
    }
    chart = chart_of(tree, files)
    assert chart.has_lock
    assert [versions(one) for one in chart.dependencies] == [
        ("^1.0.0", "1.4.0", "1.3.0"),
        ("~2.1", "2.1.3", "2.1.3"),
    ]
    db, cache = chart.dependencies
    assert db.locked_version is not None
    assert db.locked_version.location.path == "web/Chart.lock"
    assert db.vendored_version is not None
    assert db.vendored_version.location == Location("web/charts/db/Chart.yaml", Span(3, 1, 3, 15))
    assert cache.vendored_version is not None
    assert cache.vendored_version.location.path == "web/charts/cache-2.1.3.tgz"
    assert cache.alias is not None
    assert (cache.alias.value, cache.is_local) == ("sessions", False)


def test_a_dependency_of_the_same_repository_is_local(tree: Tree) -> None:
    declared = (
        "dependencies:\n  - {name: base, version: 0.1.0, repository: 'file://../base'}\n"
        "  - {name: db, version: 1.0.0}\n"
    )
    files: dict[str, str | bytes] = {
        "Chart.yaml": CHART + declared,
        "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
    }
    assert [one.is_local for one in chart_of(tree, files).dependencies] == [True, True]


def test_requirements_of_an_old_chart_are_read_with_their_lock(tree: Tree) -> None:
    chart = chart_of(
        tree,
        {
            "requirements.yaml": "dependencies:\n- {name: db, version: 1.x}\n",
            "requirements.lock": "dependencies:\n- {name: db, version: 1.7.0}\n",
        },
    )
    (db,) = chart.dependencies
    assert versions(db) == ("1.x", "1.7.0", None)
    assert db.name.location.path == "web/requirements.yaml"


def test_a_broken_lock_file_is_as_if_it_were_not_there(tree: Tree) -> None:
    declared = "dependencies:\n  - {name: db, version: ^1.0.0}\n"
    chart = chart_of(tree, {"Chart.yaml": CHART + declared, "Chart.lock": "a: [\n"})
    assert [versions(one) for one in chart.dependencies] == [("^1.0.0", None, None)]


def test_a_library_chart_has_dependencies_too(tree: Tree) -> None:
    text = CHART + "type: library\ndependencies:\n  - {name: db, version: ^1.0.0}\n"
    chart = chart_of(tree, {"Chart.yaml": text})
    assert [one.name.value for one in chart.dependencies] == ["db"]


def test_templates_that_no_set_of_values_reaches_say_what_stands_in_the_way(
    tree: Tree, engine: object
) -> None:
    files: dict[str, str | bytes] = {
        "values.yaml": "open: false\nitems: []\n",
        "ci/on-values.yaml": "later: true\n",
        "templates/always.yaml": CONFIG,
        "templates/later.yaml": f"{{{{ if .Values.later }}}}\n{CONFIG}{{{{ end }}}}\n",
        "templates/off.yaml": f"{{{{/* why */}}}}\n{{{{- $a := 1 }}}}\n{{{{- if .Values.open }}}}\n{CONFIG}{{{{- end }}}}\n",
        "templates/loop.yaml": f"{{{{- range .Values.items }}}}\n---\n{CONFIG}{{{{- end }}}}\n",
        "templates/two.yaml": (
            f"{{{{ if .Values.open }}}}\n{CONFIG}{{{{ end }}}}\n---\n{{{{ if .Values.no }}}}\n{CONFIG}{{{{ end }}}}\n"
        ),
        "templates/crd.yaml": (
            f'{{{{ if .Capabilities.APIVersions.Has "example.com/v1" }}}}\n{CONFIG}{{{{ end }}}}\n'
        ),
        "templates/_a.tpl": '{{ define "a" }}a{{ end }}',
        "templates/helpers.yaml": '{{ define "b" }}b{{ end }}',
        "templates/NOTES.txt": "hello",
        "templates/tests/a.yaml": f"{{{{ if .Values.open }}}}\n{CONFIG}{{{{ end }}}}\n",
    }
    chart = chart_of(tree, files, "auto")
    assert chart.is_rendered
    found = {one.name.value.removeprefix("templates/"): (one.reached, one.reason) for one in chart.templates}
    assert found == {
        "always.yaml": (True, ""),
        "later.yaml": (True, ""),
        "off.yaml": (False, "'if .Values.open' never holds"),
        "loop.yaml": (False, "'range .Values.items' never holds"),
        "two.yaml": (False, "nothing in it is written"),
        "crd.yaml": (
            False,
            "'if .Capabilities.APIVersions.Has \"example.com/v1\"' never holds" + NAME_IT,
        ),
    }
    assert chart.templates[0].name.location == Location("web/templates/always.yaml", Span(1, 1, 1, 15))


def test_of_a_template_that_failed_nobody_says_that_it_is_never_reached(tree: Tree, engine: object) -> None:
    files: dict[str, str | bytes] = {
        "templates/a.yaml": CONFIG,
        "templates/b.yaml": f'{{{{ required "set it" .Values.b }}}}\n{CONFIG}',
    }
    assert [one.name.value for one in chart_of(tree, files, "auto").templates] == ["templates/a.yaml"]
    # Nor when a set does not render at all that might have reached it.
    broken: dict[str, str | bytes] = {
        "templates/a.yaml": CONFIG,
        "templates/b.yaml": f"{{{{ if .Values.open }}}}\n{CONFIG}{{{{ end }}}}",
        "templates/_c.tpl": '{{ define "c" }}{{ if .Values.open }}{{ fail "no" }}{{ end }}{{ end }}',
        "templates/d.yaml": f'{{{{ include "c" . }}}}\n{CONFIG}',
        "values-prod.yaml": "open: true\n",
        "values.schema.json": '{"type": "object", "properties": {"open": {"type": "string"}}}',
    }
    assert [one.reached for one in chart_of(tree, broken, "auto").templates] == [True, True]


def test_a_chart_that_was_not_rendered_says_nothing_of_its_templates(tree: Tree) -> None:
    chart = chart_of(tree, {"templates/a.yaml": CONFIG})
    assert (chart.is_rendered, chart.templates) == (False, ())
