"""How the tools of image builds read their words: options, their values, and subcommands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class Tool(NamedTuple):
    """How a tool reads its words.

    `values` are the options that take a value. With `subcommands`, the first operand says
    what to do, except for the words in `passed`, which stand in front of it (`yarn global
    add`). `bundles` says that `-ab` are two options; `mixed` that options may follow
    operands.
    """

    values: frozenset[str] = frozenset()
    subcommands: bool = False
    passed: frozenset[str] = frozenset()
    bundles: bool = True
    mixed: bool = True


class Reading(NamedTuple):
    """The words behind a tool's name, told apart; `flags` have their values, in order."""

    subcommand: str
    flags: tuple[tuple[str, str | None], ...]
    operands: tuple[str, ...]


def tool_name(words: Sequence[str]) -> tuple[str, int]:
    """Return the name that a tool goes by in rules, and how many words say it."""
    name = words[0].rpartition("/")[2]
    if name in _SAME:
        name = _SAME[name]
    if name in TOOLS and name != "uv":
        return name, 1
    versioned = _VERSIONED.fullmatch(name)
    if versioned is not None:
        name = versioned.group(1)
    if name == "python" and "-m" in words[1:4]:
        at = words.index("-m") + 1
        if at < len(words) and words[at] in ("pip", "pipx"):
            return words[at], at + 1
    if name == "uv" and len(words) > 1 and words[1] == "pip":
        return "pip", 2
    return name, 1


def read_words(name: str, words: Sequence[str]) -> Reading:
    """Return how a tool reads the words behind its name; one that is not known has operands alone."""
    tool = TOOLS.get(name)
    if tool is None:
        return Reading("", (), tuple(words))
    flags: list[tuple[str, str | None]] = []
    operands: list[str] = []
    count = len(words)
    at = 0
    while at < count:
        word = words[at]
        at += 1
        if len(word) < 2 or word[0] != "-":
            operands.append(word)
            if not tool.mixed:
                operands += words[at:]
                break
        elif word == "--":
            operands += words[at:]
            break
        elif word[1] == "-" or not tool.bundles:
            flag, equals, value = word.partition("=")
            if equals:
                flags.append((flag, value))
            elif flag in tool.values and at < count:
                flags.append((flag, words[at]))
                at += 1
            else:
                flags.append((flag, None))
        else:
            at = _bundle(word, words, at, tool, flags)
    subcommand = ""
    if tool.subcommands:
        while operands and operands[0] in tool.passed:
            del operands[0]
        if operands:
            subcommand = operands.pop(0)
    return Reading(subcommand, tuple(flags), tuple(operands))


def _bundle(word: str, words: Sequence[str], at: int, tool: Tool, flags: list[tuple[str, str | None]]) -> int:
    """Take the options of a word such as `-qqy` or `-fsSLo`; return the number of the next word."""
    for place in range(1, len(word)):
        flag = "-" + word[place]
        rest = word[place + 1 :]
        if rest.startswith("="):
            flags.append((flag, rest[1:]))
            return at
        if flag in tool.values:
            if not rest and at < len(words):
                flags.append((flag, words[at]))
                return at + 1
            flags.append((flag, rest or None))
            return at
        flags.append((flag, None))
    return at


def _tool(values: str = "", *, passed: str = "", **how: bool) -> Tool:
    return Tool(frozenset(values.split()), passed=frozenset(passed.split()), **how)


_VERSIONED = re.compile(r"(pip|pipx|python|ruby|node|perl|php|lua)[0-9][0-9.]*")
_SAME = {"dnf5": "dnf", "dnf-3": "dnf", "yum-3": "yum", "nodejs": "node", "gem2": "gem"}

