"""What a service's keys mean, in all of their spellings."""

from __future__ import annotations

import pytest

from scanner.formats.compose.projects import ComposeUnit
from scanner.formats.compose.reader import read_compose
from scanner.model.resources import Port
from scanner.model.source import Unknown
from tests.formats.compose.compose_texts import (
    TextFiles,
    container,
    decided,
    in_service,
    messages,
    place,
    read,
    service,
    statuses,
    value,
    workload,
)


def test_a_service_is_a_workload_with_one_container() -> None:
    reading = read("services:\n  web:\n    image: nginx:1\n")
    found = workload(reading)
    assert (found.kind, found.ref.kind, found.ref.name, found.ref.container) == (
        "service",
        "service",
        "web",
        None,
    )
    assert [(each.name.value, each.ref.container) for each in found.containers] == [("web", "web")]
    assert place(found.name) == "compose.yaml:2:3"
    assert reading.resources is not None
    assert reading.resources.certain
    assert (reading.resources.environment, statuses(reading)) == ("default", {"compose.yaml": "evaluated"})


def port(text: str, **env: str) -> Port:
    return service(f"ports:\n  - {text}", **env).ports[0]


@pytest.mark.parametrize(
    "text, host_ip, published, number, protocol",
    [
        ("'80'", None, None, 80, "tcp"),
        ("80", None, None, 80, "tcp"),
        ("'8080:80'", None, 8080, 80, "tcp"),
        ("'8080:80/UDP'", None, 8080, 80, "udp"),
        ("127.0.0.1:8080:80", "127.0.0.1", 8080, 80, "tcp"),
        ("127.0.0.1::80", "127.0.0.1", None, 80, "tcp"),
        ("'[::1]:8080:80'", "::1", 8080, 80, "tcp"),
        ("'::1:8080:80'", "::1", 8080, 80, "tcp"),
        ("'0:80'", None, None, 80, "tcp"),
        ("{target: 80}", None, None, 80, "tcp"),
        ("{target: 80, published: '8080', host_ip: 127.0.0.1, protocol: udp}", "127.0.0.1", 8080, 80, "udp"),
        ("{target: '80', published: 8080}", None, 8080, 80, "tcp"),
    ],
)
def test_ports(text: str, host_ip: str | None, published: int | None, number: int, protocol: str) -> None:
    found = port(text)
    assert (value(found.host_ip), value(found.published), value(found.number)) == (host_ip, published, number)
    assert (value(found.protocol), found.is_published) == (protocol, True)


def test_a_range_of_ports_keeps_both_ends() -> None:
    found = port("'9000-9003:80-83'")
    assert (value(found.published), value(found.published_last)) == (9000, 9003)
    assert (value(found.number), value(found.number_last)) == (80, 83)
    assert value(found.text) == "9000-9003:80-83"


def test_an_exposed_port_is_not_published() -> None:
    (found,) = service("expose: ['80-81/udp']").ports
    assert (value(found.number), value(found.number_last), found.is_published) == (80, 81, False)


def test_a_variable_leaves_open_only_what_it_may_reach() -> None:
    found = port("127.0.0.1:${P}:80")
    assert (value(found.host_ip), value(found.number)) == ("127.0.0.1", 80)
    assert isinstance(value(found.published), Unknown)
    assert isinstance(value(port("'${P}:80'").host_ip), Unknown)
    assert isinstance(value(port("'${P}'").number), Unknown)
    assert value(port("'${P}:80'", env="P=8080").published) == 8080


@pytest.mark.parametrize(
    "text", ["'80/xyz'", "'99999:80'", "'1-3:1-2'", "tcp", "[80]", "'a.b.c.d:80:80'", "{published: 1}"]
)
def test_a_wrong_port_is_told_at_its_place(text: str) -> None:
    reading = read(in_service(f"ports:\n  - {text}"))
    assert [(each.line, each.column, each.severity) for each in reading.diagnostics] == [(5, 9, "error")]
    assert statuses(reading) == {"compose.yaml": "partial"}


