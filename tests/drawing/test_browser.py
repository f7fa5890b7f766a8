"""The page in a real browser: it draws, filters and tells, asks nobody, and runs no name."""

from __future__ import annotations

import pytest

from scanner.drawing.page import as_page
from tests.drawing.browser import MISSING, browser
from tests.drawing.trees import HOSTILE, ODD, OVERLAYS, SHOP, drawing_of, report_of
from tests.support import write_tree

pytestmark = [pytest.mark.skipif(MISSING is not None, reason=str(MISSING)), pytest.mark.slow]

CARDS = "return [...document.querySelectorAll('.node')].map((e) => e.dataset.kind + ' ' + e.querySelector('.name').textContent)"
MIDDLE = """
const card = [...document.querySelectorAll('.node')].find((e) => e.getAttribute('aria-label').startsWith(arguments[0]));
const box = card.getBoundingClientRect();
return [box.x + box.width / 2, box.y + box.height / 2];
"""
SET = """
const box = document.querySelector(arguments[0]);
if (box.type === 'checkbox') box.click(); else { box.value = arguments[1]; box.dispatchEvent(new Event('change')); }
"""
DETAILS = "const e = document.getElementById('details'); return e.hidden ? null : e.textContent"
ESCAPE, ENTER, RIGHT = "\ue00c", "\ue007", "\ue014"


@pytest.fixture(scope="module")
def window():
    with browser() as one:
        yield one


@pytest.fixture
def opened(window, tmp_path):
    def open_page(files):
        (tmp_path / "tree").mkdir()
        write_tree(tmp_path / "tree", files)
        page = tmp_path / "page.html"
        page.write_text(
            as_page(drawing_of(tmp_path / "tree"), report_of(tmp_path / "tree")), encoding="utf-8"
        )
        window.console()
        window.requests()
        window.open(page)
        return window

    return open_page


def quiet(window):
    assert window.console() == []
    assert [url for url in window.requests() if not url.startswith(("file:", "data:"))] == []


def test_it_draws_the_resources_without_a_word_on_the_console_or_a_request(opened):
    window = opened(SHOP)
    assert sorted(window.run(CARDS)) == [
        "dockerfile web",
        "service api",
        "workload api",
        "workload db",
        "workload web",
    ]
    assert window.run("return document.querySelectorAll('.link-line').length") == 3
    quiet(window)


def test_the_policy_really_holds_in_the_browser(opened):
    window = opened(SHOP)
    window.run(
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s);"
        "const i = new Image(); i.src = 'https://example.invalid/x.png';"
    )
    assert window.run("return window.hacked === undefined")
    assert any("Content Security Policy" in line for line in window.console())


def test_a_kind_that_is_switched_off_is_not_drawn_and_parts_come_back(opened):
    window = opened(SHOP)
    window.run(SET, "#kinds input[value=service]")
    assert "service api" not in window.run(CARDS)
    window.run(SET, "#kinds input[value=container]")
    assert "container web" in window.run(CARDS)
    quiet(window)


def test_a_severity_leaves_those_with_such_findings(opened):
    window = opened(SHOP)
    window.run(SET, "#severity", "critical")
    cards = window.run(CARDS)
    assert "workload web" in cards
    assert "workload db" not in cards
    quiet(window)


def test_an_environment_leaves_its_resources(opened):
    window = opened(OVERLAYS)
    before = len(window.run(CARDS))
    window.run(SET, "#environment", "prod")
    cards = window.run(CARDS)
    assert sorted(cards) == ["service prod-api", "workload prod-api"]
    assert before > len(cards)
    quiet(window)


def test_a_click_tells_facts_findings_and_relations(opened):
    window = opened(SHOP)
    window.click(*window.run(MIDDLE, "service web"))
    text = window.run(DETAILS)
    for part in (
        "compose.yaml:2",
        "exposure",
        "internet",
        "runs as root",
        "web/Dockerfile:2",
        "privileged",
        "built from",
    ):
        assert part in text, part
    window.press(ESCAPE)
    assert window.run(DETAILS) is None
    quiet(window)


def test_keys_walk_open_and_search(opened):
    window = opened(SHOP)
    window.run("document.querySelector('.node[aria-label^=\"service web\"]').focus()")
    window.press(RIGHT)
    assert window.run("return document.activeElement.classList.contains('node')")
    window.press(ENTER)
    assert window.run(DETAILS) is not None
    window.press(ESCAPE)
    window.run("document.activeElement.blur()")
    window.press("/", *"postgres")
    assert window.run("return document.getElementById('count').textContent").startswith("1 of ")
    quiet(window)


def test_a_card_can_be_dragged_and_is_not_opened_by_it(opened):
    window = opened(SHOP)
    x, y = window.run(MIDDLE, "service web")
    window.drag((x, y), (x + 20, y + 30), (x + 60, y + 80))
    moved = window.run(MIDDLE, "service web")
    assert abs(moved[0] - x - 60) < 3
    assert abs(moved[1] - y - 80) < 3
    assert window.run(DETAILS) is None
    quiet(window)


def test_hostile_names_are_shown_and_do_not_run(opened):
    window = opened(ODD)
    window.run(SET, "#kinds input[value=image]")
    window.click(*window.run(MIDDLE, 'image a"b'))
    assert HOSTILE in window.run(DETAILS)
    assert window.run("return window.hacked === undefined && document.images.length === 0")
    quiet(window)


def test_nothing_to_draw_is_told(opened):
    window = opened({})
    assert window.run("return !document.getElementById('empty').hidden")
    quiet(window)


def test_a_large_graph_is_drawn_in_the_same_way_twice(opened):
    services = "".join(
        f"  s{number}:\n    image: docker.io/library/nginx:1.{number}\n"
        + (f"    depends_on: [s{number // 2}, s{number // 3}]\n" if number > 2 else "")
        for number in range(700)
    )
    where = "return [...document.querySelectorAll('.node')].map((e) => e.getAttribute('transform')).join()"
    window = opened({"compose.yaml": "services:\n" + services})
    assert len(window.run(CARDS)) == 700
    first = window.run(where)
    window.run("location.reload()")
    assert window.run(where) == first
    overlapping = window.run(
        "const b = [...document.querySelectorAll('.node > rect.card')].map((e) => e.getBoundingClientRect());"
        "return b.filter((p, i) => b.some((q, j) => i < j && p.x < q.right - 1 && q.x < p.right - 1 && p.y < q.bottom - 1 && q.y < p.bottom - 1)).length"
    )
    assert overlapping == 0
    quiet(window)
