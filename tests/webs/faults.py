"""FAULTS: hosts whose rules or pages cannot be had as they should, and what must become of their page.

Rows 1 to 33 are the ways in which a crawler was seen to depart from RFC 9309 (§ numbers in each row), or to
follow its letter against its sense. Rows without a number go wrong in other ways.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from crawler.demo.answer import Answer, Responder, Text, in_turn, page, redirect, text, typed
from crawler.demo.place import KEPT, NOT_KEPT, UNDETERMINED, Expectation, html, reserved
from tests.webs.row import picture

How = Literal["crawl", "slow", "again", "tls", "many"]
"""How a row is tried: one crawl; one that waits for a timeout; two crawls of one corpus, the host changing its
mind in between; the same name over https, where robots.txt differs; several pages of one host at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultRow:
    """One host that goes wrong."""

    name: str
    """What it is called; its host is ``name.example``."""
    says: str
    """The fault in words."""
    expect: Mapping[str, Expectation]
    """What must become of each URL, by ``host/path``, with ``https://`` before it where it is asked for
    securely; after the second crawl where there are two."""
    hosts: Mapping[str, Mapping[str, Responder]]
    """What is served, by host and path."""
    number: int = 0
    """Its number among the 33 departures; 0: none of them."""
    section: str = ""
    """Section of RFC 9309 it departs from; empty: allowed by the letter, or not about robots.txt."""
    how: How = "crawl"
    """How it is tried."""
    seeds: tuple[str, ...] = ()
    """``host/path`` where a crawl begins."""
    secure: Mapping[str, Mapping[str, Responder]] | None = None
    """What the same names serve over https; for ``tls`` rows."""
    first: Mapping[str, Expectation] | None = None
    """What must become of each URL in the first of two crawls."""

    @property
    def host(self) -> str:
        """The host the row is named after."""
        return f"{self.name}.example"


CLOSED = "User-agent: *\nDisallow: /\n"
OPEN = "User-agent: *\nAllow: /\n"


def _rules(
    number: int,
    name: str,
    says: str,
    robots: Responder | Text,
    expect: Expectation = UNDETERMINED,
    *,
    section: str = "",
    how: How = "crawl",
    others: Mapping[str, Mapping[str, Responder]] | None = None,
) -> FaultRow:
    """A plain page behind a robots.txt that goes wrong."""
    host = f"{name}.example"
    served = robots if not isinstance(robots, str | bytes) else text(robots)
    content = page(html(f"Page of {host}", says))
    return FaultRow(
        number=number,
        name=name,
        says=says,
        section=section,
        how=how,
        hosts={host: {"/robots.txt": served, "/page": content}, **(others or {})},
        seeds=(f"{host}/page",),
        expect={f"{host}/page": expect},
    )