@pytest.mark.parametrize(
    "text, kind, source, target, read_only",
    [
        ("/etc:/host", "bind", "/etc", "/host", None),
        ("/var/run/../run/docker.sock:/s:ro", "bind", "/var/run/docker.sock", "/s", True),
        ("./a/../b:/b:rw", "bind", "./b", "/b", False),
        ("..:/up", "bind", "..", "/up", None),
        (".:/here", "bind", ".", "/here", None),
        ("~/x:/x", "bind", "~/x", "/x", None),
        ("data:/d:ro,z", "volume", "data", "/d", True),
        ("/anonymous", "volume", None, "/anonymous", None),
        ("'C:\\x:/x'", "bind", "C:\\x", "/x", None),
        ("'\\\\.\\pipe\\docker:/p'", "npipe", "\\\\.\\pipe\\docker", "/p", None),
        ("{type: bind, source: ./x, target: /x, read_only: true}", "bind", "./x", "/x", True),
        ("{type: tmpfs, target: /t}", "tmpfs", None, "/t", None),
        ("{type: volume, source: v, target: /v, read_only: 'false'}", "volume", "v", "/v", False),
    ],
)
def test_volumes(text: str, kind: str, source: str | None, target: str, read_only: bool | None) -> None:
    (found,) = service(f"volumes:\n  - {text}").mounts
    assert (found.kind, value(found.source), value(found.target)) == (kind, source, target)
    assert value(found.read_only) is read_only


def test_mount_options_and_propagation() -> None:
    (found,) = service("volumes: ['/a:/a:ro,rshared,Z']").mounts
    assert (value(found.propagation), value(found.options)) == ("rshared", ("ro", "rshared", "Z"))
    (found,) = service("volumes: [{type: bind, source: /a, target: /a, bind: {propagation: shared}}]").mounts
    assert value(found.propagation) == "shared"


def test_whether_a_variable_names_a_volume_or_a_path_is_open() -> None:
    (found,) = service("volumes: ['${DIR}/x:/x:ro']").mounts
    assert found.kind == "unknown"
    assert isinstance(value(found.source), Unknown)
    assert (value(found.target), value(found.read_only)) == ("/x", True)


def test_tmpfs_secrets_configs_and_the_api_socket_are_mounts() -> None:
    found = service(
        "tmpfs: /t:size=1m,exec\nsecrets: [s]\nconfigs: [{source: c, target: /etc/c}]\nuse_api_socket: true"
    )
    assert [(mount.kind, value(mount.source), value(mount.target)) for mount in found.mounts] == [
        ("tmpfs", None, "/t"),
        ("secret", "s", "/run/secrets/s"),
        ("config", "c", "/etc/c"),
        ("bind", "/var/run/docker.sock", "/var/run/docker.sock"),
    ]
    assert value(found.mounts[0].options) == ("size=1m", "exec")
    assert place(found.mounts[3].source) == "compose.yaml:7:5"


def test_a_named_volume_that_binds_a_host_path_is_a_bind() -> None:
    volume = "volumes: {vol: {driver_opts: {type: none, o: bind, device: /etc}}}\n"
    (found,) = container(read(in_service("volumes: [vol:/v]") + volume)).mounts
    assert (found.kind, value(found.source), place(found.source)) == ("bind", "/etc", "compose.yaml:5:52")


@pytest.mark.parametrize(
    "text, user, uid, group, gid",
    [
        ("root", "root", 0, None, None),
        ("'0:0'", "0", 0, "0", 0),
        ("1000", "1000", 1000, None, None),
        ("app:root", "app", None, "root", 0),
        ("'1000:1001'", "1000", 1000, "1001", 1001),
        ("''", None, None, None, None),
        ("'${U:-5}:6'", "5", 5, "6", 6),
    ],
)
def test_users(text: str, user: str | None, uid: int | None, group: str | None, gid: int | None) -> None:
    found = service(f"user: {text}")
    assert (value(found.user), value(found.uid), value(found.group), value(found.gid)) == (
        user,
        uid,
        group,
        gid,
    )


