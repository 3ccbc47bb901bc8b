"""A file of a corpus that was cut or replaced: a crawl goes on, or says which file it is and stops."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.demo.server import LoopbackWeb
from tests import crawls
from tests.test_crawl_resume import until
from tests.webs import generate

SITE = generate(seed=5, pages=16, images=8)


@pytest.fixture(scope="module")
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb(SITE.hosts()) as web:
        yield web


@pytest.fixture(scope="module")
def killed(web: LoopbackWeb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus whose second crawl was killed at work, so that the first one's end is signed."""
    folder = tmp_path_factory.mktemp("files") / "corpus"
    assert crawls.crawl(web, folder, SITE.seeds, "--max-pages", "3", "-q").code == 3
    before = len(web.requests)
    process = crawls.begin(*crawls.crawling(web, folder, SITE.seeds, "--delay", "0.2"))
    until(lambda: len(web.requests) > before + 10, process, 60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return folder


@pytest.fixture
def folder(killed: Path, tmp_path: Path) -> Path:
    shutil.copytree(killed, tmp_path / "corpus")
    return tmp_path / "corpus"


DERIVED = (".lock", "heedful.json", "ledger/index", "frontier.db")
"""Not evidence, or written at every opening."""


def files(folder: Path) -> dict[str, bytes]:
    """Everything that is evidence, and not derived from it."""
    every = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in every}
    return {name: data for name, data in found.items() if not name.startswith(DERIVED)}


def goes_on_or_says(web: LoopbackWeb, folder: Path, name: str) -> int:
    """Crawl; raise unless it finishes with everything, or names the file and leaves every file as it was."""
    before = files(folder)
    ended = crawls.crawl(web, folder, SITE.seeds, "-q", timeout=60)
    assert "Traceback" not in ended.err
    if ended.code == 0:
        crawls.check_folder(folder)
        lost = SITE.kept() - set(crawls.stored(folder))
        assert len(lost) <= (name.endswith(".warc.gz")), "more was lost than the record whose end is missing"
        assert set(crawls.stored(folder)) <= SITE.kept()
        assert {state for state, _ in crawls.frontier(folder).values()} == {"done"}
        verified = crawls.heedful("verify", str(folder))
        told = ("is not in the archive", "was interrupted before")
        assert verified.code == 0 or lost, verified.out
        assert not lost or any(words in verified.out for words in told), "a loss that nobody is told of"
    else:
        assert ended.code == 2, ended
        assert name in ended.sentence
        assert files(folder) == before, "something was changed although it could not be used"
    return ended.code


CUT = (
    ("archive/*.warc.gz", 5),
    ("evidence/*.warc.gz", 5),
    ("ledger/tail.jsonl", 5),
    ("ledger/salts.bin", 5),
    ("ledger/checkpoints", 5),
    ("ledger/tile/0/000.p/*", 5),
    ("ledger/index.db", 5000),
    ("frontier.db", 5000),
    ("heedful.json", 5),
    ("ledger/marks.key", 5),
)
"""What is cut, and how many bytes of its end; of several files the last."""

REFUSED = {"heedful.json", "ledger/marks.key", "ledger/salts.bin", "ledger/checkpoints", "frontier.db"}
"""Files that are written anew as a whole, are under a signature, or are SQLite's: damage, and no torn write."""


@pytest.mark.parametrize(("pattern", "size"), CUT, ids=[pattern for pattern, _ in CUT])
def test_an_end_that_is_missing(web: LoopbackWeb, folder: Path, pattern: str, size: int) -> None:
    found = sorted(folder.glob(pattern))
    if not found:
        pytest.skip(f"there is no {pattern} yet in so small a corpus")
    path = found[-1]
    os.truncate(path, max(0, path.stat().st_size - size))
    code = goes_on_or_says(web, folder, path.name)
    assert code == (2 if pattern in REFUSED else 0)


@pytest.mark.parametrize("name", ["archive", "evidence", "ledger", "frontier.db", "heedful.json"])
def test_something_else_in_its_place(web: LoopbackWeb, folder: Path, name: str) -> None:
    path = folder / name
    if path.is_dir():
        shutil.rmtree(path)
        path.write_text("no folder")
    else:
        path.unlink()
        path.mkdir()
    assert goes_on_or_says(web, folder, name) == 2


def test_files_of_others_stay(web: LoopbackWeb, folder: Path) -> None:
    for name in ("notes.txt", "archive/notes.txt", "evidence/.hidden", "ledger/notes"):
        (folder / name).write_text("not ours")
    ended = crawls.crawl(web, folder, SITE.seeds, "-q", timeout=60)
    assert ended.code == 0, ended.err
    for name in ("notes.txt", "archive/notes.txt", "evidence/.hidden", "ledger/notes"):
        assert (folder / name).read_text() == "not ours"
    verified = crawls.heedful("verify", str(folder))
    assert verified.code == 5
    assert "archive/notes.txt" in verified.out
