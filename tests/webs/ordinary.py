"""Two loopback webs for the ordinary Scrapy project, and how every request of its spider must end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crawler.demo.answer import Answer, Responder, in_turn, page, redirect, text, typed
from crawler.demo.images import png
from crawler.demo.place import html, sitemap

NOAI = '<meta name="robots" content="noai">'
SECRET = "the reserved words"
FREE = html("Free", "Nothing is said about its use.")
OPEN_TO_ALL = text("User-agent: *\nAllow: /\n")
HEADER = ("X-Robots-Tag", "noai")


def reserved_page(**how: Any) -> Answer:
    return Answer(headers=(("Content-Type", "text/html"),), body=html("Reserved", SECRET, head=NOAI), **how)


WEB: dict[str, dict[str, Responder]] = {
    "free.example": {
        "/robots.txt": OPEN_TO_ALL,
        "/": page(FREE),
        "/again": page(FREE),
        "/third": page(FREE),
        "/meta": reserved_page(),
        "/header": page(html("Reserved", SECRET), HEADER),
        "/hop-says": redirect("/behind-says", HEADER, status=301),
        "/behind-says": page(html("Behind", SECRET)),
        "/chain-1": redirect("/chain-2", ("X-Robots-Tag", "noimageai"), status=302),
        "/chain-2": redirect("/chain-3", status=307),
        "/chain-3": page(html("End", "Of a chain.", pictures=("/chain.png",))),
        "/chain.png": typed("image/png", png(5, 50, 50)),
        "/late-free": redirect("/again?late"),
        "/late-1": redirect("/late-2"),
        "/late-2": redirect("/late-3", ("tdm-reservation", "1")),
        "/late-3": page(html("End", SECRET)),
        "/to-meta": redirect("/meta"),
        "/to-shut": redirect("http://shut.example:{port}/page"),
        "/to-private": redirect("file:///etc/passwd"),
        "/to-nowhere": redirect("http://[/"),
        "/loop": redirect("/loop"),
        "/refresh": page(html("R", "Elsewhere.", head='<meta http-equiv="refresh" content="0; url=/again">')),
        "/refresh-meta": page(html("R", "x", head='<meta http-equiv="refresh" content="0; url=/meta">')),
        "/refresh-header": page(
            html("R", SECRET, head='<meta http-equiv="refresh" content="0; url=/only-by-refresh">'), HEADER
        ),
        "/only-by-refresh": page(FREE),
        "/once-503": in_turn(text("later", status=503), page(FREE)),
        "/always-503": text("later", status=503),
        "/403": text(SECRET, status=403),
        "/404": text("nothing here", status=404),
        "/304": Answer(status=304, headers=(("ETag", '"1"'),)),
        "/gzip": Answer(
            headers=(("Content-Type", "text/html; charset=windows-1251"),),
            body=html("Файл", "Слова без оговорок."),
            charset="cp1251",
            encoding="gzip",
        ),
        "/gzip-meta": reserved_page(encoding="gzip"),
        "/br-meta": reserved_page(encoding="br"),
        "/cut-gzip": Answer(headers=(("Content-Type", "text/html"),), body=FREE, fault="truncated-gzip"),
        "/cut": Answer(headers=(("Content-Type", "text/html"),), body=FREE, fault="short"),
        "/xhtml.png": typed("application/xml", html("X", SECRET, head=NOAI)),
        "/archive.zip": typed("application/zip", b"PK\x03\x04" + bytes(range(256))),
        "/json": typed("application/json", '{"free": true}'),
        "/sitemap.xml": sitemap("http://free.example/"),
        "/plain": text("Only words."),
        "/shy-images": page(
            html(
                "Shy",
                "Its image is not for AI.",
                head='<meta name="robots" content="noimageai">',
                pictures=("/shy.png",),
            )
        ),
        "/shy.png": typed("image/png", png(9, 50, 50)),
        "/plain.png": typed("image/png", png(7, 50, 50)),
    },
    "shut.example": {
        "/robots.txt": text("User-agent: ordinary-bot\nDisallow: /\n"),
        "/page": page(html("Shut", SECRET)),
    },
    "named.example": {
        "/robots.txt": text("User-agent: heedful\nDisallow: /\n\nUser-agent: *\nAllow: /\n"),
        "/page": page(html("Shut", SECRET)),
    },
    "tdmrep.example": {
        "/.well-known/tdmrep.json": typed("application/json", '[{"location": "/", "tdm-reservation": 1}]'),
        "/page": page(html("Shut", SECRET)),
    },
    "slow.example": {"/robots.txt": text("User-agent: *\nCrawl-delay: 0.6\n"), "*": page(FREE)},
    "slowest.example": {"/robots.txt": text("User-agent: *\nCrawl-delay: 3600\n"), "*": page(FREE)},
    "broken.example": {"/robots.txt": text("", status=503), "/page": page(html("Unknown", SECRET))},
    "moved.example": {
        "/robots.txt": redirect("http://rules.example:{port}/rules"),
        "/private": page(html("Shut", SECRET)),
        "/public": page(FREE),
    },
    "rules.example": {"/rules": text("User-agent: *\nDisallow: /private\n")},
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One request of the ordinary spider and how it must end."""

    name: str
    url: str
    how: dict[str, Any] = field(default_factory=dict)
    outcome: str = "unreserved"
    stage: str = "content"
    signal: str | None = None
    """A signal that must be among the grounds; None: it must come to the callback."""
    locator: str | None = None
    """Where that ground stands."""
    unasked: tuple[str, ...] = ()
    """Targets of free.example that must not have been asked for."""
    hops: tuple[str, ...] = ()
    """Paths of the redirects that led to what came."""


