"""What was measured of the texts of a corpus, and that it can always be measured again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.corpus.corpus import Corpus
from crawler.corpus.measures import FILE, Measure, Measures
from crawler.optout.model import Kind
from crawler.text.measuring import measure, measure_of
from crawler.text.model import TOO_LONG, Unread
from tests.corpora import NOON, decision, journal, opened, page
from tests.crawls import heedful
from tests.test_text_pool import SLOW, children_of, keep

ROOT = Path(__file__).parent.parent
GERMAN = "Der Leuchtturm am Ende des Hafens ist seit dem Sturm im letzten Winter dunkel. " * 3
DIGEST = "ab" * 32
ONE = Measure(language="de", confidence=0.9, characters=10, bytes=12, words=3, extractor="resiliparse 2")
PAGES = {
    "/de": (f"<html><body><p>{GERMAN}</p></body></html>".encode(), Kind.TEXT),
    "/ja": ("<p>港の端にある灯台は、去年の冬の嵐からずっと暗いままです。</p>".encode(), Kind.TEXT),
    "/short": (b"<p>words</p>", Kind.TEXT),
    "/again": (b"<p>words</p>", Kind.TEXT),
    "/picture": (b"GIF89a\x01\x00\x01\x00", Kind.IMAGE),
    "/broken": (b"%PDF-1.7 broken", Kind.PDF),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    with opened(folder) as writing:
        book = journal(writing)
        for path, (body, kind) in PAGES.items():
            url = f"https://a.example{path}"
            book.record(decision(url, kind=kind), page(url, body), completion=url)
        book.flush()
    return folder


def measured(folder: Path, **how):
    with Corpus.read(folder) as corpus:
        return measure(corpus, workers=0, **how)


def test_what_is_missing_is_measured_once(folder):
    told = []
    first = measured(folder, progress=told.append)
    assert (first.measured, first.known) == (3, 1)
    assert first.failed == (("https://a.example/broken", "it is broken, or beyond the extractor"),)
    assert told == [1, 2, 3, 4]
    again = measured(folder)
    assert (again.measured, again.known, again.failed) == (0, 5, ())


def test_workers_measure_the_same(folder):
    measured(folder)
    with Corpus.read(folder) as corpus, Measures.read(folder) as measures:
        here = {item.url: measures.of(item.sha256) for item in corpus.store.items()}
    (folder / FILE).unlink()
    with Corpus.read(folder) as corpus:
        measure(corpus)
        with Measures.read(folder) as measures:
            assert {item.url: measures.of(item.sha256) for item in corpus.store.items()} == here
    assert here["https://a.example/picture"] is None
    german = here["https://a.example/de"]
    text = GERMAN.strip()
    assert (german.language, german.words, german.characters, german.bytes) == ("de", 42, len(text), len(text))
    japanese = here["https://a.example/ja"]
    assert (japanese.language, japanese.words) == ("ja", 26)
    assert here["https://a.example/short"].language is None


def test_items_shows_the_language_once_it_is_known(folder):
    def languages():
        return {row["url"]: row["language"] for row in heedful("items", str(folder), "--json").rows}

    assert set(languages().values()) == {None}
    assert not (folder / FILE).exists()
    measured(folder)
    assert languages() == {
        "https://a.example/de": "de",
        "https://a.example/ja": "ja",
        "https://a.example/short": None,
        "https://a.example/again": None,
        "https://a.example/picture": None,
        "https://a.example/broken": None,
    }


def test_what_is_not_held_any_more_is_forgotten(folder):
    measured(folder)
    with Corpus.read(folder) as corpus:
        (gone,) = (item for item in corpus.store.items() if item.url.endswith("/de"))
    with Corpus.change(folder, at=NOON) as corpus:
        corpus.store.remove(gone.sha256, reason="asked", run="r1", at=NOON)
    measured(folder)
    with Measures.read(folder) as measures:
        assert measures.of(gone.sha256) is None
    assert bytes.fromhex(gone.sha256) not in (folder / FILE).read_bytes()


@pytest.mark.parametrize("spoilt", [b"", b"no database", None, "older"])
def test_a_file_that_cannot_be_used_is_begun_anew(tmp_path, spoilt):
    path = tmp_path / FILE
    with Measures.open(tmp_path) as measures:
        for number in range(3_000):
            measures.note(f"{number:064x}", ONE)
        measures.commit()
    if spoilt == "older":
        connection = sqlite3.connect(path)
        connection.executescript("DROP TABLE measure; CREATE TABLE measure (x); PRAGMA user_version = 0")
        connection.close()
    elif spoilt is None:  # a page in its middle
        content = bytearray(path.read_bytes())
        content[8192 : len(content) - 4096] = b"\x55" * (len(content) - 12288)
        path.write_bytes(content)
    else:
        path.write_bytes(spoilt)
    with Measures.read(tmp_path) as measures:
        assert measures.of(DIGEST) is None
    with Measures.open(tmp_path) as measures:
        assert measures.of(DIGEST) is None
        measures.note(DIGEST, ONE)
        measures.commit()
    with Measures.open(tmp_path) as measures:
        assert measures.of(DIGEST) == ONE


@pytest.mark.parametrize("kind", ["other columns", "pipe", "link", "folder"])
def test_what_only_looks_like_measures_is_not_read(folder, tmp_path, kind):
    path = folder / FILE
    elsewhere = tmp_path / "elsewhere.db"
    if kind == "other columns":
        connection = sqlite3.connect(path)
        connection.executescript("CREATE TABLE measure (failure); PRAGMA user_version = 1")
        connection.close()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(elsewhere)
    else:
        path.mkdir()
    with Measures.read(folder) as measures:
        assert measures.of(DIGEST) is None
    assert measured(folder).measured == 3
    found = heedful("report", str(folder), "--format", "json")
    assert found.code == 0, found.err
    assert not elsewhere.exists()


@pytest.mark.parametrize(
    "spoilt", ["language = x'ff00'", "language = '<b>'", "bytes = 'many'", "words = -5",
               f"bytes = {2**63 - 1}", "failure = x'00'", "confidence = 'very'"],
)  # fmt: skip
def test_values_that_are_none_are_measured_again(folder, spoilt):
    measured(folder)
    with contextlib.closing(sqlite3.connect(folder / FILE)) as connection, connection:
        connection.execute(f"UPDATE measure SET {spoilt}")
    found = heedful("report", str(folder), "--format", "json", "--no-measure")
    assert found.code == 0, found.err
    assert [row["language"] for row in found.rows[0]["languages"]] == ["(not measured)"]
    assert measured(folder).measured == 3


def test_what_is_not_committed_is_forgotten(tmp_path):
    with Measures.open(tmp_path) as measures:
        measures.note(DIGEST, ONE)
        assert measures.of(DIGEST) == ONE
    with Measures.open(tmp_path) as measures:
        assert measures.of(DIGEST) is None


def test_where_nothing_can_be_written_it_lives_in_memory(tmp_path):
    with Measures.open(tmp_path) as measures:
        measures.note(DIGEST, ONE)
        measures.commit()
    # A folder in the place of SQLite's journal cannot be written to, whoever one is.
    (tmp_path / f"{FILE}-journal").mkdir()
    with Measures.open(tmp_path) as measures:
        measures.note("cd" * 32, ONE)
        measures.commit()
        assert measures.of("cd" * 32) == ONE


def test_two_processes_note_at_the_same_time(tmp_path):
    code = (
        "import sys; from pathlib import Path; from crawler.corpus.measures import *\n"
        "one = Measure(language=None, confidence=None, characters=0, bytes=0, words=0, extractor='x')\n"
        "with Measures.open(Path(sys.argv[1])) as measures:\n"
        "    for number in range(300):\n"
        "        measures.note(sys.argv[2] + f'{number:062x}', one)\n"
        "        measures.commit()\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], cwd=ROOT, stderr=subprocess.PIPE)
        for name in ("aa", "bb")
    ]
    assert [process.communicate(timeout=90)[1] for process in both] == [b"", b""]
    with Measures.read(tmp_path) as measures:
        assert all(measures.of(f"{name}{number:062x}") for name in ("aa", "bb") for number in range(300))


def test_a_measure_is_json(folder):
    measured(folder)
    assert json.loads(heedful("items", str(folder), "--json").out.splitlines()[0])["language"] == "de"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc")
def test_what_the_machine_was_too_busy_for_is_read_again_a_few_times(tmp_path):
    folder = tmp_path / "corpus"
    keep(folder, b"<p>first</p>", SLOW, b"<p>third</p>")
    before = children_of(os.getpid())

    def end(done):
        for worker in children_of(os.getpid()) - before if done == 1 else ():
            os.kill(worker, signal.SIGKILL)

    def due():
        with Corpus.read(folder) as corpus, Measures.read(folder) as known:
            return [known.of(item.sha256).tries for item in known.missing(corpus.store.items())]

    def again(sha256):
        with Measures.open(folder) as known:
            known.note(sha256, measure_of(Unread(reason=TOO_LONG), known.of(sha256)))
            known.commit()

    with Corpus.read(folder) as corpus:
        ((url, why),) = measure(corpus, progress=end, workers=1).failed
        assert why == "the process that read it ended"
        assert due() == [1]
        (slow,) = (item.sha256 for item in corpus.store.items() if item.url == url)
        again(slow)
        assert due() == [2]
        assert measure(corpus, workers=1).measured == 1
        assert due() == []
    with Measures.open(folder) as known:
        for tries in (1, 2, 0):
            known.note(DIGEST, measure_of(Unread(reason=TOO_LONG), known.of(DIGEST)))
            assert known.of(DIGEST).tries == tries