def _filling(size: int, seed: str) -> str:
    """Comment lines that do not compress, so that a cut stream loses what follows them."""
    chance = random.Random(seed)
    return "".join(f"# {chance.getrandbits(256):064x}\n" for _ in range(size // 67))


def _failing(fault: Answer) -> Answer:
    return replace(fault, headers=(("Content-Type", "text/plain"),))


def _hops(host: str, count: int) -> dict[str, Responder]:
    """A chain of ``count`` redirects from robots.txt, with open rules at its end."""
    chain: dict[str, Responder] = {"/robots.txt": redirect("/hop1", status=301)}
    chain |= {f"/hop{step}": redirect(f"/hop{step + 1}", status=301) for step in range(1, count)}
    return chain | {
        f"/hop{count}": text(OPEN),
        "/page": page(html(f"Page of {host}", "Behind many redirects.")),
    }


def _picture_behind(name: str, number: int, says: str, image: Responder, robots: str) -> FaultRow:
    host = f"{name}.example"
    content = page(html(f"Page of {host}", says, pictures=("/shown.png",)))
    return FaultRow(
        number=number,
        name=name,
        says=says,
        hosts={
            host: {
                "/robots.txt": text(robots),
                "/page": content,
                "/shown.png": image,
                "/private/image.png": typed("image/png", picture(name + "-private")),
            }
        },
        seeds=(f"{host}/page",),
        expect={
            f"{host}/page": KEPT,
            f"{host}/shown.png": NOT_KEPT,
            f"{host}/private/image.png": NOT_KEPT,
        },
    )


_ERROR = html("Internal error", "Something went wrong.")

_UNREACHABLE = (
    _rules(1, "empty-503", "robots.txt: 503, empty", Answer(status=503), section="2.3.1.4"),
    _rules(2, "page-500", "robots.txt: 500 with a page", page(_ERROR, status=500), section="2.3.1.4"),
    _rules(3, "reset", "robots.txt: connection reset", Answer(fault="reset"), section="2.3.1.4"),
    _rules(
        4,
        "silent",
        "robots.txt: nothing comes",
        Answer(fault="hang-before-headers"),
        section="2.3.1.4",
        how="slow",
    ),
    _rules(
        5,
        "stalled",
        "robots.txt: the body stops half-way",
        Answer(body=OPEN, fault="hang-mid-body"),
        section="2.3.1.4",
        how="slow",
    ),
    _rules(
        6,
        "cut-short",
        "robots.txt: shorter than its Content-Length",
        Answer(body=OPEN, fault="short"),
        section="2.3.1.4",
    ),
    _rules(
        7,
        "cut-gzip",
        "robots.txt: a gzip stream that ends early, before the refusal",
        _failing(Answer(body=OPEN + _filling(4000, "cut-gzip") + CLOSED, fault="truncated-gzip")),
        section="2.3.1.4",
    ),
    _rules(
        8,
        "bad-gzip",
        "robots.txt: a damaged gzip stream",
        _failing(Answer(body=OPEN, fault="bad-gzip")),
        section="2.3.1.4",
    ),
    FaultRow(
        number=9,
        name="recovers",
        says="robots.txt: fails at first, then refuses us",
        section="2.3.1.4",
        how="again",
        hosts={
            "recovers.example": {
                "/robots.txt": in_turn(Answer(fault="reset"), Answer(fault="reset"), text(CLOSED)),
                "/page": page(html("Page of recovers.example", "Its robots.txt fails, then refuses.")),
            }
        },
        seeds=("recovers.example/page",),
        first={"recovers.example/page": NOT_KEPT},
        expect={"recovers.example/page": NOT_KEPT},
    ),
)

_SIZE_AND_SCOPE = (
    _rules(
        10,
        "large",
        "robots.txt: 600 KiB, the refusal at its beginning",
        CLOSED + _filling(600_000, "large"),
        reserved("robots"),
        section="2.5",
    ),
    _rules(11, "bomb", "robots.txt: unpacks to 512 MiB", Answer(fault="gzip-bomb"), section="2.5"),
    _rules(
        12,
        "moved",
        "robots.txt: moved to another host, which refuses us",
        redirect("http://rules-of-moved.example:{port}/robots-for-moved.txt", status=301),
        reserved("robots"),
        section="2.3.1.2",
        others={"rules-of-moved.example": {"/robots-for-moved.txt": text(CLOSED)}},
    ),
    FaultRow(
        number=13,
        name="two-schemes",
        says="http allows us, https refuses us",
        section="2.3",
        how="tls",
        hosts={
            "two-schemes.example": {
                "/robots.txt": text(OPEN),
                "/page": page(html("Page of two-schemes.example", "Free over http.")),
            }
        },
        secure={
            "two-schemes.example": {
                "/robots.txt": text(CLOSED),
                "/page": page(html("Secure page of two-schemes.example", "Refused over https.")),
            }
        },
        seeds=("two-schemes.example/page",),
        expect={"two-schemes.example/page": KEPT, "https://two-schemes.example/page": NOT_KEPT},
    ),
    FaultRow(
        number=14,
        name="expires",
        says="robots.txt: allows us, and refuses us a day later",
        section="2.4",
        how="again",
        hosts={
            "expires.example": {
                "/robots.txt": in_turn(text(OPEN), text(CLOSED)),
                "/page": page(html("Page of expires.example", "Free today, refused tomorrow.")),
            }
        },
        seeds=("expires.example/page",),
        first={"expires.example/page": KEPT},
        expect={"expires.example/page": reserved("robots")},
    ),
    FaultRow(
        number=15,
        name="cached",
        says="robots.txt: invites to cache it for a year, and changes between two crawls",
        section="2.4",
        how="again",
        hosts={
            "cached.example": {
                "/robots.txt": in_turn(
                    text(OPEN, ("Cache-Control", "max-age=31536000"), ("ETag", '"1"')),
                    text(CLOSED, ("ETag", '"2"')),
                ),
                "/page": page(html("Page of cached.example", "Free in the first crawl.")),
            }
        },
        seeds=("cached.example/page",),
        first={"cached.example/page": KEPT},
        expect={"cached.example/page": reserved("robots")},
    ),
)

_GROUPS = (
    _rules(
        16,
        "agent-words",
        "words of a User-Agent header, not our token, are allowed",
        "User-agent: Mozilla\nUser-agent: compatible\nUser-agent: http\nAllow: /\n\n" + CLOSED,
        reserved("robots"),
        section="2.2.1",
    ),
    _rules(
        17,
        "agent-version",
        "our token with a version is refused",
        "User-agent: heedful/1.0\nDisallow: /\n\n" + OPEN,
        reserved("robots"),
        section="2.2.1",
    ),
    _rules(
        18,
        "agent-prefix",
        "the first letters of our token are allowed",
        "User-agent: heed\nAllow: /\n\n" + CLOSED,
        reserved("robots"),
        section="2.2.1",
    ),
    _rules(
        19,
        "delay-splits",
        "Crawl-delay stands between two agents of one group",
        "User-agent: heedful\nCrawl-delay: 0\nUser-agent: OtherBot\nDisallow: /\n",
        reserved("robots"),
        section="2.2.4",
    ),
    _rules(
        20,
        "signal-splits",
        "Content-Signal stands between two agents of one group",
        "User-agent: heedful\nContent-Signal: search=yes\nUser-agent: OtherBot\nDisallow: /\n",
        reserved("robots"),
        section="2.2.4",
    ),
    _rules(
        21,
        "rules-404",
        "robots.txt: 404 with rules in its body, which are none",
        text(CLOSED, status=404),
        KEPT,
        section="2.3.1.3",
    ),
)

_BY_THE_LETTER = (
    _rules(22, "slow-down", "robots.txt: 429", text("later\n", ("Retry-After", "1"), status=429)),
    _rules(23, "unauthorised", "robots.txt: 401", text("log in\n", status=401)),
    _rules(24, "forbidden", "robots.txt: 403", text("no\n", status=403)),
    FaultRow(
        number=25,
        name="six-hops",
        says="robots.txt: behind six redirects",
        hosts={"six-hops.example": _hops("six-hops.example", 6)},
        seeds=("six-hops.example/page",),
        expect={"six-hops.example/page": UNDETERMINED},
    ),
    _rules(26, "to-ftp", "robots.txt: redirects to ftp", redirect("ftp://to-ftp.example/robots.txt")),
    _rules(
        27,
        "no-length",
        "robots.txt: no length, no chunks: it may have been cut",
        Answer(body=OPEN + "# and th", fault="no-length"),
    ),
    _rules(
        28,
        "odd-encoding",
        "robots.txt: in a content coding we do not know",
        text(OPEN, ("Content-Encoding", "x-unheard-of")),
    ),
    _rules(29, "utf-16", "robots.txt: refuses us in UTF-16", CLOSED.encode("utf-16"), NOT_KEPT),
)

_FETCHES = (
    FaultRow(
        number=30,
        name="page-hop",
        says="a free page redirects to a refused one",
        hosts={
            "page-hop.example": {
                "/robots.txt": text("User-agent: *\nDisallow: /private/\n"),
                "/page": redirect("/private/page"),
                "/private/page": page(html("Private", "robots.txt refuses it.")),
            }
        },
        seeds=("page-hop.example/page",),
        expect={"page-hop.example/page": NOT_KEPT, "page-hop.example/private/page": NOT_KEPT},
    ),
    _picture_behind(
        "media",
        31,
        "the page is free, its image is refused",
        typed("image/png", picture("media")),
        "User-agent: *\nDisallow: /shown.png\nDisallow: /private/\n",
    ),
    _picture_behind(
        "media-hop",
        32,
        "the image redirects to a refused path",
        redirect("/private/image.png"),
        "User-agent: *\nDisallow: /private/\n",
    ),
    FaultRow(
        number=33,
        name="many-wait",
        says="robots.txt: comes late; several pages of the host must wait for it",
        how="many",
        hosts={
            "many-wait.example": {
                "/robots.txt": replace(text("User-agent: *\nDisallow: /page3\n"), delay=0.5),
                **{
                    f"/page{number}": page(html(f"Page {number} of many-wait.example", "One of four."))
                    for number in range(1, 5)
                },
            }
        },
        seeds=tuple(f"many-wait.example/page{number}" for number in range(1, 5)),
        expect={
            "many-wait.example/page1": KEPT,
            "many-wait.example/page2": KEPT,
            "many-wait.example/page3": reserved("robots"),
            "many-wait.example/page4": KEPT,
        },
    ),
)

_MORE_RULES = (
    _rules(0, "stuck-head", "robots.txt: the head stops", Answer(fault="hang-mid-headers"), how="slow"),
    _rules(
        0,
        "dripping",
        "robots.txt: one byte every 50 ms, for longer than we wait",
        Answer(body=OPEN + "#" * 4000, fault="drip"),
        how="slow",
    ),
    _rules(0, "empty-reply", "robots.txt: the connection ends at once", Answer(fault="empty-reply")),
    _rules(0, "garbage", "robots.txt: the reply is not HTTP", Answer(fault="garbage")),
    _rules(0, "cut-chunked", "robots.txt: the last chunk is missing", Answer(body=OPEN, fault="cut-chunked")),
    _rules(0, "half-reset", "robots.txt: reset half-way", Answer(body=OPEN, fault="reset-mid-body")),
    _rules(0, "head-reset", "robots.txt: reset after its head", Answer(body=OPEN, fault="reset-after-headers")),
    _rules(
        0,
        "cut-br",
        "robots.txt: a Brotli stream that ends early, before the refusal",
        _failing(Answer(body=OPEN + _filling(4000, "cut-br") + CLOSED, fault="truncated-br")),
    ),
    _rules(
        0,
        "cut-deflate",
        "robots.txt: a deflate stream that ends early, before the refusal",
        _failing(Answer(body=OPEN + _filling(4000, "cut-deflate") + CLOSED, fault="truncated-deflate")),
    ),
    _rules(0, "endless", "robots.txt: never ends", Answer(body="# more\n", fault="endless-body")),
    _rules(0, "partial", "robots.txt: 206", text(OPEN, status=206)),
    _rules(0, "loop", "robots.txt: redirects to itself", redirect("/robots.txt")),
    _rules(0, "to-file", "robots.txt: redirects to a file", redirect("file:///etc/hostname")),
    _rules(0, "to-data", "robots.txt: redirects to data", redirect("data:text/plain,User-agent:%20*")),
    _rules(
        0,
        "challenge",
        "robots.txt: a challenge page",
        page(html("Just a moment...", "Checking."), ("cf-mitigated", "challenge"), status=403),
    ),
    _rules(
        0,
        "login",
        "robots.txt: a login page",
        page('<!doctype html><form><input type="password" name="p"></form>'),
    ),
    _rules(0, "missing", "robots.txt: 404", text("none\n", status=404), KEPT),
    _rules(0, "gone", "robots.txt: 410", text("none\n", status=410), KEPT),
    FaultRow(
        name="five-hops",
        says="robots.txt: behind five redirects, as many as RFC 9309 asks to follow",
        section="2.3.1.2",
        hosts={"five-hops.example": _hops("five-hops.example", 5)},
        seeds=("five-hops.example/page",),
        expect={"five-hops.example/page": KEPT},
    ),
)


def _content(
    name: str, says: str, answer: Answer, expect: Expectation = UNDETERMINED, *, how: How = "crawl"
) -> FaultRow:
    """A free host whose page goes wrong."""
    host = f"{name}.example"
    whole = replace(answer, headers=(("Content-Type", "text/html; charset=utf-8"),))
    return FaultRow(
        name=name,
        says=says,
        how=how,
        hosts={host: {"/robots.txt": text(OPEN), "/page": whole}},
        seeds=(f"{host}/page",),
        expect={f"{host}/page": expect},
    )


def _long(name: str) -> str:
    return html(f"Page of {name}.example", _filling(4000, name))


_PAGES = (
    _content("page-reset", "page: reset half-way", Answer(body=_long("page-reset"), fault="reset-mid-body")),
    _content("page-short", "page: shorter than announced", Answer(body=_long("page-short"), fault="short")),
    _content(
        "page-chunked", "page: last chunk missing", Answer(body=_long("page-chunked"), fault="cut-chunked")
    ),
    _content("page-gzip", "page: gzip ends early", Answer(body=_long("page-gzip"), fault="truncated-gzip")),
    _content("page-bad", "page: damaged gzip", Answer(body=_long("page-bad"), fault="bad-gzip")),
    _content("page-empty", "page: the connection ends at once", Answer(fault="empty-reply")),
    _content("page-garbage", "page: the reply is not HTTP", Answer(fault="garbage")),
    _content("page-bomb", "page: unpacks to 512 MiB", Answer(fault="gzip-bomb"), NOT_KEPT),
    _content("page-endless", "page: never ends", Answer(body="<p>more", fault="endless-body"), NOT_KEPT),
    _content(
        "page-flood", "page: 50,000 header lines", Answer(body=_long("f"), fault="header-flood"), NOT_KEPT
    ),
    _content("page-silent", "page: nothing comes", Answer(fault="hang-before-headers"), how="slow"),
    _content(
        "page-stalled", "page: stops half-way", Answer(body=_long("x"), fault="hang-mid-body"), how="slow"
    ),
)

FAULTS: tuple[FaultRow, ...] = (
    *_UNREACHABLE,
    *_SIZE_AND_SCOPE,
    *_GROUPS,
    *_BY_THE_LETTER,
    *_FETCHES,
    *_MORE_RULES,
    *_PAGES,
)
"""Every fault."""
