"""The user that a container runs as, over Compose, Kubernetes, Kustomize and Helm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scanner.model.source import Unknown
from tests.linking.support import container_of, graph_of
from tests.support import SHARED, scan_tree, write_tree

USERS = Path(__file__).parent / "data" / "users"

OPEN = "a variable or a file from elsewhere decides"
ABSENT = None

ROOT = ("root", True)

# (tool, file, workload, container, environment) -> (user, root): worked out by hand, by reading
# the files of data/users in the order manifest, Dockerfile, its bases, table of well-known images.
COMPOSE: dict[str, tuple[str | None, object]] = {
    "plain": ROOT,  # no USER on debian, which is root
    "numbered": ("10001", False),  # USER 10001
    "grouped": ("10001:20001", False),  # USER with a group
    "named": ("app", False),  # a name other than root
    "other-file": ROOT,  # Dockerfile.root beside it says USER root
    "named-group": ("app:root", False),  # root's group makes no root
    "staged": ROOT,  # the last stage has no USER, on debian
    "staged-debug": ROOT,  # target debug says USER root
    "staged-prod": ("10002", False),  # target prod, on debug, says 10002
    "staged-inherits": ("10002", False),  # target inherits has it from prod
    "staged-number": ("1000", False),  # target "0" is the stage build
    "argued": ("10003", False),  # the default of ARG APP_USER
    "argued-user": ("0", True),  # args: APP_USER=0
    "argued-base": ("app", False),  # args: APP_USER=app; BASE changes nothing
    "argued-open": (OPEN, OPEN),  # args: APP_USER from the environment of whoever builds
    "late": (OPEN, OPEN),  # an ARG before FROM is not known behind it; only debian could set it
    "unset": (OPEN, OPEN),  # ARG without a value, and none is given
    "unset-given": ("10022", False),  # args: APP_USER=10022
    "empty": ROOT,  # FROM scratch without a USER
    "empty-user": ("65532:65532", False),  # FROM scratch with one
    "distroless": ("65532", False),  # the table: distroless, tag nonroot
    "distroless-root": ("0", True),  # the table: distroless, other tags
    "unprivileged": ("101", False),  # the table: nginx-unprivileged
    "back-to-root": ROOT,  # USER root over nginx-unprivileged
    "foreign": (ABSENT, ABSENT),  # a base that nobody knows
    "foreign-user": ("1234", False),  # USER over such a base
    "base": ("10010", False),  # USER 10010
    "middle": ("10010", False),  # on the image of base
    "top": ("10010", False),  # on that of middle, two Dockerfiles away
    "top-root": ("0", True),  # USER 0 over middle
    "circle-one": (ABSENT, ABSENT),  # based on circle-two, which is based on circle-one
    "circle-two": (ABSENT, ABSENT),
    "drops": ROOT,  # redis steps down in its entrypoint: its user is root
    "several": ("10004", False),  # the last of several USERs counts
    "variable": ("10005", False),  # USER $RUN_AS, from ENV
    "shadowed": ("10006", False),  # FROM redis is the stage of that name, not the image
    "flavour": ROOT,  # FROM base-${FLAVOUR}, by default base-dev
    "flavour-prod": ("10007", False),  # args: FLAVOUR=prod
    "triggered": ("10009", False),  # ONBUILD USER of what it is based on, in another file
    "triggered-here": ("10009", False),  # the same within one file, for the stage based on it
    "triggers": ROOT,  # ONBUILD is nothing to the image that says it
    "given-image": ("101", False),  # an additional context puts nginx-unprivileged in place of the base
    "given-service": ("10010", False),  # one puts the image of the service base there
    "inline": ("10008", False),  # dockerfile_inline
    "remote": (OPEN, OPEN),  # a Git repository
    "nowhere": (OPEN, OPEN),  # no such Dockerfile
    "same-image": ("10010", False),  # the image that the service base builds
    "told": ("10020", False),  # user: "10020:0" over an image without a USER
    "told-root": ROOT,  # user: root over USER 10001
    "told-name": ("www-data", False),  # user: www-data
    "told-default": ("10023", False),  # the default of ${RUN_AS:-10023}
    "told-file": ("10021", False),  # DB_USER stands in .env
    "told-open": (OPEN, OPEN),  # ${RUN_AS} has no value
    "official": ROOT,  # postgres, by the table
    "listed": ("101", False),  # nginx-unprivileged, by the table
    "unlisted": (ABSENT, ABSENT),
    "open-image": (OPEN, OPEN),  # image: ${IMAGE}
}

PODS: dict[tuple[str, str], tuple[str | None, object]] = {
    ("exact", "numbered"): ("10001", False),  # the artifact's name; the profile debug is not chosen
    ("exact", "prefixed"): ("10001", False),  # behind a registry that Skaffold adds
    ("exact", "digest"): ("10001", False),  # pinned, and of the same name
    ("exact", "plain"): ROOT,  # artifact plain-app
    ("exact", "staged"): ("10002", False),  # target prod of the artifact
    ("exact", "argued"): ("10040", False),  # buildArgs of the artifact
    ("exact", "ko"): (ABSENT, ABSENT),  # ko has no Dockerfile to ask
    ("exact", "bake"): ("101", False),  # a tag of a Bake target with its variable filled in
    ("exact", "bake-args"): ("10007", False),  # args of a Bake target; another tag of the same
    ("exact", "compose"): ("10010", False),  # the image of a Compose service
    ("exact", "convention"): ("10030", False),  # the only folder called billing
    ("exact", "twins"): (ABSENT, ABSENT),  # two Dockerfiles below twin: neither
    ("exact", "official"): ROOT,  # nginx is the official image, though a folder is called so
    ("exact", "listed"): ("65532", False),
    ("exact", "unlisted"): (ABSENT, ABSENT),
    ("pod-user", "inherits"): ("10050", False),  # runAsUser of the pod
    ("pod-user", "own"): ("10052", False),  # of the container over that of the pod
    ("pod-user", "root"): ("0", True),  # back to root
    ("no-root", "plain"): ("root", False),  # runAsNonRoot: it does not start
    ("no-root", "numbered"): ("10001", False),
    ("no-root", "unlisted"): (ABSENT, ABSENT),
    ("no-root", "allowed"): ROOT,  # the container turns runAsNonRoot off
    ("group", "numbered"): ("10001", False),  # runAsGroup alone leaves the user to the image
    ("windows", "app"): ("root", ABSENT),  # another kind of users
}

OVERLAY: dict[str, tuple[str | None, object]] = {
    "numbered": ("10001", False),  # renamed to registry.example.com/prod/one
    "plain": ("10060", False),  # a patch says runAsUser
    "web": ("101", False),  # renamed to what the Bake target builds
}

CHART: dict[tuple[str, str], tuple[str | None, object]] = {
    ("numbered", "default"): ("10001", False),
    ("plain", "default"): ROOT,
    ("told", "default"): ("10070", False),  # runAs of values.yaml
    ("official", "default"): ROOT,
    ("numbered", "ci/root"): ("10001", False),
    ("plain", "ci/root"): ROOT,
    ("told", "ci/root"): ("0", True),  # runAs: 0 of ci/root-values.yaml
    ("official", "ci/root"): ROOT,
}


def _value(fact: Any) -> object:
    if fact is None:
        return ABSENT
    return OPEN if isinstance(fact.value, Unknown) else fact.value


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str, str, str], Any]:
    graph = graph_of(USERS)
    return {
        (unit.tool, unit.resources.environment, workload.name.value, container.name.value): graph.resolved[
            container
        ]
        for unit in graph.units
        for workload in unit.resources.workloads
        for container in workload.containers
    }


EXPECTED = {
    **{("compose", "default", name, name): answer for name, answer in COMPOSE.items()},
    **{("kubernetes", "default", pod, name): answer for (pod, name), answer in PODS.items()},
    **{("kustomize", "prod", "shop", name): answer for name, answer in OVERLAY.items()},
    **{("helm", values, "chart", name): answer for (name, values), answer in CHART.items()},
}


def test_the_table_leaves_no_container_out(found):
    environments = {(tool, environment) for tool, environment, _, _ in found}
    assert environments == {(tool, environment) for tool, environment, _, _ in EXPECTED}
    assert set(found) == set(EXPECTED)
    assert len(EXPECTED) >= 60


@pytest.mark.parametrize("key", EXPECTED, ids="/".join)
def test_the_effective_user_is_the_one_worked_out_by_hand(found, key):
    resolved = found[key]
    assert (_value(resolved.user), _value(resolved.root)) == EXPECTED[key]


def test_a_number_is_told_wherever_the_user_is_one(found):
    for resolved in found.values():
        user = _value(resolved.user)
        if isinstance(user, str) and user != OPEN:
            number = user.partition(":")[0]
            wanted = 0 if number == "root" else int(number) if number.isdigit() else ABSENT
            assert _value(resolved.uid) == wanted


def test_the_source_of_a_user_is_told(found):
    def source(name):
        return found["compose", "default", name, name].user_source

    assert source("told") == "manifest"
    assert source("numbered") == "image"
    assert source("top") == "image"
    assert source("official") == "table"
    assert source("unlisted") == "guess"
    assert source("told-open") == source("unset") == "unknown"


def test_groups_come_from_the_manifest_then_from_the_user_of_the_image(found):
    def group(*key):
        return _value(found[key].gid)

    assert group("compose", "default", "grouped", "grouped") == 20001
    assert group("compose", "default", "told", "told") == 0
    assert group("compose", "default", "named-group", "named-group") == 0
    assert group("compose", "default", "plain", "plain") == 0
    assert group("compose", "default", "numbered", "numbered") == OPEN  # /etc/passwd of the image decides
    assert group("kubernetes", "default", "group", "numbered") == 30000
    assert group("kubernetes", "default", "pod-user", "own") == 10051


def test_a_guess_by_the_name_of_a_folder_says_so(found):
    resolved = found["kubernetes", "default", "exact", "convention"]
    assert resolved.confidence == "low"
    assert resolved.note == (
        " (taken to be built by services/billing/src/Dockerfile, the only Dockerfile of that name)"
    )
    assert found["kubernetes", "default", "exact", "prefixed"].confidence == "medium"
    assert found["kubernetes", "default", "exact", "numbered"].confidence == "high"


def test_steps_tell_how_a_user_came_about(found):
    steps = found["compose", "default", "top", "top"].steps["user"]
    assert [(step.text, step.fact.location.path, step.fact.location.span.line) for step in steps] == [
        ("the image is built from images/top/Dockerfile", "compose.yaml", 63),
        (
            "images/top/Dockerfile sets no USER, so its base 'shop/middle:dev' decides",
            "images/top/Dockerfile",
            2,
        ),
        (
            "images/middle/Dockerfile sets no USER, so its base 'shop/base:dev' decides",
            "images/middle/Dockerfile",
            1,
        ),
        ("USER 10010 in images/base/Dockerfile decides", "images/base/Dockerfile", 2),
    ]


def test_the_steps_of_a_manifest_name_its_own_key(found):
    pod = found["kubernetes", "default", "pod-user", "inherits"].steps["user"]
    service = found["compose", "default", "told", "told"].steps["root"]
    assert [step.text for step in pod] == ["runAsUser 10050 in manifests/pods.yaml decides"]
    assert [step.text for step in service] == ["user 10020 in compose.yaml decides"]


def test_a_finding_of_a_manifest_shows_the_dockerfile(tmp_path):
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {0}}}\nspec: {{containers: [{{name: {0}, image: cart}}]}}\n"
    write_tree(
        tmp_path,
        {
            "cart/Dockerfile": "FROM debian:13\nUSER root\n",
            "skaffold.yaml": (
                "apiVersion: skaffold/v3\nkind: Config\nbuild: {artifacts: [{image: cart, context: cart}]}\n"
            ),
            **{f"{name}.yaml": pod.format(name) for name in ("one", "two", "three", "four")},
        },
    )
    report = scan_tree(tmp_path, "run-as-root", "dockerfile-user-root")
    by_rule = {rule: [one for one in report.findings if one.rule == rule] for rule in report.rules}
    assert len(by_rule["dockerfile-user-root"]) == 1
    assert len(by_rule["run-as-root"]) == 4
    for finding in by_rule["run-as-root"]:
        assert ("cart/Dockerfile", 2) in [
            (related.location.path, related.location.span.line) for related in finding.related
        ]


DEMO = SHARED / "corpus" / "microservices-demo"

# What the Dockerfiles of microservices-demo say, by reading them; every manifest of the demo
# sets runAsUser: 1000 for its pods, so this is what the image alone would be.
DEMO_IMAGES = {
    "adservice": ("root", True),  # eclipse-temurin, no USER
    "cartservice": ("1000", False),  # USER 1000 on a chiseled .NET image
    "checkoutservice": ("0", True),  # distroless/static, which is root without the tag nonroot
    "currencyservice": ("root", True),  # alpine, no USER
    "emailservice": ("root", True),  # python on alpine, no USER, by way of a stage called base
    "frontend": ("0", True),  # distroless/static
    "loadgenerator": ("root", True),  # python on alpine
    "paymentservice": ("root", True),  # alpine
    "productcatalogservice": ("0", True),  # distroless/static
    "recommendationservice": ("root", True),  # python on alpine
    "shippingservice": ("0", True),  # distroless/static
    "shoppingassistantservice": ("root", True),  # python slim
}


@pytest.mark.skipif(not DEMO.is_dir(), reason="the corpus is not here")
def test_every_workload_of_microservices_demo_is_linked_to_its_dockerfile():
    graph = graph_of(DEMO)
    checked = set()
    for unit in graph.units:
        for workload in unit.resources.workloads:
            for container in workload.containers:
                path = container.image.text.value.partition("@")[0].rpartition("/")[2].partition(":")[0]
                if path not in DEMO_IMAGES:
                    continue
                (link,) = [one for one in graph.links if one.verb == "built-from" and one.source is container]
                folder = "cartservice/src" if path == "cartservice" else path
                assert link.target.name.source.path == f"src/{folder}/Dockerfile"
                assert link.target.final
                resolved = graph.resolved[container]
                assert (_value(resolved.user), _value(resolved.root)) == ("1000", False)
                assert (_value(resolved.image_user), _value(resolved.image_root)) == DEMO_IMAGES[path]
                checked.add((unit.tool, path))
    plain = {"kubernetes", "helm", "kustomize"}
    assert {tool for tool, _ in checked} == plain
    served = set(DEMO_IMAGES) - {"shoppingassistantservice"}
    for tool in plain:
        assert {path for used, path in checked if used == tool} >= served


def test_an_image_of_several_dockerfiles_is_decided_where_all_agree(tmp_path):
    write_tree(
        tmp_path,
        {
            "a/Dockerfile": "FROM debian:13\nUSER 1001\n",
            "b/Dockerfile": "FROM debian:13\nUSER 1002\n",
            "compose.yaml": (
                "services:\n  a: {build: a, image: 'shop/app:x'}\n  b: {build: b, image: 'shop/app:y'}\n"
            ),
            "k8s/pod.yaml": (
                "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                "spec: {containers: [{name: one, image: 'shop/app:z'}, {name: two, image: 'shop/app:y'}]}\n"
            ),
        },
    )
    graph = graph_of(tmp_path)
    either = graph.resolved[container_of(graph, "one")]
    exact = graph.resolved[container_of(graph, "two")]
    assert (_value(either.user), _value(either.root)) == (OPEN, False)
    assert (_value(exact.user), _value(exact.root)) == ("1002", False)


def test_long_chains_of_stages_and_of_images_end(tmp_path):
    stages = "".join(f"FROM s{number} AS s{number + 1}\n" for number in range(3_000))
    services = "".join(
        f"  s{number}: {{image: 'shop/s{number}', build: {{dockerfile_inline: 'FROM shop/s{number + 1}'}}}}\n"
        for number in range(600)
    )
    write_tree(
        tmp_path,
        {
            "Dockerfile": "FROM debian:13 AS s0\nUSER 10001\nEXPOSE 80\n" + stages,
            "compose.yaml": (
                "services:\n  app: {build: .}\n  last: {image: 'shop/s600', build: .}\n" + services
            ),
        },
    )
    graph = graph_of(tmp_path)
    for name in ("app", "s0"):
        resolved = graph.resolved[container_of(graph, name)]
        assert (_value(resolved.user), _value(resolved.root)) == ("10001", False)
        assert _value(resolved.exposes) == ("80",)
