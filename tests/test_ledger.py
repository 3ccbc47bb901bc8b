"""The ledger: canonical lines in order under a tree of hashes, whole after any crash; damage is named."""

from __future__ import annotations

import contextlib
import json
import logging
import random
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.audit import checkpoints, ledger, merkle, salts, tiles
from crawler.audit.blocks import BLOCK
from crawler.audit.checkpoint import open_checkpoint
from crawler.audit.entries import Filter, format_entry, parse_entry
from crawler.audit.ledger import Ledger
from crawler.audit.note import Signer
from crawler.corpus.errors import Damaged
from crawler.optout.model import Fault, Malformed, Outcome, Stage
from tests.corpora import NOON, RESERVED, check_tree, decision

SIGNER = Signer("test", bytes(32))
OTHER = Signer("test", bytes(31) + b"1")

DECISIONS = [
    decision("https://a.example/1"),
    decision("https://a.example/2", RESERVED, stage=Stage.HOST),
    decision("https://b.example:8080/3", Outcome.UNDETERMINED, stage=Stage.HEADERS),
    decision('https://B.example/Ünicode?q="a\\b"', Outcome.LICENSED),
]


def written(folder, decisions=DECISIONS, **more):
    folder.mkdir(exist_ok=True)
    book = Ledger(folder, **more)
    for one in decisions:
        book.append(one, run="r1")
    book.sync()
    return book


def grown(book, count):
    """``count`` short entries more, on disk."""
    for _ in range(count):
        book.append_other("run", run="r1", at=NOON, event="x")
    book.sync()
    return book


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_decisions_come_back_equal_and_numbered(tmp_path):
    assert written(tmp_path).count == 4
    entries = list(ledger.entries(tmp_path))
    assert [entry.number for entry in entries] == [1, 2, 3, 4]
    assert [entry.decision for entry in entries] == DECISIONS
    assert {entry.type for entry in entries} == {"decision"}


def test_the_leaf_is_the_canonical_line(tmp_path):
    written(tmp_path)
    lines = (tmp_path / "tail.jsonl").read_bytes().splitlines()
    for line, entry in zip(lines, ledger.entries(tmp_path), strict=True):
        assert entry.leaf == line
        canonical = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert line.decode() == canonical
        assert format_entry(entry.fields) == line + b"\n"


def test_nothing_is_on_disk_before_sync(tmp_path):
    book = Ledger(tmp_path)
    assert book.append(DECISIONS[0], run="r1") == 1
    assert list(ledger.entries(tmp_path)) == []
    assert book.unsynced > 0
    book.sync()
    assert book.unsynced == 0
    assert len(list(ledger.entries(tmp_path))) == 1


def test_what_was_kept_and_what_it_rests_on_stand_beside_the_decision(tmp_path):
    book = Ledger(tmp_path)
    book.append(
        DECISIONS[0],
        run="r1",
        item={"sha256": "ab", "bytes": 2},
        evidence=[{"sha256": "cd", "at": "2026-11-22T12:00:00Z"}],
    )
    book.append_other("removal", run="r2", at=NOON, sha256="ab", urls=["https://a.example/1"], reason="asked")
    book.sync()
    first, second = ledger.entries(tmp_path)
    assert first.fields["item"] == {"sha256": "ab", "bytes": 2}
    assert first.fields["evidence"] == [{"sha256": "cd", "at": "2026-11-22T12:00:00Z"}]
    assert (second.type, second.number, second.urls) == ("removal", 2, ("https://a.example/1",))
    with pytest.raises(Malformed):
        _ = second.decision


def test_full_blocks_leave_the_tail_and_everything_reads_the_same(tmp_path):
    book = grown(Ledger(tmp_path), 3 * BLOCK + 7)
    assert len(ledger.names(tmp_path)) == 1
    assert (tmp_path / "tail.jsonl").read_bytes().count(b"\n") == 7
    assert [entry.number for entry in ledger.entries(tmp_path)] == list(range(1, book.count + 1))
    reader = ledger.Reader(tmp_path, lambda number: None)
    for number in (1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 1, book.count):
        assert reader.entry(number).number == number
    with pytest.raises(Damaged, match=f"entry {book.count + 1} is missing"):
        reader.entry(book.count + 1)


