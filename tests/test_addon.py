"""The gate in somebody else's Scrapy project: an ordinary spider, Scrapy's own middlewares, one setting."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.demo.answer import Answer
from crawler.demo.server import LoopbackWeb
from tests.projects import ask, scrapy, written
from tests.webs.ordinary import FOLLOWED, FREE, ROWS, SECRET, SITE, WEB, Row


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One run of the spider, and what the web was asked."""

    rows: dict[str, dict[str, Any]]
    start: dict[str, Any]
    asked: list[tuple[str, str, str]]
    """Method, host, target."""
    times: list[float]
    """When, in monotonic seconds."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    with LoopbackWeb(WEB) as web:
        asked = json.loads(
            json.dumps([{"name": row.name, "url": row.url, **row.how} for row in ROWS]).replace(
                "{port}", str(web.port)
            )
        )
        rows = ask(web, tmp_path_factory.mktemp("asker"), asked)
        requests = [(request.method, request.host, request.target) for request in web.requests]
        times = [request.at for request in web.requests]
    return Ran(
        rows={row["name"]: row for row in rows if "name" in row},
        start=next(row for row in rows if row["what"] == "start"),
        asked=requests,
        times=times,
    )


@pytest.mark.parametrize("row", [*ROWS, *FOLLOWED], ids=lambda row: row.name)
def test_a_request_ends_as_the_table_says(ran: Ran, row: Row) -> None:
    got = ran.rows[row.name]
    if row.signal is None:
        assert got["what"] == "came", got
        assert (got["outcome"], got["stage"]) == (row.outcome, row.stage)
        assert got["collect"] is (row.stage == "content")
        assert [urlsplit(hop).path for hop in got["hops"]] == list(row.hops)
    else:
        assert got["what"] == "failed", got
        assert (got["error"], got["outcome"], got["stage"]) == ("Turned", row.outcome, row.stage), got
        assert row.signal in {ground[0] for ground in got["grounds"]}, got
        assert row.locator is None or row.locator in {ground[1] for ground in got["grounds"]}
    assert not {("free.example", target) for target in row.unasked} & {asked[1:] for asked in ran.asked}


def test_nothing_reserved_reached_a_callback(ran: Ran) -> None:
    for row in ran.rows.values():
        assert SECRET not in json.dumps({name: value for name, value in row.items() if name != "body"})
        assert SECRET.encode() not in base64.b64decode(row.get("body", ""))


def test_no_permission_is_left_where_none_was_given(ran: Ran) -> None:
    for row in ran.rows.values():
        assert ("optout" in row["meta"]) is (row["what"] == "came")
        if row["what"] == "came":
            assert "optout_hops" not in row["meta"]


def test_responses_are_as_scrapy_would_build_them(ran: Ran) -> None:
    compressed = ran.rows["compressed"]
    assert compressed["kind"] == "HtmlResponse"
    assert "Слова без оговорок." in compressed["text"]
    assert ran.rows["HEAD of a page with a meta"]["body"] == ""
    assert ran.rows["plain text"]["text"] == "Only words."
    assert ran.rows["json"]["kind"] == "JsonResponse"


def test_retries_are_scrapys_own(ran: Ran) -> None:
    assert ran.rows["503 once"]["retries"] == 1
    assert ran.rows["503 always"]["retries"] == 2


def test_every_site_level_file_is_asked_once(ran: Ran) -> None:
    files = [
        asked for asked in ran.asked if asked[2].endswith(("robots.txt", "tdmrep.json", "ai.txt", "trust.txt"))
    ]
    steady = [asked for asked in files if asked[1] != "broken.example"]
    assert len(steady) == len(set(steady))
    assert ("GET", "free.example", "/robots.txt") in steady
    assert ("GET", "shut.example", "/page") not in ran.asked
    assert ("GET", "broken.example", "/page") not in ran.asked


def test_the_pace_a_host_asks_for_is_kept(ran: Ran) -> None:
    times = [at for (_, host, target), at in zip(ran.asked, ran.times, strict=True) if host == "slow.example"]
    pages = times[-3:]
    assert all(later - earlier > 0.55 for earlier, later in pairwise(pages))
    assert ("GET", "slowest.example", "/") not in ran.asked


def test_no_port_is_opened(ran: Ran) -> None:
    assert ran.start["listening"] == []


# A whole site, as tutorials crawl it


def served(path: str) -> bytes:
    """The bytes that site.example serves."""
    answer = SITE["site.example"][path]
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, bytes)
    return answer.body


@dataclass(frozen=True, kw_only=True)
class Site:
    pages: dict[str, str]
    items: dict[str, dict[str, Any]]
    stored: set[bytes]
    asked: list[str]
    log: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("reader")
    with LoopbackWeb(SITE) as web:
        done = scrapy(
            web, "crawl", "reader",
            "-a", f"start_at={web.url('site.example')}", "-a", f"out={folder / 'pages'}",
            "-o", str(folder / "items.jsonl"), "-s", f"FILES_STORE={folder / 'files'}",
            "-s", f"JOBDIR={folder / 'job'}", "-s", "LOG_LEVEL=DEBUG", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1",
            "-s", "MEDIA_ALLOW_REDIRECTS=True",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        asked = [request.host + request.target for request in web.requests]
        port = f":{web.port}"
    for path in (folder / "job").rglob("*"):
        assert path.is_dir() or SECRET.encode() not in path.read_bytes()
    return Site(
        pages={row["url"].replace(port, ""): row["text"] for row in written(folder / "pages")},
        items={row["url"].replace(port, ""): row for row in written(folder / "items.jsonl")},
        stored={path.read_bytes() for path in (folder / "files").rglob("*") if path.is_file()},
        asked=asked,
        log=done.stderr + done.stdout,
    )


def test_a_site_is_read_without_what_it_reserves(site: Site) -> None:
    paths = {"/", "/a", "/shy", "/loud"}
    assert set(site.pages) == {f"http://site.example{path}" for path in paths}
    assert set(site.items) == set(site.pages)
    assert "site.example/private/b" not in site.asked
    assert "off.example/" not in site.asked
    assert SECRET not in json.dumps(site.items)


def test_nothing_reserved_is_in_the_log_of_a_debug_run(site: Site) -> None:
    assert SECRET not in site.log


def test_files_of_the_media_pipeline_pass_the_gate(site: Site) -> None:
    assert {served(path) for path in ("/front.png", "/a.png", "/fine.png")} <= site.stored
    assert "cdn.example/cdn.png" not in site.asked
    front = site.items["http://site.example/"]
    assert {Path(file["url"]).name for file in front["files"]} == {"front.png", "fine-hop.png"}
    assert "site.example/behind-hop.png" not in site.asked


def test_an_image_inherits_what_its_page_says_of_images(site: Site) -> None:
    assert not site.items["http://site.example/shy"]["files"]
    assert not site.items["http://site.example/loud"]["files"]
    assert not {served(path) for path in ("/shy.png", "/./loud.png", "/noai.png")} & site.stored


def test_site_level_files_are_asked_once_for_a_whole_crawl(site: Site) -> None:
    files = [target for target in site.asked if target.endswith((".txt", ".json"))]
    assert len(files) == len(set(files))


# Middlewares of the project's own


def test_middlewares_that_meddle_gain_nothing(tmp_path: Path) -> None:
    """One puts a copy in the place of every request, one answers by itself, one answers for another address."""
    meddlers = {"Copier": 300, "Answerer": 400, "Elsewhere": 5}
    chosen = json.dumps({f"ordinary.middlewares.{name}": order for name, order in meddlers.items()})
    with LoopbackWeb(WEB) as web:
        rows = [
            {"name": "free", "url": web.url("free.example")},
            {"name": "meta", "url": web.url("free.example", "/meta")},
            {"name": "shut", "url": web.url("shut.example", "/page")},
            {"name": "answered", "url": web.url("free.example", "/answered")},
            {"name": "elsewhere", "url": web.url("free.example", "/elsewhere")},
        ]
        ended = ask(web, tmp_path, rows, "-s", f"DOWNLOADER_MIDDLEWARES={chosen}")
    got = {row["name"]: row for row in ended if "name" in row}
    assert got["free"]["what"] == "came"
    assert got["meta"]["grounds"][0][0] == "robots-meta"
    assert got["shut"]["grounds"][0][0] == "robots"
    assert got["answered"]["what"] == "failed"
    assert got["elsewhere"]["grounds"][0][1] == "ungated"


# Scrapy's own commands


PARSE = ("--spider", "reader", "-c", "parse_page", "-a", "start_at=none", "-a", f"out={os.devnull}")


@pytest.mark.parametrize(
    ("command", "host", "path", "more"),
    [
        ("fetch", "free.example", "/meta", ()),
        ("fetch", "free.example", "/header", ()),
        ("fetch", "free.example", "/403", ("--no-redirect",)),
        ("parse", "site.example", "/noai", PARSE),
        ("shell", "free.example", "/meta", ("-c", "print(response.text if response else None)")),
    ],
)
def test_scrapys_commands_print_nothing_reserved(
    command: str, host: str, path: str, more: tuple[str, ...]
) -> None:
    with LoopbackWeb({**WEB, **SITE}) as web:
        done = scrapy(web, command, web.url(host, path), *more)
        assert web.asked(host, path)
    assert SECRET not in done.stdout + done.stderr
    assert set(done.stdout.split()) <= {"None"} or command == "parse"


def test_scrapy_fetch_prints_what_is_free() -> None:
    with LoopbackWeb(WEB) as web:
        done = scrapy(web, "fetch", web.url("free.example"))
    assert done.stdout.strip() == FREE.strip()
