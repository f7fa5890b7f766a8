"""Small projects with environments: Compose overlays, sets of values, overlays of kustomizations."""

from __future__ import annotations

COMPOSE = {
    "compose.yaml": """\
services:
  web:
    image: example.com/web:1.4
    read_only: true
    cap_drop: [ALL]
    mem_limit: 256m
    security_opt: ["no-new-privileges:true"]
  db:
    image: postgres:17
""",
    "compose.dev.yaml": """\
services:
  web:
    ports: ["8080:8080"]
""",
    "compose.prod.yaml": """\
services:
  web:
    privileged: true
    mem_limit: !reset null
""",
}

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: example.com/web:1.4
          securityContext:
            readOnlyRootFilesystem: true
"""

KUSTOMIZE = {
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": DEPLOYMENT,
    "overlays/dev/kustomization.yaml": "resources: [../../base]\nnamePrefix: dev-\n",
    "overlays/prod/kustomization.yaml": """\
resources: [../../base]
nameSuffix: -prod
patches:
  - target: {kind: Deployment}
    patch: |
      - op: remove
        path: /spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem
      - op: add
        path: /spec/template/spec/hostNetwork
        value: true
""",
}

CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "chart/values.yaml": "privileged: false\ntag: '1.4'\n",
    "chart/values-dev.yaml": "tag: dev\n",
    "chart/values-prod.yaml": "privileged: true\n",
    "chart/templates/web.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
spec:
  template:
    spec:
      containers:
        - name: web
          image: example.com/web:{{ .Values.tag }}
          securityContext:
            privileged: {{ .Values.privileged }}
""",
}
