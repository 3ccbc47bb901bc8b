"""Whatever is changed in a corpus folder is noticed, and named."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.audit import blocks, checkpoints, leaves, salts
from crawler.audit.checkpoint import Checkpoint, sign_checkpoint
from crawler.audit.entries import format_entry
from crawler.audit.merkle import HASH_SIZE, Frontier, tile_path
from crawler.audit.note import Signer
from crawler.audit.verify.files import FREE
from crawler.corpus.member import pack, unpack
from tests import corpora, verifying
from tests.verifying import SIGNER, STRANGER, copied, findings, told, verified

ALL = 400
"""Bytes of a file of which every single one is flipped."""
SOME = 10
"""Bytes flipped in larger files."""


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return verifying.crawled(tmp_path_factory.mktemp("tampering") / "crawled")


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return verifying.blocked(tmp_path_factory.mktemp("tampering") / "blocked")


@pytest.fixture
def copy(crawled: Path, tmp_path: Path) -> Path:
    return copied(crawled, tmp_path / "copy")


@pytest.fixture
def large(blocked: Path, tmp_path: Path) -> Path:
    return copied(blocked, tmp_path / "large")


def files(folder: Path) -> list[str]:
    every = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return [name for name in every if not FREE.fullmatch(name)]


def test_both_corpora_hold(crawled: Path, blocked: Path) -> None:
    assert findings(crawled, "--key", str(verifying.own_signer().verifier)) == []
    assert findings(blocked, "--key", str(SIGNER.verifier)) == []
    for name in ("marks.key", "checkpoints", "checkpoint", "salts.bin", "tail.jsonl", "tile/0/000.p"):
        assert (crawled / "ledger" / name).exists()
    assert (crawled / "removed.jsonl").exists()
    assert blocks.names(blocked / "ledger")


# Single bytes


def test_any_byte_of_any_file(crawled: Path, tmp_path: Path) -> None:
    _flip(crawled, tmp_path, str(verifying.own_signer().verifier), all_up_to=ALL, some=SOME)


def test_any_byte_of_a_corpus_with_blocks(blocked: Path, tmp_path: Path) -> None:
    _flip(blocked, tmp_path, str(SIGNER.verifier), all_up_to=0, some=2)


def _flip(folder: Path, to: Path, key: str, *, all_up_to: int, some: int) -> None:
    draw = random.Random(20261122)
    folder = copied(folder, to / "flipped")
    for name in files(folder):
        if name == "ledger/marks.key" and b'"marks"' not in (folder / "ledger" / "tail.jsonl").read_bytes():
            continue  # nothing was marked with it: it is no more than random bytes
        path = folder / name
        data = path.read_bytes()
        places = range(len(data)) if len(data) <= all_up_to else draw.sample(range(len(data)), some)
        for place in places:
            changed = bytearray(data)
            changed[place] ^= draw.randrange(1, 256)
            path.write_bytes(changed)
            result = verified(folder, "--key", key)
            assert result.exit_code != 0, f"byte {place} of {name} was changed unnoticed"
            said = result.output
            assert name in said or _names_what_it_proves(said), (name, place, said)
        path.write_bytes(data)
    assert verified(folder, "--key", key).exit_code == 0


def _names_what_it_proves(said: str) -> bool:
    """A changed salt, tile or line shows in the entry or checkpoint that it makes untrue."""
    return "checkpoint of" in said or "entry " in said


def test_any_file_that_is_gone(crawled: Path, tmp_path: Path) -> None:
    """What can be made again from the rest is only told; everything else is missed."""
    key = str(verifying.own_signer().verifier)
    for name in files(crawled):
        folder = copied(crawled, tmp_path / "gone")
        (folder / name).unlink()
        result = verified(folder, "--key", key)
        derived = name in ("removed.jsonl", "ledger/marks.key") or name.startswith("ledger/policies/")
        assert (result.exit_code == 0) is derived, (name, result.output)


def test_what_is_derived_or_free_counts_for_nothing(copy: Path) -> None:
    for name in ("ledger/index.db", "frontier.db", ".lock"):
        (copy / name).write_bytes(b"anything")
    (copy / "report").mkdir()
    (copy / "report" / "index.html").write_text("anything")
    assert findings(copy) == []


# Entries


def tail(folder: Path) -> list[bytes]:
    return (folder / "ledger" / "tail.jsonl").read_bytes().splitlines(keepends=True)


def renumbered(lines: list[bytes]) -> list[bytes]:
    """As somebody would who knows that entries are numbered."""
    return [format_entry(json.loads(line) | {"entry": number}) for number, line in enumerate(lines, 1)]


def rewrite(folder: Path, lines: list[bytes]) -> None:
    """Put these lines in the place of the tail, with as many salts."""
    (folder / "ledger" / "tail.jsonl").write_bytes(b"".join(lines))
    path = folder / "ledger" / "salts.bin"
    drawn = path.read_bytes()
    path.write_bytes((drawn + bytes(salts.SIZE * len(lines)))[: salts.SIZE * len(lines)])


Change = Callable[[list[bytes], int], list[bytes]]
CHANGES: dict[str, Change] = {
    "dropped": lambda lines, at: lines[:at] + lines[at + 1 :],
    "inserted": lambda lines, at: [*lines[:at], lines[0], *lines[at:]],
    "put later": lambda lines, at: [*lines[:at], *lines[at + 1 :], lines[at]],
    "changed": lambda lines, at: [*lines[:at], _other_time(lines[at]), *lines[at + 1 :]],
    "cut off": lambda lines, at: lines[:at],
}


def _other_time(line: bytes) -> bytes:
    return format_entry(json.loads(line) | {"at": "2020-01-01T00:00:00Z"})


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("hidden", [False, True], ids=["plainly", "renumbered"])
def test_any_entry(copy: Path, change: str, hidden: bool) -> None:
    lines = tail(copy)
    for at in range(len(lines) - (change == "put later")):
        altered = CHANGES[change](lines, at)
        rewrite(copy, renumbered(altered) if hidden else altered)
        found = findings(copy)
        assert found, f"entry {at + 1} was {change} unnoticed"
        assert any("ledger/" in one for one in found)
        (copy / "ledger" / "salts.bin").write_bytes(_salts_of(copy, len(lines)))


_drawn: dict[Path, bytes] = {}


def _salts_of(folder: Path, count: int) -> bytes:
    return _drawn[folder][: count * salts.SIZE]


@pytest.fixture(autouse=True)
def _remember(request: pytest.FixtureRequest) -> Iterator[None]:
    if "copy" in request.fixturenames:
        folder: Path = request.getfixturevalue("copy")
        _drawn[folder] = (folder / "ledger" / "salts.bin").read_bytes()
    yield
    _drawn.clear()


def test_an_entry_that_is_written_in_another_way(copy: Path) -> None:
    lines = tail(copy)
    lines[2] = lines[2].replace(b'{"', b'{ "', 1)
    rewrite(copy, lines)
    (found,) = (one for one in findings(copy) if "not written as an entry" in one)
    assert found.startswith("3 ledger/tail.jsonl@")


SHAPES = [
    None,
    True,
    -1,
    10**40,
    1.5,
    "",
    "\x00",
    "x" * 3000,
    [],
    [[]],
    [None],
    {},
    {"sha256": 1},
    "2026-01-01",
]


def test_entries_of_any_shape(copy: Path) -> None:
    """What stands where something else is expected is a finding, in a replay too, never an error of ours."""
    draw = random.Random(20261122)
    lines = tail(copy)
    for _ in range(150):
        at = draw.randrange(len(lines))
        said = json.loads(lines[at])
        inside = said
        while True:
            key = draw.choice(sorted(inside) if isinstance(inside, dict) else range(len(inside)))
            if not (isinstance(inside[key], dict | list) and inside[key] and draw.random() < 0.7):
                break
            inside = inside[key]
        shape = draw.choice(SHAPES)
        if inside[key] == shape:
            continue
        inside[key] = shape
        rewrite(copy, [*lines[:at], json.dumps(said, sort_keys=True).encode() + b"\n", *lines[at + 1 :]])
        assert verified(copy, "--replay").exit_code == 5, (at, key, shape)


def test_an_entry_in_a_block(large: Path) -> None:
    """The block is packed as it should be, and only its content is another."""
    (name,) = blocks.names(large / "ledger")
    path = large / "ledger" / name
    lines = blocks.unpack(path.read_bytes())
    lines[500] = _other_time(lines[500])
    path.write_bytes(blocks.pack(lines))
    found = findings(large)
    assert any("ledger/tile/0/001@None the tile does not hold" in one for one in found)
    assert any("the checkpoint of 1060 entries does not hold" in one for one in found)


def test_a_block_that_is_gone(large: Path) -> None:
    (name,) = blocks.names(large / "ledger")
    (large / "ledger" / name).unlink()
    assert any("entries 1 to 1024 are missing" in one for one in findings(large))


def test_a_block_that_stands_twice(large: Path) -> None:
    (name,) = blocks.names(large / "ledger")
    path = large / "ledger" / name
    path.write_bytes(path.read_bytes() * 2)
    assert findings(large)


# Checkpoints


def notes(folder: Path) -> list[bytes]:
    return [one.data for one in checkpoints.checkpoints(folder / "ledger")]


def put(folder: Path, every: list[bytes]) -> None:
    (folder / "ledger" / "checkpoints").write_bytes(b"".join(one + b"\n" for one in every))
    (folder / "ledger" / "checkpoint").write_bytes(every[-1])


def test_checkpoints_in_another_order(copy: Path) -> None:
    every = notes(copy)
    assert len(every) >= 3
    for at in range(len(every) - 1):
        put(copy, [*every[:at], every[at + 1], every[at], *every[at + 2 :]])
        assert any("stands after one" in one for one in findings(copy))


def test_a_checkpoint_that_is_gone_from_the_middle_changes_nothing_that_is_proven(copy: Path) -> None:
    every = notes(copy)
    put(copy, [every[0], every[-1]])
    assert findings(copy) == []


def test_an_older_checkpoint_put_back(copy: Path) -> None:
    every = notes(copy)
    (copy / "ledger" / "checkpoint").write_bytes(every[0])
    assert any("ledger/checkpoint@" in one and "not the last" in one for one in findings(copy))
    put(copy, every[:1])
    found = findings(copy)
    assert any("heedful.json@" in one for one in found), "the manifest is not the one of that time"


def signed(folder: Path, size: int, root: bytes, signer: Signer) -> bytes:
    last = list(checkpoints.checkpoints(folder / "ledger"))[-1].checkpoint
    return sign_checkpoint(
        Checkpoint(origin=last.origin, size=size, root=root, at=last.at, extensions=last.extensions), signer
    )


def test_a_fork(large: Path) -> None:
    """The right key signs another root over as many entries."""
    every = notes(large)
    for at in range(len(every) + 1):
        size = list(checkpoints.checkpoints(large / "ledger"))[min(at, 1)].checkpoint.size
        fork = signed(large, size, hashlib.sha256(b"another history").digest(), SIGNER)
        put(large, [*every[:at], fork, *every[at:]])
        assert any("does not hold" in one and "@" in one for one in findings(large))
        put(large, every)


def test_a_checkpoint_of_another_ledger(large: Path, tmp_path: Path) -> None:
    other = verifying.blocked(tmp_path / "other", 41)
    put(large, [*notes(large), notes(other)[-1]])
    assert any("is about the ledger heedful/" in one for one in findings(large))


def test_a_stranger_s_checkpoint(large: Path) -> None:
    last = list(checkpoints.checkpoints(large / "ledger"))[-1].checkpoint
    put(large, [*notes(large), signed(large, last.size, last.root, STRANGER)])
    assert any("none of the keys that count" in one for one in findings(large))


# A whole other history, by somebody who can do everything but sign


def rebuilt(folder: Path, signer: Signer) -> None:
    """Make tiles, checkpoints and manifest fit the entries that are there now."""
    ledger = folder / "ledger"
    shutil.rmtree(ledger / "tile")
    hashes = [leaf.hash for leaf in leaves.leaves(ledger)]
    assert len(hashes) < 256
    path = ledger / tile_path(0, 0, len(hashes))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(hashes))
    assert path.stat().st_size == len(hashes) * HASH_SIZE
    put(folder, [signed(folder, len(hashes), Frontier(hashes).root, signer)])


def test_another_history_under_another_key(crawled: Path, copy: Path) -> None:
    lines = tail(copy)
    (folder,) = [copy]
    (copy / "removed.jsonl").unlink()
    kept = checkpoint_kept(crawled, copy.parent)
    rewrite(folder, renumbered([line for line in lines if b"/closed" not in line and b'"removal"' not in line]))
    rebuilt(folder, STRANGER)
    data = (folder / "heedful.json").read_text()
    own = str(verifying.own_signer().verifier)
    assert own in data
    (folder / "heedful.json").write_text(data.replace(own, str(STRANGER.verifier)))
    _name_manifest(folder)
    assert not any("tile" in one or "checkpoint" in one for one in findings(folder)), (
        "it is consistent in itself"
    )
    for given in (["--key", own], ["--key", own, "--since", str(kept)]):
        assert verified(folder, *given).exit_code in (2, 5), "and is not what the key's holder signed"
    assert any("none of the keys that count" in one for one in findings(folder, "--key", own))
    assert "proves nothing" in verified(folder, "--since", str(kept)).output


def _name_manifest(folder: Path) -> None:
    """Have the last checkpoint name the manifest as it is now."""
    last = list(checkpoints.checkpoints(folder / "ledger"))[-1].checkpoint
    digest = hashlib.sha256((folder / "heedful.json").read_bytes()).hexdigest()
    note = sign_checkpoint(
        Checkpoint(
            origin=last.origin, size=last.size, root=last.root, at=last.at, extensions=(f"manifest {digest}",)
        ),
        STRANGER,
    )
    put(folder, [note])


def checkpoint_kept(folder: Path, to: Path) -> Path:
    path = to / "kept"
    path.write_bytes((folder / "ledger" / "checkpoint").read_bytes())
    return path


def test_a_rollback_is_seen_by_whoever_kept_a_checkpoint(tmp_path: Path) -> None:
    """The key's holder sets everything back to an earlier whole state, and goes on differently."""
    folder = tmp_path / "corpus"
    with corpora.opened(folder) as corpus:
        corpora.fill(corpus, 8)
        corpus.seal(SIGNER, corpora.NOON)
    before = copied(folder, tmp_path / "before")
    with corpora.opened(folder) as corpus:
        corpora.fill(corpus, 8, start=8)
        corpus.seal(SIGNER, corpora.NOON)
    kept = checkpoint_kept(folder, tmp_path)
    with corpora.opened(before) as corpus:
        corpora.fill(corpus, 12, start=100)
        corpus.seal(SIGNER, corpora.NOON)
    assert findings(folder, "--since", str(kept)) == []
    assert findings(before) == [], "by itself it is whole"
    assert any("does not begin with" in one for one in findings(before, "--since", str(kept)))
    assert told(before, "--since", str(before / "ledger" / "checkpoint"))["holds"]


