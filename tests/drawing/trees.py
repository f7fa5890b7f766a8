"""Small projects that the drawing is tested on."""

from __future__ import annotations

from pathlib import Path

from scanner.cli.common import settings_for
from scanner.drawing.drawing import Drawing, draw
from scanner.pipeline import scan, whole_graph
from scanner.reporting.base import across
from scanner.reporting.shared.shown import Shown
from scanner.secrets.concealing import Concealing

HOSTILE = "</script><script>hacked=1</script><img src=x onerror=hacked=1>"

SHOP = {
    "web/Dockerfile": 'FROM docker.io/library/alpine:3.20\nUSER 0\nCMD ["/web"]\n',
    "compose.yaml": (
        "services:\n"
        "  web:\n"
        "    build: web\n"
        "    ports: ['80:80']\n"
        "    privileged: true\n"
        "    depends_on: [db]\n"
        "  db:\n"
        "    image: docker.io/library/postgres:16\n"
    ),
    "deploy/app.yaml": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\n"
        "spec:\n  selector: {matchLabels: {app: api}}\n"
        "  template:\n    metadata: {labels: {app: api}}\n"
        "    spec:\n      containers:\n        - {name: api, image: 'registry.example/api:1.0'}\n"
        "---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\n"
        "spec:\n  type: LoadBalancer\n  selector: {app: api}\n  ports: [{port: 80}]\n"
    ),
}

ODD = {
    "compose.yaml": (
        f'services:\n  web:\n    image: \'a"b\\c{HOSTILE}\'\n  plain:\n    image: "##[error]x\\u202e&lt;"\n'
    )
}

OVERLAYS = {
    "app/base/kustomization.yaml": "resources: [app.yaml]\n",
    "app/base/app.yaml": SHOP["deploy/app.yaml"],
    "app/overlays/prod/kustomization.yaml": "resources: [../../base]\nnamePrefix: prod-\n",
    "app/overlays/dev/kustomization.yaml": "resources: [../../base]\nnamePrefix: dev-\n",
}


def drawing_of(root: Path) -> Drawing:
    """Return the drawing of a folder."""
    graph = whole_graph(settings_for((root,)))
    return draw(graph, Concealing(graph))


def report_of(root: Path) -> Shown:
    """Return what a scan of a folder says."""
    return across(scan(settings_for((root,))))
