"""Whatever interrupts the writing: never content without a decision, never a torn corpus, nothing forgotten."""

from __future__ import annotations

import gzip
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crawler.corpus import archive
from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import Damaged
from tests.corpora import check_laws, fill, opened

ROOT = Path(__file__).parents[1]


def python(*arguments, **more):
    return subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT, timeout=100, **more
    )


@pytest.mark.parametrize(
    ("scenario", "moments"),
    [("filling", 25), ("removing", 6), ("marking", 15), ("sealing", 35), ("erasing", 50)],
)
def test_killed_at_every_moment_of_writing(tmp_path, scenario, moments):
    with opened(tmp_path / "corpus") as corpus:
        fill(corpus, 6)
    done = python("-m", "tests.crashes", scenario, tmp_path / "corpus")
    assert done.returncode == 0, done.stderr
    tried, *fates = done.stdout.splitlines()
    assert int(tried) >= moments
    assert len(fates) > 1


WRITER = """
import sys
from pathlib import Path
from tests.corpora import fill, opened
folder = Path(sys.argv[1])
with opened(folder, file_limit=200_000) as corpus:
    print("go", flush=True)
    while True:
        fill(corpus, 40, start=corpus.ledger.count, body=20_000, each=7)
"""


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_random_moments_and_resumed(tmp_path, seed):
    chance = random.Random(seed)
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout.readline() == "go\n"
            time.sleep(chance.uniform(0, 0.25))
            child.send_signal(signal.SIGKILL)
        before = check_laws(tmp_path)
        opened(tmp_path).close()
        after = check_laws(tmp_path)
        assert after == before, "opening a corpus again loses nothing that was whole"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    path = tmp_path_factory.mktemp("filled") / "corpus"
    with opened(path) as corpus:
        fill(corpus, 8)
    return path


def copied(filled, path, *, index):
    shutil.copytree(filled, path)
    if not index:
        (path / "ledger/index.db").unlink()
    return path


def test_every_torn_end_is_cut(tmp_path, filled):
    whole = {part: archive.names(filled / part)[-1] for part in ("archive", "evidence")}
    for part, name in whole.items():
        places = [place for place, _ in archive.walk(filled / part, name)]
        size = places[-1].end
        for number, cut in enumerate([*range(1, 30), *range(30, size, size // 25)]):
            path = copied(filled, tmp_path / f"{part}-{number}", index=number % 2)
            with (path / part / name).open("r+b") as file:
                file.truncate(size - cut)
            with Corpus.read(path) as reader:
                listed = [item.offset for item in reader.store.items()]
            opened(path).close()
            left = max((place.end for place in places if place.end <= size - cut), default=0)
            assert (path / part / name).exists() == bool(left)
            assert not left or (path / part / name).read_bytes() == (filled / part / name).read_bytes()[:left]
            if part == "archive":
                assert listed == [place.offset for place in places[1:] if place.end <= size - cut]
            shutil.rmtree(path)


def test_a_changed_byte_stops_the_opening_and_nothing_is_cut(tmp_path, filled):
    for part in ("archive", "evidence"):
        (name,) = archive.names(filled / part)
        raw = (filled / part / name).read_bytes()
        stopped = 0
        for where in range(0, len(raw), len(raw) // 60):
            path = copied(filled, tmp_path / f"{part}-{where}", index=False)
            changed = bytearray(raw)
            changed[where] ^= 1 << (where % 8)
            (path / part / name).write_bytes(changed)
            try:
                opened(path).close()
            except Damaged as error:
                stopped += bool(re.search(f"{name}: the record at byte [0-9]+ ", str(error)))
            else:  # one of the bits that only fill up the last byte of a deflate stream
                assert gzip.decompress(changed) == gzip.decompress(raw)
            assert (path / part / name).read_bytes() == changed
            shutil.rmtree(path)
        assert stopped > 55


def test_an_end_that_is_missing_from_a_file_that_is_not_the_last_is_damage(tmp_path):
    with opened(tmp_path, file_limit=2500) as corpus:
        fill(corpus, 12)
    name = archive.names(tmp_path / "archive")[0]
    with (tmp_path / "archive" / name).open("r+b") as file:
        file.truncate((tmp_path / "archive" / name).stat().st_size - 3)
    with pytest.raises(Damaged, match="the file ends inside it"):
        opened(tmp_path)


DISK_FULL = """
import random, resource, sys
from pathlib import Path
from tests.corpora import *
layer, folder = sys.argv[1], Path(sys.argv[2])
noise, big = random.Random(1), 300_000
limit = {"archive": 2_000_000, "evidence": 2_000_000, "ledger": 250_000, "index": 200_000}[layer]
corpus = opened(folder)
book = journal(corpus)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
for number in range(2000):
    url = f"https://a.example/{number}"
    body = noise.randbytes(big if layer == "archive" else 10)
    evidence = [(robots(f"h{number}.example", noise.randbytes(big)), HOST_FILE)] if layer == "evidence" else []
    outcome = RESERVED if layer == "ledger" else Outcome.UNRESERVED
    book.record(decision(url, outcome), page(url, body), evidence=evidence, completion=url)
    if number % (200 if layer == "ledger" else 2):
        continue
    try:
        book.flush()
    except OSError as error:
        named = error.filename
        break
print(Path(named).relative_to(folder))
before = check_laws(folder)
for _ in range(2):
    try:
        book.flush()
    except OSError as again:
        assert again.filename == named
        assert check_laws(folder) == before
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
book.flush()
after = check_laws(folder)
assert after["done"] == after["entries"] == number + 1, after
assert before["done"] < after["done"]
rows = tables(folder / "ledger/index.db")
corpus.close()
(folder / "ledger/index.db").unlink()
opened(folder).close()
assert tables(folder / "ledger/index.db") == rows
"""


@pytest.mark.parametrize(
    ("layer", "file"),
    [
        ("archive", "archive/heedful-20261122T120000Z-000001.warc.gz"),
        ("evidence", "evidence/heedful-20261122T120000Z-000001.warc.gz"),
        ("ledger", "ledger/tail.jsonl"),
        ("index", "ledger/index.db"),
    ],
)
def test_a_full_disk_is_named_and_nothing_later_is_written(tmp_path, layer, file):
    done = python("-c", DISK_FULL, layer, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == file