# Content


def warc(folder: Path, area: str) -> Path:
    return next(path for path in sorted((folder / area).iterdir()) if path.stat().st_size > 600)


def members(path: Path) -> list[bytes]:
    from crawler.corpus import archive

    data = path.read_bytes()
    return [data[place.offset : place.end] for place, _ in archive.walk(path.parent, path.name)]


@pytest.mark.parametrize("area", ["archive", "evidence"])
def test_a_record_that_is_gone(copy: Path, area: str) -> None:
    path = warc(copy, area)
    every = members(path)
    for at in range(1, len(every)):
        path.write_bytes(b"".join(every[:at] + every[at + 1 :]))
        words = "is not in the archive" if area == "archive" else "is not stored"
        assert any(words in one for one in findings(copy)), f"record {at} of {area} was taken away unnoticed"


@pytest.mark.parametrize("area", ["archive", "evidence"])
def test_a_record_that_stands_twice(copy: Path, area: str) -> None:
    path = warc(copy, area)
    every = members(path)
    path.write_bytes(b"".join([*every, every[1]]))
    assert any(f"{area}/{path.name}@" in one for one in findings(copy))


def test_content_that_was_exchanged(copy: Path) -> None:
    """The record is whole, its digests are right, and it is not what the ledger says."""
    path = warc(copy, "archive")
    every = members(path)
    plain = unpack(every[1])
    forged = _with_body(plain, b"words", b"sword")
    path.write_bytes(b"".join([every[0], pack(forged), *every[2:]]))
    assert any("is about other bytes" in one for one in findings(copy))


