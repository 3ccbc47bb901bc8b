"""Hosts whose robots.txt, tdmrep.json, ai.txt or licence document is the lie. Their pages are sound."""

from __future__ import annotations

import gzip
import json

from tests.webs.hostile.bodies import bomb, coded
from tests.webs.hostile.connections import HEAD
from tests.webs.hostile.redirects import to
from tests.webs.hostile.row import KEPT, Ending, Lie, reserved, rules, undetermined
from tests.webs.hostile.wire import Act, Talk, absent, in_turn, raw, reply

TEXT, JSON, XML = "text/plain", "application/json", "application/rsl+xml"
TDMREP = "/.well-known/tdmrep.json"
MIB = 1 << 20
OPEN = "User-agent: *\nAllow: /\n"
CLOSED = "User-agent: *\nDisallow: /\n"


def robots(name: str, does: str, body: bytes | str | Act, ending: Ending, **more: Act) -> Lie:
    """A robots.txt that is served as text, or by an act."""
    act = body if callable(body) else reply(body, media=TEXT)
    return rules(f"robots-{name}", does, act, ending, **more)


def tdmrep(name: str, does: str, body: bytes | str, ending: Ending) -> Lie:
    """A tdmrep.json that is served as JSON."""
    return rules(f"tdmrep-{name}", does, reply(body, media=JSON), ending, path=TDMREP)


def licence(name: str, does: str, body: bytes, ending: Ending) -> Lie:
    """An RSL document that robots.txt names."""
    return rules(
        f"rsl-{name}",
        does,
        reply(body, media=XML),
        ending,
        path="/rsl.xml",
        **{"robots.txt": reply("License: /rsl.xml\n" + OPEN, media=TEXT)},
    )


def later(value: str) -> Act:
    """503 with this Retry-After."""
    return reply("later", ("Retry-After", value), status="503 Unavailable", media=TEXT)


def _hang(talk: Talk) -> None:
    talk.send(HEAD)
    talk.hang()


