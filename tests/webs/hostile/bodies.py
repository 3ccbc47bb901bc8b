"""Hosts whose bodies are longer, shorter or other than they say, or unpack to too much."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from functools import cache

import brotli

from tests.webs.hostile.connections import HEAD
from tests.webs.hostile.row import KEPT, Ending, Lie, lie, skipped, undetermined, words
from tests.webs.hostile.wire import Act, Talk, raw, reply

BOMB = 256 << 20
"""Octets that a bomb unpacks to."""


@cache
def zipped() -> bytes:
    """A gzip bomb of a quarter of a megabyte."""
    return gzip.compress(bytes(BOMB), 6, mtime=0)


def sized(length: bytes | None, *lines: bytes, more: bytes = b"") -> Act:
    """A sound page with this Content-Length; ``$`` in it is the true one."""

    def act(talk: Talk) -> None:
        content = words(talk.host).encode()
        announced = [] if length is None else [b"Content-Length: " + length.replace(b"$", b"%d" % len(content))]
        talk.send(HEAD + b"".join(line + b"\r\n" for line in (*announced, *lines)) + b"\r\n" + content + more)

    return act


def chunked(*pieces: bytes, before: bytes = b"") -> Act:
    """A body in chunks; ``$`` stands for the page as one good chunk."""

    def act(talk: Talk) -> None:
        content = words(talk.host).encode()
        good = b"%x\r\n" % len(content) + content + b"\r\n"
        wire = b"".join(pieces).replace(b"$", good)
        talk.send(HEAD + before + b"Transfer-Encoding: chunked\r\n\r\n" + wire)

    return act


def packed(coding: str, *, tail: bytes = b"", cut: int = 0) -> Act:
    """The page in a content coding: with octets after it, or cut short by so many."""

    def act(talk: Talk) -> None:
        content = words(talk.host).encode()
        for name in coding.split(", "):
            content = PACKERS[name](content)
        content = content[: len(content) - cut] + tail
        head = HEAD + f"Content-Encoding: {coding}\r\nContent-Length: {len(content)}\r\n\r\n".encode()
        talk.send(head + content)

    return act


PACKERS = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    "br": brotli.compress,
}


def coded(coding: str, body: bytes) -> Act:
    """These octets under this Content-Encoding."""
    return reply(body, ("Content-Encoding", coding))


def bomb(coding: str) -> Act:
    """A bomb in this coding, made when it is first asked for."""

    def act(talk: Talk) -> bool | None:
        return coded(coding, _bomb(coding))(talk)

    return act


@cache
def _bomb(coding: str) -> bytes:
    if coding == "gzip":
        return zipped()
    if coding == "deflate":
        return zlib.compress(bytes(BOMB), 6)
    if coding == "br":
        return brotli.compress(bytes(BOMB // 4), quality=1)
    return gzip.compress(gzip.compress(zipped(), mtime=0), mtime=0)


def _one_octet_chunks(talk: Talk) -> None:
    talk.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        talk.send(b"1\r\na\r\n" * 100)
        if talk.over.wait(0.05):
            return


def _trailers(talk: Talk) -> None:
    chunked(b"$0\r\n")(talk)
    talk.flood(b"X-Trailer: and more\r\n" * 500)


def _extension(talk: Talk) -> None:
    talk.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;")
    talk.flood(b"o" * 65_536)


def _endless(talk: Talk) -> None:
    talk.send(HEAD + b"\r\n")
    talk.flood(b"<p>And more words.\n" * 3_000)


def _endless_announced(talk: Talk) -> None:
    talk.send(HEAD + b"Content-Length: 99999999999999\r\n\r\n")
    talk.flood(b"<p>And more words.\n" * 3_000)


def _lengths() -> tuple[Lie, ...]:
    u = undetermined
    table: tuple[tuple[str, str, Act, Ending], ...] = (
        ("short", "announces fewer octets than it sends", sized(b"40"), KEPT),
        ("long", "announces more octets than it sends", sized(b"99999"), u("")),
        ("huge", "announces 10^30 octets", sized(b"1" + b"0" * 30), skipped("size")),
        ("digits", "announces a length of 10,000 digits", sized(b"1" * 10_000), u("")),
        ("minus", "announces -1 octets", sized(b"-1"), u("")),
        ("plus", "announces +40 octets", sized(b"+40"), u("")),
        ("word", "announces a length in words", sized(b"many"), u("")),
        ("hex", "announces a length in hexadecimal", sized(b"0x40"), u("")),
        ("none", "announces an empty length", sized(b""), u("")),
        ("two", "announces two lengths", sized(b"$", b"Content-Length: 40"), u("")),
        ("list", "announces two lengths in one line", sized(b"$, 40"), u("")),
        (
            "chunked",
            "announces a length and chunks",
            chunked(b"$0\r\n\r\n", before=b"Content-Length: 40\r\n"),
            KEPT,
        ),
        ("close", "announces nothing, and ends the body with the connection", sized(None), u("cut short")),
        ("zero", "announces an empty page", sized(b"0"), skipped("empty")),
    )
    return tuple(lie(f"length-{name}", does, act, ending) for name, does, act, ending in table)


def _chunks() -> tuple[Lie, ...]:
    u = undetermined
    table: tuple[tuple[str, str, Act, Ending], ...] = (
        ("huge", "announces a chunk of 2^64 octets", chunked(b"FFFFFFFFFFFFFFFF\r\n<p>Words."), u("")),
        (
            "digits",
            "announces a chunk by a megabyte of digits",
            chunked(b"0" * (1 << 20) + b"9\r\n<p>Words."),
            u(""),
        ),
        ("minus", "announces a chunk of -9 octets", chunked(b"-9\r\n<p>Words.\r\n0\r\n\r\n"), u("")),
        ("word", "announces a chunk in words", chunked(b"nine\r\n<p>Words.\r\n0\r\n\r\n"), u("")),
        ("cut", "leaves the last chunk out", chunked(b"$"), u("")),
        (
            "longer",
            "sends more than the chunk that it announced",
            chunked(b"5\r\n<p>Words.\r\n0\r\n\r\n"),
            u(""),
        ),
        ("octets", "sends chunks of one octet for ever", _one_octet_chunks, u("[Tt]ime")),
        ("extension", "sends an extension of a chunk for ever", _extension, u("")),
        ("trailers", "sends trailers for ever", _trailers, u("")),
        ("trailer", "sends a reservation as a trailer", chunked(b"$0\r\nTDM-Reservation: 1\r\n\r\n"), KEPT),
        (
            "twice",
            "announces chunks twice",
            chunked(b"$0\r\n\r\n", before=b"Transfer-Encoding: chunked\r\n"),
            KEPT,
        ),
        (
            "gzip",
            "announces a transfer coding that nobody asked for",
            sized(None, b"Transfer-Encoding: gzip"),
            u(""),
        ),
    )
    return tuple(lie(f"chunk-{name}", does, act, ending) for name, does, act, ending in table)


def _codings() -> Iterator[Lie]:
    for name in PACKERS:
        yield lie(f"{name}-cut", f"ends a {name} stream early", packed(name, cut=9), undetermined("cut short"))
        yield lie(
            f"{name}-tail",
            f"sends octets after the end of a {name} stream",
            packed(name, tail=b"<p>More."),
            undetermined("cut short") if name == "br" else KEPT,
        )
        yield lie(
            f"{name}-lie",
            f"says {name} and sends plain text",
            sized(b"$", b"Content-Encoding: " + name.encode()),
            undetermined("cut short"),
        )
        yield lie(f"{name}-bomb", f"sends a {name} bomb", bomb(name), skipped("size"))


ZSTD = b"(\xb5/\xfd\x00X\x00"

BODIES: tuple[Lie, ...] = (
    *_lengths(),
    *_chunks(),
    *_codings(),
    lie("bomb-nested", "sends a gzip bomb in two more gzips", bomb("gzip, gzip, gzip"), skipped("size")),
    lie("coding-nested", "sends a page in three codings", packed("gzip, br, deflate"), KEPT),
    lie(
        "coding-many",
        "sends a page in 300 codings",
        coded(", ".join(["gzip"] * 300), b"x"),
        undetermined("cut short"),
    ),
    lie("coding-zstd", "says zstd, which nobody asked for", coded("zstd", ZSTD), undetermined("cut short")),
    lie(
        "coding-unknown",
        "says a coding that nobody knows",
        coded("rot13", b"<c>Jbeqf."),
        undetermined("cut short"),
    ),
    lie(
        "coding-twice",
        "says gzip twice and packs once",
        reply(gzip.compress(b"<p>Words."), ("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")),
        undetermined("cut short"),
    ),
    lie("body-endless", "sends a page without length or end", _endless, skipped("size")),
    lie(
        "body-announced",
        "announces a page of 90 TiB, and begins to send it",
        _endless_announced,
        skipped("size"),
    ),
    lie(
        "body-large",
        "sends a page that is larger than pages may be",
        lambda talk: reply(words(talk.host, body="<p>words</p>" * 90_000))(talk),
        skipped("size"),
    ),
    lie("body-none", "sends nothing as a page", raw(HEAD + b"Content-Length: 0\r\n\r\n"), skipped("empty")),
)
