"""Short manifests for tests about accounts, roles and secrets."""

from __future__ import annotations


def meta(name: str, namespace: str | None = None, **more: str) -> str:
    """Return the metadata of an object in flow style."""
    space = f", namespace: {namespace}" if namespace else ""
    return f"metadata: {{name: {name}{space}{''.join(f', {key}: {text}' for key, text in more.items())}}}"


def pod(name: str, namespace: str | None = None, account: str | None = None, spec: str = "") -> str:
    """Return a Pod; `spec` are further fields of its spec in flow style, each with a comma at its end."""
    acts = f"serviceAccountName: {account}, " if account else ""
    return (
        f"---\napiVersion: v1\nkind: Pod\n{meta(name, namespace)}\n"
        f"spec: {{{acts}{spec}containers: [{{name: {name}, image: a}}]}}\n"
    )


def account(name: str, namespace: str | None = None, more: str = "") -> str:
    """Return a ServiceAccount with further lines."""
    return f"---\napiVersion: v1\nkind: ServiceAccount\n{meta(name, namespace)}\n{more}"


def role(name: str, rules: str, namespace: str | None = None, kind: str = "ClusterRole", **more: str) -> str:
    """Return a role with rules in flow style."""
    return (
        f"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\n{meta(name, namespace, **more)}\n"
        f"rules: [{rules}]\n"
    )


def binding(
    name: str, role_name: str, subject: str, namespace: str | None = None, of: str = "ClusterRole"
) -> str:
    """Return a RoleBinding where there is a namespace, else a ClusterRoleBinding."""
    kind = "RoleBinding" if namespace is not None else "ClusterRoleBinding"
    return (
        f"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\n{meta(name, namespace or None)}\n"
        f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {of}, name: {role_name}}}\n"
        f"subjects: [{{{subject}}}]\n"
    )


def secret(name: str, namespace: str | None = None) -> str:
    """Return a Secret without entries."""
    return f"---\napiVersion: v1\nkind: Secret\n{meta(name, namespace)}\n"
