"""``crawl --contacts``: whom those are asked to write to who reserved something, and what that must not do."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from crawler.corpus import archive
from crawler.demo.server import Answer, LoopbackWeb, Request, Responder, page, redirect, text
from tests import crawls

SECURITY = "/.well-known/security.txt"
NO = ("TDM-Reservation", "1")
FILE = text("Contact: mailto:security@a.example\nExpires: 2027-01-01T00:00:00Z\n")
RESERVED = page("<p>words</p>", NO)


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key lands in anybody's home."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def asked(web: LoopbackWeb) -> Counter[str]:
    return Counter(one.host for one in web.requests if one.target == SECURITY)


def contacts(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Status and body of every reading that was made to learn whom to write to, by its host."""
    found: dict[str, tuple[int, bytes]] = {}
    for name in archive.names(folder / "evidence"):
        for _, record in archive.walk(folder / "evidence", name):
            if record.get("Heedful-Source") == "contact":
                head, _, body = record.block.partition(b"\r\n\r\n")
                host = crawls.at(record.need("WARC-Target-URI")).partition("/")[0]
                found[host] = int(head.split()[1]), body
    return found


def test_those_who_reserved_something_and_named_nobody_are_asked_once(tmp_path: Path) -> None:
    hosts: dict[str, dict[str, Responder]] = {
        "a.example": {"/": page('<a href="/b">b</a>', NO), "/b": RESERVED, SECURITY: FILE},
        "none.example": {"/": RESERVED},
        "moved.example": {"/": RESERVED, SECURITY: redirect("/security.txt"), "/security.txt": FILE},
        "named.example": {"/": RESERVED, "/trust.txt": text("contact=desk@named.example\n"), SECURITY: FILE},
        "open.example": {"/": page("<p>words</p>"), SECURITY: FILE},
        "shut.example": {
            "/": RESERVED, SECURITY: FILE,
            "/robots.txt": text("User-agent: heedful\nAllow: /$\nDisallow: /\n"),
        },
        "mind.example": {
            "/": RESERVED, SECURITY: FILE,
            "/.well-known/tdmrep.json": text('[{"location": "/", "tdm-reservation": 1}]'),
        },
    }  # fmt: skip
    corpus = tmp_path / "corpus"
    with LoopbackWeb(hosts) as web:
        ended = crawls.crawl(web, corpus, [f"{host}/" for host in hosts], "--contacts", timeout=60)
        assert ended.code == 0, ended.err
        assert asked(web) == {"a.example": 1, "none.example": 1, "moved.example": 1, "mind.example": 1}
        last = [one.target for one in web.requests if one.host == "a.example"]
        assert last[-1] == SECURITY
    found = contacts(corpus)
    assert {host: status for host, (status, _) in found.items()} == {
        "a.example": 200, "none.example": 404, "moved.example": 200, "mind.example": 200,
    }  # fmt: skip
    assert found["a.example"][1].startswith(b"Contact: mailto:security@a.example")
    assert not any(SECURITY in where for where in crawls.decided(corpus))
    assert set(crawls.stored(corpus)) == {"open.example/"}
    crawls.check_folder(corpus)
    assert crawls.heedful("verify", str(corpus), "--replay").code == 0
    told = crawls.heedful("report", str(corpus), "--format", "licence-leads", "-o", str(tmp_path / "out"))
    assert told.code == 0, told.err
    leads = json.loads((tmp_path / "out" / "licence-leads.json").read_bytes())["leads"]
    kinds = {lead["domain"]: [one["kind"] for one in lead["contacts"]] for lead in leads}
    assert kinds == {
        "a.example": ["security-txt"],
        "moved.example": ["security-txt"],
        "mind.example": ["security-txt"],
        "named.example": ["trust-txt"],
    }


