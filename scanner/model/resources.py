"""The resources that rules speak about, the same whichever format they came from.

A fact is a `Located` value or None when it is absent; a fact whose value is an
`Unknown` is written but not decidable. Resources own what they contain and never
refer back, so that a unit's resources are freed without a garbage collector run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple, TypeAlias, TypeVar

from scanner.model.commands import Command, Run
from scanner.model.record import record
from scanner.model.source import Located, Unknown

T = TypeVar("T")

Fact: TypeAlias = Located[T | Unknown] | None
"""A field of a resource: absent (None), known, or unknown."""


class Format(StrEnum):
    """The language that a resource was written in; rules claim formats."""

    DOCKERFILE = "dockerfile"
    COMPOSE = "compose"
    KUBERNETES = "kubernetes"


class Role(StrEnum):
    """What a container of a workload is there for."""

    MAIN = "main"
    INIT = "init"
    SIDECAR = "sidecar"
    EPHEMERAL = "ephemeral"


class ResourceRef(NamedTuple):
    """How people name a resource.

    `kind` is the word of the format (Deployment, service, stage); `namespace` and
    `container` are None where they do not apply; `document` is the 0-based index of
    the YAML document in its file, None for other texts.
    """

    kind: str
    name: str
    namespace: str | None = None
    container: str | None = None
    document: int | None = None


class DecidedBy(NamedTuple):
    """Stands among a fact's `overridden` for a place that did not lose but decided: the
    definition of a variable (in an env file) whose value stands in the fact."""

    variable: str


@record
class ImageReference:
    """A reference to an image, as it is pulled or built on.

    `repository` has no registry and no tag; `registry` is `docker.io` where none is
    written. `error` says why the text is no reference (distribution reference
    grammar); the parts are then None. `stage` is true when the text names an earlier
    stage of the same Dockerfile, `scratch` when it is the empty base, and `built` when
    the project builds this image itself and the text only names the result.
    """

    text: Located[str | Unknown]
    registry: Fact[str] = None
    repository: Fact[str] = None
    tag: Fact[str] = None
    digest: Fact[str] = None
    error: Fact[str] = None
    stage: bool = False
    scratch: bool = False
    built: bool = False
    pull_policy: Fact[str] = None


@record
class EnvVar:
    """A variable of a container's or a build's environment.

    `origin` says what gives the value: `literal`, `secret`, `config`, `field`,
    `inherited` (from where the command is run) or `file` (an env file). `value` is
    None when the variable has none in the files. `repeated` tells that the same list
    has the name before.
    """

    name: Located[str]
    value: Fact[str] = None
    origin: str = "literal"
    repeated: bool = False


@record
class Port:
    """A port of a container, and how it is published.

    `number` is the container's port, `published` the host's (None: not published, or
    chosen by the runtime). `host_ip` is None where none is written, which publishes on
    every address. Of a range, `number` and `published` are the first ports and
    `number_last` and `published_last` the last; these are None where there is no range. `claimed_by` is
    the workload of the project that has claimed the same port of the host before, and
    `claim` how sure that is: `certain`, `range` (the runtime may choose another) or
    `bare` (one of the two names no port of the host).
    """

    text: Located[str | Unknown]
    number: Fact[int] = None
    published: Fact[int] = None
    is_published: bool = False
    host_ip: Fact[str] = None
    protocol: Fact[str] = None
    name: Fact[str] = None
    number_last: Fact[int] = None
    published_last: Fact[int] = None
    claimed_by: Fact[str] = None
    claim: str = ""


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
    emptyDir, bind, ...); `host_path` the path on the node of one that has one."""

    name: Fact[str]
    kind: Located[str | Unknown]
    host_path: Fact[str] = None


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
    name, `rule` the text of a device cgroup rule when it is that instead."""

    path: Fact[str] = None
    target: Fact[str] = None
    permissions: Fact[str] = None
    rule: Fact[str] = None


@record
class Argument:
    """A word of the command line that a container starts with; `before` is the one before it."""

    text: Located[str | Unknown]
    before: str | None = None


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
    command, or `NONE` where it is turned off. `proc_mount` is Unmasked or Default.
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


@record
class Workload:
    """What runs containers: a pod template of any kind, or a Compose service.

    Security fields are the pod's own. `kind` is the word of the format. `labels` are
    those of the pods. `hook` is the Helm hook of a chart's hook manifest. `joins` are
    the namespaces of other containers that this one enters; `networks` are the names of
    those that it is attached to, none meaning the default; `profiles` are those of which
    one must be active for it to run; `depends_on` names workloads. `restart_attempts`
    is how often it is restarted after a failure, where a number is set.
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
    selinux_disabled: Fact[bool] = None
    restart_attempts: Fact[int] = None


