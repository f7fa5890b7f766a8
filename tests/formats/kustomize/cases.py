"""Small kustomizations, each about one thing; what Kustomize 5.6 makes of them stands in
`expected/`. In each the kustomization of the folder `over` is built."""

from __future__ import annotations

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
        - name: web
          image: nginx:1.27
          args: [one, two]
          env:
            - {name: LEVEL, value: info}
            - {name: KEEP, value: "1"}
            - name: TOKEN
              valueFrom: {secretKeyRef: {name: token, key: value}}
          envFrom: [{configMapRef: {name: settings}}]
          ports: [{containerPort: 80}, {containerPort: 81, protocol: UDP}]
          volumeMounts: [{name: data, mountPath: /data}]
        - name: log
          image: registry.example/team/log:2@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
      volumes:
        - {name: data, emptyDir: {}}
        - {name: settings, configMap: {name: settings}}
        - {name: all, projected: {sources: [{configMap: {name: settings}}, {secret: {name: token}}]}}
      tolerations: [{key: a}]
"""
REST = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, name: http}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: example.org
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 1
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules: [{apiGroups: [""], resources: [configmaps], resourceNames: [settings], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web}, {kind: ServiceAccount, name: default}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: web, namespace: default}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: web}
webhooks:
  - name: a.example.org
    clientConfig: {service: {name: web, namespace: default, path: /check}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{podSelector: {matchLabels: {app: proxy}}}]}]
"""
ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: roll}
spec:
  template:
    spec:
      containers: [{name: a, image: "nginx:1"}, {name: b, image: redis}]