def test_an_open_user_leaves_the_group_open_unless_it_is_written() -> None:
    found = service("user: ${U}:100")
    assert isinstance(value(found.uid), Unknown)
    assert value(found.gid) == 100
    assert isinstance(value(service("user: ${U}").gid), Unknown)


def test_capabilities_are_normalized() -> None:
    found = service("cap_add: [cap_sys_admin, Net_Raw]\ncap_drop: [all]")
    assert (value(found.cap_add), value(found.cap_drop)) == (("SYS_ADMIN", "NET_RAW"), ("ALL",))


@pytest.mark.parametrize("mark", [":", "="])
def test_security_options_in_both_spellings(mark: str) -> None:
    options = [
        "no-new-privileges|true",
        "seccomp|unconfined",
        "apparmor|unconfined",
        "label|type|t",
        "systempaths|unconfined",
    ]
    found = service("security_opt:\n" + "".join(f"  - {each.replace('|', mark)}\n" for each in options))
    assert value(found.allow_privilege_escalation) is False
    assert (value(found.seccomp), value(found.apparmor)) == ("Unconfined", "Unconfined")
    assert (value(found.selinux_type), value(found.proc_mount)) == ("t", "Unmasked")
    assert place(found.seccomp) == "compose.yaml:6:9"


def test_more_security_options() -> None:
    found = service(
        "security_opt: [no-new-privileges, seccomp=p.json, 'apparmor:docker-default', 'label:disable', 'label=role:r']"
    )
    assert value(found.allow_privilege_escalation) is False
    assert (value(found.seccomp), value(found.apparmor)) == ("Localhost", "RuntimeDefault")
    assert (value(found.selinux_disabled), value(found.selinux_role)) == (True, "r")
    assert value(service("security_opt: ['no-new-privileges:false']").allow_privilege_escalation) is True
    assert isinstance(value(service("security_opt: ['${OPT}']").seccomp), Unknown)


@pytest.mark.parametrize(
    "text, expected",
    [("true", True), ("'true'", True), ("'False'", False), ("TRUE", True), ("${P:-false}", False)],
)
def test_booleans_are_cast_as_compose_does(text: str, expected: bool) -> None:
    assert value(service(f"privileged: {text}").privileged) is expected


def test_a_boolean_of_yaml_1_1_is_taken_with_a_warning() -> None:
    reading = read(in_service("privileged: yes"))
    assert value(container(reading).privileged) is True
    assert messages(reading) == [
        "compose.yaml:4:5: warning: 'yes' is no boolean of YAML 1.2 for 'privileged'; write true"
    ]
    assert statuses(reading) == {"compose.yaml": "evaluated"}


@pytest.mark.parametrize(
    "text, found", [("ture", "the text 'ture'"), ("1", "'1'"), ("[true]", "a list"), ("{a: b}", "a mapping")]
)
def test_a_wrong_type_is_told_and_leaves_the_fact_open(text: str, found: str) -> None:
    reading = read(in_service(f"privileged: {text}"))
    assert isinstance(value(container(reading).privileged), Unknown)
    assert messages(reading) == [
        f"compose.yaml:4:5: error: expected a boolean for 'privileged', found {found}; write true or false"
    ]
    assert statuses(reading) == {"compose.yaml": "partial"}
    assert reading.resources is not None
    assert not reading.resources.certain


def test_namespaces_of_the_host_and_of_others() -> None:
    reading = read(
        in_service(
            "network_mode: host\npid: host\nipc: service:db\nuserns_mode: host\nuts: host\ncgroup: private"
        )
    )
    found = workload(reading)
    assert (value(found.host_network), value(found.host_pid), value(found.host_ipc)) == (True, True, False)
    assert (value(found.host_users), value(found.host_uts), value(found.host_cgroup)) == (True, True, False)
    assert [(each.kind, each.target.value) for each in found.joins] == [("ipc", "service:db")]


