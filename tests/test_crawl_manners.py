"""What a crawl does when it is asked to wait, or to go away."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.demo.server import Answer, LoopbackWeb, Request, Responder, in_turn, page, text
from crawler.optout.model import Outcome
from tests import crawls

WORDS = "<!doctype html><title>page</title><p>words</p>"


def linked(*paths: str) -> Answer:
    return page(WORDS + "".join(f'<a href="{path}">{path}</a>' for path in paths))


def busy(status: int, seconds: str) -> Answer:
    return text("busy", ("Retry-After", seconds), status=status)


def gaps_after(requests: list[Request], refused: str) -> list[float]:
    """Seconds from each request for ``refused`` to the next one of its domain."""
    at = [one.at for one in requests]
    return [at[n + 1] - at[n] for n, one in enumerate(requests[:-1]) if one.target == refused]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_by_the_whole_domain(status: int, tmp_path: Path) -> None:
    table: dict[str, dict[str, Responder]] = {
        "one.shop.example": {
            "/": linked("/busy", *(f"/{n}" for n in range(4))),
            "/busy": in_turn(busy(status, "2"), page(WORDS)),
            **{f"/{n}": page(WORDS) for n in range(4)},
        },
        "two.shop.example": {
            "/": linked(*(f"/{n}" for n in range(4))),
            **{f"/{n}": page(WORDS) for n in range(4)},
        },
    }
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["one.shop.example/", "two.shop.example/"])
        assert ended.code == 0, ended.err
        assert len(crawls.stored(tmp_path / "corpus")) == 11
        (gap,) = [gap for gap in gaps_after(web.requests, "/busy") if gap > 1]
        assert gap >= 1.95
        assert len(web.asked("one.shop.example", "/busy")) == 2


def test_retry_after_of_the_last_try_holds_the_domain_too(tmp_path: Path) -> None:
    table: dict[str, dict[str, Responder]] = {
        "shop.example": {
            "/": linked("/busy", "/more"),
            "/busy": busy(503, "1"),
            "/more": Answer(status=301, headers=(("Location", "/end"),)),
            "/end": page(WORDS),
        }
    }
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["shop.example/"])
        assert ended.code == 0, ended.err
        assert len(web.asked("shop.example", "/busy")) == 3
        assert all(gap >= 0.95 for gap in gaps_after(web.requests, "/busy"))
        decision = crawls.decided(tmp_path / "corpus")["shop.example/busy"]
        assert decision.outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("page", {"/": busy(429, "7200")}),
        ("page, by date", {"/": busy(503, "{date}")}),
        ("robots.txt", {"/robots.txt": busy(503, "7200"), "/": page(WORDS)}),
        ("visit-time", {"/robots.txt": text("User-agent: *\nVisit-time: {window}\n"), "/": page(WORDS)}),
    ],
)
def test_what_can_only_be_asked_much_later_ends_resumable(
    name: str, table: dict[str, Answer], tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    opens = now + timedelta(hours=2)
    words = {
        "{date}": opens.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "{window}": f"{opens:%H%M}-{opens + timedelta(hours=1):%H%M}",
    }

    def filled(answer: Answer) -> Answer:
        value = answer.headers[-1][1]
        body = answer.body
        for key, meant in words.items():
            value, body = str(value).replace(key, meant), str(body).replace(key, meant)
        return Answer(
            status=answer.status, headers=(*answer.headers[:-1], (answer.headers[-1][0], value)), body=body
        )

    folder = tmp_path / "corpus"
    hosts = {
        "later.example": {path: filled(answer) for path, answer in table.items()},
        "now.example": {"/": page(WORDS)},
    }
    with LoopbackWeb(hosts) as web:
        for _ in range(2):
            began = time.monotonic()
            ended = crawls.crawl(web, folder, ["later.example/", "now.example/"])
            assert ended.code == 3, ended.err
            told = re.search(r"may be asked again only later, from (.{16}) UTC on", ended.err)
            assert told is not None, ended.err
            first = datetime.strptime(told[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
            assert timedelta(minutes=-1) <= first - opens <= timedelta(minutes=2), (
                "after so long and not before"
            )
            assert time.monotonic() - began < 15
        assert len(web.asked("later.example", "/")) == (1 if name.startswith("page") else 0)
        assert set(crawls.stored(folder)) == {"now.example/"}
        assert crawls.frontier(folder)["later.example/"] == ("waiting", False)
        crawls.check_folder(folder)


def test_a_host_that_refuses_again_and_again_is_left_alone(tmp_path: Path) -> None:
    refused = {f"/{n}": text("no", status=403) for n in range(8)}
    table: dict[str, dict[str, Responder]] = {
        "no.example": {"/": linked(*refused), **refused},
        "yes.example": {"/": linked("/1", "/2"), "/1": page(WORDS), "/2": page(WORDS)},
    }
    (tmp_path / "heedful.toml").write_text("[manners]\nstop_after_refusals = 3\n")
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["no.example/", "yes.example/"], cwd=tmp_path)
        assert ended.code == 0, ended.err
        asked = [one for one in web.asked("no.example") if one.target in refused]
        assert len(asked) == 3
    assert set(crawls.stored(tmp_path / "corpus")) == {
        "no.example/",
        "yes.example/",
        "yes.example/1",
        "yes.example/2",
    }
    left = [crawls.decided(tmp_path / "corpus")[f"no.example{path}"] for path in refused]
    assert sorted(decision.outcome for decision in left) == [Outcome.RESERVED] * 3 + [Outcome.SKIPPED] * 5
    words = [ground.evidence.excerpt for decision in left for ground in decision.grounds]
    assert words.count("3 refusals in a row: the host is left alone") == 5


def test_refusals_that_are_not_in_a_row_do_not_count(tmp_path: Path) -> None:
    mixed = {f"/{n}": text("no", status=403) if n % 3 else page(WORDS) for n in range(9)}
    (tmp_path / "heedful.toml").write_text("[manners]\nstop_after_refusals = 3\n")
    with LoopbackWeb({"some.example": {"/": linked(*mixed), **mixed}}) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["some.example/"], cwd=tmp_path)
        assert ended.code == 0, ended.err
        assert len([one for one in web.asked("some.example") if one.target in mixed]) == 9


def test_links_of_strangers_to_what_a_host_refuses_do_not_keep_us_from_what_it_shows(tmp_path: Path) -> None:
    refused = {f"/no/{n}": text("no", status=403) for n in range(12)}
    moved = {f"/old/{n}": Answer(status=302, headers=(("Location", f"/no/{n}"),)) for n in range(6, 12)}
    named = [*list(refused)[:6], *moved]
    chain = {f"/{n}": linked(f"/{n + 1}") for n in range(6)} | {"/6": page(WORDS)}
    table: dict[str, dict[str, Responder]] = {
        "evil.example": {
            "/": page(
                WORDS
                + "".join(
                    f'<a href="http://{host}:{{port}}{path}">x</a>'
                    for host in ("fine.example", "shut.example")
                    for path in named
                )
            ),
        },
        "fine.example": {"/": linked("/0"), **chain, **refused, **moved},
        "shut.example": {"/": page(WORDS), **refused, **moved},
    }
    (tmp_path / "heedful.toml").write_text("[manners]\nstop_after_refusals = 3\n")
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["evil.example/", "fine.example/"], cwd=tmp_path)
        assert ended.code == 0, ended.err
        asked = [one for one in web.asked("shut.example") if one.target in refused]
        assert len(asked) == 3, "of what others name, too, a host is asked no more than so often in a row"
    shown = {"fine.example/", *(f"fine.example{path}" for path in chain)}
    assert set(crawls.stored(tmp_path / "corpus")) == {"evil.example/", *shown}


def test_a_crawl_delay_is_kept_and_one_above_the_cap_is_not_undercut(tmp_path: Path) -> None:
    pages = {f"/{n}": page(WORDS) for n in range(3)}
    table: dict[str, dict[str, Responder]] = {
        "slow.example": {
            "/robots.txt": text("User-agent: *\nCrawl-delay: 0.4\n"),
            "/": linked(*pages),
            **pages,
        },
        "slower.example": {"/robots.txt": text("User-agent: *\nCrawl-delay: 100\n"), "/": page(WORDS)},
    }
    folder = tmp_path / "corpus"
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, folder, ["slow.example/", "slower.example/"])
        assert ended.code == 0, ended.err
        at = [one.at for one in web.asked("slow.example") if one.target in ("/", *pages)]
        assert len(at) == 4
        assert min(later - earlier for earlier, later in pairwise(at)) >= 0.38
        assert not web.asked("slower.example", "/")
    assert crawls.reasons(folder, "slower.example/") == [("crawl-delay", "asks for 100 s, the cap is 60 s")]


def test_refusals_are_remembered_over_an_interruption(tmp_path: Path) -> None:
    """A host that refused often is left alone by the next invocation too, until everything is asked again."""
    refused = {f"/{n}": text("no", status=(401, 403, 429)[n % 3]) for n in range(9)}
    table: dict[str, dict[str, Responder]] = {
        "no.example": {"/": linked(*refused), **refused},
        "later.example": {"/": busy(429, "7200")},
    }
    (tmp_path / "heedful.toml").write_text("[manners]\nstop_after_refusals = 3\n")
    folder = tmp_path / "corpus"
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, folder, ["no.example/", "later.example/"], cwd=tmp_path)
        assert ended.code == 3, ended.err
        asked = len([one for one in web.asked("no.example") if one.target in refused])
        assert asked == 3
        more = {"/10": page(WORDS)}
        table["no.example"] |= more
    with LoopbackWeb(table, port=web.port) as web:
        ended = crawls.crawl(web, folder, ["no.example/", "no.example/10", "later.example/"], cwd=tmp_path)
        assert ended.code == 3, ended.err
        assert not web.asked("no.example", "/10")
    assert crawls.reasons(folder, "no.example/10")[0][0] == "refusals"


def test_challenges_are_refusals(tmp_path: Path) -> None:
    challenge = page("<title>Just a moment...</title><p>wait</p>")
    pages = {f"/{n}": challenge for n in range(8)}
    (tmp_path / "heedful.toml").write_text("[manners]\nstop_after_refusals = 3\n")
    with LoopbackWeb({"no.example": {"/": linked(*pages), **pages}}) as web:
        assert crawls.crawl(web, tmp_path / "corpus", ["no.example/"], cwd=tmp_path).code == 0
        assert len([one for one in web.asked("no.example") if one.target in pages]) == 3


def test_a_domain_in_trouble_is_asked_more_and_more_slowly(tmp_path: Path) -> None:
    """Without a word on when to come back, on whichever of its hosts the trouble was."""
    broken = {f"/{n}": text("broken", status=500) for n in range(4)}
    fine = {f"/{n}": page(WORDS) for n in range(4)}
    table: dict[str, dict[str, Responder]] = {
        "one.shop.example": {"/": linked(*broken), **broken},
        "two.shop.example": {"/": linked(*fine), **fine},
    }
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["one.shop.example/", "two.shop.example/"])
        assert ended.code == 0, ended.err
        gaps = [later.at - earlier.at for earlier, later in pairwise(web.requests) if earlier.target in broken]
        broke = [one for one in web.requests if one.host == "one.shop.example" and one.target in broken]
        assert len(broke) == 12, "three times each"
        assert max(gaps) >= 0.38
        assert len(crawls.stored(tmp_path / "corpus")) == 6


def test_a_resumed_crawl_begins_slowly_where_nothing_answered(tmp_path: Path) -> None:
    pages = {f"/{n}": page(WORDS) for n in range(3)}
    table: dict[str, dict[str, Responder]] = {
        "slow.example": {"/": busy(429, "7200"), **pages},
        "more.example": {"/": linked()},
    }
    folder = tmp_path / "corpus"
    with LoopbackWeb(table) as web:
        assert crawls.crawl(web, folder, ["slow.example/"]).code == 3
    table["slow.example"]["/"] = linked(*pages)
    an_hour_or_two_pass(folder)
    with LoopbackWeb(table, port=web.port) as web:
        assert crawls.crawl(web, folder, ["slow.example/"]).code == 0
        at = [one.at for one in web.asked("slow.example") if one.target in ("/", *pages)]
        assert at[1] - at[0] >= 0.09
    assert len(crawls.stored(folder)) == 4


def test_a_window_over_midnight_is_waited_for_and_kept_by_the_next_invocation(tmp_path: Path) -> None:
    now = datetime.now(UTC)

    def window(opens: timedelta, closes: timedelta) -> dict[str, Responder]:
        """Around midnight wherever the clock stands: hours that are open are those between the two."""
        lines = f"User-agent: *\nVisit-time: {now + opens:%H%M}-{now + closes:%H%M}\n"
        return {"/robots.txt": text(lines), "/": page(WORDS)}

    hour = timedelta(hours=1)
    # Of these two at least one runs past midnight, at any time of the day.
    table = {
        "open.example": window(-13 * hour, 2 * hour),
        "shut.example": window(2 * hour, 17 * hour),
    }
    folder = tmp_path / "corpus"
    with LoopbackWeb(table) as web:
        assert crawls.crawl(web, folder, ["open.example/", "shut.example/"]).code == 3
        assert crawls.crawl(web, folder, ["open.example/", "shut.example/"]).code == 3
        assert not web.asked("shut.example", "/")
        assert set(crawls.stored(folder)) == {"open.example/"}
        assert crawls.frontier(folder)["shut.example/"] == ("waiting", False)
    an_hour_or_two_pass(folder)
    table["shut.example"] = window(-15 * hour, hour)
    with LoopbackWeb(table, port=web.port) as web:
        assert crawls.crawl(web, folder, ["open.example/", "shut.example/"]).code == 0
    assert "shut.example/" in crawls.stored(folder)


def test_origins_that_stay_undetermined_are_asked_again_and_told_at_the_end(tmp_path: Path) -> None:
    down = text("down", status=503)
    table: dict[str, dict[str, Responder]] = {
        "one.example": {"/robots.txt": down, "/": linked("/2"), "/2": page(WORDS)},
        "two.example": {"/robots.txt": down, "/": page(WORDS)},
        "back.example": {"/robots.txt": in_turn(down, text("User-agent: *\nAllow: /\n")), "/": page(WORDS)},
    }
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", [f"{host}/" for host in table], "--json")
        assert ended.code == 0, ended.err
        assert len(web.asked("one.example", "/robots.txt")) >= 3
        assert not web.asked("one.example", "/")
        assert set(crawls.stored(tmp_path / "corpus")) == {"back.example/"}
    last = ended.rows[-1]
    assert last["silent_origins"] == {"robots.txt unreachable": 2}
    roots = {f"http://{host}:{web.port}/" for host in ("one.example", "two.example")}
    assert {one["origin"] for one in last["silent_since"]} == roots
    assert {one["reason"] for one in last["silent_since"]} == {"robots.txt unreachable"}
    shown = tmp_path / "shown"
    with LoopbackWeb(table) as web:
        ended = crawls.crawl(web, shown, ["one.example/", "two.example/"])
        assert ended.code == 4, "no seed could be fetched, as before"
    assert re.search(r"origins left undetermined because +origins *\nrobots.txt unreachable +2 *\n", ended.err)
    assert re.search(rf"\nhttp://one\.example:{web.port}/ +20\S+Z +robots.txt unreachable *\n", ended.err)
    log = crawls.heedful("log", str(shown), "--outcome", "undetermined")
    assert "one.example" in log.out
    assert "two.example" in log.out
    assert {row["origin"] for row in reported(shown)} == {
        f"http://{host}:{web.port}/" for host in ("one.example", "two.example")
    }
    table["one.example"]["/robots.txt"] = text("User-agent: *\nDisallow: /\n")
    with LoopbackWeb(table, port=web.port) as web:
        ended = crawls.crawl(web, shown, ["one.example/", "two.example/"], "--json")
        assert [one["origin"] for one in ended.rows[-1]["silent_since"]] == [f"http://two.example:{web.port}/"]
    (row,) = reported(shown)
    assert row["origin"] == f"http://two.example:{web.port}/", "the other one has been judged"
    assert row["urls"] == 1
    assert row["reason"] == "robots.txt did not answer in a usable way"
    assert row["since"] < row["last"]


def reported(folder: Path) -> list[dict[str, Any]]:
    """The origins that could not be judged, as the report lists them."""
    report = crawls.heedful("report", str(folder), "--format", "json")
    assert report.code == 0, report.err
    rows: list[dict[str, Any]] = json.loads(report.out)["silent"]
    return rows


def an_hour_or_two_pass(folder: Path) -> None:
    """As if all that time had gone by since the last invocation: whatever waits is due."""
    database = sqlite3.connect(folder / "frontier.db")
    with database:
        database.execute("UPDATE url SET due = due - 8000 WHERE due IS NOT NULL")
        database.execute("UPDATE domain SET due = due - 8000, polite = polite - 8000, wake = wake - 8000")
    database.close()
