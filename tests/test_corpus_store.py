"""The store: in only by decision, out only by removal, found again from the files alone."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.audit.entries import Filter
from crawler.corpus import archive
from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import CorpusError, Damaged
from crawler.corpus.evidence import HOP, HOST_FILE, hops_of, reading_of
from crawler.corpus.items import Note, item_of, item_to_dict
from crawler.corpus.segments import Place
from crawler.optout.model import Fault, Hop, Kind, Outcome, Refused, Stage
from tests.corpora import NOON, RESERVED, check_laws, decision, fill, journal, opened, page, robots, tables

NEEDED = [
    "url kind media_type sha256 bytes fetched_at entry outcome via title author date language licence",
    "attribution width height alt caption warc",
]


def keep(corpus, capture, outcome=Outcome.UNRESERVED, **more):
    book = journal(corpus)
    entry = book.record(decision(capture.url, outcome), capture, **more)
    book.flush()
    return entry


@pytest.fixture
def corpus(tmp_path):
    with opened(tmp_path / "corpus", file_limit=20_000) as corpus:
        yield corpus


def test_an_item_has_the_keys_that_scripts_rely_on(corpus):
    note = Note(title="T", author="A", alt="alt", width=3, height=4, via=("https://a.example/q",))
    entry = keep(corpus, page(), Outcome.LICENSED, note=note)
    item = corpus.store.held("https://a.example/p")
    plain = item_to_dict(item)
    assert list(plain) == " ".join(NEEDED).split()
    assert plain["entry"] == entry
    assert plain["licence"] == "CC0-1.0"
    assert plain["via"] == ["https://a.example/q"]
    assert plain["media_type"] == "text/html"
    assert plain["warc"] == f"{item.file}@{item.offset}"
    assert (item.etag, item.last_modified) == ('"1"', None)


def test_what_is_kept_is_read_back(corpus):
    capture = page(body=bytes(range(256)) * 9)
    keep(corpus, capture)
    assert corpus.store.read(corpus.store.held(capture.url)) == capture
    assert corpus.store.held("https://a.example/other") is None


@pytest.mark.parametrize(
    ("judged", "capture"),
    [
        (decision(outcome=RESERVED), page()),
        (decision(outcome=Outcome.UNDETERMINED), page()),
        (decision(outcome=Outcome.SKIPPED), page()),
        (decision(stage=Stage.HEADERS), page()),
        (replace(decision(), needs=("https://a.example/licence",)), page()),
        (decision("https://a.example/other"), page()),
        (decision(), page(status=404)),
        (decision(), page(status=206)),
        (decision(), page(status=None)),
        (decision(), page(complete=False)),
        (decision(), page(failure="the body was cut short")),
    ],
)
def test_the_door_stays_shut(corpus, judged, capture):
    with pytest.raises(Refused):
        corpus.store.add(judged, capture, entry=1)
    assert corpus.store.unsynced == 0
    assert list(corpus.store.items()) == []


def test_unchanged_bytes_are_not_stored_twice_and_changed_ones_beside(corpus):
    for body in (b"one", b"one", b"two", b"one"):
        keep(corpus, page(body=body))
    assert [corpus.store.read(item).body for item in corpus.store.items()] == [b"one", b"two"]
    assert [item.entry for item in corpus.store.items(url="https://a.example/p")] == [1, 3]
    keep(corpus, page("https://b.example/", b"one"))
    one = page(body=b"one").digest
    assert [item.url for item in corpus.store.items(sha256=one)] == [
        "https://a.example/p",
        "https://b.example/",
    ]


def test_a_removal_leaves_no_copy_and_a_tombstone(corpus):
    secret = b"the words that were withdrawn"
    keep(corpus, page("https://a.example/1", b"first"))
    for url in ("https://a.example/2", "https://b.example/2"):
        keep(corpus, page(url, secret), note=Note(title="a withdrawn title"))
    keep(corpus, page("https://a.example/3", b"third"))
    others = {item.url: item for item in corpus.store.items() if item.bytes != len(secret)}
    digest = page(body=secret).digest

    gone = corpus.store.remove(digest, reason="asked by the author", run="r2", at=NOON, ticket="T-1")

    assert [item.url for item in gone] == ["https://a.example/2", "https://b.example/2"]
    assert corpus.store.held("https://b.example/2") is None
    last = list(corpus.entries())[-1]
    assert last.type == "removal"
    assert last.fields == last.fields | {
        "sha256": digest,
        "urls": ["https://a.example/2", "https://b.example/2"],
        "reason": "asked by the author",
        "ticket": "T-1",
    }
    for url, item in others.items():
        assert corpus.store.read(corpus.store.held(url)).url == item.url
    assert [entry.type for entry in corpus.entries(Filter(url="https://b.example/2"))] == [
        "decision",
        "removal",
    ]
    assert_forgotten(corpus.folder.path, secret, b"a withdrawn title")


def assert_forgotten(path, *words):
    for name in archive.names(path / "archive"):
        for _, record in archive.walk(path / "archive", name):
            assert not any(word in record.block + repr(record.fields).encode() for word in words)
    for file in path.rglob("*"):
        if file.is_file():
            assert not any(word in file.read_bytes() for word in words), file


def test_a_removal_leaves_the_other_records_as_they_were(corpus):
    fill(corpus, 12)
    folder = corpus.folder.archive
    (name,) = archive.names(folder)
    raw = (folder / name).read_bytes()
    items = list(corpus.store.items())
    doomed = items[1], items[2], items[6]
    before = {item.url: raw[item.offset : item.offset + item.length] for item in items if item not in doomed}
    corpus.store.remove(*(item.sha256 for item in doomed), reason="x", run="r1", at=NOON)
    raw = (folder / name).read_bytes()
    after = {item.url: raw[item.offset : item.offset + item.length] for item in corpus.store.items()}
    assert after == before
    check_laws(corpus.folder.path)
    fill(corpus, 6, start=20)  # the file that was rewritten is the one that is being written
    assert len(archive.names(folder)) == 1
    assert all(corpus.store.read(item).url == item.url for item in corpus.store.items())


def test_a_removal_of_nothing_is_no_entry(corpus):
    fill(corpus, 3)
    assert corpus.store.remove("ab" * 32, reason="x", run="r1", at=NOON) == ()
    assert len(list(corpus.entries())) == 3


def test_a_removal_waits_for_what_came_before(corpus):
    journal(corpus).record(decision(), page())
    with pytest.raises(Fault, match="on disk"):
        corpus.store.remove(page().digest, reason="x", run="r1", at=NOON)


def test_what_was_removed_can_be_kept_again_later(corpus):
    keep(corpus, page())
    corpus.store.remove(page().digest, reason="x", run="r1", at=NOON)
    keep(corpus, page())
    path = corpus.folder.path
    corpus.close()
    with opened(path) as again:
        assert again.store.held("https://a.example/p").entry == 3


@pytest.mark.parametrize("seed", range(4))
def test_the_index_can_be_made_again(tmp_path, seed):
    noise = random.Random(seed)
    with opened(tmp_path, file_limit=4000) as corpus:
        for start in range(0, 60, 15):
            fill(corpus, 15, start=start, each=noise.randint(1, 9))
            items = list(corpus.store.items())
            digests = [item.sha256 for item in noise.sample(items, 3)]
            corpus.store.remove(*digests, reason="x", run="r1", at=NOON)
    before = tables(tmp_path / "ledger/index.db")
    check_laws(tmp_path)
    (tmp_path / "ledger/index.db").unlink()
    with Corpus.read(tmp_path) as reader:
        listed = list(reader.store.items())
    assert not (tmp_path / "ledger/index.db").exists()
    with opened(tmp_path) as corpus:
        assert list(corpus.store.items()) == listed
    assert tables(tmp_path / "ledger/index.db") == before


@pytest.mark.parametrize("spoil", ["junk", "other version", "from the past", "from the future"])
def test_an_index_that_does_not_fit_is_made_again(tmp_path, spoil):
    index = tmp_path / "ledger/index.db"
    with opened(tmp_path) as corpus:
        fill(corpus, 6)
    past = index.read_bytes()
    with opened(tmp_path) as corpus:
        fill(corpus, 6, start=6)
    before = tables(index)
    if spoil == "junk":
        index.write_bytes(b"junk" * 5000)
    elif spoil == "from the past":
        index.write_bytes(past)
    else:
        database = sqlite3.connect(index)
        database.execute(
            "PRAGMA user_version = 99" if spoil == "other version" else "UPDATE file SET indexed = indexed + 9"
        )
        database.commit()
        database.close()
    with Corpus.read(tmp_path) as reader:
        assert len(list(reader.store.items())) == 8
    with opened(tmp_path):
        pass
    assert tables(index) == before


def test_content_without_a_decision_stops_the_opening(tmp_path):
    with opened(tmp_path) as corpus:
        fill(corpus, 6)
    path = tmp_path / "ledger/tail.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    with pytest.raises(Damaged, match="rests on ledger entry 4, but there are only 2"):
        opened(tmp_path)


def test_a_changed_byte_in_content_is_never_read_as_content(corpus):
    fill(corpus, 3)
    item = next(iter(corpus.store.items()))
    path = corpus.folder.archive / item.file
    raw = bytearray(path.read_bytes())
    raw[item.offset + item.length // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(Damaged, match=f"byte {item.offset} "):
        corpus.store.read(item)


def long(text, times):
    return text * times


JUNK = st.builds(long, st.text(max_size=4), st.sampled_from([1, 2, 700, 3000]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    note=st.builds(
        Note,
        title=JUNK,
        author=JUNK,
        date=JUNK,
        licence=JUNK,
        attribution=JUNK,
        alt=JUNK,
        caption=JUNK,
        media_type=st.none() | st.text(max_size=20),
        via=st.lists(JUNK, max_size=3).map(lambda urls: tuple(urls) * 9),
    ),
    headers=st.lists(
        st.tuples(st.sampled_from(["etag", "last-modified", "content-type", "x\n"]), st.text(max_size=20)),
        max_size=4,
    ).map(tuple),
)
def test_any_note_and_any_header_is_kept_and_listed_the_same_when_read_again(corpus, note, headers):
    url = f"https://a.example/{corpus.ledger.count}"
    keep(corpus, page(url, headers=headers), note=note)
    held = corpus.store.held(url)
    record = archive.read(corpus.folder.archive, held.file, held.offset)
    assert sum(len(name) + len(value.encode()) + 4 for name, value in record.fields) < 32_000
    assert item_of(Place(file=held.file, offset=held.offset, length=held.length), record) == held


def test_an_image_remembers_its_page(corpus):
    judged = decision("https://a.example/i.png", kind=Kind.IMAGE)
    corpus.store.add(judged, page("https://a.example/i.png"), entry=1, note=Note(via=("https://b.example/",)))
    assert corpus.store.held("https://a.example/i.png").note.via == ("https://a.example/", "https://b.example/")


# Evidence


@pytest.mark.parametrize(
    "capture",
    [
        robots(),
        robots(status=404, body=b"not here"),
        robots(status=503, body=b""),
        page("https://a.example/robots.txt", b"", status=None, failure="connection refused", headers=()),
        robots(complete=False, failure="the body was cut short"),
    ],
)
def test_a_reading_comes_back_as_it_was(corpus, capture):
    digest = corpus.evidence.add(capture, HOST_FILE)
    corpus.evidence.sync()
    corpus.index.commit()
    assert corpus.evidence.read(digest) == capture
    assert corpus.evidence.with_body(capture.digest) == [capture]
    with pytest.raises(CorpusError):
        corpus.evidence.read("0" * 64)


def test_the_same_reading_is_stored_once(corpus):
    first = corpus.evidence.add(robots(seconds=1), HOST_FILE)
    size = corpus.evidence.unsynced
    assert corpus.evidence.add(robots(seconds=30), HOST_FILE) == first
    corpus.evidence.sync()
    corpus.index.commit()
    assert corpus.evidence.add(robots(seconds=40), HOST_FILE) == first
    assert corpus.evidence.unsynced == 0 < size


def test_what_could_mean_something_else_is_another_reading():
    readings = [
        robots(),
        robots("b.example"),
        robots(status=404),
        robots(body=b"User-agent: *\nDisallow: /\n"),
        robots(complete=False),
        robots(failure="cut"),
        page("https://a.example/robots.txt", robots().body, headers=(("cf-mitigated", "challenge"),)),
    ]
    assert len({reading_of(reading) for reading in readings}) == len(readings)


def test_redirects_are_evidence_of_headers_only(corpus):
    hop = Hop(url="http://a.example/p", status=301, headers=(("tdm-reservation", "1"), ("location", "/p")))
    capture = page(hops=(hop,))
    book = journal(corpus)
    entry = book.record(decision(outcome=RESERVED), capture)
    book.flush()
    (row,) = next(iter(corpus.entries())).fields["evidence"]
    kept = corpus.evidence.read(row["sha256"])
    assert (kept.url, kept.status, kept.headers, kept.body) == (hop.url, 301, hop.headers, b"")
    assert [reading_of(one) for one in hops_of(capture)] == [row["sha256"]]
    assert corpus.evidence.add(kept, HOP) == row["sha256"]
    assert entry == 1
    assert list(corpus.store.items()) == []


def test_what_a_crash_left_of_a_removal_is_not_listed_and_goes_with_the_next_opening(corpus):
    keep(corpus, page(body=b"to be withdrawn"))
    keep(corpus, page("https://a.example/2"))
    path = corpus.folder.path
    corpus.ledger.append_other(
        "removal",
        run="r1",
        at=NOON,
        sha256=page(body=b"to be withdrawn").digest,
        urls=["https://a.example/p"],
        reason="x",
        ticket=None,
    )
    corpus.ledger.sync()
    corpus.close()
    with Corpus.read(path) as reader:
        assert [item.url for item in reader.store.items()] == ["https://a.example/2"]
        assert reader.store.held("https://a.example/p") is None
    with opened(path) as again:
        assert again.store.held("https://a.example/p") is None
    assert_forgotten(path, b"to be withdrawn")