@record
class BuildContext:
    """The files that a build may copy: the folder (relative to the scanned root), its ignore file
    (None where there is none), and the pattern by which that leaves a path out. A folder above
    the Dockerfile's own is a guess, and not `is_certain`."""

    folder: str
    ignore_file: str | None
    ignored_by: Callable[[str], str | None]
    is_certain: bool = True


@record
class CopySource:
    """One source of a COPY or ADD.

    `kind` is path, url, git or heredoc. `archive` tells a path that ADD would unpack,
    `everything` a path that is the whole root of where it is copied from. `ignored_by` is the
    pattern of the ignore file that leaves it out. `credential` tells that the destination is
    the variable of a credential file. `context` is None for what no context gives. `unpacked_in`
    and `deleted_in` are the lines, and places, of later commands that do so.
    """

    text: Located[str | Unknown]
    kind: str = "path"
    archive: bool = False
    everything: bool = False
    ignored_by: Fact[str] = None
    credential: bool = False
    context: BuildContext | None = None
    unpacked_in: Fact[int] = None
    deleted_in: Fact[int] = None


@record
class Copy:
    """A COPY or ADD (`keyword`).

    `origin` says what --from names: context (nothing), stage (an earlier one), self, image or
    unknown (nothing in the file, and no image with a tag); `from_text` is its text and `image` the
    image. `base` is the working directory in force, None where only the base image knows it.
    `relative` tells a destination that starts from there. `many` tells several sources.
    """

    keyword: Located[str]
    destination: Located[str | Unknown]
    origin: str = "context"
    from_text: Fact[str] = None
    image: ImageReference | None = None
    sources: tuple[CopySource, ...] = ()
    chown: Fact[str] = None
    chmod: Fact[str] = None
    checksum: Fact[str] = None
    exclude: Fact[tuple[str, ...]] = None
    base: Fact[str] = None
    relative: bool = False
    many: bool = False
    link: bool = False
    parents: bool = False
    onbuild: bool = False


@record
class StageInstruction:
    """Any instruction of a stage but its FROM, one inside ONBUILD included (`onbuild`).

    `form` is json, shell, or empty where there are no two forms. `replaced_in` is the line of a
    later one of the same keyword that leaves this one without effect. `custom_shell` tells
    that a SHELL is in force. `trigger` is what an ONBUILD holds.
    """

    keyword: Located[str]
    text: Located[str]
    index: int
    form: str = ""
    replaced_in: Fact[int] = None
    custom_shell: bool = False
    onbuild: bool = False
    trigger: Fact[str] = None


@record
class WorkingDirectory:
    """A WORKDIR: as written, with variables resolved, and `resolved` against those before it
    (None where only the base image knows). `relative` tells that it starts from another."""

    text: Located[str | Unknown]
    resolved: Fact[str] = None
    relative: bool = False


@record
class UndeclaredVariable:
    """A variable that the instruction `keyword` uses and nothing declares; `problem` says what
    became of it, in words that continue a sentence about it."""

    name: Located[str]
    keyword: str
    problem: str


