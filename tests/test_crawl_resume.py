"""A crawl that is stopped, killed, limited or begun again ends with what an undisturbed one keeps."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.corpus.corpus import Corpus
from crawler.demo.server import Answer, LoopbackWeb, page
from crawler.optout.model import Kind
from tests import crawls
from tests.webs import generate

SITE = generate(seed=5, pages=50, images=30)
SITE_FILES = ("/robots.txt", "/.well-known/tdmrep.json", "/ai.txt", "/trust.txt")


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb(SITE.hosts()) as web:
        yield web


def until(reached: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 20) -> None:
    """Wait until something is reached or the process has ended."""
    end = time.monotonic() + seconds
    while not reached() and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.005)


def pages_asked(web: LoopbackWeb, since: int = 0) -> Counter[str]:
    """How often each page and image was asked for."""
    asked = (f"{request.host}{request.target}" for request in web.requests[since:])
    return Counter(where for where in asked if not where.endswith(SITE_FILES))


def check_finished(folder: Path) -> None:
    """Raise unless the folder holds what an undisturbed crawl keeps, each thing once."""
    crawls.check_folder(folder)
    stored = crawls.stored(folder)
    assert set(stored) == SITE.kept()
    assert set(stored.values()) == {1}
    assert {state for state, _ in crawls.frontier(folder).values()} == {"done"}


def test_undisturbed(web: LoopbackWeb, tmp_path: Path) -> None:
    ended = crawls.crawl(web, tmp_path / "corpus", SITE.seeds)
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    assert "Warning" not in ended.err
    check_finished(tmp_path / "corpus")
    assert set(pages_asked(web).values()) == {1}


# Stopped by hand


def test_ctrl_c_once_ends_resumable_and_the_same_command_finishes(web: LoopbackWeb, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    command = crawls.crawling(web, folder, SITE.seeds, "--delay", "0.03")
    process = crawls.begin(*command)
    until(lambda: len(web.requests) > 30, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 3, err
    assert "stopped by hand" in err
    assert "the same command goes on" in err
    assert re.search(r" [1-9][0-9]* URLs waiting", err)
    assert "Traceback" not in err
    crawls.check_folder(folder)
    done = {where for where, (state, _) in crawls.frontier(folder).items() if state == "done"}
    assert 0 < len(crawls.stored(folder)) < len(SITE.kept())

    before = len(web.requests)
    ended = crawls.heedful(*command)
    assert ended.code == 0, ended.err
    check_finished(folder)
    assert not done & set(pages_asked(web, before)), "asked again although it was done"
    assert set(pages_asked(web).values()) == {1}, "what was in flight was waited for"


def test_ctrl_c_twice_does_not_wait_for_what_is_in_flight(tmp_path: Path) -> None:
    table = {"/": page('<a href="/hangs">hangs</a>'), "/hangs": Answer(fault="hang-before-headers")}
    with LoopbackWeb({"a.example": table}) as web:
        process = crawls.begin(
            *crawls.crawling(web, tmp_path / "corpus", ["a.example/"], "-s", "DOWNLOAD_TIMEOUT=60")
        )
        until(lambda: bool(web.asked("a.example", "/hangs")), process)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 3, err
    assert "Traceback" not in err
    crawls.check_folder(tmp_path / "corpus")
    assert crawls.frontier(tmp_path / "corpus")["a.example/hangs"][0] != "done"


def test_ctrl_c_while_nothing_answers_yet(tmp_path: Path) -> None:
    slow = {"/robots.txt": Answer(status=404, delay=0.3), "/": Answer(body="late", delay=0.3)}
    with LoopbackWeb({"slow.example": slow}) as web:
        process = crawls.begin(*crawls.crawling(web, tmp_path / "corpus", ["slow.example/"]))
        until(lambda: len(web.requests) > 0, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 3, err
        assert "Traceback" not in err
        crawls.check_folder(tmp_path / "corpus")
        again = crawls.crawl(web, tmp_path / "corpus", ["slow.example/"])
        assert again.code == 0, again.err
        assert set(crawls.stored(tmp_path / "corpus")) == {"slow.example/"}


# Killed


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_random_moments(seed: int, web: LoopbackWeb, tmp_path: Path) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "corpus"
    command = crawls.crawling(web, folder, SITE.seeds, "--delay", "0.01")
    kills = 0
    done: set[str] = set()
    for _ in range(2):
        before = len(web.requests)
        process = crawls.begin(*command)
        if chance.random() < 0.25:
            time.sleep(chance.uniform(0.0, 0.9))  # also while it opens the folder
        else:
            more = chance.randrange(1, 40)
            until(lambda wanted=before + more: len(web.requests) > wanted, process)
            time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.communicate(timeout=20)
        kills += process.returncode == -signal.SIGKILL
        if (folder / "heedful.json").exists():
            crawls.check_folder(folder)
        assert not done & set(pages_asked(web, before)), "asked again although it was done"
        if (folder / "frontier.db").exists():
            done = {where for where, (state, _) in crawls.frontier(folder).items() if state == "done"}
        if process.returncode == 0:
            break  # it was quicker than the kill; another would be a run of its own
    else:
        ended = crawls.heedful(*command)
        assert ended.code == 0, ended.err
    check_finished(folder)
    assert max(pages_asked(web).values()) <= kills + 1


# In use


def test_a_second_process_is_refused_before_it_asks_anybody(web: LoopbackWeb, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    with LoopbackWeb({"other.example": {}}) as other:
        process = crawls.begin(*crawls.crawling(web, folder, SITE.seeds, "--delay", "1"))
        try:
            until(lambda: len(web.requests) > 5, process)
            second = crawls.crawl(other, folder, ["other.example/"])
            assert process.poll() is None
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=20)
        assert second.code == 2
        assert "in use" in second.sentence
        assert str(folder) in second.sentence
        assert not other.requests
    assert process.returncode == 3
    crawls.check_folder(folder)


# Limits


def kept(folder: Path) -> dict[str, tuple[Kind, int]]:
    """Kind and size of everything that is kept."""
    with Corpus.read(folder) as corpus:
        return {crawls.at(item.url): (item.kind, item.bytes) for item in corpus.store.items()}


def text_of(found: dict[str, tuple[Kind, int]]) -> set[str]:
    return {where for where, (kind, _) in found.items() if kind is Kind.TEXT}


def test_max_pages_counts_exactly_and_for_one_invocation(web: LoopbackWeb, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    before: set[str] = set()
    for _ in range(10):
        ended = crawls.crawl(web, folder, SITE.seeds, "--max-pages", "10")
        crawls.check_folder(folder)
        now = text_of(kept(folder))
        assert before <= now
        if ended.code == 0:
            assert len(now - before) <= 10
            break
        assert ended.code == 3, ended.err
        assert "stopped at a limit" in ended.err
        assert len(now - before) == 10
        before = now
    assert ended.code == 0
    check_finished(folder)
    # What was already under way when the limit was reached is asked again, and nothing else.
    assert sum(count - 1 for count in pages_asked(web).values()) <= 10 * len(SITE.seeds)


def test_max_bytes_is_never_exceeded(web: LoopbackWeb, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    before = 0
    for _ in range(10):
        ended = crawls.crawl(web, folder, SITE.seeds, "--max-bytes", "8000")
        crawls.check_folder(folder)
        now = sum(size for _, size in kept(folder).values())
        assert now - before <= 8000
        if ended.code == 0:
            break
        assert ended.code == 3, ended.err
        assert now > before
        before = now
    assert ended.code == 0
    check_finished(folder)


def test_what_alone_exceeds_max_bytes_is_left_with_the_reason(web: LoopbackWeb, tmp_path: Path) -> None:
    ended = crawls.crawl(web, tmp_path / "corpus", SITE.seeds, "--max-bytes", "20")
    assert not crawls.stored(tmp_path / "corpus")
    assert ended.code == 0, ended.err
    ((locator, words),) = crawls.reasons(tmp_path / "corpus", SITE.seeds[0])
    assert locator == "budget"
    assert "--max-bytes" in words


def test_max_time(web: LoopbackWeb, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    ended = crawls.crawl(web, folder, SITE.seeds, "--max-time", "0.6", "--delay", "0.1")
    assert ended.code == 3, ended.err
    assert "stopped at a limit" in ended.err
    assert len(crawls.stored(folder)) < len(SITE.kept())
    crawls.check_folder(folder)
    assert crawls.crawl(web, folder, SITE.seeds).code == 0
    check_finished(folder)
