"""Hosts without an end and honest ones that look like them, in one crawl that ends by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest

from crawler.audit import ledger
from crawler.demo.server import Answer, LoopbackWeb, Request, Responder, page, redirect, text
from crawler.optout.model import Outcome
from tests import crawls

TOML = """
[traps]
host_urls = 150
domain_urls = 160
depth = 130
parameters = 6
repeats = 3
dates = 70
future_dates = 8
sessions = 2
alike = 15
"""

NUMBERS = count()


def linked(*paths: str, words: str = "") -> Answer:
    links = "".join(f'<a href="{path}">on</a>' for path in paths)
    return page(f"<!doctype html><title>page</title><p>{words}</p>{links}")


def growing(request: Request) -> Answer:
    """A relative link that makes every path longer."""
    return linked("more/", "x/more/", words=f"words of {request.path}")


def months(request: Request) -> Answer:
    year, month = map(int, re.findall(r"\d+", request.path) or (2031, 1))
    ahead, back = (year + month // 12, month % 12 + 1), (year - (month == 1), (month - 2) % 12 + 1)
    return linked(
        *(f"/cal/{y}/{m:02}" for y, m in (ahead, back)), words=f"month {year}-{month} {next(NUMBERS)}"
    )


def sessions(request: Request) -> Answer:
    links = [f"/{name};jsessionid={next(NUMBERS):032X}" for name in "abcd"]
    return linked(*links, words=f"words {request.path.partition(';')[0]} {next(NUMBERS)} {next(NUMBERS)}")


def chain(request: Request) -> Answer:
    """Every page leads to one other, by a word: nothing of it is a pattern."""
    number = len(request.path) - 1
    return linked(f"/{'a' * (number + 1)}", words=f"words {number} {request.path}")


def empty(request: Request) -> Answer:
    number = int((re.findall(r"\d+", request.target) or ["1"])[0])
    return linked(f"/list?page={number + 1}", words="Nothing was found.")


def parameters(request: Request) -> Answer:
    return linked(
        f"{request.target}{'&' if '?' in request.target else '?'}p=1", words=f"words {request.target}"
    )


def elsewhere(request: Request) -> Answer:
    """Three redirects to URLs that nobody has seen lead to a page with ten more."""
    hops, name = int(request.path[1:2] or 0), f"{next(NUMBERS)}"
    if hops < 3:
        return redirect(f"/{hops + 1}-{name}")
    return linked(*(f"/0-{name}-{n}" for n in range(10)), words=f"words {name} {next(NUMBERS)}")


def crowd(request: Request) -> Answer:
    number = int((re.findall(r"\d+", request.path) or ["0"])[0])
    return linked(*(f"/{number}{n:05}" for n in range(10_000)), words=f"words of number {number}")


def hosts_without_end(request: Request) -> Answer:
    port = dict(request.headers)["host"].partition(":")[2]
    links = (f"http://h{next(NUMBERS)}.many.example:{port}/" for _ in range(50))
    return linked(*links, words=f"words of {request.host}")


TRAPS: dict[str, tuple[Callable[[Request], Answer], str]] = {
    "growing.example": (growing, "repeats"),
    "months.example": (months, "calendar"),
    "sessions.example": (sessions, "session"),
    "chain.example": (chain, "depth"),
    "empty.example": (empty, "alike"),
    "parameters.example": (parameters, "parameters"),
    "elsewhere.example": (elsewhere, "budget"),
    "crowd.example": (crowd, "budget"),
}

DAYS = [date(2021, 1, 1) + timedelta(days=n) for n in range(60)]
WORDS = ("red shirt", "blue shoe", "green lamp", "black table", "white clock", "old book", "new chair")


def honest() -> dict[str, dict[str, Responder]]:
    """Sites whose every page is to be kept: blog, shop, gallery, wiki, and one that sorts parameters."""
    menu = "home shop about imprint contact " * 10
    posts = [f"/{day:%Y/%m/%d}/post-{n}" for n, day in enumerate(DAYS)]
    blog: dict[str, Responder] = {
        path: linked(words=f"{menu} a post about {n * 7}") for n, path in enumerate(posts)
    }
    for n in range(6):
        blog[f"/page/{n + 1}"] = linked(*posts[n * 10 : n * 10 + 10], f"/page/{n + 2}", words=menu)
    blog["/page/7"] = linked(words="the end")
    blog["/"] = linked("/page/1")
    shop: dict[str, Responder] = {
        f"/product/{n}": linked(
            f"/product/{n + 1}", words=f"{menu} the {WORDS[n % 7]} for {n * 37 % 91}.{n % 9}0"
        )
        for n in range(120)
    }
    shop |= {"/": linked("/product/0"), "/product/120": linked(words="sold out")}
    gallery: dict[str, Responder] = {
        f"/photo/{n}": page(f'<title>p</title><img src="/{n}.png"><a href="/photo/{n + 1}">next</a>')
        for n in range(40)
    }
    gallery |= {"/": linked("/photo/0"), "/photo/40": linked(words="the last one")}
    wiki: dict[str, Responder] = {"/": linked("/w/" + "/".join(f"part{k}" for k in range(9)) + "/0")}
    for n in range(8):
        deep = "/w/" + "/".join(f"part{k}" for k in range(9))
        wiki[f"{deep}/{n}"] = linked(
            *([f"{deep}/{n + 1}"] if n < 7 else []), words=f"the article number {n}, {n * 13}"
        )
    sorts = [f"/find?{'&'.join(pairs)}" for n in range(20) for pairs in ((f"a={n}", "b=2"), ("b=2", f"a={n}"))]
    find: dict[str, Responder] = {"/": linked(*sorts)}
    find |= {path: linked(words=f"found {path}") for path in sorts}
    return {
        "blog.example": blog,
        "shop.example": shop,
        "gallery.example": gallery,
        "wiki.example": wiki,
        "find.example": find,
    }


@dataclass(frozen=True)
class Crawled:
    web: LoopbackWeb
    folder: Path
    cwd: Path
    err: str
    asked: Counter[str]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl of all of them, with small bounds."""
    cwd = tmp_path_factory.mktemp("traps")
    (cwd / "heedful.toml").write_text(TOML)
    hosts: dict[str, dict[str, Responder]] = {name: {"*": trap, **ours()} for name, (trap, _) in TRAPS.items()}
    hosts |= {"*": {"*": hosts_without_end, **ours()}} | honest()
    with LoopbackWeb(hosts) as web:
        seeds = [f"{name}/" for name in (*hosts, "many.example") if name != "*"]
        ended = crawls.crawl(web, cwd / "corpus", seeds, "--kinds", "text", cwd=cwd, timeout=300)
        assert ended.code == 0, ended.err
        yield Crawled(web, cwd / "corpus", cwd, ended.err, Counter(one.host for one in web.requests))


