"""Exports made again: after an interruption, with a full disk, when items came, left, or are damaged."""

from __future__ import annotations

import fcntl
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.cli import main
from crawler.corpus.corpus import Corpus
from crawler.corpus.items import Note
from crawler.export.export import Request, export
from crawler.export.model import Wanted
from crawler.optout.model import Kind
from crawler.text.model import How
from tests import crawls
from tests.corpora import NOON, decision, journal, opened, page
from tests.exports import body_of, build, everything, files, kept, rows, run, state, url_of
from tests.test_text_pool import SLOW, children_of, keep

WINDOW = 4
"""Entries of a shard here."""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return build(tmp_path / "corpus")


def wanted(**more: Any) -> Wanted:
    return Wanted(**{"format": "jsonl", "images": "files", "compressed": False, **more})


def make(corpus: Path, folder: Path, told: Callable[[Any], None] = lambda progress: None, **more: Any) -> Any:
    """An export with small windows, so that it has several shards."""
    request = Request(
        corpus=corpus, folder=folder, wanted=wanted(**more), heedful="test", workers=0, window=WINDOW
    )
    return export(request, told)


def withdraw(corpus: Path, *numbers: int) -> None:
    urls = [part for number in numbers for part in ("--url", url_of(number))]
    result = CliRunner().invoke(main, ["withdraw", str(corpus), "--reason", "asked", *urls])
    assert result.exit_code == 0, result.stderr


@pytest.fixture(autouse=True)
def key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    from crawler.audit import keys

    file = tmp_path_factory.mktemp("key") / "key"
    keys.create(file)
    monkeypatch.setenv(keys.ENVIRONMENT, str(file))


def shards(folder: Path) -> dict[str, str]:
    return {path: digest for path, digest in files(folder).items() if path.startswith(("text/", "images/"))}


def told_nowhere(folder: Path, *words: bytes) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [word for word in words if word in data], path


# What comes and goes


