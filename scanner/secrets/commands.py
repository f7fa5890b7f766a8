"""The commands that are given credentials, a row a tool: which of their words carry one.

One table serves detection and redaction; `given` reads command lines by it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple


class Tool(NamedTuple):
    """How a tool is given credentials.

    `names` are the programs, `subcommand` the operands that must come first. `values` are
    options whose value is one, as the next word or behind `=` (behind a single letter also
    glued to it); `glued` those that take it in the same word only. `users` hold
    `USER:PASSWORD`, with any of the signs of `between`; `headers` an HTTP header; `sources`
    OpenSSL's `pass:PASSWORD`. `operands` are (pattern of the first operand, number of the
    operand that is a credential), numbers from 0 or from the end, and count with the letter
    `flag` alone, if there is one; `entries` tells of operands and `entry_options` of options
    `KEY=VALUE`, judged by their key, `named` of operands `KEY VALUE`. What is piped in is a
    credential where the command has one of `stdin` among its words, or `stdin` holds "". One that
    `bundles` takes several letters in one word, of which the last may have the next word for its value.
    """

    names: str
    subcommand: str = ""
    values: tuple[str, ...] = ()
    glued: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    between: str = ":"
    headers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    operands: tuple[tuple[str, int], ...] = ()
    flag: str = ""
    entries: bool = False
    named: bool = False
    entry_options: tuple[str, ...] = ()
    stdin: tuple[str, ...] = ()
    bundles: bool = False


_LOGIN = ("-p", "--password")
TOOLS = (
    Tool("mysql mysqladmin mysqldump mysqlimport mysqlshow mysqlcheck mysqlbinlog mysqlslap "
         "mysqlpump mysqlsh mysql_upgrade mariadb mariadb-admin mariadb-dump mariadb-import mariadb-check "
         "mariadb-show",
         glued=("-p",), values=("--password",)),
    Tool("mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop mongofiles",
         values=_LOGIN),
    Tool("redis-cli valkey-cli keydb-cli redis-benchmark", values=("-a", "--pass")),
    Tool("redis-server valkey-server keydb-server redis-sentinel", values=("--requirepass", "--masterauth")),
    Tool("curl", bundles=True, users=("-u", "--user", "-U", "--proxy-user"),
         headers=("-H", "--header", "--proxy-header"),
         values=("--pass", "--oauth2-bearer", "--tlspassword", "--proxy-pass")),
    Tool("wget", values=("--password", "--http-password", "--ftp-password", "--proxy-password"),
         headers=("--header",)),
    Tool("wget2 aria2c", values=("--http-passwd", "--ftp-passwd", "--http-password", "--rpc-secret"),
         headers=("--header",)),
    Tool("sshpass", values=("-p",)),
    Tool("plink pscp psftp putty", values=("-pw",)),
    Tool("chpasswd chgpasswd", stdin=("",)),
    Tool("passwd", stdin=("--stdin", "")),
    Tool("smbpasswd", stdin=("-s",)),
    Tool("usermod useradd", values=_LOGIN),
    Tool("htpasswd", flag="b", operands=(("", -1),)),
    Tool("mosquitto_passwd", flag="b", operands=(("", 2),)),
    Tool("mosquitto_pub mosquitto_sub mosquitto_rr", values=("-P", "--pw")),
    Tool("az", "login", values=_LOGIN),
    Tool("aws", "configure set", named=True),
    Tool("docker podman nerdctl buildah skopeo oras regctl", "login", values=_LOGIN,
         stdin=("--password-stdin", "--pass-stdin")),
    Tool("podman buildah skopeo", users=("--creds", "--src-creds", "--dest-creds", "--screds", "--dcreds"),
         values=("--registry-token", "--src-registry-token", "--dest-registry-token")),
    Tool("crane krane", "auth login", values=_LOGIN, stdin=("--password-stdin",)),
    Tool("helm", "registry login", values=_LOGIN, stdin=("--password-stdin",)),
    Tool("helm", "repo add", values=("--password",), stdin=("--password-stdin",)),
    Tool("npm pnpm yarn", "config set", named=True, entries=True),
    Tool("npm pnpm", "set", named=True, entries=True),
    Tool("composer", "config", operands=(
        ("http-basic\\.", 2),
        ("(?:gitlab|github|bearer|bitbucket|forgejo)[\\w-]*\\.", -1),
    )),
    Tool("poetry", "config", operands=(("http-basic\\.", 2), ("pypi-token\\.", 1))),
    Tool("twine", values=_LOGIN),
    Tool("flit hatch uv", "publish", values=("--password", "--token", "-a", "--auth")),
    Tool("cargo", "login", operands=(("", 0),), stdin=("",)),
    Tool("gem", values=("--key", "-k")),
    Tool("gh", "auth login", stdin=("--with-token",)),
    Tool("glab", "auth login", values=("-t", "--token"), stdin=("--stdin",)),
    Tool("gpg gpg2", values=("--passphrase",), stdin=("--passphrase-fd",)),
    Tool("openssl", "passwd", operands=(("", -1),)),
    Tool("openssl", sources=("-passin", "-passout", "-pass"), values=("-k", "-password")),
    Tool("keytool jarsigner", values=("-storepass", "-keypass", "-srcstorepass", "-deststorepass",
                                      "-srckeypass", "-destkeypass", "-new")),
    Tool("vault bao", "login", operands=(("(?!-)(?!.*=)", 0),), entries=True),
    Tool("vault bao", "write", entries=True),
    Tool("vault bao", "kv put", entries=True),
    Tool("vault bao", "kv patch", entries=True),
    Tool("vault bao", "operator unseal", operands=(("", 0),)),
    Tool("kubectl oc", "create secret", entry_options=("--from-literal",), values=("--docker-password",)),
    Tool("kubectl oc", "config set-credentials", values=("--password", "--token")),
    Tool("oc", "login", values=("-p", "--password", "--token")),
    Tool("kubeadm", "token create", operands=(("[a-z0-9]{6}\\.[a-z0-9]{16}$", 0),)),
    Tool("kubeadm", values=("--token", "--certificate-key", "--discovery-token")),
    Tool("ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldapcompare ldapmodrdn ldapexop",
         values=("-w",)),
    Tool("ldappasswd", values=("-w", "-s", "-a")),
    Tool("slappasswd", values=("-s",)),
    Tool("smbclient rpcclient smbget smbcacls winexe smbmap", users=("-U", "--user"), between="%"),
    Tool("rabbitmqctl", "add_user", operands=(("", 1),)),
    Tool("rabbitmqctl", "change_password", operands=(("", 1),)),
    Tool("rabbitmqctl", "authenticate_user", operands=(("", 1),)),
    Tool("rabbitmqadmin", values=_LOGIN),
    Tool("sqlcmd bcp osql tsql", values=("-P",)),
    Tool("sqlplus sqlldr exp imp expdp impdp rman", operands=(("[^\\s/@]+/[^\\s/@]+@", 0),)),
    Tool("cqlsh beeline impala-shell", values=("-p", "--password")),
    Tool("nodetool", values=("-pw", "--password")),
    Tool("clickhouse-client clickhouse", values=("--password",)),
    Tool("influx influxd", values=("-password", "--password", "-t", "--token")),
    Tool("etcdctl", users=("--user",), values=("--password",)),
    Tool("mc mcli", "alias set", operands=(("", 3),)),
    Tool("mc mcli", "config host add", operands=(("", 3),)),
    Tool("mc mcli", "admin user add", operands=(("", 2),)),
    Tool("rclone", "config create", named=True, entries=True),
    Tool("rclone", "obscure", operands=(("", 0),)),
    Tool("rclone", values=("--sftp-pass", "--webdav-pass", "--ftp-pass", "--s3-secret-access-key",
                           "--crypt-password", "--rc-pass")),
    Tool("s3cmd", values=("--secret_key", "--access_key")),
    Tool("lftp ncftpput ncftpget", users=("-u",), between=",:", values=("-p",)),
    Tool("zip unzip", values=("-P", "--password")),
    Tool("7z 7za 7zr rar unrar", glued=("-p",)),
    Tool("ipmitool", values=("-P",)),
    Tool("snmpget snmpwalk snmpset snmpbulkwalk", values=("-A", "-X")),
    Tool("swaks", values=("-ap", "--auth-password")),
    Tool("sendemail", values=("-xp",)),
    Tool("wpa_passphrase", operands=(("", 1),)),
    Tool("svn", values=("--password",)),
    Tool("sudo", stdin=("-S", "--stdin")),
    Tool("kinit", stdin=("",)),
    Tool("cryptsetup", stdin=("",)),
)  # fmt: skip


@cache
def rows_of() -> dict[str, tuple[Tool, ...]]:
    """The rows of each program, by its name."""
    rows: dict[str, tuple[Tool, ...]] = {}
    for tool in TOOLS:
        for name in tool.names.split():
            rows[name] = (*rows.get(name, ()), tool)
    return rows


def mentions_tool(text: str) -> bool:
    """Whether a text holds the name of a program of the table as a word, in linear time."""
    return not _names().isdisjoint(_words().findall(text))


@cache
def _names() -> frozenset[str]:
    return frozenset((*rows_of(), *(f"{name}.exe" for name in rows_of())))


@cache
def _words() -> re.Pattern[str]:
    return re.compile(r"[\w.-]+")
