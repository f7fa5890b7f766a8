"""Objects that are no pods: what is read of them, and where it stands."""

from __future__ import annotations

from textwrap import dedent

from scanner.formats.kubernetes import read_objects
from scanner.model.cluster import NO_OBJECTS, ClusterObjects, merged
from scanner.model.source import Unknown
from scanner.parsing.yaml import parse_yaml


def read(text):
    file = parse_yaml(dedent(text), "f.yaml")
    resources, diagnostics = read_objects(file, file.source)
    assert diagnostics == ()
    return resources.cluster


def line(fact):
    return fact.location.span.line


def test_workloads_alone_share_one_empty_value():
    assert read("{apiVersion: v1, kind: Pod, spec: {containers: [{image: a}]}}") is NO_OBJECTS


def test_kinds_of_other_groups_are_not_taken_for_kubernetes_own():
    text = "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a}, spec: {type: NodePort}}"
    assert read(text) is NO_OBJECTS


def test_service():
    (service,) = read(
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          annotations: {a/b: "true"}
        spec:
          type: LoadBalancer
          selector: {app: web, tier: "1"}
          externalIPs: [192.0.2.1]
          loadBalancerSourceRanges: [10.0.0.0/8]
          ports:
            - {port: 80, targetPort: http, nodePort: 30080, protocol: TCP}
            - {name: metrics, port: 9090, targetPort: 9091}
        """
    ).services
    assert (service.type.value, line(service.type)) == ("LoadBalancer", 8)
    assert service.selector.labels == {"app": "web", "tier": "1"}
    assert service.external_ips.value == ("192.0.2.1",)
    assert service.source_ranges.value == ("10.0.0.0/8",)
    first, second = service.ports
    assert (first.name.value, first.number.value, first.target.value, first.node_port.value) == (
        "80",
        80,
        "http",
        30080,
    )
    assert (second.name.value, second.target.value, line(second.name)) == ("metrics", "9091", 14)
    assert [(one.name.value, one.value.value) for one in service.annotations] == [("a/b", "true")]


def test_ingress_tells_which_hosts_are_encrypted():
    (ingress,) = read(
        """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web}
        spec:
          ingressClassName: nginx
          tls:
            - hosts: [a.example.com, "*.b.example.com"]
          defaultBackend: {service: {name: fallback, port: {name: http}}}
          rules:
            - host: a.example.com
              http: {paths: [{path: /, backend: {service: {name: a, port: {number: 80}}}}]}
            - host: x.b.example.com
            - host: x.y.b.example.com
            - http: {paths: []}
        """
    ).ingresses
    assert [(one.name.value, one.encrypted) for one in ingress.hosts] == [
        ("a.example.com", True),
        ("x.b.example.com", True),
        ("x.y.b.example.com", False),
        ("", False),
    ]
    assert [line(one.name) for one in ingress.hosts] == [11, 13, 14, 15]
    assert [(one.name.value, one.port.value) for one in ingress.backends] == [
        ("fallback", "http"),
        ("a", "80"),
    ]
    assert ingress.class_name.value == "nginx"


def test_ingress_of_old():
    (ingress,) = read(
        """
        apiVersion: extensions/v1beta1
        kind: Ingress
        metadata: {name: web, annotations: {kubernetes.io/ingress.class: gce}}
        spec: {backend: {serviceName: web, servicePort: 80}}
        """
    ).ingresses
    assert [(one.name.value, one.port.value) for one in ingress.backends] == [("web", "80")]
    assert ingress.class_name.value == "gce"


def test_gateway_and_route():
    gateway, route = read(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: public}
        spec:
          gatewayClassName: example
          listeners:
            - {name: http, protocol: HTTP, port: 80}
            - {name: https, protocol: HTTPS, port: 443, hostname: "*.example.com"}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: web}
        spec:
          parentRefs: [{name: public, namespace: infra, sectionName: https}]
          hostnames: [a.example.com]
          rules:
            - backendRefs: [{name: web, port: 80, namespace: other}]
        """
    ).ingresses
    assert [(one.name.value, one.encrypted) for one in gateway.hosts] == [
        ("", False),
        ("*.example.com", True),
    ]
    assert (gateway.kind, route.kind) == ("Gateway", "HTTPRoute")
    assert [one.name.value for one in route.hosts] == ["a.example.com"]
    (backend,) = route.backends
    assert (backend.name.value, backend.port.value, backend.namespace.value) == ("web", "80", "other")
    (parent,) = route.parents
    assert (parent.kind, parent.name.value, parent.port.value) == ("Gateway", "public", "https")


def policies(spec):
    head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\n"
    return read(head + spec).network_policies[0]


def test_network_policy():
    policy = policies(
        """\
spec:
  podSelector:
    matchLabels: {app: web}
    matchExpressions:
      - {key: tier, operator: In, values: [a, b]}
      - {key: canary, operator: DoesNotExist}
  policyTypes: [Ingress]
  ingress:
    - from:
        - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
        - namespaceSelector: {}
          podSelector: {matchLabels: {app: db}}
      ports: [{port: 80}, {port: 1000, endPort: 2000, protocol: UDP}, {protocol: TCP}]
"""
    )
    assert policy.pods.labels == {"app": "web"}
    assert [(one.key, one.operator, one.values) for one in policy.pods.requirements] == [
        ("tier", "In", ("a", "b")),
        ("canary", "DoesNotExist", ()),
    ]
    assert (policy.ingress, policy.egress) == (True, False)
    (allowance,) = policy.allowances
    assert allowance.ports.value == ("TCP/80", "UDP/1000-2000", "TCP/*")
    block, pods = allowance.peers
    assert (block.cidr.value, block.excepted.value) == ("10.0.0.0/8", ("10.1.0.0/16",))
    assert pods.namespaces.is_empty
    assert pods.pods.labels == {"app": "db"}


