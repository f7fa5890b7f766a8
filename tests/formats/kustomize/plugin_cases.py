"""Small kustomizations with field tables of their own, and with generators and transformers that
are written as objects; what Kustomize 5.6 makes of them stands in `expected/`."""

from __future__ import annotations

from textwrap import indent

from tests.formats.kustomize.cases import ROLLOUT, over

DATABASE = """\
apiVersion: example.org/v1
kind: Database
metadata: {name: db}
spec:
  credentials: {secretName: token, file: $(FILE)}
  config: settings
  deployment: web
  engine: {image: nginx:1.27}
  copies: 1
  labels: {}
  owner: team
"""


def custom(text: str, **files: str) -> dict[str, str]:
    """An overlay of the base and of an object of an unheard-of kind."""
    return over(text, db__yaml=DATABASE, **files) | {
        "over/kustomization.yaml": f"resources: [../base, db.yaml]\n{text}"
    }


def inline(field: str, *objects: str) -> str:
    """Objects as texts in a field of the kustomization."""
    return f"{field}:\n" + "".join(f"  - |\n{indent(one, '    ')}" for one in objects)


def builtin(kind: str, body: str) -> str:
    return f"apiVersion: builtin\nkind: {kind}\nmetadata: {{name: x}}\n{body}"


def transformed(kind: str, body: str) -> dict[str, str]:
    """An overlay with one transformer in a file."""
    return custom("transformers: [t.yaml]\n", t__yaml=builtin(kind, body))


NAMES = """\
nameReference:
  - kind: Secret
    version: v1
    fieldSpecs: [{kind: Database, path: spec/credentials/secretName}]
  - kind: ConfigMap
    version: v1
    fieldSpecs: [{path: spec/config, group: example.org}]
  - kind: Deployment
    fieldSpecs: [{kind: Database, path: spec/deployment}]
"""
FLEET = """\
apiVersion: example.org/v1
kind: Fleet
metadata: {name: f}
spec:
  ships: [{name: one, crew: 1}, {name: two, crew: 2, boats: [{size: 1, side: left}, {size: 1, side: right}]}]
  tags: [a, b]
  flags: [x, y]
"""
FLEET_PATCH = """\
patches:
  - patch: |
      apiVersion: example.org/v1
      kind: Fleet
      metadata: {name: f}
      spec:
        ships: [{name: two, crew: 7, boats: [{size: 1, side: right, new: 1}]}, {name: three}]
        tags: [c]
        flags: [z]
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {template: {spec: {containers: [{name: web, image: changed}]}}}
"""
SCHEMA = """\
{"definitions": {
  "Fleet": {
    "x-kubernetes-group-version-kind": [{"group": "example.org", "version": "v1", "kind": "Fleet"}],
    "properties": {"spec": {"$ref": "#/definitions/Spec"}}},
  "Spec": {"properties": {
    "ships": {"type": "array", "items": {"$ref": "#/definitions/Ship"},
              "x-kubernetes-patch-strategy": "merge,retainKeys", "x-kubernetes-patch-merge-key": "name"},
    "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-patch-strategy": "merge"},
    "flags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-patch-merge-key": "name"}}},
  "Ship": {"properties": {"boats": {"type": "array", "items": {"properties": {"size": {"type": "integer"}}},
           "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "size",
           "x-kubernetes-list-map-keys": ["size", "side"]}}}
}}
"""


def own_schema(schema: str) -> dict[str, str]:
    """An overlay that patches an object of an unheard-of kind, by a schema for it."""
    text = f"openapi: {{path: schema.json}}\n{FLEET_PATCH}"
    return over(text, fleet__yaml=FLEET, schema__json=schema) | {
        "over/kustomization.yaml": f"resources: [../base, fleet.yaml]\n{text}"
    }


GENERATED = "configMapGenerator: [{name: settings, literals: [a=b]}]\nsecretGenerator: [{name: token, literals: [value=c]}]\n"
ALL_FIELDS = "fieldSpecs:\n  - {path: %s, create: true}\n"

