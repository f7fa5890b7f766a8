"""What pods use by name, and what their controllers say of them."""

from __future__ import annotations

from textwrap import dedent, indent

from scanner.formats.kubernetes import read_objects
from scanner.model.source import Unknown
from scanner.parsing.yaml import parse_yaml


def read(text):
    file = parse_yaml(dedent(text), "f.yaml")
    return read_objects(file, file.source)


def pod(body):
    """The workload of a Pod whose spec is given."""
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n" + indent(dedent(body), "  ")
    resources, diagnostics = read(text)
    assert diagnostics == ()
    return resources.workloads[0]


def shown(references):
    return [
        (
            one.kind,
            one.name.value,
            one.via,
            None if one.key is None else one.key.value,
            None if one.optional is None else one.optional.value,
            one.variable,
        )
        for one in references
    ]


def test_variables_refer_to_entries_and_whole_objects():
    (container,) = pod(
        """\
        containers:
          - name: c
            envFrom:
              - {prefix: X_, secretRef: {name: all, optional: true}}
              - configMapRef: {name: settings}
            env:
              - {name: PLAIN, value: a}
              - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
              - name: TOKEN
                valueFrom:
                  secretKeyRef: {name: token, key: value}
              - {name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level, optional: false}}}
        """
    ).containers
    assert shown(container.references) == [
        ("Secret", "all", "env-from", None, True, None),
        ("ConfigMap", "settings", "env-from", None, None, None),
        ("Secret", "token", "env", "value", None, "TOKEN"),
        ("ConfigMap", "settings", "env", "level", False, "LEVEL"),
    ]
    assert container.references[2].name.location.span.line == 15
    assert [(one.name.value, one.origin) for one in container.env] == [
        ("PLAIN", "literal"),
        ("NODE", "field"),
        ("TOKEN", "secret"),
        ("LEVEL", "config"),
    ]
    assert [(one.name.value, one.origin) for one in container.env_from] == [
        ("all", "secret"),
        ("settings", "config"),
    ]


def test_volumes_and_image_pulls_refer_to_objects_for_the_whole_pod():
    workload = pod(
        """\
        imagePullSecrets: [{name: registry}]
        volumes:
          - {name: a, secret: {secretName: s, optional: true}}
          - {name: b, configMap: {name: c, items: [{key: one, path: x}, {key: two, path: y}]}}
          - name: d
            projected:
              sources:
                - secret: {name: s, items: [{key: k, path: x}]}
                - configMap: {name: c}
                - serviceAccountToken: {path: token}
          - {name: e, csi: {driver: x, nodePublishSecretRef: {name: driver}}}
          - {name: f, csi: {driver: x}}
          - {name: g, azureFile: {secretName: azure, shareName: x}}
          - {name: h, emptyDir: {}}
          - {name: i, persistentVolumeClaim: {claimName: x}}
        containers: [{name: c, image: x}]
        """
    )
    assert shown(workload.references) == [
        ("Secret", "s", "volume", None, True, None),
        ("ConfigMap", "c", "volume", "one", None, None),
        ("ConfigMap", "c", "volume", "two", None, None),
        ("Secret", "s", "projected", "k", None, None),
        ("ConfigMap", "c", "projected", None, None, None),
        ("Secret", "driver", "csi", None, None, None),
        ("Secret", "azure", "azureFile", None, None, None),
        ("Secret", "registry", "image-pull", None, None, None),
    ]
    assert workload.containers[0].references == ()


def test_a_name_that_is_no_text_is_unknown_and_one_that_is_missing_is_no_reference():
    text = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec:
          volumes: [{name: a, secret: {secretName: [x]}}, {name: b, configMap: {}}, {name: c, secret: null}]
          containers: [{name: c, image: x, env: [{name: A, valueFrom: {secretKeyRef: {key: k}}}]}]
        """
    resources, diagnostics = read(text)
    (reference,) = resources.workloads[0].references
    assert isinstance(reference.name.value, Unknown)
    assert [one.message for one in diagnostics] == ["expected text for 'secretName', found a list"]
    assert resources.workloads[0].containers[0].references == ()


def test_mounts_of_scratch_space_and_ports_of_probes_keep_their_words():
    (container,) = pod(
        """\
        volumes: [{name: tmp, emptyDir: {}}, {name: bare}]
        containers:
          - name: c
            volumeMounts: [{name: tmp, mountPath: /tmp}, {name: bare, mountPath: /b}]
            livenessProbe: {httpGet: {port: http}}
            readinessProbe: {tcpSocket: {port: 80}}
            startupProbe: {grpc: {port: 9000}}
        """
    ).containers
    assert [(one.kind, one.source.value) for one in container.mounts] == [
        ("emptyDir", "tmp"),
        ("emptyDir", "bare"),
    ]
    assert [(one.kind, one.port.value) for one in container.probes] == [
        ("livenessProbe", "http"),
        ("readinessProbe", "80"),
        ("startupProbe", "9000"),
    ]


TEMPLATE = (
    "template: {metadata: {labels: {app: a}}, spec: {securityContext: {fsGroup: 7}, containers: [{name: c}]}}"
)


def controlled(kind, version, spec):
    resources, diagnostics = read(
        f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: x}}, spec: {{{spec}}}}}"
    )
    assert diagnostics == ()
    (workload,) = resources.workloads
    return workload


def test_controllers_say_which_pods_are_theirs():
    workload = controlled(
        "StatefulSet",
        "apps/v1",
        "serviceName: web, replicas: 2, selector: {matchLabels: {app: a}, "
        f"matchExpressions: [{{key: tier, operator: In, values: [x, y]}}]}}, {TEMPLATE}",
    )
    assert workload.selector.labels == {"app": "a"}
    (requirement,) = workload.selector.requirements
    assert (requirement.key, requirement.operator, requirement.values) == ("tier", "In", ("x", "y"))
    assert (workload.service_name.value, workload.replicas.value, workload.fs_group.value) == ("web", 2, 7)


def test_selectors_of_other_controllers():
    selector = "selector: {matchLabels: {app: a}}"
    assert controlled("Deployment", "apps/v1", f"{selector}, {TEMPLATE}").selector.labels == {"app": "a"}
    assert controlled("Rollout", "argoproj.io/v1alpha1", f"{selector}, {TEMPLATE}").selector.labels == {
        "app": "a"
    }
    plain = controlled("ReplicationController", "v1", f"selector: {{app: a}}, {TEMPLATE}")
    assert plain.selector.labels == {"app": "a"}
    job = controlled("CronJob", "batch/v1", f"jobTemplate: {{spec: {{{selector}, {TEMPLATE}}}}}")
    assert job.selector.labels == {"app": "a"}
    assert controlled("Deployment", "apps/v1", TEMPLATE).selector is None
    # What a selector of an unheard-of kind means is not known.
    assert controlled("Deployment", "example.org/v1", f"{selector}, {TEMPLATE}").selector is None


def test_what_bounds_a_namespace():
    text = "apiVersion: v1\nkind: %s\nmetadata: {name: q, namespace: n}\nspec: {}\n"
    resources, _ = read("---\n".join(text % kind for kind in ("ResourceQuota", "LimitRange")))
    assert [(one.kind, one.name.value, one.ref.namespace) for one in resources.cluster.quotas] == [
        ("ResourceQuota", "q", "n"),
        ("LimitRange", "q", "n"),
    ]
