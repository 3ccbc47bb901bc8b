"""Policies that change while a crawl goes on: what comes later is judged by what is said later.

What was kept under the earlier word keeps that word, with its time, as its evidence.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from crawler.demo.answer import Answer, Responder, in_turn, page, redirect, text, typed
from crawler.demo.server import LoopbackWeb
from tests import crawls
from tests.webs.hostile.row import picture, words

FRESH = """
import sys
from datetime import timedelta
import crawler.optout.host as host
host.MIN_TTL = host.MAX_TTL = timedelta(seconds=1)
from crawler.cli import main
sys.argv = ["heedful", *sys.argv[1:]]
main()
"""
"""The command with one constant lowered: rules are used for a second, where the least is an hour."""

SLOW = 1.5
"""Seconds that an answer takes, so that the rules it was asked under are no longer fresh when it is there."""

OPEN, SHUT = text("User-agent: *\nAllow: /\n"), text("User-agent: *\nDisallow: /\n")
FREE = typed("application/json", '[{"location":"/","tdm-reservation":0}]')
RESERVED = typed("application/json", '[{"location":"/","tdm-reservation":1}]')
ROBOTS, TDMREP = "/robots.txt", "/.well-known/tdmrep.json"


@dataclass(frozen=True, kw_only=True)
class Crawled:
    """What a crawl left."""

    folder: Path
    log: Mapping[str, Mapping[str, Any]]
    """The last decision on each ``host/path``, as the command prints it."""
    kept: frozenset[str]
    asked: tuple[str, ...]


def told(folder: Path, web: LoopbackWeb) -> Crawled:
    rows = crawls.heedful("log", str(folder), "--json").rows
    assert crawls.heedful("verify", str(folder), "--replay").code == 0
    return Crawled(
        folder=folder,
        log={crawls.at(row["url"]): row for row in rows},
        kept=frozenset(crawls.stored(folder)),
        asked=tuple(request.host + request.target for request in web.requests),
    )


def site(host: str, *images: str, slow: float = 0.0, links: tuple[str, ...] = ()) -> Answer:
    shown = "".join(f'<img src="{image}" alt="">' for image in images)
    led = "".join(f'<a href="{link}">on</a>' for link in links)
    return replace(page(words(host, body=shown + led)), delay=slow)


def hourly(folder: Path, table: Mapping[str, Mapping[str, Responder]], *seeds: str) -> Crawled:
    """Crawl where rules are fresh for a second."""
    with LoopbackWeb(table) as web:
        arguments = crawls.crawling(web, folder / "corpus", seeds)
        done = subprocess.run(
            [sys.executable, "-c", FRESH, *arguments],
            cwd=Path(__file__).parents[1], env=crawls.environment(), capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return told(folder / "corpus", web)


# While one crawl goes on


@pytest.mark.parametrize(
    ("path", "before", "after", "signal"),
    [(ROBOTS, OPEN, SHUT, "robots"), (TDMREP, FREE, RESERVED, "tdmrep")],
)
def test_rules_that_turn_between_a_page_and_its_image(
    path: str, before: Answer, after: Answer, signal: str, tmp_path: Path
) -> None:
    table: dict[str, dict[str, Responder]] = {
        "turns.example": {
            path: in_turn(before, after),
            "/page": site("turns", "/image.png", slow=SLOW, links=("/next",)),
            "/image.png": typed("image/png", picture("turns")),
            "/next": site("turns-next"),
        }
    }
    crawled = hourly(tmp_path, table, "turns.example/page")
    assert crawled.kept == {"turns.example/page"}
    assert crawled.asked.count(f"turns.example{path}") == 2
    assert not {"turns.example/image.png", "turns.example/next"} & set(crawled.asked)
    for later in ("turns.example/image.png", "turns.example/next"):
        assert crawled.log[later]["outcome"] == "reserved"
        assert signal in {ground["signal"] for ground in crawled.log[later]["grounds"]}
    first = heard_at(crawled.log["turns.example/page"], path)
    assert first < heard_at(crawled.log["turns.example/image.png"], path)
    (item,) = crawls.heedful("items", str(crawled.folder), "--json").rows
    assert item["entry"] == crawled.log["turns.example/page"]["entry"]


def test_rules_that_cannot_be_had_any_more_are_not_the_rules_of_before(tmp_path: Path) -> None:
    table: dict[str, dict[str, Responder]] = {
        "fails.example": {
            ROBOTS: in_turn(OPEN, text("later", status=503)),
            "/page": site("fails", "/image.png", slow=SLOW),
            "/image.png": typed("image/png", picture("fails")),
        }
    }
    crawled = hourly(tmp_path, table, "fails.example/page")
    assert crawled.kept == {"fails.example/page"}
    assert crawled.log["fails.example/image.png"]["outcome"] == "undetermined"
    assert "fails.example/image.png" not in crawled.asked


def test_rules_that_come_late_count_from_then_on(tmp_path: Path) -> None:
    """Nothing of the host is asked for meanwhile."""
    later = text("later", status=503)
    table: dict[str, dict[str, Responder]] = {
        "late-shut.example": {ROBOTS: in_turn(later, SHUT), "/page": site("late-shut")},
        "late-open.example": {ROBOTS: in_turn(later, OPEN), "/page": site("late-open")},
    }
    with LoopbackWeb(table) as web:
        seeds = ["late-shut.example/page", "late-open.example/page"]
        ended = crawls.crawl(web, tmp_path / "corpus", seeds)
        assert ended.code == 0, ended.err
        crawled = told(tmp_path / "corpus", web)
    assert crawled.kept == {"late-open.example/page"}
    assert crawled.log["late-shut.example/page"]["outcome"] == "reserved"
    assert "late-shut.example/page" not in crawled.asked


def test_an_image_whose_second_page_reserves_it_is_not_kept(tmp_path: Path) -> None:
    """It is on its way already when the page that reserves it is read."""
    noai = '<meta name="robots" content="noai">'
    table: dict[str, dict[str, Responder]] = {
        "two-pages.example": {
            "/": site("two-pages", links=("/free", "/shut")),
            "/free": site("two-pages-free", "http://images.example:{port}/image.png"),
            "/shut": page(
                words("two-pages-shut", head=noai, body='<img src="http://images.example:{port}/image.png">')
            ),
        },
        "images.example": {"/image.png": replace(typed("image/png", picture("two-pages")), delay=SLOW)},
    }
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["two-pages.example/"])
        assert ended.code == 0, ended.err
        crawled = told(tmp_path / "corpus", web)
    assert crawled.kept == {"two-pages.example/", "two-pages.example/free"}
    assert crawled.log["images.example/image.png"]["outcome"] == "reserved"


def test_what_is_put_off_for_ever_is_left_and_told(tmp_path: Path) -> None:
    """As exit 3: a later run may ask again. Nobody else waits for it."""
    year, never = ("Retry-After", "31536000"), ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")
    table: dict[str, dict[str, Responder]] = {
        "year-page.example": {"/page": text("later", year, status=503)},
        "never-page.example": {"/page": text("later", never, status=429)},
        "year-robots.example": {ROBOTS: text("later", year, status=503), "/page": site("year-robots")},
        "digits.example": {
            ROBOTS: text("later", ("Retry-After", "9" * 5_000), status=503),
            "/page": site("digits"),
        },
        "honest.example": {
            "/page": site("honest", "/image.png"),
            "/image.png": typed("image/png", picture("h")),
        },
    }
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", [f"{host}/page" for host in table])
        assert ended.code == 3, ended.err
        assert "may be asked again only later" in ended.err
        crawled = told(tmp_path / "corpus", web)
    assert crawled.kept == {"honest.example/page", "honest.example/image.png"}
    for host in table:
        if host != "honest.example":
            assert crawls.frontier(crawled.folder)[f"{host}/page"] == ("waiting", False)
            assert len([at for at in crawled.asked if at.startswith(f"{host}/page")]) <= 1


# Between two crawls of one corpus


def test_what_was_kept_keeps_the_word_it_was_kept_under(tmp_path: Path) -> None:
    table: dict[str, dict[str, Responder]] = {
        "again.example": {
            ROBOTS: in_turn(OPEN, SHUT),
            "/page": site("again", "/image.png"),
            "/image.png": typed("image/png", picture("again")),
        }
    }
    folder = tmp_path / "corpus"
    with LoopbackWeb(table) as web:
        assert crawls.crawl(web, folder, ["again.example/page"]).code == 0
        before = told(folder, web)
        items = crawls.heedful("items", str(folder), "--json").rows
        assert crawls.crawl(web, folder, ["again.example/page", "again.example/new"]).code == 0
        after = told(folder, web)
    assert before.kept == {"again.example/page", "again.example/image.png"}
    assert "again.example/new" not in after.asked
    assert after.log["again.example/page"]["outcome"] == "reserved"
    assert after.log["again.example/new"]["outcome"] == "reserved"
    for item in crawls.heedful("items", str(folder), "--json").rows:
        assert item in items, "nothing was kept again, and nothing was kept under another word"
    entries = {row["entry"]: row for row in crawls.heedful("log", str(folder), "--json").rows}
    for item in items:
        decision = entries[item["entry"]]
        assert decision["outcome"] == "unreserved"
        assert heard_at(decision, ROBOTS) <= item["fetched_at"]


# Redirects to other hosts


def test_every_hop_and_where_it_ends_has_a_decision(tmp_path: Path) -> None:
    table: dict[str, dict[str, Responder]] = {
        "one.example": {
            "/free": redirect("http://two.example:{port}/free"),
            "/shut": redirect("http://two.example:{port}/shut"),
        },
        "two.example": {
            "/free": redirect("http://three.example:{port}/free"),
            "/shut": redirect("http://three.example:{port}/shut"),
        },
        "three.example": {
            ROBOTS: text("User-agent: *\nDisallow: /shut\n"),
            "/free": site("three-free"),
            "/shut": site("three-shut"),
        },
    }
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["one.example/free", "one.example/shut"])
        assert ended.code == 0, ended.err
        crawled = told(tmp_path / "corpus", web)
    assert crawled.kept == {"three.example/free"}
    assert "three.example/shut" not in crawled.asked
    for path, end in (("/free", "unreserved"), ("/shut", "reserved")):
        outcomes = [crawled.log[f"{host}.example{path}"]["outcome"] for host in ("one", "two", "three")]
        assert outcomes == ["skipped", "skipped", end]
    for host in ("one", "two", "three"):
        assert f"{host}.example{ROBOTS}" in crawled.asked
        asked = crawled.log[f"{host}.example/free"]["asked"]
        assert any(f"//{host}.example" in one["source"] and one["source"].endswith(ROBOTS) for one in asked)


def test_a_page_that_moves_to_a_reserved_host_after_it_was_permitted(tmp_path: Path) -> None:
    """Free at its first request, which fails; moved at the second."""
    table: dict[str, dict[str, Responder]] = {
        "moves.example": {
            "/page": in_turn(text("later", status=503), redirect("http://reserved.example:{port}/page")),
        },
        "reserved.example": {TDMREP: RESERVED, "/page": site("reserved")},
    }
    with LoopbackWeb(table) as web:
        assert crawls.crawl(web, tmp_path / "corpus", ["moves.example/page"]).code == 0
        crawled = told(tmp_path / "corpus", web)
    assert crawled.kept == frozenset()
    assert "reserved.example/page" not in crawled.asked
    assert crawled.log["moves.example/page"]["outcome"] == "skipped"
    assert crawled.log["reserved.example/page"]["outcome"] == "reserved"


def heard_at(decision: Mapping[str, Any], path: str) -> str:
    """When the site-level file at ``path`` was asked for that a decision rests on; ISO 8601."""
    (at,) = {one["at"] for one in decision["asked"] if one["source"].endswith(path)}
    return str(at)
