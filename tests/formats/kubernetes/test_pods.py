"""Pod templates: where they are found, what containers inherit, and where it was set."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from scanner.formats.kubernetes import is_kubernetes, read_objects
from scanner.model.resources import Role
from scanner.model.source import Unknown
from scanner.parsing.yaml import parse_yaml

POD = dedent(
    """\
    containers:
      - name: app
        image: nginx:1.27
    """
)


def read(text):
    file = parse_yaml(dedent(text), "f.yaml")
    return read_objects(file, file.source)


def workloads(text):
    resources, diagnostics = read(text)
    assert diagnostics == ()
    return resources.workloads


def under(path, kind, version="v1"):
    """An object with the pod specification at a path."""
    lines = [f"apiVersion: {version}", f"kind: {kind}", "metadata: {name: it}"]
    depth = 0
    for step in path.split("."):
        if step == "-":
            lines[-1] += ""
            continue
        lines.append("  " * depth + step + ":")
        depth += 1
    return "\n".join(lines) + "\n" + indent(POD, "  " * depth)


@pytest.mark.parametrize(
    "kind,version,path",
    [
        ("Pod", "v1", "spec"),
        ("Deployment", "apps/v1", "spec.template.spec"),
        ("StatefulSet", "apps/v1", "spec.template.spec"),
        ("DaemonSet", "apps/v1", "spec.template.spec"),
        ("ReplicaSet", "apps/v1", "spec.template.spec"),
        ("ReplicationController", "v1", "spec.template.spec"),
        ("Job", "batch/v1", "spec.template.spec"),
        ("CronJob", "batch/v1", "spec.jobTemplate.spec.template.spec"),
        ("PodTemplate", "v1", "template.spec"),
        ("DeploymentConfig", "apps.openshift.io/v1", "spec.template.spec"),
        ("Rollout", "argoproj.io/v1alpha1", "spec.template.spec"),
        ("Service", "serving.knative.dev/v1", "spec.template.spec"),
        ("Revision", "serving.knative.dev/v1", "spec"),
        ("PyTorchJob", "kubeflow.org/v1", "spec.pytorchReplicaSpecs.Worker.template.spec"),
        ("InferenceService", "serving.kserve.io/v1beta1", "spec.predictor"),
        ("Anything", "example.com/v1", "spec.deep.down.pod"),
    ],
)
def test_a_pod_is_found_wherever_a_kind_keeps_it(kind, version, path):
    (workload,) = workloads(under(path, kind, version))
    assert (workload.kind, workload.ref.name) == (kind, "it")
    assert [container.name.value for container in workload.containers] == ["app"]


def test_kinds_without_pods_are_not_searched():
    text = """\
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: it}
        data:
          containers: "[]"
        """
    assert workloads(text) == ()


def test_a_schema_that_speaks_of_containers_is_no_pod():
    text = """\
        apiVersion: example.com/v1
        kind: Schema
        metadata: {name: it}
        spec:
          properties:
            containers:
              items: {properties: {image: {type: string}}}
        """
    assert workloads(text) == ()


@pytest.mark.parametrize("key", ["container", "script"])
def test_an_argo_workflow_step_is_a_container(key):
    text = f"""\
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {{name: it}}
        spec:
          templates:
            - name: step
              {key}: {{image: alpine}}
        """
    (workload,) = workloads(text)
    assert workload.containers[0].image.text.value == "alpine"


def test_a_tekton_task_is_a_pod():
    text = """\
        apiVersion: tekton.dev/v1
        kind: Task
        metadata: {name: it}
        spec:
          steps:
            - {name: build, image: golang}
        """
    assert [c.name.value for w in workloads(text) for c in w.containers] == ["build"]


def test_a_list_is_opened_and_nested_lists_are_bounded():
    text = "apiVersion: v1\nkind: List\nitems:\n- &l\n  apiVersion: v1\n  kind: List\n  items: [*l, *l]\n"
    resources, diagnostics = read(text)
    assert resources.documents == ()
    assert any("nested" in found.message for found in diagnostics)


def test_a_list_of_very_many_aliases_is_bounded():
    pods = "&p {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: []}}"
    inner = ", ".join(["*p"] * 3000)
    text = f"apiVersion: v1\nkind: List\nx: {pods}\n" + f"items: &i [{inner}]\n"
    text = (
        text.replace("items: &i", "y: &i")
        + "items: ["
        + ", ".join(["{apiVersion: v1, kind: List, items: *i}"] * 40)
        + "]\n"
    )
    resources, diagnostics = read(text)
    assert len(resources.documents) <= 50_001
    assert any("more than" in found.message for found in diagnostics)


def test_roles_of_containers():
    text = """\
        apiVersion: v1
        kind: Pod
        metadata: {name: it}
        spec:
          initContainers:
            - {name: setup, image: a}
            - {name: proxy, image: a, restartPolicy: Always}
          containers:
            - {name: app, image: a}
          ephemeralContainers:
            - {name: debug, image: a}
        """
    (workload,) = workloads(text)
    roles = {container.name.value: container.role for container in workload.containers}
    assert roles == {"setup": Role.INIT, "proxy": Role.SIDECAR, "app": Role.MAIN, "debug": Role.EPHEMERAL}


INHERITED = """\
    apiVersion: v1
    kind: Pod
    metadata: {name: it}
    spec:
      securityContext:
        runAsUser: 1000
        runAsNonRoot: true
        seccompProfile: {type: RuntimeDefault}
        seLinuxOptions: {type: spc_t}
      containers:
        - name: app
          image: a
          securityContext:
            runAsUser: 0
        - name: other
          image: a
    """


def test_a_container_inherits_field_by_field_with_the_pods_places():
    (workload,) = workloads(INHERITED)
    app, other = workload.containers
    assert (app.uid.value, app.uid.location.span.line) == (0, 14)
    assert (other.uid.value, other.uid.location.span.line) == (1000, 6)
    assert (app.run_as_non_root.value, app.run_as_non_root.location.span.line) == (True, 7)
    assert app.seccomp.value == "RuntimeDefault"
    assert other.selinux_type.value == "spc_t"
    assert workload.uid.value == 1000


def test_what_a_pod_does_not_set_stays_absent():
    (workload,) = workloads(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: c, image: a}]\n"
    )
    container = workload.containers[0]
    assert container.uid is None
    assert container.privileged is None
    assert container.memory_limit is None


def test_null_is_absent():
    (workload,) = workloads(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID:\n  containers:\n"
        "    - {name: c, image: a, securityContext: null, resources: {limits: ~}}\n"
    )
    assert workload.host_pid is None
    assert workload.containers[0].security_context is None


def test_booleans_are_those_of_yaml_1_1():
    (workload,) = workloads(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: yes\n  hostIPC: off\n  containers: []\n"
    )
    assert (workload.host_pid.value, workload.host_ipc.value) == (True, False)


def test_a_request_defaults_to_the_limit():
    (workload,) = workloads(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
        "    - {name: c, image: a, resources: {limits: {cpu: 1, memory: 1Gi}}}\n"
    )
    container = workload.containers[0]
    assert (container.cpu_request.value, container.memory_request.value) == ("1", "1Gi")


def test_the_annotation_of_old_is_an_apparmor_profile():
    (workload,) = workloads(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n"
        "    container.apparmor.security.beta.kubernetes.io/c: unconfined\nspec:\n"
        "  containers: [{name: c, image: a}, {name: d, image: a}]\n"
    )
    assert [getattr(container.apparmor, "value", None) for container in workload.containers] == [
        "Unconfined",
        None,
    ]


@pytest.mark.parametrize(
    "spec,line,told",
    [
        ('hostPID: "yes"', 5, "expected a boolean for 'hostPID', found the text 'yes'"),
        ("containers: {}", 5, "expected a list for 'containers', found a mapping"),
        ("containers: [x]", 5, "expected a mapping as item of 'containers', found 'x'"),
        ("securityContext: []", 5, "expected a mapping for 'securityContext', found a list"),
        ("containers: [{name: c, image: [a]}]", 5, "expected text for 'image', found a list"),
        ("containers: [{name: c, image: {{ .Image }}}]", 5, "for 'image', found a placeholder {{ }}"),
        (
            "containers: [{name: c, image: a, securityContext: {runAsUser: x}}]",
            5,
            "expected a whole number for 'runAsUser', found 'x'",
        ),
    ],
)
def test_a_wrong_type_is_told_with_its_place_and_makes_the_fact_unknown(spec, line, told):
    resources, (found,) = read(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  {spec}\n")
    assert (found.line, found.severity) == (line, "error")
    assert told in found.message
    assert not resources.certain


def test_an_unknown_fact_says_why():
    resources, _ = read(
        'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: "yes"\n  containers: []\n'
    )
    value = resources.workloads[0].host_pid.value
    assert isinstance(value, Unknown)
    assert "boolean" in value.reason


def test_duplicate_keys_are_a_warning_and_the_last_counts():
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: true\n  hostPID: false\n  containers: []\n"
    resources, (found,) = read(text)
    assert (found.line, found.severity) == (6, "warning")
    assert resources.workloads[0].host_pid.value is False


def test_a_file_without_objects_is_not_kubernetes():
    assert not is_kubernetes(parse_yaml("apiVersion: v2\nname: chart\n", "f"))
    assert not is_kubernetes(parse_yaml("- apiVersion: v1\n  kind: Pod\n", "f"))
    assert is_kubernetes(parse_yaml("a: 1\n---\napiVersion: v1\nkind: Pod\n", "f"))


def test_documents_are_found_by_path():
    resources, _ = read(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  annotations: {a.b/c: x}\n"
        "spec:\n  type: NodePort\n  ports: [{port: 80}, {port: 443}]\n"
    )
    (document,) = resources.documents
    assert [found.value for found in document.find("spec.ports[].port")] == [80, 443]
    assert [found.value for found in document.find("metadata.annotations[a.b/c]")] == ["x"]
    assert [found.location.span.line for found in document.find("spec.type")] == [7]
    assert document.find("spec.nothing.here") == ()
