"""Rows of TDMRep, RSL, ai.txt and trust.txt."""

from __future__ import annotations

from crawler.demo.answer import Answer, page, text, typed
from crawler.demo.images import png, xmp
from crawler.demo.place import (
    KEPT,
    LICENSED,
    NOT_KEPT,
    UNDETERMINED,
    Expectation,
    feed,
    html,
    licence,
    prohibits,
    reserved,
)
from tests.webs.leaks.base import (
    DOCUMENT,
    EMBEDDED,
    EVERYONE,
    FILE,
    HEADER,
    HTML,
    ROBOTS,
    by_header,
    by_image,
    by_meta,
    json,
)
from tests.webs.row import Leak, leak


def _rsl_robots(name: str, says: str, document: Answer, expect: Expectation, robots: str = "") -> Leak:
    line = f"License: http://{name}.example:{{port}}/licence.xml\n"
    return leak(name, says, "rsl", ROBOTS, expect, robots=robots or line, files={"/licence.xml": document})


def _rsl(document: str) -> Answer:
    return typed("application/rsl+xml", document)


def _free(url: str = "/") -> str:
    return f'<content url="{url}"><license><permits type="usage">all</permits></license></content>'


def _tdmrep(name: str, says: str, document: Answer, expect: Expectation, peer: str = "") -> Leak:
    files = {"/.well-known/tdmrep.json": document}
    return leak(name, says, "tdmrep", FILE, expect, files=files, peer=peer)


TDMREP = (
    _tdmrep(
        "tdm-file",
        "tdmrep.json reserves everything",
        json('[{"location": "/", "tdm-reservation": 1}]'),
        reserved("tdmrep"),
        "file: tdmrep.json",
    ),
    _tdmrep(
        "tdm-object",
        "tdmrep.json is one object with strings",
        json('{"location": "/", "tdm-reservation": "1"}'),
        reserved("tdmrep"),
    ),
    _tdmrep(
        "tdm-broken",
        "tdmrep.json is broken JSON",
        json('[{"location": "/", "tdm-reservation": 1'),
        reserved("tdmrep"),
    ),
    _tdmrep("tdm-unavailable", "tdmrep.json answers 503", text("busy\n", status=503), UNDETERMINED),
    leak(
        "tdm-image-file",
        "tdmrep.json reserves images only",
        "tdmrep",
        FILE,
        KEPT,
        reserved("tdmrep"),
        files={"/.well-known/tdmrep.json": json('[{"location": "/*.png$", "tdm-reservation": 1}]')},
    ),
    leak(
        "tdm-lifted",
        "tdmrep.json reserves, the page's meta says 0: nothing lifts a reservation",
        "tdmrep",
        FILE,
        reserved("tdmrep"),
        files={"/.well-known/tdmrep.json": json('[{"location": "/", "tdm-reservation": 1}]')},
        head='<meta name="tdm-reservation" content="0">',
    ),
    by_header(
        "tdm-header",
        "a header says 1",
        "tdmrep",
        ("TDM-Reservation", "1"),
        ("TDM-Policy", "https://tdm-header.example/policy"),
        peer="header: tdm-reservation",
    ),
    by_header(
        "tdm-two-lines",
        "one header line says 0, the next 1",
        "tdmrep",
        ("tdm-reservation", "0"),
        ("tdm-reservation", "1"),
    ),
    by_header("tdm-true", "a header says true", "tdmrep", ("tdm-reservation", "true")),
    by_meta(
        "tdm-meta",
        "a meta says 1",
        '<meta name="tdm-reservation" content="1">',
        signal="tdmrep",
        peer="meta: tdm-reservation",
    ),
    leak(
        "tdm-meta-body",
        "a meta in the body says 1, in capitals",
        "tdmrep",
        HTML,
        reserved("tdmrep"),
        body='<META NAME=TDM-Reservation CONTENT="1">',
    ),
    by_image("tdm-image-header", "the image's own header says 1", "tdmrep", HEADER, tdm_reservation="1"),
    by_image(
        "tdm-image-xmp",
        "the image's XMP says 1",
        "tdmrep",
        EMBEDDED,
        png(1, 90, 90, xmp=xmp(extra="<tdm:reservation>1</tdm:reservation>")),
    ),
    _tdmrep(
        "tdm-elsewhere",
        "tdmrep.json reserves another path",
        json('[{"location": "/journals/", "tdm-reservation": 1}]'),
        KEPT,
    ),
    _tdmrep("tdm-page", "a web page stands where tdmrep.json should", page("<p>Not found.</p>"), KEPT),
    by_header("tdm-zero", "a header says 0", "tdmrep", ("tdm-reservation", "0"), expect=KEPT),
)

