"""The door to the scanned tree: what it opens, and what no link, name or race gets out of it."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.artifacts import Tree
from scanner.errors import InputError
from scanner.files.border import Border
from scanner.files.opening import Changed, NotAFile, TooLarge, open_file, read
from tests.support import write_tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_tree(tmp_path, {"root/a.yaml": "a", "root/sub/b.yaml": "b", "secret": "s", "out/c.yaml": "c"})
    return tmp_path / "root"


def test_a_file_is_read_by_its_path(root):
    assert Border(str(root)).read("sub/b.yaml") == b"b"
    assert Border(str(root), frozenset(("sub/b.yaml",))).read("sub/b.yaml") == b"b"


def test_the_root_may_be_named_by_a_link(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    assert Border(str(tmp_path / "link")).read("a.yaml") == b"a"


@pytest.mark.parametrize(
    "path", ["../secret", "sub/../../secret", "/etc/passwd", "", "sub/../../root/../secret"]
)
def test_no_name_leads_out(root, path):
    with pytest.raises(InputError, match="leaves the scanned root"):
        Border(str(root)).read(path)


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "\udfff/x", "x" * 300, "x/" * 5000])
def test_a_name_that_no_file_has_is_no_crash(root, name):
    border = Border(str(root))
    with pytest.raises((InputError, OSError)):
        border.read(name)
    with pytest.raises((InputError, OSError)):
        border.read(name, follow=False)
    assert border.exists(name) is False


def test_any_bytes_may_be_a_name(root):
    for raw in (b"\xff\xfe", b"a\nb", b"\xe2\x80\xaetxt", b"-rf", b"~x", b" ", b"\x1b[31m"):
        name = os.fsdecode(raw)
        (root / name).write_text("here")
        assert Border(str(root)).read(name) == b"here"


@pytest.mark.parametrize(
    "name,target",
    [
        ("out.yaml", "../secret"),
        ("out.yaml", "/etc/passwd"),
        ("out.yaml", "/dev/zero"),
        ("out.yaml", "/dev/stdin"),
        ("out.yaml", "/proc/self/environ"),
        ("out.yaml", "sub/../../secret"),
    ],
)
def test_no_link_leads_out(root, name, target):
    (root / name).symlink_to(target)
    for border in (Border(str(root)), Border(str(root), frozenset((name,)))):
        with pytest.raises(InputError, match="leaves the scanned root"):
            border.read(name)
        with pytest.raises(InputError, match="leaves the scanned root"):
            border.head(name, 10)
        assert not border.exists(name)


def test_no_link_in_the_middle_of_a_path_leads_out(root):
    (root / "mid").symlink_to("../out")
    for border in (Border(str(root)), Border(str(root), frozenset(("mid/c.yaml",)))):
        with pytest.raises(InputError, match="leaves the scanned root"):
            border.read("mid/c.yaml")


def test_no_chain_of_links_leads_out(root):
    (root / "one").symlink_to("two")
    (root / "two").symlink_to("sub/three")
    (root / "sub/three").symlink_to("../../secret")
    with pytest.raises(InputError):
        Border(str(root)).read("one")


def test_links_inside_are_followed(root):
    (root / "link.yaml").symlink_to("sub/b.yaml")
    (root / "folder").symlink_to("sub")
    border = Border(str(root), frozenset(("link.yaml",)))
    assert border.read("link.yaml") == border.read("folder/b.yaml") == b"b"


def test_a_link_is_not_followed_where_that_was_asked(root):
    (root / "link.yaml").symlink_to("sub/b.yaml")
    with pytest.raises(NotAFile, match="symbolic link"):
        Border(str(root)).read("link.yaml", follow=False)


def test_links_in_a_circle_end(root):
    (root / "x").symlink_to("y")
    (root / "y").symlink_to("x")
    with pytest.raises(NotAFile, match="circle"):
        Border(str(root)).read("x")


def special_files(root: Path) -> dict[str, str]:
    os.mkfifo(root / "pipe")
    os.mkdir(root / "folder")
    with socket.socket(socket.AF_UNIX) as one:
        before = os.getcwd()
        os.chdir(root)  # the name of a socket is short
        try:
            one.bind("socket")
        finally:
            os.chdir(before)
    return {"pipe": "a named pipe", "folder": "a folder", "socket": "a socket"}


def test_only_regular_files_are_read(root):
    for name, told in special_files(root).items():
        for border in (Border(str(root)), Border(str(root), frozenset((name,)))):
            with pytest.raises(NotAFile, match=told):
                border.read(name)
            with pytest.raises(NotAFile, match=told):
                border.head(name, 4)
            assert not border.exists(name)


def test_a_device_is_not_opened(root):
    try:
        os.mknod(root / "device", 0o020666, os.makedev(1, 5))
    except OSError:
        pytest.skip("this user makes no devices")
    with pytest.raises(NotAFile, match="a device"):
        Border(str(root)).read("device")


def test_a_folder_that_becomes_a_link_is_not_left(root, tmp_path):
    border = Border(str(root), frozenset(("sub/b.yaml", "sub/c.yaml")))
    (root / "sub").rename(tmp_path / "moved")
    (root / "sub").symlink_to(tmp_path / "out")
    with pytest.raises(InputError, match="leaves the scanned root"):
        border.read("sub/c.yaml")


def test_a_folder_that_was_open_stays_what_it_was(root, tmp_path):
    border = Border(str(root), frozenset(("sub/b.yaml", "sub/c.yaml")))
    assert border.read("sub/b.yaml") == b"b"
    (root / "sub").rename(root / "moved")
    (root / "sub").symlink_to(tmp_path / "out")
    with pytest.raises(FileNotFoundError):
        border.read("sub/c.yaml")


def test_a_file_that_becomes_a_link_out_is_refused(root):
    border = Border(str(root), frozenset(("a.yaml",)))
    (root / "a.yaml").unlink()
    (root / "a.yaml").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="leaves the scanned root"):
        border.read("a.yaml")


def test_a_file_over_the_limit_is_refused_unread(root):
    with open(root / "big", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLarge):
        Border(str(root)).read("big")
    assert Border(str(root)).head("big", 3) == b"\0\0\0"


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11])
def test_the_limit_is_the_last_size_that_is_read(root, size):
    (root / "f").write_bytes(b"x" * size)
    if size > 10:
        with pytest.raises(TooLarge):
            Border(str(root)).read("f", 10)
    else:
        assert Border(str(root)).read("f", 10) == b"x" * size


@pytest.mark.parametrize("now", [b"", b"short", b"longer than it was before"])
def test_a_file_that_changes_while_it_is_read_is_told(root, now):
    (root / "f").write_bytes(b"as it was")
    opened = open_file(str(root / "f"))
    (root / "f").write_bytes(now)
    with pytest.raises(Changed, match="changed while it was read"):
        read(opened)


def test_a_file_that_grows_over_the_limit_while_it_is_read_is_refused(root):
    (root / "f").write_bytes(b"x")
    opened = open_file(str(root / "f"))
    (root / "f").write_bytes(b"x" * 100_000)
    with pytest.raises(TooLarge):
        read(opened, 50_000)


def test_few_folders_stay_open_and_none_in_the_end(root):
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    if before is None:
        pytest.skip("no /proc")
    names = [f"d{n}/{'x/' * (n % 40)}f" for n in range(200)]
    write_tree(root, dict.fromkeys(names, "1"))
    border = Border(str(root), frozenset(names))
    assert {border.read(name) for name in names} == {b"1"}
    assert len(set(os.listdir("/proc/self/fd")) - before) < 20
    del border
    assert set(os.listdir("/proc/self/fd")) == before


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "up", "in", "abs", "b"]), min_size=1, max_size=4),
    st.lists(st.sampled_from(["a", "b", "up", "in", "abs", "..", ".", "f"]), min_size=1, max_size=6),
)
def test_whatever_is_read_stands_inside(links, parts):
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        write_tree(
            top,
            {
                "f": "outside",
                "a/f": "outside",
                "root/f": "inside",
                "root/a/f": "inside",
                "root/a/b/f": "inside",
            },
        )
        targets = {"up": "..", "in": "a", "abs": str(top), "a": "a", "b": "../.."}
        for name in links:
            place = top / "root" / "a" / name
            if not os.path.lexists(place):
                place.symlink_to(targets[name])
        path = "/".join(parts)
        for border in (Border(str(top / "root")), Border(str(top / "root"), frozenset((path,)))):
            try:
                data = border.read(path)
            except (InputError, OSError):
                continue
            assert data == b"inside"


def test_a_home_is_no_folder_of_the_tree_unless_it_was_found_there(root):
    write_tree(root, {"~x/f": "1"})
    assert Tree(root, ("~x/f",)).text("~x/f") == "1"
    with pytest.raises(InputError, match="leaves"):
        Tree(root).text("~x/f")
