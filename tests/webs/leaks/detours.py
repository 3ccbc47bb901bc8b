"""Rows in which something reserved comes by a side door: as another kind, by a hop, by a feed, by its size."""

from __future__ import annotations

from crawler.demo.answer import Answer, page, redirect, text, typed
from crawler.demo.place import (
    KEPT,
    NOT_KEPT,
    SKIPPED,
    UNDETERMINED,
    Expectation,
    feed,
    html,
    licence,
    prohibits,
    reserved,
)
from tests.webs.leaks.base import DOCUMENT, HEADER, HTML
from tests.webs.row import Leak, leak, picture

NOAI = '<meta name="robots" content="noai">'
LARGE = 8 * 2**20
"""Bytes of a body that is not worth its transfer."""


def _fed(name: str, says: str, named: str, outcome: Expectation, *, of_item: bool, **files: Answer) -> Leak:
    """Only a feed names the licence of the page, and a link leads to the feed."""
    link = f'<link rel="license" type="application/rsl+xml" href="{named}"/>'
    item = f"<item><link>http://{name}.example:{{port}}/page</link>{link if of_item else ''}</item>"
    channel = f'<rss version="2.0"><channel>{"" if of_item else link}{item}</channel></rss>'
    front = page(html("Front", "A free front page with a feed.", links=("/feed",)))
    return leak(
        name,
        says,
        "rsl",
        DOCUMENT,
        outcome,
        NOT_KEPT,
        files={"/": front, "/feed": typed("text/xml", channel)}
        | {f"/{key}.xml": is_ for key, is_ in files.items()},
        seeds=(f"{name}.example/",),
        also={f"{name}.example/": KEPT, f"{name}.example/feed": SKIPPED},
    )


def _large(name: str, says: str, answer: Answer) -> Leak:
    """Its headers reserve it, so most of its body is never sent."""
    return leak(name, says, "robots-meta", HEADER, reserved("robots-meta"), answer=answer)


def _late(name: str, says: str, first: str, then: str, address: str) -> Leak:
    """A free page leads to the image first; a reserving page does so later."""
    host, cdn = f"{name}.example", f"cdn-{name}.example"
    at = f"http://{cdn}:{{port}}{address}"
    later = html("Later", "This page says noai and leads to the image.", head=NOAI, body=then.format(at))
    return leak(
        name,
        says,
        "robots-meta",
        HTML,
        KEPT,
        body='<a href="/between">on</a>' + first.format(at),
        hosts={cdn: {address: typed("image/png", picture(name + "-late"))}},
        files={"/between": page(html("Between", "A free page.", links=("/later",))), "/later": page(later)},
        also={
            f"{host}/between": KEPT,
            f"{host}/later": reserved("robots-meta"),
            f"{cdn}{address}": reserved("robots-meta"),
        },
    )


_NO = ("X-Robots-Tag", "noai")
_SHOWN, _LINKED = '<img src="{}" alt="">', '<a href="{}">the picture</a>'
_PROHIBITING = typed("application/rsl+xml", licence(prohibits("/")))

FEEDS = (
    _fed(
        "feed-licence",
        "the feed names a licence for all its pages",
        "/licence.xml",
        reserved("rsl"),
        of_item=False,
        licence=_PROHIBITING,
    ),
    _fed(
        "feed-item-licence",
        "an item of the feed names a licence for its page",
        "licence.xml",
        reserved("rsl"),
        of_item=True,
        licence=_PROHIBITING,
    ),
    _fed("feed-lost", "the licence that the feed names is gone", "/no.xml", reserved("rsl"), of_item=True),
    _fed(
        "feed-busy",
        "the licence that the feed names answers 503",
        "/busy.xml",
        UNDETERMINED,
        of_item=True,
        busy=text("busy\n", status=503),
    ),
    leak(
        "feed-later",
        "the page is found first; then a feed says that AI is prohibited for it",
        "rsl",
        DOCUMENT,
        reserved("rsl"),
        KEPT,
        body='<a href="/between">on</a>',
        files={
            "/between": page(html("Between", "A free page.", links=("/feed.xml",))),
            "/feed.xml": feed(
                "News",
                (
                    "http://feed-later.example:{port}/page",
                    '<rsl:content url="http://feed-later.example:{port}/page"><rsl:license>'
                    '<rsl:prohibits type="usage">ai-all</rsl:prohibits></rsl:license></rsl:content>',
                ),
            ),
        },
        also={"feed-later.example/between": KEPT},
    ),
)

