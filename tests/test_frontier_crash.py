"""Real processes on one frontier: killed at random moments, started together, sharing the work."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.frontier import EmbeddedFrontier, Ended, FrontierError, State
from tests.frontier_worker import IMAGE, PAGES, links, page

ROOT = Path(__file__).parent.parent
EVERY = {page(number).url for number in range(1, PAGES + 1)} | {IMAGE}


def start(path: Path, log: Path, worker: str, seed: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.frontier_worker", str(path), str(log), worker, str(seed)]
    return subprocess.Popen(command, cwd=ROOT)


def acknowledged(log: Path, word: str) -> list[str]:
    """The URLs of the whole lines that begin with ``word``; the kill may have cut the last one."""
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    return [line.partition(" ")[2] for line in lines if line.startswith(word + " ")]


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_worker_loses_nothing_and_repeats_nothing(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    path, log = tmp_path / "frontier.db", tmp_path / "log"
    kills = 0
    for attempt in range(4):
        process = start(path, log, "w", attempt)
        size = log.stat().st_size if log.exists() else 0
        deadline = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < deadline:
            if log.exists() and log.stat().st_size > size:  # it is at work
                time.sleep(dice.random() * 0.2)
                break
            time.sleep(0.005)
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()

        frontier = EmbeddedFrontier(path)
        done = acknowledged(log, "done")
        assert len(done) == len(set(done)), "an acknowledged end was repeated"
        for url in done:
            entry = frontier.entry(url)
            assert entry is not None
            assert entry.state is State.DONE
        for url in set(acknowledged(log, "offered")):
            assert frontier.entry(url) is not None, f"{url} was acknowledged and is lost"
        left = frontier.left()
        found = [frontier.entry(url) for url in EVERY]
        states = Counter(entry.state for entry in found if entry is not None)
        assert states == Counter(
            {
                State.QUEUED: left.queued,
                State.LEASED: left.leased,
                State.WAITING: left.waiting,
                State.DONE: left.done,
            }
        )
        frontier.close()
    assert kills

    frontier = EmbeddedFrontier(path)
    before = {url for url in EVERY if (entry := frontier.entry(url)) and entry.state is State.DONE}
    handed: Counter[str] = Counter()
    frontier.reclaim("w")
    while leases := frontier.acquire("w", 40, 100, 60):
        for lease in leases:
            handed.update(entry.url for entry in lease.entries)
            ended = [Ended(entry_id=entry.id, state="done") for entry in lease.entries]
            frontier.complete_many([(lease, ended, [new for one in lease.entries for new in links(one.url)])])
    assert frontier.finished()
    assert set(handed) == EVERY - before
    assert set(handed.values()) <= {1}
    assert frontier.left().done == len(EVERY)
    frontier.close()


@pytest.fixture
def full_disk() -> Iterator[Callable[[int], None]]:
    """Files of this process cannot grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda limit: resource.setrlimit(resource.RLIMIT_FSIZE, (soft if limit < 0 else limit, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_reported_and_costs_only_what_was_not_acknowledged(
    tmp_path: Path, full_disk: Callable[[int], None]
) -> None:
    frontier = EmbeddedFrontier(tmp_path / "frontier.db")
    frontier.seed(page(number) for number in range(100))
    full_disk(600_000)
    took = 100

    def fill() -> None:
        nonlocal took
        while took < 100_000:
            frontier.seed(page(number) for number in range(took, took + 100))
            took += 100

    with pytest.raises(FrontierError, match="cannot be used now"):
        fill()
    assert frontier.left().queued == took
    full_disk(-1)
    assert frontier.seed(page(number) for number in range(took + 100)) == 100
    frontier.close()


def test_processes_that_start_together_share_the_work(tmp_path: Path) -> None:
    path = tmp_path / "frontier.db"
    logs = [tmp_path / f"log-{number}" for number in range(3)]
    workers = [start(path, log, log.name, number) for number, log in enumerate(logs)]
    assert [process.wait(60) for process in workers] == [0, 0, 0]
    done = Counter(url for log in logs for url in acknowledged(log, "done"))
    assert set(done) == EVERY
    assert set(done.values()) == {1}
