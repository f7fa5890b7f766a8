"""The resources that rules speak about, the same whichever format they came from.

A fact is a `Located` value or None when it is absent; a fact whose value is an
`Unknown` is written but not decidable. Resources own what they contain and never
refer back, so that a unit's resources are freed without a garbage collector run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scanner.model.basics import DecidedBy as DecidedBy
from scanner.model.basics import EnvVar as EnvVar
from scanner.model.basics import Fact as Fact
from scanner.model.basics import Format as Format
from scanner.model.basics import ImageReference as ImageReference
from scanner.model.basics import Port as Port
from scanner.model.basics import ResourceRef as ResourceRef
from scanner.model.basics import Role as Role
from scanner.model.builds import ImageBuild as ImageBuild
from scanner.model.charts import Chart as Chart
from scanner.model.cluster import NO_OBJECTS, ClusterObjects
from scanner.model.cluster import Selector as Selector
from scanner.model.dockerfiles import BuildStage as BuildStage
from scanner.model.dockerfiles import Copy as Copy
from scanner.model.dockerfiles import Dockerfile as Dockerfile
from scanner.model.project_files import EnvFile as EnvFile
from scanner.model.project_files import InvalidPlace as InvalidPlace
from scanner.model.project_files import ProjectFile as ProjectFile
from scanner.model.project_files import RemoteFile as RemoteFile
from scanner.model.record import record
from scanner.model.references import EnvSource as EnvSource
from scanner.model.references import Reference as Reference
from scanner.model.removals import RemovedValue
from scanner.model.settings import WrittenCredential
from scanner.model.source import Located, Unknown


@record
class Mount:
    """A mount in a container. `kind` is bind, volume, tmpfs, secret, config, npipe, image,
    cluster, the type of the Kubernetes volume behind it, or `unknown` where a variable
    decides; `source` is the host path of a bind (normalized, absolute ones only are
    sure) or the volume's name. `options` are those of the mount (`noexec`, `z`)."""

    target: Fact[str] = None
    source: Fact[str] = None
    kind: str = "volume"
    read_only: Fact[bool] = None
    propagation: Fact[str] = None
    text: Fact[str] = None
    options: Fact[tuple[str, ...]] = None


@record
class Volume:
    """A volume of a workload. `kind` is the key that gives its type (hostPath,
    emptyDir, bind, ...); `host_path` the path on the node of one that has one; `file_mode`
    the mode that the files of a secret get, where one is written; `api_token` is there where a
    projected one holds a token of the pod's account for the API server itself."""

    name: Fact[str]
    kind: Located[str | Unknown]
    host_path: Fact[str] = None
    size_limit: Fact[str] = None
    file_mode: Fact[int] = None
    api_token: Located[bool] | None = None


@record
class Probe:
    """A health probe or lifecycle hook of a container."""

    kind: str
    host: Fact[str] = None
    port: Fact[str] = None
    place: Located[str] | None = None


@record
class Device:
    """A device of the host that a container gets. `path` is the host's path or the CDI
    name, `rule` the text of a device cgroup rule when it is that instead; `text` is
    whichever it is."""

    path: Fact[str] = None
    target: Fact[str] = None
    permissions: Fact[str] = None
    rule: Fact[str] = None
    text: Fact[str] = None


@record
class Argument:
    """A word of the command line that a container starts with, or of another one run in it (`use`:
    command line, health check, hook); `before` is the one before it. `credential` is what the word
    gives away, at its place."""

    text: Located[str | Unknown]
    before: str | None = None
    use: str = "command line"
    credential: Fact[str] = None


@record
class NamespaceJoin:
    """A namespace (`kind`: network, pid, ipc, user) of another container that a workload enters,
    and whose it is (`service:db`)."""

    kind: str
    target: Located[str]


@record
class Hook:
    """A command run beside a container's own at `kind` (post_start, pre_stop), with
    rights of its own."""

    kind: str
    place: Located[str]
    user: Fact[str] = None
    uid: Fact[int] = None
    privileged: Fact[bool] = None


@record
class Build:
    """How a container's image is built.

    `place` is where that is said. `context` and `dockerfile` are paths relative to the
    scanned root where they are paths of the repository (`is_local`), else as written;
    `dockerfile` is known also where only the default is meant. `inline` is the text of
    a Dockerfile that stands in the file itself. `contexts` are name=source texts.
    """

    place: Located[str]
    context: Fact[str] = None
    dockerfile: Fact[str] = None
    inline: Fact[str] = None
    target: Fact[str] = None
    args: tuple[EnvVar, ...] = ()
    privileged: Fact[bool] = None
    network: Fact[str] = None
    entitlements: Fact[tuple[str, ...]] = None
    contexts: Fact[tuple[str, ...]] = None
    ssh: Fact[tuple[str, ...]] = None
    secrets: Fact[tuple[str, ...]] = None
    is_local: bool = True