SIZES = (
    _large("large", "a large page whose header says noai", page("<p>much</p>" * (LARGE // 11), _NO)),
    _large(
        "endless",
        "a page in chunks, without an end, whose header says noai",
        Answer(headers=(_NO, ("Content-Type", "text/html")), body="<p>more", fault="endless-body"),
    ),
    leak(
        "large-image",
        "a large image whose header says noimageai",
        "robots-meta",
        HEADER,
        KEPT,
        reserved("robots-meta"),
        image=picture("large-image") + bytes(LARGE),
        image_headers=(("X-Robots-Tag", "noimageai"),),
    ),
)

OTHER_KINDS = (
    leak(
        "plain-link",
        "a link that does not look like an image leads to one, from a page that says noai",
        "robots-meta",
        HTML,
        reserved("robots-meta"),
        NOT_KEPT,
        head=NOAI,
        body='<a href="http://cdn-plain-link.example:{port}/view">the picture</a>',
        hosts={"cdn-plain-link.example": {"/view": typed("image/png", picture("plain-link-view"))}},
        also={"cdn-plain-link.example/view": reserved("robots-meta")},
        show="",
    ),
    _late("late-linked", "linked by a free page, shown by one that says noai", _LINKED, _SHOWN, "/view"),
    _late("late-link", "shown by a free page, linked by one that says noai", _SHOWN, _LINKED, "/view"),
    _late("late-image", "shown by a free page, then by one that says noai", _SHOWN, _SHOWN, "/view.png"),
    leak(
        "image-as-page",
        "a page under an image's name says noai",
        "robots-meta",
        HTML,
        KEPT,
        reserved("robots-meta"),
        image_answer=page(html("No image", "This page says noai.", head=NOAI)),
    ),
    leak(
        "page-as-image",
        "a page that says noai claims to be an image",
        "robots-meta",
        HTML,
        KEPT,
        SKIPPED,
        image_answer=typed("image/png", html("No image", "This page says noai.", head=NOAI)),
    ),
    leak(
        "image-as-text",
        "an image that claims to be a page, on a page that says noimageai",
        "robots-meta",
        HTML,
        KEPT,
        NOT_KEPT,
        head='<meta name="robots" content="noimageai">',
        body='<a href="/view">the picture</a>',
        show="",
        files={"/view": typed("text/html", picture("image-as-text-view"))},
        also={"image-as-text.example/view": reserved("robots-meta")},
    ),
    leak(
        "data-url",
        "images and links in the page itself, and addresses that lead nowhere",
        "",
        None,
        KEPT,
        body='<img src="data:image/png;base64,iVBORw0KGgo=" alt=""><a href="data:text/html,no">data</a>'
        '<a href="javascript:void(0)">script</a><a href="mailto:a@b.example">mail</a><img src="" alt="">'
        '<img src="http://[broken/" alt="">',
    ),
)

HOPS = (
    leak(
        "hop-to-image",
        "a page's redirect says noimageai, and leads to an image",
        "robots-meta",
        HEADER,
        KEPT,
        NOT_KEPT,
        show="",
        body='<a href="/view">the picture</a>',
        files={
            "/view": redirect("/shown", ("X-Robots-Tag", "noimageai")),
            "/shown": typed("image/png", picture("hop-to-image-shown")),
        },
        also={"hop-to-image.example/shown": reserved("robots-meta")},
    ),
    leak(
        "hop-noimageai",
        "the redirect that leads to the page says noimageai: its image inherits that",
        "robots-meta",
        HEADER,
        KEPT,
        reserved("robots-meta"),
        files={"/start": redirect("/page", ("X-Robots-Tag", "noimageai"), status=301)},
        seeds=("hop-noimageai.example/start",),
    ),
    leak(
        "image-hop-noai",
        "the image's redirect says noai",
        "robots-meta",
        HEADER,
        KEPT,
        reserved("robots-meta"),
        image_answer=redirect("/shown.png", ("X-Robots-Tag", "noai")),
        files={"/shown.png": typed("image/png", picture("image-hop-noai-shown"))},
        also={"image-hop-noai.example/shown.png": NOT_KEPT},
    ),
    leak(
        "image-hop-spread",
        "a page that says noai shows an image that redirects",
        "robots-meta",
        HTML,
        reserved("robots-meta"),
        head=NOAI,
        image_answer=redirect("/shown.png"),
        files={"/shown.png": typed("image/png", picture("image-hop-spread-shown"))},
        also={"image-hop-spread.example/shown.png": NOT_KEPT},
    ),
)

UNTOLD = (
    leak(
        "link-busy",
        "a link element names a licence that answers 503: nobody can tell, at the first try and the last",
        "rsl",
        HTML,
        UNDETERMINED,
        UNDETERMINED,
        head='<link rel="license" type="application/rsl+xml" href="/busy.xml">',
        body='<a href="/on">on</a>',
        files={"/busy.xml": text("busy\n", status=503), "/on": page(html("On", "A free page behind it."))},
        also={"link-busy.example/on": KEPT},
    ),
)

WORDS = (
    leak(
        "words-beside",
        "a page that says noai describes its image in words",
        "robots-meta",
        HTML,
        reserved("robots-meta"),
        head=NOAI,
        show='<figure><img src="{image}" alt="A heron, described on a reserved page"><figcaption>Herons wait, '
        "as a reserved caption says.</figcaption></figure>",
    ),
)

DETOURS: tuple[Leak, ...] = (*FEEDS, *SIZES, *OTHER_KINDS, *HOPS, *UNTOLD, *WORDS)
