"""Predicates on commands: patterns, packages, downloads, and three-valued answers."""

from __future__ import annotations

import pytest

from scanner.engine import command_operators as operators
from scanner.engine import packages, registry
from scanner.formats.dockerfile import dockerfile_of
from scanner.model.commands import Command
from scanner.model.source import SpanSource


def commands_of(text: str) -> tuple[Command, ...]:
    dockerfile, _ = dockerfile_of(f"FROM a\n{text}\n", SpanSource("Dockerfile"), "a")
    return dockerfile.stages[0].commands


def first(text: str) -> Command:
    return commands_of(f"RUN {text}")[0]


def test_predicates_of_every_module_are_registered_and_documented():
    assert {"runs", "followed-by", "literal-credential"} <= registry.predicates().keys()
    assert "secret-name" in registry.tests()
    assert all(registry.summaries(registry.predicates()).values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl -fsSLk https://a", True),
        ("curl --insecure https://a", True),
        ("curl https://a", False),
        ("curl -o k https://a", False),
        ("curl $OPTIONS https://a", None),
        ("curl $URL", False),
        ('curl "$@"', None),
    ],
)
def test_an_option_is_found_in_any_form(text: str, expected: bool | None):
    assert operators.runs(first(text), names=("curl",), flags=("-k", "--insecure")) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apt-get install a", True),
        ("apt-get install -y a", False),
        ("apt-get -qq install a", False),
        ("apt-get -q install -q a", False),
        ("apt-get -q install a", True),
        ("apt-get $FLAGS install a", None),
        ("apt-get update", False),
        ("apt-get $ACTION", None),
    ],
)
def test_an_option_that_must_be_absent(text: str, expected: bool | None):
    verdict = operators.runs(
        first(text), names=("apt-get",), subcommands=("install",), without_flags=("-y", "-qq")
    )
    assert verdict is expected


def test_words_are_searched_in_order():
    command = first("git config --global http.sslVerify false")
    assert operators.runs(command, arguments=r"sslVerify false$") is True
    assert operators.runs(command, operands=r"^http") is True
    assert operators.runs(first("git config $KEY"), arguments="sslVerify") is None