def ours() -> dict[str, Responder]:
    """What a host says it lacks, so that what it answers to everything is no site-level file."""
    paths = (
        "/robots.txt",
        "/.well-known/tdmrep.json",
        "/ai.txt",
        "/trust.txt",
        "/license.xml",
        "/.well-known/trust.txt",
    )
    return dict.fromkeys(paths, Answer(status=404))


def test_honest_sites_are_kept_whole(crawled: Crawled) -> None:
    kept = crawls.stored(crawled.folder)
    for host, table in honest().items():
        wanted = {f"{host}{path}" for path in table}
        assert wanted <= set(kept), sorted(wanted - set(kept))[:5]
    decided = crawls.decided(crawled.folder)
    ours = [where for where in decided if where.partition("/")[0] in honest()]
    assert all(decided[where].collect for where in ours)


@pytest.mark.parametrize("host", TRAPS)
def test_a_trap_ends_with_a_word_for_it(host: str, crawled: Crawled) -> None:
    _, reason = TRAPS[host]
    decided = {
        where: one for where, one in crawls.decided(crawled.folder).items() if where.startswith(f"{host}/")
    }
    left = Counter(
        ground.evidence.locator
        for one in decided.values()
        if one.outcome is Outcome.SKIPPED
        for ground in one.grounds
    )
    assert left[reason] > 0, left
    assert sum(where.startswith(f"{host}/") for where in crawls.frontier(crawled.folder)) <= 150
    assert len(decided) <= 150 + 10 * 12, "a few of each place are on record, not all"
    assert crawled.asked[host] <= 150 + len(ours()) + 10
    assert f"{reason}  " in crawled.err


def test_a_domain_that_invents_hosts_ends_too(crawled: Crawled) -> None:
    rows = [where for where in crawls.frontier(crawled.folder) if ".many.example/" in where]
    assert 100 < len(rows) <= 160
    assert "URLs of its domain" in " ".join(
        ground.evidence.excerpt
        for where, one in crawls.decided(crawled.folder).items()
        if ".many.example/" in where
        for ground in one.grounds
    )


