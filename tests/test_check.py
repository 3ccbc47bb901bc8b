"""``check`` asks the way ``crawl`` does: the same web, the same outcomes and grounds, and nothing kept."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.demo.server import Answer, LoopbackWeb, Responder, page, redirect, text, typed
from crawler.optout.model import Outcome
from tests import crawls
from tests.webs.row import picture

WORDS = "<p>words</p>"
IMAGE = typed("image/png", picture("check"))
LATER = datetime.now(UTC) + timedelta(hours=2)

WEB: dict[str, dict[str, Responder]] = {
    "a.example": {
        "/robots.txt": text("User-agent: *\nDisallow: /closed\nDisallow: /closed.png\n"),
        "/": page("<title>front</title>" + WORDS),
        "/plain.txt": text("plain words"),
        "/closed": page(WORDS),
        "/headers": page(WORDS, ("tdm-reservation", "1")),
        "/content": page('<meta name="robots" content="noai">' + WORDS),
        "/image.png": IMAGE,
        "/closed.png": IMAGE,
        "/noimage.png": typed("image/png", picture("no"), ("X-Robots-Tag", "noimageai")),
        "/picture": typed("image/png", picture("named otherwise")),
        "/other": typed("image/png", picture("another")),
        "/to-front": redirect("/"),
        "/to-headers": redirect("/headers"),
        "/to-closed": redirect("/closed"),
        "/to-case": redirect("HTTP://A.example:{port}/%7Efoo/../#top"),
        "/hop-says-no": redirect("/", ("tdm-reservation", "1")),
        "/hop-on-images": redirect("/other", ("X-Robots-Tag", "noimageai")),
        "/round": redirect("/round"),
        "/there": redirect("/back"),
        "/back": redirect("/there"),
        "/to-nothing": redirect("http://[/"),
        "/to-mail": redirect("mailto:a@a.example"),
        "/gone": text("gone", status=410),
        "/forbidden": text("no", status=403),
        "/busy": text("busy", status=429),
        "/broken": Answer(fault="reset"),
        "/short": Answer(headers=(("Content-Type", "text/html"),), body=WORDS, fault="short"),
        "/data": typed("application/zip", b"PK\3\4"),
        "/feed.xml": typed(
            "application/rss+xml",
            '<rss version="2.0"><channel><item><link>http://a.example:{port}/</link></item></channel></rss>',
        ),
        "/caf%C3%A9?q=a%7Cb": page("<title>spelling</title>" + WORDS),
    },
    "down.example": {"/robots.txt": text("down", status=503), "/": page(WORDS)},
    "silent.example": {"/robots.txt": Answer(fault="empty-reply"), "/": page(WORDS)},
    "slow.example": {"/robots.txt": text("User-agent: *\nCrawl-delay: 90\n"), "/": page(WORDS)},
    "night.example": {
        "/robots.txt": text(f"User-agent: *\nVisit-time: {LATER:%H%M}-{LATER + timedelta(hours=1):%H%M}\n"),
        "/": page(WORDS),
    },
    "tdm.example": {
        "/.well-known/tdmrep.json": typed("application/json", '[{"location": "/", "tdm-reservation": 1}]'),
        "/": page(WORDS),
    },
}

UNRESERVED, RESERVED, UNDETERMINED, SKIPPED = (
    Outcome.UNRESERVED, Outcome.RESERVED, Outcome.UNDETERMINED, Outcome.SKIPPED,
)  # fmt: skip

ROWS: dict[str, tuple[str, Outcome, str, str]] = {
    # asked about: where it ends, outcome, stage, signal that decides
    "a.example/": ("a.example/", UNRESERVED, "content", ""),
    "a.example/plain.txt": ("a.example/plain.txt", UNRESERVED, "content", ""),
    "a.example/closed": ("a.example/closed", RESERVED, "host", "robots"),
    "a.example/headers": ("a.example/headers", RESERVED, "headers", "tdmrep"),
    "a.example/content": ("a.example/content", RESERVED, "content", "robots-meta"),
    "a.example/image.png": ("a.example/image.png", UNRESERVED, "content", ""),
    "a.example/closed.png": ("a.example/closed.png", RESERVED, "host", "robots"),
    "a.example/noimage.png": ("a.example/noimage.png", RESERVED, "headers", "robots-meta"),
    "a.example/picture": ("a.example/picture", UNRESERVED, "content", ""),
    "a.example/to-front": ("a.example/", UNRESERVED, "content", ""),
    "a.example/to-headers": ("a.example/headers", RESERVED, "headers", "tdmrep"),
    "a.example/to-closed": ("a.example/closed", RESERVED, "host", "robots"),
    "a.example/to-case": ("a.example/", UNRESERVED, "content", ""),
    "a.example/hop-says-no": ("a.example/hop-says-no", RESERVED, "headers", "tdmrep"),
    "a.example/hop-on-images": ("a.example/other", RESERVED, "headers", "robots-meta"),
    "a.example/round": ("a.example/round", SKIPPED, "headers", "house"),
    "a.example/there": ("a.example/back", SKIPPED, "headers", "house"),
    "a.example/to-nothing": ("a.example/to-nothing", SKIPPED, "headers", "house"),
    "a.example/to-mail": ("a.example/to-mail", SKIPPED, "headers", "house"),
    "a.example/gone": ("a.example/gone", SKIPPED, "headers", "http-status"),
    "a.example/forbidden": ("a.example/forbidden", RESERVED, "headers", "http-status"),
    "a.example/busy": ("a.example/busy", UNDETERMINED, "headers", "http-status"),
    "a.example/broken": ("a.example/broken", UNDETERMINED, "headers", "http-status"),
    "a.example/short": ("a.example/short", UNDETERMINED, "headers", "http-status"),
    "a.example/data": ("a.example/data", SKIPPED, "headers", "house"),
    "a.example/feed.xml": ("a.example/feed.xml", SKIPPED, "headers", "house"),
    "a.example/caf%C3%A9?q=a|b": ("a.example/caf%C3%A9?q=a%7Cb", UNRESERVED, "content", ""),
    "down.example/": ("down.example/", UNDETERMINED, "host", "robots"),
    "silent.example/": ("silent.example/", UNDETERMINED, "host", "robots"),
    "slow.example/": ("slow.example/", SKIPPED, "host", "house"),
    "night.example/": ("night.example/", SKIPPED, "host", "house"),
    "tdm.example/": ("tdm.example/", RESERVED, "host", "tdmrep"),
}

Rows = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb(WEB) as web:
        yield web


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def checked(web: LoopbackWeb, home: Path) -> Rows:
    """What ``check`` says of every URL, asked in one go in a home of its own."""
    ours = crawls.environment(HOME=str(home), TMPDIR=str(home), XDG_CACHE_HOME=str(home))
    urls = [crawls.located(web)(where) for where in ROWS]
    ended = crawls.heedful("check", *urls, *crawls.options(web), "--json", cwd=home, env=ours)
    assert ended.code == 1, ended.err
    assert ended.err == ""
    assert len(ended.rows) == len(ROWS)
    return dict(zip(ROWS, ended.rows, strict=True))


@pytest.fixture(scope="module")
def corpus(web: LoopbackWeb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus crawled from the same URLs."""
    folder = tmp_path_factory.mktemp("crawled") / "corpus"
    ended = crawls.crawl(web, folder, ROWS, "--max-time", "40")
    assert ended.code == 3, ended.err  # night.example may be asked only later
    return folder


