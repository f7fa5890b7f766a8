"""The commands that are given credentials, a row a tool: which of their words carry one.

One table serves detection (the words of a command line, each with the place in it) and
redaction (a line of any text in which a command may stand). A value that is a variable, a
reference or a blank to fill in is no credential. Time is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from scanner.secrets.pairs import Span, is_credential
from scanner.secrets.values import is_reference
from scanner.secrets.words import Word, split_words


class Tool(NamedTuple):
    """How a tool is given credentials.

    `names` are the programs, `subcommand` the operands that must come first. `values` are
    options whose value is one, as the next word or behind `=` (behind a single letter also
    glued to it); `glued` those that take it in the same word only. `users` hold
    `USER:PASSWORD`, with any of the signs of `between`; `headers` an HTTP header; `sources`
    OpenSSL's `pass:PASSWORD`. `operands` are (pattern of the first operand, number of the
    operand that is a credential), numbers from 0 or from the end; `entries` tells of operands
    and `entry_options` of options `KEY=VALUE`, judged by their key. What is piped in is a
    credential where the command has one of `stdin` among its words, or `stdin` holds "".
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


_LOGIN = ("-p", "--password")
_TOOLS = (
    Tool("mysql mysqladmin mysqldump mysqlimport mysqlshow mysqlcheck mysqlbinlog mysqlslap mysqlpump mysqlsh "
         "mariadb mariadb-admin mariadb-dump mariadb-import mariadb-check mariadb-show mysql_upgrade",
         glued=("-p",), values=("--password",)),
    Tool("mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop mongofiles",
         values=_LOGIN),
    Tool("redis-cli valkey-cli keydb-cli redis-benchmark", values=("-a", "--pass")),
    Tool("redis-server valkey-server keydb-server redis-sentinel", values=("--requirepass", "--masterauth")),
    Tool("curl", users=("-u", "--user", "-U", "--proxy-user"), headers=("-H", "--header", "--proxy-header"),
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
    Tool("composer", "config", operands=(("http-basic\\.", 2), ("(?:gitlab|github|bearer|bitbucket|forgejo)"
                                                              "[\\w-]*\\.", -1))),
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
    Tool("keytool jarsigner", values=("-storepass", "-keypass", "-srcstorepass", "-deststorepass", "-srckeypass",
                                      "-destkeypass", "-new")),
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
    Tool("ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldapcompare ldapmodrdn ldapexop", values=("-w",)),
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
    Tool("rclone", values=("--sftp-pass", "--webdav-pass", "--ftp-pass", "--s3-secret-access-key", "--crypt-password",
                           "--rc-pass")),
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
    Tool("ansible ansible-playbook ansible-pull", values=()),
)  # fmt: skip

_MOST_WORDS = 60
"""Words behind a tool's name that are read as its own; it bounds the time on lists of names."""
_DEEPEST = 3
"""How deep scripts in quotes are followed."""
_SAYERS = frozenset(("echo", "printf"))
_HEADER_NAMES = r"(?i)(?:(?:proxy-)?authorization|private-token|job-token|deploy-token|[\w-]{0,40}(?:token|api-?key|secret))"
_SHOWN = frozenset(("PASSWORD", "PASS", "PASSWD", "SECRET", "TOKEN", "PW", "PWD", "MYPASSWORD"))


class Given(NamedTuple):
    """A credential in a list of words: the number of the word from 0, and where in it."""

    word: int
    begin: int
    end: int


def given_in_words(words: Sequence[str], *, scripts: bool = True) -> tuple[Given, ...]:
    """The credentials in the words of one command line, in order.

    A word that is a script in itself (`sh -c "..."`) is read as one, unless `scripts` is false.
    """
    found = {Given(*each) for each in _in_command([Word(text, 0, len(text), None) for text in words])}
    for number, text in enumerate(words):
        if scripts and _may_be_script(text):
            found.update(Given(number, *span) for span in given_in_text(text))
    return tuple(sorted(found))


def given_in_text(text: str) -> tuple[Span, ...]:
    """Where the credentials stand that commands in a text are given, sorted; the text may be a
    line of any file, or a script of several lines."""
    spans: set[Span] = set()
    if _mentions_tool(text):
        _in_text(text, 0, spans, 0)
    if "login" in text or "machine" in text:
        spans.update(_netrc_spans(text))
    return tuple(sorted(spans))


def is_given(value: str) -> bool:
    """Whether the value of a word for a credential is one, written out."""
    if not value or value.startswith("-") or value in _SHOWN or is_reference(value):
        return False
    if value[0] in "$%`<>(" or "$(" in value or "{{" in value:
        return False
    return is_credential("password", value)


def reads_credential(words: Sequence[str]) -> bool:
    """Whether what is piped into a command (its name first) is a credential."""
    for number, text in enumerate(words[:8]):
        rows = _rows().get(_program(text), ())
        rest = words[number + 1 :]
        for row in rows:
            if row.stdin and _behind_subcommand(row, rest) is not None:
                if "" in row.stdin or any(flag in rest for flag in row.stdin):
                    return True
    return False


def said(words: Sequence[str]) -> tuple[Given, ...]:
    """The credential that `echo` or `printf` (the first of the words) writes to a command that
    reads one: a password, or the `user:password` of a line."""
    if not words or _program(words[0]) not in _SAYERS:
        return ()
    found = []
    operands = [number for number in range(1, len(words)) if not _is_flag_of_echo(words[number])]
    if len(operands) > 1 and "%" in words[operands[0]]:
        operands = operands[1:]  # the first is printf's format
    for number in operands:
        begin = 0
        for line in re.split(r"\n|\\n", words[number]):
            colon = line.find(":") + 1
            if is_given(line[colon:].strip()):
                start = words[number].find(line[colon:].strip(), begin)
                found.append(Given(number, start, start + len(line[colon:].strip())))
            begin += len(line)
    return tuple(found)


def _is_flag_of_echo(word: str) -> bool:
    return word in ("-n", "-e", "-ne", "-en", "-E", "--")


@cache
def _rows() -> dict[str, tuple[Tool, ...]]:
    rows: dict[str, tuple[Tool, ...]] = {}
    for tool in _TOOLS:
        for name in tool.names.split():
            rows[name] = (*rows.get(name, ()), tool)
    return rows


@cache
def _tool_names() -> re.Pattern[str]:
    # At a border of words, so that the time is linear.
    names = "|".join(sorted(map(re.escape, _rows()), key=len, reverse=True))
    return re.compile(rf"(?<![\w.-])(?:{names})(?:\.exe)?(?![\w-])")


def _mentions_tool(text: str) -> bool:
    return _tool_names().search(text) is not None


def _program(word: str) -> str:
    return word.rpartition("/")[2].removesuffix(".exe")


def _may_be_script(text: str) -> bool:
    return " " in text or "\n" in text or "\t" in text


def _in_text(text: str, offset: int, spans: set[Span], depth: int) -> None:
    before: list[Word] = []
    for command, operator in split_words(text):
        for number, begin, end in _in_command(command):
            spans.add(_in_source(command[number], begin, end, offset))
        texts = [word.text for word in command]
        if operator in ("|", "<<<", "<<") and (before or operator != "|") and reads_credential(texts):
            for number, begin, end in _fed(before, operator):
                spans.add(_in_source(before[number], begin, end, offset))
        for word in command:
            if (
                depth < _DEEPEST
                and word.is_quoted
                and _may_be_script(word.text)
                and _mentions_tool(word.text)
            ):
                inner: set[Span] = set()
                _in_text(word.text, 0, inner, depth + 1)
                spans.update(_in_source(word, begin, end, offset) for begin, end in inner)
        before = command


def _fed(words: list[Word], operator: str) -> Iterator[tuple[int, int, int]]:
    """What a command is fed with: what `echo` says somewhere in the words before the pipe, or the
    text behind `<<<` or of a here-document."""
    texts = [word.text for word in words]
    if operator != "|":
        for number, text in enumerate(texts):
            colon = text.find(":") + 1
            if is_given(text[colon:]):
                yield number, colon, len(text)
        return
    for number, text in enumerate(texts):
        if _program(text) in _SAYERS:
            yield from ((number + word, begin, end) for word, begin, end in said(texts[number:]))
            return


def _in_source(word: Word, begin: int, end: int, offset: int) -> Span:
    return offset + word.place(begin), offset + word.place(end - 1) + 1


def _in_command(words: Sequence[Word]) -> Iterator[tuple[int, int, int]]:
    """The credentials of one simple command, whatever stands before the tool's name."""
    for number, word in enumerate(words):
        rows = _rows().get(_program(word.text))
        if rows is None:
            continue
        rest = [each.text for each in words[number + 1 : number + 1 + _MOST_WORDS]]
        for row in rows:
            behind = _behind_subcommand(row, rest)
            if behind is not None:
                for at, begin, end in _in_row(row, rest, behind):
                    if is_given(rest[at][begin:end]):
                        yield number + 1 + at, begin, end


def _behind_subcommand(row: Tool, rest: Sequence[str]) -> int | None:
    """The number of the word behind the row's subcommand; None where it is another one."""
    wanted = row.subcommand.split()
    position = 0
    for word in wanted:
        while position < len(rest) and rest[position].startswith("-"):
            position += 1
        if position >= len(rest) or rest[position] != word:
            # Options with values may stand before the subcommand.
            later = [at for at in range(position, min(len(rest), position + 6)) if rest[at] == word]
            if not later or not any(one.startswith("-") for one in rest[position - 1 : later[0]]):
                return None
            position = later[0]
        position += 1
    return position


def _in_row(row: Tool, rest: list[str], behind: int) -> Iterator[tuple[int, int, int]]:
    operands: list[int] = []
    flags = ""
    position = 0
    while position < len(rest):
        word = rest[position]
        if not word.startswith("-") or word == "-":
            if position >= behind:
                operands.append(position)
            position += 1
            continue
        if word[1:2] != "-":
            flags += word[1:]
        taken = False
        for at, begin, kind in _option(row, rest, position):
            taken = taken or at != position
            yield from _judged(row, kind, rest[at], at, begin)
        position += 2 if taken else 1
    yield from _in_operands(row, rest, operands, flags)


def _option(row: Tool, rest: list[str], position: int) -> Iterator[tuple[int, int, str]]:
    """The value of an option: the word it stands in, where it begins, and what it holds."""
    word = rest[position]
    name, equals, _ = word.partition("=")
    for kind, options in (("value", row.values), ("user", row.users), ("header", row.headers),
                          ("source", row.sources), ("entry", row.entry_options)):  # fmt: skip
        for option in options:
            if word == option:
                if position + 1 < len(rest):
                    yield position + 1, 0, kind
                return
            if equals and name == option:
                yield position, len(name) + 1, kind
                return
            is_letter = len(option) == 2
            if is_letter and word.startswith(option) and len(word) > 2:
                yield position, 2, kind
                return
    for option in row.glued:
        if word.startswith(option) and len(word) > len(option) and word[1:2] != "-":
            yield position, len(option), "value"
            return


def _judged(row: Tool, kind: str, text: str, at: int, begin: int) -> Iterator[tuple[int, int, int]]:
    value = text[begin:]
    if kind == "value":
        yield at, begin, len(text)
    elif kind == "user":
        signs = [place for place in (value.find(sign) for sign in row.between) if place > 0]
        if signs and not value[: min(signs)].startswith(("http", "file")):
            yield at, begin + min(signs) + 1, len(text)
    elif kind == "header":
        found = _header().match(value)
        if found is not None:
            yield at, begin + found.start(1), begin + found.end(1)
    elif kind == "source":
        if value.startswith("pass:"):
            yield at, begin + 5, len(text)
    elif kind == "entry":
        yield from _entry(text, at, begin, every=True)


@cache
def _header() -> re.Pattern[str]:
    return re.compile(
        _HEADER_NAMES + r"\s{0,8}:\s{0,8}(?:(?:bearer|basic|token|apikey)\s{1,8})?([^\s\"'$,;]{6,2000})$"
    )


def _entry(text: str, at: int, begin: int, *, every: bool) -> Iterator[tuple[int, int, int]]:
    """The value of `KEY=VALUE`, by its key or (`every`) whatever key says not who or where."""
    key, equals, value = text[begin:].partition("=")
    if not equals or value.startswith("@"):
        return
    if is_credential(key, value) or (every and not _harmless_keys().search(key)):
        yield at, begin + len(key) + 1, len(text)


@cache
def _harmless_keys() -> re.Pattern[str]:
    return re.compile(
        r"(?i)(?:user|login|host|port|name|url|uri|endpoint|email|region|id|bucket|db|database|type|path|file)s?$"
    )


def _in_operands(
    row: Tool, rest: list[str], operands: list[int], flags: str
) -> Iterator[tuple[int, int, int]]:
    if row.flag and row.flag not in flags:
        return
    texts = [rest[at] for at in operands]
    for pattern, number in row.operands:
        if texts and -len(texts) <= number < len(texts) and re.match(pattern, texts[0]):
            at = operands[number]
            text = rest[at]
            if number == 0 and "/" in pattern:  # sqlplus USER/PASSWORD@DATABASE
                begin, end = text.index("/") + 1, text.index("@")
                yield at, begin, end
            elif number != 0 or not pattern or re.match(pattern, text):
                yield at, 0, len(text)
            break
    if row.entries:
        for at in operands:
            yield from _entry(rest[at], at, 0, every=False)
    if row.named:
        for at, following in zip(operands, operands[1:], strict=False):
            if (
                following == at + 1
                and "=" not in rest[at]
                and is_credential(_key_name(rest[at]), rest[following])
            ):
                yield following, 0, len(rest[following])


def _key_name(text: str) -> str:
    """The name in a key of npm: what stands behind the registry of `//registry/:_authToken`."""
    return text.rpartition(":")[2]


@cache
def _netrc() -> re.Pattern[str]:
    return re.compile(r"\blogin[ \t]{1,8}[^\s\"']{1,200}[ \t\r\n]{1,8}password[ \t]{1,8}([^\s\"'\\]{1,300})")


def _netrc_spans(text: str) -> Iterator[Span]:
    for found in _netrc().finditer(text):
        if is_given(found[1]):
            yield found.span(1)