def test_files_are_rotated_and_numbers_go_on(tmp_path):
    grown(Ledger(tmp_path, file_limit=2000), 3 * BLOCK)
    grown(Ledger(tmp_path, file_limit=2000), BLOCK)
    assert len(ledger.names(tmp_path)) > 1
    assert [entry.number for entry in ledger.entries(tmp_path)] == list(range(1, 4 * BLOCK + 1))
    assert Ledger(tmp_path).count == ledger.count(tmp_path) == 4 * BLOCK
    check_tree(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"url": "https://a.example/2"}, [2]),
        ({"url": "https://a.example/"}, []),
        ({"url": 'https://B.example/Ünicode?q="a\\b"'}, [4]),
        ({"host": "a.example"}, [1, 2]),
        ({"host": "B.Example"}, [3, 4]),
        ({"host": "example"}, []),
        ({"outcome": "reserved"}, [2]),
        ({"signal": "tdmrep"}, [2, 3]),
        ({"signal": "robots"}, []),
        ({"signal": "tdmrep", "host": "a.example"}, [2]),
    ],
)
def test_filters(tmp_path, wanted, numbers):
    written(tmp_path)
    assert [entry.number for entry in ledger.entries(tmp_path, Filter(**wanted))] == numbers


def test_a_ledger_can_be_read_while_it_is_written(tmp_path):
    book = grown(Ledger(tmp_path), BLOCK - 1)
    reading = ledger.pieces(tmp_path)
    grown(book, BLOCK)
    assert next(reading).lines[-1].startswith(b'{"at"')
    grown(book, 1)
    with (tmp_path / "tail.jsonl").open("ab") as file:
        file.write(b'{"at":"2026-')
    assert [(piece.first, len(piece.lines)) for piece in reading] == [(BLOCK + 1, BLOCK)]
    assert len(list(ledger.entries(tmp_path))) == 2 * BLOCK


def test_every_torn_end_is_cut_and_only_that(tmp_path, caplog):
    written(tmp_path)
    path = tmp_path / "tail.jsonl"
    whole = path.read_bytes()
    drawn = (tmp_path / "salts.bin").read_bytes()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == ord("\n")]
    for size in [*range(0, len(whole), 7), *(end - 1 for end in ends), *ends]:
        path.write_bytes(whole[:size])
        (tmp_path / "salts.bin").write_bytes(drawn)
        left = sum(end <= size for end in ends)
        assert [entry.number for entry in ledger.entries(tmp_path)] == list(range(1, left + 1))
        caplog.clear()
        assert Ledger(tmp_path).count == left
        assert len(caplog.records) == (size not in (0, *ends))
        assert not path.exists() or path.read_bytes() == whole[: ends[left - 1] if left else 0]
        assert (tmp_path / "salts.bin").read_bytes() == drawn, "salts go only when others take their place"
        assert written(tmp_path, DECISIONS[:1]).count == left + 1
        check_tree(tmp_path)


def test_a_changed_byte_stops_and_is_never_cut_away(tmp_path):
    written(tmp_path)
    path = tmp_path / "tail.jsonl"
    whole = path.read_bytes()
    for where in range(0, len(whole), 5):
        changed = bytearray(whole)
        changed[where] ^= 0x80
        path.write_bytes(changed)
        with pytest.raises(Damaged, match=r"tail\.jsonl: line [1-4] "):
            list(ledger.entries(tmp_path))
        with pytest.raises(Damaged, match=r"tail\.jsonl: line [1-4] "):
            Ledger(tmp_path)
        assert path.read_bytes() == changed


