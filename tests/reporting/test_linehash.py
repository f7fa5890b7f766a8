"""GitHub's hash of lines, against its description followed step by step."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanner.reporting.shared.linehash import line_hashes


def by_the_book(text: str) -> dict[int, str]:
    """Roll a window over the UTF-16 units, as github/codeql-action describes it."""
    modulus, window, marks = 1 << 64, [0] * 100, [0] * 100
    out: dict[int, str] = {}
    counts: dict[str, int] = {}
    value = index = line = 0
    starts, after_cr = True, False

    def push(unit: int) -> None:
        nonlocal value, index
        if marks[index]:
            digest = f"{value:x}"
            counts[digest] = counts.get(digest, 0) + 1
            out[marks[index]] = f"{digest}:{counts[digest]}"
            marks[index] = 0
        nonlocal starts, line
        if starts:
            starts = False
            line += 1
            marks[index] = line
        value = (value * 37 + unit - window[index] * pow(37, 100, modulus)) % modulus
        window[index] = unit
        index = (index + 1) % 100

    data = text.encode("utf-16-le", "surrogatepass")
    for low, high in zip(data[::2], data[1::2], strict=True):
        unit = low | high << 8
        if unit in (9, 32) or (after_cr and unit == 10):
            after_cr = False
            continue
        after_cr = unit == 13
        unit = 10 if unit == 13 else unit
        push(unit)
        starts = starts or unit == 10
    push(0xFFFF)
    starts = False
    for _ in range(100):
        push(0)
    return out


def test_known_values():
    assert line_hashes(" a\nb\n  \t\tc\n d", range(1, 5)) == {
        1: "271789c17abda88f:1",
        2: "54703d4cd895b18:1",
        3: "180aee12dab6264:1",
        4: "a23a3dc5e078b07b:1",
    }


def test_line_ends_do_not_matter():
    texts = (" a\nb\n c\n d", " a\r\nb\r\n c\r\n d", " a\rb\r\n c\r d")
    assert len({tuple(line_hashes(text, range(1, 9)).items()) for text in texts}) == 1


def test_repeated_lines_are_counted():
    text = "x = 1\n" + "a" * 100 + "\n" + "x = 1\n" + "a" * 100 + "\n"
    hashes = line_hashes(text, (2, 4))
    assert hashes[2].split(":")[0] == hashes[4].split(":")[0]
    assert (hashes[2].split(":")[1], hashes[4].split(":")[1]) == ("1", "2")


def test_lines_that_the_text_lacks_have_no_hash():
    assert line_hashes("a\n", (1, 2, 3)).keys() == {1, 2}


@given(st.text(alphabet=st.sampled_from("ab \t\r\né😀"), max_size=400))
def test_agrees_with_the_description(text: str):
    assert line_hashes(text, range(1, 500)) == by_the_book(text)