def test_headers_that_were_exchanged(copy: Path) -> None:
    path = warc(copy, "archive")
    every = members(path)
    plain = unpack(every[1])
    path.write_bytes(b"".join([every[0], pack(_with_head(plain, b"text/html", b"text/hmtl")), *every[2:]]))
    assert any("status and headers" in one for one in findings(copy))


def _with_body(plain: bytes, old: bytes, new: bytes) -> bytes:
    head, _, rest = plain.partition(b"\r\n\r\n")
    block = rest[:-4]
    answer, _, body = block.partition(b"\r\n\r\n")
    assert old in body
    return _redigested(head, block, answer + b"\r\n\r\n" + body.replace(old, new), body, body.replace(old, new))


def _with_head(plain: bytes, old: bytes, new: bytes) -> bytes:
    head, _, rest = plain.partition(b"\r\n\r\n")
    block = rest[:-4]
    answer, _, body = block.partition(b"\r\n\r\n")
    assert old in answer
    return _redigested(head, block, answer.replace(old, new) + b"\r\n\r\n" + body, body, body)


def _redigested(head: bytes, block: bytes, forged: bytes, body: bytes, other: bytes) -> bytes:
    for old, new in ((block, forged), (body, other)):
        head = head.replace(hashlib.sha256(old).hexdigest().encode(), hashlib.sha256(new).hexdigest().encode())
    return head + b"\r\n\r\n" + forged + b"\r\n\r\n"