@pytest.mark.parametrize("where", ROWS)
def test_outcomes(checked: Rows, where: str) -> None:
    at, outcome, stage, signal = ROWS[where]
    row = checked[where]
    assert (crawls.at(row["url"]), row["outcome"], row["stage"]) == (at, outcome.value, stage), row["grounds"]
    assert {ground["signal"] for ground in row["grounds"]} == ({signal} if signal else set())
    assert row["collect"] is (outcome is UNRESERVED)


def essence(grounds: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What a statement says and where it stands, without the time."""
    keys = (
        "signal",
        "purpose",
        "preference",
        "basis",
        "carrier",
        "locator",
        "excerpt",
        "source",
        "terms",
        "kind",
    )
    return [tuple(ground[key] for key in keys) for ground in grounds]


@pytest.mark.parametrize("where", [where for where in ROWS if where != "night.example/"])
def test_a_crawl_decides_the_same(checked: Rows, corpus: Path, web: LoopbackWeb, where: str) -> None:
    row = checked[where]
    told = [one for one in log(corpus) if one["url"] == row["url"]]
    same = [one for one in told if (one["outcome"], one["stage"]) == (row["outcome"], row["stage"])]
    assert same, told
    assert essence(same[-1]["grounds"]) == essence(row["grounds"])
    assert (same[-1]["kind"], same[-1]["collect"]) == (row["kind"], row["collect"])
    assert same[-1]["policy"] == row["policy"]


_LOGS: dict[Path, list[dict[str, Any]]] = {}


def log(corpus: Path) -> list[dict[str, Any]]:
    if corpus not in _LOGS:
        _LOGS[corpus] = crawls.heedful("log", str(corpus), "--json").rows
    return _LOGS[corpus]


@pytest.mark.parametrize("where", ROWS)
def test_the_shape_is_the_one_that_scripts_rely_on(checked: Rows, where: str) -> None:
    row = checked[where]
    assert set(row) - {"needs"} == crawls.DECISION
    assert row["entry"] is row["run"] is None
    assert row["purposes"] == ["tdm"]
    assert (row["posture"], row["reading"]) == ("opt-out", "strict")
    assert row["policy"].startswith("sha256:")
    assert datetime.fromisoformat(row["at"]).tzinfo is not None
    for statement in (*row["grounds"], *row["heard"]):
        assert set(statement) == crawls.STATEMENT
        assert len(statement["sha256"]) == 64
    assert all(ground in row["heard"] for ground in row["grounds"])
    for source in row["asked"]:
        assert set(source) == crawls.SOURCE
        assert source["standing"] in ("known", "absent", "unreachable")


def test_nothing_is_kept(checked: Rows, home: Path) -> None:
    assert checked
    assert [path for path in home.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("wheres", "code"),
    [(["a.example/"], 0), (["a.example/", "a.example/image.png"], 0), (["a.example/", "a.example/closed"], 1)],
)
def test_exit_codes(web: LoopbackWeb, tmp_path: Path, wheres: list[str], code: int) -> None:
    urls = [crawls.located(web)(where) for where in wheres]
    ended = crawls.heedful("check", *urls, *crawls.options(web), cwd=tmp_path)
    assert ended.code == code
    assert ended.err == ""
    ends = [line for line in ended.out.splitlines() if line.startswith("would ")]
    assert ends == ["would be collected"] * (len(urls) - code) + ["would not be collected"] * code
    assert not list(tmp_path.iterdir())


def test_the_deciding_line_is_quoted(web: LoopbackWeb, tmp_path: Path) -> None:
    ended = crawls.heedful("check", web.url("a.example", "/closed"), *crawls.options(web), cwd=tmp_path)
    assert "    line 2   Disallow: /closed\n" in ended.out
    assert "~^" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_quiet_says_it_by_the_exit_code(web: LoopbackWeb, tmp_path: Path) -> None:
    ended = crawls.heedful("check", web.url("a.example", "/closed"), *crawls.options(web), "-q", cwd=tmp_path)
    assert (ended.code, ended.out, ended.err) == (1, "", "")


def test_a_sitemap_has_no_outcome(web: LoopbackWeb, tmp_path: Path) -> None:
    seed = "sitemap:" + web.url("a.example", "/sitemap.xml")
    ended = crawls.heedful("check", seed, *crawls.options(web), cwd=tmp_path)
    assert ended.code == 2
    assert "sitemap" in ended.sentence


def test_ctrl_c(tmp_path: Path) -> None:
    with LoopbackWeb({"hang.example": {"/robots.txt": Answer(fault="hang-before-headers")}}) as web:
        process = crawls.begin("check", web.url("hang.example"), *crawls.options(web), cwd=tmp_path)
        end = time.monotonic() + 20
        while not web.requests and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.strip()) == (3, "", "heedful: stopped")


def test_pages_of_one_domain_are_not_asked_faster_than_the_operator_says(tmp_path: Path) -> None:
    hosts = {f"{name}.shop.example": {"/": page(WORDS)} for name in ("one", "two", "three")}
    with LoopbackWeb(hosts) as web:
        urls = [web.url(host) for host in hosts]
        slowly = crawls.environment(HEEDFUL_DELAY="0.4")
        ended = crawls.heedful("check", *urls, *crawls.options(web), cwd=tmp_path, env=slowly)
        assert ended.code == 0, ended
        at = [one.at for one in web.requests]
    assert min(later - earlier for earlier, later in pairwise(at)) >= 0.36
