"""A body is decoded to its end or not at all, whatever a server does to it."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import HtmlResponse, Response, TextResponse

from crawler.captures import CUT_SHORT, TOO_LARGE, capture_of
from crawler.decompression import ACCEPTED, MEMBERS, DecompressionMiddleware, Undecodable, decode

URL = "http://a.example/page"
WORDS = b"<html><head><title>Words</title></head><body>" + b"Words and more words. " * 400 + b"</body></html>"


def zlib_raw(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


def members(body: bytes, count: int = 3) -> bytes:
    step = len(body) // count + 1
    return b"".join(gzip.compress(body[at : at + step]) for at in range(0, len(body), step))


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "several members": ("gzip", members),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", zlib_raw),
    "brotli": ("br", brotli.compress),
    "gzip in gzip": ("gzip, gzip", lambda body: gzip.compress(gzip.compress(body))),
    "brotli over gzip": ("gzip, br", lambda body: brotli.compress(gzip.compress(body))),
    "three": ("deflate, gzip, br", lambda body: brotli.compress(gzip.compress(zlib.compress(body)))),
}


def answered(
    body: bytes,
    *encodings: str,
    limit: int = 1 << 20,
    method: str = "GET",
    kind: str = "text/html",
    **meta: int,
) -> Response:
    """What the middleware makes of a response."""
    headers = {"Content-Type": kind, "Content-Encoding": list(encodings), "X-Robots-Tag": ["noai", "noml"]}
    request = Request(URL, method=method, meta=meta)
    response = Response(URL, headers=headers, body=body, flags=["kept"], request=request)
    working = DecompressionMiddleware(limit).process_response(request, response)
    try:
        working.send(None)  # bodies as small as these are decoded on the spot
    except StopIteration as ended:
        return ended.value
    raise AssertionError("the body is decoded elsewhere")


def whole(response: Response) -> bool:
    return not {CUT_SHORT, TOO_LARGE} & {*response.flags}


@pytest.mark.parametrize("name", ENCODERS)
def test_a_whole_body_is_decoded(name: str) -> None:
    coding, encode = ENCODERS[name]
    got = answered(encode(WORDS), coding)
    assert whole(got)
    assert got.body == WORDS
    assert isinstance(got, HtmlResponse)
    assert b"Content-Encoding" not in got.headers
    assert got.headers.getlist("X-Robots-Tag") == [b"noai", b"noml"]
    assert "kept" in got.flags
    assert got.request is not None
    assert capture_of(got).complete


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("part", [0.05, 0.5, 0.9, 0.999])
def test_a_cut_body_is_not_handed_on(name: str, part: float) -> None:
    coding, encode = ENCODERS[name]
    body = encode(WORDS)
    got = answered(body[: min(max(int(len(body) * part), 1), len(body) - 1)], coding)
    assert not whole(got)
    assert got.body == b""
    assert not capture_of(got).complete


@pytest.mark.parametrize("name", ENCODERS)
def test_every_cut_is_noticed(name: str) -> None:
    coding, encode = ENCODERS[name]
    body = encode(b"A short text that says noai.")
    member_ends = {at for at in range(1, len(body)) if body[at:].startswith(b"\x1f\x8b\x08")}
    for end in range(1, len(body)):
        if name == "several members" and end in member_ends:
            continue  # a stream of fewer members is a whole stream
        assert not whole(answered(body[:end], coding)), end


@pytest.mark.parametrize("name", ["gzip", "zlib", "brotli", "several members"])
def test_a_corrupt_body_is_not_handed_on(name: str) -> None:
    coding, encode = ENCODERS[name]
    body = bytearray(encode(WORDS))
    middle = len(body) // 2
    body[middle : middle + 4] = b"\xff\x00\xff\x00"
    assert not whole(answered(bytes(body), coding)) or name == "brotli"


@pytest.mark.parametrize("name", ["gzip", "zlib"])
def test_a_wrong_checksum_is_noticed(name: str) -> None:
    coding, encode = ENCODERS[name]
    body = bytearray(encode(WORDS))
    body[-5 if name == "gzip" else -1] ^= 1
    assert not whole(answered(bytes(body), coding))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_body_that_was_never_encoded_is_not_handed_on(coding: str) -> None:
    assert not whole(answered(WORDS, coding))


@pytest.mark.parametrize("coding", ["zstd", "compress", "lzma", "gzip;q=1", "gzip gzip", "\xff", "*"])
def test_an_unknown_coding_is_not_handed_on(coding: str) -> None:
    got = answered(gzip.compress(WORDS), coding)
    assert not whole(got)
    assert got.body == b""


@pytest.mark.parametrize(
    "encodings",
    [
        ("GZIP",),
        (" gzip ",),
        ("gzip,",),
        (",gzip",),
        ("identity, gzip",),
        ("gzip, identity",),
        ("identity", "gzip"),
    ],
)
def test_how_a_coding_is_written_does_not_matter(encodings: tuple[str, ...]) -> None:
    assert answered(gzip.compress(WORDS), *encodings).body == WORDS


def test_codings_of_several_lines_are_one_list() -> None:
    assert answered(brotli.compress(gzip.compress(WORDS)), "gzip", "br").body == WORDS


@pytest.mark.parametrize("encodings", [(), ("identity",), ("",), (" , ",)])
def test_a_plain_body_is_left_alone(encodings: tuple[str, ...]) -> None:
    got = answered(WORDS, *encodings)
    assert got.body == WORDS
    assert whole(got)


def test_more_codings_than_anybody_needs() -> None:
    body = WORDS
    for _ in range(4):
        body = gzip.compress(body)
    assert not whole(answered(body, "gzip, gzip, gzip, gzip"))


def test_what_follows_the_last_member_is_ignored() -> None:
    assert answered(gzip.compress(WORDS) + b"\0" * 512, "gzip").body == WORDS
    assert answered(zlib.compress(WORDS) + b"tail", "deflate").body == WORDS


def test_more_members_than_anybody_sends() -> None:
    assert whole(answered(gzip.compress(b"x") * MEMBERS, "gzip"))
    assert not whole(answered(gzip.compress(b"x") * (MEMBERS + 1), "gzip"))


# Bombs


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("gzip", lambda body: members(body, 16)),
        ("gzip, gzip", lambda body: gzip.compress(gzip.compress(body))),
    ],
    ids=["gzip", "deflate", "br", "members", "gzip in gzip"],
)
def test_a_bomb_is_not_unpacked(coding: str, encode: Callable[[bytes], bytes]) -> None:
    bomb = encode(bytes(64 << 20))
    began = time.process_time()
    got = answered(bomb, coding, limit=1 << 20)
    assert not whole(got)
    assert got.body == b""
    assert time.process_time() - began < 1


@pytest.mark.parametrize("name", ENCODERS)
def test_the_limit_is_exact(name: str) -> None:
    coding, encode = ENCODERS[name]
    body = encode(WORDS)
    assert whole(answered(body, coding, limit=len(WORDS)))
    assert not whole(answered(body, coding, limit=len(WORDS) - 1))


def test_a_request_has_its_own_limit() -> None:
    body = gzip.compress(WORDS)
    assert not whole(answered(body, "gzip", download_maxsize=100))
    assert whole(answered(body, "gzip", limit=100, download_maxsize=1 << 20))


def test_without_a_limit_of_scrapys_there_is_one_still() -> None:
    assert answered(gzip.compress(WORDS), "gzip", limit=0).body == WORDS


# What there is nothing to decode of


def test_head_and_empty_bodies_are_left_alone() -> None:
    for method in ("HEAD", "GET"):
        got = answered(b"", "gzip", method=method)
        assert whole(got)
        assert got.headers["Content-Encoding"] == b"gzip"


def test_an_empty_document_is_whole() -> None:
    got = answered(gzip.compress(b""), "gzip")
    assert whole(got)
    assert got.body == b""


# Text


@pytest.mark.parametrize(
    ("kind", "text", "charset"),
    [
        ("text/html; charset=windows-1251", "Слова без оговорок", "cp1251"),
        ("text/html", '<meta charset="shift_jis">言葉', "shift_jis"),
        ("text/html; charset=utf-8", "Wörter", "utf-8"),
        ("text/plain; charset=utf-16le", "Wörter", "utf-16-le"),
    ],
)
def test_text_is_read_in_its_own_charset(kind: str, text: str, charset: str) -> None:
    got = answered(gzip.compress(text.encode(charset)), "gzip", kind=kind)
    assert isinstance(got, TextResponse)
    assert got.text == text


def test_what_is_sent_as_html_becomes_html_and_an_image_does_not() -> None:
    assert isinstance(answered(gzip.compress(b"<p>x"), "gzip"), HtmlResponse)
    image = answered(gzip.compress(b"\x89PNG\r\n\x1a\n"), "gzip", kind="image/png")
    assert not isinstance(image, TextResponse)


def test_only_what_can_be_decoded_is_asked_for() -> None:
    request = Request(URL)
    DecompressionMiddleware(0).process_request(request)
    assert request.headers["Accept-Encoding"] == ACCEPTED
    own = Request(URL, headers={"Accept-Encoding": "identity"})
    DecompressionMiddleware(0).process_request(own)
    assert own.headers["Accept-Encoding"] == b"identity"


@given(
    st.binary(max_size=200), st.lists(st.sampled_from(["gzip", "deflate", "br", "x-gzip", "zstd"]), max_size=3)
)
def test_junk_is_decoded_or_undecodable(body: bytes, codings: list[str]) -> None:
    with suppress(Undecodable):
        assert len(decode(body, codings, 1000)) <= 1000


@given(st.binary(max_size=300), st.sampled_from(sorted(ENCODERS)))
def test_decoding_undoes_encoding(body: bytes, name: str) -> None:
    coding, encode = ENCODERS[name]
    if body or name != "several members":
        assert decode(encode(body), coding.split(", "), 1000) == body
