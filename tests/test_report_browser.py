"""The report in a browser: what it says against the ledger, and that it does nothing but say it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.audit import ledger
from crawler.audit.report.html import most, page
from crawler.demo.server import LoopbackWeb
from crawler.demo.server import page as served
from crawler.domains import host_of, owner_domain
from crawler.optout.model import Outcome
from tests import crawls, figures
from tests.browser import Chromium, chromium

WITHDRAWN = "garden.example"


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the ledger says, counted here."""

    ended: Mapping[str, Counter[str]]
    """URLs by how they ended, of each registrable domain."""
    kinds: Mapping[str, Counter[str]]
    """The same of each kind."""
    signals: Counter[str]
    """Reserved URLs of each signal."""
    entries: int

    @property
    def total(self) -> Counter[str]:
        return sum(self.ended.values(), Counter())


def told(folder: Path) -> Told:
    last: dict[str, Any] = {}
    gone: dict[str, str] = {}
    entries = 0
    for entry in ledger.entries(folder / "ledger"):
        entries += 1
        if entry.type == "decision":
            last[str(entry.fields["url"])] = entry.decision
        elif entry.type == "removal":
            why = "withdrawn" if "withdrawal" in entry.fields else "removed"
            gone.update(dict.fromkeys(entry.fields["urls"], why))
    ended: dict[str, Counter[str]] = {}
    kinds: dict[str, Counter[str]] = {}
    signals: Counter[str] = Counter()
    for url, decision in last.items():
        how = gone.get(url) or ("kept" if decision.collect else decision.outcome.value)
        ended.setdefault(owner_domain(host_of(url)), Counter())[how] += 1
        kinds.setdefault(decision.asset.kind.value, Counter())[how] += 1
        if how == Outcome.RESERVED.value:
            signals.update({ground.signal for ground in decision.grounds})
    return Told(ended=ended, kinds=kinds, signals=signals, entries=entries)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "corpus"
    ended = crawls.heedful("demo", "-o", str(folder), timeout=120)
    assert ended.code == 0, ended.err
    asked = crawls.heedful(
        "withdraw", str(folder), "--host", WITHDRAWN, "--reason", "asked for", "--ticket", "T-1"
    )
    assert asked.code == 0, asked.err
    ended = crawls.heedful("report", str(folder), timeout=60)
    assert ended.code == 0, ended.err
    assert ended.out == ""
    return folder


@pytest.fixture(scope="module")
def report(corpus: Path) -> Path:
    return corpus / "report" / "index.html"


def cells(page: Any, table: str) -> list[list[str]]:
    """Head and rows of a table, as they are shown."""
    script = (
        "table => [...table.rows].filter(r => !r.hidden).map(r => [...r.cells].map(c => c.textContent.trim()))"
    )
    return page.locator(table).evaluate(script)


def rows(page: Any, exhibit: str) -> list[dict[str, str]]:
    """Rows of the table beside a chart, each by the names of its columns."""
    head, *found = cells(page, f"#{exhibit} table")
    return [dict(zip(head, row, strict=True)) for row in found]