def came(name: str, path: str, **more: Any) -> Row:
    return Row(name=name, url="http://free.example:{port}" + path, **more)


def turned(name: str, url: str, stage: str, signal: str, outcome: str = "reserved", **more: Any) -> Row:
    url = "http://free.example:{port}" + url if url.startswith("/") else url
    return Row(name=name, url=url, stage=stage, signal=signal, outcome=outcome, **more)


def ours(name: str, target: str, reason: str, **how: Any) -> Row:
    """A request that must not go out, for a reason of ours."""
    unasked = (target,) if target.startswith("/") else ()
    return turned(name, target, "host", "house", "skipped", locator=reason, unasked=unasked, how=how)


ANY_STATUS = {"meta": {"handle_httpstatus_all": True}}
CUT_IS_FINE = {"meta": {"download_fail_on_dataloss": False}}
NO_ROBOTS = {"dont_obey_robotstxt": True}
PERMISSION = {"meta": {"optout": {"collect": True}}}


def then(name: str, path: str) -> dict[str, Any]:
    """What a callback asks for next, with its response's meta, as careless spiders do."""
    return {"then": {"name": name, "url": "http://free.example:{port}" + path}}


ROWS = (
    came("free", "/"),
    came("plain text", "/plain"),
    came("json", "/json"),
    came("sitemap", "/sitemap.xml"),
    came("image", "/plain.png"),
    came("archive", "/archive.zip"),
    came("compressed", "/gzip"),
    # Host, headers, content
    turned("robots names us", "http://shut.example:{port}/page", "host", "robots"),
    turned("robots names heedful", "http://named.example:{port}/page", "host", "robots"),
    turned("tdmrep.json", "http://tdmrep.example:{port}/page", "host", "tdmrep"),
    turned("robots 503", "http://broken.example:{port}/page", "host", "robots", "undetermined"),
    turned("robots moved offsite", "http://moved.example:{port}/private", "host", "robots"),
    Row(name="robots moved, allowed", url="http://moved.example:{port}/public"),
    Row(name="slow 1", url="http://slow.example:{port}/1"),
    Row(name="slow 2", url="http://slow.example:{port}/2"),
    Row(name="slow 3", url="http://slow.example:{port}/3"),
    turned("too slow", "http://slowest.example:{port}/", "host", "house", "skipped", locator="crawl-delay"),
    turned("header", "/header", "headers", "robots-meta"),
    turned("meta", "/meta", "content", "robots-meta"),
    turned("gzip", "/gzip-meta", "content", "robots-meta"),
    turned("XML under an image's URL", "/xhtml.png", "content", "robots-meta"),
    turned("brotli", "/br-meta", "content", "robots-meta"),
    turned("cut gzip", "/cut-gzip", "content", "http-status", "undetermined"),
    # Redirects
    came("redirects", "/chain-1", hops=("/chain-1", "/chain-2")),
    turned("hop says noai", "/hop-says", "headers", "robots-meta", unasked=("/behind-says",)),
    turned("later hop reserves", "/late-1", "headers", "tdmrep", unasked=("/late-3",)),
    turned("redirect to a reserved page", "/to-meta", "content", "robots-meta"),
    turned("redirect to a shut host", "/to-shut", "host", "robots"),
    turned("redirect to a file", "/to-private", "headers", "http-status", "undetermined"),
    turned("redirect to nowhere", "/to-nowhere", "headers", "house", "skipped"),
    came("meta refresh", "/refresh"),
    turned("refresh to a reserved page", "/refresh-meta", "content", "robots-meta"),
    turned("reserved refresh", "/refresh-header", "headers", "robots-meta", unasked=("/only-by-refresh",)),
    # Statuses and retries
    came("503 once", "/once-503"),
    turned("503 always", "/always-503", "headers", "http-status", "undetermined"),
    turned("403 listed", "/403", "headers", "http-status", how={"meta": {"handle_httpstatus_list": [403]}}),
    turned("404 listed", "/404", "headers", "http-status", "skipped", how=ANY_STATUS),
    turned("503 listed", "/always-503", "headers", "http-status", "undetermined", how=ANY_STATUS),
    turned("302 listed", "/chain-1", "headers", "http-status", "undetermined", how=ANY_STATUS),
    came("304", "/304", stage="headers", how=ANY_STATUS),
    turned("cut", "/cut", "content", "http-status", "undetermined", how=CUT_IS_FINE),
    # Methods and schemes
    ours("POST", "/third?post", "method", method="POST", body="a=1"),
    ours("PUT", "/third?put", "method", method="PUT"),
    ours("GET with a body", "/third?body", "method", body="{}"),
    came("HEAD", "/third?head", stage="headers", how={"method": "HEAD"}),
    came("HEAD of a page with a meta", "/meta?head", stage="headers", how={"method": "HEAD"}),
    turned("HEAD of a reserved page", "/header?head", "headers", "robots-meta", how={"method": "HEAD"}),
    ours("file", "file:///etc/passwd", "address"),
    ours("data", "data:text/html,secret", "address"),
    ours("ftp", "ftp://free.example/secret", "address"),
    ours("userinfo", "http://me:pass@free.example:{port}/", "address"),
    # What a request cannot ask for
    turned("no robots", "http://shut.example:{port}/page?1", "host", "robots", how={"meta": NO_ROBOTS}),
    turned("links only", "/meta?links", "content", "robots-meta", how={"meta": {"optout_links_only": True}}),
    turned("kind", "/meta?kind", "content", "robots-meta", how={"meta": {"optout_kind": "image"}}),
    turned("forged permission", "/meta?forged", "content", "robots-meta", how=PERMISSION),
    ours("cookie", "/third?cookie", "credentials", headers={"Cookie": "a=1"}),
    ours("authorization", "/third?auth", "credentials", headers={"Authorization": "Basic eDp5"}),
    ours("http_user", "/third?user", "credentials", meta={"http_user": "x", "http_pass": "y"}),
    ours("another name", "/third?name", "identity", headers={"User-Agent": "Mozilla/5.0"}),
    # Meta that a careless spider copies
    came("copies", "/again?copies", how=then("copied onto a reserved page", "/meta?copied")),
    came(
        "copies after a redirect",
        "/late-free",
        hops=("/late-free",),
        how=then("copied after a redirect", "/again?after"),
    ),
)

