"""Hosts whose header lines are too many, too long, or not what a header line is."""

from __future__ import annotations

from tests.webs.hostile.connections import HEAD
from tests.webs.hostile.row import KEPT, Ending, Lie, lie, reserved, skipped, undetermined, words
from tests.webs.hostile.wire import Act, Talk


def with_lines(*lines: bytes, ends: bytes = b"\r\n") -> Act:
    """A sound page with these header lines before the others."""

    def act(talk: Talk) -> None:
        content = words(talk.host).encode()
        talk.send(
            b"HTTP/1.1 200 OK\r\n"
            + b"".join(line + ends for line in lines)
            + b"Content-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(content)
            + content
        )

    return act


def _endless(talk: Talk) -> None:
    talk.send(HEAD)
    talk.flood(b"X-More: and more\r\n" * 500)


def _endless_line(talk: Talk) -> None:
    talk.send(HEAD + b"X-More: ")
    talk.flood(b"o" * 65_536)


def _said(name: str, does: str, line: bytes, ending: Ending) -> Lie:
    return lie(name, does, with_lines(line), ending)


TDM = reserved("tdmrep tdm-reservation")

HEADERS: tuple[Lie, ...] = (
    lie("headers-endless", "sends header lines for ever", _endless, undetermined("header lines")),
    lie("header-endless", "sends one header line for ever", _endless_line, undetermined("line")),
    lie(
        "headers-50000",
        "sends 50,000 header lines",
        with_lines(*[b"X-Line: of many"] * 50_000),
        undetermined("header lines"),
    ),
    lie(
        "header-4mib",
        "sends a header line of 4 MiB",
        with_lines(b"X-Long: " + b"o" * (4 << 20)),
        undetermined("line"),
    ),
    lie(
        "headers-900",
        "sends 900 header lines and a reservation as the last",
        with_lines(*[b"TDM-Reservation: 0"] * 900, b"TDM-Reservation: 1"),
        TDM,
    ),
    lie(
        "links-900",
        "sends 600 links in each of 20 header lines",
        with_lines(*[b"Link: " + b", ".join([b"</l>; rel=next"] * 600)] * 20),
        KEPT,
    ),
    _said("no-colon", "sends a header line without a colon", b"No colon at all", KEPT),
    _said("no-name", "sends a header line without a name", b": nameless", undetermined("header")),
    _said("nul", "sends NUL in a header value", b"X-Nul: a\0b", KEPT),
    _said("nul-reserves", "sends a reservation with NUL before it", b"TDM-Reservation: \x001", TDM),
    _said("bare-cr", "sends a bare CR in a header value", b"X-Cr: a\rTDM-Reservation: 0", KEPT),
    _said("bare-cr-reserves", "hides a reservation behind a bare CR", b"X-Cr: a\rTDM-Reservation: 1", KEPT),
    lie(
        "bare-lf",
        "ends its header lines with LF alone, a reservation among them",
        with_lines(b"X-One: 1", b"TDM-Reservation: 1", b"X-Two: 2", ends=b"\n"),
        TDM,
    ),
    _said("fold", "folds a header line", b"X-Folded: one\r\n two", KEPT),
    _said("fold-reserves", "folds a reservation onto a line of its own", b"TDM-Reservation:\r\n 1", TDM),
    _said(
        "space-reserves",
        "sends a reservation with a space before the colon",
        b"TDM-Reservation : 1",
        undetermined("header"),
    ),
    _said("case-reserves", "sends a reservation in odd letters", b"tDM-rESERVATION:1", TDM),
    _said("octets", "sends octets beyond ASCII in a header value", b"X-Octets: \x80\xfe\xff", KEPT),
    _said("utf-8", "sends UTF-8 in a header value", "X-Name: Zoë 水".encode(), KEPT),
    _said(
        "empty-value", "sends header lines without a value", b"X-Robots-Tag:\r\nLink:\r\nTDM-Reservation:", KEPT
    ),
    lie(
        "types-10",
        "sends ten Content-Types",
        with_lines(*(b"Content-Type: application/x-%d" % number for number in range(10))),
        skipped("type"),
    ),
    _said(
        "cookies",
        "sets 900 cookies",
        b"\r\n".join(b"Set-Cookie: c%d=v" % number for number in range(900)),
        KEPT,
    ),
)
