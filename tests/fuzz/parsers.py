"""Every parser by name, and the texts that its fuzzing begins with."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from scanner.artifacts import decode
from scanner.config import load_config
from scanner.errors import ScannerError
from scanner.formats.bake.json_syntax import parse_json_body
from scanner.formats.compose.dotenv import parse_dotenv
from scanner.formats.compose.interpolation import interpolate, substitute
from scanner.formats.compose.shorthand import expand_port, split_port, split_volume
from scanner.formats.helm.actions import included_names, quoted_name, scan_actions, scan_lines, split_texts
from scanner.formats.helm.archives import unpack
from scanner.formats.helm.expressions import tokenize
from scanner.formats.helm.ignore import ignore_rules
from scanner.formats.kubernetes.paths import parse_path
from scanner.formats.shared.images import parse_image
from scanner.formats.shared.quantities import parse_bytes, parse_cpus
from scanner.ignoring import IgnoreRules
from scanner.model.source import Span
from scanner.parsing.dockerfile import parse_dockerfile
from scanner.parsing.dockerfile_checks import check_instruction
from scanner.parsing.dockerfile_stages import split_stages
from scanner.parsing.dockerignore import parse_dockerignore
from scanner.parsing.hcl import parse_hcl, parse_template
from scanner.parsing.heredoc import heredocs_of_line, parse_heredoc
from scanner.parsing.lines import LineTable, split_lines
from scanner.parsing.mapped_text import MappedText
from scanner.parsing.shell import commands_of, parse_script
from scanner.parsing.word_patterns import parse_pattern, replace, trim_prefix, trim_suffix
from scanner.parsing.words import expand_word, expand_words, split_raw
from scanner.parsing.yaml import (
    MappingNode,
    Node,
    SequenceNode,
    YamlSource,
    duplicate_keys,
    entries,
    parse_yaml,
)
from scanner.pipeline import words
from scanner.policy.loader import load_framework, load_rule
from scanner.policy.words import Words
from scanner.secrets.lines import Secrets, masked
from scanner.secrets.pairs import credential_pairs
from scanner.secrets.redaction import redact
from scanner.secrets.verdicts import judge, mask_spans
from scanner.triage.suppressing_comments import Language, read_suppressions
from tests.fuzz import kitchen
from tests.fuzz.mutators import mutate, mutate_bytes
from tests.fuzz.projects import seeds
from tests.support import ROOT

_HERE = Span(1, 1, 1, 2)
_VALUES = {"A": "b/c:d", "X": None, "EMPTY": "", "TAG": "1.2"}


class Target(NamedTuple):
    """A parser: `run` takes a text or bytes and may raise ScannerError alone."""

    name: str
    run: Callable[[str], object] | Callable[[bytes], object]
    seeds: Sequence[str] | Sequence[bytes]

    def mutant(self, rng: random.Random) -> str | bytes:
        """Return an input for it."""
        seed = rng.choice(self.seeds)
        if isinstance(seed, bytes):
            return mutate_bytes(seed, rng)
        return mutate(seed, rng, [one for one in self.seeds if isinstance(one, str)])

    def try_out(self, data: str | bytes) -> BaseException | None:
        """Run the parser; return what it raised and may not."""
        try:
            self.run(data)  # type: ignore[arg-type]  # of the type of its seeds
        except ScannerError:
            return None
        except Exception as error:
            return error
        return None


@cache
def targets() -> tuple[Target, ...]:
    """Return all parsers."""
    scripts = [line for text in (kitchen.DOCKERFILE,) for line in text.splitlines()] + list(_SCRIPTS)
    return (
        Target("yaml", _yaml, _of(".yaml", ".yml", ".json")),
        Target("dockerfile", _dockerfile, _of("Dockerfile")),
        Target("shell", _shell, scripts),
        Target("heredocs", _heredocs, scripts),
        Target("words", _words, _WORDS),
        Target("hcl", lambda text: parse_hcl(text, "x.hcl"), [kitchen.BAKE_HCL, *_of(".hcl")]),
        Target("hcl template", lambda text: parse_template(text, _HERE, "x.json"), _TEMPLATES),
        Target("bake json", lambda text: parse_json_body(text, "x.json"), [kitchen.BAKE_JSON]),
        Target("dotenv", _dotenv, [kitchen.ENV, "A=b\nexport C='d'\n", "export "]),
        Target("interpolation", _interpolation, _WORDS),
        Target("shorthand", _shorthand, _SHORT),
        Target("dockerignore", _dockerignore, _IGNORE),
        Target("gitignore", _gitignore, _IGNORE),
        Target("helmignore", _helmignore, _IGNORE),
        Target("helm actions", _actions, [kitchen.TEMPLATE, *_of(".tpl", "templates/d.yaml"), *_TEMPLATES]),
        Target("secrets", _secrets, _SECRETS),
        Target("suppressions", _suppressions, _COMMENTS),
        Target("rule", lambda text: load_rule("x.yaml", text, _known_words()), _rule_texts()),
        Target("framework", lambda text: load_framework("x.yaml", text), _framework_texts()),
        Target("configuration", _configuration, [kitchen.CONFIG, _CONFIG]),
        Target("decoding", lambda data: decode(data, "x"), _ENCODED),
        Target("packed chart", lambda data: unpack(data, "x.tgz"), [_packed()]),
    )


def _of(*endings: str) -> list[str]:
    return [text for _, files in seeds() for path, text in files.items() if path.endswith(endings)][:400]


def _yaml(text: str) -> None:
    file = parse_yaml(text, "x.yaml")
    seen: set[int] = set()
    for _, root in file.documents:
        pending: list[Node | None] = [root]
        if root is not None:
            duplicate_keys(root)
        while pending:
            node = pending.pop()
            if node is None or id(node) in seen:
                continue
            seen.add(id(node))
            _place(file.source, node)
            if isinstance(node, MappingNode):
                for pair in entries(node).values():
                    _place(file.source, pair)
                pending += [one for pair in node.value for one in pair]
            elif isinstance(node, SequenceNode):
                pending += node.value


def _place(source: YamlSource, place: object) -> None:
    span = source.locate(place).span
    assert span.line >= 1
    assert span.column >= 1
    assert (span.end_line, span.end_column) >= (span.line, span.column), span
    extent = source.extent(place).span
    assert extent.end_line >= extent.line
    settled, number = source.settle(place)
    assert settled.locate(number).span == span


def _dockerfile(text: str) -> None:
    tree = parse_dockerfile(text)
    split_stages(tree)
    for instruction in tree.instructions:
        check_instruction(instruction)
        commands_of(instruction)
        commands_of(instruction, ("pwsh", "-c"))


def _shell(text: str) -> None:
    lines = LineTable(text)
    for command in parse_script(MappedText(text, (0,), (0,), lines)).commands:
        repr(command)


def _heredocs(text: str) -> None:
    for line in text.split("\n"):
        heredocs_of_line(line)
        parse_heredoc(line)


def _words(text: str) -> None:
    for escape in ("\\", "`"):
        expand_word(text, _VALUES.get, escape)
        expand_words(text, _VALUES.get, escape)
    split_raw(text, keep_quotes=True, keep_escapes=False)
    pattern = parse_pattern(text)
    trim_prefix("aXbXc", pattern, True)
    trim_suffix("aXbXc", pattern, False)
    replace("aXbXc", pattern, "y", True, 1000)


def _dotenv(text: str) -> None:
    for raw in (False, True):
        parse_dotenv(text, ".env", {}, raw=raw)


def _interpolation(text: str) -> None:
    substitute(text, {"A": "b"})
    interpolate(text, {})


def _shorthand(text: str) -> None:
    for read in (split_port, expand_port, split_volume, parse_image, parse_bytes, parse_cpus):
        try:
            read(text)
        except ScannerError:
            continue
    try:
        parse_path(text)
    except ValueError:  # as it says
        return


def _dockerignore(text: str) -> None:
    rules = parse_dockerignore(text)
    for path in ("a", "a/b/c.txt", ".git", "..", "/", "x/"):
        rules.ignores(path)


def _gitignore(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / ".git").mkdir()
        (root / ".gitignore").write_bytes(text.encode("utf-8", "surrogatepass"))
        rules = IgnoreRules(root)
        rules.enter(str(root), (".gitignore",))
        for path in ("a", "a/b.txt", "x y"):
            rules.reason(f"{root}/{path}", path, is_folder=False)


def _helmignore(text: str) -> None:
    ignores = ignore_rules(text)
    for path in ("a", "a/b/c.txt", "templates/x.yaml"):
        ignores(path)


def _actions(text: str) -> None:
    found = scan_actions(text)
    scan_lines(text, found)
    list(split_texts(text))
    for part in text.split("{{"):
        inner = part.partition("}}")[0]
        tokenize(inner)
        quoted_name(inner)
        list(included_names(inner))


def _secrets(text: str) -> None:
    redact(text)
    name, _, value = text.partition("=")
    judge(name, value)
    mask_spans(name, value)
    list(credential_pairs(text))
    lines = split_lines(text)
    secrets = Secrets(lines, (), is_env_file=True)
    for number, line in enumerate(lines):
        secrets.ranges(number)
        masked(line)


def _suppressions(text: str) -> None:
    for language in Language:
        read_suppressions("x", text, language)


@cache
def _known_words() -> Words:
    return words()


def _rule_texts() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((ROOT / "rules").rglob("*.yaml"))[::4]]


def _framework_texts() -> list[str]:
    return [
        path.read_text(encoding="utf-8")[:3000] for path in sorted((ROOT / "rules/frameworks").glob("*.yaml"))
    ]


def _configuration(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / ".hullcheck.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        load_config(path)


def _packed() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for path, text in {"c/Chart.yaml": kitchen.CHART, "c/values.yaml": kitchen.VALUES, "c/x": ""}.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(made.getvalue(), mtime=0)


_SCRIPTS = (
    "set -e; a=b c='d e' f=\"g $h\" cmd -x --y=z <in >out 2>&1 | tee x && (cd /y; z) || { q; }",
    "if [ -f x ]; then y; elif z; then :; else w; fi; for i in a b; do echo $i; done; while read l; do x; done <<< y",
    "case $x in a|b) c;; *) d;; esac; f() { echo $(g `h`); }; echo $((1+2)) ${x:-y} ${x#z} ${x/a/b}",
    "cat <<EOF <<-'F' > x\na $b\nEOF\n\tc\n\tF\ncurl -fsSL https://x | sudo bash -s -- -y",
    "sudo -u x env A=b xargs -n1 sh -c 'rm -rf \"$1\"' _ & wait; exec time nohup x; eval \"$y\"; trap 'z' EXIT",
    "mysql -u root -ppw; PGPASSWORD=x psql; curl -u a:b x; az login -p y; echo 'root:x' | chpasswd",
    "apt-get update -qq && apt-get install -y --no-install-recommends \\\n  a=1 \\\n # c\n  b && rm -rf /var/lib/apt/lists/*",
)
_WORDS = (
    "a${A:-b}c", "${X:?err}", "${A#*/}", "${A%%:*}", "${A/a/b}", "${A//a/b}", "$A$B", "'$A' \"$A\" \\$A", "${", "$$A", "${A:+${B:-c}}",
    "a*b?c\\*", "${A-b}", "${EMPTY:-}", "\"a b\" c 'd", "$1", "${1}", "${A:1:2}", "${!A}", "a\\", "`x`", "a=b,c=d",
)  # fmt: skip
_TEMPLATES = (
    "a ${b} c", "${x == 1 ? \"y\" : z[0].k}", "%{ if a }b%{ else }c%{ endif }", "${[for x in y : upper(x) if x]}", "$${a} %%{b}",
    "${{a = 1, b = [2, -3.5e2]}}", "${f(a, b...)}", "{{ .a }}", "{{- range $k, $v := .x }}{{ $k | quote }}{{ end -}}",
    '{{ include "a.b" (dict "x" .) | nindent 4 }}', "{{ define \"x\" }}{{ template `y` . }}{{ end }}", "{{/* c */}}{{ `a }}` }}{{ '}' }}",
)  # fmt: skip
_SHORT = (
    "80", "80:80", "127.0.0.1:80-90:80-90/udp", "[::1]:80:80", "a:b:ro", "./a:/b:rw,z", "C:\\x:/y", "1-70000", "/a", "a:b:c:d",
    "reg:5000/a/b:c@sha256:" + "a" * 64, "a", "1.5g", "100m", "1e3", "-1", ".5", "0.0.0.0::80", "::", "spec.a[].b[*].c", "a[b/c.d]",
)  # fmt: skip
_IGNORE = (
    "*\n!a\n**/b\n/c/\n# d\n\\#e\nf[a-z]\n*.txt\n", "a/**/b\n!**\n[!x]y\n", "\n\n!\n/\n**\n", "x \\ \n\\!y\n", "[z-a]\n[\n]\n{a,b}\n",
)  # fmt: skip
_SECRETS = (
    "DB_PASSWORD=hunter2hunter2", 'password: "aB3$xY9!kL"', "https://u:p@h/x?token=abc", "Authorization: Bearer abc123def456ghi",
    "AKIAIOSFODNN7EXAMPLE ghp_" + "a" * 36, "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "- name: DB_PASSWORD\n  value: x9y8z7\n", "--password=x --token\ny", "key: |\n  password=x\n  a\n", "['--password', 'x']",
    "${DB_PASSWORD:-secret123}", "aHVudGVyMmh1bnRlcjI=", "[a]\npassword = x\n", '{"password": "x", "a": [1]}', "curl -u a:b x",
)  # fmt: skip
_COMMENTS = (
    "a: b # hullcheck:ignore privileged -- why\n", "# hullcheck:ignore-file x,y until=2030-01-01 -- z\na:\n- b\n",
    "services:\n  a:\n    labels: [hullcheck.dev/ignore.x=y]\n", "RUN x # hullcheck:ignore y\n# hullcheck:ignore *\nFROM a\n",
    "{{/* hullcheck:ignore x -- y */}}\na: {{ if b }}c{{ end }}\n", "a: 'hullcheck:ignore x'\n",
)  # fmt: skip
_CONFIG = """\
profile: strict
select: [privileged]
ignore: [a]
exclude: ["*.x", "!y"]
severities: {privileged: low}
params: {x: {y: [1, a]}}
fail-on: high
rule-folders: [rules]
helm: {engine: none, kube-version: "1.30", api-versions: [a/v1], environments: {prod: [v.yaml]}, subcharts: {a: ignore}}
environments: {prod: {paths: [x], profile: all}}
suppressions: [{rule: privileged, resource: Deployment/web, reason: r, until: 2030-01-01}]
"""
_ENCODED = tuple("a: é\n".encode(name) for name in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1"))