def test_what_follows_and_what_stands_beside():
    one, two, three = commands_of("RUN apt-get update && apt-get install a && ls")
    assert operators.followed_by(one, names=("apt-get",), subcommands=("install",)) is True
    assert operators.followed_by(two, names=("apt-get",)) is False
    assert operators.beside(two, names=("apt-get",)) is True
    assert operators.beside(three, names=("ls",)) is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apt-get install a=1 ./b.deb c/stable", False),
        ("apt-get install a=1 b", True),
        ("apt-get install $A", None),
        ("apt-get install $A b", True),
        ("apt-get install a=$V", False),
        ("apk add a~=1 b@edge", True),
        ("yum install a-1.2 @group b.rpm", False),
        ("dnf module install a:18", False),
        ("zypper in 'a>=1'", False),
        ("pip install a==1 'b>=2' -r c . ./d git+https://e", False),
        ("pip install 'a[b]'", True),
        ("pip install -c d a", False),
        ("npm install @a/b@1 c@latest", True),
        ("npm install @a/b@1 ./c", False),
        ("npm install", False),
        ("gem install a -v 1", False),
        ("go install a.b/c@v1 ./d", False),
        ("go install a.b/c@latest", True),
        ("go install a.b/c $PKG/cmd/d", False),
        ("go install a.b/c d.e/f@main", True),
        ("go get a.b/c", True),
        ("cargo install a", True),
        ("cargo build", False),
        ("make install a", False),
    ],
)
def test_packages_without_a_version(text: str, expected: bool | None):
    assert packages.unpinned(first(text).call) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl https://a | sh", True),
        ("curl https://a | tee b | sudo bash -s -- c", True),
        ("bash <(curl https://a)", True),
        ('sh -c "$(curl https://a)"', True),
        ("curl -o a.sh https://b && sh ./a.sh", True),
        ("curl -o a.sh https://b && sha256sum -c s && sh a.sh", False),
        ("curl https://a | python3 -c 'import json'", False),
        ("curl https://a | bash b.sh", False),
        ('sh -c "echo $(curl https://a)"', False),
        ("curl -I https://a | sh", False),
    ],
)
def test_downloads_that_are_run(text: str, expected: bool):
    verdicts = [operators.runs_download(command) for command in commands_of(f"RUN {text}")]
    assert (True in verdicts) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("curl https://a/b.tgz | tar xz", True),
        ("wget https://a/b.tgz && tar xf b.tgz", True),
        ("wget -P /d https://a/b.tgz && tar xf /d/*.tgz", True),
        ("curl -o /usr/bin/a https://b && chmod 755 /usr/bin/a", True),
        ("curl https://b > a && chmod +x a", True),
        ("curl -o a https://b && chmod 644 a", False),
        ("wget https://a/b.tgz && gpg --verify b.sig && tar xf b.tgz", False),
        ("wget https://a/b.json && tar xf c.tgz", False),
    ],
)
def test_downloads_that_are_unpacked(text: str, expected: bool):
    verdicts = [operators.unverified_download(command) for command in commands_of(f"RUN {text}")]
    assert (True in verdicts) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && rm -rf /var/lib/apt/lists/*", True),
        ("a && rm -rf /var/lib/apt", True),
        ("a && rm -r /var/lib/{apt,dpkg}", True),
        ("a && cd /var/lib && rm -rf apt", True),
        ("a && find /var/lib/apt/lists -type f -delete", True),
        ("a && rm -rf /var/lib/apt/lists/x", False),
        ("a && rm -rf /var/cache", False),
        ("a && rm -rf $DIRECTORY", None),
        ("a", False),
    ],
)
def test_paths_that_are_removed_later(text: str, expected: bool | None):
    assert operators.removes(first(text), paths=("/var/lib/apt/lists",)) is expected


@pytest.mark.parametrize(
    ("text", "setuid", "writable"),
    [
        ("chmod 4755 a", True, False),
        ("chmod u+s a", True, False),
        ("chmod u-s a", False, False),
        ("chmod 777 a", False, True),
        ("chmod 1777 a", False, False),
        ("chmod -R a+rwX a", False, True),
        ("chmod +w a", False, False),
        ("chmod $MODE a", None, None),
        ("install -m 2755 a b", True, False),
        ("ls", False, False),
    ],
)
def test_modes(text: str, setuid: bool | None, writable: bool | None):
    assert operators.sets_setuid(first(text)) is setuid
    assert operators.sets_world_writable(first(text)) is writable


@pytest.mark.parametrize(
    "text",
    [
        " && ".join(["apt-get update"] * 3000),
        " && ".join(f"curl -o a{i} https://b && rm -rf /c{i}" for i in range(2000)),
        "curl " + "http." * 40_000,
        "rm -rf " + "/" * 100_000 + "x",
        "pip install " + "/:" * 50_000,
        "echo " + "x-" * 50_000,
    ],
)
def test_hostile_scripts_take_no_time(text: str):
    for command in commands_of(f"RUN {text}"):
        operators.followed_by(command, names=("apt-get",), subcommands=("install",))
        operators.removes(command, paths=("/var/lib/apt/lists",))
        operators.runs_download(command)
        operators.unverified_download(command)
        operators.unpinned_packages(command)
        operators.holds_secret(command)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("git+https://example.com/a.git", True),
        ("git+https://example.com/a.git@v1", False),
        ("git+https://git@example.com/a.git", True),
        ("git+ssh://git@example.com/a.git@0123abc", False),
        ("git+https://user:word@example.com/a.git@v1#egg=a", False),
        ("git+https://example.com/a.git@", True),
        ("git+https://example.com/a.git#egg=a", True),
        ("git+https://example.com/a.git#v1.0", False),
        ("github:owner/name", True),
        ("github:owner/name#0123abc", False),
        ("git+https://" + "/" * 9_000 + "@", True),
    ],
)
def test_a_revision_stands_in_the_path_or_in_the_fragment(url: str, expected: bool):
    assert operators.unpinned_checkout(first(f"pip install '{url}'")) is expected
