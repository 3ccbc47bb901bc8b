"""Whether a crawl stays as large as it is: memory and open files over a long crawl at full speed.

    python -m benchmarks.soak                        # 30 minutes, 200 hosts without an end
    python -m benchmarks.soak --shape deep           # 4 hosts, the same
    python -m benchmarks.soak --shape wide           # hosts without an end, 8 pages each
    python -m benchmarks.soak --minutes 0.1 --every 1

One crawl of a web on loopback that never runs out of fresh pages (:mod:`benchmarks.soakweb`, in a process of
its own). Every 10 seconds the operating system is asked what the crawl holds; the table goes to a CSV file. In
the end the corpus is verified, and the second half of the samples decides: growth is the median of the slopes
between all pairs of them (Theil and Sen), which one peak does not move. Ends with 1 where memory grows by more
than ``--most`` megabytes per 10,000 URLs, open files, threads or children are more in the second half than they
ever were in the first, beyond what comes and goes, or the corpus does not verify.
"""

from __future__ import annotations

import argparse
import csv
import ctypes
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from pathlib import Path
from typing import Any

SHAPES = {"even": (200, 0), "deep": (4, 0), "wide": (0, 8)}
"""Hosts and pages of each; 0: no end."""

MALLINFO = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
"""The fields of mallinfo2, by its manual page."""

INDEX = "ledger/index.db"

SPARE_FILES = 64
"""Open files that come and go with connections: half of the requests that may be under way."""