@pytest.mark.parametrize("more", [(), ("--contacts", "--dry-run")])
def test_nobody_is_asked_unless_it_is_wanted(tmp_path: Path, more: tuple[str, ...]) -> None:
    with LoopbackWeb({"a.example": {"/": RESERVED, SECURITY: FILE}}) as web:
        assert crawls.crawl(web, tmp_path / "corpus", ["a.example/"], *more).code == 0
        assert not asked(web)


@pytest.mark.parametrize("where", ["environment", "file"])
def test_it_may_be_wanted_elsewhere(tmp_path: Path, where: str) -> None:
    env = crawls.environment()
    if where == "environment":
        env["HEEDFUL_CONTACTS"] = "true"
    else:
        (tmp_path / "heedful.toml").write_text("[run]\ncontacts = true\n")
    with LoopbackWeb({"a.example": {"/": RESERVED, SECURITY: FILE}}) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["a.example/"], env=env, cwd=tmp_path)
        assert ended.code == 0, ended.err
        assert asked(web) == {"a.example": 1}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=503),
        Answer(fault="reset"),
        Answer(fault="garbage"),
        text("Contact: mailto:x@a.example\n" + "#" * 70_000),
        redirect(SECURITY),
    ],
    ids=["503", "reset", "garbage", "long", "loop"],
)
def test_failures_are_nothing(tmp_path: Path, answer: Answer) -> None:
    with LoopbackWeb({"a.example": {"/": RESERVED, SECURITY: answer}}) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["a.example/"], "--contacts", timeout=60)
        assert ended.code == 0, ended.err
        assert "Traceback" not in ended.err
        assert asked(web)["a.example"] >= 1
    assert b"x@a.example" not in b"".join(body for _, body in contacts(tmp_path / "corpus").values())
    assert crawls.heedful("verify", str(tmp_path / "corpus")).code == 0


def test_a_limit_ends_it_and_the_crawl_is_finished_all_the_same(tmp_path: Path) -> None:
    with LoopbackWeb({"a.example": {"/": RESERVED, SECURITY: Answer(fault="hang-before-headers")}}) as web:
        ended = crawls.crawl(
            web, tmp_path / "corpus", ["a.example/"], "--contacts", "--max-time", "2",
            "-s", "DOWNLOAD_TIMEOUT=5", timeout=60,
        )  # fmt: skip
        assert asked(web) == {"a.example": 1}
    assert ended.code == 0, ended.err
    assert contacts(tmp_path / "corpus") == {}


def test_an_interruption_ends_it_and_nothing_is_lost(tmp_path: Path) -> None:
    slow = Answer(fault="hang-before-headers")
    hosts: dict[str, dict[str, Responder]] = {
        f"h{number}.example": {"/": RESERVED, SECURITY: slow} for number in range(20)
    }
    corpus = tmp_path / "corpus"
    with LoopbackWeb(hosts) as web:
        seeds = [f"{host}/" for host in hosts]
        process = crawls.begin(
            *crawls.crawling(web, corpus, seeds, "--contacts", "-s", "DOWNLOAD_TIMEOUT=4"), cwd=tmp_path
        )
        try:
            until = time.monotonic() + 40
            while not asked(web) and time.monotonic() < until:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=40)
        finally:
            process.kill()
        assert len(asked(web)) < len(hosts)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert len(crawls.decided(corpus)) == len(hosts)
    crawls.check_folder(corpus)


def test_what_was_withdrawn_is_not_asked_again(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    reserving = False

    def answer(_: Request) -> Answer:
        return RESERVED if reserving else page("<p>words</p>")

    with LoopbackWeb({"a.example": {"/": answer, SECURITY: FILE}}) as web:
        assert crawls.crawl(web, corpus, ["a.example/"], "--contacts").code == 0
        gone = crawls.heedful("withdraw", str(corpus), "--host", "a.example", "--reason", "asked")
        assert gone.code == 0, gone.err
        reserving = True
        crawls.crawl(web, corpus, ["a.example/"], "--contacts")
        assert not asked(web)
