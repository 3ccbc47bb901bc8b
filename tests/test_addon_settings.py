"""Settings that would make the promise untrue, wherever somebody sets them, and what is done about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crawler.addon import ORDERS
from crawler.demo.answer import page
from crawler.demo.server import LoopbackWeb
from tests.projects import python, scrapy
from tests.webs.ordinary import FREE, OPEN_TO_ALL, WEB

Table = dict[str, tuple[dict[str, Any], str]]

REFUSED: Table = {
    "certificates": (
        {"DOWNLOAD_VERIFY_CERTIFICATES": False},
        "DOWNLOAD_VERIFY_CERTIFICATES = False is refused: ",
    ),
    "data loss": ({"DOWNLOAD_FAIL_ON_DATALOSS": False}, "DOWNLOAD_FAIL_ON_DATALOSS = False is refused: "),
    "cookies": ({"COOKIES_ENABLED": True}, "COOKIES_ENABLED = True is refused: "),
    "cache": ({"HTTPCACHE_ENABLED": True}, "HTTPCACHE_ENABLED = True is refused: "),
    "no reactor": ({"TWISTED_REACTOR_ENABLED": False}, "TWISTED_REACTOR_ENABLED = False is refused: "),
    "literal": ({"OPTOUT_READING": "literal"}, "OPTOUT_READING = 'literal' needs OPTOUT_REASON"),
    "gate off": (
        {"DOWNLOADER_MIDDLEWARES": {"crawler.middlewares.OptOutMiddleware": None}},
        "DOWNLOADER_MIDDLEWARES switches off crawler.middlewares.OptOutMiddleware",
    ),
    "edge off": (
        {"DOWNLOADER_MIDDLEWARES": {"crawler.edge.EdgeMiddleware": None}},
        "DOWNLOADER_MIDDLEWARES switches off crawler.edge.EdgeMiddleware",
    ),
    "another handler": (
        {"DOWNLOAD_HANDLERS": {"https": "scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler"}},
        "DOWNLOAD_HANDLERS uses scrapy.core.downloader.handlers._aiohttp.AiohttpDownloadHandler for https: ",
    ),
    "context factory": (
        {"DOWNLOADER_CLIENTCONTEXTFACTORY": "scrapy.core.downloader.contextfactory.ScrapyClientContextFactory"},
        "DOWNLOADER_CLIENTCONTEXTFACTORY is refused",
    ),
    "old TLS": ({"DOWNLOAD_TLS_MIN_VERSION": "TLSv1.0"}, "DOWNLOAD_TLS_MIN_VERSION = 'TLSv1.0' is refused: "),
    "TLS that ends too soon": (
        {"DOWNLOAD_TLS_MAX_VERSION": "TLSv1.1"},
        "DOWNLOAD_TLS_MAX_VERSION = 'TLSv1.1' is refused: ",
    ),
    "ciphers": (
        {"DOWNLOADER_CLIENT_TLS_CIPHERS": "ALL:aNULL"},
        "DOWNLOADER_CLIENT_TLS_CIPHERS = 'ALL:aNULL' is refused: ",
    ),
    "login": (
        {"HTTPAUTH_USER": "me", "HTTPAUTH_PASS": "hunter2", "HTTPAUTH_DOMAIN": "a.example"},
        "HTTPAUTH_USER is refused: content behind a login is not public",
    ),
    "browser": ({"USER_AGENT": "Mozilla/5.0 (X11)"}, "USER_AGENT = 'Mozilla/5.0 (X11)' does not begin with"),
    "nameless": ({"USER_AGENT": "1/1"}, "USER_AGENT = '1/1' does not begin with"),
}
"""Settings, and the sentence they are refused with."""

MISTAKES: Table = {
    "typo": ({"OPTOUT_PURPOSE": ["search"]}, "OPTOUT_PURPOSE is no setting of ours"),
    "purpose": ({"OPTOUT_PURPOSES": ["train"]}, "OPTOUT_PURPOSES: 'train' is not one of any, crawl, tdm, "),
    "no purpose": ({"OPTOUT_PURPOSES": []}, "OPTOUT_PURPOSES is empty"),
    "posture": ({"OPTOUT_POSTURE": "opt-maybe"}, "OPTOUT_POSTURE: 'opt-maybe' is not one of "),
    "accept": ({"OPTOUT_ACCEPT": ["CC-BYE"]}, "OPTOUT_ACCEPT: 'CC-BYE' is not the name of a licence"),
    "anchors": ({"OPTOUT_TRUST_ANCHORS": "/none.pem"}, "OPTOUT_TRUST_ANCHORS: '/none.pem' is not a file of"),
    "reading": ({"OPTOUT_READING": "loose"}, "OPTOUT_READING: 'loose' is not one of "),
    "kinds": ({"OPTOUT_KINDS": ["text", "film"]}, "OPTOUT_KINDS: 'film' is not one of "),
    "ports": ({"OPTOUT_PORTS": ["http"]}, "OPTOUT_PORTS: 'http' is not a number"),
    "resolve": ({"OPTOUT_RESOLVE": ["a.example"]}, "OPTOUT_RESOLVE: 'a.example' is not HOST:PORT:ADDRESS"),
    "authority": ({"OPTOUT_TIMESTAMP_URL": "ftp://a.b"}, "OPTOUT_TIMESTAMP_URL: 'ftp://a.b' is not an http"),
    "its password": ({"OPTOUT_TIMESTAMP_URL": "http://a:b@c.d"}, "OPTOUT_TIMESTAMP_URL: 'http://a:b@c.d' is"),
    "private": ({"OPTOUT_ALLOW_PRIVATE": "maybe"}, "OPTOUT_ALLOW_PRIVATE = 'maybe' is neither True nor False"),
    "delay": ({"OPTOUT_RETRY_DELAY": 0}, "OPTOUT_RETRY_DELAY = 0 is no number of seconds"),
    "patience": ({"OPTOUT_MAX_CRAWL_DELAY": "long"}, "OPTOUT_MAX_CRAWL_DELAY = 'long' is no number of seconds"),
    "denied host": ({"OPTOUT_DENY_HOSTS": ["http://a.b"]}, "OPTOUT_DENY_HOSTS: 'http://a.b' is not a host"),
    "denied prefix": ({"OPTOUT_DENY_PREFIXES": ["/art"]}, "OPTOUT_DENY_PREFIXES: '/art' is not a URL prefix"),
    "denied bytes": ({"OPTOUT_DENY_SHA256": ["abc"]}, "OPTOUT_DENY_SHA256: 'abc' is not a SHA-256 digest"),
}  # fmt: skip
"""Settings that cannot be meant."""

TOLERATED: dict[str, dict[str, Any]] = {
    "robots.txt of Scrapy's": {"ROBOTSTXT_OBEY": True},
    "telnet": {"TELNETCONSOLE_ENABLED": True},
    "remote control": {"REMOTE_CONTROL_ENABLED": True},
    "literal with a reason": {"OPTOUT_READING": "literal", "OPTOUT_REASON": "a study of precedence"},
    "certificates with a reason": {"DOWNLOAD_VERIFY_CERTIFICATES": False, "OPTOUT_REASON": "a mirror of ours"},
    "what is needed": {"COOKIES_ENABLED": False, "HTTPCACHE_ENABLED": "False"},
}
"""Settings with which a crawl runs."""

PLACES = ("project", "spider", "cmdline", "earlier")

CASES: dict[tuple[str, str], dict[str, Any]] = {
    **{
        (name, place): {"place": place, "settings": settings, "with": "project"}
        for table in (REFUSED, MISTAKES)
        for name, (settings, _) in table.items()
        for place in PLACES
        if name != "no reactor" or place not in ("project", "cmdline")  # there Scrapy wants another runner
    },
    **{
        (name, "later"): {"place": "later", "settings": settings, "with": 1000}
        for name, (settings, _) in REFUSED.items()
        if name not in ("browser", "nameless", "literal", "no reactor")
    },
    **{
        (name, "outranked"): {"place": "later", "settings": settings, "with": "cmdline"}
        for name, (settings, _) in REFUSED.items()
        if name in ("certificates", "data loss", "cookies", "cache")
    },
    **{
        (name, place): {"place": place, "settings": settings, "with": "project"}
        for name, settings in TOLERATED.items()
        for place in PLACES
    },
}


CASES["gate moved", "later"] = {
    "place": "later",
    "settings": {"DOWNLOADER_MIDDLEWARES": {**ORDERS, "crawler.middlewares.OptOutMiddleware": 900}},
    "with": 1000,
}

CASES |= {
    (name, "later"): {"place": "later", "settings": settings, "with": 1000}
    for name, settings in {
        "telnet": {"TELNETCONSOLE_ENABLED": True},
        "remote control": {"REMOTE_CONTROL_ENABLED": True},
        "robots.txt of Scrapy's": {"ROBOTSTXT_OBEY": True},
    }.items()
}
CASES["http_user", "attribute"] = {"place": "spider", "settings": {}, "attributes": {"http_user": "me"}}


@pytest.fixture(scope="module")
def attempts() -> dict[tuple[str, str], dict[str, Any]]:
    """What became of every case, each with the requests that were sent."""
    with LoopbackWeb({"*": {"/": page(FREE), "/robots.txt": OPEN_TO_ALL}}) as web:
        done = python("weaken.py", json.dumps(list(CASES.values())), str(web.port), *web.resolve, timeout=100)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(rows) == len(CASES), done.stderr
        for number, row in enumerate(rows):
            row["asked"] = [request.target for request in web.asked(f"case-{number}.example")]
    return dict(zip(CASES, rows, strict=True))


def of(*places: str) -> list[tuple[str, str]]:
    return [case for case in CASES if case[1] in places and (case[0] not in TOLERATED or case[1] == "later")]


@pytest.mark.parametrize("case", of(*PLACES), ids=" by ".join)
def test_a_weakened_setting_is_refused_with_a_sentence(
    attempts: dict[tuple[str, str], dict[str, Any]], case: tuple[str, str]
) -> None:
    got = attempts[case]
    sentence = {**REFUSED, **MISTAKES}[case[0]][1]
    assert got["error"].startswith(f"WeakenedSetting: {sentence}"), got
    assert "\n" not in got["error"]
    assert got["asked"] == []


@pytest.mark.parametrize("case", of("later", "attribute"), ids=" by ".join)
def test_what_another_add_on_weakens_later_closes_the_crawl(
    attempts: dict[tuple[str, str], dict[str, Any]], case: tuple[str, str]
) -> None:
    got = attempts[case]
    assert (got["error"], got["closed"]) == (None, ["not gated"])
    assert got["asked"] == []


@pytest.mark.parametrize("case", of("outranked"), ids=" by ".join)
def test_what_another_add_on_asks_for_at_a_lower_priority_has_no_effect(
    attempts: dict[tuple[str, str], dict[str, Any]], case: tuple[str, str]
) -> None:
    got = attempts[case]
    asked = REFUSED[case[0]][0]
    assert got["error"] is None
    assert got["final"] == {name: not value for name, value in asked.items()}
    assert "/" in got["asked"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case[0] in TOLERATED and case[1] in PLACES], ids=" by ".join
)
def test_what_does_no_harm_is_tolerated(
    attempts: dict[tuple[str, str], dict[str, Any]], case: tuple[str, str]
) -> None:
    got = attempts[case]
    assert (got["error"], got["closed"]) == (None, ["finished"])
    assert got["asked"].count("/robots.txt") == 1
    assert got["asked"][-1] == "/"
    for name in ("ROBOTSTXT_OBEY", "TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED"):
        assert got["final"].get(name, False) is False


@pytest.mark.parametrize(
    "setting",
    ["COOKIES_ENABLED=1", "DOWNLOAD_VERIFY_CERTIFICATES=False", "OPTOUT_READING=literal", "OPTOUT_X=1"],
)
def test_the_command_line_is_refused_too(setting: str, tmp_path: Path) -> None:
    with LoopbackWeb(WEB) as web:
        asked = tmp_path / "asked.json"
        asked.write_text(json.dumps([{"name": "a", "url": web.url("free.example")}]), "utf-8")
        done = scrapy(
            web, "crawl", "asker", "-a", f"asked={asked}", "-a", f"out={tmp_path / 'out'}", "-s", setting
        )
        assert done.returncode == 1
        last = done.stderr.strip().splitlines()[-1]
        assert last.startswith("crawler.promise.WeakenedSetting: " + setting.partition("=")[0])
        assert not web.requests


WITHOUT = """
import sys
from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings
from crawler.spiders.{module} import {spider}

settings = Settings()
settings.setmodule("settings.testing")
settings.set("ADDONS", {{}}, priority="cmdline")
settings.set("SCHEDULER", "scrapy.core.scheduler.Scheduler", priority="cmdline")
settings.set("EXTENSIONS", {{}}, priority="cmdline")
settings.set("ITEM_PIPELINES", {{}}, priority="cmdline")
process = CrawlerProcess(settings)
process.crawl({spider}, {arguments})
process.start()
"""


@pytest.mark.parametrize(
    ("module", "spider", "arguments"),
    [("corpus", "CorpusSpider", "job=None"), ("check", "CheckSpider", "urls=[sys.argv[1]], decisions={}")],
)
def test_our_own_spiders_do_not_start_without_the_gate(module: str, spider: str, arguments: str) -> None:
    with LoopbackWeb(WEB) as web:
        script = WITHOUT.format(module=module, spider=spider, arguments=arguments)
        done = python("-c", script, f"http://127.0.0.1:{web.port}/")
        assert "WeakenedSetting: this crawl has no gate: add ADDONS = " in done.stderr
        assert not web.requests
