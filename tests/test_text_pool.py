"""Words of many items from worker processes: their order, what ends a worker, and that none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crawler.corpus.corpus import Corpus
from crawler.corpus.items import Item
from crawler.optout.model import Kind
from crawler.text.extraction import MissingExtra
from crawler.text.model import How, Unread, Words
from crawler.text.pool import read_words
from tests.corpora import decision, fill, journal, opened, page

ROOT = Path(__file__).parent.parent
SLOW = b"<html><body>" + b"<div><p>Some words of it, and more.</p></div>" * 240_000
"""A page that takes seconds."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pool") / "corpus"
    with opened(folder) as writing:
        fill(writing, 120)
    return folder


def items_of(folder: Path) -> list[Item]:
    with Corpus.read(folder) as reading:
        return list(reading.store.items())


def keep(folder: Path, *bodies: bytes, kind: Kind = Kind.TEXT, start: int = 0) -> None:
    with opened(folder) as writing:
        book = journal(writing)
        for number, body in enumerate(bodies, start):
            url = f"https://a.example/{number}"
            book.record(decision(url, kind=kind), page(url, body), completion=url)
        book.flush()


def children_of(pid: int) -> set[int]:
    """Its child processes (proc(5))."""
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found |= set(map(int, (task / "children").read_text().split()))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


on_linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc")


@pytest.mark.parametrize("workers", [0, 1, 3, None])
def test_every_item_comes_once_and_in_order(corpus, workers):
    items = items_of(corpus)
    found = list(read_words(corpus / "archive", iter(items), How(), workers=workers))
    assert [item for item, _ in found] == items
    for item, words in found:
        assert isinstance(words, Words)
        assert words.text.startswith(f"{item.url.rpartition('/')[2]} words ")


def test_workers_say_the_same_as_this_process(corpus):
    how = How(quality=True, markdown=True, near=True)
    items = items_of(corpus)[:20]
    inside, outside = (
        [words for _, words in read_words(corpus / "archive", items, how, workers=workers)]
        for workers in (0, 2)
    )
    assert inside == outside
    assert all(isinstance(words, Words) and words.sketch for words in inside)


@pytest.mark.parametrize("workers", [0, 2])
def test_no_items_are_no_words(corpus, workers):
    assert list(read_words(corpus / "archive", [], How(), workers=workers)) == []


def test_items_are_taken_in_only_as_they_are_needed(corpus):
    taken = 0

    def endless():
        nonlocal taken
        while True:
            for item in items:
                taken += 1
                yield item

    items = items_of(corpus)
    results = read_words(corpus / "archive", endless(), How(), workers=2)
    for _ in range(500):
        next(results)
    results.close()
    assert taken < 1_000


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_record_is_told_and_the_others_are_read(tmp_path, workers):
    folder = tmp_path / "corpus"
    keep(folder, *(f"<p>words {number}</p>".encode() for number in range(6)))
    items = items_of(folder)
    path = folder / "archive" / items[2].file
    content = bytearray(path.read_bytes())
    content[items[2].offset + 60] ^= 0xFF
    path.write_bytes(content)
    found = [words for _, words in read_words(folder / "archive", items, How(), workers=workers)]
    assert [isinstance(words, Unread) for words in found] == [number == 2 for number in range(6)]
    assert found[2].damaged


@pytest.mark.parametrize("workers", [0, 1])
def test_a_record_that_is_another_items_is_damaged(corpus, workers):
    from dataclasses import replace

    first, second = items_of(corpus)[:2]
    wrong = replace(second, file=first.file, offset=first.offset)
    missing = replace(second, file="heedful-20000101T000000Z-000009.warc.gz")
    found = dict(read_words(corpus / "archive", [wrong, missing, second], How(), workers=workers))
    assert isinstance(found[wrong], Unread)
    assert found[wrong].damaged
    assert isinstance(found[missing], Unread)
    assert found[missing].damaged
    assert isinstance(found[second], Words)


def test_an_item_that_takes_too_long_is_unread_and_the_others_are_read(tmp_path):
    folder = tmp_path / "corpus"
    quick = [f"<p>words {number}</p>".encode() for number in range(20)]
    keep(folder, *quick[:3], SLOW, *quick[3:])
    found = [
        words for _, words in read_words(folder / "archive", items_of(folder), How(), workers=1, patience=0.4)
    ]
    assert isinstance(found[3], Unread)
    assert found[3].reason == "it takes too long"
    assert not found[3].damaged
    assert [words.text for words in (*found[:3], *found[4:])] == [f"words {number}" for number in range(20)]


