"""The loopback web does what its table says, and the tables say everything once."""

from __future__ import annotations

import gzip
import hashlib
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from crawler.demo.answer import FAULTS as SERVER_FAULTS
from crawler.demo.answer import Answer, Fault, Request, Responder, in_turn, page, redirect, text, typed
from crawler.demo.images import gif, jpeg, png, webp, xmp
from crawler.demo.server import LoopbackWeb
from crawler.demo.web import DEMO_SEEDS, PLACES, demo_expectations, demo_seeds, demo_web
from crawler.optout import SIGNALS
from crawler.optout.grammar.sniff import picture
from crawler.optout.model import Carrier, Outcome
from tests.webs import FAULTS, LEAKS, PEER_SITUATIONS, generate, hosts_of
from tests.webs.tls import server_context

HOST = "a.example"


def get(web: LoopbackWeb, path: str = "/", host: str = HOST, *, enough: int = 1 << 20) -> tuple[bytes, str]:
    """What comes over a raw socket, and how it ends: ``end``, ``reset``, ``silence`` or ``enough``."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=0.4) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{web.port}\r\nConnection: close\r\n\r\n".encode()
        )
        received = b""
        while len(received) < enough:
            try:
                data = connection.recv(1 << 16)
            except ConnectionResetError:
                return received, "reset"
            except TimeoutError:
                return received, "silence"
            if not data:
                return received, "end"
            received += data
        return received, "enough"


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def head_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[0]


# The server


def test_header_lines_are_sent_as_given() -> None:
    answer = Answer(
        headers=(("X-B", "1"), ("x-a", b"\xff\x80"), ("X-B", "2")), body="h\u00e9", charset="latin-1"
    )
    with LoopbackWeb({HOST: {"/": answer}}) as web:
        got, end = get(web)
    assert got == b"HTTP/1.1 200 OK\r\nX-B: 1\r\nx-a: \xff\x80\r\nX-B: 2\r\nContent-Length: 2\r\n\r\nh\xe9"
    assert end == "end"


def test_paths_are_found_with_query_then_without_then_by_star() -> None:
    table: dict[str, dict[str, Responder]] = {
        HOST: {"/a?x=1": text("query"), "/a": text("path")},
        "b.example": {"*": text("star")},
    }
    with LoopbackWeb(table) as web:
        assert body_of(get(web, "/a?x=1")[0]) == b"query"
        assert body_of(get(web, "/a?x=2")[0]) == b"path"
        assert get(web, "/b")[0].startswith(b"HTTP/1.1 404 ")
        assert body_of(get(web, "/b", "B.EXAMPLE")[0]) == b"star"
        assert get(web, "/a", "unknown.example")[0].startswith(b"HTTP/1.1 421 ")
        assert [request.host for request in web.requests][-2:] == ["b.example", "unknown.example"]
        assert [request.target for request in web.asked(HOST, "/a")] == ["/a?x=1", "/a?x=2"]


def test_names_come_without_port() -> None:
    with pytest.raises(ValueError, match="without scheme or port"):
        LoopbackWeb({"a.example:80": {}})


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="no such fault"):
        Answer(fault="explode")  # type: ignore[arg-type]


def test_the_port_is_filled_in() -> None:
    table: dict[str, dict[str, Responder]] = {
        HOST: {
            "/": page("<a href='http://b.example:{port}/'>"),
            "/moved": redirect("http://b.example:{port}/"),
            "/bytes": Answer(body=b"{port}"),
            "/computed": lambda request: text(request.host + ":{port}"),
        }
    }
    with LoopbackWeb(table) as web:
        port = str(web.port).encode()
        assert body_of(get(web)[0]) == b"<a href='http://b.example:" + port + b"/'>"
        assert b"\r\nLocation: http://b.example:" + port + b"/\r\n" in get(web, "/moved")[0]
        assert body_of(get(web, "/bytes")[0]) == b"{port}"
        assert body_of(get(web, "/computed")[0]) == b"a.example:" + port
        assert web.resolve == [f"*:{web.port}:127.0.0.1"]
        assert web.url(HOST, "/x") == f"http://a.example:{web.port}/x"


def test_connections_are_kept_alive_and_requests_queued() -> None:
    table: dict[str, dict[str, Responder]] = {HOST: {"/1": Answer(body=b"one", delay=0.05), "/2": text("two")}}
    with LoopbackWeb(table) as web, socket.create_connection(("127.0.0.1", web.port), timeout=2) as connection:
        for part in (
            b"GET /1 HTTP/1.1\r\nHo",
            b"st: a.example\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a.example\r\n\r\n",
        ):
            connection.sendall(part)
            time.sleep(0.01)
        connection.sendall(b"GET /2 HTTP/1.0\r\nHost: a.example\r\n\r\n")
        received = b""
        while data := connection.recv(4096):
            received += data
        first, second, third = received.split(b"HTTP/1.1 200 OK\r\n")[1:]
        assert body_of(first) == b"one"
        assert body_of(second) == b""
        assert b"Content-Length: 3" in second
        assert body_of(third) == b"two"
        assert {request.connection for request in web.requests} == {1}
        assert [request.method for request in web.requests] == ["GET", "HEAD", "GET"]


def test_requests_in_flight_are_counted_by_host() -> None:
    slow = Answer(body=b"x", delay=0.2)
    with LoopbackWeb({HOST: {"/": slow}, "b.example": {"/": slow}}) as web:
        threads = [threading.Thread(target=get, args=(web, "/", host)) for host in (HOST, HOST, "b.example")]
        for thread in threads:
            thread.start()
            time.sleep(0.02)
        for thread in threads:
            thread.join()
        get(web)
        assert [request.in_flight for request in web.requests] == [1, 2, 1, 1]
        assert sum(web.requests[2].busy.values()) == 3
        assert web.requests[0].at < web.requests[1].at


def test_answers_in_turn() -> None:
    with LoopbackWeb({HOST: {"/": in_turn(text("no", status=503), text("yes"))}}) as web:
        assert [get(web)[0][9:12] for _ in range(3)] == [b"503", b"200", b"200"]


def test_headers_of_requests_are_logged() -> None:
    def echo(request: Request) -> Answer:
        return text(request.value("connection") or "")

    with LoopbackWeb({HOST: {"/": echo}}) as web:
        assert body_of(get(web)[0]) == b"close"
        assert web.requests[0].headers == (("host", f"a.example:{web.port}"), ("connection", "close"))


@pytest.mark.parametrize(
    ("encoding", "decode"),
    [("gzip", gzip.decompress), ("deflate", zlib.decompress), ("br", brotli.decompress)],
)
def test_content_codings(encoding: str, decode: Callable[[bytes], bytes]) -> None:
    answer = Answer(body="words " * 100, encoding=encoding)  # type: ignore[arg-type]
    with LoopbackWeb({HOST: {"/": answer}}) as web:
        got, _ = get(web)
    assert f"Content-Encoding: {encoding}".encode() in head_of(got)
    assert decode(body_of(got)) == b"words " * 100


def test_not_modified_has_no_body() -> None:
    with LoopbackWeb({HOST: {"/": Answer(status=304, headers=(("ETag", '"1"'),), body=b"ignored")}}) as web:
        assert get(web)[0] == b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'


def test_https(tmp_path: Path) -> None:
    with LoopbackWeb({HOST: {"/": text("secret")}}, tls=server_context([HOST], tmp_path)) as web:
        assert web.url(HOST).startswith("https://")
        trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        with (
            socket.create_connection(("127.0.0.1", web.port), timeout=2) as plain,
            trusting.wrap_socket(plain, server_hostname=HOST) as connection,
        ):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
            assert body_of(connection.recv(4096)) == b"secret"
        with (
            socket.create_connection(("127.0.0.1", web.port), timeout=2) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            ssl.create_default_context().wrap_socket(plain, server_hostname=HOST)


def test_closing_does_not_wait_for_hanging_answers() -> None:
    with LoopbackWeb({HOST: {"/": Answer(fault="hang-before-headers")}}) as web:
        connection = socket.create_connection(("127.0.0.1", web.port))
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
        while not web.requests:
            time.sleep(0.01)
        started = time.monotonic()
    assert time.monotonic() - started < 2
    connection.close()


# Its faults

WORDS = b"User-agent: *\nAllow: /\n" * 40


def fault(name: Fault, *, enough: int = 1 << 24) -> tuple[bytes, str]:
    with LoopbackWeb({HOST: {"/": Answer(body=WORDS, fault=name)}}) as web:
        return get(web, enough=enough)


def undecodable(decode: Callable[[bytes], bytes], body: bytes) -> bool:
    try:
        decode(body)
    except (EOFError, zlib.error, brotli.error, gzip.BadGzipFile):
        return True
    return False


def test_every_fault_has_its_test() -> None:
    tested = {
        name.removeprefix("test_fault_").replace("_", "-")
        for name in globals()
        if name.startswith("test_fault_")
    }
    assert tested == set(SERVER_FAULTS)


def test_fault_reset() -> None:
    assert fault("reset") == (b"", "reset")


def test_fault_reset_after_headers() -> None:
    got, end = fault("reset-after-headers")
    assert got.endswith(b"\r\n\r\n")
    assert end == "reset"


def test_fault_reset_mid_body() -> None:
    got, end = fault("reset-mid-body")
    assert body_of(got) == WORDS[: len(WORDS) // 2]
    assert end == "reset"


def test_fault_hang_before_headers() -> None:
    assert fault("hang-before-headers") == (b"", "silence")


def test_fault_hang_mid_headers() -> None:
    assert fault("hang-mid-headers") == (b"HTTP/1.1 200 OK\r\n", "silence")


def test_fault_hang_mid_body() -> None:
    got, end = fault("hang-mid-body")
    assert b"Content-Length: %d\r\n" % len(WORDS) in got
    assert (body_of(got), end) == (WORDS[: len(WORDS) // 2], "silence")


def test_fault_drip() -> None:
    with LoopbackWeb({HOST: {"/": Answer(body=b"12345", fault="drip")}}) as web:
        started = time.monotonic()
        got, end = get(web)
    assert (body_of(got), end) == (b"12345", "end")
    assert 0.2 < time.monotonic() - started < 2


def test_fault_short() -> None:
    got, end = fault("short")
    assert b"Content-Length: %d" % (len(WORDS) + 1000) in got
    assert (body_of(got), end) == (WORDS, "end")


def test_fault_cut_chunked() -> None:
    got, end = fault("cut-chunked")
    assert b"Transfer-Encoding: chunked" in got
    assert (body_of(got), end) == (b"%x\r\n" % len(WORDS) + WORDS + b"\r\n", "end")


def test_fault_no_length() -> None:
    got, end = fault("no-length")
    assert head_of(got) == b"HTTP/1.1 200 OK\r\nConnection: close"
    assert (body_of(got), end) == (WORDS, "end")


def test_fault_empty_reply() -> None:
    assert fault("empty-reply") == (b"", "end")


def test_fault_garbage() -> None:
    got, end = fault("garbage")
    assert not got.startswith(b"HTTP/")
    assert end == "end"


def test_fault_bad_gzip() -> None:
    got, _ = fault("bad-gzip")
    assert b"Content-Length: %d" % len(body_of(got)) in got
    assert undecodable(gzip.decompress, body_of(got))


def ends_early(name: Fault, decode: Callable[[bytes], bytes]) -> bool:
    got, end = fault(name)
    assert b"Content-Length: %d" % len(body_of(got)) in got
    return end == "end" and undecodable(decode, body_of(got))


def test_fault_truncated_gzip() -> None:
    assert ends_early("truncated-gzip", gzip.decompress)


def test_fault_truncated_deflate() -> None:
    assert ends_early("truncated-deflate", zlib.decompress)


def test_fault_truncated_br() -> None:
    assert ends_early("truncated-br", brotli.decompress)


def test_fault_gzip_bomb() -> None:
    got, end = fault("gzip-bomb")
    packed = b"".join(chunks(body_of(got)))
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    size = 0
    while packed and not unpacker.eof:
        size += len(unpacker.decompress(packed, 1 << 24))
        packed = unpacker.unconsumed_tail
    assert unpacker.eof
    assert size == 512 * 2**20
    assert len(got) < 2**20
    assert end == "end"


def test_fault_header_flood() -> None:
    got, end = fault("header-flood")
    assert head_of(got).count(b"\r\nX-Flood-") == 50_000
    assert (body_of(got), end) == (WORDS, "end")


def test_fault_endless_body() -> None:
    assert fault("endless-body", enough=1 << 22)[1] == "enough"


def chunks(body: bytes) -> Iterable[bytes]:
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        yield body[:length]
        body = body[length + 2 :]


# Its images


@pytest.mark.parametrize("words", [b"", xmp("DMI-PROHIBITED")])
def test_images_are_what_they_claim(words: bytes) -> None:
    made = {
        "image/png": png(1, 2, 3, 31, 17, xmp=words),
        "image/gif": gif(1, 2, 3, 31, 17, xmp=words),
        "image/jpeg": jpeg(77, 31, 17, xmp=words),
        "image/webp": webp(1, 2, 3, 31, 17, xmp=words),
    }
    for media_type, body in made.items():
        found = picture(body)
        assert found is not None
        assert (found.media_type, found.width, found.height) == (media_type, 31, 17)
        assert words in body


# The tables


def bodies(hosts: Mapping[str, Mapping[str, Responder]], media: str) -> list[str]:
    """Digests of every static answer of a media type, by which equal bytes would be found."""
    return [
        hashlib.sha256(answer.at_port(80).payload()).hexdigest()
        for paths in hosts.values()
        for answer in paths.values()
        if isinstance(answer, Answer)
        and answer.status == 200
        and any(name == "Content-Type" and str(value).startswith(media) for name, value in answer.headers)
    ]


def served(hosts: Mapping[str, Mapping[str, Responder]], at: str) -> bool:
    host, _, path = at.removeprefix("https://").partition("/")
    return f"/{path}" in hosts[host]


def test_leak_rows_stand_alone() -> None:
    hosts = hosts_of(LEAKS)  # raises when two rows share a host
    assert len({leak.name for leak in LEAKS}) == len(LEAKS) >= 70
    for leak in LEAKS:
        assert all(served(leak.hosts, at) for at in (*leak.seeds, *leak.expectations)), leak.name
    images = bodies(hosts, "image/")
    assert len(images) == len(set(images))


def test_the_peers_situations_are_all_there_once() -> None:
    marked = [leak.peer for leak in LEAKS if leak.peer]
    assert sorted(marked) == sorted(PEER_SITUATIONS)
    assert len(marked) == 21
    assert not any(leak.page.kept for leak in LEAKS if leak.peer)


def test_there_are_controls() -> None:
    controls = [leak for leak in LEAKS if leak.control]
    assert len(controls) >= 12
    spoken = {leak.signal for leak in controls}
    assert {"robots", "training-tokens", "content-usage", "content-signal", "tdmrep", "rsl"} <= spoken
    assert {"ai-txt", "trust-txt", "robots-meta", "disallow-ai-training", "noai-lines", "iptc", ""} <= spoken


def test_every_leak_says_who_reserves_or_licenses() -> None:
    for leak in LEAKS:
        for expect in leak.expectations.values():
            said = expect.outcome in (Outcome.RESERVED, Outcome.LICENSED)
            assert said == (expect.signal is not None), leak.name


SPOKEN_BY_US = frozenset({Carrier.HOUSE})
"""Carriers of reasons of ours; no web can serve them."""

PERMISSIONS = frozenset({"licence"})
"""Signals that only permit: through them nothing can leak."""


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_every_carrier_of_every_signal_has_a_row(name: str) -> None:
    rows = {(leak.signal, leak.carrier) for leak in LEAKS if not leak.page.kept or not leak.image.kept}
    wanted = {
        (name, carrier)
        for carrier in SIGNALS[name].readers
        if carrier not in SPOKEN_BY_US and name not in PERMISSIONS
    }
    assert wanted <= rows


def test_rows_of_faults() -> None:
    assert sorted(row.number for row in FAULTS if row.number) == list(range(1, 34))
    names = [host for row in FAULTS for host in row.hosts]
    assert len(names) == len(set(names))
    for row in FAULTS:
        assert row.expect, row.name
        assert all(served(row.hosts, at) for at in (*row.seeds, *row.expect)), row.name
        assert (row.how == "again") == (row.first is not None), row.name
        assert (row.how == "tls") == (row.secure is not None), row.name
    outcomes = {expect.outcome for row in FAULTS for expect in row.expect.values()}
    assert outcomes == {Outcome.UNDETERMINED, Outcome.RESERVED, Outcome.UNRESERVED, None}


def test_the_demo_web() -> None:
    images = bodies(demo_hosts(), "image/")
    assert len(images) == len(set(images)) + 1, "one picture lies at a reserved and at a free address"
    assert all("://" in seed and "{port}" in seed for seed in DEMO_SEEDS)
    with demo_web() as web:
        for seed in demo_seeds(web.port):
            assert seed in demo_expectations(web)
        for place in PLACES:
            assert get(web, place.path, place.host)[1] == "end"
        assert get(web, "/robots.txt", "cdn.example")[0].startswith(b"HTTP/1.1 404 ")


def demo_hosts() -> dict[str, dict[str, Responder]]:
    hosts: dict[str, dict[str, Responder]] = {}
    for place in PLACES:
        hosts.setdefault(place.host, {})[place.path] = place.answer
    return hosts


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_every_signal_occurs_on_the_demo_web(name: str) -> None:
    if set(SIGNALS[name].readers) <= SPOKEN_BY_US:
        pytest.skip("it has no carrier that a web could serve")
    expected = {place.expect.signal for place in PLACES if place.expect}
    assert name in expected


def test_the_generated_site() -> None:
    site = generate(seed=7)
    again = generate(seed=7)
    assert site == again
    assert site.hosts() == again.hosts()
    assert site != generate(seed=8)
    kept = site.kept()
    assert kept < set(site.pages) | set(site.images)
    assert len(kept) > 100
    assert set(site.seeds) <= kept
    hosts = site.hosts()
    assert all(served(hosts, at) for at in (*site.pages, *site.images))
    carried = {item.overlay.name for item in (*site.pages.values(), *site.images.values())}
    assert len(carried) == 11
    for media in ("image/", "text/html"):
        digests = bodies(hosts, media)
        assert len(digests) == len(set(digests))


def test_typed_answers_name_their_type() -> None:
    assert typed("image/png", b"").headers == (("Content-Type", "image/png"),)
