"""The roles that every cluster has, and what they may do that leads further.

From the bootstrap policy of Kubernetes
(https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/rbac/bootstrappolicy).
"""

from __future__ import annotations

from collections.abc import Mapping

_EDIT = (
    "impersonate-accounts",
    "create-workloads",
    "edit-workloads",
    "exec-into-pods",
    "create-tokens",
    "read-secrets",
)
_PODS = ("create-workloads",)
_WORKLOADS = ("create-workloads", "edit-workloads")

BUILTIN_ROLES: Mapping[str, tuple[str, ...]] = {
    "cluster-admin": ("cluster-admin",),
    "admin": (*_EDIT, "edit-roles", "edit-configmaps"),
    "edit": (*_EDIT, "edit-configmaps"),
    "view": (),
    "system:aggregate-to-admin": ("edit-roles",),
    "system:aggregate-to-edit": (*_EDIT, "edit-configmaps"),
    "system:aggregate-to-view": (),
    "system:auth-delegator": (),
    "system:basic-user": (),
    "system:certificates.k8s.io:certificatesigningrequests:nodeclient": (),
    "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient": (),
    "system:certificates.k8s.io:kube-apiserver-client-approver": (),
    "system:certificates.k8s.io:kube-apiserver-client-kubelet-approver": (),
    "system:certificates.k8s.io:kubelet-serving-approver": (),
    "system:certificates.k8s.io:legacy-unknown-approver": (),
    "system:controller:certificate-controller": ("approve-csr",),
    "system:controller:clusterrole-aggregation-controller": ("escalate", "edit-roles"),
    "system:controller:cronjob-controller": _PODS,
    "system:controller:daemon-set-controller": _PODS,
    "system:controller:deployment-controller": _WORKLOADS,
    "system:controller:expand-controller": ("read-secrets",),
    "system:controller:job-controller": _PODS,
    "system:controller:persistent-volume-binder": ("create-workloads", "read-secrets", "create-volumes"),
    "system:controller:replicaset-controller": _PODS,
    "system:controller:replication-controller": _PODS,
    "system:controller:statefulset-controller": _PODS,
    "system:discovery": (),
    "system:heapster": (),
    "system:kube-aggregator": (),
    "system:kube-controller-manager": ("create-tokens", "read-secrets"),
    "system:kube-dns": (),
    "system:kube-scheduler": (),
    "system:kubelet-api-admin": ("node-proxy",),
    "system:monitoring": (),
    "system:node": ("create-workloads", "create-tokens", "read-secrets"),
    "system:node-bootstrapper": (),
    "system:node-problem-detector": (),
    "system:node-proxier": (),
    "system:persistent-volume-provisioner": ("create-volumes",),
    "system:public-info-viewer": (),
    "system:service-account-issuer-discovery": (),
    "system:volume-scheduler": (),
}
"""The powers (words of `linking.powers`) of ClusterRoles that need no definition. In the scan, a ClusterRole
of the same name stands before them."""

BUILTIN_SYSTEM_ROLES: Mapping[str, tuple[str, ...]] = {
    "extension-apiserver-authentication-reader": (),
    "system::leader-locking-kube-controller-manager": (),
    "system::leader-locking-kube-scheduler": (),
    "system:controller:bootstrap-signer": ("read-secrets",),
    "system:controller:cloud-provider": (),
    "system:controller:token-cleaner": ("read-secrets",),
}
"""The Roles of the namespace kube-system, in the same way."""
