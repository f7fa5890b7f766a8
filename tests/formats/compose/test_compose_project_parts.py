"""What a project says beside its services' own fields: claims of ports, files from elsewhere, env files."""

from __future__ import annotations

from scanner.model.source import Unknown
from tests.formats.compose.compose_texts import container, place, read, read_files, service, value, workload


def claims(text: str, name: str = "b") -> list[tuple[object, str]]:
    return [(value(port.claimed_by), port.claim) for port in container(read(text), name).ports]


def two(first: str, second: str, **keys: str) -> str:
    one, other = (f", {keys[key]}" if key in keys else "" for key in ("a", "b"))
    return (
        f"services:\n  a: {{image: x, ports: [{first}]{one}}}\n  b: {{image: x, ports: [{second}]{other}}}\n"
    )


def test_second_service_to_ask_for_a_port_collides_with_the_first() -> None:
    text = two("'80:1'", "'0.0.0.0:80:2'")
    assert claims(text) == [("a", "certain")]
    assert claims(text, "a") == [(None, "")]


def test_ranges_that_meet_collide_and_a_floating_one_less_surely() -> None:
    assert claims(two("'80-90:80-90'", "'85:1'")) == [("a", "certain")]
    assert claims(two("'80-90:1'", "'85:1'")) == [("a", "range")]
    assert claims(two("'80-90:1'", "'91:1'")) == [(None, "")]


def test_port_without_one_of_the_host_collides_least_surely() -> None:
    assert claims(two("'80'", "'80:1'")) == [("a", "bare")]
    assert claims(two("'80:1'", "'80', '80:2'")) == [("a", "bare"), ("a", "certain")]


def test_other_addresses_protocols_and_profiles_do_not_collide() -> None:
    for first, second in (
        ("'127.0.0.1:80:1'", "'127.0.0.2:80:1'"),
        ("'80:1/udp'", "'80:1'"),
        ("'0.0.0.0:80:1'", "'[::1]:80:1'"),
        ("'${P}:1'", "'80:1'"),
    ):
        assert claims(two(first, second)) == [(None, "")], (first, second)
    assert claims(two("'80:1'", "'80:1'", a="profiles: [x]", b="profiles: [y]")) == [(None, "")]
    assert claims(two("'80:1'", "'80:1'", a="profiles: [x]")) == [("a", "certain")]
    assert claims(two("'80:1'", "'80:1'", a="network_mode: host")) == [(None, "")]
    assert claims(two("'[::]:80:1'", "'[::1]:80:1'")) == [("a", "certain")]


def test_arguments_stand_at_their_own_places() -> None:
    found = service("entrypoint: sh -c 'a b'\ncommand:\n  - --token\n  - ${TOKEN}\n  - x").arguments
    assert [(value(each.text), each.before, place(each.text)) for each in found[:4]] == [
        ("sh", None, "compose.yaml:4:5"),
        ("-c", "sh", "compose.yaml:4:5"),
        ("a b", "-c", "compose.yaml:4:5"),
        ("--token", None, "compose.yaml:6:9"),
    ]
    assert isinstance(value(found[4].text), Unknown)
    assert (value(found[5].text), found[5].before) == ("x", None)


def test_restart_is_taken_apart() -> None:
    found = workload(read("services: {web: {image: x, restart: 'on-failure:3'}}"))
    assert (value(found.restart), value(found.restart_attempts)) == ("on-failure", 3)
    found = workload(
        read("services: {web: {image: x, deploy: {restart_policy: {condition: any, max_attempts: 2}}}}")
    )
    assert (value(found.restart), value(found.restart_attempts)) == ("any", 2)
    found = workload(read("services: {web: {image: x, restart: '${R}'}}"))
    assert isinstance(value(found.restart), Unknown)
    assert isinstance(value(found.restart_attempts), Unknown)


def test_variable_is_repeated_within_one_list_alone() -> None:
    variables = service("environment: [A=1, B=1, A=2]").env
    assert [(each.name.value, value(each.value), each.repeated) for each in variables] == [
        ("A", "2", True),
        ("B", "1", False),
    ]
    texts = {
        "a.yaml": "services: {web: {image: x, environment: [A=1]}}",
        "b.yaml": "services: {web: {environment: [A=2]}}",
    }
    assert [each.repeated for each in container(read_files(texts, "a.yaml", "b.yaml")).env] == [False]