def test_what_is_left_is_counted_and_said(crawled: Crawled) -> None:
    assert "links left without a decision, or after a few" in crawled.err
    crawls.check_folder(crawled.folder)
    report = crawls.heedful("report", str(crawled.folder), "--format", "json", cwd=crawled.cwd)
    assert report.code == 0, report.err
    assert "calendar without an end" in report.out
    explained = crawls.heedful("explain", str(crawled.folder), left_of(crawled, "calendar"), cwd=crawled.cwd)
    assert "dates" in explained.out


def left_of(crawled: Crawled, reason: str) -> str:
    """A URL that was left for this reason."""
    return next(
        str(entry.fields["url"])
        for entry in ledger.entries(crawled.folder / "ledger")
        if entry.type == "decision"
        and entry.decision is not None
        and any(ground.evidence.locator == reason for ground in entry.decision.grounds)
    )


def test_the_ledger_of_a_crawl_through_traps_verifies(crawled: Crawled) -> None:
    verified = crawls.heedful("verify", str(crawled.folder), cwd=crawled.cwd, timeout=120)
    assert verified.code in (0, 1), verified.err
    assert "damaged" not in verified.out


def test_budgets_hold_over_interruptions(tmp_path: Path) -> None:
    (tmp_path / "heedful.toml").write_text("[traps]\nhost_urls = 40\n")
    folder = tmp_path / "corpus"

    def endless(request: Request) -> Answer:
        return linked(*(f"/n{next(NUMBERS)}" for _ in range(3)), words=f"words {next(NUMBERS)} {next(NUMBERS)}")

    with LoopbackWeb({"a.example": {"*": endless, **ours()}}) as web:
        for _ in range(12):
            ended = crawls.crawl(web, folder, ["a.example/"], "--max-pages", "7", cwd=tmp_path)
            if ended.code == 0:
                break
            assert ended.code == 3, ended.err
        assert ended.code == 0
    assert len(crawls.frontier(folder)) == 40
    assert len(crawls.stored(folder)) == 40


def test_what_was_left_for_want_of_room_is_asked_for_when_there_is_more(tmp_path: Path) -> None:
    """Also by pages that have not changed, which would not name their links again."""
    folder, toml = tmp_path / "corpus", tmp_path / "heedful.toml"
    pages: dict[str, Responder] = {
        f"/{n}": Answer(headers=(("Content-Type", "text/html"), ("ETag", f'"{n}"')), body=f"<p>page {n}")
        for n in range(9)
    }
    links = "".join(f'<a href="{path}">on</a>' for path in pages)

    def start(request: Request) -> Answer:
        if dict(request.headers).get("if-none-match") == '"s"':
            return Answer(status=304)
        return Answer(headers=(("Content-Type", "text/html"), ("ETag", '"s"')), body=links)

    with LoopbackWeb({"a.example": {"/": start, **pages}}) as web:
        for bound, kept in ((5, 5), (50, 10)):
            toml.write_text(f"[traps]\nhost_urls = {bound}\n")
            ended = crawls.crawl(web, folder, ["a.example/"], cwd=tmp_path)
            assert ended.code == 0, ended.err
            assert len(crawls.stored(folder)) == kept


def test_a_reservation_of_an_image_that_was_left_is_not_forgotten(tmp_path: Path) -> None:
    """One page reserves its images, and there is no room for them; another shows one of them without a word."""
    folder, toml = tmp_path / "corpus", tmp_path / "heedful.toml"
    picture = Answer(headers=(("Content-Type", "image/png"),), body=b"\x89PNG\r\n\x1a\n" + bytes(60))
    table: dict[str, Responder] = {
        "/": linked("/reserves", *(f"/{n}" for n in range(4))),
        **{f"/{n}": linked(words=f"page {n}") for n in range(4)},
        "/reserves": page('<title>r</title><meta name="robots" content="noimageai"><img src="/picture.png">'),
        "/picture.png": picture,
    }
    with LoopbackWeb({"a.example": table}) as web:
        toml.write_text("[traps]\nhost_urls = 6\n")
        assert crawls.crawl(web, folder, ["a.example/"], cwd=tmp_path).code == 0
        assert "a.example/picture.png" not in crawls.frontier(folder)
    table["/silent"] = page('<title>s</title><img src="/picture.png">')
    table["/reserves"] = text("busy", status=503)
    with LoopbackWeb({"a.example": table}, port=web.port) as web:
        toml.write_text("[traps]\nhost_urls = 600\n")
        assert crawls.crawl(web, folder, ["a.example/", "a.example/silent"], cwd=tmp_path).code == 0
        assert not web.asked("a.example", "/picture.png")
    assert "a.example/picture.png" not in crawls.stored(folder)
    assert crawls.reasons(folder, "a.example/picture.png")[0][0] == "budget"
