"""Custom resources by what their operators do: which of them may make pods that no manifest shows."""

from __future__ import annotations

_NO_PODS: dict[str, frozenset[str]] = {
    "acme.cert-manager.io": frozenset("*"),
    "apps.openshift.io": frozenset("*"),
    "bitnami.com": frozenset("*"),
    "build.openshift.io": frozenset("*"),
    "cert-manager.io": frozenset("*"),
    "cilium.io": frozenset("*"),
    "config.istio.io": frozenset("*"),
    "configuration.konghq.com": frozenset("*"),
    "crd.projectcalico.org": frozenset("*"),
    "extensions.istio.io": frozenset("*"),
    "external-secrets.io": frozenset("*"),
    "generators.external-secrets.io": frozenset("*"),
    "getambassador.io": frozenset("*"),
    "image.openshift.io": frozenset("*"),
    "keda.sh": frozenset(("ScaledObject", "TriggerAuthentication", "ClusterTriggerAuthentication")),
    "kyverno.io": frozenset("*"),
    "linkerd.io": frozenset("*"),
    "monitoring.coreos.com": frozenset(
        ("ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "ScrapeConfig", "AlertmanagerConfig")
    ),
    "monitoring.googleapis.com": frozenset("*"),
    "networking.gke.io": frozenset("*"),
    "networking.istio.io": frozenset("*"),
    "policy.linkerd.io": frozenset("*"),
    "projectcalico.org": frozenset("*"),
    "route.openshift.io": frozenset("*"),
    "security.istio.io": frozenset("*"),
    "security.openshift.io": frozenset("*"),
    "source.toolkit.fluxcd.io": frozenset("*"),
    "image.toolkit.fluxcd.io": frozenset("*"),
    "notification.toolkit.fluxcd.io": frozenset("*"),
    "telemetry.istio.io": frozenset("*"),
    "traefik.containo.us": frozenset("*"),
    "traefik.io": frozenset("*"),
}
"""Kinds (`*`: all) by API group, that are known to end in no pods, or in pods that a manifest shows."""


def may_make_pods(kind: str, api_version: str) -> bool:
    """Whether an object that holds no pod template may lead to pods all the same: a custom resource of
    which it is not known that it does not. Kinds of Kubernetes itself do not."""
    group = api_version.rpartition("/")[0]
    if "." not in group or group.endswith(".k8s.io"):
        return False
    harmless = _NO_PODS.get(group, ())
    return kind not in harmless and "*" not in harmless
