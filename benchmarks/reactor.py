"""How long each kind of hostile answer holds the event loop of a crawl that reads it.

    python -m benchmarks.reactor [--where] [--most MS] [NAME …]

Every row (``reactor_inputs.py``) is a real crawl, in a fresh process, of one loopback host that serves one such
thing at the largest size that is read (or the smallest that costs most), and one harmless page. A timer on the
event loop of the crawling process asks to be called every 5 milliseconds:

* *lag*: the longest time by which it was called late, whatever the reason: this is what counts;
* *loop*: processor time that the loop's own thread spent meanwhile; *others*: that its other threads did, which
  can hold the interpreter's lock;
* *queued*: the longest that one thread of the process stood in line for a processor meanwhile (Linux), because
  other processes had them, our own children among them;
* *control*: the worst lateness in the same interval of a process that does nothing but ask for the time.

A row that lags for more than ``--most`` milliseconds (250) is crawled again, up to three times in all: what a
document costs it costs each time, what a busy machine takes it takes once. The row shown is the one with the
least lag, and it fails unless the control was late for as long. ``--where`` prints what all threads were at in
the longest lag. Ends with 1 when a row failed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.reactor_inputs import RESUMED, rows

MOST_MS = 250
TICK = 0.005
TRIES = 3


def spent() -> tuple[float, float, dict[str, int]]:
    """Seconds of processor time of this thread and of all, and nanoseconds that each thread stood in line."""
    queued = {}
    with suppress(OSError, ValueError, IndexError):
        for task in Path("/proc/self/task").iterdir():
            queued[task.name] = int((task / "schedstat").read_text().split()[1])
    return time.thread_time(), time.process_time(), queued


class Meter:
    """Asks the loop to be called every few milliseconds, and notes by how much it was late."""

    def __init__(self, where: bool) -> None:
        from pydispatch import dispatcher
        from scrapy import signals

        self.worst: dict[str, float] = {"lag": 0.0}
        self.lines: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._due = 0.0
        self._thread = threading.get_ident()
        self._where = where
        dispatcher.connect(self.opened, signals.spider_opened)

    def opened(self) -> None:
        import asyncio

        self._loop = asyncio.get_event_loop()
        self._next()
        if self._where:
            threading.Thread(target=self._watch, daemon=True).start()

    def _next(self) -> None:
        self._due, self._spent = time.monotonic() + TICK, spent()
        self._seen = Counter()
        self._loop.call_later(TICK, self._tick)

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._due > self.worst["lag"]:
            own, everything, queued = spent()
            before = self._spent
            self.worst = {
                "lag": now - self._due,
                "loop": own - before[0],
                "others": everything - before[1] - (own - before[0]),
                "queued": max((at - before[2].get(task, at) for task, at in queued.items()), default=0) / 1e9,
                "from": self._due,
                "to": now,
            }
            self.lines = self._seen
        self._next()

    def _watch(self) -> None:
        while True:
            time.sleep(0.01)
            if time.monotonic() - self._due > 0.03:
                for thread, frame in sys._current_frames().items():
                    if thread == threading.get_ident():
                        continue
                    mark = "loop" if thread == self._thread else "    "
                    for entry in traceback.extract_stack(frame)[-40:]:
                        self._seen[f"{mark} {Path(entry.filename).name}:{entry.lineno} {entry.name}"] += 1


def control() -> None:
    """Do nothing but ask for the time until the input ends; prints when that came late, and by how much."""
    late: list[tuple[float, float]] = []
    asked = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        asked.set()

    threading.Thread(target=wait, daemon=True).start()
    while not asked.is_set():
        due = time.monotonic() + TICK
        time.sleep(TICK)
        by = time.monotonic() - due
        if by > 4 * TICK:
            late.append((due, by))
    print(json.dumps(late))


def resumed(corpus: Path, port: int) -> None:
    """Leave 100,000 dated URLs of the host in the frontier of a folder that was crawled before."""
    this = [sys.executable, "-m", "crawler", "crawl", f"http://h.example:{port}/", "-o", str(corpus)]
    given = ["--contact", "bench@crawler.test", "--allow-private", "--profile", "testing", "--max-pages", "1"]
    resolve = ["--resolve", f"*:{port}:127.0.0.1"]
    subprocess.run([*this, *given, *resolve], check=True, capture_output=True)
    from crawler.frontier.contract import Offer
    from crawler.frontier.embedded import EmbeddedFrontier
    from crawler.optout.model import Kind

    frontier = EmbeddedFrontier(corpus / "frontier.db")
    first = date(1900, 1, 1)
    frontier.seed(
        Offer(
            url=f"http://h.example:{port}/{first + timedelta(days=number // 3):%Y/%m/%d}/story-{number}",
            kind=Kind.TEXT,
            domain="h.example",
            host="h.example",
            depth=1,
        )
        for number in range(100_000)
    )
    frontier.close()


def crawl(port: int, path: str, name: str, where: bool) -> None:
    """One crawl; prints what the meter saw."""
    from crawler.config import load
    from crawler.run import crawl as crawl_all
    from crawler.tally import Tally

    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = str(Path(folder) / "config")
        config = load(
            {
                "output": str(Path(folder) / "corpus"),
                "contact": "bench@crawler.test",
                "kinds": "text,image,pdf,epub",
                "delay": "0",
                "max_pages": "3",
                "max_time": "8",
                "scope": "any",
                "allow_private": True,
                "profile": "testing",
                "resolve": (f"*:{port}:127.0.0.1",),
                "setting": ("LOG_LEVEL=CRITICAL", "DOWNLOAD_TIMEOUT=30"),
            },
            environ={},
            seeds=(f"http://h.example:{port}/", f"http://h.example:{port}{path}"),
        )
        if name == RESUMED:
            resumed(Path(folder) / "corpus", port)
        meter = Meter(where)
        crawl_all(config, tally)
    ended = ", ".join(f"{count} {how}" for (_, how), count in sorted(tally.endings.items(), key=str))
    print(json.dumps([meter.worst, ended, meter.lines.most_common(36)]))


def measured(name: str, paths: Mapping[str, Any], begin: str, where: bool) -> dict[str, Any]:
    """One crawl of a row beside an idle process; what went wrong under ``failure``, where something did."""
    from crawler.demo.server import LoopbackWeb

    this = [sys.executable, "-m", "benchmarks.reactor"]
    with LoopbackWeb({"h.example": paths}) as web:
        command = [*this, "--crawl", str(web.port), begin, name, *(["--where"] if where else [])]
        beside = subprocess.Popen(
            [*this, "--control"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        clock = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
        except subprocess.TimeoutExpired:
            return {"failure": "not done after 240 s"}
        finally:
            told, _ = beside.communicate()
    if done.returncode:
        return {"failure": f"ended with {done.returncode}: {done.stderr.strip()[-300:]}"}
    worst, ended, lines = json.loads(done.stdout.splitlines()[-1])
    late = [
        by for due, by in json.loads(told) if due < worst.get("to", 0) and due + by > worst.get("from", 0)
    ]  # both clocks are the machine's
    return {
        **{key: 1000 * worst.get(key, 0.0) for key in ("lag", "loop", "others", "queued")},
        "control": 1000 * max(late, default=0.0),
        "seconds": time.monotonic() - clock,
        "ended": ended,
        "lines": lines,
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--where", action="store_true")
    parser.add_argument("--most", type=float, default=MOST_MS)
    parser.add_argument("--crawl", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--control", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    if given.control:
        control()
        return 0
    if given.crawl:
        crawl(int(given.crawl[0]), given.crawl[1], given.crawl[2], given.where)
        return 0
    failed = []
    columns = ("lag", "loop", "others", "queued", "control")
    print(f"{'ms':44}" + "".join(f"{name:>8}" for name in columns) + f"{'s':>7}  ended", flush=True)
    for name, (paths, begin) in rows().items():
        if given.names and not any(wanted in name for wanted in given.names):
            continue
        tries: list[dict[str, Any]] = []
        while len(tries) < TRIES:
            tries.append(measured(name, paths, begin, given.where))
            if "failure" in tries[-1] or tries[-1]["lag"] <= given.most:
                break
        if "failure" in tries[-1]:
            failed.append(name)
            print(f"{name:44} {tries[-1]['failure']}", flush=True)
            continue
        best = min(tries, key=lambda row: row["lag"])
        again = f" (least of {len(tries)})" if len(tries) > 1 else ""
        figures = "".join(f"{best[column]:8.0f}" for column in columns)
        print(f"{name:44}{figures}{best['seconds']:7.1f}  {best['ended']}{again}", flush=True)
        for line, count in best["lines"]:
            print(f"{'':8}{count:4} {line}")
        if best["lag"] > given.most >= best["control"]:
            failed.append(name)
    print(f"longer than {given.most:.0f} ms: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
