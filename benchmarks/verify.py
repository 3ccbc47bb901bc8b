"""How long ``heedful verify`` takes over whole corpora, and how large it gets.

    python -m benchmarks.verify [ENTRIES …]

Makes a corpus of so many entries (by default 10,000 and 100,000), two thirds of them kept, each with a reading
of its own in the evidence and a page of 200 bytes, signs it, and runs the command on it. Making takes about a
millisecond an entry.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from crawler.audit import keys
from tests.corpora import fill, opened


def main(sizes: list[int]) -> int:
    print(f"{'entries':>9} {'items':>8} {'s':>7} {'ms each':>8} {'MB':>5}")
    for entries in sizes:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CONFIG_HOME"] = str(Path(folder) / "config")
            path = Path(folder) / "corpus"
            with opened(path) as corpus:
                fill(corpus, entries, body=200, each=64)
                corpus.seal(keys.signer(corpus=path), datetime.now(UTC))
                items = sum(1 for _ in corpus.store.items())
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "crawler", "verify", str(path)], check=True, stdout=subprocess.DEVNULL
            )
            spent = time.perf_counter() - began
            size = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
            print(f"{entries:9,} {items:8,} {spent:7.1f} {spent / entries * 1000:8.2f} {size:5.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or [10_000, 100_000]))