def test_the_figures_are_those_of_the_ledger(browser: Chromium, corpus: Path, report: Path) -> None:
    def read(page):
        marked = page.eval_on_selector_all(
            "data[data-figure]", "all => all.map(one => [one.dataset.figure, one.value, one.textContent])"
        )
        return (
            marked,
            {name: rows(page, name) for name in ("kinds", "signals", "top-domains")},
            cells(page, "#domain-table"),
        )

    seen = browser.visit(report, read)
    marked, tables, domains = seen.value
    expected = told(corpus)
    values = {name: int(value) for name, value, _ in marked}
    items = crawls.heedful("items", str(corpus), "--json").rows

    assert expected.total["withdrawn"] > 0
    outcomes = ("kept", "reserved", "undetermined", "skipped", "withdrawn", "removed")
    assert values == {
        "considered": expected.total.total(),
        **{name: expected.total[name] for name in outcomes},
        "gone": expected.total["withdrawn"] + expected.total["removed"],
        "bytes": sum(item["bytes"] for item in items),
        "entries": expected.entries,
    }
    assert values["kept"] == len(items)
    for name, value, shown in marked:
        if name != "bytes":
            assert shown == f"{int(value):,}"

    for row in tables["kinds"]:
        counted = expected.kinds[row["kind"]]
        assert int(row["considered"]) == counted.total()
        assert all(int(row[how]) == counted[how] for how in ("kept", "reserved", "undetermined", "skipped"))
    assert {row["kind"] for row in tables["kinds"]} == set(expected.kinds)
    assert {row["signal"]: int(row["URLs"]) for row in tables["signals"]} == expected.signals
    assert {row["registrable domain"]: int(row["kept"]) for row in tables["top-domains"]} == {
        name: counted["kept"] for name, counted in expected.ended.items()
    }
    head = [re.sub(r"\W+$", "", name) for name in domains[0]]
    for cells_ in domains[1:]:
        row = dict(zip(head, cells_, strict=True))
        counted = expected.ended[row["Domain"]]
        assert [int(row[name]) for name in ("URLs", "Kept", "Reserved", "Undetermined", "Skipped", "Gone")] == [
            counted.total(),
            *(counted[how] for how in ("kept", "reserved", "undetermined", "skipped")),
            counted["withdrawn"] + counted["removed"],
        ]
    assert len(domains) == len(expected.ended) + 1
    assert seen.problems == []


def test_domains_csv_holds_the_same(corpus: Path, report: Path) -> None:
    with (report.parent / "domains.csv").open(encoding="utf-8", newline="") as file:
        found = {row["domain"]: row for row in csv.DictReader(file)}
    expected = told(corpus).ended
    assert set(found) == set(expected)
    for name, row in found.items():
        assert int(row["considered"]) == expected[name].total()
        assert int(row["kept"]) == expected[name]["kept"]
        assert int(row["withdrawn"]) == expected[name]["withdrawn"]


def test_bars_are_as_long_as_their_numbers(browser: Chromium, report: Path) -> None:
    def read(page):
        widths = page.eval_on_selector_all(
            "#kinds svg.chart rect.kept", "all => all.map(one => one.getBoundingClientRect().width)"
        )
        track = page.locator("#kinds svg.chart rect.track").first.evaluate(
            "one => one.getBoundingClientRect().width"
        )
        return widths, track, rows(page, "kinds")

    widths, track, table = browser.visit(report, read).value
    longest = max(int(row["considered"]) for row in table)
    kept = [int(row["kept"]) for row in table if int(row["kept"])]
    assert len(widths) == len(kept)
    for width, number in zip(widths, kept, strict=True):
        assert abs(width - track * number / longest) < 2


def test_every_chart_is_named_described_and_has_its_numbers(browser: Chromium, report: Path) -> None:
    def read(page):
        found = []
        for figure in page.locator("figure[data-exhibit]").all():
            details = figure.locator("details")
            if details.count() == 0:
                assert figure.locator("svg.chart").count() == 0
                assert figure.locator("figcaption").inner_text()
                continue
            assert not details.locator("table").is_visible()
            details.locator("summary").press("Enter")
            assert details.locator("table").is_visible()
            chart = figure.locator("svg.chart")
            named = chart.evaluate(
                "one => one.getAttribute('aria-labelledby').split(' ')"
                ".map(id => document.getElementById(id).textContent)"
            )
            with page.expect_download() as download:
                details.locator("a[download]").press("Enter")
            path = download.value.path()
            found.append(
                (
                    chart.get_attribute("role"),
                    named,
                    path.read_text("utf-8"),
                    cells(page, f"#{figure.get_attribute('id')} table"),
                )
            )
            assert download.value.suggested_filename == f"{figure.get_attribute('id')}.csv"
        return found

    seen = browser.visit(report, read)
    assert len(seen.value) >= 9
    for role, named, saved, table in seen.value:
        assert role == "img"
        assert all(named)
        read_back = list(csv.reader(io.StringIO(saved)))
        assert [[cell.replace(",", "") for cell in row] for row in table] == [
            [cell.replace(",", "") for cell in row] for row in read_back
        ]
    assert seen.problems == []