RSL = (
    leak(
        "rsl",
        "robots.txt names a licence that prohibits AI",
        "rsl",
        ROBOTS,
        reserved("rsl"),
        robots=EVERYONE + "Allow: /\n\nLicense: http://rsl.example:{port}/licence.xml\n",
        files={"/licence.xml": _rsl(licence(prohibits("/")))},
        peer="robots.txt: RSL License",
    ),
    _rsl_robots("rsl-plain", "the licence is served as HTML", page(licence(prohibits("/"))), reserved("rsl")),
    _rsl_robots("rsl-lost", "the licence answers 404", text("none\n", status=404), reserved("rsl")),
    _rsl_robots("rsl-unavailable", "the licence answers 503", text("busy\n", status=503), UNDETERMINED),
    _rsl_robots(
        "rsl-priced",
        "the licence has a price",
        _rsl(
            licence(
                '<content url="/"><license><permits type="usage">all</permits>'
                '<payment type="training"><amount currency="EUR">1.00</amount></payment></license></content>'
            )
        ),
        reserved("rsl"),
    ),
    _rsl_robots(
        "rsl-server",
        "the licence asks for a token",
        _rsl(licence(_free().replace("<content ", '<content server="https://tokens.example" '))),
        reserved("rsl"),
    ),
    _rsl_robots(
        "rsl-search",
        "the licence permits search only",
        _rsl(licence('<content url="/"><license><permits type="usage">search</permits></license></content>')),
        reserved("rsl"),
    ),
    _rsl_robots(
        "rsl-group",
        "a group for us names a licence that prohibits, the rest of the file a free one",
        _rsl(licence(prohibits("/"))),
        reserved("rsl"),
        "License: http://rsl-group.example:{port}/free.xml\n\n"
        "User-agent: heedful\nLicense: http://rsl-group.example:{port}/licence.xml\nAllow: /\n",
    ),
    leak(
        "rsl-link",
        "a Link header names a licence that prohibits AI",
        "rsl",
        HEADER,
        reserved("rsl"),
        headers=(
            ("Link", '<http://rsl-link.example:{port}/licence.xml>; rel="license"; type="application/rsl+xml"'),
        ),
        files={"/licence.xml": _rsl(licence(prohibits("/page")))},
        peer="header: RSL Link",
    ),
    leak(
        "rsl-html-link",
        "a link element names a licence that prohibits AI",
        "rsl",
        HTML,
        reserved("rsl"),
        head='<link rel="license" type="application/rsl+xml" href="/licence.xml">',
        files={"/licence.xml": _rsl(licence(prohibits("/page")))},
    ),
    by_meta(
        "rsl-script",
        "a script element holds a licence that prohibits AI",
        f'<script type="application/rsl+xml">{licence(prohibits(""))}</script>',
        signal="rsl",
    ),
    leak(
        "rsl-image-link",
        "the image's own Link header names a licence that prohibits AI",
        "rsl",
        HEADER,
        KEPT,
        reserved("rsl"),
        image_headers=(
            (
                "Link",
                '<http://rsl-image-link.example:{port}/licence.xml>; rel="license"; type="application/rsl+xml"',
            ),
        ),
        files={"/licence.xml": _rsl(licence(prohibits("/image.png")))},
    ),
    by_image(
        "rsl-image-xmp",
        "the image's XMP holds a licence that prohibits AI",
        "rsl",
        EMBEDDED,
        png(
            1,
            90,
            120,
            xmp=xmp(
                extra='<rsl:rsl xmlns:rsl="https://rslstandard.org/rsl">'
                '<rsl:content url="http://rsl-image-xmp.example/image.png"><rsl:license>'
                '<rsl:prohibits type="usage">ai-all</rsl:prohibits></rsl:license></rsl:content></rsl:rsl>'
            ),
        ),
    ),
    leak(
        "rsl-feed",
        "only the feed says that AI is prohibited for the page",
        "rsl",
        DOCUMENT,
        reserved("rsl"),
        NOT_KEPT,
        files={
            "/": page(
                html(
                    "News",
                    "A front page with a feed.",
                    head='<link rel="alternate" type="application/rss+xml" href="/feed.xml">',
                    links=("/feed.xml",),
                )
            ),
            "/feed.xml": feed(
                "News",
                (
                    "http://rsl-feed.example:{port}/page",
                    '<rsl:content url="http://rsl-feed.example:{port}/page"><rsl:license>'
                    '<rsl:prohibits type="usage">ai-all</rsl:prohibits></rsl:license></rsl:content>',
                ),
            ),
        },
        seeds=("rsl-feed.example/",),
        also={"rsl-feed.example/": KEPT},
    ),
    _rsl_robots("rsl-free", "the licence permits everything for free", _rsl(licence(_free())), KEPT),
    leak(
        "rsl-deed",
        "robots.txt names an open licence, which is no RSL",
        "rsl",
        ROBOTS,
        KEPT,
        robots="License: https://creativecommons.org/licenses/by/4.0/\n",
    ),
    leak(
        "licence-link",
        "a Link header names an open licence, which is no RSL and licenses the page",
        "rsl",
        HEADER,
        LICENSED,
        headers=(("Link", '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'),),
    ),
)


