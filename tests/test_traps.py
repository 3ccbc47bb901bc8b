"""Bounds for hosts without an end, by lists of URLs: what runs away is left, and honest sites never are."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.frontier.bounds import Bounds
from crawler.frontier.contract import Offer, Shut
from crawler.frontier.embedded import EmbeddedFrontier
from crawler.frontier.pattern import may_run_away, parameters, pattern_of, repeated, shape_of
from crawler.optout.grammar.links import Outlinks
from crawler.optout.model import Basis, Capture, Carrier, Evidence, Kind, Preference, Purpose, Statement
from crawler.spiders.alike import OF_ONE_HOST, Alike, words_of
from crawler.spiders.traps import SAID, Left, Traps

HOST = "a.example"
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def denied(url: str) -> Statement:
    evidence = Evidence(
        carrier=Carrier.HTML, source=url, locator="meta", excerpt="noimageai", sha256="0" * 64, at=AT
    )
    return Statement(
        signal="robots-meta",
        purpose=Purpose.ANY,
        preference=Preference.DISALLOW,
        basis=Basis.STATED,
        evidence=evidence,
        kind=Kind.IMAGE,
    )


def offer(path: str, *, host: str = HOST, depth: int = 1, kind: Kind = Kind.TEXT, said: bool = False) -> Offer:
    url = path if "://" in path else f"http://{host}{path}"
    inherited = (denied(url),) if said else ()
    return Offer(url=url, kind=kind, domain=HOST, host=host, depth=depth, inherited=inherited)


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[EmbeddedFrontier]:
    opened = EmbeddedFrontier(tmp_path / "frontier.db")
    yield opened
    opened.close()


def taken(frontier: EmbeddedFrontier, traps: Traps, *offers: Offer) -> list[Left]:
    """Offer as a crawl does, and say what was left."""
    into, left = traps.taken(offers)
    frontier.seed(into)
    return left


def days(first: date, number: int) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range(number))


COLOURS = ("red", "blue", "green", "black", "white")

HONEST: dict[str, list[str]] = {
    "a blog of 2,000 dated posts": [
        f"/{d:%Y/%m/%d}/a-post-{n}" for n, d in enumerate(days(date(2015, 1, 1), 2000))
    ],
    "a blog whose posts have numbers": [
        f"/{d:%Y/%m/%d}/{n}" for n, d in enumerate(days(date(2015, 1, 1), 2000))
    ],
    "its archive by day, month and year": [
        *(f"/archive/{d:%Y/%m/%d}" for d in days(date(1996, 1, 1), 10_000)),
        *(f"/archive/{y}/{m:02}" for y in range(1996, 2027) for m in range(1, 13)),
        *(f"/archive/{y}" for y in range(1996, 2027)),
    ],
    "an agenda of the coming year": [f"/events?date={d}" for d in days(AT.date(), 365)],
    "a shop of 5,000 numbered products": [f"/product/{n}" for n in range(5000)],
    "a shop whose numbers look like dates": [f"/product/{n}" for n in range(203_001, 208_001)],
    "a shop whose long numbers look like dates": [f"/p/{n}.html" for n in range(20_300_101, 20_305_101)],
    "its pages by category, page and order": [
        f"/shop?category={c}&page={p}&sort={s}"
        for c in range(20)
        for p in range(1, 30)
        for s in ("price", "name")
    ],
    "the same parameters sorted differently": [
        f"/find?{'&'.join(pairs)}"
        for n in range(500)
        for pairs in ((f"a={n}", "b=2", "c=3"), ("c=3", "b=2", f"a={n}"), ("b=2", f"a={n}", "c=3"))
    ],
    "an archive of 800 pages": [f"/news/page/{n}" for n in range(800)],
    "a wiki with deep paths": [
        f"/wiki/{'/'.join(f'level-{n % (k + 2)}-{k}' for k in range(12))}/{n}" for n in range(2000)
    ],
    "a wiki whose pages are a parameter": [f"/index.php?title=Page_{n}&action=view" for n in range(2000)],
    "a tree of folders": [f"/doc/{a}/{b}/{a}/index.html" for a in "abcdefgh" for b in "abcdefgh"],
    "sharded files": [f"/store/{n % 10}/{n % 10}/{n % 10}/{n % 10}/{n % 10}/{n}.jpg" for n in range(3000)],
    "things with digests": [f"/paste/{uuid.uuid5(uuid.NAMESPACE_URL, str(n))}" for n in range(3000)],
    "stories with short numbers": [f"/article.php?sid={n}" for n in range(5000)],
    "one session for everybody": [f"/page-{n};jsessionid=A1B2C3D4E5F60718" for n in range(1000)],
    "tiles of a map": [f"/tiles/{z}/{x}/{x}" for z in range(6) for x in range(2**z)],
    "a newspaper of twenty years, by date, place and number": [
        f"/{d:%Y/%m/%d}/{('world', 'sport', 'arts')[n % 3]}/story-{1000 * n + k}"
        for n, d in enumerate(days(date(2006, 1, 1), 7300))
        for k in range(3)
    ],
    "its front pages by day and edition": [
        f"/{d:%Y-%m-%d}?edition={e}" for d in days(date(2006, 1, 1), 7300) for e in ("morning", "evening")
    ],
    "a weather service with an hour in every URL": [
        f"/obs/{d:%Y%m%d}{h:02}" for d in days(date(2024, 1, 1), 200) for h in range(24)
    ],
    "a blog whose posts have six digits": [f"/archives/{n}" for n in range(203_000, 213_000)],
    "events by number": [f"/events/{n}" for n in range(203_000, 213_000)],
    "posts as a parameter of six digits": [f"/?m={n}" for n in range(203_000, 213_000)],
    "a forum of many threads": [f"/showthread.php?t={n}" for n in range(20_000)],
    "its threads by page, all in one session": [
        f"/viewtopic.php?f={n % 30}&t={n}&start={15 * p}&sid=0123456789abcdef0123456789abcdef"
        for n in range(2000)
        for p in range(3)
    ],
    "a shop with facets": [
        f"/shoes?colour={c}&size={s}&brand=b{b}&price={p}-{p + 50}&sort={o}&page={n}"
        for c in COLOURS
        for s in range(36, 46)
        for b in range(5)
        for p in (0, 50, 100)
        for o in ("new", "price")
        for n in (1, 2)
    ],
    "a wiki with its history": [
        url
        for n in range(500)
        for url in (
            f"/wiki/Page_{n}",
            f"/w/index.php?title=Page_{n}&action=history&dir=prev&offset=20230405{n:06}&limit=50",
            *(f"/w/index.php?title=Page_{n}&oldid={10_000 * n + k}&diff=prev" for k in range(5)),
        )
    ],
    "a gallery of numbered pictures": [f"/photo/{n}" for n in range(1, 20_001)],
    "pastes under a short name": [f"/paste?s=Abc{n:06}xYz{n * 7919 % 99991:05}Q" for n in range(2000)],
    "talks of a conference": [f"/programme?session=keynote-{n:04}-room-{n % 7}a" for n in range(500)],
    "a link with every filter of a shop": [f"/all?{'&'.join(f'f{n}=1' for n in range(32))}"],
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_sites_are_taken_up_whole(name: str, frontier: EmbeddedFrontier) -> None:
    left = taken(frontier, Traps(frontier, Bounds()), *map(offer, HONEST[name]))
    assert not left
    assert frontier.size(HOST) == len(dict.fromkeys(HONEST[name]))


RUNAWAY: dict[str, tuple[list[str], str, int]] = {
    "months ahead": ([f"/cal/{y}/{m:02}" for y in range(2030, 2130) for m in range(1, 13)], "calendar", 100),
    "years and months as parameters": (
        [f"/cal?year={y}&month={m}" for y in range(2030, 2130) for m in range(1, 13)], "calendar", 100,
    ),
    "days ahead": ([f"/cal/day-{d}" for d in days(date(2031, 1, 1), 3000)], "calendar", 100),
    "days as digits": ([f"/calendar/{d:%Y%m%d}" for d in days(date(2031, 1, 1), 3000)], "calendar", 100),
    "days back to the first": ([f"/on/{d}" for d in days(date(1900, 1, 1), 22_000)], "calendar", 20_000),
    "sessions in the path": ([f"/shop;jsessionid={n:032X}" for n in range(300)], "session", 3),
    "sessions in the query": ([f"/shop?PHPSESSID={n:026x}&a=1" for n in range(300)], "session", 3),
    "sessions of a forum": ([f"/forum?s={n:032x}&f=1" for n in range(300)], "session", 3),
    "sessions of a board": ([f"/viewtopic.php?t=1&sid=a7{n:030x}" for n in range(300)], "session", 3),
    "months as digits": (
        [f"/calendar/{y}{m:02}" for y in range(2030, 2130) for m in range(1, 13)], "calendar", 100,
    ),
    "sessions of ASP.NET": ([f"/(S(abc{n:021}))/shop" for n in range(300)], "session", 3),
    "repeated parts": ([f"/{'x/' * n}" for n in range(1, 50)], "repeats", 3),
    "repeated pairs": ([f"/{'a/b/' * n}" for n in range(1, 50)], "repeats", 3),
    "parameters": ([f"/?{'&'.join(f'p{k}=1' for k in range(n))}" for n in range(1, 60)], "parameters", 32),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNAWAY)
def test_what_runs_away_is_left_with_a_word_for_it(name: str, frontier: EmbeddedFrontier) -> None:
    urls, reason, fit = RUNAWAY[name]
    traps = Traps(frontier, Bounds())
    left = taken(frontier, traps, *map(offer, urls))
    assert frontier.size(HOST) == fit
    assert {one.why.reason for one in left} == {reason}
    assert len(left) == len(urls) - fit
    told = [one for one in left if one.told]
    assert len(told) == SAID
    assert "not considered" in told[-1].why.words
    assert not any("not considered" in one.why.words for one in told[:-1])


@pytest.mark.parametrize("name", RUNAWAY)
def test_a_bound_holds_after_a_resumption(name: str, frontier: EmbeddedFrontier) -> None:
    urls, _, fit = RUNAWAY[name]
    half = len(urls) // 2
    taken(frontier, Traps(frontier, Bounds()), *map(offer, urls[:half]))
    taken(frontier, Traps(frontier, Bounds()), *map(offer, urls[half:]))
    assert frontier.size(HOST) == fit


def test_a_host_and_a_domain_have_budgets_that_hold_after_a_resumption(frontier: EmbeddedFrontier) -> None:
    bounds = Bounds(host_urls=5, domain_urls=8)
    for run in range(3):
        traps = Traps(frontier, bounds)
        left = taken(frontier, traps, *(offer(f"/{run}-{n}") for n in range(10)))
        assert {one.why.words.partition(";")[0] for one in left} == {"more than 5 URLs of its host"}
    left = taken(frontier, traps, *(offer(f"/{n}", host="b.a.example") for n in range(10)))
    assert {one.why.words.partition(";")[0] for one in left} == {"more than 8 URLs of its domain"}
    assert (len(frontier.offered(HOST, HOST)), frontier.size(HOST)) == (5, 8)


def test_others_can_use_up_half_of_the_room_of_a_host_and_not_all_of_it(frontier: EmbeddedFrontier) -> None:
    traps = Traps(frontier, Bounds(host_urls=10))
    flood, left = traps.taken([offer(f"/invented-{n}") for n in range(100)], by="evil.example")
    frontier.seed(flood)
    assert (len(flood), {one.why.reason for one in left}) == (5, {"budget"})
    assert "others" in left[0].why.words
    assert not taken(frontier, traps, *(offer(f"/own-{n}") for n in range(5)))
    assert not traps.taken([offer("/own-1"), offer("/invented-1")], by="evil.example")[1], "known already"


def test_more_room_is_used_unless_something_was_said_of_what_was_left(frontier: EmbeddedFrontier) -> None:
    small, large = Bounds(host_urls=2), Bounds(host_urls=50)
    image = offer("/picture", kind=Kind.IMAGE)
    taken(frontier, Traps(frontier, small), offer("/1"), offer("/2"), offer("/3"))
    assert not taken(frontier, Traps(frontier, large), offer("/3"))
    reserved = offer("/picture", kind=Kind.IMAGE, said=True)
    assert [one.why.reason for one in taken(frontier, Traps(frontier, small), reserved)] == ["budget"]
    # Nobody knows any more that it was reserved: it stays out, and everything else that is new.
    left = taken(frontier, Traps(frontier, large), image, offer("/4"), offer("/1"))
    assert [one.offer.url for one in left] == [image.url, "http://a.example/4"]
    assert frontier.begin_run(requeue=True)
    assert taken(frontier, Traps(frontier, large), image)


def test_what_is_said_of_a_link_is_known_although_the_link_is_left(frontier: EmbeddedFrontier) -> None:
    traps = Traps(frontier, Bounds(repeats=1, sessions=1, future_dates=1, parameters=1, depth=2))
    paths = ["/x/x/x", "/;jsessionid=1", "/;jsessionid=2", "/c/2098-01", "/c/2099-01", "/?a&b"]
    offers = [offer(path, said=True) for path in paths]
    assert not taken(frontier, traps, *offers, offer("/deep", depth=3, said=True))
    for one in (traps, Traps(frontier, Bounds(repeats=1, sessions=1, future_dates=1, parameters=1, depth=2))):
        objected = [one.objection(entry) for entry in map(frontier.entry, (o.url for o in offers)) if entry]
        assert [found and found[0] for found in objected] == [
            "repeats", None, "session", None, "calendar", "parameters",
        ]  # fmt: skip
        deep = frontier.entry("http://a.example/deep")
        assert deep is not None
        assert deep.inherited
        assert (one.objection(deep) or [""])[0] == "depth"


def test_what_is_known_is_never_left_so_that_what_is_said_of_it_reaches_it(frontier: EmbeddedFrontier) -> None:
    taken(frontier, Traps(frontier, Bounds()), offer("/x/x/x/1", kind=Kind.IMAGE), offer("/2"))
    strict = Traps(frontier, Bounds(host_urls=1, repeats=1, depth=1))
    assert not taken(frontier, strict, offer("/x/x/x/1", kind=Kind.IMAGE, said=True), offer("/2", depth=9))
    entry = frontier.entry("http://a.example/x/x/x/1")
    assert entry is not None
    assert entry.inherited


def test_depth_leaves_pages_and_not_the_images_of_the_last_one(frontier: EmbeddedFrontier) -> None:
    traps = Traps(frontier, Bounds(depth=3))
    left = taken(
        frontier, traps, offer("/3", depth=3), offer("/4", depth=4), offer("/4.png", depth=4, kind=Kind.IMAGE)
    )
    assert [(one.offer.url, one.why.reason) for one in left] == [("http://a.example/4", "depth")]
    assert not taken(frontier, traps, offer("/4", depth=2)), "a shorter way"


def test_nought_lifts_a_bound(frontier: EmbeddedFrontier) -> None:
    none = Bounds(
        host_urls=0,
        domain_urls=0,
        depth=0,
        parameters=0,
        repeats=0,
        dates=0,
        future_dates=0,
        sessions=0,
        alike=0,
    )
    urls = [url for urls, _, _ in RUNAWAY.values() for url in urls[:200]]
    assert not taken(frontier, Traps(frontier, none), *(offer(url, depth=99_999) for url in urls))


def test_memory_for_places_is_bounded_and_what_was_left_is_counted(frontier: EmbeddedFrontier) -> None:
    counted: list[str] = []
    traps = Traps(frontier, Bounds(host_urls=10), counted.append)
    taken(frontier, traps, *(offer(f"/{n}") for n in range(100_000)))
    assert len(counted) == 100_000 - 10
    assert frontier.size(HOST) == 10
    entry = frontier.entry("http://a.example/1")
    assert entry is not None
    assert traps.has_left(entry)
    assert Traps(frontier, Bounds()).has_left(entry)


def test_refusals_are_remembered_until_everything_is_asked_again(frontier: EmbeddedFrontier) -> None:
    traps = Traps(frontier, Bounds())
    taken(frontier, traps, offer("/1"))
    entry = frontier.entry("http://a.example/1")
    assert entry is not None
    assert not traps.refuses(entry)
    traps.refused(entry)
    assert Traps(frontier, Bounds()).refuses(entry)
    frontier.begin_run(requeue=False)
    assert Traps(frontier, Bounds()).refuses(entry)
    frontier.begin_run(requeue=True)
    assert not Traps(frontier, Bounds()).refuses(entry)
    frontier.shut(Shut(name="x", reason="y", lasting=True))
    frontier.begin_run(requeue=True)
    assert frontier.shut_at("x")


# Pages that bring nothing but further links


def page_at(path: str, words: str) -> Capture:
    return Capture(
        url=f"http://a.example{path}",
        status=200,
        at=AT,
        headers=(("content-type", "text/html; charset=utf-8"),),
        body=f"<!doctype html><title>t</title><script>var a = '{path}';</script><body>{words}".encode(),
    )


def runs(pages: list[tuple[str, str, str]], *, leads_on: bool = True) -> int:
    """The longest run of pages ``(path, words, image)`` that are alike."""
    alike = Alike()
    return max(
        alike.visited(
            HOST, pattern_of(f"http://a.example{path}"), page_at(path, words), [image], leads_on=leads_on
        )
        for path, words, image in pages
    )


MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
MENU = "home shop about imprint contact " * 5

EMPTY = {
    "months of an empty calendar": [
        (
            f"/cal?y={2030 + n // 12}&m={n % 12 + 1}",
            f"{MENU}{MONTHS[n % 12]} {2030 + n // 12} Mo Tu We 1 2 3 28 31",
            "",
        )
        for n in range(200)
    ],
    "a list without an end": [
        (f"/list?page={n}", f"{MENU} nothing here <a>{n - 1}</a> <a>{n + 1}</a> <a>{n + 9}</a>", "/logo.png")
        for n in range(1000, 1200)
    ],
    "a page that says how long it took": [
        (f"/list/{n}", f"{MENU} generated in 0.{n * 7919 % 9973} s", "") for n in range(200)
    ],
    "the same page under digests": [
        (f"/p/{uuid.uuid5(uuid.NAMESPACE_URL, str(n))}", MENU, "") for n in range(200)
    ],
}


@pytest.mark.parametrize("name", EMPTY)
def test_pages_that_bring_nothing_but_links_are_told(name: str) -> None:
    assert runs(EMPTY[name]) > 150
    assert runs(EMPTY[name], leads_on=False) == 0


WARES = ("shirt", "shoe", "lamp", "table", "clock", "book", "chair", "glass")

FULL = {
    "products of one template": [
        (
            f"/product/{n}",
            f"{MENU * 4} the {COLOURS[n % 5]} {WARES[n % 8]} for {n * 37 % 991}.{n % 100:02} EUR",
            "",
        )
        for n in range(1000)
    ],
    "a gallery without words": [(f"/photo/{n}", MENU, f"/images/{n}.jpg") for n in range(500)],
    "the weather of every day": [
        (
            f"/weather/{d:%Y/%m/%d}",
            f"{MENU} {d:%A} {n * 13 % 30}.{n % 10} {n * 7 % 30}.{n % 7} {n * 11 % 1000}.{n % 9}",
            "",
        )
        for n, d in enumerate(days(date(2020, 1, 1), 1000))
    ],
    "an archive whose pages list posts": [
        (f"/page/{n}", f"{MENU} {' '.join(f'post{n * 10 + k}' for k in range(10))}", "") for n in range(300)
    ],
}


@pytest.mark.parametrize("name", FULL)
def test_pages_of_one_template_that_say_something_are_never_taken_for_empty(name: str) -> None:
    assert runs(FULL[name]) < 10


def test_memory_for_pages_is_bounded_for_every_host() -> None:
    alike = Alike()
    for n in range(2000):
        alike.visited(HOST, f"pattern-{n}", page_at(f"/{n}", "x"), [], leads_on=True)
    assert len(alike) == OF_ONE_HOST
    alike.visited("b.example", "pattern", page_at("/", "x"), [], leads_on=True)
    assert len(alike) == OF_ONE_HOST + 1


def test_a_pattern_of_empty_pages_is_left_and_open_again_when_everything_is_asked_again(
    frontier: EmbeddedFrontier,
) -> None:
    traps = Traps(frontier, Bounds(alike=20))
    for n in range(40):
        taken(frontier, traps, offer(f"/list?page={n}"))
        entry = frontier.entry(f"http://a.example/list?page={n}")
        if entry is None:
            break
        traps.visited(entry, page_at(f"/list?page={n}", MENU), Outlinks(), [offer(f"/list?page={n + 1}")])
    assert 20 <= n < 30
    other = offer("/list?page=1&order=2")
    for again in (traps, Traps(frontier, Bounds(alike=20))):
        assert [one.why.reason for one in taken(frontier, again, offer("/list?page=99"), other)] == ["alike"]
    frontier.begin_run(requeue=True)
    assert not taken(frontier, Traps(frontier, Bounds(alike=20)), offer("/list?page=99"))


def test_scripts_left_open_cost_no_more_than_others() -> None:
    assert words_of(page_at("/", "<script" * 20_000)) == words_of(page_at("/", "<script>"))


# The pattern

JUNK = st.text(st.sampled_from("ab1290/.-;?&=#%:@()S{}_é\ud800sidPHPSESSID"), max_size=60)
URLISH = st.builds("http://a.example/{}".format, JUNK)


@given(JUNK | URLISH | st.text(max_size=60))
@example("http://a.example/2019/03/04?sid=0123456789abcdef")
@example("%2541%20/2019-02-03")
@example("/(S(aaaaaaaaaaaa));jsessionid=1;jsessionid=2")
def test_the_pattern_of_a_pattern_is_itself_and_junk_never_raises(url: str) -> None:
    shape = shape_of(url)
    assert pattern_of(shape.pattern) == shape.pattern
    assert shape_of(shape.rest).session is None
    assert repeated(url) >= 0
    assert parameters(url) >= 0
    if shape.days or shape.session:
        assert may_run_away(url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/product/17", "/product/4711"),
        ("/2019/03/04/x", "/2021/11/05/x"),
        ("/x?b=1&a=2", "/x?a=7&b=9"),
        ("/p/de8f3ab12", "/p/00ff00ff00a"),
        ("/x;jsessionid=AA", "/x;jsessionid=BB"),
        ("/x?sid=0123456789abcdef", "/x?sid=fedcba9876543210"),
    ],
)
def test_urls_of_one_pattern(one: str, other: str) -> None:
    assert pattern_of(f"http://a.example{one}") == pattern_of(f"http://a.example{other}")


@pytest.mark.parametrize(
    ("one", "other"),
    [("/cat/1", "/dog/1"), ("/x?a=red", "/x?a=blue"), ("/x?a=1", "/x?b=1"), ("/x/1", "/x/1/1")],
)
def test_urls_of_two_patterns(one: str, other: str) -> None:
    assert pattern_of(f"http://a.example{one}") != pattern_of(f"http://a.example{other}")
