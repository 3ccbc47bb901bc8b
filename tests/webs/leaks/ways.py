"""Rows of signals inside images, and of the ways on which a page or image is reached."""

from __future__ import annotations

from crawler.demo.answer import Answer, Request, page, redirect, text, typed
from crawler.demo.images import gif, jpeg, manifest, png, webp, xmp
from crawler.demo.place import (
    KEPT,
    NOT_KEPT,
    feed,
    html,
    reserved,
    sitemap,
)
from tests.webs.leaks.base import (
    EMBEDDED,
    EVERYONE,
    FILE,
    HEADER,
    HTML,
    ROBOTS,
    by_image,
    json,
)
from tests.webs.row import Leak, leak, picture


def _spread(name: str, says: str, show: str) -> Leak:
    """A page reserves itself and shows an image of another host that says nothing."""
    return leak(
        name,
        says,
        "robots-meta",
        HTML,
        reserved("robots-meta"),
        reserved("robots-meta"),
        head='<meta name="robots" content="noai">' + (show if show.startswith("<meta") else ""),
        show="" if show.startswith("<meta") else show,
        image_host=f"cdn-{name}.example",
    )


def _negotiated(request: Request) -> Answer:
    """Markdown without a word for those who ask for it, the page with its reservation for all others."""
    if "text/markdown" in (request.value("accept") or ""):
        return typed("text/markdown", "# A page\n\nThe Markdown form says nothing about its use.\n")
    return page(html("A page", "Only the HTML form says noai.", head='<meta name="robots" content="noai">'))


def _browsers_see_less(request: Request) -> Answer:
    """A reservation for everything that does not call itself a browser."""
    content = html("A page", "What calls itself Mozilla is not told noai.")
    extra = () if (request.value("user-agent") or "").startswith("Mozilla") else (("X-Robots-Tag", "noai"),)
    return page(content, *extra)


_PROHIBITED = xmp("DMI-PROHIBITED")

IN_IMAGES = (
    by_image("iptc-png", "PNG with DMI-PROHIBITED", "iptc", EMBEDDED, png(2, 90, 90, xmp=_PROHIBITED)),
    by_image(
        "iptc-late",
        "PNG with its XMP behind the pixels",
        "iptc",
        EMBEDDED,
        png(3, 90, 90, xmp=xmp("DMI-PROHIBITED-GENAIMLTRAINING"), late=True),
    ),
    by_image("iptc-jpeg", "JPEG under a PNG's name", "iptc", EMBEDDED, jpeg(40, xmp=_PROHIBITED)),
    by_image("iptc-gif", "GIF under a PNG's name", "iptc", EMBEDDED, gif(4, 90, 90, xmp=_PROHIBITED)),
    by_image(
        "iptc-webp",
        "WebP with a constraint",
        "iptc",
        EMBEDDED,
        webp(5, 90, 90, xmp=xmp("DMI-PROHIBITED-SEECONSTRAINT")),
    ),
    by_image(
        "iptc-broken",
        "broken XML that holds DMI-PROHIBITED-AIMLTRAINING",
        "iptc",
        EMBEDDED,
        png(6, 90, 90, xmp=xmp("DMI-PROHIBITED-AIMLTRAINING").replace(b"</plus:", b"<<plus:")),
    ),
    by_image(
        "c2pa",
        "a manifest does not allow generative training",
        "c2pa",
        EMBEDDED,
        png(7, 90, 90, manifest=manifest({"cawg.ai_generative_training": "notAllowed"})),
    ),
    by_image(
        "c2pa-legacy",
        "a manifest under the older label is constrained",
        "c2pa",
        EMBEDDED,
        png(8, 90, 90, manifest=manifest({"c2pa.data_mining": "constrained"}, "c2pa.training-mining")),
    ),
    leak(
        "iptc-allowed",
        "the image says DMI-ALLOWED",
        "iptc",
        EMBEDDED,
        KEPT,
        image=png(9, 90, 90, xmp=xmp("DMI-ALLOWED")),
    ),
)

