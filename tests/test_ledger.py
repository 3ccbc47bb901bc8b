"""The ledger: canonical lines in order, whole after any crash, and damage reported where it is."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.audit import ledger
from crawler.audit.entries import Filter, format_entry, parse_entry
from crawler.audit.ledger import Ledger
from crawler.corpus.errors import Damaged
from crawler.optout.model import Malformed, Outcome, Stage
from tests.corpora import NOON, RESERVED, decision

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


def test_decisions_come_back_equal_and_numbered(tmp_path):
    assert written(tmp_path).count == 4
    entries = list(ledger.entries(tmp_path))
    assert [entry.number for entry in entries] == [1, 2, 3, 4]
    assert [entry.decision for entry in entries] == DECISIONS
    assert {entry.type for entry in entries} == {"decision"}


def test_the_leaf_is_the_canonical_line(tmp_path):
    written(tmp_path)
    lines = (tmp_path / "decisions-000001.jsonl").read_bytes().splitlines()
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


def test_files_are_rotated_and_numbers_go_on(tmp_path):
    written(tmp_path, DECISIONS * 5, file_limit=2000)
    book = written(tmp_path, file_limit=2000)
    assert len(ledger.names(tmp_path)) > 3
    assert [entry.number for entry in ledger.entries(tmp_path)] == list(range(1, 25))
    assert book.count == 24


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
    book = written(tmp_path)
    reading = ledger.entries(tmp_path)
    assert next(reading).number == 1
    book.append(DECISIONS[0], run="r1")
    book.sync()
    with (tmp_path / "decisions-000001.jsonl").open("ab") as file:
        file.write(b'{"at":"2026-')
    assert [entry.number for entry in reading] == [2, 3, 4, 5]


def test_every_torn_end_is_cut_and_only_that(tmp_path):
    written(tmp_path)
    path = tmp_path / "decisions-000001.jsonl"
    whole = path.read_bytes()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == ord("\n")]
    for size in [*range(0, len(whole), 7), *(end - 1 for end in ends), *ends]:
        path.write_bytes(whole[:size])
        left = sum(end <= size for end in ends)
        assert [entry.number for entry in ledger.entries(tmp_path)] == list(range(1, left + 1))
        assert Ledger(tmp_path).count == left
        assert not path.exists() or path.read_bytes() == whole[: ends[left - 1] if left else 0]
        assert written(tmp_path, DECISIONS[:1]).count == left + 1


def test_a_changed_byte_stops_and_is_never_cut_away(tmp_path):
    written(tmp_path)
    path = tmp_path / "decisions-000001.jsonl"
    whole = path.read_bytes()
    for where in range(0, len(whole), 5):
        changed = bytearray(whole)
        changed[where] ^= 0x80
        path.write_bytes(changed)
        with pytest.raises(Damaged, match=r"decisions-000001\.jsonl: line [1-4] "):
            list(ledger.entries(tmp_path))
        with contextlib.suppress(Damaged):
            Ledger(tmp_path)
        assert path.read_bytes() == changed


def test_a_lost_line_feed_is_damage_and_not_a_torn_end(tmp_path):
    written(tmp_path)
    path = tmp_path / "decisions-000001.jsonl"
    whole = path.read_bytes()
    for where in [n for n, byte in enumerate(whole) if byte == ord("\n")]:
        changed = bytearray(whole)
        changed[where] = ord("x")
        path.write_bytes(changed)
        with pytest.raises(Damaged):
            list(ledger.entries(tmp_path)) and Ledger(tmp_path)
        assert path.read_bytes() == changed


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (0, 1, 3), (1, 2, 3), (0, 1, 1, 2, 3)])
def test_lines_out_of_order_are_damage(tmp_path, order):
    written(tmp_path)
    path = tmp_path / "decisions-000001.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[number] for number in order))
    with pytest.raises(Damaged, match="it says entry"):
        list(ledger.entries(tmp_path))


def test_a_missing_file_is_damage(tmp_path):
    written(tmp_path, DECISIONS * 5, file_limit=2000)
    (tmp_path / ledger.names(tmp_path)[1]).unlink()
    with pytest.raises(Damaged):
        list(ledger.entries(tmp_path))


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