@record
class Container:
    """A container as it would run: what its pod or project sets is inherited by field.

    `user` and `group` are as written (a name or a number as text); `uid` and `gid` are
    their numbers where they have one (`root` is 0). Capabilities are upper case without
    `CAP_`. `seccomp` and `apparmor` are RuntimeDefault, Localhost, Unconfined or, for
    an unheard-of value, that value. Quantities are as written. `healthcheck` is the
    command, `NONE` where it is turned off, or `IMAGE` where it is said that it is not, and no more.
    `proc_mount` is Unmasked or Default.
    `fixed_name` is the name that the runtime is told to use; `ulimits` are name=value
    texts; `logging` is the log driver and `logging_options` its name=value options;
    `security_options` are the engine's security options as written. A list merged of
    several files stands in the last of them; the lists of the others, as tuples, are in
    its `overridden`. `cap_add_written` and `cap_drop_written` are the lists as written,
    where Kubernetes' admission, which compares literally, sees other names in them.
    """

    ref: ResourceRef
    name: Located[str]
    role: Role = Role.MAIN
    image: ImageReference | None = None
    user: Fact[str] = None
    uid: Fact[int] = None
    group: Fact[str] = None
    gid: Fact[int] = None
    run_as_non_root: Fact[bool] = None
    privileged: Fact[bool] = None
    allow_privilege_escalation: Fact[bool] = None
    cap_add: Fact[tuple[str, ...]] = None
    cap_drop: Fact[tuple[str, ...]] = None
    seccomp: Fact[str] = None
    apparmor: Fact[str] = None
    selinux_type: Fact[str] = None
    selinux_user: Fact[str] = None
    selinux_role: Fact[str] = None
    selinux_disabled: Fact[bool] = None
    proc_mount: Fact[str] = None
    read_only_root: Fact[bool] = None
    windows_host_process: Fact[bool] = None
    memory_limit: Fact[str] = None
    memory_request: Fact[str] = None
    cpu_limit: Fact[str] = None
    cpu_request: Fact[str] = None
    ephemeral_storage_limit: Fact[str] = None
    pids_limit: Fact[int] = None
    command: Fact[tuple[str, ...]] = None
    args: Fact[tuple[str, ...]] = None
    stdin: Fact[bool] = None
    tty: Fact[bool] = None
    liveness_probe: Fact[str] = None
    readiness_probe: Fact[str] = None
    startup_probe: Fact[str] = None
    healthcheck: Fact[str] = None
    security_context: Fact[str] = None
    resources: Fact[str] = None
    build: Fact[str] = None
    ports: tuple[Port, ...] = ()
    env: tuple[EnvVar, ...] = ()
    mounts: tuple[Mount, ...] = ()
    probes: tuple[Probe, ...] = ()
    build_spec: Build | None = None
    fixed_name: Fact[str] = None
    supplementary_groups: Fact[tuple[str, ...]] = None
    devices: tuple[Device, ...] = ()
    ulimits: Fact[tuple[str, ...]] = None
    logging: Fact[str] = None
    logging_options: Fact[tuple[str, ...]] = None
    oom_kill_disabled: Fact[bool] = None
    hooks: tuple[Hook, ...] = ()
    security_options: Fact[tuple[str, ...]] = None
    host_users: Fact[bool] = None
    cap_add_written: Fact[tuple[str, ...]] = None
    cap_drop_written: Fact[tuple[str, ...]] = None
    arguments: tuple[Argument, ...] = ()
    env_from: tuple[EnvSource, ...] = ()
    references: tuple[Reference, ...] = ()


