"""Hosts that lead in circles, out of the web, or nowhere."""

from __future__ import annotations

from tests.webs.hostile.row import KEPT, Ending, Lie, lie, reserved, skipped, undetermined, words
from tests.webs.hostile.wire import Act, Talk, reply


def to(*targets: str, status: str = "302 Found") -> Act:
    """A redirect; more than one target is more than one Location."""
    return reply("", *(("Location", target) for target in targets), status=status)


def _chain(hops: int) -> dict[str, Act]:
    paths = {f"hop{number}": to(f"/hop{number + 1}") for number in range(1, hops)}
    return {**paths, f"hop{hops}": reply("<p>The end of a chain.")}


def _row(name: str, does: str, target: str | Act, ending: Ending, **paths: Act) -> Lie:
    return lie(f"to-{name}", does, to(target) if isinstance(target, str) else target, ending, **paths)


def _cookie(talk: Talk) -> bool | None:
    return reply("", ("Set-Cookie", f"n={talk.number}"), ("Location", "/page"), status="302 Found")(talk)


def _next(talk: Talk) -> bool | None:
    number = int(talk.target.rpartition("/")[2] or 0)
    return to(f"/on/{number + 1}")(talk)


def _moved(row: Lie, ends: dict[str, Ending]) -> Lie:
    """The same row with what becomes of further URLs."""
    more = {f"{row.host}{path}": ending for path, ending in ends.items()}
    return Lie(name=row.name, does=row.does, hosts=row.hosts, ends={**row.ends, **more}, seeds=row.seeds)


MOVED = skipped("moved: ")

REDIRECTS: tuple[Lie, ...] = (
    _row("itself", "redirects to itself", "/page", skipped("redirects: round in a circle")),
    _moved(
        _row("and-fro", "redirects to a page that redirects back", "/other", MOVED, other=to("/page")),
        {"/other": skipped("round in a circle")},
    ),
    _moved(
        _row("25", "redirects 25 times", "/hop1", MOVED, **_chain(24)),
        {"/hop10": skipped("more than 10 redirects")},
    ),
    _moved(
        _row(
            "ever",
            "redirects for ever, always elsewhere",
            "/on/1",
            MOVED,
            on_1=_next,
            **{f"on_{number}": _next for number in range(2, 40)},
        ),
        {"/on/10": skipped("more than 10 redirects")},
    ),
    _row("cookie", "redirects to itself with a cookie", _cookie, skipped("round in a circle")),
    _row("file", "redirects to file:", "file:///etc/passwd", skipped("address: redirected to")),
    _row("ftp", "redirects to ftp:", "ftp://to-ftp.example/page", skipped("address: redirected to")),
    _row("data", "redirects to data:", "data:text/html,<p>Words.", skipped("address: redirected to")),
    _row("javascript", "redirects to javascript:", "javascript:alert(1)", skipped("address: redirected to")),
    _row(
        "gopher",
        "redirects to gopher:, which can speak to mail servers",
        "gopher://to-gopher.example:25/xHELO",
        skipped("address: redirected to"),
    ),
    _row(
        "user",
        "redirects to a URL with name and password",
        "http://name:word@to-user.example:{port}/x",
        skipped("address|user|moved"),
    ),
    _row(
        "port",
        "redirects to a port of 99999",
        "http://to-port.example:99999/",
        skipped("gone: a redirect without"),
    ),
    _row(
        "words",
        "redirects to a port in words",
        "http://to-words.example:http/",
        skipped("gone: a redirect without"),
    ),
    _row("bracket", "redirects to half an address", "http://[::1/", skipped("gone: a redirect without")),
    _row("long", "redirects to a URL of a megabyte", "/" + "o" * (1 << 20), undetermined("line")),
    _row("longer", "redirects to a URL of 9,000 characters", "/" + "o" * 9_000, skipped("address")),
    _row("nowhere", "redirects without saying where", to(), skipped("gone: a redirect without")),
    _row("empty", "redirects to an empty Location", "", skipped("circle")),
    _moved(
        _row(
            "two",
            "redirects to two places at once",
            to("/one", "/two"),
            MOVED,
            one=reply("<p>One of two."),
            two=reply("<p>Two of two."),
        ),
        {"/two": KEPT},
    ),
    _row("newline", "redirects to a URL with CR and LF in it, escaped", "/%0d%0aTDM-Reservation:%200", MOVED),
    _row("octets", "redirects to a URL of octets beyond ASCII", "/\xff\xfe\x80", MOVED),
    _row(
        "300",
        "offers choices, 300 with a Location",
        to("/one", status="300 Multiple Choices"),
        undetermined("300"),
    ),
    _row(
        "305",
        "tells to use a proxy, 305",
        to("http://proxy.example/", status="305 Use Proxy"),
        undetermined("305"),
    ),
    _moved(
        _row(
            "page",
            "redirects with a page as its body, which is not read",
            reply("<p>Body of a redirect.", ("Location", "/one"), status="301 Moved Permanently"),
            MOVED,
            one=reply("<p>Where the redirect led."),
        ),
        {"/one": KEPT},
    ),
    _row(
        "reserved",
        "redirects with a reservation in its headers",
        reply("", ("Location", "/one"), ("TDM-Reservation", "1"), status="302 Found"),
        reserved("tdm-reservation"),
        one=reply("<p>Never asked for."),
    ),
    lie(
        "refresh",
        "refreshes itself for ever, by meta and header",
        lambda talk: reply(words(talk.host, head='<meta http-equiv="refresh" content="0">'), ("Refresh", "0"))(
            talk
        ),
        KEPT,
    ),
)