MOST = 1.0
"""Megabytes per 10,000 URLs that count as flat."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What the crawl held at one moment."""

    seconds: float
    """Since it began."""
    urls: int
    """URLs that have ended, kept or not."""
    pages: int
    """Pages that were kept."""
    a_second: float
    """URLs a second since the last sample."""
    cpu_ms: float
    """Processor time of the crawl's process for each of these."""
    rss_mb: float
    """Resident memory of the crawl."""
    peak_mb: float
    """The most it ever was."""
    in_use_mb: float
    """What the C library has handed out and not got back (mallinfo2); -1: not known."""
    held_mb: float
    """What the C library has taken from the system, the same and what it keeps for later; -1: not known."""
    children: int
    """Processes that read what is heavy."""
    children_mb: float
    """Resident memory of all of these."""
    files: int
    """Open files, sockets among them."""
    threads: int
    """Threads."""
    lag_ms: float
    """The latest that a timer of 250 ms was since the last sample."""
    waiting: int
    """URLs in the frontier that are still to visit."""
    frontier_mb: float
    """Its file, with the journal beside it."""
    ledger_bytes: float
    """Of the ledger, for each of its entries."""
    index_bytes: float
    """Of the index, for each entry of the ledger."""
    wal_mb: float
    """The write-ahead journals of frontier and index."""


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two samples")
    parser.add_argument("--shape", choices=SHAPES, default="even")
    parser.add_argument("--most", type=float, default=MOST, help="MB per 10,000 URLs that count as flat")
    parser.add_argument("--csv", type=Path, help="where the table goes [soak-SHAPE.csv]")
    parser.add_argument("--trace", action="store_true", help="say which lines of Python hold what is new")
    parser.add_argument("--crawl", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.crawl:
        crawl(*given.crawl, trace=given.trace)
        return 0
    table = given.csv or Path(f"soak-{given.shape}.csv")
    with tempfile.TemporaryDirectory() as folder:
        samples = soaked(given, Path(folder), table)
        verified = is_verified(Path(folder))
    return judged(samples, given.most, verified=verified)


def soaked(given: argparse.Namespace, folder: Path, table: Path) -> list[Sample]:
    """Crawl, and sample; the table is written as it grows."""
    samples: list[Sample] = []
    with table.open("w", newline="") as file:
        rows = csv.DictWriter(file, [field.name for field in fields(Sample)])
        rows.writeheader()
        for sample in running(given, folder):
            samples.append(sample)
            rows.writerow({name: _short(value) for name, value in asdict(sample).items()})
            file.flush()
            print(
                f"{sample.seconds:6.0f} s  {sample.urls:8,} URLs  {sample.a_second:4.0f}/s"
                f"  {sample.cpu_ms:5.2f} ms  {sample.rss_mb:6.1f} MB  children {sample.children_mb:5.1f} MB"
                f"  {sample.files:4} files  {sample.threads:3} threads  lag {sample.lag_ms:4.0f} ms"
                f"  frontier {sample.waiting:8,}",
                flush=True,
            )
    return samples


def running(given: argparse.Namespace, folder: Path) -> Iterator[Sample]:
    """Start the web and the crawl; a sample whenever the crawl tells what it has done."""
    web = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.soakweb", *map(str, SHAPES[given.shape])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert web.stdout is not None
    port = web.stdout.readline().strip()
    command = [sys.executable, "-m", "benchmarks.soak", "--crawl", port, str(folder), str(given.minutes * 60)]
    crawling = subprocess.Popen(
        [*command, str(given.every), *(["--trace"] if given.trace else [])], stdout=subprocess.PIPE, text=True
    )
    before = {"seconds": 0.0, "urls": 0, "cpu": 0.0}
    try:
        assert crawling.stdout is not None
        for line in crawling.stdout:
            told = json.loads(line)
            with suppress(FileNotFoundError, ProcessLookupError):
                yield _sample(crawling.pid, folder / "corpus", told, before)
            before = told
        if crawling.wait():
            sys.exit(f"the crawl ended with {crawling.returncode}")
    finally:
        crawling.terminate()
        crawling.wait()
        web.communicate()


def crawl(port: str, folder: str, seconds: str, every: str, *, trace: bool) -> None:
    """The crawl, in a process of its own; says on standard output how far it is, and then waits to be read."""
    from crawler.config import load
    from crawler.run import crawl as run
    from crawler.tally import Tally

    os.environ["XDG_CONFIG_HOME"] = str(Path(folder) / "config")  # a crawl makes a key to sign with
    tally, teller = Tally(), Teller(float(every), trace=trace)
    config = load(
        {
            "output": str(Path(folder) / "corpus"),
            "contact": "bench@crawler.test",
            "scope": "any",
            "kinds": "text,image",
            "delay": "0",
            "max_time": seconds,
            "allow_private": True,
            "resolve": (f"*:{port}:127.0.0.1",),
            "setting": ("CONCURRENT_REQUESTS=128", "CONCURRENT_REQUESTS_PER_DOMAIN=8"),
        },
        environ={},
        seeds=(f"http://site0.test:{port}/p/0",),
    )
    run(config, tally, lambda: teller.beat(tally))


class Teller:
    """Says how far a crawl is. Its beat is the display's, so that nothing is added to what is measured."""

    def __init__(self, every: float, *, trace: bool) -> None:
        self._every, self._trace = every, trace
        self._began = self._told = self._beat = time.monotonic()
        self._lag = 0.0
        self._seen: Any = None

    def beat(self, tally: Any) -> None:
        from crawler.extensions import REFRESH
        from crawler.tally import KEPT

        now = time.monotonic()
        self._lag, self._beat = max(self._lag, now - self._beat - REFRESH), now
        if now - self._told < self._every:
            return
        from crawler.optout.model import Kind

        in_use, held = allocated()
        told = {
            "seconds": now - self._began,
            "urls": sum(tally.endings.values()),
            "pages": tally.count(KEPT, Kind.TEXT),
            "waiting": tally.waiting,
            "lag": self._lag,
            "cpu": time.process_time(),
            "in_use": in_use,
            "held": held,
        }
        print(json.dumps(told), flush=True)
        if self._trace:
            self._compare()
        self._told, self._lag = now, 0.0
        self._beat = time.monotonic()

    def _compare(self) -> None:
        """Which lines of Python hold what was not there at the first comparison."""
        import gc
        import tracemalloc

        if not tracemalloc.is_tracing():
            tracemalloc.start()
            return
        gc.collect()
        seen = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, tracemalloc.__file__)])
        if self._seen is None:
            self._seen = seen
        for one in seen.compare_to(self._seen, "lineno")[:25]:
            print(one, file=sys.stderr)
        print("traced", [size // 1000 for size in tracemalloc.get_traced_memory()], "kB", file=sys.stderr)


def allocated() -> tuple[float, float]:
    """Megabytes that the C library has handed out, and has taken from the system; glibc only, else -1."""

    class Info(ctypes.Structure):
        _fields_ = [(name, ctypes.c_size_t) for name in MALLINFO.split()]

    try:
        ask = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError):
        return -1.0, -1.0
    ask.restype = Info
    found = ask()
    return (found.uordblks + found.hblkhd) / 1e6, (found.arena + found.hblkhd) / 1e6


def _sample(pid: int, corpus: Path, told: dict[str, Any], before: dict[str, Any]) -> Sample:
    own = _status(pid)
    children = [_status(child) for child in _children(pid)]
    ended = max(told["urls"] - before["urls"], 1)
    entries, index = max(_entries(corpus), 1), _size(corpus, f"{INDEX}*")
    return Sample(
        seconds=told["seconds"],
        urls=told["urls"],
        pages=told["pages"],
        a_second=(told["urls"] - before["urls"]) / max(told["seconds"] - before["seconds"], 0.001),
        cpu_ms=(told["cpu"] - before["cpu"]) / ended * 1000,
        rss_mb=own["VmRSS"],
        peak_mb=own["VmHWM"],
        in_use_mb=told["in_use"],
        held_mb=told["held"],
        children=len(children),
        children_mb=sum(child["VmRSS"] for child in children),
        files=sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
        threads=int(own["Threads"]),
        lag_ms=told["lag"] * 1000,
        waiting=told["waiting"],
        frontier_mb=_size(corpus, "frontier.db*") / 1e6,
        ledger_bytes=(_size(corpus, "ledger/**/*") - index) / entries,
        index_bytes=index / entries,
        wal_mb=_size(corpus, "**/*.db-wal") / 1e6,
    )


def _status(pid: int) -> dict[str, float]:
    """Of ``/proc/PID/status``: what has a number; memory in megabytes."""
    found: dict[str, float] = {"VmRSS": 0.0, "VmHWM": 0.0}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, words = line.partition(":")
        number, _, unit = words.strip().partition(" ")
        if number.isdigit():
            found[name] = int(number) * 1024 / 1e6 if unit == "kB" else float(number)
    return found


def _children(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def _size(folder: Path, pattern: str) -> int:
    total = 0
    for path in folder.glob(pattern):
        with suppress(FileNotFoundError):  # it was replaced meanwhile
            total += path.stat().st_size
    return total


def _entries(corpus: Path) -> int:
    with closing(sqlite3.connect(f"file:{corpus / INDEX}?mode=ro", uri=True, timeout=5)) as index:
        row = index.execute("SELECT entries FROM reach").fetchone()
    return int(row[0]) if row else 0


def is_verified(folder: Path) -> bool:
    """What ``heedful verify`` says of the corpus."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "crawler", "verify", str(folder / "corpus")],
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"\nheedful verify ended with {done.returncode} after {time.monotonic() - began:.0f} s")
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:])
    return done.returncode == 0


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The median of the slopes between all pairs of points."""
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if b[0] != a[0]]
    return statistics.median(slopes) if slopes else 0.0


def judged(samples: Sequence[Sample], most: float, *, verified: bool) -> int:
    """Print what became of the second half; the exit code."""
    if len(samples) < 8:
        print("too few samples to judge")
        return 0 if verified else 1
    half = len(samples) // 2
    first, second = samples[:half], samples[half:]
    by_urls = slope([(one.urls / 10_000, one.rss_mb) for one in second])
    by_hour = slope([(one.seconds / 3600, one.rss_mb) for one in second])
    begun, ended = (statistics.median(one.cpu_ms for one in part) for part in (first, second))
    print(f"memory over the second half: {by_urls:+.2f} MB per 10,000 URLs, {by_hour:+.1f} MB an hour")
    print(f"memory at half-time {second[0].rss_mb:.0f} MB, in the end {second[-1].rss_mb:.0f} MB")
    print(f"CPU of a URL: {begun:.2f} ms in the first half, {ended:.2f} ms in the second")
    faults: list[str] = []
    if by_urls > most:
        faults.append(f"memory grows by more than {most:g} MB per 10,000 URLs")
    for name, spare in (("files", SPARE_FILES), ("threads", 4), ("children", 1)):
        before, after = (max(getattr(one, name) for one in part) for part in (first, second))
        print(f"{name}: at most {before} in the first half, {after} in the second")
        if after > before + spare:
            faults.append(f"more {name} in the second half")
    if not verified:
        faults.append("the corpus does not verify")
    print("not flat: " + "; ".join(faults) if faults else "flat")
    return 1 if faults else 0


def _short(value: float) -> float:
    return round(value, 3) if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
