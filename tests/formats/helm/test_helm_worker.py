"""The helper's own functions, in this process and with a stand-in for the library."""

from __future__ import annotations

import io
import json
import tarfile
from types import SimpleNamespace
from typing import Any

from scanner.formats.helm import worker


class HelmError(Exception):
    detail = ""


class HelmRenderError(HelmError):
    pass


CLOSED: list[_Chart] = []


class _Chart:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def close(self) -> None:
        CLOSED.append(self)

    def _raw(self) -> bytes:
        return self.data


def _render(_function: str, data: bytes, values: str | None, options: str) -> str:
    """Give back what was asked for, as the rendering of one template."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        texts = {member.name: archive.extractfile(member).read().decode() for member in archive}  # type: ignore[union-attr]
    if "fail" in texts.get("chart/a", ""):
        error = HelmRenderError()
        error.detail = "x" * 9000
        raise error
    return json.dumps({"a": json.dumps([texts, values and json.loads(values), json.loads(options)])})


def _values(text: str) -> dict[str, Any]:
    if text == "broken":
        raise HelmError("broken values")
    return json.loads(text)  # type: ignore[no-any-return]


def _assignment(text: str) -> dict[str, Any]:
    key, _, value = text.partition("=")
    return {key: value}


ENGINE = (
    SimpleNamespace(
        HelmError=HelmError,
        Chart=SimpleNamespace(load_archive=_Chart),
        values_from_yaml=_values,
        parse_set_string=_assignment,
    ),
    SimpleNamespace(call_string=_render),
)


def render(**request: Any) -> list[dict[str, Any]]:
    return list(
        worker._render_variants(
            ENGINE, {"files": {"a": "1"}, "variants": [{}], "output_limit": 9999, **request}
        )
    )


def test_a_request_becomes_an_archive_values_and_options() -> None:
    variant = {
        "values": ['{"a": {"b": 1, "c": 1}}', '{"a": {"c": 2}}'],
        "set": ["d=3"],
        "over": {"a": {"b": 5}},
        "name": "n",
        "namespace": "ns",
    }
    (reply,) = render(binary={"b": "eHg="}, variants=[variant], options={"kube_version": "v1.29.0"})
    files, values, options = json.loads(reply["files"]["a"])
    assert files == {"chart/a": "1", "chart/b": "xx"}
    assert values == {"a": {"b": 5, "c": 2}, "d": "3"}
    assert options == {"kube_version": "v1.29.0", "name": "n", "namespace": "ns"}


def test_each_variant_has_its_own_texts_and_its_own_failure() -> None:
    first, second = render(variants=[{"files": {"a": "fail"}}, {"files": {"a": "2"}}])
    assert first["error"] == "render"
    assert len(first["detail"]) < 5000
    assert json.loads(second["files"]["a"])[0] == {"chart/a": "2"}


def test_a_chart_is_loaded_once_for_neighbours_with_the_same_files() -> None:
    CLOSED.clear()
    render(variants=[{}, {"set": ["a=1"]}, {"files": {"a": "2"}}, {"files": {"a": "2"}, "set": ["a=1"]}])
    assert len(CLOSED) == 2


def test_broken_values_fail_their_variant_alone() -> None:
    replies = render(variants=[{"values": ["broken"]}, {}])
    assert [reply.get("error") for reply in replies] == ["values", None]


def test_output_over_the_limit_is_not_sent() -> None:
    assert render(output_limit=3)[0]["error"] == "output"


def test_messages_survive_the_pipe_and_its_end_is_none() -> None:
    pipe = io.BytesIO()
    worker._send(pipe, {"a": "ä"})
    pipe.seek(0)
    assert worker._receive(pipe) == {"a": "ä"}
    assert worker._receive(pipe) is None
