"""One crawl of every hostile host that was thought of, together with twelve honest sites.

The table of the rows is in ``tests/webs/hostile``, and in words in ``docs/hostile-web.md``.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.demo.server import LoopbackWeb
from crawler.optout.model import Decision, Outcome
from tests import crawls
from tests.webs.hostile import LIES, PORTS, Lie, honest, hosts_of
from tests.webs.hostile.honest import HONEST
from tests.webs.hostile.page import BEGIN, END, table
from tests.webs.hostile.tree import Watch
from tests.webs.hostile.wire import Wire

MOST_MEMORY = 600 << 20
"""Octets that the crawl and its children may hold, each at its own peak, and all together."""

MOST_SECONDS = 240
"""Seconds after which a crawl has not ended by itself. A machine with nothing else to do needs a minute."""

TOML = """
[limits]
page = 500_000
image = 4_000_000
document = 8_000_000
seconds = 6

[traps]
host_urls = 40
domain_urls = 60
depth = 20
parameters = 6
repeats = 3
dates = 20
future_dates = 8
sessions = 2
alike = 10
"""

PAGE = Path(__file__).parents[1] / "docs" / "hostile-web.md"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A crawl of the hostile web that ended, and what it left."""

    folder: Path
    code: int
    err: str
    seconds: float
    last: Mapping[str, Decision]
    stored: Mapping[str, int]
    together: int
    each: Mapping[int, int]
    told: list[str]


def why(decision: Decision) -> str:
    """The grounds in words."""
    return " | ".join(
        f"{ground.signal} {ground.evidence.locator}: {ground.evidence.excerpt}" for ground in decision.grounds
    )


def located(seed: str) -> str:
    """A seed as a URL; the port of one that is only ``host/path`` is the one where HTTP is read."""
    return seed if "://" in seed else "http://" + seed.replace("/", ":{port}/", 1)


def run(folder: Path, only: Collection[str] = ()) -> Ran:
    """Crawl the rows that are named, or all of them, and the honest sites."""
    rows = [row for row in LIES if not only or row.name in only]
    (folder / "heedful.toml").write_text(TOML)
    with Wire(hosts_of(rows), PORTS) as wire, LoopbackWeb(HONEST) as web:
        seeds = [located(seed).format(**wire.ports) for row in rows for seed in row.seeds]
        (folder / "seeds").write_text("\n".join([*(web.url(host) for host in HONEST), *seeds]))
        command = [
            sys.executable, "-m", "crawler", "crawl", "@seeds", "-o", "corpus", "--scope", "any",
            "--contact", crawls.CONTACT, "--profile", "testing", "--concurrency", "40",
            "--allow-private", "--resolve", "*:*:127.0.0.1",
        ]  # fmt: skip
        found = crawls.environment()
        began = time.monotonic()
        with (folder / "err").open("w") as err:
            crawl = subprocess.Popen(command, cwd=folder, env=found, stdout=subprocess.DEVNULL, stderr=err)
            watch = Watch(crawl.pid)
            try:
                code = crawl.wait(timeout=MOST_SECONDS)
            finally:
                crawl.kill()
                crawl.wait()
                watch.stop()
        seconds = time.monotonic() - began
    corpus = folder / "corpus"
    return Ran(
        folder=corpus, code=code, err=(folder / "err").read_text(), seconds=seconds,
        last=crawls.decided(corpus),
        stored=crawls.stored(corpus), together=watch.together, each=watch.each, told=wire.told,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run(tmp_path_factory.mktemp("hostile"))


def of(row: Lie, at: str) -> bool:
    """Whether ``host/path`` belongs to a row; a row without an end may make hosts up."""
    host = at.partition("/")[0]
    return host in row.hosts or ("*" in row.hosts and host.endswith(f".{row.host}"))


def test_the_crawl_ends_by_itself_and_well(ran: Ran) -> None:
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    assert ran.told == [], "a row itself is wrong"


def test_every_honest_site_is_collected_whole_and_nothing_that_it_reserves(ran: Ran) -> None:
    kept = {at for at in ran.stored if at.partition("/")[0] in HONEST}
    assert kept == honest.KEPT
    for at in honest.NOT_KEPT:
        decision = ran.last.get(at)
        # An image that nobody may see because its page was never read is not heard of.
        assert decision is not None
        assert not decision.collect


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in LIES])
def test_what_becomes_of_a_hostile_host(ran: Ran, row: Lie) -> None:
    for at, ending in row.ends.items():
        decision = ran.last[at]
        assert decision.outcome is ending.outcome, why(decision)
        assert decision.collect == ending.kept
        assert (at in ran.stored) == ending.kept
        if not ending.kept:
            assert decision.grounds
            assert re.search(ending.why, why(decision)), why(decision)
    extra = [at for at in ran.stored if of(row, at) and at not in row.ends]
    assert len(extra) <= row.most, extra
    if not row.others:
        led = {at for at in ran.last if of(row, at)} - set(row.ends)
        assert all(ran.last[at].outcome in (Outcome.SKIPPED, Outcome.UNRESERVED) for at in led), led


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in LIES if row.stopped])
def test_a_site_without_an_end_ends_with_a_word_for_it(ran: Ran, row: Lie) -> None:
    said = {
        ground.evidence.locator for at, found in ran.last.items() if of(row, at) for ground in found.grounds
    }
    assert row.stopped in said


def test_memory_stays_within_bounds(ran: Ran) -> None:
    assert ran.each, "nobody looked"
    assert max(ran.each.values()) < MOST_MEMORY, ran.each
    assert ran.together < MOST_MEMORY


def test_the_evidence_holds(ran: Ran) -> None:
    ended = crawls.heedful("verify", str(ran.folder), timeout=120)
    assert ended.code == 0, ended.err
    crawls.check_folder(ran.folder)


def test_reasons_are_told_in_words_and_not_in_names_of_classes(ran: Ran) -> None:
    for at, decision in ran.last.items():
        assert "<twisted" not in why(decision), at
        assert "Failure" not in why(decision), at


def test_nothing_of_this_machine_was_read(ran: Ran) -> None:
    """Rows point at /etc/passwd by redirects, entities and links."""
    marks = [line.encode() for line in Path("/etc/passwd").read_text().splitlines()[:1] if len(line) > 8]
    assert marks
    for path in ran.folder.rglob("*"):
        if path.is_file():
            assert not any(mark in path.read_bytes() for mark in marks), path


def test_the_page_has_this_table() -> None:
    """Run ``python -m tests.webs.hostile`` to write it anew."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN + "\n")
    assert before
    assert rest.partition(END)[0].strip() == table().strip()


def test_there_are_many_rows_and_no_two_are_the_same() -> None:
    assert len(LIES) >= 70
    assert len({row.name for row in LIES}) == len({row.does for row in LIES}) == len(LIES)