"""
BASE = {
    "base/kustomization.yaml": "resources: [web.yaml, rest.yaml]\n",
    "base/web.yaml": WEB,
    "base/rest.yaml": REST,
}


def over(text: str, **files: str) -> dict[str, str]:
    """An overlay of the base, with further files in its folder."""
    own = {f"over/{name.replace('__', '.')}": content for name, content in files.items()}
    return {**BASE, "over/kustomization.yaml": "resources: [../base]\n" + text, **own}


def patch(body: str) -> str:
    """A strategic merge patch of the web deployment, in the kustomization itself."""
    lines = "".join(f"      {line}\n" for line in body.splitlines())
    return (
        "patches:\n  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n"
        f"      metadata: {{name: web}}\n{lines}"
    )


def steps(body: str, target: str = "{kind: Deployment, name: web}") -> str:
    """A JSON patch in the kustomization itself."""
    lines = "".join(f"      {line}\n" for line in body.splitlines())
    return f"patches:\n  - target: {target}\n    patch: |-\n{lines}"


POD = "spec: {template: {spec: %s}}"

CASES: dict[str, dict[str, str]] = {
    "a base as it is": over(""),
    "bases, the old way": {**BASE, "over/kustomization.yaml": "bases: [../base]\n"},
    "name prefix and suffix": over("namePrefix: pre-\nnameSuffix: -suf\n"),
    "namespace": over("namespace: prod\n"),
    "namespace and prefix": over("namespace: prod\nnamePrefix: p-\n"),
    "common labels": over("commonLabels: {team: blue, app: shop}\n"),
    "labels": over("labels: [{pairs: {team: blue}}, {pairs: {env: prod}, includeTemplates: true}]\n"),
    "labels in selectors": over("labels: [{pairs: {team: blue}, includeSelectors: true}]\n"),
    "labels in fields of their own": over(
        "labels: [{pairs: {team: blue}, fields: [{path: spec/extra, kind: Service, create: true}]}]\n"
    ),
    "common annotations": over("commonAnnotations: {note: hello, other: 'true'}\n"),
    "images": over(
        "images:\n  - {name: nginx, newTag: '1.28'}\n"
        "  - {name: registry.example/team/log, newName: mirror.example/log, digest: 'sha256:aa'}\n"
    ),
    "image suffixes": over("images: [{name: nginx, tagSuffix: -alpine}]\n"),
    "images with patterns": over("images: [{name: '.*/log', newName: other}]\n"),
    "images of custom resources": {
        "over/kustomization.yaml": "resources: [r.yaml]\nimages: [{name: nginx, newTag: '2'}, {name: redis, newTag: '7'}]\n",
        "over/r.yaml": ROLLOUT,
    },
    "replicas": over("replicas: [{name: web, count: 5}]\n"),
    "merge into a container": over(
        patch(
            POD
            % "{containers: [{name: web, image: 'nginx:2', args: [three], env: [{name: LEVEL, value: debug}]}]}"
        )
    ),
    "new items stand first": over(
        patch(POD % "{containers: [{name: new, image: 'a:1'}], volumes: [{name: v, emptyDir: {}}]}")
    ),
    "delete a container": over(patch(POD % "{containers: [{name: log, $patch: delete}]}")),
    "delete with null": over(patch(POD % "{tolerations: null, containers: [{name: web, args: null}]}")),
    "null in what is new": over(patch("spec: {extra: {a: null, b: 1, c: {d: null}}}")),
    "replace a mapping": over(patch("spec: {strategy: {$patch: replace, type: Recreate}}")),
    "replace a list": over(patch(POD % "{volumes: [{name: v, emptyDir: {}}, {$patch: replace}]}")),
    "delete a list": over(patch(POD % "{volumes: [{$patch: delete}]}")),
    "an item that is to be replaced": over(
        patch(POD % "{containers: [{name: web, $patch: replace, image: 'a:1'}]}")
    ),
    "delete an object": over(patch("$patch: delete")),
    "retain keys": over(patch("spec: {strategy: {$retainKeys: [type], type: Recreate}}")),
    "element order": over(patch(POD % "{$setElementOrder/containers: [{name: log}, {name: web}]}")),
    "ports": over(patch(POD % "{containers: [{name: web, ports: [{containerPort: 82, name: new}]}]}")),
    "ports with a protocol": over(
        patch(POD % "{containers: [{name: web, ports: [{containerPort: 80, protocol: TCP, name: x}]}]}")
    ),
    "ports with one protocol less": over(
        patch(POD % "{containers: [{name: web, ports: [{containerPort: 81, name: x}]}]}")
    ),
    "mounts": over(
        patch(
            POD
            % "{containers: [{name: web, volumeMounts: [{mountPath: /data, name: data, readOnly: true}]}]}"
        )
    ),
    "a volume of another type": over(
        patch(POD % "{volumes: [{name: data, emptyDir: null, hostPath: {path: /srv}}]}")
    ),
    "finalizers": over(patch("").replace("{name: web}", "{name: web, finalizers: [b, a]}")),
    "lists of custom resources": {
        "over/kustomization.yaml": "resources: [r.yaml]\npatches: [{path: p.yaml}]\n",
        "over/r.yaml": ROLLOUT,
        "over/p.yaml": ROLLOUT.replace(", {name: b, image: redis}", ""),
    },
    "a patch with a target": over(
        "patches:\n  - {path: p.yaml, target: {kind: Service|Deployment, name: w.*}}\n",
        p__yaml="apiVersion: x/v1\nkind: Any\nmetadata: {name: any, labels: {added: 'yes'}}\n",
    ),
    "a patch with a label selector": over(
        "patches:\n  - {path: p.yaml, target: {labelSelector: 'app in (web, shop), !gone'}}\n",
        p__yaml="apiVersion: x/v1\nkind: Any\nmetadata: {name: any, annotations: {added: 'yes'}}\n",
    ),
    "name change": over(
        "patches:\n  - {path: p.yaml, target: {kind: Service}, options: {allowNameChange: true}}\n",
        p__yaml="apiVersion: v1\nkind: Service\nmetadata: {name: other}\n",
    ),
    "kind change": over(
        "patches:\n  - {path: p.yaml, target: {kind: Deployment}, options: {allowKindChange: true}}\n",
        p__yaml="apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web}\n",
    ),
    "several patches in a file": over(
        "patchesStrategicMerge: [p.yaml]\n",
        p__yaml="apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort}\n---\n"
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, annotations: {a: b}}\n",
    ),
    "old patches in text": over(
        "patchesStrategicMerge:\n  - |-\n    apiVersion: v1\n    kind: Service\n    metadata: {name: web}\n"
        "    spec: {ports: [{port: 80, targetPort: 8080}]}\n"
    ),
    "json patch": over(
        steps(
            "- {op: replace, path: /spec/replicas, value: 4}\n"
            "- {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: NEW, value: new}}\n"
            "- {op: add, path: /spec/template/spec/containers/0/args/0, value: zero}\n"
            "- {op: remove, path: /spec/strategy/rollingUpdate}\n"
            "- {op: add, path: /metadata/annotations, value: {a~b/c: x}}\n"
            "- {op: test, path: /metadata/annotations/a~0b~1c, value: x}\n"
            "- {op: move, from: /metadata/labels/app, path: /metadata/labels/moved}\n"
            "- {op: copy, from: /spec/selector, path: /spec/copied}\n"
        )
    ),
    "json patch from a file": over(
        "patchesJson6902:\n  - {path: p.json, target: {version: v1, kind: Service, name: web}}\n",
        p__json='[{"op": "replace", "path": "/spec/ports/0/port", "value": 81}]\n',
    ),
    "json patch of what was renamed": over(
        "namePrefix: p-\npatchesJson6902:\n"
        "  - target: {kind: Service, name: web}\n"
        '    patch: \'[{"op": "add", "path": "/spec/type", "value": "NodePort"}]\'\n'
    ),
    "generators": over(
        "configMapGenerator:\n  - name: settings\n    literals: [A=1, 'B=\"two\"', C=<x&y>, D=]\n"
        "    files: [page.html, other=page.html]\n    envs: [app.env]\n"
        "secretGenerator:\n  - {name: token, literals: [value=secret], type: kubernetes.io/tls}\n",
        page__html="<p>\n\tumlaut: \u00e4 \u2028\n</p>\n",
        app__env="# comment\nX=1\n  Y=two words \n\nZ\n",
    ),
    "generators with a namespace": over(
        "namespace: prod\nnamePrefix: p-\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n"
        "secretGenerator: [{name: token, envs: [t.env]}]\n",
        t__env="value=" + "x" * 100 + "\n",
    ),
    "generator options": over(
        "generatorOptions:\n  disableNameSuffixHash: true\n  labels: {l: m}\n  annotations: {no-te: o}\n"
        "configMapGenerator:\n  - {name: settings, literals: [a=b], options: {labels: {l: own}, immutable: true}}\n"
    ),
    "one generator without a hash": over(
        "configMapGenerator:\n  - {name: settings, literals: [a=b], options: {disableNameSuffixHash: true}}\n"
        "  - {name: more, literals: [a=b]}\n"
    ),
    "merged generators": {
        "base/kustomization.yaml": "resources: [web.yaml]\nnamePrefix: b-\nconfigMapGenerator:\n"
        "  - {name: settings, literals: [a=1, b=2]}\n  - {name: gone, literals: [x=y]}\n",
        "base/web.yaml": WEB,
        "over/kustomization.yaml": "resources: [../base]\nconfigMapGenerator:\n"
        "  - {name: settings, behavior: merge, literals: [b=3, c=4]}\n"
        "  - {name: gone, behavior: replace, literals: [z=1]}\n",
    },
    "components": {
        **BASE,
        "over/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\nnamePrefix: p-\n",
        "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        "resources: [more.yaml]\nimages: [{name: nginx, newTag: part}]\n" + patch("spec: {replicas: 9}"),
        "part/more.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
    },
    "two layers": {
        **BASE,
        "mid/kustomization.yaml": "resources: [../base]\nnamePrefix: mid-\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n",
        "over/kustomization.yaml": "resources: [../mid]\nnamePrefix: over-\nnamespace: space\n"
        + patch("spec: {replicas: 2}"),
    },
    "replacements": over(
        "replacements:\n"
        "  - source: {kind: Service, name: web, fieldPath: 'spec.ports.0.port'}\n"
        "    targets:\n"
        "      - select: {kind: Deployment}\n"
        "        fieldPaths: ['spec.template.spec.containers.[name=web].env.[name=LEVEL].value', spec.replicas]\n"
        "  - source: {kind: Deployment, fieldPath: 'spec.template.spec.containers.0.image', options: {delimiter: ':', index: 0}}\n"
        "    targets:\n"
        "      - select: {kind: Service}\n        fieldPaths: ['metadata.annotations.[example.org/image]']\n"
        "        options: {create: true}\n"
        "      - select: {kind: Ingress}\n        fieldPaths: [spec.rules.0.host]\n"
        "        options: {delimiter: '.', index: 0}\n"
        "      - select: {kind: Deployment}\n        fieldPaths: [spec.template.spec.containers.*.env.*.value]\n"
        "        reject: [{name: web}]\n"
    ),
    "replacements from a file": over(
        "replacements: [{path: r.yaml}]\n",
        r__yaml="source: {kind: Deployment, fieldPath: spec.selector}\n"
        "targets:\n  - {select: {kind: Service}, fieldPaths: [spec.selector]}\n",
    ),
    "variables": over(
        "namePrefix: p-\nvars:\n  - {name: SERVICE, objref: {kind: Service, name: web, apiVersion: v1}}\n"
        "  - {name: COUNT, objref: {kind: Deployment, name: web, apiVersion: apps/v1}, fieldref: {fieldPath: spec.replicas}}\n"
        + patch(
            POD
            % "{containers: [{name: web, args: ['$(SERVICE):80', '$(COUNT)', '$(OTHER)', '$$(SERVICE)']}]}"
        )
    ),
    "lists and local configuration": {
        "over/kustomization.yaml": "resources: [l.yaml]\nnamePrefix: p-\n",
        "over/l.yaml": "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Namespace, metadata: {name: n}}\n"
        "  - apiVersion: v1\n    kind: ConfigMap\n    metadata:\n      name: local\n"
        "      annotations: {config.kubernetes.io/local-config: 'true'}\n"
        "  - {apiVersion: v1, kind: Secret, metadata: {name: s}}\n",
    },
    "anchors": {
        "over/kustomization.yaml": "resources: [a.yaml]\npatches:\n  - {path: p.yaml, target: {kind: ConfigMap, name: one}}\n",
        "over/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: one, labels: &l {a: b}}\n"
        "data: {x: &v 'y', z: *v}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: two, labels: {a: b}}\n",
        "over/p.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {x: changed}\n",
    },
}
