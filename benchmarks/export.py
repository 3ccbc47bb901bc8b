"""What it costs to get the words out of a crawl, beside datatrove and trafilatura on the same WARC files.

    python -m benchmarks.export                                # fetches the packages with apt-get
    python -m benchmarks.export --packages FOLDER              # where they are unpacked already
    python -m benchmarks.export --memory 10000 100000          # how large an export gets, at so many pages

The pages are those of the Debian packages ``debian-handbook`` (26 languages) and ``gimp-help-en``, put into a
corpus as a crawl would. Every contestant reads the same ``archive/`` in a process of its own, one worker each,
in turn, several rounds; CPU is that of the process and its children, imports included:

* ``heedful export`` to compressed JSON Lines, with the fast and with the slower extractor
* datatrove: ``WarcReader``, its ``Trafilatura``, ``JsonlWriter``
* trafilatura's own ``extract`` in a loop over warcio

datatrove is no part of the test environment:
``pip install datatrove faust-cchardet python-magic orjson``, and libmagic.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.real_sites import fetch
from tests.corpora import NOON, decision, journal, opened

ROOTS = ("usr/share/doc/debian-handbook/html", "usr/share/gimp/2.0/help/en")

DATATROVE = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.readers import WarcReader
from datatrove.pipeline.writers import JsonlWriter
if __name__ == "__main__":
    archive, out = sys.argv[1:]
    steps = [WarcReader(archive, glob_pattern="*.warc.gz"), Trafilatura(timeout=10), JsonlWriter(out + "/data")]
    LocalPipelineExecutor(steps, tasks=1, workers=1, logging_dir=out + "/logs").run()
"""
TRAFILATURA = """
import json, sys, gzip
from pathlib import Path
import trafilatura
from warcio.archiveiterator import ArchiveIterator
archive, out = map(Path, sys.argv[1:])
out.mkdir()
with gzip.open(out / "pages.jsonl.gz", "wt") as written:
    for file in sorted(archive.glob("*.warc.gz")):
        with file.open("rb") as opened:
            for record in ArchiveIterator(opened):
                if record.rec_type == "response":
                    text = trafilatura.extract(record.content_stream().read())
                    if text:
                        written.write(json.dumps({"text": text}) + "\\n")
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one contestant took in one round."""

    seconds: float
    cpu: float
    memory: float


def pages(packages: Path) -> Iterator[bytes]:
    """Every page of the packages, in the order of their names."""
    for root in ROOTS:
        for file in sorted((packages / root).rglob("*.html")):
            yield file.read_bytes()


def fill(folder: Path, bodies: Iterator[bytes], count: int) -> int:
    """Put so many pages into a corpus, no two of them alike; returns their bytes."""
    from crawler.optout.model import Capture

    size = 0
    with opened(folder) as corpus:
        book = journal(corpus)
        for number, body in enumerate(islice(bodies, count)):
            url = f"https://h{number % 40}.example/{number}"
            whole = body + f"<!-- {number} -->".encode()
            size += len(whole)
            at = NOON + timedelta(seconds=number)
            headers = (("content-type", "text/html"),)
            capture = Capture(url=url, status=200, at=at, headers=headers, body=whole)
            book.record(decision(url), capture, completion=url)
            if number % 500 == 499:
                book.flush()
        book.flush()
    return size


def run(command: list[str]) -> Cost:
    """Run a command to its end; its largest process counts as its memory.

    Looked up while it runs: what ``wait4`` tells of memory is at least what this process, its parent, once had.
    """
    began, largest = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            largest = max(largest, *map(resident, family(process.pid)), 0.0)
            time.sleep(0.05)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{command[:4]} ended with {process.returncode}:\n{said.read().decode()[-2000:]}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, largest)


def family(pid: int) -> list[int]:
    """A process and all that came from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(one for child in children for one in family(int(child)))]


def resident(pid: int) -> float:
    """The largest resident set that a process had so far, MB; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+([0-9]+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def exporting(corpus: Path, out: Path, *more: str) -> list[str]:
    """Our command, with one worker."""
    command = [sys.executable, "-m", "crawler", "export", str(corpus), "--format", "jsonl", "-o", str(out)]
    return [*command, "--workers", "1", "-q", *more]


def side_by_side(corpus: Path, count: int, rounds: int, folder: Path) -> None:
    """Every contestant in turn, so many rounds."""
    out, archive = folder / "out", str(corpus / "archive")
    for name, script in (("datatrove.txt", DATATROVE), ("trafilatura.txt", TRAFILATURA)):
        (folder / name).write_text(script)  # not .py: the folder of a script is where it imports from first
    contestants = {
        "heedful": exporting(corpus, out),
        "heedful --quality": exporting(corpus, out, "--quality"),
        "datatrove, trafilatura": [sys.executable, str(folder / "datatrove.txt"), archive, str(out)],
        "trafilatura, warcio": [sys.executable, str(folder / "trafilatura.txt"), archive, str(out)],
    }
    costs: dict[str, list[Cost]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, command in contestants.items():
            shutil.rmtree(out, ignore_errors=True)
            (corpus / "measures.db").unlink(missing_ok=True)
            costs[name].append(run(command))
    print(f"{'':24} {'pages/s':>8} {'CPU ms a page':>14} {'least':>6} {'MB':>5}  CPU to ours, by round")
    for name, rows in costs.items():
        ratios = [row.cpu / ours.cpu for row, ours in zip(rows, costs["heedful"], strict=True)]
        print(
            f"{name:24} {count / statistics.median(row.seconds for row in rows):8.0f} "
            f"{statistics.median(row.cpu for row in rows) / count * 1000:14.2f} "
            f"{min(row.cpu for row in rows) / count * 1000:6.2f} "
            f"{max(row.memory for row in rows):5.0f}  {' '.join(f'{ratio:.1f}' for ratio in ratios)}"
        )


def memory(bodies: list[bytes], sizes: list[int], folder: Path) -> None:
    """How large the largest process of an export gets."""
    print(f"{'pages':>8} {'s':>7} {'pages/s':>8} {'MB':>5}")
    for size in sizes:
        corpus = folder / f"corpus-{size}"
        fill(corpus, cycle(bodies), size)
        cost = run(exporting(corpus, folder / "exported"))
        print(f"{size:8,} {cost.seconds:7.1f} {size / cost.seconds:8.0f} {cost.memory:5.0f}")
        shutil.rmtree(corpus)
        shutil.rmtree(folder / "exported")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, help="folder in which the packages are unpacked")
    parser.add_argument("--pages", type=int, default=1500, help="pages of the side-by-side run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", type=int, nargs="*", metavar="PAGES", help="only how large an export gets")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        if asked.packages is None:
            asked.packages = folder / "packages"
            asked.packages.mkdir()
            fetch(asked.packages)
        bodies = list(pages(asked.packages))
        if not bodies:
            sys.exit(f"no pages under {asked.packages}")
        if asked.memory is not None:
            memory(bodies, asked.memory or [10_000, 100_000], folder)
            return 0
        # Every so many, so that both packages and all languages are among them.
        chosen = bodies[:: max(1, len(bodies) // asked.pages)]
        size = fill(folder / "corpus", iter(chosen), len(chosen))
        print(f"{len(chosen)} pages of {size / len(chosen) / 1000:.0f} KB, {asked.rounds} rounds")
        side_by_side(folder / "corpus", len(chosen), asked.rounds, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
