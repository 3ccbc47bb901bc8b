"""A worker that crawls an imaginary web until it is killed, and writes down what was acknowledged.

    python -m tests.frontier_worker FRONTIER LOG WORKER SEED

Page n links to pages 2n and 2n + 1, and embeds an image that all pages share.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from crawler.frontier import EmbeddedFrontier, Ended, Offer
from crawler.optout.model import Kind, Outcome

PAGES = 3000
IMAGE = "https://img.example/logo.png"


def page(number: int, via: str | None = None) -> Offer:
    domain = f"site-{number % 40}.example"
    return Offer(
        url=f"https://{domain}/{number}",
        kind=Kind.TEXT,
        domain=domain,
        host=domain,
        depth=number.bit_length(),
        via=via,
        seed=number == 1,
    )


def links(url: str) -> list[Offer]:
    if url == IMAGE:
        return []
    number = int(url.rpartition("/")[2])
    found = [page(child, url) for child in (2 * number, 2 * number + 1) if child <= PAGES]
    image = Offer(url=IMAGE, kind=Kind.IMAGE, domain="img.example", host="img.example", depth=1, via=url)
    return [*found, image]


def main(path: str, log: str, worker: str, seed: str) -> None:
    dice = random.Random(seed)
    acknowledged = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    frontier = EmbeddedFrontier(Path(path))
    frontier.reclaim(worker)
    frontier.seed([page(1)])
    while not frontier.finished():
        for lease in frontier.acquire(worker, dice.randint(1, 8), dice.randint(1, 12), 60):
            ended = [Ended(entry_id=one.id, state="done", outcome=Outcome.UNRESERVED) for one in lease.entries]
            found = [link for one in lease.entries for link in links(one.url)]
            frontier.complete_many([(lease, ended, found)])
            lines = [f"done {one.url}\n" for one in lease.entries]
            lines += [f"offered {link.url}\n" for link in found]
            os.write(acknowledged, "".join(lines).encode())
            if dice.random() < 0.5:
                frontier.release(lease)


if __name__ == "__main__":
    main(*sys.argv[1:])