@record
class CredentialFile:
    """A variable that names a credential file, with the path as its `text`; `copied` tells that
    the path lies where an instruction of the stage copies to."""

    text: Located[str | Unknown]
    variable: str
    copied: bool = False


@record
class BuildStage:
    """A stage of a Dockerfile.

    `user` is the last USER of the stage itself, else that of the stage it is based on;
    `uid` its number, where it has one. `final` marks the stage that is built by
    default, `in_image` it and the stages that it is based on. `base` is None only where FROM
    has no readable image; `origin` is the image from outside that the stages began with.
    `alias` is the name after AS, `named_in` the line of an earlier stage of that name;
    `platform_text` is --platform as written, and `platform_named` tells that the alias names
    it. `cmd` and `entrypoint` are as written, with what is inherited; `labels` are its own,
    `label_names` with those inherited. `image_env` is `env` where the stage is in the image.
    """

    ref: ResourceRef
    name: Located[str]
    index: int
    final: bool = False
    base: ImageReference | None = None
    platform: Fact[str] = None
    user: Fact[str] = None
    uid: Fact[int] = None
    healthcheck: Fact[str] = None
    env: tuple[EnvVar, ...] = ()
    args: tuple[EnvVar, ...] = ()
    ports: tuple[Port, ...] = ()
    in_image: bool = False
    origin: ImageReference | None = None
    alias: Fact[str] = None
    named_in: Fact[int] = None
    platform_text: Fact[str] = None
    platform_named: bool = False
    cmd: Fact[str] = None
    entrypoint: Fact[str] = None
    label_names: Fact[tuple[str, ...]] = None
    labels: tuple[EnvVar, ...] = ()
    copies: tuple[Copy, ...] = ()
    instructions: tuple[StageInstruction, ...] = ()
    workdirs: tuple[WorkingDirectory, ...] = ()
    undeclared: tuple[UndeclaredVariable, ...] = ()
    credential_files: tuple[CredentialFile, ...] = ()
    image_env: tuple[EnvVar, ...] = ()
    runs: tuple[Run, ...] = ()
    commands: tuple[Command, ...] = ()


@record
class Dockerfile:
    """A Dockerfile with its stages, in order; `syntax` is the frontend that its directive names."""

    ref: ResourceRef
    name: Located[str]
    stages: tuple[BuildStage, ...] = ()
    args: tuple[EnvVar, ...] = ()
    syntax: ImageReference | None = None


@record
class Document:
    """Any Kubernetes object, by path into its raw tree.

    `kind` and `api_version` are as written. `find` takes a dotted path (`spec.type`,
    `spec.rules[].host`) and returns the facts that stand there, empty when none do; a
    fact's value is text, a number, a boolean, None for null, or a tuple of the keys or
    of the scalar items when a collection stands there.
    """

    ref: ResourceRef
    name: Located[str]
    kind: str
    api_version: str
    find: Callable[[str], tuple[Located[object], ...]]


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
class RemoteFile:
    """A file of a project that lies elsewhere: `address` names a repository or an artifact of
    a registry, `keyword` what asks for it (include, extends)."""

    address: Located[str]
    keyword: str


@record
class ProjectFile:
    """One file of a project; `version` is the one of its format that it says it has."""

    ref: ResourceRef
    name: Located[str]
    version: Fact[str] = None
    remotes: tuple[RemoteFile, ...] = ()


@record
class EnvFile:
    """A file of variables that a project's own files are filled in from."""

    ref: ResourceRef
    name: Located[str]
    variables: tuple[EnvVar, ...] = ()


@record
class InvalidPlace:
    """A place that the specification of the format does not allow, with what is wrong there; the
    `path` is dotted."""

    ref: ResourceRef
    path: str
    message: Located[str]


@record
class UnitResources:
    """What one unit holds. `certain` is true when no fact in it is Unknown, which lets
    the engine evaluate two-valued. `environment` names what the unit was read as (an
    overlay, a value set), `default` where there is only one. `env_files` are those of
    the repository (not git-ignored)."""

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
