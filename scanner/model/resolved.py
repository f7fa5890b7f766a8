"""What a container really is, once every file that has a say was heard.

A resolved fact is decided from facts of several resources. Its place is that of the fact
that decided; `steps` tell how it came about, in the order in which the files were asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple

from scanner.model.basics import Fact
from scanner.model.record import record
from scanner.model.rule import Confidence
from scanner.model.source import Located


class Step(NamedTuple):
    """One step of how a resolved fact came about: a sentence without a full stop, and the fact
    that it speaks of (None where a table or a default of the runtime speaks)."""

    text: str
    fact: Located[object] | None = None


Steps = Mapping[str, tuple[Step, ...]]
"""The steps of each resolved field, by its name; a field without an entry is as written."""


@record
class ResolvedContainer:
    """The container as it would run.

    `user`, `group`, `uid` and `gid` are of its first process; `user_source` says who decided:
    `manifest` (the container, its pod or its service), `image` (a Dockerfile of the
    repository), `table` (the table of well-known images), `guess` (nobody: the image is not
    known) or `unknown` (a variable). `root` is whether it runs as root: absent where the image
    is not known, false under runAsNonRoot, which keeps root from starting. A user with a name
    other than root is taken for an ordinary one. `gid` is unknown where the image's own list of
    users decides. `image_user`, `image_uid`, `image_root` are the same for the image alone; an
    image without a USER runs as root. `read_only_root` is absent where nothing sets it.
    `capabilities` are those that a process of root begins with, upper case without `CAP_`, sorted;
    `ALL` alone for every one. `built_here` tells whether the repository builds the image,
    and `built_as` under which name, where the container asks for another one. `written_paths`
    are folders that the image's Dockerfile declares to be written (VOLUME) and that nothing is
    mounted at or above; absent where that is not known. `unchecked` tells a container, run by an
    engine that asks for health checks, that has none. `exposes` are the ports of the EXPOSE of a
    Dockerfile here and of what that is based on. `confidence` is that of the link to the
    image's Dockerfile, and `note` says what it rests on, as the end of a sentence.
    """

    user: Fact[str] = None
    uid: Fact[int] = None
    group: Fact[str] = None
    gid: Fact[int] = None
    root: Fact[bool] = None
    user_source: str = "guess"
    image_user: Fact[str] = None
    image_uid: Fact[int] = None
    image_root: Fact[bool] = None
    read_only_root: Fact[bool] = None
    capabilities: Fact[tuple[str, ...]] = None
    built_here: bool = False
    built_as: Fact[str] = None
    unchecked: Fact[bool] = None
    written_paths: Fact[tuple[str, ...]] = None
    exposes: Fact[tuple[str, ...]] = None
    confidence: Confidence = Confidence.HIGH
    note: str = ""
    steps: Steps = field(default_factory=dict)


@record
class ResolvedWorkload:
    """The workload as the cluster or the engine would run it.

    `exposure` is the widest of `internet` (a load balancer, an ingress, a port on every
    address of the host), `host` (a node port, a port of the node or of a loopback or private
    address), `cluster` (a Service, or a network that it shares) and `none`.
    `account` is the ServiceAccount's name, `default` where none is written. `token` tells
    whether its token is mounted, and `token_source` who decided: `pod`, `account`, `default`
    (nobody) or `projected` (a volume of the pod). `powers` are what that account may do that leads further,
    by the words of `linking.powers`.
    """

    exposure: Fact[str] = None
    account: Fact[str] = None
    token: Fact[bool] = None
    token_source: str = ""
    powers: Fact[tuple[str, ...]] = None
    steps: Steps = field(default_factory=dict)


@record
class ResolvedStage:
    """A stage with what it is based on, in this file, in others, and in the table of well-known
    images. `root` is absent where the image that it began with is not known. `unchecked` tells a
    final stage without a health check whose image is run, as far as the files tell, by engines
    that would ask for one."""

    user: Fact[str] = None
    uid: Fact[int] = None
    root: Fact[bool] = None
    user_source: str = "guess"
    unchecked: Fact[bool] = None
    confidence: Confidence = Confidence.HIGH
    note: str = ""
    steps: Steps = field(default_factory=dict)


@record
class ResolvedBinding:
    """A RoleBinding or ClusterRoleBinding held against what there is. `missing` is the role or the
    account that it names and that does not exist, as people would call it, where it is named; unknown
    where the files cannot tell."""

    missing: Fact[str] = None
    steps: Steps = field(default_factory=dict)


@record
class ResolvedSecret:
    """Who uses a Secret, or a secret of a Compose project. `applications` are the names of the
    applications whose workloads do (see `linking.resolving.secrets`), `users` how many they are: 0 where
    surely nothing uses it, absent where that cannot be told."""

    applications: Fact[tuple[str, ...]] = None
    users: Fact[int] = None
    steps: Steps = field(default_factory=dict)


@record
class ResolvedBuild:
    """How an image is built, held against what there is. `missing` is the Dockerfile or the stage
    that it asks for and that does not exist, as people would call it, where it is asked for;
    unknown where the files cannot tell."""

    missing: Fact[str] = None
    steps: Steps = field(default_factory=dict)