def test_files_from_elsewhere_are_known_with_what_asks_for_them() -> None:
    text = (
        "version: '3'\n"
        "include:\n"
        "  - path: [https://example.com/a.git#main]\n"
        "services:\n"
        "  web:\n"
        "    extends: {file: oci://example.com/b, service: web}\n"
    )
    resources = read(text).resources
    assert resources is not None
    (file,) = resources.files
    assert (file.name.value, value(file.version), place(file.version)) == (
        "compose.yaml",
        "3",
        "compose.yaml:1:1",
    )
    assert [(each.keyword, each.address.value, place(each.address)) for each in file.remotes] == [
        ("extends", "oci://example.com/b", "compose.yaml:6:15"),
        ("include", "https://example.com/a.git#main", "compose.yaml:3:12"),
    ]


def test_env_files_of_the_project_have_variables_and_those_of_services_have_a_name() -> None:
    resources = read(
        "services: {web: {image: x, env_file: own.env}}", env="A=1\nB=${C}\nD", own="E=1"
    ).resources
    assert resources is not None
    file, own = resources.env_files
    assert (own.name.value, own.variables) == ("own.env", ())
    assert [(each.value, place(each)) for each in resources.workloads[0].env_files] == [
        ("own.env", "compose.yaml:1:28")
    ]
    assert [(each.name.value, place(each.name)) for each in file.variables] == [
        ("A", ".env:1:1"),
        ("B", ".env:2:1"),
        ("D", ".env:3:1"),
    ]


def test_secret_file_is_read_where_it_is_in_the_tree() -> None:
    texts = {"a.yaml": "secrets: {one: {file: one.txt}, two: {file: ../two.txt}}", "one.txt": "x"}
    resources = read_files(texts, "a.yaml").resources
    assert resources is not None
    assert [(each.ref.name, value(each.file_text)) for each in resources.stored] == [
        ("one", "x"),
        ("two", None),
    ]


def test_invalid_places_name_the_resource_that_they_stand_in() -> None:
    text = "services:\n  my.web: {imag: x}\nnetworks:\n  n: {drivr: x}\nservicse: {}\n"
    resources = read(text).resources
    assert resources is not None
    assert [(each.ref.kind, each.ref.name, each.path) for each in resources.invalid] == [
        ("service", "my.web", "services.my.web.imag"),
        ("network", "n", "networks.n.drivr"),
        ("file", "compose.yaml", "servicse"),
    ]


def test_tag_is_known_where_only_the_name_of_the_registry_is_wrong() -> None:
    image = container(read("services: {web: {image: 'my_private.registry:5000/nginx:latest'}}")).image
    assert image is not None
    assert (value(image.tag), value(image.repository)) == ("latest", None)
    assert image.error is not None


def test_claims_cost_no_more_where_a_file_is_hostile() -> None:
    ports = ", ".join([f"'{number}:1'" for number in range(1, 400)] + ["'1-5000:1'"] * 3)
    found = claims(f"services: {{a: {{image: x, ports: [{ports}]}}, b: {{image: x, ports: ['4000:1']}}}}")
    assert found == [("a", "range")]


def test_service_refers_to_secrets_and_configs_of_its_project() -> None:
    found = service(
        "build: {context: ., secrets: [netrc, {source: key, target: k}]}\n"
        "secrets: [token, {source: cert, target: c}]\nconfigs: ['${NAME}']"
    ).references
    assert [(one.kind, one.name.value, one.via) for one in found[:2]] == [
        ("secret", "token", "mount"),
        ("secret", "cert", "mount"),
    ]
    assert found[2].kind == "config"
    assert isinstance(found[2].name.value, Unknown)
    assert [(one.kind, one.name.value, one.via) for one in found[3:]] == [
        ("secret", "netrc", "build"),
        ("secret", "key", "build"),
    ]
