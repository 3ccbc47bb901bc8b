"""The report as a file: what it says in words, with nothing, with little and with far too much in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.audit.report import charts, html
from crawler.audit.report.charts import Bar, Series
from crawler.audit.report.model import Count, DomainRow, Figures, KindRow, PeriodRow
from crawler.audit.report.page import moment, share, size
from crawler.audit.report.request import Request
from tests import figures


class Words(HTMLParser):
    """The words of a page, without its style, script and tooltips."""

    VOID = frozenset({"meta", "link", "input", "img", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._silent += tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def read(page: bytes) -> Words:
    words = Words()
    words.feed(page.decode())
    return words


def words(found: Figures, rows: list[DomainRow] | None = None) -> str:
    page = html.page(found, html.most(rows or []), at=figures.NOON, key="heedful+aabbccdd+AXb3")
    return " ".join(" ".join(read(page).said).split())


@dataclass
class Rows:
    """What stands for a census here: rows that come one at a time."""

    rows: list[DomainRow]

    def domains(self) -> Iterator[DomainRow]:
        yield from self.rows


def written(
    folder: Path, found: Figures, rows: list[DomainRow], at: datetime = figures.NOON
) -> tuple[Path, ...]:
    census = Rows(rows)
    return html.write(Request(corpus=None, census=census, figures=found, folder=folder, at=at))  # type: ignore[arg-type]


def test_it_says_whose_it_is_and_what_it_rests_on() -> None:
    said = words(figures.ORDINARY)
    about = figures.ABOUT
    for needed in (
        about.name, "Example Lab", about.contact, about.user_agent, about.log, about.root, about.policy,
        "training of AI models and text and data mining", "opt-out", "strict", "48,231",
        "heedful+aabbccdd+AXb3",
        "22 November 2026, 12:00 UTC to 23 November 2026, 18:00 UTC", about.suffix_list,
        "heedful verify corpus --replay", "heedful report corpus --format json",
    ):  # fmt: skip
        assert str(needed) in said
    assert "read literally" not in said


def test_it_never_says_that_anybody_consented() -> None:
    said = words(figures.ORDINARY).lower()
    assert "it does not say that anybody agreed" in said
    assert "consented" not in said
    assert "permitted" not in said
    assert re.findall(r"[^.]*\bconsent\b[^.]*", said) == [" the difference is silence, not consent"]


def test_a_literal_reading_stands_at_the_top_with_its_reason() -> None:
    found = replace(
        figures.ORDINARY, about=replace(figures.ABOUT, reading="literal", reason="A court said so.")
    )
    said = words(found)
    assert "read literally" in said
    assert "“ A court said so. ”" in said
    assert said.index("A court said so.") < said.index("a signal stands against it")


def test_a_folder_with_a_hard_name_can_be_copied_into_a_shell() -> None:
    found = replace(figures.ORDINARY, about=replace(figures.ABOUT, name="it's; rm -rf $HOME"))
    assert """heedful verify 'it'"'"'s; rm -rf $HOME' --replay""" in words(found)


def test_nothing_is_a_report_too(tmp_path: Path) -> None:
    said = words(figures.EMPTY)
    for sentence in (
        "Nothing has been considered yet.", "Nothing has been decided about yet.",
        "No signal reserved anything.",
        "Nothing was turned away.", "No domain has been considered yet.", "No page or document is held.",
        "Nothing that is held names a licence.",
        "No URL is reserved by a refusal, a login, a paywall or a challenge.",
        "No withdrawal and no recheck is on record.", "none: nothing is signed yet",
    ):  # fmt: skip
        assert sentence in said
    page, table = written(tmp_path, figures.EMPTY, [])
    assert page.name == "index.html"
    assert table.read_bytes().count(b"\r\n") == 1


def test_one_of_each_is_said_in_the_singular() -> None:
    one = Count(kept=1, bytes=1)
    found = replace(
        figures.EMPTY, total=one, domains=1, contributing=1, kinds=(KindRow(kind="text", count=one),),
        period=("2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"),
        periods=(PeriodRow(start="2026-11-22", kept=1, reserved=0, undetermined=0, skipped=0),),
    )  # fmt: skip
    said = words(found, [figures.domain("a.example", kept=1, reserved=0)])
    assert "Of 1 URL considered, 1 is kept; 0 are reserved" in said
    assert "Its only decision falls into one day." in said
    assert "One registrable domain was considered" in said
    assert "1 byte" in said


def test_ten_thousand_domains_are_in_the_table_and_a_thousand_in_the_page(tmp_path: Path) -> None:
    rows = figures.domains(10_000)
    total = Count(kept=sum(row.count.kept for row in rows), reserved=sum(row.count.reserved for row in rows),
                  skipped=10_000)  # fmt: skip
    found = replace(figures.ORDINARY, domains=10_000, total=total)
    page, table = written(tmp_path, found, rows)
    with table.open(encoding="utf-8", newline="") as file:
        read_back = list(csv.DictReader(file))
    assert [row["domain"] for row in read_back] == [row.domain for row in rows]
    assert sum(int(row["kept"]) for row in read_back) == total.kept
    data = page.read_bytes()
    assert data.count(b'<tr><th scope="row"><bdi>gallery') >= 100
    said = " ".join(" ".join(read(data).said).split())
    assert "The 1,000 registrable domains with the most URLs, of 10,000." in said
    assert "and 9,980 other domains" in said
    assert len(data) < 400_000


def test_the_domains_with_the_most_urls_come_first_in_the_same_order_every_time() -> None:
    rows = [
        figures.domain(name, kept=kept, reserved=2) for name, kept in (("b", 3), ("a", 3), ("c", 9), ("d", 1))
    ]
    assert [row.domain for row in html.most(rows)] == ["c", "a", "b", "d"]
    assert html.most(rows) == html.most(rows[::-1])
    assert [row.domain for row in html.most(rows, 2)] == ["c", "a"]


def test_the_same_figures_are_the_same_bytes(tmp_path: Path) -> None:
    first, second = (tmp_path / name for name in ("1", "2"))
    for folder in (first, second):
        folder.mkdir()
        written(folder, figures.ORDINARY, figures.domains(50))
    for name in ("index.html", "domains.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_what_strangers_wrote_is_no_markup_and_no_formula(tmp_path: Path) -> None:
    page, table = written(tmp_path, figures.BREAKING, figures.BREAKING_DOMAINS)
    found = read(page.read_bytes())
    assert "img" not in found.tags
    assert found.tags.count("script") == 1
    text = page.read_text("utf-8")
    assert figures.HOSTILE in " ".join(found.said)
    assert not set(text + table.read_text("utf-8")) & set("\u202e\u2066\u200b\x07")
    with table.open(encoding="utf-8", newline="") as file:
        names = [row["domain"] for row in csv.DictReader(file)]
    assert "'=cmd|'/c calc'!A1.example" in names
    assert "'@sum.example" in names
    assert not any(name.startswith(tuple("=+-@")) for name in names)


def test_it_loads_nothing_and_leads_nowhere() -> None:
    page = html.page(figures.BREAKING, html.most(figures.BREAKING_DOMAINS), at=figures.NOON, key=None).decode()
    assert re.findall(r'<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;;', page)
    assert set(re.findall(r'\shref="([a-z]+:|#)', page)) == {"data:", "#"}
    assert not re.findall(r"\ssrc=\"|@import|<iframe|<form", page)


def test_where_it_cannot_be_written_the_old_one_stays(tmp_path: Path) -> None:
    page, table = written(tmp_path, figures.ORDINARY, figures.domains(3))
    before = page.read_bytes(), table.read_bytes()

    class Torn(Rows):
        def domains(self) -> Iterator[DomainRow]:
            yield from self.rows
            raise OSError(28, "No space left on device")

    request = Request(
        corpus=None,
        census=Torn(figures.domains(9)),
        figures=figures.EMPTY,
        folder=tmp_path,
        at=figures.NOON,  # type: ignore[arg-type]
    )
    with pytest.raises(OSError, match=r"domains\.csv"):
        html.write(request)
    assert (page.read_bytes(), table.read_bytes()) == before
    assert {path.name for path in tmp_path.iterdir()} == {"index.html", "domains.csv"}


SERIES = (Series(key="kept", name="kept"), Series(key="reserved", name="reserved"))


@given(st.lists(st.tuples(st.integers(0, 10**18), st.integers(0, 10**18)), max_size=30))
def test_bars_show_whatever_there_is_and_stay_inside(found: list[tuple[int, int]]) -> None:
    drawing = charts.bars([Bar(label="x", parts=parts) for parts in found], SERIES)
    marks = [mark for mark in drawing.marks if mark.key != "track"]
    assert len(marks) == sum(part > 0 for parts in found for part in parts)
    for mark in marks:
        assert mark.width > 0
        assert mark.x + mark.width <= 101.3


@given(st.lists(st.tuples(st.integers(0, 10**18), st.integers(0, 10**18)), max_size=400))
def test_columns_show_whatever_there_is_and_stay_inside(found: list[tuple[int, int]]) -> None:
    rows, step = charts.joined([Bar(label=str(at), parts=parts) for at, parts in enumerate(found)])
    assert len(rows) <= charts.COLUMNS
    assert [sum(column) for column in zip(*(row.parts for row in rows), strict=True)] == [
        sum(column) for column in zip(*found, strict=True)
    ]
    assert step * charts.COLUMNS >= len(found)
    drawing = charts.columns(rows, SERIES)
    assert all(mark.x >= 0 and mark.x + mark.width <= 100.1 for mark in drawing.marks)
    assert all(mark.y > 0 and mark.y + mark.height <= drawing.height for mark in drawing.marks)


@given(st.integers(0, 10**20))
def test_a_scale_ends_at_a_round_number(value: int) -> None:
    top = charts.nice(value)
    assert value <= top <= max(2 * value, 1)
    assert str(top).rstrip("0") in {"1", "2", "4", "5", "6", "8"}


@given(st.text(), st.integers(3, 60))
def test_labels_are_cut_to_what_fits(words: str, width: int) -> None:
    cut = charts.cut(words, width)
    assert cut == words or cut.count("…") >= 1
    assert len(cut) <= max(width, 1) or cut == words


@pytest.mark.parametrize(
    ("words", "cut"),
    [
        ("a.very.long.name.example", "a.very…xample"),
        ("it was read for its links", "it was read…"),
        ("short", "short"),
        ("猫" * 20, "猫猫猫…猫猫猫"),
    ],
)
def test_a_name_loses_its_middle_and_a_sentence_its_end(words: str, cut: str) -> None:
    assert charts.cut(words, 13) == cut


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (99_949, "99.9 kB"),
     (99_950, "100 kB"),
     (999_499, "999 kB"), (999_500, "1.0 MB"), (3_400_000_000, "3.4 GB"), (10**22, "10,000 EB")],
)  # fmt: skip
def test_sizes(value: int, said: str) -> None:
    assert size(value) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "0%"),
        (0, 5, "0%"),
        (5, 5, "100%"),
        (1, 10_000, "under 1%"),
        (9_999, 10_000, "over 99%"),
        (1, 3, "33%"),
    ],
)
def test_shares(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


def test_moments() -> None:
    assert moment("2026-11-22T10:05:59.5Z") == "22 November 2026, 10:05 UTC"
    assert moment("2026-11-22T10:05:00+02:00") == "22 November 2026, 08:05 UTC"
    assert moment("never") == "never"


# What would say too much


def test_certificates_that_nobody_checked_are_told_at_the_top() -> None:
    assert "Certificates were not checked" not in words(figures.ORDINARY)
    about = replace(figures.ABOUT, unchecked=True, reason="An old proxy.")
    said = words(replace(figures.ORDINARY, about=about))
    assert "Certificates were not checked" in said
    assert said.index("An old proxy.") < said.index("a signal stands against it")


def test_what_is_held_back_is_told_beside_what_is_kept() -> None:
    said = words(figures.ORDINARY)
    assert "61 held back" in said
    assert "61 URLs" in said[said.index("What “unreserved” says") :]
    assert "held back" not in words(replace(figures.ORDINARY, held_back=0))


def test_nothing_on_record_is_not_nothing_in_the_world() -> None:
    said = words(figures.EMPTY)
    for sentence in (
        "No withdrawal and no recheck is on record.", "No URL is reserved by a refusal, a login, a paywall or",
        "Nothing ended undetermined.",
    ):  # fmt: skip
        assert sentence in said
    assert "was asked to be taken out, and nothing" not in said


def test_only_what_is_counted_from_the_ledger_is_said_to_be() -> None:
    assert "Languages, words and licences are read from the archive" in words(figures.ORDINARY)
