"""Clocks that jump, processes that sleep, and two that want the same folder."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.demo.server import LoopbackWeb
from crawler.frontier import EmbeddedFrontier
from crawler.frontier.scheduler import TTL, WORKER
from crawler.optout.codec import time_from_text
from tests import crawls
from tests.test_crawl_resume import until
from tests.webs import generate

SITE = generate(seed=5, pages=24, images=12)
SHIFTED = Path(__file__).parent / "faults" / "shifted"
DAY = 86_400
DELAY = 0.1


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb(SITE.hosts()) as web:
        yield web


def begin(web: LoopbackWeb, folder: Path, **shifts: Path) -> subprocess.Popen[str]:
    """A crawl whose clocks are as far off as these files say."""
    path = {"PYTHONPATH": str(SHIFTED), **{name: str(file) for name, file in shifts.items()}}
    command = crawls.crawling(web, folder, SITE.seeds, "--delay", str(DELAY))
    return subprocess.Popen(
        [sys.executable, "-m", "crawler", *command],
        env=crawls.environment(**path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    try:
        _, err = process.communicate(timeout=90)
    finally:
        process.kill()
    assert process.returncode == code, err
    assert "Traceback" not in err
    return err


def check_done(folder: Path) -> None:
    crawls.check_folder(folder)
    assert set(crawls.stored(folder)) == SITE.kept()
    assert set(crawls.stored(folder).values()) == {1}
    assert {state for state, _ in crawls.frontier(folder).values()} == {"done"}


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_a_wall_clock_that_is_set_moves_nothing(web: LoopbackWeb, tmp_path: Path, jump: int) -> None:
    folder, wall = tmp_path / "corpus", tmp_path / "wall"
    wall.write_text("0")
    process = begin(web, folder, SHIFT_WALL=wall)
    until(lambda: len(web.requests) > 25, process, 60)
    since = len(web.requests)
    wall.write_text(str(jump))
    ended(process)
    check_done(folder)
    assert since < len(web.requests), "the clock was set when everything had been asked"
    for host in SITE.hosts():
        asked = [request.target for request in web.asked(host)]
        assert asked.count("/robots.txt") == 1, "rules expired, or were asked again"
        pages = [request for request in web.asked(host) if request.target.endswith((".html", ".png"))]
        for one, other in pairwise(request.at for request in pages):
            assert other - one > DELAY * 0.4, "asked too soon"
    times = [row["at"] for row in crawls.heedful("log", str(folder), "--json").rows]
    assert time_from_text(max(times)) - time_from_text(min(times)) < timedelta(hours=1)
    assert "backwards" not in crawls.heedful("verify", str(folder)).out


def test_a_clock_that_is_set_back_between_two_crawls_is_told(web: LoopbackWeb, tmp_path: Path) -> None:
    folder, wall = tmp_path / "corpus", tmp_path / "wall"
    wall.write_text(str(DAY))
    process = begin(web, folder, SHIFT_WALL=wall)
    until(lambda: len(web.requests) > 25, process, 60)
    process.send_signal(signal.SIGINT)
    ended(process, 3)
    later = crawls.crawl(web, folder, SITE.seeds)
    assert later.code == 3, later
    assert "asked again only later" in later.err, "what domains were to be left until is not brought forward"
    crawls.check_folder(folder)
    verified = crawls.heedful("verify", str(folder))
    assert verified.code == 5, verified.out
    assert "time goes backwards at entry" in verified.out
    assert "the checkpoint stands after one signed later" in verified.out


def test_a_machine_that_slept_longer_than_a_lease_goes_on(web: LoopbackWeb, tmp_path: Path) -> None:
    folder, boot = tmp_path / "corpus", tmp_path / "boot"
    boot.write_text("0")
    process = begin(web, folder, SHIFT_BOOT=boot)
    until(lambda: len(web.requests) > 25, process, 60)
    process.send_signal(signal.SIGSTOP)
    boot.write_text(str(TTL + 100))
    time.sleep(0.3)
    process.send_signal(signal.SIGCONT)
    ended(process)
    check_done(folder)


def test_who_wakes_up_too_late_changes_nothing_and_says_so(web: LoopbackWeb, tmp_path: Path) -> None:
    """The folder's lock keeps others out; here somebody gets at the frontier all the same."""
    folder = tmp_path / "corpus"
    process = begin(web, folder)
    until(lambda: len(web.requests) > 25, process, 60)
    process.send_signal(signal.SIGSTOP)
    frontier = EmbeddedFrontier(folder / "frontier.db")
    frontier.reclaim(WORKER)
    taken = {entry.url for lease in frontier.acquire("other", 100, 100, 60) for entry in lease.entries}
    done = frontier.left().done
    process.send_signal(signal.SIGCONT)
    err = ended(process, 3)
    assert "once that is mended, the same command goes on" in err
    assert taken
    assert frontier.left().done == done, "a late result was taken"
    frontier.reclaim("other")
    frontier.close()
    crawls.check_folder(folder)
    again = crawls.crawl(web, folder, SITE.seeds)
    assert again.code == 0, again.err
    check_done(folder)


def test_whatever_writes_is_refused_while_another_process_does(web: LoopbackWeb, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    process = begin(web, folder)
    until(lambda: len(web.requests) > 12, process, 60)
    process.send_signal(signal.SIGSTOP)  # it sleeps as long as we like, and holds the folder all the while
    time.sleep(0.3)  # what it had sent arrives
    try:
        asked = len(web.requests)
        for command in (
            ["recheck", str(folder), *crawls.options(web)],
            ["withdraw", str(folder), "--host", "south.example", "--reason", "asked"],
            ["ledger", "erase", str(folder), "--entry", "3", "--reason", "asked"],
        ):
            refused = crawls.heedful(*command)
            assert refused.code == 2, refused
            assert f"{folder} is in use" in refused.sentence
        assert crawls.heedful("items", str(folder)).code == 0, "reading needs no lock"
        time.sleep(0.2)
        assert len(web.requests) == asked
    finally:
        process.send_signal(signal.SIGCONT)
    ended(process)
    check_done(folder)