FOLLOWED = (
    turned("copied onto a reserved page", "/meta?copied", "content", "robots-meta"),
    came("copied after a redirect", "/again?after"),
)
"""Requests that a callback of the rows makes."""

SITE: dict[str, dict[str, Responder]] = {
    "site.example": {
        "/robots.txt": text("User-agent: *\nDisallow: /private/\n"),
        "/": page(
            html(
                "Front",
                "Links to all.",
                links=(
                    "/a",
                    "/private/b",
                    "/noai",
                    "/shy",
                    "/loud",
                    "/moved",
                    "/gone",
                    "http://off.example:{port}/",
                ),
                pictures=("/front.png", "/hop.png", "/fine-hop.png", "http://cdn.example:{port}/cdn.png"),
            )
        ),
        "/a": page(html("A", "Free.", pictures=("/shy.png", "/a.png"), links=("/", "/noai"))),
        "/private/b": page(html("B", SECRET)),
        "/noai": page(html("N", SECRET, head=NOAI, pictures=("/noai.png",), links=("/behind",))),
        "/behind": page(html("Behind", "Linked from a reserved page only.")),
        "/shy": page(
            html("S", "Free text.", head='<meta name="robots" content="noimageai">', pictures=("/shy.png",))
        ),
        "/loud": page(
            html(
                "L",
                "Spells its image in its own way.",
                head='<meta name="robots" content="noimageai">',
                pictures=("http://SITE.example:{port}/./loud.png#top",),
            )
        ),
        "/./loud.png": typed("image/png", png(6, 40, 41)),
        "/moved": redirect("/private/b"),
        "/gone": text("gone", status=410),
        **{f"/{name}.png": typed("image/png", png(3, 40, 40 + index)) for index, name in enumerate("abc")},
        "/hop.png": redirect("/behind-hop.png", HEADER),
        "/behind-hop.png": typed("image/png", png(4, 40, 42)),
        "/fine-hop.png": redirect("/fine.png"),
        "/fine.png": typed("image/png", png(4, 40, 43)),
        "/front.png": typed("image/png", png(4, 40, 40)),
        "/shy.png": typed("image/png", png(5, 40, 40)),
        "/noai.png": typed("image/png", png(6, 40, 40)),
    },
    "cdn.example": {
        "/robots.txt": text("User-agent: *\nDisallow: /\n"),
        "/cdn.png": typed("image/png", png(8, 40, 40)),
    },
    "off.example": {"/": page(FREE)},
}
