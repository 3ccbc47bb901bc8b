"""What the worst files cost: bombs, loops, lies about length, the largest pictures that are not even hostile.

    python -m benchmarks.hostile [NAME …]

Each file is judged in a fresh process the way the crawl does it, with large parsers in a child of their own
(``crawler.isolation``), after a harmless file has loaded everything. Prints milliseconds, MiB that the process
and its child grew by (with the body itself, which the crawl holds anyway), and the outcome. Ends with 1 when a
hostile file would be collected, or costs more than two seconds or 200 MiB beside its body.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from crawler.kinds import kind_of_content
from crawler.optout import Gate, Policy
from crawler.optout.host import Host
from crawler.optout.model import OPEN, Asset, Capture, Context, Decision, Kind

AT = datetime(2026, 11, 22, tzinfo=UTC)
MIB = 1 << 20
MOST_MS, MOST_MIB = 2000, 200
FIXTURES = [
    "text-bomb.png",
    "nested.png",
    "entities.jpg",
    "entities.svg",
    "truncated-box.avif",
    "truncated-chunk.png",
    "ifd-loop.tiff",
    "huge.png",
    "huge-length.jpg",
    "huge-length.avif",
    "huge-length.png",
    "too-large.png",
    "signed-cut.jpg",
    "signed-cut-early.jpg",
    "unsigned.png",
    "flate-bomb.pdf",
    "deep.pdf",
    "endless-end.pdf",
    "xref-of-a-million.pdf",
    "cut.pdf",
    "zip-bomb.epub",
    "many-entries.epub",
    "entity-bomb.epub",
    "cut.epub",
    "deep-package.epub",
    "many-manifests.epub",
]
MAY_BE_KEPT = frozenset({"a large JPEG", "a large BMP"})
"""Large, and not hostile."""


def files() -> dict[str, Callable[[], bytes]]:
    """Every file by name."""
    from tests.test_container import HOSTILE
    from tests.vectors.assets.containers import bmp, jpeg
    from tests.vectors.assets.make_assets import builders

    found = {name: builders()[name] for name in FIXTURES} | HOSTILE
    found["a large JPEG"] = lambda: jpeg() + bytes(range(256)) * (60 * MIB // 256)
    found["a large BMP"] = lambda: bmp() + bytes(60 * MIB)
    return found


def peak(process: object) -> float:
    """The largest resident size of a process so far, in MiB; 0 when it is gone (Linux)."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def judge(gate: Gate, body: bytes) -> tuple[Decision, float]:
    """The crawl's decision about a file that is all there, and the peak of the child that it took."""
    from crawler.isolation.pool import Isolation

    asset = Asset(url="https://h.example/file", kind=Kind.IMAGE)
    host = Host("https://h.example", gate.host_files)
    for path in host.files:
        host.receive(path, Capture(url=host.origin + path, status=404, at=AT))
    capture = Capture(url=asset.url, status=200, body=body, at=AT)

    async def read() -> float:
        isolation = Isolation(gate.context)
        try:
            await isolation.read(capture)
            return max(map(peak, isolation.pids), default=0.0)
        finally:
            isolation.close()
            await asyncio.sleep(0.05)  # its child is reaped

    child = asyncio.get_event_loop().run_until_complete(read())
    kind = kind_of_content(capture, asset.kind, frozenset(Kind))
    decision = gate.at_headers(gate.at_host(asset, host, at=AT), capture)
    if kind is None:
        return gate.skip(decision, "type", "none", AT), child
    return gate.at_content(decision, capture, kind=kind), child


def one(path: Path) -> None:
    """Judge the file at ``path`` and print what that took."""
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    reactor.startRunning()  # the loop below is the reactor's
    gate = Gate(Policy(), Context(agents=("heedful",)))
    from tests.vectors.assets.make_assets import build

    _, idle = judge(gate, build("signed-silent.jpg"))
    before = peak("self")
    body = path.read_bytes()
    begun = time.perf_counter()
    decision, child = judge(gate, body)
    spent = (time.perf_counter() - begun) * 1000 - 50
    print(json.dumps([spent, peak("self") - before, max(child - idle, 0), decision.outcome.value]))


def main(names: list[str]) -> int:
    if names[:1] == ["--one"]:
        one(Path(names[1]))
        return 0
    failed = []
    print(f"{'':40} {'body MiB':>9} {'ms':>7} {'MiB':>6} {'child':>6}  outcome")
    for name, build in files().items():
        if names and name not in names:
            continue
        body = build()
        with tempfile.NamedTemporaryFile() as file:
            file.write(body)
            file.flush()
            command = [sys.executable, "-m", "benchmarks.hostile", "--one", file.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            failed.append(name)
            print(f"{name[:40]:40} ended with {done.returncode}: {done.stderr.strip()[-200:]}")
            continue
        ms, grown, child, outcome = json.loads(done.stdout)
        size = len(body) / MIB
        print(f"{name[:40]:40} {size:9.2f} {ms:7.0f} {grown:6.0f} {child:6.0f}  {outcome}")
        costs = ms > MOST_MS or max(grown, child) - size > MOST_MIB
        if costs or (outcome in OPEN and name not in MAY_BE_KEPT):
            failed.append(name)
    print(f"too much, or let through: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
