"""Files that the user named, files of Git, and files of the package."""

from __future__ import annotations

import os

import pytest

from scanner.errors import InputError
from scanner.files.named import names_in, read_git, read_named, real_path, text_of, working_folder
from scanner.files.opening import NotAFile, TooLarge, reason_of
from scanner.files.own import own_path, own_text
from tests.support import write_tree


def test_a_named_file_is_read_wherever_links_lead(tmp_path):
    write_tree(tmp_path, {"far/config": "x"})
    (tmp_path / "link").symlink_to("far/config")
    assert read_named(tmp_path / "link") == b"x"


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "pipe", ".", "link"])
def test_a_named_thing_that_is_no_file_is_refused_at_once(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    os.symlink("/dev/zero", "link")
    with pytest.raises(NotAFile):
        read_named(path)


def test_a_named_file_has_a_limit(tmp_path):
    write_tree(tmp_path, {"f": "12345"})
    with pytest.raises(TooLarge):
        read_named(tmp_path / "f", 4)


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "gone"])
def test_a_name_that_leads_nowhere_is_no_such_file(name):
    with pytest.raises(FileNotFoundError) as caught:
        read_named(name)
    assert reason_of(caught.value) == "no such file"


def test_a_file_of_git_that_is_a_link_is_not_read(tmp_path):
    write_tree(tmp_path, {"far": "x", "near": "y"})
    (tmp_path / "HEAD").symlink_to("far")
    with pytest.raises(OSError, match="symbolic links") as caught:
        read_git(tmp_path / "HEAD")
    assert reason_of(caught.value) == "this is a symbolic link, which is not followed here"
    assert read_git(tmp_path / "near") == b"y"


def test_a_file_of_git_has_a_limit(tmp_path):
    write_tree(tmp_path, {"packed-refs": b"x" * ((1 << 20) + 1)})
    with pytest.raises(TooLarge):
        read_git(tmp_path / "packed-refs")


@pytest.mark.parametrize(
    "data,text", [(b"\xef\xbb\xbfa: 1\r\nb: 2\r", "a: 1\nb: 2\n"), (b"", ""), ("é".encode(), "é")]
)
def test_a_text_has_one_kind_of_line_ends_and_no_mark(data, text):
    assert text_of(data) == text


def test_a_path_without_links_is_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.symlink("b", "a")
    os.symlink("a", "b")
    assert real_path("x") == tmp_path.resolve() / "x"
    assert real_path("a").is_absolute()
    with pytest.raises(InputError, match="no file has such a name"):
        real_path("a\0b")


def test_a_working_folder_that_is_gone_is_told(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(InputError, match="the working folder does not exist any more"):
        working_folder()
    assert real_path(tmp_path) == tmp_path.resolve()
    monkeypatch.undo()


def test_names_for_suggestions_are_sorted_and_never_a_reason_to_fail(tmp_path):
    write_tree(tmp_path, {"b": "", "a": "", "d/x": ""})
    assert names_in(tmp_path, folders=False) == ["a", "b"]
    assert names_in(tmp_path, folders=True) == ["d"]
    assert names_in(tmp_path / "gone", folders=True) == []


def test_the_package_reads_what_it_brings_along():
    assert "nginx" in own_text("data/base-images.tsv")
    assert os.path.isfile(own_path("drawing/page.html"))
    with pytest.raises(FileNotFoundError):
        own_text("data/gone")
