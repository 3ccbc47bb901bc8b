"""WARC records: what goes in comes out, also in other people's readers; damage is never read as content."""

from __future__ import annotations

import io
import random
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from crawler.corpus import archive
from crawler.corpus.archive import Archive
from crawler.corpus.errors import Damaged
from crawler.corpus.member import Broken, Torn, pack, read_member, unpack
from crawler.corpus.warc import capture_of, capture_record, decode, info_record, safe_url
from crawler.optout.model import Capture, Fault, Malformed
from tests.corpora import NOON, page

LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30)
TOKEN = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-_!~"), min_size=1, max_size=20)
TRANSFER = st.sampled_from(["content-length", "content-encoding", "transfer-encoding", "x-archive-orig-etag"])
URL = st.sampled_from(["https://a.example/p", "http://b.example/?q=%20&x=[1]", "https://c.example/~user/;v=1"])
CAPTURES = st.builds(
    Capture,
    url=URL,
    status=st.none() | st.integers(-9, 1200),
    at=st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)),
    headers=st.lists(st.tuples(TOKEN | TRANSFER, LATIN), max_size=6).map(tuple),
    body=st.binary(max_size=400),
    complete=st.booleans(),
    failure=st.none() | TOKEN,
)


@given(CAPTURES)
def test_a_capture_comes_back_equal(capture):
    if capture.status is None:
        capture = Capture(
            url=capture.url,
            status=None,
            at=capture.at,
            complete=capture.complete,
            failure=capture.failure,
        )
    assert capture_of(decode(unpack(pack(capture_record(capture))))) == capture


@given(
    headers=st.lists(st.tuples(st.text(max_size=9), st.text(max_size=20)), max_size=5).map(tuple),
    url=st.text(max_size=30),
    failure=st.text(max_size=20),
    fields=st.lists(st.tuples(TOKEN.map(lambda name: "Our-" + name), st.text(max_size=20)), max_size=3),
)
def test_junk_stays_in_its_line(headers, url, failure, fields):
    capture = Capture(url=url, status=200, at=NOON, headers=headers, body=b"body", failure=failure)
    record = decode(capture_record(capture, fields))
    back = capture_of(record)
    assert (back.url, back.body, back.status) == (safe_url(url), b"body", 200)
    assert len(back.headers) == len(headers)
    assert [name for name, _ in record.fields if name.startswith("Our-")] == [name for name, _ in fields]


@given(st.text(max_size=50))
def test_a_safe_url_is_printable_ascii_and_stays_the_same(url):
    safe = safe_url(url)
    assert safe.isascii()
    assert not set(safe) & set(' \r\n\t<>"')
    assert safe_url(safe) == safe


@pytest.mark.parametrize(
    "captures",
    [
        [page(body=b"x" * 5000), page("https://b.example/", b""), page(body="é".encode() * 300, status=404)],
        [
            page(headers=(("content-length", "9"), ("content-encoding", "br"), ("set-cookie", "é\r\nx: y"))),
            Capture(url="https://c.example/", status=None, at=NOON, failure="refused\nagain"),
        ],
    ],
)
def test_others_read_it_and_find_the_digests_right(captures):
    plain = [info_record(NOON, "f.warc.gz", [("software", "heedful")])]
    plain += [capture_record(capture, [("Heedful-Item", '{"title":"Größe"}')]) for capture in captures]
    data = b"".join(map(pack, plain))

    bodies = []
    for record in ArchiveIterator(io.BytesIO(data), check_digests="raise"):
        body = record.content_stream().read()
        if record.rec_type == "response":
            bodies.append(body)
            assert record.rec_headers.get_header("Heedful-Item") == '{"title":"Größe"}'
    answered = [capture for capture in captures if capture.status is not None]
    assert bodies == [capture.body for capture in answered]

    assert all(record.verify_block_digest() for record in FastIterator(io.BytesIO(data), parse_http=False))
    records = [record for record in FastIterator(io.BytesIO(data)) if record.headers["WARC-Type"] == "response"]
    assert len(records) == len(answered)
    offset, offsets = 0, []
    for one in map(pack, plain):
        offsets.append(offset)
        offset += len(one)
    assert [record.stream_pos for record in FastIterator(io.BytesIO(data))] == offsets