def test_a_lost_line_feed_is_damage_and_not_a_torn_end(tmp_path):
    written(tmp_path)
    path = tmp_path / "tail.jsonl"
    whole = path.read_bytes()
    for where in [n for n, byte in enumerate(whole) if byte == ord("\n")]:
        changed = bytearray(whole)
        changed[where] = ord("x")
        path.write_bytes(changed)
        with pytest.raises(Damaged):
            Ledger(tmp_path)
        assert path.read_bytes() == changed


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (0, 1, 3), (1, 2, 3), (0, 1, 1, 2, 3)])
def test_lines_out_of_order_are_damage(tmp_path, order):
    written(tmp_path)
    path = tmp_path / "tail.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[number] for number in order))
    with pytest.raises(Damaged, match=r"it says entry|are missing"):
        list(ledger.entries(tmp_path))
    with pytest.raises(Damaged, match="it says entry"):
        Ledger(tmp_path)


@pytest.mark.parametrize("name", ["decisions-000001.zst", "decisions-000002.zst", "tail.jsonl", "salts.bin"])
def test_a_missing_file_is_damage_and_nothing_is_made_in_its_place(tmp_path, name):
    book = grown(Ledger(tmp_path, file_limit=2000), 3 * BLOCK + 1)
    book.checkpoint(SIGNER, NOON)
    (tmp_path / name).unlink()
    before = everything(tmp_path)
    with pytest.raises(Damaged):
        list(ledger.leaves(tmp_path))
    with pytest.raises(Damaged):
        Ledger(tmp_path)
    assert everything(tmp_path) == before


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """Two blocks, a tail, a checkpoint over all of it."""
    folder = tmp_path_factory.mktemp("sealed")
    book = written(folder)
    grown(book, 2 * BLOCK)
    book.checkpoint(SIGNER, NOON)
    return folder


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_in_a_block_is_named_and_never_cut_away(sealed, tmp_path, seed):
    chance = random.Random(seed)
    folder = tmp_path / "copy"
    shutil.copytree(sealed, folder)
    path = folder / "decisions-000001.zst"
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    with pytest.raises(Damaged, match=r"decisions-000001\.zst"):
        list(ledger.entries(folder))
    with contextlib.suppress(Damaged):
        Ledger(folder)
    assert path.read_bytes() == data


@pytest.mark.parametrize("seed", range(6))
def test_a_block_that_loses_its_end_is_damage_unless_the_tail_holds_all_of_it(sealed, tmp_path, seed, caplog):
    chance = random.Random(seed)
    folder = tmp_path / "copy"
    shutil.copytree(sealed, folder)
    path = folder / "decisions-000001.zst"
    whole = path.read_bytes()
    places = [piece.place for piece in ledger.pieces(folder) if piece.place]
    path.write_bytes(whole[: chance.randrange(places[-1].offset + 1, len(whole))])
    torn = path.read_bytes()
    with pytest.raises(Damaged):
        list(ledger.entries(folder))
    with pytest.raises(Damaged):
        Ledger(folder)
    assert path.read_bytes() == torn
    second = [piece.lines for piece in ledger.pieces(sealed)][1]
    tail = (folder / "tail.jsonl").read_bytes()
    (folder / "tail.jsonl").write_bytes(b"".join(second) + tail)
    assert len(list(ledger.entries(folder))) == 2 * BLOCK + 4
    book = Ledger(folder)
    assert "block that was not written to its end" in caplog.text
    grown(book, 0)
    assert path.read_bytes() == whole
    assert (folder / "tail.jsonl").read_bytes() == tail


def test_entries_that_a_block_holds_already_are_dropped_from_the_tail(sealed, tmp_path, caplog):
    folder = tmp_path / "copy"
    shutil.copytree(sealed, folder)
    tail = (folder / "tail.jsonl").read_bytes()
    second = [piece.lines for piece in ledger.pieces(folder)][1]
    (folder / "tail.jsonl").write_bytes(b"".join(second) + tail)
    assert len(list(ledger.entries(folder))) == 2 * BLOCK + 4
    Ledger(folder)
    assert "dropped" in caplog.text
    assert (folder / "tail.jsonl").read_bytes() == tail
    changed = [*second[:-1], second[-1].replace(b'"r1"', b'"r2"')]
    (folder / "tail.jsonl").write_bytes(b"".join(changed) + tail)
    with pytest.raises(Damaged, match="holds others"):
        Ledger(folder)


# The tree


