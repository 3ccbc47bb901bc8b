"""How long a withdrawal takes, against the size of the archive and against how much is asked for at once.

    python benchmarks/withdraw.py [MEGABYTES]

Pages of 50 kB of noise, which do not shrink, in WARC files of a quarter of MEGABYTES (by default 200), one host
for each 40 pages. Wall time of the call, from the wish to the last rewritten file, on a corpus that is open;
the least of three, the folder copied afresh for each. Rewriting reads and writes whole files and syncs them.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from crawler.corpus import archive
from crawler.corpus.corpus import Corpus
from crawler.corpus.withdrawal import Wish, withdraw
from tests.corpora import NOON, decision, journal, opened, page

SIZE = 50_000
PER_HOST = 40


def url_of(number: int) -> str:
    return f"https://h{number // PER_HOST}.example/{number}"


def build(folder: Path, pages: int, file_limit: int) -> None:
    noise = random.Random(5)
    with opened(folder, file_limit=file_limit) as corpus:
        book = journal(corpus)
        for number in range(pages):
            url = url_of(number)
            book.record(decision(url), page(url, noise.randbytes(SIZE)))
            if book.due:
                book.flush()
        book.flush()


def timed(base: Path, wish: Wish) -> tuple[float, float, int, int]:
    """Seconds of the withdrawal and of a copy of the folder, items that left, files that were rewritten."""
    copy = base.with_name("copy")
    begun = time.perf_counter()
    shutil.copytree(base, copy)
    copying = time.perf_counter() - begun
    try:
        before = {name: (copy / "archive" / name).stat().st_ino for name in archive.names(copy / "archive")}
        with Corpus.change(copy, at=NOON) as corpus:
            begun = time.perf_counter()
            carried = withdraw(corpus, wish, reason="measured", run="r", at=NOON)
            spent = time.perf_counter() - begun
        after = {name: (copy / "archive" / name).stat().st_ino for name in archive.names(copy / "archive")}
        return spent, copying, len(carried.gone), sum(after[name] != before[name] for name in after)
    finally:
        shutil.rmtree(copy)


def row(title: str, base: Path, wish: Wish) -> None:
    spent, copying, items, files = min(timed(base, wish) for _ in range(3))
    size = sum(path.stat().st_size for path in (base / "archive").iterdir()) / 1e6
    print(f"{title:44}{size:9.0f}{items:8}{files:8}{spent * 1000:10.0f}{copying * 1000:10.0f}")


def main() -> None:
    total = (int(sys.argv[1]) if len(sys.argv) > 1 else 200) * 1_000_000
    pages, limit = total // SIZE, total // 4
    per_file = pages // 4
    print(f"{'asked for':44}{'MB':>9}{'items':>8}{'files':>8}{'ms':>10}{'copy ms':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for share in (1, 2, 4):
            base = Path(folder) / f"files-{share}"
            build(base, per_file * share, limit)
            row(
                f"one page, archive of {share} x {limit // 1_000_000} MB",
                base,
                Wish(urls=frozenset({url_of(3)})),
            )
        for share in (4, 2):
            other = Path(folder) / f"limit-{share}"
            build(other, per_file, limit // share)
            row(
                f"one page, files of {limit // share // 1_000_000} MB", other, Wish(urls=frozenset({url_of(3)}))
            )
        for count in (1, 10, 100):
            urls = frozenset(url_of(number * 3) for number in range(count))
            row(f"{count} pages of one file", base, Wish(urls=urls))
        row("one host", base, Wish(hosts=frozenset({"h2.example"})))
        hosts = frozenset(f"h{number}.example" for number in range(0, pages // PER_HOST, 7))
        row("every seventh host", base, Wish(hosts=hosts))
        row("nothing that is kept", base, Wish(hosts=frozenset({"other.example"})))


if __name__ == "__main__":
    main()