def _ai_txt(name: str, says: str, document: Answer, expect: Expectation, peer: str = "") -> Leak:
    return leak(name, says, "ai-txt", FILE, expect, files={"/ai.txt": document}, peer=peer)


SITE_FILES = (
    _ai_txt(
        "ai-txt",
        "ai.txt disallows everything",
        text("User-Agent: *\nDisallow: /\nDisallow: *\n"),
        reserved("ai-txt"),
        "file: ai.txt",
    ),
    _ai_txt("ai-txt-unavailable", "ai.txt answers 503", text("busy\n", status=503), UNDETERMINED),
    leak(
        "ai-txt-images",
        "ai.txt disallows images only",
        "ai-txt",
        FILE,
        KEPT,
        reserved("ai-txt"),
        files={"/ai.txt": text("User-Agent: *\nDisallow: *.PNG\nAllow: *.html\nAllow: *.txt\n")},
    ),
    _ai_txt("ai-txt-page", "a web page stands where ai.txt should", page("<p>Disallow: /</p>"), KEPT),
    _ai_txt("ai-txt-prose", "another format of that name", text("# Our site\n\nAbout us, in words.\n"), KEPT),
    leak(
        "trust-txt",
        "trust.txt says datatrainingallowed=no",
        "trust-txt",
        FILE,
        reserved("trust-txt"),
        files={"/trust.txt": text("datatrainingallowed=no\n")},
    ),
    leak(
        "trust-txt-known",
        "the well-known trust.txt says no, the other yes",
        "trust-txt",
        FILE,
        reserved("trust-txt"),
        files={
            "/trust.txt": text("datatrainingallowed=yes\n"),
            "/.well-known/trust.txt": text("# ours\nDataTrainingAllowed = No\n"),
        },
    ),
    leak(
        "trust-txt-yes",
        "trust.txt says yes",
        "trust-txt",
        FILE,
        KEPT,
        files={"/trust.txt": text("datatrainingallowed=yes\nmember=https://press.example/\n")},
    ),
)
