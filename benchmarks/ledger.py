"""What the ledger costs: entries a second, bytes an entry at rest, the time to check all of it, memory.

    python benchmarks/ledger.py [ENTRIES ...]                  default: 100000 1000000

Entries are decisions of the real gate about hosts of 25 URLs with five site-level readings each: half kept, a
quarter reserved, the rest undetermined or skipped. They are on disk every 256 entries and under a signed
checkpoint every 5,000. "Check" reads blocks, salts and tail, hashes every entry anew and compares the root with
the signed one, in a process of its own, whose largest size is printed. CPU a page is that of a crawl in
docs/benchmarks.md.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from crawler.audit import ledger, merkle
from crawler.audit.ledger import Ledger
from crawler.audit.note import Signer
from crawler.optout.codec import time_to_text
from crawler.optout.model import Decision, Outcome, Reading
from tests import vectorfile
from tests.corpora import NOON, opened

GROUP, SEAL, HOST = 256, 5_000, 25
PAGE_CPU = 3.4e-3
"""Seconds of CPU a page of a crawl takes, median: docs/benchmarks.md."""
SIGNER = Signer("benchmark", bytes(32))
ROBOTS = {"status": 200, "headers": [["Content-Type", "text/plain"]], "body": "User-agent: *\nDisallow: /a\n"}


def templates() -> list[Decision]:
    """One decision of each kind, in the proportions of the docstring."""

    def judged(files: dict[str, Any], **response: Any) -> Decision:
        vector = {"id": "b-1", "files": files, "response": vectorfile.PAGE | response}
        return vectorfile.judge(vector, Reading.STRICT)

    kept, refused = judged({}), judged({"/robots.txt": ROBOTS})
    header = judged({}, headers=[["tdm-reservation", "1"], ["content-type", "text/html"]])
    broken = judged({"/robots.txt": {"status": 503}})
    skipped = replace(refused, outcome=Outcome.SKIPPED)
    return [kept] * 10 + [refused] * 3 + [header] * 2 + [broken] * 2 + [skipped] * 3


def digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def made(count: int) -> Iterator[tuple[Decision, dict[str, Any]]]:
    """Decisions, each with what else its entry says."""
    every = templates()
    for number in range(count):
        host, like = f"www.host-{number // HOST}.example", every[number * 7 % len(every)]
        url = f"https://{host}/{digest(number)[:6]}/article-{number}.html"
        at = NOON + timedelta(seconds=number * 0.05)

        def here(said: Any, host: str = host) -> str:
            return str(said).replace("h.example", host)

        told = replace(
            like,
            asset=replace(like.asset, url=url),
            asked=tuple(replace(one, source=here(one.source), at=at) for one in like.asked),
            at=at,
        )
        asked = time_to_text(NOON + timedelta(seconds=number // HOST * HOST * 0.05))
        more: dict[str, Any] = {"evidence": [{"sha256": digest(host, file), "at": asked} for file in range(5)]}
        if like.collect:
            more["item"] = {"sha256": digest(url), "bytes": 30_000 + number % 9_000, "answer": digest(url, 1)}
        yield told, more


def write(folder: Path, count: int) -> dict[str, float]:
    """Fill a ledger; the time to make the decisions does not count."""
    folder.mkdir()
    book = Ledger(folder, origin="heedful/benchmark")
    cpu = wall = 0.0
    waiting = []
    for number, one in enumerate(made(count), 1):
        waiting.append(one)
        if number % GROUP and number != count:
            continue
        began = time.perf_counter(), time.process_time()
        for decision, more in waiting:
            book.append(decision, run="20261122T120000Z-ab12", **more)
        book.sync()
        if number % SEAL < GROUP or number == count:
            book.checkpoint(SIGNER, NOON)
        wall, cpu = wall + time.perf_counter() - began[0], cpu + time.process_time() - began[1]
        waiting.clear()
    return {"wall": wall, "cpu": cpu, "rss": rss()}


def check(folder: Path) -> dict[str, float]:
    """Compute the root of the whole ledger anew."""
    began = time.perf_counter(), time.process_time()
    frontier = merkle.Frontier(leaf.hash for leaf in ledger.leaves(folder))
    last = list(ledger.checkpoints(folder))[-1].checkpoint
    assert (frontier.size, frontier.root) == (last.size, last.root)
    return {"wall": time.perf_counter() - began[0], "cpu": time.process_time() - began[1], "rss": rss()}


def indexed(folder: Path, count: int) -> float:
    """Bytes of index an entry."""
    with opened(folder) as corpus:
        assert corpus.ledger is not None
        for number, (decision, more) in enumerate(made(count), 1):
            corpus.ledger.append(decision, run="20261122T120000Z-ab12", **more)
            if number % GROUP == 0 or number == count:
                corpus.ledger.sync()
                corpus.index.commit()
    return (folder / "ledger/index.db").stat().st_size / count


def rss() -> float:
    """The largest size of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of each part."""
    found: dict[str, int] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            part = "tile" if "tile" in path.relative_to(folder).parts else path.name.partition("-")[0]
            found[part] = found.get(part, 0) + path.stat().st_size
    return found


def apart(what: str, folder: Path, count: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, what, str(folder), str(count)], stdout=subprocess.PIPE, check=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def tell(
    count: int, plain: int, wrote: dict[str, float], parts: dict[str, int], checked: dict[str, float]
) -> None:
    rate, each, share = count / wrote["wall"], wrote["cpu"] / count, wrote["cpu"] / count / PAGE_CPU
    rest = ", ".join(f"{name} {size / count:.1f}" for name, size in sorted(parts.items()))
    print(f"{count:,} entries of {plain / count:.0f} bytes as lines")
    print(f"  in: {rate:,.0f} a second, {each * 1e6:.0f} µs of CPU each, {share:.1%} of the CPU of a page")
    print(f"  at rest: {sum(parts.values()) / count:.1f} bytes an entry ({rest})")
    print(f"  check: {checked['wall']:.1f} s, {checked['cpu']:.1f} s of CPU")
    print(f"  largest size: {wrote['rss']:.0f} MB writing, {checked['rss']:.0f} MB checking", flush=True)


def main(counts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as base:
        for count in counts:
            folder = Path(base) / str(count)
            wrote = apart("write", folder, count)
            plain = sum(len(line) for piece in ledger.pieces(folder) for line in piece.lines)
            tell(count, plain, wrote, sizes(folder), apart("check", folder, count))
        print(f"index: {indexed(Path(base) / 'corpus', min(counts)):.0f} bytes an entry")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", folder, count]:
            print(json.dumps(write(Path(folder), int(count))))
        case ["check", folder, _]:
            print(json.dumps(check(Path(folder))))
        case given:
            main([int(one) for one in given] or [100_000, 1_000_000])
