"""Laws of the graph: any mix of files is linked, judged, drawn and explained, and twice the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.cli.explanations import Telling
from scanner.drawing.drawing import draw
from scanner.drawing.texts import as_json
from scanner.engine.explaining import Explainer
from scanner.pipeline import Settings, catalog_of, scan, whole_graph
from scanner.policy.catalog import Selection
from scanner.reporting.base import RenderOptions, load_reporter
from scanner.secrets.concealing import Concealing
from tests.support import ROOT, write_tree

SCHEMA = json.loads((ROOT / "scanner/drawing/graph.schema.json").read_text(encoding="utf-8"))

NAMES = ["web", "db", "img", "default", "Web", "a.b", ""]
ODD = [
    "null", "~", "true", "1", "-1", "99999999999999999999", "1e999", ".nan", "[]", "{}", "[a]", "{a: b}", "[[]]",
    "[null]", "{1: 2, true: x, null: ~}", "'${X}'", "'${X:-80}'", "'{{ .x }}'", "*a", "&b c", "!x y", "2020-01-01",
    "'a:b:c@sha256:d'", "'0x1F'", "010", "'*'", "' '", "\"\\0\"", "\"\\u202e\"", "'service:web'", "'web:80'", "80",
    "'80-90:80-90'", "{<<: *a}", "default-token",
]  # fmt: skip
names = st.sampled_from(NAMES)
values = st.one_of(names, names, names, st.sampled_from(ODD))


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """A document of a cluster whose references are mostly names of others, and at times nonsense."""
    v = [draw(values) for _ in range(6)]
    kind, text = draw(
        st.sampled_from(
            [
                (
                    "Deployment",
                    (
                        "selector: {{matchLabels: {{app: {0}}}, matchExpressions: {5}}}\n"
                        "  template:\n    metadata: {{labels: {{app: {1}}}}}\n"
                        "    spec: {{serviceAccountName: {2}, hostNetwork: {5}, volumes: [{{name: v, secret: {{secretName: {3}}}}}],"
                        " containers: [{{name: {0}, image: {4}, ports: [{{containerPort: {5}, name: {2}}}],"
                        " env: [{{name: {1}, valueFrom: {{configMapKeyRef: {{name: {3}, key: {4}}}}}}}],"
                        " livenessProbe: {{httpGet: {{port: {5}}}}}, securityContext: {5}}}]}}"
                    ),
                ),
                (
                    "StatefulSet",
                    "serviceName: {0}\n  selector: {1}\n  template: {{metadata: {2}, spec: {{containers: {3}}}}}",
                ),
                (
                    "Service",
                    "type: {0}\n  selector: {{app: {1}}}\n  ports: [{{port: {2}, targetPort: {3}, name: {4}}}, {5}]",
                ),
                (
                    "Ingress",
                    "rules: [{{host: {0}, http: {{paths: [{{path: {1}, backend: {{service: {{name: {2}, port: {{name: {3}}}}}}}}}, {4}]}}}}]",
                ),
                (
                    "HTTPRoute",
                    "parentRefs: [{{name: {0}, kind: {1}}}, {2}]\n  rules: [{{backendRefs: [{{name: {3}, port: {4}}}, {5}]}}]",
                ),
                ("Gateway", "listeners: [{{port: {0}, protocol: {1}}}, {2}]"),
                (
                    "NetworkPolicy",
                    "podSelector: {{matchLabels: {{app: {0}}}}}\n  ingress: [{{from: [{{podSelector: {1}}}, {{namespaceSelector: {2}}}, {3}]}}, {4}]",
                ),
                (
                    "HorizontalPodAutoscaler",
                    "scaleTargetRef: {{kind: {0}, name: {1}}}\n  minReplicas: {2}\n  maxReplicas: {3}",
                ),
                (
                    "PodDisruptionBudget",
                    "minAvailable: {0}\n  selector: {{matchLabels: {{app: {1}}}, matchExpressions: [{{key: {2}, operator: {3}, values: {4}}}]}}",
                ),
            ]
        )
    )
    groups = {
        "Deployment": "apps/v1",
        "StatefulSet": "apps/v1",
        "Service": "v1",
        "PodDisruptionBudget": "policy/v1",
    }
    group = groups.get(kind, "autoscaling/v2" if kind.startswith("Hor") else "networking.k8s.io/v1")
    head = (
        f"apiVersion: {group}\nkind: {kind}\nmetadata: {{name: {draw(values)}, namespace: {draw(values)}}}\n"
    )
    return head + f"spec:\n  {text.format(*v)}\n"


@st.composite
def rights(draw: st.DrawFn) -> str:
    """A document of access or configuration."""
    a, b, c, d = (draw(values) for _ in range(4))
    head = f"metadata: {{name: {a}, namespace: {b}, labels: {{app: {c}}}}}\n"
    group = "apiVersion: rbac.authorization.k8s.io/v1\n"
    binding = draw(st.sampled_from(["RoleBinding", "ClusterRoleBinding"]))
    return draw(
        st.sampled_from(
            [
                (
                    f"{group}kind: {binding}\n{head}roleRef: {{kind: ClusterRole, name: {c}}}\n"
                    f"subjects: [{{kind: ServiceAccount, name: {d}, namespace: {b}}}, {c}]\n"
                ),
                f"{group}kind: ClusterRole\n{head}rules: [{{apiGroups: ['*'], resources: [{c}], verbs: {d}}}, {c}]\n",
                f"{group}kind: ClusterRole\n{head}aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{app: {d}}}}}, {c}]}}\n",
                f"apiVersion: v1\nkind: ServiceAccount\n{head}automountServiceAccountToken: {d}\n",
                f"apiVersion: v1\nkind: Secret\n{head}data: {c}\nstringData: {{a: {d}}}\n",
                f"apiVersion: v1\nkind: ConfigMap\n{head}data: {{a: {d}}}\nbinaryData: {c}\n",
                f"apiVersion: v1\nkind: Namespace\n{head}",
                f"apiVersion: v1\nkind: ResourceQuota\n{head}spec: {{hard: {c}}}\n",
            ]
        )
    )


@st.composite
def services(draw: st.DrawFn) -> str:
    """A service of a Compose project."""
    keys = draw(
        st.lists(
            st.sampled_from(
                [
                    "image: {}", "build: {}", "build: {{context: ., dockerfile: {}, target: {}}}", "ports: [{}]",
                    "build: {{context: ., args: {{A: {}}}, additional_contexts: {{img: {}}}}}", "networks: [{}, {}]",
                    "build: {{context: ., additional_contexts: {{web: 'service:web', db: 'service:db'}}}}",
                    "depends_on: [{}]", "network_mode: {}", "network_mode: 'service:db'", "network_mode: 'service:web'",
                    "secrets: [{}]", "configs: [{}]", "volumes: ['{}:/x']", "pid: {}", "ipc: 'service:web'", "user: {}",
                    "env_file: {}", "environment: {}", "extends: {{service: {}}}", "volumes_from: [{}]", "expose: [{}]",
                ]
            ),
            max_size=5, unique_by=lambda key: key.split(":")[0],
        )
    )  # fmt: skip
    filled = [key.format(*(draw(values) for _ in range(key.count("{}")))) for key in keys]
    return "".join(f"    {line}\n" for line in filled)


_PLAIN = "    image: x\n"


@st.composite
def projects(draw: st.DrawFn) -> str:
    """A Compose file."""
    found = sorted(draw(st.sets(names, min_size=1)))
    parts = [f"  {name}:\n" + (draw(services()) or _PLAIN) for name in found]
    ends = [
        "",
        "networks: {web: }\n",
        f"networks: {draw(values)}\n",
        f"secrets: {{web: {{file: {draw(values)}}}}}\n",
    ]
    return "services:\n" + "".join(parts) + draw(st.sampled_from(ends))


dockerfiles = st.lists(
    st.sampled_from(
        [
            "FROM img AS web", "FROM web AS img", "FROM db", "FROM $A", "FROM scratch AS db", "USER $A", "USER 0",
            "ARG A=web", "ARG A", "EXPOSE 80", "EXPOSE $A", "COPY --from=web / /", "COPY --from=9 / /", "ONBUILD USER 1",
            "FROM", "HEALTHCHECK NONE", "ENV A=$A", "FROM --platform=$X img AS img",
        ]
    ),
    max_size=7,
).map("\n".join)  # fmt: skip

bakes = st.builds(
    lambda a, b, c, d: (
        f'variable "A" {{ default = "{a}" }}\ntarget "web" {{\n context = "{b}"\n inherits = ["{c}"]\n target = "{d}"\n'
        f' contexts = {{ img = "target:{c}" }}\n args = {{ A = A }}\n tags = ["img:${{A}}", "{a}"]\n}}\n'
        f'target "db" {{ inherits = ["web"] contexts = {{ web = "target:web" }} }}\n'
    ),
    *[st.sampled_from([*NAMES, ".", "..", "$", "${A}"])] * 4,
)
skaffolds = st.builds(
    lambda a, b, c: (
        f"apiVersion: skaffold/v4beta6\nkind: Config\nbuild: {{artifacts: [{{image: {a}, context: {b}, requires: [{{image: {c}}}],"
        f" docker: {{target: {c}, buildArgs: {{A: {b}}}}}}}, {c}]}}\nprofiles: [{{name: {a}}}, {b}]\n"
    ),
    values, values, values,
)  # fmt: skip
kustomizations = st.builds(
    lambda a, b: f"resources: [../k8s/a.yaml, {a}]\nnamePrefix: {b}\nnamespace: {a}\nimages: [{{name: {b}, newTag: {a}}}]\n",
    values, values,
)  # fmt: skip

trees = st.fixed_dictionaries(
    {},
    optional={
        "k8s/a.yaml": st.lists(st.one_of(manifests(), rights()), min_size=1, max_size=6).map("---\n".join),
        "b.yaml": st.lists(st.one_of(manifests(), rights()), min_size=1, max_size=4).map("---\n".join),
        "compose.yaml": projects(),
        "compose.override.yaml": projects(),
        "Dockerfile": dockerfiles,
        "web/Dockerfile": dockerfiles,
        "docker-bake.hcl": bakes,
        "skaffold.yaml": skaffolds,
        "base/kustomization.yaml": kustomizations,
        "prod/kustomization.yaml": st.just("resources: [../base]\nnameSuffix: -p\n"),
    },
)


CATALOG = catalog_of(Settings())


def scanned(root: Path) -> str:
    """The report on a folder, which must tell of no bug."""
    report = scan(Settings(paths=(root,), selection=Selection(profile="all")), CATALOG)
    assert [one for one in report.diagnostics if "internal error" in one.message] == []
    return load_reporter("json").render(report, RenderOptions())


@settings(max_examples=40, deadline=None)
@given(trees)
def test_any_mix_of_files_is_scanned_and_drawn_twice_the_same(files: Mapping[str, str]) -> None:
    with TemporaryDirectory() as folder:
        root = write_tree(Path(folder), files)
        assert scanned(root) == scanned(root)
        graph = whole_graph(Settings(paths=(root,)))
        drawing = as_json(draw(graph, Concealing(graph)))
        assert as_json(draw(whole_graph(Settings(paths=(root,))), Concealing(graph))) == drawing
        check(json.loads(drawing))


def check(data: dict[str, object]) -> None:
    """Hold a drawing against its schema, and its relations against its resources."""
    jsonschema.validate(data, SCHEMA)
    resources, relations = data["resources"], data["relations"]
    assert isinstance(resources, list)
    assert isinstance(relations, list)
    ids = [one["id"] for one in resources]
    assert len(set(ids)) == len(ids)
    ends = {one[end] for one in relations for end in ("source", "target")}
    assert ends | {one["part_of"] for one in resources if one["part_of"]} <= set(ids)


@settings(max_examples=40, deadline=None)
@given(trees, st.sets(st.sampled_from(sorted(CATALOG.rules)), min_size=20, max_size=40))
def test_every_rule_can_be_explained_for_every_resource(files: Mapping[str, str], rules: set[str]) -> None:
    with TemporaryDirectory() as folder:
        graph = whole_graph(Settings(paths=(write_tree(Path(folder), files),)))
        telling = Telling(Concealing(graph))
        for rule in sorted(rules):
            explainer = Explainer(CATALOG.rules[rule], graph, {})
            found = [*explainer.findings(), *explainer.others()]
            assert all(one.trace.verdict is True for one in found if one.fact is not None)
            json.loads(telling.data(found))
            for one in found:
                assert telling.one_line(one)
                assert telling.text(one)