def test_a_key_shares_its_first_digits_with_its_shard(corpus: Path, tmp_path: Path) -> None:
    make(corpus, tmp_path / "e")
    for path in (tmp_path / "e" / "text").iterdir():
        number = int(path.name.partition(".")[0])
        entries = [row["entry"] for row in rows(tmp_path / "e") if row["entry"] // WINDOW == number]
        assert entries
        assert len(path.read_text().splitlines()) == len(entries)
    run(corpus, "--format", "jsonl", "-o", tmp_path / "one")
    for row in rows(tmp_path / "one"):
        assert row["id"][:5] == "00000"


@pytest.mark.parametrize("near", [False, True])
def test_where_nothing_changed_no_byte_does(corpus: Path, tmp_path: Path, near: bool) -> None:
    folder, how = tmp_path / "e", How(near=near)
    make(corpus, folder, how=how)
    before = everything(folder)
    make(corpus, folder, how=how)
    assert everything(folder) == before
    at = state(folder)["at"]
    withdraw(corpus, 1)
    make(corpus, folder, how=how)
    assert state(folder)["at"] > at


def test_columns_without_a_value_in_the_first_shards_load_as_the_page_of_exports_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    import datasets
    import duckdb
    import polars

    with opened(tmp_path / "corpus") as opened_corpus:
        book = journal(opened_corpus)
        for number in range(150):
            note = Note(author="Ada" if number > 130 else None, licence="CC-BY-4.0" if number > 140 else None)
            capture = page(url_of(number), body_of(4 * number), seconds=number)
            book.record(decision(url_of(number)), capture, note=note)
        book.flush()
    folder = tmp_path / "e"
    make(tmp_path / "corpus", folder, compressed=True)
    authors, shards = [None] * 131 + ["Ada"] * 19, folder / "text" / "*.jsonl.zst"
    loaded = datasets.load_dataset(str(folder), "text", split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded["author"][:] == authors
    streamed = datasets.load_dataset(str(folder), "text", split="train", streaming=True)
    assert [row["author"] for row in streamed] == authors
    parts = (
        polars.read_ndjson(file, infer_schema_length=None) for file in sorted(shards.parent.glob(shards.name))
    )
    assert polars.concat(parts, how="diagonal_relaxed")["author"].to_list() == authors
    table = f"read_json('{shards}', maximum_sample_files=-1)"
    found = duckdb.sql(f"SELECT author FROM {table} ORDER BY id").fetchall()
    assert [author for (author,) in found] == authors


def test_what_is_new_is_added_and_the_rest_is_left_alone(corpus: Path, tmp_path: Path) -> None:
    make(corpus, tmp_path / "e")
    before = {path: (tmp_path / "e" / path).stat().st_ino for path in shards(tmp_path / "e")}
    digests = shards(tmp_path / "e")
    build(corpus, 6, start=24)
    made = make(corpus, tmp_path / "e")
    after = shards(tmp_path / "e")
    last = f"text/{24 // WINDOW:05d}.jsonl"
    for path, digest in digests.items():
        assert after[path] == digest or path == last
        assert (tmp_path / "e" / path).stat().st_ino == before[path] or path == last
    assert made.counts.rows == len(kept(30))
    make(corpus, tmp_path / "fresh")
    assert files(tmp_path / "fresh") == files(tmp_path / "e")


@pytest.mark.parametrize("how", [How(), How(near=True)], ids=["plain", "near"])
@pytest.mark.parametrize("gone", [0, 3, 14, 18])
def test_what_is_withdrawn_leaves_and_only_its_shard_changes(
    corpus: Path, tmp_path: Path, gone: int, how: How
) -> None:
    make(corpus, tmp_path / "e", how=how)
    before = shards(tmp_path / "e")
    withdraw(corpus, gone)
    make(corpus, tmp_path / "e", how=how)
    after = shards(tmp_path / "e")
    table = "images" if gone % 4 == 3 else "text"
    mine = f"{table}/{(gone + 1) // WINDOW:05d}.jsonl"
    lost = {path for path in before if path.startswith("images/files/")} - set(after)
    assert len(lost) == (gone % 4 == 3)
    changed = {path for path in before if after.get(path) != before[path]}
    assert mine in changed
    if not how.near:  # a group's name may change with its first member
        assert changed == {mine, *lost}
    name = f"Title {gone}".encode() + b'"'
    told_nowhere(tmp_path / "e", body_of(gone), url_of(gone).encode() + b'"', name)
    make(corpus, tmp_path / "fresh", how=how)
    assert files(tmp_path / "fresh") == files(tmp_path / "e")


@pytest.mark.parametrize("layout", ["parquet", "webdataset"])
def test_the_other_formats_change_as_little(corpus: Path, tmp_path: Path, layout: Any) -> None:
    more = {"format": layout, "images": "bytes", "compressed": True}
    make(corpus, tmp_path / "e", **more)
    before = shards(tmp_path / "e")
    withdraw(corpus, 15)
    make(corpus, tmp_path / "e", **more)
    after = shards(tmp_path / "e")
    changed = {path for path in before if after.get(path) != before[path]}
    assert {path.partition(".")[0].partition("_")[0] for path in changed} == {f"images/{16 // WINDOW:05d}"}
    told_nowhere(tmp_path / "e", body_of(15))
    make(corpus, tmp_path / "fresh", **more)
    assert files(tmp_path / "fresh") == files(tmp_path / "e")


def test_what_is_withdrawn_while_an_export_is_made_is_not_in_it(corpus: Path, tmp_path: Path) -> None:
    waiting = [0, 3, 16]

    def told(progress: Any) -> None:
        if waiting and progress.rows > 2:
            withdraw(corpus, waiting.pop())

    make(corpus, tmp_path / "e", told)
    assert not waiting
    entries = [row["entry"] - 1 for table in ("text", "images") for row in rows(tmp_path / "e", table)]
    assert sorted(entries) == [number for number in kept() if number not in (0, 3, 16)]
    told_nowhere(tmp_path / "e", body_of(3), b'Title 16"')
    assert state(tmp_path / "e")["finished"] is True


def test_what_a_recheck_holds_back_is_left_out_until_it_is_lifted(corpus: Path, tmp_path: Path) -> None:
    def recheck(number: int, found: str) -> None:
        with opened(corpus) as book:
            assert book.ledger is not None
            book.ledger.append_other(
                "recheck", run="r2", at=NOON, url=url_of(number), state=found, stage="content", grounds=[]
            )
            book.ledger.sync()
            book.index.commit()

    make(corpus, tmp_path / "e")
    complete = shards(tmp_path / "e")
    recheck(2, "new reservation")
    recheck(7, "unreachable")
    made = make(corpus, tmp_path / "e")
    assert made.counts.held_back == 2
    assert not {3, 8} & {row["entry"] for table in ("text", "images") for row in rows(tmp_path / "e", table)}
    told_nowhere(tmp_path / "e", body_of(7))
    recheck(2, "lifted")
    recheck(7, "unchanged")
    assert make(corpus, tmp_path / "e").counts.held_back == 0
    assert shards(tmp_path / "e") == complete


@pytest.mark.parametrize(("found", "left"), [("new reservation", 2), ("unreachable", 1)])
def test_bytes_that_a_recheck_found_reserved_are_exported_from_no_other_url(
    tmp_path: Path, found: str, left: int
) -> None:
    with opened(tmp_path / "corpus") as book:
        writing = journal(book)
        for number, name in enumerate((7, 7, 11)):
            media = (("content-type", "image/png"),)
            capture = page(url_of(number), body_of(name), headers=media, seconds=number)
            writing.record(decision(url_of(number), kind=Kind.IMAGE), capture)
        writing.flush()
        assert book.ledger is not None
        book.ledger.append_other(
            "recheck", run="r2", at=NOON, url=url_of(1), state=found, stage="content", grounds=[]
        )
        book.ledger.sync()
        book.index.commit()
    made = make(tmp_path / "corpus", tmp_path / "e")
    assert (made.counts.held_back, made.counts.rows) == (left, 3 - left)
    assert made.counts.pictures == 3 - left


# Damage


def spoil(corpus: Path, *numbers: int) -> dict[Path, bytes]:
    """Flip a byte in the records of these items; returns what the files held."""
    before: dict[Path, bytes] = {}
    with Corpus.read(corpus) as opened_corpus:
        for number in numbers:
            (item,) = opened_corpus.store.items(url=url_of(number))
            path = corpus / "archive" / item.file
            before.setdefault(path, path.read_bytes())
            data = bytearray(path.read_bytes())
            data[item.offset + item.length // 2] ^= 0x55
            path.write_bytes(data)
    return before


def test_damaged_records_are_told_and_the_others_exported(corpus: Path, tmp_path: Path) -> None:
    before = spoil(corpus, 3, 8)
    for _ in range(2):
        told = run(corpus, "--format", "jsonl", "-o", tmp_path / "e", code=1)
        for number in (3, 8):
            assert sum(f"{url_of(number)}: " in line for line in told.stderr.splitlines()) == 1
        entries = [row["entry"] - 1 for table in ("text", "images") for row in rows(tmp_path / "e", table)]
        assert sorted(entries) == [number for number in kept() if number not in (3, 8)]
        said = state(tmp_path / "e")
        assert {one["url"] for one in said["damaged"]} == {url_of(3), url_of(8)}
        assert (said["counts"]["damaged"], said["finished"]) == (2, True)
    for path, data in before.items():
        path.write_bytes(data)
    run(corpus, "--format", "jsonl", "-o", tmp_path / "e")
    run(corpus, "--format", "jsonl", "-o", tmp_path / "fresh")
    assert files(tmp_path / "fresh") == files(tmp_path / "e")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc")
def test_what_the_machine_was_too_busy_for_is_read_again_a_few_times(tmp_path: Path) -> None:
    corpus, folder = tmp_path / "slow", tmp_path / "e"
    keep(corpus, b"<p>first</p>", SLOW, b"<p>third</p>")
    before = children_of(os.getpid())

    def end(progress: Any) -> None:
        for worker in children_of(os.getpid()) - before if progress.items == 1 else ():
            os.kill(worker, signal.SIGKILL)

    def go(told: Callable[[Any], None]) -> Any:
        request = Request(corpus=corpus, folder=folder, wanted=wanted(), heedful="test", workers=1)
        return export(request, told)

    def tries() -> int:
        note = (folder / ".heedful" / "text-00000.json").read_bytes()
        return int(json.loads(note.splitlines()[0])["tries"])

    made = go(end)
    assert (made.counts.rows, made.counts.unread) == (2, {"the process that read it ended": 1})
    assert tries() == 1
    made = go(lambda progress: None)
    assert (made.counts.rows, made.counts.unread, tries()) == (3, {}, 0)
    shutil.rmtree(folder)
    tried = []
    for _ in range(4):
        go(end)
        tried.append(tries())
    assert tried == [1, 2, 3, 3], "then it is taken for the text's own"


def test_a_ledger_that_cannot_be_read_ends_it(corpus: Path, tmp_path: Path) -> None:
    tail = corpus / "ledger" / "tail.jsonl"
    lines = tail.read_bytes().splitlines(keepends=True)
    tail.write_bytes(b"".join([*lines[:5], b"{]\n", *lines[6:]]))
    told = run(corpus, "--format", "jsonl", "-o", tmp_path / "e", code=2)
    assert told.stderr.count("\n") == 1
    assert not rows(tmp_path / "e")


@pytest.mark.parametrize("spoilt", ["change", "cut", "delete"])
@pytest.mark.parametrize(
    "kind", ["text/00001.jsonl", "images/00002.jsonl", "images/files", ".heedful/text-00001.json"]
)
def test_what_was_changed_in_the_export_is_made_again(
    corpus: Path, tmp_path: Path, kind: str, spoilt: str
) -> None:
    make(corpus, tmp_path / "e")
    before = files(tmp_path / "e")
    path = tmp_path / "e" / kind
    if path.is_dir():
        path = next(one for one in sorted(path.rglob("*")) if one.is_file())
    data = path.read_bytes()
    if spoilt == "delete":
        path.unlink()
    else:
        path.write_bytes(data[:-9] if spoilt == "cut" else data[:-9] + b"x" + data[-8:])
    (tmp_path / "e" / "text" / "00099.jsonl").write_text("left over")
    make(corpus, tmp_path / "e")
    assert files(tmp_path / "e") == before


# Interruptions

SCRIPT = """
import os, signal, sys
from pathlib import Path
from tests.test_export_again import make
left = int(sys.argv[3])
def told(progress):
    if progress.shards >= left:
        os.kill(os.getpid(), signal.SIGKILL)
make(Path(sys.argv[1]), Path(sys.argv[2]), told)
"""


def begin(corpus: Path, folder: Path, shards: int = 10_000) -> subprocess.Popen[bytes]:
    """An export in a process of its own, which kills itself after so many shards."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(corpus), str(folder), str(shards)],
        cwd=Path(__file__).parent.parent,
        env=crawls.environment(),
        stderr=subprocess.DEVNULL,
    )


def whole(folder: Path) -> None:
    """Raise if anything in an interrupted export claims to be what it is not."""
    if (folder / "export.json").exists():
        assert state(folder)["finished"] is False
    for path in [*folder.glob("text/*"), *folder.glob("images/*.jsonl")]:
        if path.suffix == ".jsonl":
            assert path.read_bytes().endswith(b"}\n")


def test_it_goes_on_after_a_kill_between_two_shards(corpus: Path, tmp_path: Path) -> None:
    make(corpus, tmp_path / "whole")
    process = begin(corpus, tmp_path / "e", 3)
    assert process.wait(60) == -signal.SIGKILL
    whole(tmp_path / "e")
    there = {path: (tmp_path / "e" / path).stat().st_ino for path in shards(tmp_path / "e")}
    assert len([path for path in there if path.startswith("text/")]) >= 3
    make(corpus, tmp_path / "e")
    assert files(tmp_path / "e") == files(tmp_path / "whole")
    for path, number in there.items():
        assert (tmp_path / "e" / path).stat().st_ino == number, "it was made twice"


def test_it_goes_on_after_kills_at_any_moment(corpus: Path, tmp_path: Path) -> None:
    make(corpus, tmp_path / "whole")
    chance = random.Random(5)
    for _ in range(8):
        process = begin(corpus, tmp_path / "e")
        try:
            process.wait(chance.uniform(0.3, 1.5))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if (tmp_path / "e" / "export.json").exists() and state(tmp_path / "e")["finished"]:
            assert files(tmp_path / "e") == files(tmp_path / "whole")
            shutil.rmtree(tmp_path / "e")
        else:
            whole(tmp_path / "e")
    make(corpus, tmp_path / "e")
    assert files(tmp_path / "e") == files(tmp_path / "whole")
    assert state(tmp_path / "e")["finished"] is True


@pytest.mark.parametrize("limit", [150, 700, 1500, 4000])
@pytest.mark.parametrize("near", [[], ["--near-duplicates"]], ids=["plain", "near"])
def test_a_full_disk_ends_it_and_room_lets_it_go_on(
    corpus: Path, tmp_path: Path, limit: int, near: list[str]
) -> None:
    arguments = ["export", str(corpus), "--format", "jsonl", "--uncompressed", "-o", str(tmp_path / "e"), *near]
    ended = crawls.heedful(
        *arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    assert ended.code == 3, ended.err
    assert "the same command goes on once there is room" in ended.sentence
    assert not [path for path in (tmp_path / "e").rglob("*") if path.suffix == ".tmp"]
    whole(tmp_path / "e")
    assert crawls.heedful(*arguments).code == 0
    run(corpus, "--format", "jsonl", "--uncompressed", "-o", tmp_path / "whole", *near)
    assert files(tmp_path / "e") == files(tmp_path / "whole")


@pytest.fixture
def locked(corpus: Path, tmp_path: Path) -> Iterator[Path]:
    make(corpus, tmp_path / "e")
    with (tmp_path / "e" / ".heedful" / "lock").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield tmp_path / "e"


def test_two_at_once_are_one_too_many(corpus: Path, locked: Path) -> None:
    before = files(locked)
    told = run(corpus, "--format", "jsonl", "--uncompressed", "-o", locked, code=2)
    assert "is in use" in told.stderr
    assert files(locked) == before


def test_what_is_not_ours_in_the_folder_stays(corpus: Path, tmp_path: Path) -> None:
    make(corpus, tmp_path / "e")
    mine = {"notes.txt": "a", "text/mine.txt": "b", "images/files/readme": "c"}
    for name, words in mine.items():
        (tmp_path / "e" / name).write_text(words)
    withdraw(corpus, *[number for number in kept() if number % 4 == 3])
    make(corpus, tmp_path / "e")
    assert {name: (tmp_path / "e" / name).read_text() for name in mine} == mine
    assert not list((tmp_path / "e").glob("images/files/*/*"))


def test_a_copy_of_an_export_goes_on_as_well(corpus: Path, tmp_path: Path) -> None:
    make(corpus, tmp_path / "e")
    shutil.copytree(tmp_path / "e", tmp_path / "copy")
    withdraw(corpus, 1)
    make(corpus, tmp_path / "copy")
    make(corpus, tmp_path / "e")
    assert files(tmp_path / "copy") == files(tmp_path / "e")
    assert state(tmp_path / "e")["composition"]["fetched_to"] == (
        (NOON + timedelta(minutes=22)).isoformat().replace("+00:00", "Z")
    )
