"""How fast endings reach the disk: evidence, ledger and archive in order, with fsync, beside warcio's writer.

    python benchmarks/archive.py [PAGES]

The peer writes its records into one file and syncs once, at the end: no ledger, no evidence, no index, no
order. Both hash block and payload and compress record by record. Times are CPU and wall of one process, the
median of three interleaved rounds; MB are of bodies.
"""

from __future__ import annotations

import io
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

sys.path.insert(0, str(Path(__file__).parents[1]))

from crawler.corpus.evidence import HOST_FILE
from crawler.corpus.items import Note
from crawler.optout.model import Capture
from tests.corpora import decision, journal, opened, robots

SIZE = 48_000
ROUNDS = 3
PAGES_PER_HOST = 25


def pages(count: int) -> list[Capture]:
    """Pages of :data:`SIZE` bytes that shrink by gzip about as real ones do."""
    chance = random.Random(7)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    weights = [30 / (rank + 2) for rank in range(len(letters))]
    words = ["".join(chance.choices(letters, weights, k=chance.randint(2, 11))) for _ in range(5_000)]
    often = [1 / (rank + 1) for rank in range(len(words))]
    made = []
    for number in range(count):
        text, size = [], 0
        while size < SIZE:
            line = (
                f'<p class="{chance.choice(words)}"><a href="/{chance.choice(words)}/{chance.getrandbits(40)}">'
                f"{' '.join(chance.choices(words, often, k=20))}</a></p>\n"
            )
            text.append(line)
            size += len(line)
        made.append(
            Capture(
                url=f"https://h{number // PAGES_PER_HOST}.example/{number}",
                status=200,
                at=datetime(2026, 11, 22, tzinfo=UTC),
                headers=(("content-type", "text/html; charset=utf-8"), ("content-encoding", "gzip")),
                body="".join(text).encode()[:SIZE],
            )
        )
    return made


def fresh(capture: Capture) -> Capture:
    """The same capture with nothing remembered of it, such as its digest."""
    return Capture(
        url=capture.url, status=capture.status, at=capture.at, headers=capture.headers, body=capture.body
    )


def ours(folder: Path, captures: list[Capture], group: int) -> None:
    with opened(folder) as corpus:
        book = journal(corpus, group_endings=group)
        for capture in captures:
            host = capture.url.split("/")[2]
            book.record(
                decision(capture.url),
                fresh(capture),
                note=Note(title="A title"),
                evidence=[(robots(host), HOST_FILE)],
                completion=capture.url,
            )
            if book.due:
                book.flush()
        book.flush()


def theirs(folder: Path, captures: list[Capture], _: int) -> None:
    folder.mkdir()
    with (folder / "peer.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for capture in captures:
            headers = StatusAndHeaders("200 OK", list(capture.headers), protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    capture.url, "response", payload=io.BytesIO(capture.body), http_headers=headers
                )
            )
        file.flush()
        os.fsync(file.fileno())


CASES: dict[str, tuple[Callable[[Path, list[Capture], int], None], int]] = {
    "heedful, groups of 256": (ours, 256),
    "heedful, groups of 32": (ours, 32),
    "warcio, archive only": (theirs, 0),
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    captures = pages(count)
    cpu: dict[str, list[float]] = {name: [] for name in CASES}
    wall: dict[str, list[float]] = {name: [] for name in CASES}
    size: dict[str, int] = {}
    for _ in range(ROUNDS):
        for name, (case, option) in CASES.items():
            with tempfile.TemporaryDirectory() as folder:
                begun, spent = time.perf_counter(), time.process_time()
                case(Path(folder) / "corpus", captures, option)
                wall[name].append(time.perf_counter() - begun)
                cpu[name].append(time.process_time() - spent)
                size[name] = sum(file.stat().st_size for file in Path(folder).rglob("*.warc.gz"))
    print(f"{count} pages of {SIZE // 1000} KB, one robots.txt for each {PAGES_PER_HOST}, {ROUNDS} rounds\n")
    print(f"{'':24}{'pages/s':>10}{'MB/s':>8}{'CPU ms/page':>14}{'CPU MB/s':>10}{'size %':>9}")
    for name in CASES:
        elapsed, busy = statistics.median(wall[name]), statistics.median(cpu[name])
        total = count * SIZE / 1e6
        print(
            f"{name:24}{count / elapsed:10.0f}{total / elapsed:8.0f}{busy / count * 1000:14.3f}"
            f"{total / busy:10.0f}{size[name] / total / 10_000:9.1f}"
        )
    ratio = statistics.median(t / o for o, t in zip(*list(cpu.values())[::2], strict=True))
    print(f"\nCPU of warcio to CPU of heedful, groups of 256, within a round: {ratio:.1f}")


if __name__ == "__main__":
    main()
