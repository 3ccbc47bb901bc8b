"""Twelve honest sites that are crawled beside the hostile ones: pages, images, and things they reserve."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.demo.images import gif, jpeg, webp
from crawler.demo.server import Answer, Responder, page, redirect, text, typed
from tests.webs.hostile.row import picture, words

NOAI = '<meta name="robots" content="noai">'
NOTHING: Mapping[str, Responder] = {"/robots.txt": text("none\n", status=404)}


def _page(at: str, *links: str, head: str = "", images: tuple[str, ...] = ()) -> str:
    body = "".join(f'<a href="{link}">{link}</a>' for link in links)
    return words(at, head=head, body=body + "".join(f'<img src="{image}" alt="">' for image in images))


def _png(at: str) -> Answer:
    return typed("image/png", picture(at))


def _robots(rules: str) -> Responder:
    return text("User-agent: *\n" + rules)


def _blog() -> dict[str, Responder]:
    posts = [f"/2024/{month:02}/post" for month in range(1, 11)]
    return {
        "/": page(_page("blog", *posts)),
        **{post: page(_page("blog" + post, images=(post + ".png",))) for post in posts},
        **{post + ".png": _png("blog" + post) for post in posts},
    }


HONEST: Mapping[str, Mapping[str, Responder]] = {
    "honest-blog.example": _blog(),
    "honest-gallery.example": {
        "/": page(_page("gallery", images=("/a.gif", "/b.jpg", "/c.webp", "/d.png"))),
        "/a.gif": typed("image/gif", gif(1, 2, 3)),
        "/b.jpg": typed("image/jpeg", jpeg(77)),
        "/c.webp": typed("image/webp", webp(4, 5, 6)),
        "/d.png": _png("gallery-d"),
    },
    "honest-shop.example": {
        "/robots.txt": _robots("Disallow: /account\n"),
        "/": page(_page("shop", "/item", "/account/me")),
        "/item": page(_page("shop-item", images=("/item.png",))),
        "/item.png": _png("shop-item"),
        "/account/me": page(_page("shop-account")),
    },
    "honest-header.example": {
        "/": page(_page("header", "/free", "/shut")),
        "/free": page(_page("header-free")),
        "/shut": Answer(
            headers=(("Content-Type", "text/html"), ("TDM-Reservation", "1")), body=_page("header-shut")
        ),
    },
    "honest-meta.example": {
        "/": page(_page("meta", "/shut", "/free")),
        "/shut": page(_page("meta-shut", head=NOAI, images=("/shut.png",))),
        "/shut.png": _png("meta-shut"),
        "/free": page(_page("meta-free", images=("/free.png",))),
        "/free.png": _png("meta-free"),
    },
    "honest-image.example": {
        "/": page(_page("image", images=("/free.png", "/shut.png"))),
        "/free.png": _png("image-free"),
        "/shut.png": typed("image/png", picture("image-shut"), ("X-Robots-Tag", "noai")),
    },
    "honest-tdmrep.example": {
        "/.well-known/tdmrep.json": typed("application/json", '[{"location":"/shut","tdm-reservation":1}]'),
        "/": page(_page("tdmrep", "/shut", "/free")),
        "/shut": page(_page("tdmrep-shut")),
        "/free": page(_page("tdmrep-free")),
    },
    "honest-closed.example": {
        "/robots.txt": _robots("Disallow: /\n"),
        "/": page(_page("closed")),
    },
    "honest-packed.example": {
        "/": Answer(
            headers=(("Content-Type", "text/html"),), body=_page("packed", "/br", "/deflate"), encoding="gzip"
        ),
        "/br": Answer(headers=(("Content-Type", "text/html"),), body=_page("packed-br"), encoding="br"),
        "/deflate": Answer(
            headers=(("Content-Type", "text/html"),), body=_page("packed-deflate"), encoding="deflate"
        ),
    },
    "honest-moved.example": {
        "/": redirect("/new", status=301),
        "/new": page(_page("moved", "/old")),
        "/old": redirect("/newer"),
        "/newer": page(_page("moved-newer")),
    },
    "honest-letters.example": {
        "/": Answer(
            headers=(("Content-Type", "text/html; charset=windows-1251"),),
            body=_page("буквы", "/text"),
            charset="cp1251",
        ),
        "/text": text("Plain words of a plain text.\n"),
    },
    "honest-mapped.example": {
        "/robots.txt": text("User-agent: *\nAllow: /\nSitemap: http://honest-mapped.example:{port}/map.xml\n"),
        "/map.xml": typed(
            "application/xml",
            "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url>"
            "<loc>http://honest-mapped.example:{port}/only-in-the-map</loc></url></urlset>",
        ),
        "/": page(_page("mapped")),
        "/only-in-the-map": page(_page("mapped-only")),
    },
}
"""Host → path → answer."""

NOT_KEPT = frozenset(
    {
        "honest-shop.example/account/me",
        "honest-header.example/shut",
        "honest-meta.example/shut",
        "honest-meta.example/shut.png",
        "honest-image.example/shut.png",
        "honest-tdmrep.example/shut",
        "honest-closed.example/",
        "honest-moved.example/",
        "honest-moved.example/old",
        "honest-mapped.example/map.xml",
    }
)
"""What of them is reserved, moved or no content."""

FILES = frozenset({"/robots.txt", "/.well-known/tdmrep.json"})

KEPT = (
    frozenset(host + path for host, paths in HONEST.items() for path in paths if path not in FILES) - NOT_KEPT
)
"""All that must be in the corpus of them, and nothing else."""