WAYS = (
    _spread("img", "an img shows the image", '<img src="{image}" alt="">'),
    _spread("srcset", "a srcset names the image", '<img srcset="{image} 2x" alt="">'),
    _spread("picture", "a picture names the image", '<picture><source srcset="{image}"></picture>'),
    _spread("anchor", "a link leads to the image", '<a href="{image}">larger</a>'),
    _spread("og-image", "an og:image names the image", '<meta property="og:image" content="{image}">'),
    leak(
        "met-later",
        "a free page shows the image first, a reserving page shows it later",
        "robots-meta",
        HTML,
        KEPT,
        reserved("robots-meta"),
        body='<a href="/later">later</a>',
        image_host="cdn-met-later.example",
        files={
            "/later": page(
                html(
                    "Later",
                    "This page says noai and shows the same image.",
                    head='<meta name="robots" content="noai">',
                    pictures=("http://cdn-met-later.example:{port}/image.png",),
                )
            )
        },
        also={"met-later.example/later": reserved("robots-meta")},
    ),
    leak(
        "sitemap-only",
        "only the sitemap knows the page, which says noai",
        "robots-meta",
        HTML,
        reserved("robots-meta"),
        head='<meta name="robots" content="noai">',
        robots=EVERYONE + "Allow: /\nSitemap: http://sitemap-only.example:{port}/sitemap.xml\n",
        files={
            "/": page(html("Front", "A free front page without links.")),
            "/sitemap.xml": sitemap("http://sitemap-only.example:{port}/page"),
        },
        seeds=("sitemap-only.example/",),
        also={"sitemap-only.example/": KEPT},
    ),
    leak(
        "feed-only",
        "only the feed knows the page, which says noai",
        "robots-meta",
        HTML,
        reserved("robots-meta"),
        head='<meta name="robots" content="noai">',
        files={
            "/": page(
                html(
                    "Front",
                    "A free front page with a feed.",
                    head='<link rel="alternate" type="application/rss+xml" href="/feed.xml">',
                    links=("/feed.xml",),
                )
            ),
            "/feed.xml": feed("Feed", ("http://feed-only.example:{port}/page", "")),
        },
        seeds=("feed-only.example/",),
        also={"feed-only.example/": KEPT},
    ),
    leak(
        "hop-header",
        "the redirect that leads to the page says noai",
        "robots-meta",
        HEADER,
        NOT_KEPT,
        NOT_KEPT,
        files={"/start": redirect("/page", ("X-Robots-Tag", "noai"), status=301)},
        seeds=("hop-header.example/start",),
        also={"hop-header.example/start": reserved("robots-meta")},
    ),
    leak(
        "hop-robots",
        "the page redirects to a host whose robots.txt refuses us",
        "robots",
        ROBOTS,
        NOT_KEPT,
        NOT_KEPT,
        answer=redirect("http://target-hop-robots.example:{port}/page"),
        hosts={
            "target-hop-robots.example": {
                "/robots.txt": text("User-agent: heedful\nDisallow: /\n"),
                "/page": page(html("Behind", "robots.txt refuses us here.")),
            }
        },
        also={"target-hop-robots.example/page": NOT_KEPT},
    ),
    leak(
        "hop-tdmrep",
        "the page redirects to a host that TDMRep reserves",
        "tdmrep",
        FILE,
        NOT_KEPT,
        NOT_KEPT,
        answer=redirect("http://target-hop-tdmrep.example:{port}/page", status=308),
        hosts={
            "target-hop-tdmrep.example": {
                "/.well-known/tdmrep.json": json('[{"location": "/", "tdm-reservation": 1}]'),
                "/page": page(html("Behind", "tdmrep.json reserves it.")),
            }
        },
        also={"target-hop-tdmrep.example/page": NOT_KEPT},
    ),
    leak(
        "image-hop",
        "the image redirects to a host whose robots.txt refuses us",
        "robots",
        ROBOTS,
        KEPT,
        NOT_KEPT,
        image_answer=redirect("http://target-image-hop.example:{port}/image.png"),
        hosts={
            "target-image-hop.example": {
                "/robots.txt": text("User-agent: *\nDisallow: /\n"),
                "/image.png": typed("image/png", picture("target-image-hop")),
            }
        },
        also={"target-image-hop.example/image.png": NOT_KEPT},
    ),
    leak(
        "cdn-robots",
        "the page is free, its image host refuses everyone",
        "robots",
        ROBOTS,
        KEPT,
        reserved("robots"),
        image_host="cdn-cdn-robots.example",
        hosts={"cdn-cdn-robots.example": {"/robots.txt": text("User-agent: *\nDisallow: /\n")}},
    ),
    leak(
        "negotiated",
        "only the HTML form of the page says noai",
        "robots-meta",
        HTML,
        reserved("robots-meta"),
        NOT_KEPT,
        answer=_negotiated,
    ),
    leak(
        "honest-agent",
        "only what does not call itself a browser is told noai",
        "robots-meta",
        HEADER,
        reserved("robots-meta"),
        NOT_KEPT,
        answer=_browsers_see_less,
    ),
    leak(
        "hop-free",
        "a plain redirect leads to a free page",
        "",
        None,
        KEPT,
        files={"/start": redirect("/page", status=301)},
        seeds=("hop-free.example/start",),
    ),
    leak("plain", "nothing is said at all", "", None, KEPT),
    leak("cdn-plain", "page and image host say nothing", "", None, KEPT, image_host="cdn-cdn-plain.example"),
)