def test_directions_that_a_policy_governs_by_default():
    assert policies("spec: {podSelector: {}}\n").egress is False
    both = policies("spec: {podSelector: {}, egress: [{}]}\n")
    assert (both.ingress, both.egress) == (True, True)
    one = policies("spec: {podSelector: {}, policyTypes: [Egress]}\n")
    assert (one.ingress, one.egress) == (False, True)


def test_roles_and_bindings():
    found = read(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: a, labels: {x: y}}
        aggregationRule: {clusterRoleSelectors: [{matchLabels: {x: y}}]}
        rules:
          - apiGroups: ["", apps]
            resources:
              - pods
              - "*"
            verbs: [get]
          - nonResourceURLs: [/healthz]
            verbs: [get]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: b, namespace: c}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: a}
        subjects:
          - {kind: ServiceAccount, name: app, namespace: web}
          - {kind: Group, name: all}
        """
    )
    (role,), (binding,) = found.roles, found.role_bindings
    first, second = role.rules
    assert first.api_groups.value == ("", "apps")
    assert (first.wildcard.value, line(first.wildcard)) == ("resources", 10)
    assert (first.name.value, second.name.value) == ("get on pods, *", "get on /healthz")
    assert second.wildcard is None
    assert [one.labels for one in role.aggregates] == [{"x": "y"}]
    assert (binding.ref.namespace, binding.role_kind.value, binding.role_name.value) == (
        "c",
        "ClusterRole",
        "a",
    )
    assert [(one.kind.value, one.name.value, line(one.name)) for one in binding.subjects] == [
        ("ServiceAccount", "app", 20),
        ("Group", "all", 21),
    ]


def test_configuration():
    found = read(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: a}
        type: Opaque
        data: {x: YQ==}
        stringData: {y: b}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {k: v, n: null}, binaryData: {z: YQ==}}
        ---
        {apiVersion: v1, kind: ServiceAccount, metadata: {name: c}, automountServiceAccountToken: false,
         secrets: [{name: s}], imagePullSecrets: [{name: r}]}
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: d, labels: {pod-security.kubernetes.io/enforce: baseline}}}
        """
    )
    (secret,), (config,) = found.secrets, found.config_maps
    assert [(one.name.value, one.value.value, one.origin) for one in secret.entries] == [
        ("x", "YQ==", "base64"),
        ("y", "b", "literal"),
    ]
    assert [(one.name.value, one.origin, one.value is None) for one in config.entries] == [
        ("k", "literal", False),
        ("n", "literal", True),
        ("z", "base64", False),
    ]
    (account,), (namespace,) = found.service_accounts, found.namespaces
    assert account.automount_token.value is False
    assert [one.value for one in (*account.secrets, *account.pull_secrets)] == ["s", "r"]
    assert namespace.enforced.value == "baseline"


def test_budgets_and_autoscalers():
    found = read(
        """
        {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a},
         spec: {maxUnavailable: 10%, selector: {matchLabels: {app: a}}}}
        ---
        {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: b},
         spec: {minReplicas: 2, maxReplicas: 4, scaleTargetRef: {kind: Deployment, name: a}}}
        ---
        {apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: c},
         spec: {maxReplicaCount: 4, scaleTargetRef: {name: a}}}
        """
    )
    (budget,) = found.disruption_budgets
    assert (budget.max_unavailable.value, budget.selector.labels) == ("10%", {"app": "a"})
    assert [(one.target_kind.value, one.target_name.value) for one in found.autoscalers] == [
        ("Deployment", "a"),
        ("Deployment", "a"),
    ]


def test_a_field_of_the_wrong_type_is_unknown_and_told():
    text = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: [x], ports: [{port: a}]}}"
    file = parse_yaml(text, "f.yaml")
    resources, diagnostics = read_objects(file, file.source)
    (service,) = resources.cluster.services
    assert isinstance(service.type.value, Unknown)
    assert isinstance(service.ports[0].number.value, Unknown)
    assert not resources.certain
    assert len(diagnostics) == 2


def test_variables_from_whole_secrets_and_modes_of_volumes():
    text = """
        apiVersion: v1
        kind: Pod
        metadata: {name: a}
        spec:
          volumes:
            - {name: s, secret: {secretName: s, defaultMode: 0400}}
            - {name: e, emptyDir: {sizeLimit: 1Gi}}
          containers:
            - image: a
              envFrom: [{secretRef: {name: s}, prefix: P_}, {configMapRef: {name: c}}]
        """
    file = parse_yaml(dedent(text), "f.yaml")
    (workload,) = read_objects(file, file.source)[0].workloads
    assert [(one.name.value, one.origin) for one in workload.containers[0].env_from] == [
        ("s", "secret"),
        ("c", "config"),
    ]
    secret, scratch = workload.volumes
    assert secret.file_mode.value == 0o400
    assert scratch.size_limit.value == "1Gi"


def test_parts_are_put_together():
    one = read("{apiVersion: v1, kind: Namespace, metadata: {name: a}}")
    other = read("{apiVersion: v1, kind: Namespace, metadata: {name: b}}")
    assert merged([NO_OBJECTS, NO_OBJECTS]) is NO_OBJECTS
    assert merged([one, NO_OBJECTS]) is one
    both = merged([one, other])
    assert isinstance(both, ClusterObjects)
    assert [namespace.name.value for namespace in both.namespaces] == ["a", "b"]
