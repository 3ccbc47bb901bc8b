"""What is at http is judged by what its host says over https too, wherever that can be believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crawler.corpus import archive
from crawler.demo.answer import Responder, in_turn, page, redirect, text
from crawler.demo.server import LoopbackWeb
from tests.crawls import CONTACT, check_folder, decided, environment, heedful, reasons, stored
from tests.proxy import LoopbackProxy
from tests.webs.tls import server_context

OPEN = text("User-agent: *\nAllow: /\n")
CLOSED = text("User-agent: *\nDisallow: /\n")
GRANTED = text("License: https://creativecommons.org/publicdomain/zero/1.0/\nUser-agent: *\nAllow: /\n")

PLAIN: dict[str, dict[str, Responder]] = {
    host: {"/robots.txt": OPEN, "/": page(f"<p>This is {host}.</p>")}
    for host in (
        "same.example", "closed.example", "mining.example", "broken.example", "other.example", "deaf.example",
        "cut.example", "hangs.example", "garbage.example", "flaps.example", "leads.example",
        "granted.example",
    )
}  # fmt: skip
PLAIN["own.example"] = {"/robots.txt": CLOSED, "/": page("<p>Closed over http alone.</p>")}
SECURE: dict[str, dict[str, Responder]] = {
    "same.example": {"/robots.txt": OPEN},
    "closed.example": {"/robots.txt": CLOSED},
    "mining.example": {
        "/robots.txt": OPEN,
        "/.well-known/tdmrep.json": text('[{"location": "/", "tdm-reservation": 1}]'),
    },
    "broken.example": {"/robots.txt": text("", status=503)},
    "cut.example": {"/robots.txt": replace(OPEN, fault="short")},
    "hangs.example": {"/robots.txt": replace(OPEN, fault="hang-mid-headers")},
    "garbage.example": {"/robots.txt": replace(OPEN, fault="garbage")},
    "flaps.example": {"/robots.txt": in_turn(text("", status=503), replace(OPEN, fault="reset"))},
    "leads.example": {"/robots.txt": redirect("https://deaf.example/robots.txt")},
    "other.example": {"/robots.txt": CLOSED},
    "granted.example": {"/robots.txt": GRANTED},
    "own.example": {"/robots.txt": GRANTED},
}
TRUSTED = [name for name in SECURE if name != "other.example"]
"""The names that the certificate over https is for."""


@dataclass(frozen=True, kw_only=True)
class Crawled:
    folder: Path
    asked: list[tuple[str, str]]
    opt_in: int


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl of hosts at port 80, which a proxy leads to; ``deaf.example`` has nobody at port 443."""
    place = tmp_path_factory.mktemp("first")
    tls = server_context(TRUSTED, place)
    with (
        LoopbackWeb(PLAIN) as plain,
        LoopbackWeb(SECURE, tls=tls) as secure,
        LoopbackProxy(plain=plain, tls=secure, deaf={"deaf.example"}) as proxy,
    ):
        address = f"http://127.0.0.1:{proxy.port}"
        env = environment(
            http_proxy=address, https_proxy=address, SSL_CERT_FILE=str(place / "cert.pem"),
            XDG_CONFIG_HOME=str(place / "config"),
        )  # fmt: skip
        seeds = [f"http://{host}/" for host in PLAIN]
        who = ("--contact", CONTACT, "--profile", "testing")
        ended = heedful("crawl", *seeds, "-o", str(place / "c"), *who, env=env, timeout=60)
        assert ended.code == 0, ended.err
        asked = [(request.host, request.target) for request in secure.requests]
        opt_in = heedful("check", "http://granted.example/", "--posture", "opt-in", *who, env=env)
        yield Crawled(folder=place / "c", asked=asked, opt_in=opt_in.code)


def test_a_reservation_at_either_counts(crawled: Crawled) -> None:
    met = decided(crawled.folder)
    for host in ("closed.example", "mining.example"):
        assert met[f"{host}/"].outcome == "reserved"
        assert {ground.evidence.source[:5] for ground in met[f"{host}/"].grounds} == {"https"}
    assert met["own.example/"].outcome == "reserved"
    assert {ground.evidence.source[:5] for ground in met["own.example/"].grounds} == {"http:"}


def test_what_is_kept_is_what_neither_reserves(crawled: Crawled) -> None:
    kept = {"same.example/", "other.example/", "deaf.example/", "granted.example/"}
    assert set(stored(crawled.folder)) == kept
    check_folder(crawled.folder)


def test_a_host_that_answers_over_https_and_cannot_tell_is_undetermined(crawled: Crawled) -> None:
    assert decided(crawled.folder)["broken.example/"].outcome == "undetermined"
    assert reasons(crawled.folder, "broken.example/") == [("unreachable", "status 503")]
    assert decided(crawled.folder)["cut.example/"].outcome == "undetermined"
    ((_, words),) = reasons(crawled.folder, "cut.example/")
    assert words.endswith("(an answer had begun)")


def test_what_is_no_http_and_what_leads_nowhere_is_an_answer_nobody_can_tell_of(crawled: Crawled) -> None:
    for host in ("hangs.example", "garbage.example", "leads.example"):
        assert decided(crawled.folder)[f"{host}/"].outcome == "undetermined"
        ((_, words),) = reasons(crawled.folder, f"{host}/")
        assert words.endswith("(an answer had begun)"), words


def test_a_host_that_answered_over_https_and_falls_silent_is_still_there(crawled: Crawled) -> None:
    assert decided(crawled.folder)["flaps.example/"].outcome == "undetermined"
    ((_, words),) = reasons(crawled.folder, "flaps.example/")
    assert words.endswith("(it had answered before)"), words


def test_a_permission_over_https_permits_nothing_at_http(crawled: Crawled) -> None:
    assert decided(crawled.folder)["granted.example/"].outcome == "unreserved"
    assert crawled.opt_in == 1


def test_where_nobody_can_be_believed_over_https_the_evidence_says_so(crawled: Crawled) -> None:
    """``other.example`` shows another host's certificate, ``deaf.example`` has nobody there."""
    met = decided(crawled.folder)
    for host in ("other.example", "deaf.example"):
        beside = [one for one in met[f"{host}/"].asked if one.source.startswith("https://")]
        assert {(one.standing, one.status) for one in beside} == {("unreachable", None)}
    sources = {
        record.get("WARC-Target-URI"): record.get("Heedful-Source")
        for name in archive.names(crawled.folder / "evidence")
        for _, record in archive.walk(crawled.folder / "evidence", name)
    }
    assert sources["http://same.example/robots.txt"] == "host-file"
    assert sources["http://other.example/robots.txt"] == "host-file, unauthenticated"
    assert sources["http://deaf.example/robots.txt"] == "host-file, unauthenticated"


def test_each_host_is_asked_once(crawled: Crawled) -> None:
    flawed = {
        "broken.example",
        "cut.example",
        "hangs.example",
        "garbage.example",
        "leads.example",
        "flaps.example",
    }
    once = [row for row in crawled.asked if row[0] not in flawed]
    assert len(once) == len(set(once))
    assert {host for host, _ in crawled.asked} == set(TRUSTED)


def test_every_decision_follows_again(crawled: Crawled) -> None:
    ended = heedful("verify", str(crawled.folder), "--replay", "--json")
    assert ended.code == 0, ended.out
    (row,) = ended.rows
    assert row["replay"]["decisions"]["fully"] == len(PLAIN), row["replay"]
    explained = heedful("explain", str(crawled.folder), "http://closed.example/")
    assert "https://closed.example/robots.txt" in explained.out