def test_content_that_was_removed_and_is_back(crawled: Path, copy: Path) -> None:
    """An old file of the archive, from before the removal, is put back."""
    (removed,) = [json.loads(line) for line in (crawled / "removed.jsonl").read_text().splitlines()]
    first = copied(copy, copy.parent / "first")
    lines = [json.loads(line) for line in tail(copy)]
    (entry,) = [one for one in lines if one.get("item", {}).get("sha256") == removed["sha256"]]
    from crawler.corpus.items import Note, describe, item_fields
    from crawler.corpus.warc import capture_record
    from crawler.optout.codec import decision_from_dict, time_from_text
    from crawler.optout.model import Capture

    body = b"<!doctype html><html><head></head><body><p>it changes its mind</p></body></html>"
    capture = Capture(url=entry["url"], status=200, at=time_from_text(entry["at"]), body=body)
    fields = item_fields(describe(decision_from_dict(entry), capture, Note()), entry["entry"])
    path = warc(first, "archive")
    path.write_bytes(path.read_bytes() + pack(capture_record(capture, fields)))
    assert any(f"{entry['entry']} archive/" in one for one in findings(first))


def test_a_file_that_does_not_belong(copy: Path) -> None:
    for name in ("archive/notes.txt", "ledger/tile/0/extra", "evidence/deep/one", "readme", "ledger/old.jsonl"):
        path = copy / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
        assert f"None {name}@None it is no file of a corpus" in findings(copy)
        path.unlink()
    (copy / "archive" / "link").symlink_to("/etc/hostname")
    assert any("archive/link@None it is a link" in one for one in findings(copy))


def test_what_a_crash_leaves_is_named_and_no_failure(copy: Path) -> None:
    (copy / "archive" / "x.warc.gz.tmp").write_bytes(b"x")
    with (copy / "ledger" / "tail.jsonl").open("ab") as file:
        file.write(b'{"entry":')
    with (copy / "ledger" / "salts.bin").open("ab") as file:
        file.write(bytes(20))
    with (copy / "ledger" / "checkpoints").open("ab") as file:
        file.write(b"heedful/")
    report = told(copy)
    assert report["holds"], report["findings"]
    said = " ".join(report["notes"])
    for name in ("archive/x.warc.gz.tmp", "ledger/tail.jsonl", "ledger/salts.bin", "ledger/checkpoints"):
        assert name in said
