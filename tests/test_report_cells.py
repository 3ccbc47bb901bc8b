"""Cells of a CSV: whatever strangers write, a spreadsheet shows it and does nothing."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.audit.report.cells import INVISIBLE, csv_bytes, csv_text, guarded


@pytest.mark.parametrize(
    "words",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u202e=1",
        "\u00a0=1",
        "＝1",
        "＠x",
        "\x00-1",
    ],
)
def test_what_would_be_a_formula_is_words(words: str) -> None:
    assert guarded(words).startswith("'")


@pytest.mark.parametrize("cell", [0, -3, 2.5, "words", "a=b", "Zoë & 猫", "", "'quoted'"])
def test_what_is_harmless_stays_as_it_is(cell: str | float) -> None:
    assert guarded(cell) == str(cell)


def test_nothing_is_an_empty_cell() -> None:
    assert csv_text([["a", None, 1]]) == "a,,1\r\n"


def test_commas_quotes_and_lines_stay_inside_their_cell() -> None:
    rows = list(csv.reader(io.StringIO(csv_text([['say "hi", then\ngo', 7]]))))
    assert rows == [['say "hi", then go', "7"]]


def test_pieces_add_up() -> None:
    assert csv_bytes([["a"], ["b"]]) == csv_bytes([["a"]]) + csv_bytes([["b"]])


@given(st.lists(st.text(), min_size=1))
def test_no_cell_is_a_formula_or_holds_what_hides(cells: list[str]) -> None:
    (read,) = csv.reader(io.StringIO(csv_text([[*cells, 1]])))
    assert len(read) == len(cells) + 1
    for cell in read:
        assert cell.lstrip()[:1] not in tuple("=+-@＝＋－＠")
        assert not any(unicodedata.category(one) in INVISIBLE for one in cell)