def test_the_root_is_that_of_all_leaves_and_the_tiles_prove_each(sealed):
    check_tree(sealed)
    (one,) = ledger.checkpoints(sealed)
    (last,) = checkpoints.last(sealed)
    assert last == one
    assert (sealed / "checkpoint").read_bytes() == one.data
    checkpoint, signers = open_checkpoint(one.data, [SIGNER.verifier], origin="heedful")
    assert (checkpoint.size, checkpoint.at, signers) == (
        2 * BLOCK + 4,
        NOON.replace(microsecond=0),
        (SIGNER.verifier,),
    )
    nodes = tiles.nodes(sealed, checkpoint.size)
    for leaf in list(ledger.leaves(sealed))[:: BLOCK // 3]:
        proof = merkle.inclusion_proof(leaf.number - 1, checkpoint.size, nodes)
        assert merkle.verify_inclusion(leaf.hash, leaf.number - 1, checkpoint.size, proof, checkpoint.root)
        assert leaf.hash == merkle.leaf_hash(leaf.salt + leaf.line)


def test_leaves_are_the_same_wherever_one_begins(sealed):
    every = list(ledger.leaves(sealed))
    for first in (2, BLOCK, BLOCK + 1, BLOCK + 2, 2 * BLOCK + 1, 2 * BLOCK + 4, 2 * BLOCK + 5):
        assert list(ledger.leaves(sealed, first)) == every[first - 1 :]


def test_salts_differ_and_are_sixteen_bytes_each(sealed):
    drawn = list(salts.walk(sealed))
    assert len(set(drawn)) == len(drawn) == 2 * BLOCK + 4
    assert (sealed / "salts.bin").stat().st_size == 16 * len(drawn)


def test_nothing_new_is_not_signed_again(tmp_path):
    book = written(tmp_path)
    assert book.checkpoint(SIGNER, NOON).size == 4
    before = everything(tmp_path)
    assert book.checkpoint(SIGNER, NOON) is None
    assert Ledger(tmp_path).checkpoint(OTHER, NOON) is None
    assert everything(tmp_path) == before


def test_nothing_is_signed_that_is_not_on_disk(tmp_path):
    book = Ledger(tmp_path)
    book.append(DECISIONS[0], run="r1")
    with pytest.raises(Fault):
        book.checkpoint(SIGNER, NOON)
    assert not (tmp_path / "checkpoint").exists()


def test_another_key_is_put_on_record_before_it_signs(tmp_path):
    book = written(tmp_path)
    book.checkpoint(SIGNER, NOON)
    book.append(DECISIONS[0], run="r1")
    book.sync()
    assert book.checkpoint(OTHER, NOON + timedelta(minutes=1)).size == 6
    told = list(ledger.entries(tmp_path))[-1]
    assert (told.type, told.fields["vkey"]) == ("key", str(OTHER.verifier))
    grown(book, 1)
    assert book.checkpoint(OTHER, NOON + timedelta(minutes=2)).size == 7
    check_tree(tmp_path)


def test_partial_tiles_of_earlier_checkpoints_are_gone(tmp_path):
    book = Ledger(tmp_path)
    for count in (3, 250, 10, 256, 700, 300):
        grown(book, count)
        book.checkpoint(SIGNER, NOON)
        found = {str(path.relative_to(tmp_path)) for path in (tmp_path / "tile").rglob("*") if path.is_file()}
        assert found == {merkle.tile_path(*tile) for tile in merkle.tiles(book.count)}
        if count == 700:
            book = Ledger(tmp_path)
    check_tree(tmp_path)


def test_missing_tiles_are_made_again(tmp_path):
    book = grown(Ledger(tmp_path), 2 * BLOCK + 300)
    book.checkpoint(SIGNER, NOON)
    before = everything(tmp_path)
    for name in ("tile/0/003", "tile/0/009.p/44", "tile/1/000.p/9", "tile"):
        path = tmp_path / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        Ledger(tmp_path)
        assert everything(tmp_path) == before


@pytest.mark.parametrize("name", ["tile/1/000.p/9", "salts.bin", "checkpoint", "checkpoints"])
def test_what_was_not_signed_is_not_gone_on_with(tmp_path, name):
    book = grown(Ledger(tmp_path), 2 * BLOCK + 300)
    book.checkpoint(SIGNER, NOON)
    path = tmp_path / name
    data = bytearray(path.read_bytes())
    if name == "salts.bin":
        shutil.rmtree(tmp_path / "tile")
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    before = everything(tmp_path)
    with pytest.raises(Damaged):
        Ledger(tmp_path)
    assert {path: data for path, data in everything(tmp_path).items() if "tile" not in path.parts} == {
        path: data for path, data in before.items() if "tile" not in path.parts
    }


def test_a_ledger_that_was_set_back_is_not_gone_on_with(tmp_path):
    book = written(tmp_path)
    tail = (tmp_path / "tail.jsonl").read_bytes()
    grown(book, 5)
    book.checkpoint(SIGNER, NOON)
    (tmp_path / "tail.jsonl").write_bytes(tail)
    before = everything(tmp_path)
    with pytest.raises(Damaged, match="holds 4 entries, but its last checkpoint was signed over 9"):
        Ledger(tmp_path)
    assert everything(tmp_path) == before


def test_a_checkpoint_that_was_not_written_to_its_end_is_cut_and_an_older_one_put_back_is_not(tmp_path):
    book = written(tmp_path)
    book.checkpoint(SIGNER, NOON)
    path = tmp_path / "checkpoints"
    first = path.read_bytes()
    grown(book, 1)
    book.checkpoint(SIGNER, NOON + timedelta(minutes=1))
    second = path.read_bytes()
    for size in range(len(first), len(second)):
        path.write_bytes(second[:size])
        with pytest.raises(Damaged, match="is not the last checkpoint"):
            Ledger(tmp_path)
        assert path.read_bytes() == second[:size]
    (tmp_path / "checkpoint").write_bytes(first[:-1])
    for size in range(len(first) + 1, len(second)):
        path.write_bytes(second[:size])
        assert len(list(ledger.checkpoints(tmp_path))) == 1
        Ledger(tmp_path)
        assert path.read_bytes() == first
    path.write_bytes(second)
    Ledger(tmp_path)
    assert (tmp_path / "checkpoint").read_bytes() + b"\n" == second[len(first) :]


# Erasing


def test_an_erased_entry_says_nothing_and_every_proof_stays(tmp_path):
    book = written(tmp_path)
    grown(book, 2 * BLOCK)
    book.checkpoint(SIGNER, NOON)
    before = {leaf.number: leaf for leaf in ledger.leaves(tmp_path)}
    gone = [2, BLOCK, BLOCK + 1, 2 * BLOCK + 3]
    number = book.erase(gone, reason="asked", run="r2", at=NOON)
    book.checkpoint(SIGNER, NOON)
    assert number == 2 * BLOCK + 5
    told = list(ledger.entries(tmp_path))
    assert [one.number for one in told if one.type == "erased"] == gone
    assert told[1].leaf == b'{"entry":2,"erased":true}'
    assert told[number - 1].fields["entries"] == gone
    after = {leaf.number: leaf for leaf in ledger.leaves(tmp_path)}
    for one in before.values():
        assert after[one.number].hash == one.hash
        assert (after[one.number].line is None) == (one.number in gone)
    for one in gone:
        assert salts.read(tmp_path, one) == bytes(16)
        held = [path for path, data in everything(tmp_path).items() if before[one].salt in data]
        assert held == []
    assert b"a.example/2" not in b"".join(b"".join(piece.lines) for piece in ledger.pieces(tmp_path))
    check_tree(tmp_path)
    assert grown(Ledger(tmp_path), 3).count == number + 3
    check_tree(tmp_path)


def test_only_what_is_under_a_checkpoint_can_be_erased(tmp_path):
    book = written(tmp_path)
    for numbers in ([1], []):
        with pytest.raises(Fault):
            book.erase(numbers, reason="asked", run="r2", at=NOON)
    book.checkpoint(SIGNER, NOON)
    for numbers in ([], [0], [5]):
        with pytest.raises(Fault):
            book.erase(numbers, reason="asked", run="r2", at=NOON)
    assert book.count == 4


def test_the_tile_is_the_record_of_what_was_erased(tmp_path):
    book = grown(Ledger(tmp_path), 600)
    book.checkpoint(SIGNER, NOON)
    book.erase([300], reason="asked", run="r2", at=NOON)
    book.checkpoint(SIGNER, NOON)
    before = everything(tmp_path)
    (tmp_path / "tile/0/000").unlink()
    Ledger(tmp_path)
    assert everything(tmp_path) == before
    (tmp_path / "tile/0/001").unlink()
    with pytest.raises(Damaged, match="tile/0/001"):
        Ledger(tmp_path)


# Any order of everything


class Model:
    """A ledger, and what was promised about it."""

    def __init__(self, folder):
        self.folder = folder
        self.book = Ledger(folder)
        self.synced, self.buffered, self.roots = [], [], {}
        self.chance = random.Random(1)

    def append(self, count):
        for _ in range(count):
            number = self.book.append_other("run", run="r1", at=NOON, event=f"e{self.chance.random()}")
            self.buffered.append((number, False))

    def sync(self, _):
        self.book.sync()
        self.synced += self.buffered
        self.buffered = []

    def checkpoint(self, _):
        self.sync(0)
        if (signed := self.book.checkpoint(SIGNER, NOON)) is not None:
            self.roots[signed.size] = signed.root

    def erase(self, count):
        self.checkpoint(0)
        alive = [number for number, gone in self.synced if not gone]
        numbers = self.chance.sample(alive, min(count, 5, len(alive)))
        if numbers:
            told = self.book.erase(numbers, reason="asked", run="r2", at=NOON)
            self.synced = [(number, gone or number in numbers) for number, gone in self.synced]
            self.synced.append((told, False))

    def crash(self, torn):
        """What is buffered is lost, but for a beginning of it that was being written."""
        lines = self.book._tail.lines[len(self.book._tail.lines) - len(self.buffered) :]
        if lines:
            with (self.folder / "salts.bin").open("ab") as file:
                file.write(self.chance.randbytes(torn % (16 * len(lines))))
        if lines and torn % 2:
            with (self.folder / "salts.bin").open("ab") as file:
                file.write(self.chance.randbytes(16 * len(lines)))
            with (self.folder / "tail.jsonl").open("ab") as file:
                file.write(lines[0][: torn % len(lines[0])])
        self.buffered = []
        self.book = Ledger(self.folder)

    def check(self):
        told = [(entry.number, entry.type == "erased") for entry in ledger.entries(self.folder)]
        assert told == self.synced
        assert self.book.count == len(self.synced) + len(self.buffered)
        if not self.buffered:
            assert self.book.root == merkle.root(leaf.hash for leaf in ledger.leaves(self.folder))
        assert {
            one.checkpoint.size: one.checkpoint.root for one in ledger.checkpoints(self.folder)
        } == self.roots
        check_tree(self.folder)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["append", "append", "sync", "checkpoint", "erase", "crash"]),
        st.sampled_from([1, 2, 5, 255, 300, 1023, 1024, 1500]),
    ),
    min_size=3,
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
@example([("append", 1024), ("sync", 1), ("append", 1)])  # torn in the first line after a block
def test_whatever_happens_nothing_synced_is_lost_and_the_root_is_right(steps):
    logging.getLogger("crawler.audit").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        model = Model(Path(folder))
        for step, much in steps:
            getattr(model, step)(much)
        model.check()
        model.crash(much)
        model.check()


@given(st.binary(max_size=60))
def test_junk_is_malformed_and_nothing_else(junk):
    with pytest.raises(Malformed):
        parse_entry(junk, 1)


@given(st.text(max_size=40))
def test_any_text_can_be_written(text):
    line = format_entry({"entry": 1, "run": text, "at": "2026-11-22T12:00:00Z", "x": [{"y": text}]})
    assert line.count(b"\n") == 1
    assert parse_entry(line[:-1], 1).fields["run"] == text.encode("utf-8", "replace").decode()


def test_a_url_with_half_a_character_can_be_written(tmp_path):
    written(tmp_path, [decision("https://a.example/\ud800")])
    assert [entry.urls for entry in ledger.entries(tmp_path)] == [("https://a.example/?",)]