def test_the_table_is_filtered_by_typing(browser: Chromium, report: Path) -> None:
    def act(page):
        box = page.get_by_label("Filter by domain or signal")
        status = page.locator("#domain-filter [aria-live=polite]")
        every = [row[0] for row in cells(page, "#domain-table")[1:]]
        box.focus()
        page.keyboard.type("GaRden")
        one = [row[0] for row in cells(page, "#domain-table")[1:]], status.inner_text()
        page.keyboard.press("Escape")
        page.keyboard.type("no such domain")
        none = cells(page, "#domain-table")[1:], status.inner_text()
        page.keyboard.press("Escape")
        return every, one, none, [row[0] for row in cells(page, "#domain-table")[1:]]

    seen = browser.visit(report, act)
    every, one, none, again = seen.value
    assert one == ([WITHDRAWN], f"1 of {len(every)} shown")
    assert none == ([], f"0 of {len(every)} shown")
    assert again == every
    assert seen.problems == []


def test_the_table_is_sorted_by_its_heads(browser: Chromium, report: Path) -> None:
    def act(page):
        found = {}
        for column, name in ((0, "Domain"), (3, "Reserved"), (9, "Bytes")):
            button = page.get_by_role("button", name=name, exact=True)
            orders = []
            for _ in range(2):
                button.press("Enter")
                head = page.locator("#domain-table thead th").nth(column)
                values = page.eval_on_selector_all(
                    "#domain-table tbody tr",
                    f"all => all.map(row => row.cells[{column}].dataset.v ?? row.cells[{column}].textContent)",
                )
                sorted_heads = page.locator("#domain-table th[aria-sort]").count()
                orders.append((head.get_attribute("aria-sort"), values, sorted_heads))
            found[name] = orders
        return found

    seen = browser.visit(report, act)
    for name, orders in seen.value.items():
        assert {order for order, _, _ in orders} == {"ascending", "descending"}
        for order, values, heads in orders:
            keys = [value.strip() for value in values] if name == "Domain" else [int(value) for value in values]
            assert keys == sorted(keys, reverse=order == "descending")
            assert heads == 1
    assert seen.problems == []


def test_without_scripts_everything_is_there(browser: Chromium, report: Path) -> None:
    def act(page):
        return page.locator("#domain-filter").is_visible(), page.locator("#domain-table tbody tr").count()

    # evaluate() does not need the page's own scripts, which are off here
    visible, number = browser.visit(report, act, java_script_enabled=False).value
    assert not visible
    assert number > 5


LOOKS = [
    pytest.param(width, scheme, id=f"{width}-{scheme}")
    for width in (320, 390, 1280)
    for scheme in ("light", "dark")
]

CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text; (text = walker.nextNode());) {
    const node = text.parentElement;
    if (!text.textContent.trim() || !node.checkVisibility()) continue;
    if (node.closest("script, style, title, desc, .hidden-words, .skip")) continue;
    const style = getComputedStyle(node), svg = node instanceof SVGElement;
    const a = light(parse(svg ? style.fill : style.color)), b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push([text.textContent.trim().slice(0, 40), ratio]);
  }
  return {poor, ground: parse(getComputedStyle(document.body).backgroundColor).slice(0, 3)};
}"""


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_it_fits_and_is_legible(browser: Chromium, report: Path, width: int, scheme: str) -> None:
    def act(page):
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return over, page.evaluate(CONTRAST)

    seen = browser.visit(report, act, width=width, scheme=scheme)
    over, found = seen.value
    assert over <= 0
    assert found["poor"] == []
    assert (sum(found["ground"]) > 600) == (scheme == "light")
    assert seen.problems == []


@pytest.mark.parametrize("width", [390, 1280])
def test_words_of_charts_stay_apart(browser: Chromium, tmp_path: Path, width: int) -> None:
    """Labels never run into values, however long both are."""
    overlapping = """() => [...document.querySelectorAll("svg.chart")].flatMap((chart) => {
      const boxes = [...chart.querySelectorAll("text")].filter((one) => one.checkVisibility())
        .map((one) => [one.textContent, one.getBoundingClientRect()]);
      return boxes.flatMap(([a, x], i) => boxes.slice(i + 1)
        .filter(([b, y]) => a && b && x.left < y.right && y.left < x.right)
        .filter(([b, y]) => x.top + 4 < y.bottom && y.top + 4 < x.bottom)
        .map(([b]) => [chart.parentElement.id, a, b]));
    })"""
    file = tmp_path / "index.html"
    file.write_bytes(page(figures.ORDINARY, most(figures.domains(60)), at=figures.NOON, key=None))
    assert browser.visit(file, lambda page: page.evaluate(overlapping), width=width).value == []


def test_it_has_a_skip_link_and_headings_in_order(browser: Chromium, report: Path) -> None:
    def act(page):
        page.keyboard.press("Tab")
        first = page.evaluate(
            "[document.activeElement.textContent, getComputedStyle(document.activeElement).outlineStyle]"
        )
        page.keyboard.press("Enter")
        levels = page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(one => Number(one.tagName[1]))")
        ids = page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
        targets = page.eval_on_selector_all(
            "a[href^='#']", "all => all.map(one => one.getAttribute('href').slice(1))"
        )
        outside = page.eval_on_selector_all(
            "a:not([href^='#']):not([href^='data:']), [src], form, iframe",
            "all => all.map(one => one.outerHTML)",
        )
        return first, page.evaluate("document.activeElement.id"), levels, ids, targets, outside

    first, landed, levels, ids, targets, outside = browser.visit(report, act).value
    assert first[0].startswith("Skip")
    assert first[1] != "none"
    assert landed == "main"
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(ids) == len(set(ids))
    assert set(targets) <= set(ids)
    assert outside == []


def test_it_prints_on_few_pages(browser: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "index.html"
    file.write_bytes(page(figures.ORDINARY, most(figures.domains(1204)), at=figures.NOON, key=None))

    def act(page):
        page.emulate_media(media="print")
        hidden = page.eval_on_selector_all(
            "details, nav, #domain-filter", "all => all.every(one => !one.checkVisibility())"
        )
        rows = page.eval_on_selector_all(
            "#domain-table tbody tr", "all => all.filter(one => one.checkVisibility()).length"
        )
        return hidden, rows, page.pdf(prefer_css_page_size=True)

    hidden, number, printed = browser.visit(file, act).value
    assert hidden
    assert number == 50
    assert 5 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 14


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real crawl by somebody with a name, into a folder with a name."""
    folder = tmp_path_factory.mktemp("hostile") / '"><img src=x onerror=alert(1)>'
    body = f"<title>{figures.HOSTILE}</title><p>words</p><a href='/{figures.HOSTILE}'>more</a>"
    with LoopbackWeb({"a.example": {"/": served(body)}}) as web:
        ended = crawls.crawl(web, folder, ["a.example/"], "--operator", figures.HOSTILE)
    assert ended.code == 0, ended.err
    ended = crawls.heedful("report", str(folder), timeout=60)
    assert ended.code == 0, ended.err
    return folder


def test_words_of_strangers_stay_words(browser: Chromium, hostile: Path, tmp_path: Path) -> None:
    made = tmp_path / "index.html"
    made.write_bytes(page(figures.BREAKING, most(figures.BREAKING_DOMAINS), at=figures.NOON, key=None))

    def act(page):
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        page.get_by_label("Filter by domain or signal").fill('"><img src=x onerror=alert(3)>')
        page.wait_for_timeout(200)
        return (
            page.locator("img").count(),
            page.locator("script").count(),
            page.locator("h1").inner_text(),
            page.content(),
            page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"),
        )

    for file, name in (
        (hostile / "report" / "index.html", hostile.name),
        (made, figures.HOSTILE + "evil\ufffdgnp.exe\ufffd\ufffd\ufffd"),
    ):
        seen = browser.visit(file, act, width=390)
        images, scripts, heading, content, over = seen.value
        assert (images, scripts) == (0, 1)
        assert heading == name
        assert not set(content) & set("\u202e\u2066\u200b\x07")
        assert over <= 0
        assert seen.problems == []


def test_a_script_that_is_not_ours_does_not_run(browser: Chromium, report: Path, tmp_path: Path) -> None:
    """The policy in the page holds even where escaping would have failed."""
    broken = tmp_path / "index.html"
    broken.write_text(
        report.read_text("utf-8").replace(
            "</main>", "<script>document.title = 'ran'</script><img src='x.png'></main>"
        ),
        "utf-8",
    )
    seen = browser.visit(broken, lambda page: page.title())
    assert seen.value != "ran"
    assert any("Content Security Policy" in problem for problem in seen.problems)
    assert any("img-src" in problem for problem in seen.problems)