@on_linux
def test_a_worker_that_only_waits_for_the_machine_is_waited_for(tmp_path):
    folder = tmp_path / "corpus"
    keep(folder, b"<p>first</p>", SLOW[: len(SLOW) // 8], b"<p>third</p>")
    before = children_of(os.getpid())
    results = read_words(folder / "archive", items_of(folder), How(), workers=1, patience=2.0)
    assert next(results)[1].text == "first"
    (worker,) = children_of(os.getpid()) - before
    os.kill(worker, signal.SIGSTOP)
    waker = threading.Timer(3.0, os.kill, (worker, signal.SIGCONT))
    waker.start()
    found = [words for _, words in results]
    waker.join()
    assert all(isinstance(words, Words) for words in found)


@pytest.mark.parametrize(("room", "said"), [(3, "Too many open files"), (12, "")])
def test_with_few_files_it_makes_do_with_fewer_workers(corpus, room, said):
    code = (
        "import resource, sys; from pathlib import Path; from crawler.corpus.corpus import Corpus\n"
        "from crawler.text.pool import read_words; from crawler.text.model import How\n"
        f"with Corpus.read(Path({str(corpus)!r})) as opened: items = list(opened.store.items())\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({room} + 3, {room} + 3))\n"
        f"folder = Path({str(corpus / 'archive')!r})\n"
        "try: print(len(list(read_words(folder, items, How(), workers=8))))\n"
        "except OSError as error: print(error.strerror)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip().endswith(said or str(len(items_of(corpus))))


@on_linux
def test_a_worker_that_is_killed_is_replaced(tmp_path):
    folder = tmp_path / "corpus"
    keep(folder, b"<p>first</p>", SLOW, b"<p>third</p>", b"<p>fourth</p>")
    before = children_of(os.getpid())
    results = read_words(folder / "archive", items_of(folder), How(), workers=1)
    assert next(results)[1].text == "first"
    (worker,) = children_of(os.getpid()) - before
    os.kill(worker, signal.SIGKILL)
    found = [words for _, words in results]
    assert found[0] == Unread(reason="the process that read it ended")
    assert [words.text for words in found[1:]] == ["third", "fourth"]
    assert not alive(worker)


@on_linux
def test_a_worker_has_limits(corpus):
    before = children_of(os.getpid())
    results = read_words(corpus / "archive", items_of(corpus), How(), workers=1)
    next(results)
    (worker,) = children_of(os.getpid()) - before
    limits = Path(f"/proc/{worker}/limits").read_text()
    results.close()
    bounds = {line[:26].strip(): line[26:47].strip() for line in limits.splitlines()}
    assert bounds["Max file size"] == "0"
    assert bounds["Max core file size"] == "0"
    assert 1 << 30 <= int(bounds["Max data size"]) < 3 << 30
    assert int(bounds["Max open files"]) < 100


@on_linux
def test_closing_early_ends_the_workers(corpus):
    before = children_of(os.getpid())
    results = read_words(corpus / "archive", items_of(corpus) * 20, How(), workers=2)
    next(results)
    workers = children_of(os.getpid()) - before
    assert workers
    results.close()
    assert not any(map(alive, workers))
    assert children_of(os.getpid()) - before == set()


PARENT = """
import sys
from pathlib import Path
from crawler.corpus.corpus import Corpus
from crawler.text.model import How
from crawler.text.pool import read_words

folder = Path(sys.argv[1])
with Corpus.read(folder) as corpus:
    items = list(corpus.store.items())
for _ in read_words(folder / "archive", items * 1000, How(), workers=2):
    print("one", flush=True)
"""


@on_linux
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_parent_that_ends_leaves_no_workers(tmp_path, how):
    folder = tmp_path / "corpus"
    keep(folder, b"<p>first</p>", SLOW)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "one\n"
        workers = children_of(parent.pid)
        assert workers
        if how == signal.SIGINT:
            os.killpg(parent.pid, how)  # as a terminal does
        else:
            parent.kill()
        parent.wait(timeout=30)
        wait_until(lambda: not any(map(alive, workers)))
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()


def test_what_is_not_installed_is_told_at_once(corpus, monkeypatch):
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(MissingExtra):
        read_words(corpus / "archive", [], How(quality=True))


def test_where_no_worker_can_start_it_is_said_once(corpus, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(OSError, match="no process that reads words can be started"):
        list(read_words(corpus / "archive", items_of(corpus), How(), workers=1))