def _large(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 52428800\r\n\r\n")
    for _ in range(50):
        talk.send(b"# more\n" * (MIB // 7) + b"#\n\n\n"[: MIB % 7])


def _rsl(inside: bytes, before: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0"?>'
        + before
        + b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/">'
        + inside
        + b"</content></rsl>"
    )


FREE = b'<license><permits type="usage">all</permits></license>'
LAUGHS = b"<!DOCTYPE r [<!ENTITY a0 'ha'>%s]>" % b"".join(
    b"<!ENTITY a%d '%s'>" % (number, b"&a%d;" % (number - 1) * 10) for number in range(1, 10)
)
NUMBERED = "".join(f"Disallow: /{number}\n" for number in range(2_000))

GONE_WRONG = "robots"

RULES: tuple[Lie, ...] = (
    robots("hang", "robots.txt: stops amid it", _hang, undetermined("robots")),
    robots("bomb", "robots.txt: a gzip bomb", bomb("gzip"), undetermined("robots")),
    robots("50mib", "robots.txt: 50 MiB", _large, undetermined("robots")),
    robots("html", "robots.txt: a web page", reply("<!doctype html><title>Home</title><p>Welcome."), KEPT),
    robots(
        "html-text", "robots.txt: a web page, called text", "<!doctype html><title>Home</title><p>Hi.", KEPT
    ),
    robots(
        "captcha",
        "robots.txt: a captcha with 200",
        reply("<title>Robot check</title><div class=captcha>"),
        undetermined("robots"),
    ),
    robots(
        "utf-16", "robots.txt: UTF-16 with its mark, refusing all", CLOSED.encode("utf-16"), reserved("robots")
    ),
    robots(
        "utf-16-bare",
        "robots.txt: UTF-16 without a mark, refusing all",
        CLOSED.encode("utf-16-le"),
        reserved("robots"),
    ),
    robots(
        "agents",
        "robots.txt: 2,000 agents, then 2,000 rules",
        "".join(f"User-agent: bot{number}\n" for number in range(2_000))
        + "User-agent: *\n"
        + NUMBERED
        + "Disallow: /page\n",
        reserved("robots"),
    ),
    robots(
        "groups",
        "robots.txt: 400 groups of 50 rules, ours the last",
        "".join(f"User-agent: b{number}\n" + NUMBERED[:690].rpartition("\n")[0] + "\n" for number in range(400))
        + "User-agent: heedful\nDisallow: /\n",
        reserved("robots"),
    ),
    robots(
        "stars", "robots.txt: rules of 500 stars", "User-agent: *\n" + f"Disallow: /{'*a' * 250}$\n" * 50, KEPT
    ),
    robots(
        "stars-deny",
        "robots.txt: a rule of 500 stars that refuses",
        f"User-agent: *\nDisallow: /{'*' * 500}e\n",
        reserved("robots"),
    ),
    robots(
        "nul",
        "robots.txt: NUL between the letters of a refusal",
        "User-agent: *\nDis\0allow: /\n",
        reserved("robots"),
    ),
    robots(
        "nul-line", "robots.txt: lines of NUL before a refusal", "\0\0\0\n\0\n" + CLOSED, reserved("robots")
    ),
    robots("one-line", "robots.txt: no end of line at all", "User-agent: * Disallow: /", KEPT),
    robots("cr", "robots.txt: lines that end with CR alone", CLOSED.replace("\n", "\r"), reserved("robots")),
    robots("no-end", "robots.txt: no end of its last line", "User-agent: *\nDisallow: /", reserved("robots")),
    robots(
        "long-line",
        "robots.txt: a line of 400 KB before a refusal",
        "# " + "o" * 400_000 + "\n" + CLOSED,
        reserved("robots"),
    ),
    robots("binary", "robots.txt: 300 KB of noise", bytes(range(128, 256)) * 2_400, KEPT),
    robots(
        "delay",
        "robots.txt: asks for a pause of 10^9 s",
        "User-agent: *\nCrawl-delay: 1000000000\n" + "Allow: /\n",
        Ending(outcome=KEPT.outcome.SKIPPED, why="crawl-delay"),
    ),
    robots("delay-minus", "robots.txt: asks for a pause of -5 s", "User-agent: *\nCrawl-delay: -5\n", KEPT),
    robots("delay-nan", "robots.txt: asks for a pause of NaN s", "User-agent: *\nCrawl-delay: NaN\n", KEPT),
    robots("delay-inf", "robots.txt: asks for an infinite pause", "User-agent: *\nCrawl-delay: inf\n", KEPT),
    robots(
        "delay-digits",
        "robots.txt: asks for a pause of 10,000 digits",
        f"User-agent: *\nCrawl-delay: {'9' * 10_000}\n",
        Ending(outcome=KEPT.outcome.SKIPPED, why="crawl-delay"),
    ),
    robots(
        "circle", "robots.txt: redirects in a circle", to("/r"), undetermined("robots"), r=to("/robots.txt")
    ),
    robots(
        "elsewhere",
        "robots.txt: redirects to the bomb of another host",
        to("http://robots-bomb.example:{port}/robots.txt"),
        undetermined("robots"),
    ),
    robots("file", "robots.txt: redirects to a file", to("file:///etc/hostname"), undetermined("robots")),
    robots(
        "429", "robots.txt: 429 for ever", reply("slow", status="429 Slow", media=TEXT), undetermined("robots")
    ),
    robots("retry-minus", "robots.txt: 503, to be asked again in -1 s", later("-1"), undetermined("robots")),
    robots("retry-word", "robots.txt: 503, to be asked again soon", later("soon"), undetermined("robots")),
    robots(
        "retry-past",
        "robots.txt: 503, to be asked again in 1999",
        later("Fri, 31 Dec 1999 23:59:59 GMT"),
        undetermined("robots"),
    ),
    robots(
        "retry-junk",
        "robots.txt: 503, to be asked again on day 99",
        later("Fri, 99 Dec 99999 99:99:99 GMT"),
        undetermined("robots"),
    ),
    robots(
        "then-closed",
        "robots.txt: 503, then a refusal",
        in_turn(later("0"), reply(CLOSED, media=TEXT)),
        reserved("robots"),
    ),
    robots(
        "206",
        "robots.txt: 206 unasked for",
        reply(OPEN, status="206 Partial Content", media=TEXT),
        undetermined("robots"),
    ),
    robots(
        "304", "robots.txt: 304 unasked for", raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), undetermined("robots")
    ),
    robots(
        "gzip-file",
        "robots.txt: a gzip file without saying so, refusing all",
        gzip.compress(CLOSED.encode(), mtime=0),
        undetermined("robots"),
    ),
    robots(
        "coding",
        "robots.txt: in a coding that nobody knows",
        coded("rot13", b"Hfre-ntrag: *"),
        undetermined("robots"),
    ),
    tdmrep("deep", "tdmrep.json: 200,000 brackets deep", "[" * 200_000, reserved("tdmrep")),
    tdmrep(
        "deep-whole",
        "tdmrep.json: 50,000 brackets deep, all of them closed",
        "[" * 50_000 + "]" * 50_000,
        reserved("tdmrep"),
    ),
    tdmrep(
        "many",
        "tdmrep.json: 10^6 entries",
        "[" + '{"location":"/x","tdm-reservation":1},' * 1_000_000 + "{}]",
        undetermined("tdmrep"),
    ),
    tdmrep(
        "numbers",
        "tdmrep.json: a number of 400,000 digits",
        '[{"location":"/","tdm-reservation":' + "1" * 400_000 + "}]",
        reserved("tdmrep"),
    ),
    tdmrep(
        "number",
        "tdmrep.json: a reservation of 1e999",
        '[{"location":"/","tdm-reservation":1e999}]',
        reserved("tdmrep"),
    ),
    tdmrep(
        "keys",
        "tdmrep.json: a reservation said twice, 1 and 0",
        '[{"location":"/","tdm-reservation":1,"tdm-reservation":0}]',
        reserved("tdmrep"),
    ),
    tdmrep(
        "stars",
        "tdmrep.json: a location of 500 stars",
        json.dumps([{"location": "/" + "*a" * 250 + "$", "tdm-reservation": 1}]),
        KEPT,
    ),
    tdmrep(
        "utf-16",
        "tdmrep.json: UTF-16",
        json.dumps([{"location": "/", "tdm-reservation": 1}]).encode("utf-16"),
        reserved("tdmrep"),
    ),
    tdmrep(
        "surrogate",
        "tdmrep.json: half a character in a location",
        '[{"location":"/\\ud800","tdm-reservation":1}]',
        KEPT,
    ),
    rules("tdmrep-bomb", "tdmrep.json: a gzip bomb", bomb("gzip"), undetermined("tdmrep"), path=TDMREP),
    rules("ai-50mib", "ai.txt: 50 MiB", _large, undetermined("ai"), path="/ai.txt"),
    rules("ai-bomb", "ai.txt: a brotli bomb", bomb("br"), undetermined("ai"), path="/ai.txt"),
    licence(
        "laughs", "RSL: entities that grow to a gigabyte", _rsl(b"<a>&a9;</a>" + FREE, LAUGHS), reserved("rsl")
    ),
    licence(
        "entity",
        "RSL: an entity that is a file",
        _rsl(b"<a>&f;</a>" + FREE, b"<!DOCTYPE r [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"),
        reserved("rsl"),
    ),
    licence(
        "remote",
        "RSL: a document type elsewhere",
        _rsl(FREE, b"<!DOCTYPE r SYSTEM 'http://rsl-remote.example:1/x.dtd'>"),
        KEPT,
    ),
    licence(
        "deep", "RSL: 20,000 elements deep", _rsl(b"<a>" * 20_000 + b"</a>" * 20_000 + FREE), reserved("rsl")
    ),
    licence(
        "wide",
        "RSL: 60,000 attributes",
        _rsl(b"<a " + b" ".join(b"a%d=''" % number for number in range(60_000)) + b"/>" + FREE),
        undetermined("rsl"),
    ),
    rules(
        "rsl-circle",
        "RSL: redirects to itself",
        to("/rsl.xml"),
        undetermined("rsl"),
        path="/rsl.xml",
        **{"robots.txt": reply("License: /rsl.xml\n" + OPEN, media=TEXT)},
    ),
    rules(
        "rsl-many",
        "robots.txt: names 400 licences",
        absent,
        undetermined("rsl"),
        path="/none",
        **{"robots.txt": reply("".join(f"License: /l{number}\n" for number in range(400)) + OPEN, media=TEXT)},
    ),
)