def test_a_transfer_header_keeps_its_value_under_another_name():
    record = decode(capture_record(page(headers=(("content-encoding", "gzip"), ("content-length", "7")))))
    assert b"x-archive-orig-content-encoding: gzip\r\n" in record.block
    assert b"x-archive-orig-content-length: 7\r\n" in record.block
    assert record.block.count(b"\r\nContent-Length: 12\r\n") == 1


@given(st.binary(max_size=2000), st.integers(0), st.integers(1, 255))
def test_a_changed_member_is_broken_unless_the_change_means_nothing(plain, where, flip):
    member = bytearray(pack(plain))
    member[where % len(member)] ^= flip
    with suppress(Broken):
        assert unpack(bytes(member)) == plain  # bits that only fill up the last byte of the deflate stream


@given(st.binary(max_size=2000), st.integers(0))
def test_a_member_cut_anywhere_is_torn_and_a_changed_one_is_not(plain, where):
    member = pack(plain)
    cut = where % len(member)
    if cut:
        with pytest.raises(Torn):
            read_member(io.BytesIO(member[:cut]), 0, cut)
    changed = bytearray(member)
    changed[where % len(member)] ^= 0x10
    with suppress(Broken):
        assert unpack(read_member(io.BytesIO(bytes(changed)), 0, len(changed))) == plain


@pytest.mark.parametrize(
    "data", [b"", b"WARC/1.0\r\n\r\n", b"WARC/1.1\r\nx\r\n\r\n", b"WARC/1.1\r\n\xff: a\r\n\r\n"]
)
def test_what_is_no_record_is_malformed(data):
    with pytest.raises(Malformed):
        decode(data)


def test_files_are_rotated_by_size_and_each_begins_with_its_description(tmp_path):
    writer = Archive(tmp_path, writable=True, info=[("software", "heedful/1")], file_limit=3000)
    noise = random.Random(1)
    places = [
        writer.append(capture_record(page(f"https://a.example/{n}", noise.randbytes(1000))), NOON)
        for n in range(6)
    ]
    writer.sync()
    names = archive.names(tmp_path)
    assert names == [f"heedful-20261122T120000Z-00000{n}.warc.gz" for n in (1, 2, 3, 4, 5, 6)[: len(names)]]
    assert len(names) > 1
    assert all((tmp_path / name).stat().st_size <= 3000 for name in names)
    for name in names:
        records = [record for _, record in archive.walk(tmp_path, name)]
        assert [record.get("WARC-Type") for record in records][:2] == ["warcinfo", "response"]
        assert b"software: heedful/1\r\n" in records[0].block
    for n, place in enumerate(places):
        assert capture_of(writer.read(place.file, place.offset)).url == f"https://a.example/{n}"


def test_a_record_can_be_read_before_it_is_written(tmp_path):
    writer = Archive(tmp_path, writable=True)
    place = writer.append(capture_record(page(body=b"soon")), NOON)
    assert archive.names(tmp_path) == []
    assert capture_of(writer.read(place.file, place.offset)).body == b"soon"


def test_a_new_session_begins_a_new_file(tmp_path):
    for _ in range(2):
        writer = Archive(tmp_path, writable=True)
        writer.append(capture_record(page()), NOON)
        writer.sync()
    assert len(archive.names(tmp_path)) == 2


def test_what_is_not_there_is_damage_and_not_content(tmp_path):
    with pytest.raises(Damaged, match="byte 0"):
        archive.read(tmp_path, "heedful-x-000001.warc.gz", 0)
    with pytest.raises(Fault):
        Archive(tmp_path, writable=False).append(b"", NOON)
