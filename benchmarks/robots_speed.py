"""How long it takes to read a robots.txt and to decide 50 URLs by it: our signal beside Protego alone.

    python benchmarks/robots_speed.py

Both parse from scratch in every round; the figures are medians of the rounds. "Ours" reads every line, decides
with our own matcher and with Protego, for our token and the framework's name, and quotes the line. Nothing is
asserted: the test suite only holds that the last file ends at all.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from protego import Protego

from crawler.optout.model import Asset, Capture, Context, Kind
from crawler.optout.signals.robots import read_robots_txt

AT = datetime(2026, 11, 22, tzinfo=UTC)
DECISIONS = 50
ASSETS = [Asset(url=f"https://h.example/a/{n}/page.html?x={n}", kind=Kind.TEXT) for n in range(DECISIONS)]
OURS = Context(agents=("heedful",))
SLOW = 3.0
"""Seconds after which a case is measured once only."""


def rules(agents: list[str], count: int) -> str:
    """A group of ``count`` rules, every tenth of them with a wildcard."""
    lines = [f"User-agent: {agent}" for agent in agents]
    lines += [f"Disallow: /{'*/' if n % 10 == 9 else ''}folder-{n}/" for n in range(count)]
    return "\n".join(lines) + "\n"


FILES = {
    "0.4 KB": rules(["*"], 20),
    "4.4 KB": rules(["GPTBot"], 20) + rules(["*"], 190),
    "500 KB": rules(["GPTBot"], 100) + rules(["*"], 19_500),
    "90 KB, 2,000 agents x 2,000 rules": rules([f"agent-{n}" for n in range(1999)] + ["*"], 2000),
}


def ours(body: bytes) -> tuple[float, float]:
    """Seconds for the first decision, parsing included, and for the other decisions."""
    capture = Capture(url="https://h.example/robots.txt", status=200, at=AT, body=body)
    start = time.perf_counter()
    list(read_robots_txt(capture, ASSETS[0], OURS))
    parsed = time.perf_counter()
    for asset in ASSETS[1:]:
        list(read_robots_txt(capture, asset, OURS))
    return parsed - start, time.perf_counter() - parsed


def protegos(body: bytes) -> tuple[float, float]:
    """The same for Protego on the whole file."""
    start = time.perf_counter()
    parser = Protego.parse(body.decode())
    parser.can_fetch(ASSETS[0].url, "heedful")
    parsed = time.perf_counter()
    for asset in ASSETS[1:]:
        parser.can_fetch(asset.url, "heedful")
    return parsed - start, time.perf_counter() - parsed


def measured(run: Callable[[bytes], tuple[float, float]], body: bytes) -> tuple[float, float]:
    first = run(body)
    if sum(first) > SLOW:
        return first
    rounds = [run(body) for _ in range(5 if sum(first) > 0.1 else 21)]
    return statistics.median(r[0] for r in rounds), statistics.median(r[1] for r in rounds)


def main() -> None:
    print(f"Protego {version('protego')}; milliseconds, medians; parse + first decision, then 49 more")
    print("| file | ours: parse | ours: 49 more | Protego: parse | Protego: 49 more | ratio |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, text in FILES.items():
        body = text.encode()
        mine, theirs = measured(ours, body), measured(protegos, body)
        cells = " | ".join(f"{1000 * value:.2f}" for value in (*mine, *theirs))
        print(f"| {name} ({len(body)} B) | {cells} | {sum(mine) / sum(theirs):.3f} |")


if __name__ == "__main__":
    main()