PLUGIN_CASES: dict[str, dict[str, str]] = {
    "names in fields of their own": custom(
        f"configurations: [names.yaml]\nnamePrefix: p-\n{GENERATED}", names__yaml=NAMES
    ),
    "field tables of a base": {
        **custom(""),
        "over/kustomization.yaml": "resources: [../middle]\nnameSuffix: -s\n",
        "middle/kustomization.yaml": f"resources: [../base, db.yaml]\nconfigurations: [names.yaml]\n{GENERATED}",
        "middle/db.yaml": DATABASE,
        "middle/names.yaml": NAMES,
    },
    "field tables of a component": {
        **custom(f"components: [../part]\nnamePrefix: p-\n{GENERATED}"),
        "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nconfigurations: [names.yaml]\n",
        "part/names.yaml": NAMES,
    },
    "images and replicas in fields of their own": custom(
        "configurations: [f.yaml]\nimages: [{name: nginx, newTag: '2'}]\nreplicas: [{name: db, count: 5}]\n",
        f__yaml="images: [{path: spec/engine/image, kind: Database}]\nreplicas: [{path: spec/copies, kind: Database}]\n",
    ),
    "an image with a suffix in a field of its own": custom(
        "configurations: [f.yaml]\nimages: [{name: nginx, tagSuffix: -x}]\n",
        f__yaml="images: [{path: spec/engine/image, kind: Database}]\n",
    ),
    "labels and annotations in fields of their own": custom(
        "configurations: [f.yaml]\ncommonLabels: {team: blue}\nlabels: [{pairs: {env: prod}}]\ncommonAnnotations: {a: b}\n",
        f__yaml="commonLabels: [{path: spec/labels, kind: Database}]\nlabels: [{path: spec/more, create: true, kind: Database}]\n"
        "commonAnnotations: [{path: spec/notes, create: true, kind: Database}]\n",
    ),
    "prefix and namespace in fields of their own": custom(
        "configurations: [f.yaml]\nnamePrefix: p-\nnameSuffix: -s\nnamespace: prod\n",
        f__yaml="namePrefix: [{path: spec/owner, kind: Database}]\nnameSuffix: [{path: spec/owner, kind: Database}]\n"
        "namespace: [{path: spec/place, kind: Database, create: true}]\n",
    ),
    "variables in fields of their own": custom(
        "configurations: [f.yaml]\nvars: [{name: FILE, objref: {kind: Service, name: web, apiVersion: v1}}]\n",
        f__yaml="varReference: [{path: spec/credentials/file, kind: Database}]\n",
    ),
    "a prefix transformer": transformed("PrefixTransformer", "prefix: p-\n" + ALL_FIELDS % "metadata/name"),
    "a suffix transformer": transformed("SuffixTransformer", "suffix: -s\n" + ALL_FIELDS % "metadata/name"),
    "a prefix and suffix transformer": transformed(
        "PrefixSuffixTransformer",
        "prefix: p-\nsuffix: -s\nfieldSpecs: [{path: metadata/name}, {path: spec/owner, kind: Database}]\n",
    ),
    "a namespace transformer": {
        "over/kustomization.yaml": "resources: [../base, db.yaml]\ntransformers: [t.yaml]\n",
        **{k: v for k, v in custom("").items() if k != "over/kustomization.yaml"},
        "over/t.yaml": "apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {name: x, namespace: prod}\n"
        "setRoleBindingSubjects: allServiceAccounts\nfieldSpecs: [{path: metadata/name, kind: Namespace, create: true}]\n",
    },
    "a namespace transformer for what has none": {
        **custom("namespace: first\n"),
        "over/kustomization.yaml": "resources: [../middle, db.yaml]\ntransformers: [t.yaml]\n",
        "middle/kustomization.yaml": "resources: [../base]\nnamespace: first\n",
        "over/t.yaml": "apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {name: x, namespace: prod}\n"
        "unsetOnly: true\nsetRoleBindingSubjects: none\n",
    },
    "a label transformer": transformed(
        "LabelTransformer",
        "labels: {team: blue}\nfieldSpecs: [{path: metadata/labels, create: true}, {path: spec/labels, kind: Database}]\n",
    ),
    "an annotations transformer": transformed(
        "AnnotationsTransformer", "annotations: {team: blue}\n" + ALL_FIELDS % "metadata/annotations"
    ),
    "an image transformer": transformed(
        "ImageTagTransformer",
        "imageTag: {name: nginx, newTag: '3', newName: other/nginx}\nfieldSpecs: [{path: spec/engine/image}]\n",
    ),
    "an image transformer without fields": transformed(
        "ImageTagTransformer", "imageTag: {name: nginx, tagSuffix: -x}\n"
    ),
    "a replica transformer": transformed(
        "ReplicaCountTransformer",
        "replica: {name: web, count: 7}\nfieldSpecs: [{path: spec/replicas, kind: Deployment}]\n",
    ),
    "a patch transformer": transformed(
        "PatchTransformer",
        "target: {kind: Deployment}\npatch: |-\n  - op: add\n    path: /spec/template/spec/hostNetwork\n    value: true\n",
    ),
    "a patch transformer with a file": custom(
        "transformers: [sub/t.yaml]\n",
        sub__x="",
    )
    | {
        "over/sub/t.yaml": builtin("PatchTransformer", "path: p.yaml\n"),
        "over/p.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 4}\n",
    },
    "a transformer of JSON patches": transformed(
        "PatchJson6902Transformer",
        'target: {name: web, kind: Deployment}\njsonOp: \'[{"op": "remove", "path": "/spec/replicas"}]\'\n',
    ),
    "a transformer of merge patches": custom(
        "transformers: [t.yaml]\n",
        t__yaml=builtin(
            "PatchStrategicMergeTransformer",
            "paths: [p.yaml]\npatches: |-\n  apiVersion: v1\n  kind: Service\n  metadata: {name: web}\n  spec: {type: NodePort}\n",
        ),
        p__yaml="apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 4}\n",
    ),
    "a replacement transformer": transformed(
        "ReplacementTransformer",
        "replacements:\n  - source: {kind: Service, name: web, fieldPath: spec.ports.0.name}\n"
        "    targets: [{select: {kind: Database}, fieldPaths: [spec.owner]}]\n",
    ),
    "transformers after the fields and in order": custom(
        "namePrefix: a-\n"
        + inline(
            "transformers",
            builtin("PrefixTransformer", "prefix: b-\nfieldSpecs: [{path: metadata/name}]\n"),
            builtin("PrefixTransformer", "prefix: c-\nfieldSpecs: [{path: metadata/name}]\n").replace(
                "x}", "y}"
            ),
        )
    ),
    "a folder of transformers": custom("transformers: [../tools]\n")
    | {
        "tools/kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
        "tools/a.yaml": builtin("LabelTransformer", "labels: {a: b}\n" + ALL_FIELDS % "metadata/labels"),
        "tools/b.yaml": builtin("SuffixTransformer", "suffix: -s\nfieldSpecs: [{path: metadata/name}]\n"),
    },
    "generators as objects": custom(
        "generators: [g.yaml]\nnamespace: prod\n",
        g__yaml="apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: settings}\nliterals: [a=b]\nfiles: [f.txt]\n"
        "---\napiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: other}\nname: token\nliterals: [value=c]\ntype: x/y\n"
        "options: {labels: {made: here}}\n",
        f__txt="text",
    ),
    "a generator in the kustomization": custom(
        "generatorOptions: {disableNameSuffixHash: true}\n"
        + inline("generators", builtin("ConfigMapGenerator", "name: settings\nliterals: [a=b]\n")),
    ),
    "a generator that merges": custom(
        "configMapGenerator: [{name: settings, literals: [a=b, c=d]}]\ngenerators: [g.yaml]\n",
        g__yaml=builtin("ConfigMapGenerator", "name: settings\nbehavior: merge\nliterals: [a=x]\n"),
    ),
    "a schema of its own": own_schema(SCHEMA),
    "a schema in YAML": own_schema(
        "definitions:\n  Fleet:\n    x-kubernetes-group-version-kind: [{group: example.org, version: v1, kind: Fleet}]\n"
        "    properties:\n      spec:\n        properties:\n          ships:\n            type: array\n"
        "            x-kubernetes-patch-strategy: merge\n            x-kubernetes-patch-merge-key: name\n"
    ),
    "a schema that a base brings along": {
        **own_schema(SCHEMA),
        "middle/kustomization.yaml": "resources: [../base, fleet.yaml]\nopenapi: {path: schema.json}\n",
        "middle/fleet.yaml": FLEET,
        "middle/schema.json": SCHEMA,
        "over/kustomization.yaml": f"resources: [../middle]\n{FLEET_PATCH}",
    },
    "the schema that is built in": {
        **own_schema(SCHEMA),
        "over/kustomization.yaml": f"resources: [../base, fleet.yaml]\nopenapi: {{version: v1.21.2}}\n{FLEET_PATCH}",
    },
    "a custom resource with a field table": over(
        "configurations: [f.yaml]\nimages: [{name: redis, newTag: '7'}]\n",
        f__yaml="nameReference: [{kind: Deployment, fieldSpecs: [{kind: Rollout, path: spec/workloadRef/name}]}]\n",
        roll__yaml=ROLLOUT,
    )
    | {},
}