_RPM = (
    "-c --config --installroot -x --exclude --excludepkgs --disablerepo --enablerepo --releasever "
    "--setopt -d --debuglevel -e --errorlevel -R --randomwait --repo --repoid --advisory --forcearch "
    "--repofrompath --downloaddir --destdir --comment"
)
_NPM = (
    "--prefix -C --registry --loglevel --cache --omit --only --include --tag -w --workspace "
    "--userconfig --globalconfig --before --script-shell --install-strategy --otp --fetch-timeout "
    "--fetch-retries --network-timeout --cwd --modules-folder --cache-folder --dir --filter "
    "--network-concurrency --mutex --cafile --ca --https-proxy"
)

TOOLS: dict[str, Tool] = {
    "apt-get": _tool(
        "-o --option -t --target-release --default-release -c --config-file -a --host-architecture -P "
        "--build-profiles",
        subcommands=True,
    ),
    "apk": _tool(
        "-X --repository -p --root -t --virtual --repositories-file --keys-dir --wait --arch "
        "--cache-dir --cache-max-age --progress-fd --timeout",
        subcommands=True,
    ),
    "dnf": _tool(_RPM, subcommands=True, passed="module"),
    "zypper": _tool(
        "-R --root --installroot -c --config -C --cache-dir -D --reposd-dir -r --repo -t --type "
        "--from -p --plus-repo --plus-content --releasever --solv-cache-dir --raw-cache-dir "
        "--pkg-cache-dir --name",
        subcommands=True,
    ),
    "pacman": _tool("-b --dbpath -r --root --cachedir --config --gpgdir --hookdir --ignore --overwrite"),
    "rpm": _tool("--root -r --dbpath --prefix --relocate -D --define -E --eval --excludepath"),
    "dpkg": _tool("--root --admindir --instdir -D --log --path-exclude --path-include"),
    "pip": _tool(
        "-r --requirement -c --constraint -e --editable -i --index-url --extra-index-url -f "
        "--find-links -t --target --prefix --root --src --trusted-host --python-version --platform "
        "--abi --implementation --cache-dir --log --proxy --retries --timeout --cert --client-cert "
        "--no-binary --only-binary --progress-bar --global-option --install-option -C "
        "--config-settings --config-setting --build-option -b --build --upgrade-strategy "
        "--root-user-action --python -p --exists-action --report --use-feature --use-deprecated "
        "--default-index --index --allow-insecure-host --override --exclude-newer --resolution "
        "--index-strategy --link-mode --python-platform --upgrade-package -P --keyring-provider "
        "--group",
        subcommands=True,
    ),
    "pipx": _tool("--python --index-url -i --pip-args --suffix --preinstall", subcommands=True),
    "uv": _tool(
        "--python -p --index-url -i --extra-index-url --index --default-index --group --extra "
        "--package --directory --project --cache-dir --with --no-group --only-group --link-mode "
        "--allow-insecure-host",
        subcommands=True, passed="tool",
    ),
    "npm": _tool(_NPM, subcommands=True),
    "yarn": _tool(_NPM, subcommands=True, passed="global"),
    "gem": _tool(
        "-v --version -i --install-dir -n --bindir -s --source -P --trust-policy --platform -p "
        "--http-proxy -g --file -B --bulk-threshold --document --target-rbconfig --build-root",
        subcommands=True,
    ),
    "bundle": _tool("-j --jobs --gemfile --path --retry --without --with --binstubs", subcommands=True),
    "go": _tool(
        "-ldflags -tags -o -p -mod -modfile -gcflags -asmflags -buildmode -C -overlay -pkgdir "
        "-toolexec -exec -installsuffix -compiler -gccgoflags -pgo",
        subcommands=True, bundles=False,
    ),
    "cargo": _tool(
        "--version --vers --path --git --rev --branch --tag --root --target --target-dir --features "
        "-F --profile -j --jobs --bin --example --registry --index --config --manifest-path -Z -p "
        "--package --color",
        subcommands=True,
    ),
    "composer": _tool("-d --working-dir --prefer-install", subcommands=True, passed="global"),
    "curl": _tool(
        "-o --output -H --header -d --data --data-raw --data-binary --data-urlencode -u --user -A "
        "--user-agent -X --request -e --referer -x --proxy --proxy-user -U --retry --retry-delay "
        "--retry-max-time --connect-timeout --max-time -m -w --write-out -b --cookie -c --cookie-jar "
        "--cacert --capath --cert -E --key --cert-type --key-type -T --upload-file -F --form -C "
        "--continue-at -z --time-cond -D --dump-header -r --range -K --config -Y -y --speed-limit "
        "--speed-time --limit-rate --output-dir --url --unix-socket --resolve --interface --noproxy "
        "--oauth2-bearer --ciphers --max-redirs --tls-max --create-file-mode --connect-to "
        "--max-filesize --pinnedpubkey --netrc-file --stderr --trace --proto --proto-redir "
        "--proto-default --dns-servers",
    ),
    "wget": _tool(
        "-O --output-document -o --output-file -a --append-output -P --directory-prefix -t --tries -T "
        "--timeout -e --execute -U --user-agent -i --input-file --header --user --password -Q --quota "
        "-w --wait -l --level -A --accept -R --reject -D --domains -I -X --http-user --http-password "
        "--post-data --post-file --ca-certificate --ca-directory --certificate --private-key "
        "--waitretry --dns-timeout --connect-timeout --read-timeout --limit-rate --progress --base -B "
        "--referer --method --body-data --secure-protocol --restrict-file-names",
    ),
    "git": _tool(
        "-C -c --git-dir --work-tree --namespace --exec-path -b --branch --depth -o --origin -u "
        "--upload-pack -j --jobs --reference --config --filter --separate-git-dir --shallow-since "
        "--shallow-exclude --template -m --message --server-option --file",
        subcommands=True,
    ),
    "useradd": _tool(
        "-u --uid -g --gid -G --groups -d --home --home-dir -s --shell -c --comment -p --password -k "
        "--skel -e --expiredate -f --inactive -K --key -b --base-dir -R --root",
    ),
    "usermod": _tool(
        "-u --uid -g --gid -G --groups -d --home -s --shell -c --comment -p --password -l --login -e "
        "--expiredate -f --inactive -R --root",
    ),
    "chmod": _tool("--reference", bundles=False),
    "install": _tool("-m --mode -o --owner -g --group -t --target-directory -S --suffix"),
    "mkdir": _tool("-m --mode"),
    "passwd": _tool("-n --mindays -x --maxdays -w --warndays -i --inactive -R --root -P --prefix"),
    "docker": _tool("-u --username -p --password -H --host --config -c --context", subcommands=True),
    "mysql": _tool("-u --user -h --host -P --port -e --execute -D --database -S --socket"),
    "tar": _tool(
        "-C --directory -X --exclude-from --exclude -T --files-from --strip-components --transform -I "
        "--use-compress-program",
    ),
    "unzip": _tool("-d -x -P"),
    "systemctl": _tool("", subcommands=True),
    "service": _tool(""),
    "apt-key": _tool("--keyring --keyserver --recv-keys --recv --keyserver-options", subcommands=True),
    **dict.fromkeys(("sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"), _tool("-c -o -O +o", mixed=False)),
    "python": _tool("-c -m -W -X", mixed=False),
    "node": _tool("-e --eval -p --print -r --require", bundles=False, mixed=False),
    "perl": _tool("-e -E -I", mixed=False),
    "ruby": _tool("-e -I -r -C", mixed=False),
    "php": _tool("-r -d -c -f", mixed=False),
}  # fmt: skip
"""By name. An option with a value that is not listed takes no other word for its value."""
TOOLS |= {
    "apt": TOOLS["apt-get"], "aptitude": TOOLS["apt-get"], "yum": TOOLS["dnf"], "microdnf": TOOLS["dnf"],
    "tdnf": TOOLS["dnf"], "yum-config-manager": _tool(_RPM), "pnpm": TOOLS["yarn"], "bun": TOOLS["npm"],
    "bundler": TOOLS["bundle"], "mysqladmin": TOOLS["mysql"], "podman": TOOLS["docker"],
    "bsdtar": TOOLS["tar"],
}  # fmt: skip
