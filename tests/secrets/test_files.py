"""Credentials in the files that objects hold: settings of any syntax, scripts, sources, texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.secrets.files import Language, credentials_in, is_file, language_of

SECRET = "hV9kq2Lw0zR"


def found(name: str, text: str) -> list[str]:
    return [text[one.begin : one.end] for one in credentials_in(name, text)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app.ini", "[db]\nuser = app\npassword = {}\n"),
        ("app.ini", "[db]\npassword={} ; of the old server\n"),
        ("application.properties", "spring.datasource.password={}"),
        ("config.json", '{{"db": {{"user": "shop", "password": "{}"}}}}'),
        ("config.json", '{{"headers": [{{"name": "X-Api-Key", "value": "{}"}}]}}'),
        ("values.yaml", "smtp:\n  password: {}\n"),
        ("values.yaml", "smtp:\n  password: |\n    {}\n"),
        ("values.yaml", "env:\n  - name: DB_PASSWORD\n    value: {}\n"),
        ("kubeconfig", "users:\n  - name: ci\n    user:\n      token: {}\n"),
        (".npmrc", "//npm.example.com/:_authToken={}\n"),
        (".netrc", "machine git.example.com login bot password {}\n"),
        ("redis.conf", "maxmemory 1mb\nrequirepass {}\n"),
        ("redis.conf", "user app on >{} ~* +@all\n"),
        ("nginx.conf", 'proxy_set_header Authorization "Bearer {}aaaa";\n'),
        ("server.xml", "<config>\n  <password>{}</password>\n</config>\n"),
        ("server.xml", '<property name="connection.password">{}</property>'),
        ("server.xml", '<property name="api.token" value="{}"/>'),
        ("server.xml", '<datasource user="app" password="{}"/>'),
        ("web.config", '<add connectionString="Server=db;User Id=sa;Password={};"/>'),
        ("init.sql", "CREATE USER app IDENTIFIED BY '{}';"),
        ("run.sh", "export DB_PASSWORD={}\n"),
        ("run", "#!/bin/sh\nmysql -uroot -p{} shop\n"),
        ("wp-config.php", "define('DB_PASSWORD', '{}');"),
        ("settings.py", 'SECRET_KEY = "{}"\n'),
        ("app.toml", '[db]\npassword = "{}"\n'),
        ("app.toml", 'dsn = "postgres://app:{}@db/app"\n'),
    ],
)
def test_a_credential_is_found_alone_and_at_its_place(name, text):
    filled = text.format(SECRET)
    assert [one.removesuffix("aaaa") for one in found(name, filled)] == [SECRET]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("grafana.ini", "password = $__env{DB_PASSWORD}\nclient_secret = $__file{/etc/secrets/oauth}\n"),
        ("oidc.config", "issuer: https://example.org\nclientSecret: $oidc.login.clientSecret\n"),
        ("app.properties", "db.password=${DB_PASSWORD}\ndb.password.file=/run/secrets/db\n"),
        ("app.properties", "error.password=Password must have at least 8 characters\n"),
        ("de.json", '{"password": "Passwort", "token": "Zugangswort"}'),
        ("labels.yaml", 'password: "Passwort"\nsecret: Geheimnis\n'),
        ("login.js", "const password = req.body.password;\nconst token = await get(req.user);\n"),
        ("login.js", 'const schema = { password: Yup.string().min(8), apiKey: options.apiKey || "" };'),
        (
            "login.py",
            'token = issue(user)\npassword = getpass.getpass("Password: ")\nclient.open(password=password)',
        ),
        ("login.py", 'header = sign(token=f"Bearer {token}", key=secret_key)\nTOKEN_NAME = "X-Auth-Token"\n'),
        ("auth.lua", "local token = ngx.var.cookie_token\n"),
        (
            "run.sh",
            'password=$1\n[ -n "$password" ] || echo "password: missing"\nread -p "Password: " password\n',
        ),
        ("index.html", '<input type="password" name="password"><p>password: hV9kq2Lw0zR</p>'),
        (
            "dex.yaml",
            'hash: "$2a$10$33EMT0cVYVlPy6WAMCLsceLYjWhuHpbz5yuZxu"\npassword: "$2a$10$33EMT0cVYVlPy6WAMCLsc"',
        ),
        (
            "app.yaml",
            "secretName: web-tls\ntokenTtl: 3600\npasswordPolicy: strict\nsecret: web-credentials-2\n",
        ),
        ("app.yaml", "# password: changeme\n# token: the one of your account\n"),
        ("key.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIhV9kq2Lw0zR ops@example.com\n"),
        (
            "build.yaml",
            "checksum/secret: 3f786850e387550fdab836ed7e6dc881de23001b\ncommit: 3f786850e387550f\n",
        ),
    ],
)
def test_what_looks_like_one_is_none(name, text):
    assert found(name, text) == []


@pytest.mark.parametrize(
    ("name", "first", "language"),
    [
        ("a.js", "", Language.SOURCE),
        ("run", "#!/usr/bin/env bash", Language.SHELL),
        ("run", "#!/usr/bin/python3", Language.SOURCE),
        ("a.xml", "", Language.MARKUP),
        ("config", "<?xml version='1.0'?>", Language.MARKUP),
        ("i18n/messages.json", "", Language.PROSE),
        ("README.md", "", Language.PROSE),
        ("app.conf", "", Language.SETTINGS),
    ],
)
def test_a_file_is_read_by_its_name_and_its_first_line(name, first, language):
    assert language_of(name, first) is language


def test_an_entry_is_a_file_by_its_lines_its_name_or_its_first_sign():
    assert is_file("settings", "a=b\nc=d\n")
    assert is_file("app.properties", "a=b")
    assert is_file("settings", '{"a": 1}')
    assert not is_file("DB_PASSWORD", "hV9kq2Lw0zR\n")


def test_a_private_key_begins_at_its_material():
    text = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAv8Qz7Xk29vLq8\n-----END RSA PRIVATE KEY-----\n"
    assert found("tls.key", text)[0].startswith("MIIE")


@given(
    st.sampled_from(["a.yaml", "a.xml", "a.js", "a.sh", "a.md"]),
    st.text(alphabet="password:=<>\"'{}|# \n$-19", max_size=200),
)
def test_spans_of_any_text_lie_in_it_one_behind_the_other(name, text):
    last = 0
    for one in credentials_in(name, text):
        assert last <= one.begin < one.end <= len(text)
        last = one.end
