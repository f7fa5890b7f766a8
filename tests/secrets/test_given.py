"""The table of commands: which of their words are credentials, in lists of words and in text."""

from __future__ import annotations

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from scanner.secrets.commands import TOOLS, mentions_tool, rows_of
from scanner.secrets.given import given_in_text, given_in_words, reads_credential, said

SECRET = "hV9kq2Lw0zR"

COMMANDS = (
    "mysql -h db -uroot -p{} -e 'select 1'", "mysqladmin -p{} ping", "mysqldump --password={} shop",
    "mariadb -p{} shop", "mongo -u root -p {} --eval 1", "mongosh --password {} shop",
    "redis-cli -h cache -a {} ping", "redis-cli --pass {} ping", "redis-server --requirepass {}",
    "curl -u admin:{} https://example.com", "curl -fsSu admin:{} https://example.com",
    "curl --user=admin:{} https://example.com", "curl --proxy-user bob:{} https://example.com",
    "curl -H 'Authorization: Bearer {}' https://example.com", "curl -H 'X-Api-Key: {}' https://example.com",
    "wget --http-password {} https://example.com", "sshpass -p {} ssh host", "sshpass -p{} ssh host",
    "usermod -p {} app", "useradd -m --password {} app", "htpasswd -bc /etc/htpasswd admin {}",
    "htpasswd -nb admin {}", "az login --service-principal -u app -p {} --tenant t",
    "aws configure set aws_secret_access_key {}", "docker login -u ci -p {} registry.example.com",
    "podman login -p {} -u ci registry.example.com", "skopeo copy --src-creds ci:{} docker://a docker://b",
    "crane auth login -u ci -p {} registry.example.com", "helm registry login -u ci -p {} example.com",
    "npm config set //registry.npmjs.org/:_authToken={}", "npm config set //npm.example.com/:_authToken {}",
    "yarn config set npmAuthToken {}", "composer config http-basic.example.com bot {}",
    "composer config gitlab-token.example.com {}", "poetry config http-basic.private bot {}",
    "poetry config pypi-token.pypi {}", "twine upload -u bot -p {} dist/*", "cargo login {}",
    "gpg --batch --passphrase {} -d /a.gpg", "openssl enc -pass pass:{} -in /a", "openssl rsa -passin pass:{}",
    "openssl enc -aes-256-cbc -k {} -in /a", "keytool -import -storepass {} -file /c.pem", "vault login {}",
    "vault write secret/app password={}", "kubectl create secret generic db --from-literal=pw={}",
    "kubectl -n shop create secret generic db --from-literal pw={}", "ldapsearch -D cn=admin -w {}",
    "smbclient //files/share -U bob%{}", "rabbitmqctl add_user app {}", "sqlcmd -S db -U sa -P {}",
    "sqlplus system/{}@//db/app", "cqlsh -u app -p {} db", "influx -username a -password {}",
    "mc alias set store https://s3.example.com KEY {}", "lftp -u bob,{} sftp://host", "7z x -p{} /a.7z",
    "sudo mysql -uroot -p{} shop", "/usr/bin/mysql -p{} shop", "env A=b mysql -p{} shop",
    "echo root:{} | chpasswd", "echo 'root:{}' | sudo chpasswd", "echo {} | docker login --password-stdin example.com",
    "printf '%s' {} | helm registry login --password-stdin example.com", "echo {} | gh auth login --with-token",
    "echo {} | passwd --stdin root", "chpasswd <<< 'root:{}'", "chpasswd <<EOF\nroot:{}\nEOF",
    "printf 'machine git.example.com login bot password {}' > /root/.netrc", "sh -c \"mysql -p{} shop\"",
)  # fmt: skip

HARMLESS = (
    "$PASSWORD", "${PASSWORD}", "$(cat /run/secrets/db)", "`cat /run/secrets/db`", "<password>", "{{ .Values.pw }}",
    "$1", "PASSWORD", "%PASSWORD%",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_gives_its_credential_away_in_text(command):
    text = command.format(SECRET)
    assert [text[begin:end] for begin, end in given_in_text(text)] == [SECRET]


@pytest.mark.parametrize("command", [one for one in COMMANDS if not set(one) & set("|<'\"")])
def test_a_command_gives_its_credential_away_in_a_list_of_words(command):
    words = command.format(SECRET).split()
    assert [words[found.word][found.begin : found.end] for found in given_in_words(words)] == [SECRET]


@pytest.mark.parametrize("command", [one for one in COMMANDS if not set(one) & set("|<'\"")])
def test_a_command_gives_its_credential_away_in_a_flow_list(command):
    text = "command: [" + ", ".join(f'"{word}"' for word in command.format(SECRET).split()) + "]"
    assert [text[begin:end] for begin, end in given_in_text(text)] == [SECRET]


@pytest.mark.parametrize("value", HARMLESS)
@pytest.mark.parametrize("command", [one for one in COMMANDS if not set(one) & set("|<'\"")])
def test_a_variable_or_a_blank_is_no_credential(command, value):
    assert given_in_text(command.format(value)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "mysql -u root -p shop",
        "mkdir -p /srv/hV9kq2Lw0zR",
        "docker run -p 8080:80 nginx",
        "docker compose -p hV9kq2Lw0zR up",
        "psql -p 5432 -U app",
        "ssh -p 2222 host",
        "curl -u admin https://example.com",
        "openssl rsa -passin env:KEYPASS -passout file:/k",
        "kubectl create secret generic db --from-literal=username=hV9kq2Lw0zR",
        "aws configure set region hV9kq2Lw0zR",
        "echo hV9kq2Lw0zR | sha256sum",
        "htpasswd -n admin",
        "redis-cli -h cache -p 6379 ping",
        "usermod -p '!' app",
        "the docker login of hV9kq2Lw0zR",
    ],
)
def test_the_same_letters_of_other_commands_are_none(text):
    assert given_in_text(text) == ()


def test_what_is_piped_in_is_a_credential_for_those_that_read_one():
    assert reads_credential(("docker", "login", "-u", "ci", "--password-stdin", "example.com"))
    assert reads_credential(("sudo", "chpasswd"))
    assert not reads_credential(("docker", "login", "-u", "ci", "example.com"))
    assert not reads_credential(("cat",))
    assert said(("cat", SECRET)) == ()


def test_each_row_can_give_something_away():
    for tool in TOOLS:
        assert tool.names.split()
        assert any((tool.values, tool.glued, tool.users, tool.headers, tool.sources, tool.operands, tool.entries,
                    tool.entry_options, tool.named, tool.stdin)), tool  # fmt: skip
        assert all(mentions_tool(f"run {name} now") and name in rows_of() for name in tool.names.split())


@over(
    st.lists(
        st.sampled_from(
            ["mysql", "-p", "'", '"', "`", "$(", ")", "|", "<<A", "<", "\n", "\\", "a:b", " ", "["]
        )
    )
)
def test_any_text_has_spans_within_it_in_order(pieces):
    text = "".join(pieces)
    spans = given_in_text(text)
    assert list(spans) == sorted(spans)
    assert all(0 <= begin < end <= len(text) for begin, end in spans)
