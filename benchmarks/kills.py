"""Kills commands at random moments, has the same commands finish, and counts what did not hold.

    python -m benchmarks.kills --kills 100 --seed 1

Every moment is drawn from the seed and from the number of the strike, in processor seconds of the command that
is struck, so that a busy machine does not move it. A command that was quicker than its kill counts as none and
is followed by another. Beside the kills, two crawls a round are sent SIGINT or SIGTERM, which has to end them
with 0 or 3. ``docs/reliability.md`` says what has to hold. Needs Linux, for ``/proc``. Ends with 1 when an
invariant is broken.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from itertools import count, cycle
from pathlib import Path

from tests.faults.place import Place
from tests.faults.ways import KILLS, WAYS, Strike, struck

ROUND = (
    "crawl",
    "crawl, first moments",
    "recheck",
    "crawl and its children",
    "crawl, SIGINT",
    "crawl, last moments",
    "withdraw",
    "crawl",
    "a child of a crawl",
    "export",
    "crawl, SIGTERM",
    "ledger erase",
)
"""The ways in turn: half of the strikes are at crawls."""


def strikes(kills: int, seed: int) -> list[Strike]:
    """Strike until there were so many kills; prints each as it is over."""
    done: list[Strike] = []
    killed = 0
    with tempfile.TemporaryDirectory() as root:
        os.environ["XDG_CONFIG_HOME"] = str(Path(root, "config"))
        with Place(Path(root)) as place:
            kept = place.base[0]
            for number, way in zip(count(), cycle(ROUND), strict=False):
                if killed >= kills:
                    break
                one = struck(place, way, seed * 100_000 + number)
                killed += one.strikes * (way in KILLS)
                done.append(one)
                verdict = "; ".join(one.broken) or "holds"
                print(f"{killed:4}  {way:24} ended with {one.code:3}  {verdict}", file=sys.stderr, flush=True)
                for left in place.root.glob("folder-*"):
                    if left != kept:
                        shutil.rmtree(left)
    return done


def table(done: list[Strike]) -> list[str]:
    """One line a way, and one for all."""
    head = (
        "| what is struck | strikes | same command again | broken invariants | contents stored | asked twice |"
    )
    lines = [head, "|---|---:|---:|---:|---:|---:|"]
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for one in done:
        for name in (one.way, "all"):
            sums[name].update(
                strikes=one.strikes,
                resumed=one.resumed,
                broken=len(one.broken),
                stored=one.stored,
                twice=one.twice,
            )
    for name in (*(way for way in WAYS if way in sums), "all"):
        cells = (sums[name][key] for key in ("strikes", "resumed", "broken", "stored", "twice"))
        lines.append(f"| {name} | " + " | ".join(f"{cell:,}" for cell in cells) + " |")
    return lines


def main() -> None:
    """Run, and print the table."""
    parser = argparse.ArgumentParser(description="Kill commands at random moments and count broken invariants.")
    parser.add_argument("--kills", type=int, default=100, help="how many commands are killed")
    parser.add_argument("--seed", type=int, default=1, help="what the moments are drawn from")
    chosen = parser.parse_args()
    began = time.monotonic()
    done = strikes(chosen.kills, chosen.seed)
    print("\n".join(table(done)))
    print(
        f"\nSeed {chosen.seed}, {time.monotonic() - began:.0f} s, Python {platform.python_version()}, "
        f"{platform.system()} {platform.release()}, {os.cpu_count()} cores."
    )
    for one in done:
        for line in one.broken:
            print(f"broken: {one.way}, seed {one.seed}: {line}")
    sys.exit(any(one.broken for one in done))


if __name__ == "__main__":
    main()
