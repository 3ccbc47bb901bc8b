"""Hosts that refuse, break, hang, drip, or speak another language than HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from tests.webs.hostile.row import KEPT, Ending, Lie, lie, skipped, undetermined, words
from tests.webs.hostile.wire import Accepted, Act, Talk, raw

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
SOUND = HEAD + b"Content-Length: 9\r\n\r\n<p>Words."


def _elsewhere(name: str, does: str, seed: str, ending: Ending) -> Lie:
    """A host that is asked at another port than the others, or over TLS."""
    host = f"{name}.example"
    return Lie(
        name=name, does=does, hosts={host: {}}, ends={f"{host}/page": ending}, seeds=(seed.format(host),)
    )


def _hung(*said: bytes) -> Act:
    def act(talk: Talk) -> None:
        for part in said:
            talk.send(part)
        talk.hang()

    return act


def _dripped(before: bytes, slowly: bytes) -> Act:
    def act(talk: Talk) -> None:
        talk.send(before)
        talk.drip(slowly)

    return act


def _flood(before: bytes, piece: bytes) -> Act:
    def act(talk: Talk) -> None:
        talk.send(before)
        talk.flood(piece)

    return act


def _reset(said: bytes = b"") -> Act:
    def act(talk: Talk) -> None:
        talk.send(said)
        talk.reset()

    return act


PORTS: Mapping[str, Accepted] = {
    "closing": lambda talk: None,
    "mute": Talk.hang,
    "alerting": lambda talk: talk.send(b"\x15\x03\x03\x00\x02\x02\x28"),
    "babbling": lambda talk: talk.flood(b"\x16\x03\x03\x40\x00" + bytes(0x4000)),
}
"""Ports on which nobody reads HTTP."""

ROBOTS = "robots source: .*robots.txt"
"""Where nothing of a host can be had, its robots.txt cannot, and no page is asked for."""


CONNECTIONS: tuple[Lie, ...] = (
    _elsewhere("refused", "refuses every connection", "http://{}:{{refused}}/page", undetermined("refused")),
    _elsewhere(
        "closed-at-once", "accepts and hangs up", "http://{}:{{closing}}/page", undetermined("closed|lost")
    ),
    _elsewhere("mute", "accepts and never says a word", "http://{}:{{mute}}/page", undetermined("[Tt]ime")),
    _elsewhere("mute-tls", "never answers a TLS hello", "https://{}:{{mute}}/page", undetermined("[Tt]ime")),
    _elsewhere(
        "plain-tls", "answers a TLS hello in plain HTTP", "https://{}:{{port}}/page", undetermined("TLS")
    ),
    _elsewhere(
        "alert-tls", "ends every TLS hello with an alert", "https://{}:{{alerting}}/page", undetermined("TLS")
    ),
    _elsewhere(
        "babble-tls",
        "answers a TLS hello with records without end",
        "https://{}:{{babbling}}/page",
        undetermined("[Tt]ime"),
    ),
    lie("reset", "resets the connection instead of answering", _reset(), undetermined("reset|lost")),
    lie("empty", "ends the connection instead of answering", raw(), undetermined("closed|lost|cleanly")),
    lie("reset-head", "resets the connection amid the headers", _reset(HEAD), undetermined("reset|lost")),
    lie("reset-body", "resets the connection amid the body", _reset(SOUND[:-4]), undetermined("cut short")),
    lie(
        "tls-garbage",
        "answers plain HTTP with TLS records",
        raw(b"\x16\x03\x03\x00\x7a\x02" + bytes(121)),
        undetermined(""),
    ),
    lie("binary", "answers with 64 KiB of noise", raw(bytes(range(256)) * 256), undetermined("")),
    lie("ssh", "answers like an SSH server", raw(b"SSH-2.0-OpenSSH_9.6\r\n"), undetermined("")),
    lie(
        "http-0.9",
        "sends a page without a status line",
        raw(b"<html><p>Words of HTTP/0.9.</html>\r\n"),
        undetermined(""),
    ),
    lie(
        "http-2",
        "answers with the frames of HTTP/2",
        raw(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\x10\0\0\0\x06\0\0\x40\0"),
        undetermined(""),
    ),
    lie("http-9", "claims HTTP/9.9", raw(SOUND.replace(b"1.1", b"9.9", 1)), KEPT),
    lie(
        "icy",
        "answers ICY 200 OK, as radio stations do",
        raw(SOUND.replace(b"HTTP/1.1", b"ICY", 1)),
        undetermined(""),
    ),
    lie("hang-head", "reads the request and says nothing", _hung(), undetermined("[Tt]ime")),
    lie("hang-status", "stops amid the status line", _hung(b"HTTP/1."), undetermined("[Tt]ime")),
    lie("hang-headers", "stops amid the headers", _hung(HEAD), undetermined("[Tt]ime")),
    lie("hang-body", "stops amid the body", _hung(SOUND[:-4]), undetermined("[Tt]ime")),
    lie(
        "hang-chunk",
        "stops amid a chunk",
        _hung(HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\n<p>"),
        undetermined("[Tt]ime"),
    ),
    lie(
        "drip-status",
        "sends the status line octet by octet",
        _dripped(b"", b"HTTP/1.1 200 " + b"O" * 2000),
        undetermined("[Tt]ime"),
    ),
    lie(
        "drip-headers",
        "sends the headers octet by octet",
        _dripped(HEAD, b"X-Slow: " + b"o" * 2000),
        undetermined("[Tt]ime"),
    ),
    lie(
        "drip-body",
        "sends the body octet by octet",
        _dripped(HEAD + b"Content-Length: 2000\r\n\r\n", b"o" * 2000),
        undetermined("[Tt]ime"),
    ),
    lie(
        "continue",
        "says 100 Continue for ever",
        _flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500),
        undetermined(""),
    ),
    lie(
        "hints",
        "says 103 Early Hints for ever",
        _flood(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 500),
        undetermined(""),
    ),
    lie(
        "hint",
        "says 103 Early Hints once, then answers",
        lambda talk: talk.send(
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
            + HEAD
            + b"Content-Length: %d\r\n\r\n" % len(words(talk.host).encode())
            + words(talk.host).encode()
        ),
        KEPT,
    ),
    lie(
        "switching",
        "says 101 Switching Protocols unasked, then answers",
        raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" + SOUND),
        KEPT,
    ),
    lie(
        "no-content",
        "says 204 with a body",
        raw(SOUND.replace(b"200 OK", b"204 No Content", 1)),
        skipped("status: 204"),
    ),
    lie(
        "not-modified",
        "says 304 to a request without conditions",
        raw(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'),
        undetermined("304"),
    ),
    lie(
        "not-modified-body",
        "says 304 unasked, with a body",
        raw(SOUND.replace(b"200 OK", b"304 Not Modified", 1)),
        undetermined("304"),
    ),
    lie(
        "partial",
        "says 206 to a request without a range",
        raw(SOUND.replace(b"200 OK\r\n", b"206 Partial Content\r\nContent-Range: bytes 0-8/900\r\n", 1)),
        undetermined("206"),
    ),
    *(
        lie(f"status-{name}", f"says {status}", raw(SOUND.replace(b"200 OK", status.encode(), 1)), ending)
        for name, status, ending in (
            ("999", "999 Request denied", undetermined("999")),
            ("000", "000 Nothing", undetermined("")),
            ("600", "600 Beyond", undetermined("600")),
            ("minus", "-200 OK", undetermined("")),
            ("long", "2000 OK", undetermined("")),
            ("word", "OK 200", undetermined("")),
            ("none", "", undetermined("")),
        )
    ),
    lie(
        "status-text",
        "says why in a megabyte of status line",
        raw(b"HTTP/1.1 200 " + b"O" * (1 << 20) + SOUND[15:]),
        undetermined("line"),
    ),
    lie("status-twice", "sends two status lines", raw(b"HTTP/1.1 500 Oh\r\n" + SOUND), undetermined("")),
    lie(
        "poison",
        "sends another page after the one that was asked for, on the kept connection",
        lambda talk: _poison(
            talk, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<p>Poisoned."
        ),
        KEPT,
    ),
    lie(
        "poison-404",
        "sends a 404 for robots.txt ahead, on the kept connection",
        lambda talk: _poison(talk, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        KEPT,
    ),
)


def _poison(talk: Talk, more: bytes) -> bool:
    content = words(talk.host).encode()
    talk.send(HEAD + b"Content-Length: %d\r\n\r\n" % len(content) + content + more)
    return True