@record
class Workload:
    """What runs containers: a pod template of any kind, or a Compose service.

    Security fields are the pod's own. `kind` is the word of the format. `labels` are
    those of the pods. `hook` is the Helm hook of a chart's hook manifest. `joins` are
    the namespaces of other containers that this one enters; `networks` are the names of
    those that it is attached to, none meaning the default; `profiles` are those of which
    one must be active for it to run; `depends_on` names workloads, `env_files` are
    paths relative to the scanned root. `restart_attempts`
    is how often it is restarted after a failure, where a number is set. `references` are
    those of the pod itself (volumes, image pulls). `selector` chooses the pods that it
    takes for its own, `service_name` the Service that names a StatefulSet's pods. `homes` name
    mappings elsewhere whose keys its containers get (anchors, extended services, the pod's `spec`).
    `environment` is that of its unit.
    """

    ref: ResourceRef
    name: Located[str]
    kind: str
    format: Format
    containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None
    operating_system: Fact[str] = None
    host_network: Fact[bool] = None
    host_pid: Fact[bool] = None
    host_ipc: Fact[bool] = None
    host_users: Fact[bool] = None
    run_as_non_root: Fact[bool] = None
    uid: Fact[int] = None
    seccomp: Fact[str] = None
    apparmor: Fact[str] = None
    selinux_type: Fact[str] = None
    selinux_user: Fact[str] = None
    selinux_role: Fact[str] = None
    windows_host_process: Fact[bool] = None
    sysctls: Fact[tuple[str, ...]] = None
    service_account: Fact[str] = None
    automount_token: Fact[bool] = None
    share_process_namespace: Fact[bool] = None
    replicas: Fact[int] = None
    restart: Fact[str] = None
    security_context: Fact[str] = None
    hook: str | None = None
    host_uts: Fact[bool] = None
    host_cgroup: Fact[bool] = None
    cgroup_parent: Fact[str] = None
    joins: tuple[NamespaceJoin, ...] = ()
    networks: tuple[Located[str | Unknown], ...] = ()
    network_mode: Fact[str] = None
    profiles: Fact[tuple[str, ...]] = None
    depends_on: tuple[Located[str | Unknown], ...] = ()
    env_files: tuple[Located[str | Unknown], ...] = ()
    selinux_disabled: Fact[bool] = None
    restart_attempts: Fact[int] = None
    references: tuple[Reference, ...] = ()
    selector: Selector | None = None
    service_name: Fact[str] = None
    fs_group: Fact[int] = None
    homes: tuple[Located[str], ...] = ()
    environment: str = "default"


@record
class Document:
    """Any Kubernetes object, by path into its raw tree.

    `kind` and `api_version` are as written. `find` takes a dotted path (`spec.type`,
    `spec.rules[].host`) and returns the facts that stand there, empty when none do; a
    fact's value is text, a number, a boolean, None for null, or a tuple of the keys or
    of the scalar items when a collection stands there. `rendered` ones were made by a
    chart or an overlay, whose deployer may say what they leave open (the namespace).
    """

    ref: ResourceRef
    name: Located[str]
    kind: str
    api_version: str
    find: Callable[[str], tuple[Located[object], ...]]
    rendered: bool = False


@record
class Network:
    """A network that a project defines, by the name that its workloads use. `external`
    ones exist outside of the project and are shared with others; `internal` ones have
    no way out."""

    ref: ResourceRef
    name: Located[str]
    driver: Fact[str] = None
    external: Fact[bool] = None
    internal: Fact[bool] = None


@record
class StoredValue:
    """A secret or config that a project defines (`kind`). Its value comes from `file`
    (a path relative to the scanned root where it lies below it), from the variable
    `environment`, or stands in the file itself (`content`). `file_text` is what stands in
    the file, where that is one of the repository's (not git-ignored)."""

    ref: ResourceRef
    kind: str
    name: Located[str]
    file: Fact[str] = None
    environment: Fact[str] = None
    content: Fact[str] = None
    external: Fact[bool] = None
    file_text: Fact[str] = None


@record
class UnitResources:
    """What one unit holds. `certain` is true when no fact in it is Unknown, which lets
    the engine evaluate two-valued. `environment` names what the unit was read as (an
    overlay, a value set), `default` where there is only one. `env_files` are those of
    the repository (not git-ignored). `cluster` are the objects of Kubernetes that are no pods;
    `charts` are in units of their own, one for each chart. `removed` are the values that the
    environment took out of what it is built from; `builds` are what build tools are told.
    `operated` are custom resources whose operators may make pods of their own, `untyped` the
    objects of which it is not known what they name. `credentials` are those that stand elsewhere
    than in variables, Secrets and command lines. `private` are names and values of variables that fill
    in fields and are no facts by themselves (of git-ignored env files, defaults): no rule judges them,
    and those that are secrets must not be shown."""

    format: Format
    workloads: tuple[Workload, ...] = ()
    dockerfiles: tuple[Dockerfile, ...] = ()
    documents: tuple[Document, ...] = ()
    certain: bool = True
    environment: str = "default"
    networks: tuple[Network, ...] = ()
    stored: tuple[StoredValue, ...] = ()
    invalid: tuple[InvalidPlace, ...] = ()
    files: tuple[ProjectFile, ...] = ()
    env_files: tuple[EnvFile, ...] = ()
    cluster: ClusterObjects = NO_OBJECTS
    charts: tuple[Chart, ...] = ()
    removed: tuple[RemovedValue, ...] = ()
    builds: tuple[ImageBuild, ...] = ()
    operated: tuple[ResourceRef, ...] = ()
    untyped: tuple[ResourceRef, ...] = ()
    credentials: tuple[WrittenCredential, ...] = ()
    private: tuple[tuple[str, str], ...] = ()
