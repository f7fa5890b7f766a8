"""What an object that makes pods says of all of them: how many, and which it takes for its own."""

from __future__ import annotations

from typing import NamedTuple

from scanner.formats.kubernetes.facts import FactReader, Index
from scanner.formats.kubernetes.selectors import read_plain_selector, read_selector
from scanner.model.basics import Fact
from scanner.model.cluster import Selector
from scanner.model.resources import Document
from scanner.parsing.yaml import scalar_text

_SELECTED = {
    "DaemonSet": ("apps", "extensions"),
    "Deployment": ("apps", "extensions"),
    "Job": ("batch",),
    "CronJob": ("batch",),
    "ReplicaSet": ("apps", "extensions"),
    "Rollout": ("argoproj.io",),
    "StatefulSet": ("apps",),
}
"""Kinds with a LabelSelector for their pods, and the API groups that they are of."""

_PLAINLY_SELECTED = {
    "DeploymentConfig": ("", "apps.openshift.io"),
    "ReplicationController": ("",),
}
"""Those whose selector is a plain mapping of labels."""


class Controller(NamedTuple):
    """How many pods there are, which ones count, and the Service that names a StatefulSet's."""

    replicas: Fact[int] = None
    selector: Selector | None = None
    service_name: Fact[str] = None


NO_CONTROLLER = Controller()


def makes_pods(document: Document) -> bool:
    """Whether an object is of a kind of which it is known where its pod template stands."""
    group = document.api_version.rpartition("/")[0].partition("/")[0]
    return group in _SELECTED.get(document.kind, ()) or group in _PLAINLY_SELECTED.get(document.kind, ())


def read_controller(document: Document, spec: Index, facts: FactReader) -> Controller:
    """Return what the spec of an object says of its pods; of a CronJob, the spec of its jobs."""
    kind = document.kind
    replicas = selector = name = None
    is_known = makes_pods(document)
    # A number of something else may be called so in a custom resource.
    if (
        kind != "CronJob"
        and "replicas" in spec
        and (is_known or scalar_text(spec["replicas"][1]) is not None)
    ):
        replicas = facts.integer(spec, "replicas")
    if "selector" in spec and is_known:
        read = read_selector if kind in _SELECTED else read_plain_selector
        selector = read(spec, "selector", facts)
    if kind == "StatefulSet" and "serviceName" in spec:
        name = facts.text(spec, "serviceName")
    return Controller(replicas, selector, name)