def test_limits_of_both_forms() -> None:
    new = service(
        "deploy: {resources: {limits: {memory: 1g, cpus: '0.5', pids: 9}, reservations: {memory: 5m}}}"
    )
    assert (value(new.memory_limit), value(new.cpu_limit), value(new.pids_limit)) == ("1g", "0.5", 9)
    assert (value(new.memory_request), value(new.resources)) == ("5m", "resources")
    old = service("mem_limit: 512m\ncpus: 2\npids_limit: -1\nmem_reservation: 1m")
    assert (value(old.memory_limit), value(old.cpu_limit), value(old.pids_limit)) == ("512m", "2", -1)
    quota = service("cpu_quota: 50000")
    assert value(quota.cpu_limit) == "0.5"
    assert value(service("mem_limit: 0").memory_limit) is None
    assert isinstance(value(service("mem_limit: lots").memory_limit), Unknown)


def test_health_checks() -> None:
    assert value(service("healthcheck: {test: [CMD, curl, x]}").healthcheck) == "CMD curl x"
    assert value(service("healthcheck: {test: curl x}").healthcheck) == "curl x"
    assert value(service("healthcheck: {test: [NONE]}").healthcheck) == "NONE"
    assert value(service("healthcheck: {disable: true}").healthcheck) == "NONE"
    assert value(service("healthcheck: {disable: false}").healthcheck) == "IMAGE"
    assert value(service("healthcheck: {disable: false, test: curl x}").healthcheck) == "curl x"
    assert service("healthcheck: {interval: 5s}").healthcheck is None


def test_environment_forms_and_origins() -> None:
    found = service(
        "env_file: [x.env, {path: no.env, required: false}]\nenvironment:\n  A: 1\n  B:\n  C: ${NO}\n  D: $E",
        env="E=e\nB=b",
        x="A=0\nF=f\nG\n",
    )
    origins = {each.name.value: (each.origin, value(each.value)) for each in found.env}
    assert origins.pop("C")[0] == "literal"
    assert origins == {
        "A": ("literal", "1"),
        "B": ("file", "b"),
        "D": ("literal", "e"),
        "F": ("file", "f"),
        "G": ("inherited", None),
    }
    variable = {each.name.value: each for each in found.env}
    assert decided(variable["D"].value) == [("E", ".env:1:1")]
    assert place(variable["F"].value) == "x.env:2:1"


def test_the_environment_of_the_process_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HULLCHECK_TEST", "leak")
    found = service("user: ${HULLCHECK_TEST}\nenvironment: [HULLCHECK_TEST]")
    assert isinstance(value(found.user), Unknown)
    assert (found.env[0].origin, found.env[0].value) == ("inherited", None)


def test_a_missing_env_file_is_a_gap_at_its_place() -> None:
    reading = read(in_service("env_file:\n  - secret.env"))
    assert messages(reading) == [
        "compose.yaml:5:9: warning: the env file 'secret.env' is not there, so its variables are not known"
    ]
    assert statuses(reading) == {"compose.yaml": "partial"}


def test_a_variable_without_value_is_unknown_and_names_itself() -> None:
    reading = read(in_service("user: ${WHO}"))
    assert value(container(reading).user) == Unknown(
        "the variable 'WHO' has no value in the files and no default"
    )
    assert reading.diagnostics == ()
    assert statuses(reading) == {"compose.yaml": "evaluated"}


def test_a_template_that_is_none_is_told() -> None:
    reading = read(in_service("user: ${}"))
    assert messages(reading) == [
        "compose.yaml:4:11: error: '${}' has no valid variable after '$'; write $$ for a dollar sign"
    ]


def test_builds() -> None:
    found = service(
        "build:\n  context: ./a\n  dockerfile: ../D\n  target: t\n  args: [X=1, Y]\n  privileged: true\n  network: host\n  entitlements: [security.insecure]\n  secrets: [s]\n  additional_contexts: {o: ../o}"
    )
    build = found.build_spec
    assert build is not None
    assert (value(build.context), value(build.dockerfile), value(build.target)) == ("a", "D", "t")
    assert [(each.name.value, value(each.value)) for each in build.args] == [("X", "1"), ("Y", None)]
    assert (value(build.privileged), value(build.network), value(build.entitlements)) == (
        True,
        "host",
        ("security.insecure",),
    )
    assert (value(build.secrets), value(build.contexts), build.is_local) == (("s",), ("o=../o",), True)
    assert found.image is not None
    assert found.image.built


