"""A disk that fills up stops a crawl in time or at once, says which file it is, and costs nothing."""

from __future__ import annotations

import os
import random
import resource
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from crawler.demo.answer import Responder, page, text
from crawler.demo.server import LoopbackWeb
from tests import crawls
from tests.test_crawl_resume import until
from tests.webs import generate

SITE = generate(seed=5, pages=24, images=12)
GOES_ON = "; once that is mended, the same command goes on"


def noise(size: int, seed: int) -> str:
    """Letters that no compression makes much of."""
    return random.Random(seed).randbytes(size // 2).hex()


def check_done(folder: Path, kept: set[str]) -> None:
    crawls.check_folder(folder)
    assert set(crawls.stored(folder)) == kept
    assert set(crawls.stored(folder).values()) == {1}
    assert {state for state, _ in crawls.frontier(folder).values()} == {"done"}
    ended = crawls.heedful("verify", str(folder))
    assert ended.code == 0, ended.out


# Before it is full


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb(SITE.hosts()) as web:
        yield web


def leaving(tmp_path: Path, room: int) -> list[str]:
    file = tmp_path / "heedful.toml"
    file.write_text(f"[limits]\nmin_free = {room}\n")
    return ["--config", str(file)]


def test_where_too_little_is_free_nobody_is_asked_and_nothing_is_made(web: LoopbackWeb, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "corpus"
    ended = crawls.crawl(web, folder, SITE.seeds, "-q", *leaving(tmp_path, 10**18))
    assert ended.code == 3, ended
    assert ended.sentence.endswith(GOES_ON)
    assert f"bytes are free where {folder} lies" in ended.sentence
    assert "[limits] min_free leaves 1,000,000,000,000,000,000 free" in ended.sentence
    assert not web.requests
    assert not folder.parent.exists()


def test_a_crawl_stops_before_the_disk_is_full_and_loses_nothing(web: LoopbackWeb, tmp_path: Path) -> None:
    folder, ballast = tmp_path / "corpus", tmp_path / "ballast"
    margin, heavy = 150_000_000, 600_000_000
    found = os.statvfs(tmp_path)
    free = found.f_bavail * found.f_frsize
    if free < 2 * heavy:
        pytest.skip(f"needs {2 * heavy:,} bytes free in {tmp_path}")
    more = leaving(tmp_path, free - margin)
    process = crawls.begin(*crawls.crawling(web, folder, SITE.seeds, "--delay", "0.15", *more))
    until(lambda: len(web.requests) > 12, process)
    with ballast.open("wb") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, heavy)
        except OSError as error:
            process.kill()
            process.communicate()
            pytest.skip(f"no room can be taken up at once here: {error.strerror}")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    assert "[limits] min_free leaves" in err
    assert "Traceback" not in err
    crawls.check_folder(folder)
    asked = {request.host + request.path for request in web.requests if request.path.endswith(".html")}
    ended = {where for where, (state, _) in crawls.frontier(folder).items() if state == "done"}
    assert asked <= ended, "what was under way was not recorded"
    ballast.unlink()
    again = crawls.crawl(web, folder, SITE.seeds, *more)
    assert again.code == 0, again.err
    check_done(folder, SITE.kept())


# When it is full, file by file

HOST = "a.example"
LINKS = "".join(f'<a href="/no/{number}">{number}</a>' for number in range(1500))
AGAIN = count()
"""What makes a page another each time it is asked for."""

ELSEWHERE = "".join(f'<a href="http://{number}.other/">{number}</a>' for number in range(1500))
"""Links that lead out of scope: recorded, and not visited."""

BIG = 400_000
"""Octets of what does not fit."""

WEBS: dict[str, dict[str, Responder]] = {
    "evidence/": {
        "/robots.txt": text(f"User-agent: *\nAllow: /\n# {noise(BIG, 1)}\n"),
        "/": page("<title>Front</title><p>Words.</p>"),
    },
    "archive/": {
        "/": page('<title>Front</title><p>Words.</p><a href="/big">big</a>'),
        "/big": lambda _: page(f"<title>Big</title><p>{next(AGAIN)} {noise(4 * BIG, 2)}</p>"),
    },
    "ledger/": {
        "/": page(f"<title>Front</title>{ELSEWHERE}"),
    },
    "frontier.db": {
        "/": page(f"<title>Front</title>{LINKS}"),
        "*": page("<title>Any</title><p>One of many.</p>"),
    },
}
"""What overflows, and a host that makes it do so before anything else."""

ROOM = {"evidence/": 150_000, "archive/": 600_000, "ledger/": 150_000, "frontier.db": 250_000}
"""Octets that a file may have; enough for all the others."""


@pytest.mark.parametrize("part", WEBS)
def test_what_is_full_is_named_and_the_same_command_finishes(part: str, tmp_path: Path) -> None:
    folder, room = tmp_path / "corpus", ROOM[part]

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    with LoopbackWeb({HOST: WEBS[part]}) as web:
        more = ["--max-pages", "3"] if part == "frontier.db" else []
        ended = crawls.crawl(
            web, folder, [f"{HOST}/"], "-q", "--scope", "host", *more, preexec_fn=small_files, timeout=60
        )
        assert ended.code == 3, ended
        assert f"{folder}/{part}" in ended.sentence
        assert ended.sentence.endswith(GOES_ON)
        crawls.check_folder(folder)
        verified = crawls.heedful("verify", str(folder))
        assert verified.code == 0, verified.out
        again = crawls.crawl(web, folder, [f"{HOST}/"], "-q", "--scope", "host", *more, timeout=60)
    assert again.code == (3 if more else 0), again
    crawls.check_folder(folder)
    assert crawls.heedful("verify", str(folder)).code == 0