def test_an_inline_dockerfile_and_a_remote_context() -> None:
    inline = service("build:\n  dockerfile_inline: |\n    FROM scratch\n").build_spec
    assert inline is not None
    assert (value(inline.inline), inline.dockerfile, value(inline.context)) == ("FROM scratch\n", None, "")
    remote = service("build: https://github.com/x/y.git#main").build_spec
    assert remote is not None
    assert (remote.is_local, value(remote.context)) == (False, "https://github.com/x/y.git#main")


def test_the_rest_of_a_service() -> None:
    reading = read(
        in_service(
            "container_name: fixed\ngroup_add: [docker, 0]\nulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}\n"
            "devices: ['/dev/sda:/dev/x:r', 'vendor.com/gpu=all']\ndevice_cgroup_rules: ['c 1:3 mr']\n"
            "logging: {driver: none}\noom_kill_disable: true\nstdin_open: true\ntty: false\nrestart: 'no'\n"
            "sysctls: {net.core.somaxconn: 1}\nlabels: [a=b]\nprofiles: [debug]\nscale: 3\ncgroup_parent: /p\n"
            "post_start: [{command: x, user: root, privileged: true}]\nnetworks: [n]\ndepends_on: [db]"
        )
    )
    found, whole = container(reading), workload(reading)
    assert reading.diagnostics == ()
    assert (value(found.fixed_name), value(found.supplementary_groups)) == ("fixed", ("docker", "0"))
    assert value(found.ulimits) == ("nofile=1:2", "nproc=3")
    assert [(value(each.path), value(each.permissions), value(each.rule)) for each in found.devices] == [
        ("/dev/sda", "r", None),
        ("vendor.com/gpu=all", None, None),
        (None, None, "c 1:3 mr"),
    ]
    assert (value(found.logging), value(found.oom_kill_disabled)) == ("none", True)
    assert (value(found.stdin), value(found.tty)) == (True, False)
    assert (value(whole.restart), value(whole.sysctls), whole.labels) == (
        "no",
        ("net.core.somaxconn",),
        {"a": "b"},
    )
    assert (value(whole.profiles), value(whole.replicas), value(whole.cgroup_parent)) == (("debug",), 3, "/p")
    (hook,) = found.hooks
    assert (hook.kind, value(hook.uid), value(hook.privileged)) == ("post_start", 0, True)
    assert [each.value for each in (*whole.networks, *whole.depends_on)] == ["n", "db"]


def test_networks_secrets_and_configs_of_a_project() -> None:
    text = (
        "services: {web: {image: x}}\n"
        "networks: {a: , b: {external: true}, c: {internal: true, driver: overlay}}\n"
        "secrets: {s: {file: ./s.txt}, e: {environment: TOKEN}}\nconfigs: {c: {content: hello}}\n"
    )
    resources = read_compose(ComposeUnit("app", ("app/c.yaml",)), TextFiles({"app/c.yaml": text})).resources
    assert resources is not None
    assert [(each.name.value, value(each.external), value(each.internal)) for each in resources.networks] == [
        ("a", None, None),
        ("b", True, None),
        ("c", None, True),
    ]
    assert [(each.kind, each.name.value, value(each.file)) for each in resources.stored] == [
        ("secret", "s", "app/s.txt"),
        ("secret", "e", None),
        ("config", "c", None),
    ]


@pytest.mark.parametrize("text", ["services:\n  web:\n", "services: {web: [a]}", "services: {web: text}"])
def test_a_service_that_is_no_mapping_is_told(text: str) -> None:
    reading = read(text)
    assert len(reading.diagnostics) == 1
    assert "expected a mapping for the service 'web'" in reading.diagnostics[0].message
