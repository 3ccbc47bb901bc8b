"""Rows of X-Robots-Tag, robots metas and HTTP statuses."""

from __future__ import annotations

from crawler.demo.answer import Answer, page, text
from crawler.demo.place import (
    KEPT,
    NOT_KEPT,
    SKIPPED,
    UNDETERMINED,
    Expectation,
    html,
    reserved,
)
from tests.webs.leaks.base import (
    HEADER,
    HTML,
    STATUS,
    by_header,
    by_image,
    by_meta,
)
from tests.webs.row import Leak, leak

ROBOTS_META = (
    by_header(
        "noai-header",
        "a header says noai",
        "robots-meta",
        ("X-Robots-Tag", "noai"),
        peer="header: X-Robots-Tag noai",
    ),
    by_header(
        "noindex-header",
        "a header says noindex",
        "robots-meta",
        ("X-Robots-Tag", "noindex"),
        peer="header: X-Robots-Tag noindex",
    ),
    by_header("noai-capitals", "a header says NoAI", "robots-meta", ("x-robots-tag", "NoAI")),
    by_header(
        "noai-second-line",
        "the second header line says noai",
        "robots-meta",
        ("X-Robots-Tag", "all"),
        ("X-Robots-Tag", "noai"),
    ),
    by_header(
        "noai-valued",
        "noai stands behind a directive with a value",
        "robots-meta",
        ("X-Robots-Tag", "max-image-preview:large, max-snippet:-1, noai"),
    ),
    by_header(
        "noai-date",
        "noai stands behind a date",
        "robots-meta",
        ("X-Robots-Tag", "unavailable_after: Saturday, 25-Jul-45 15:00:00 PST, noai"),
    ),
    by_header(
        "noai-scoped",
        "noai stands behind another bot's name",
        "robots-meta",
        ("X-Robots-Tag", "googlebot: nofollow, noai"),
    ),
    by_header("noml", "a header says noml", "robots-meta", ("X-Robots-Tag", "noml")),
    by_header("none", "a header says none", "robots-meta", ("X-Robots-Tag", "none")),
    by_header("noarchive", "a header says noarchive", "robots-meta", ("X-Robots-Tag", "noarchive")),
    by_header("nosnippet", "a header says nosnippet", "robots-meta", ("X-Robots-Tag", "nosnippet")),
    by_header("ours", "a header addresses us", "robots-meta", ("X-Robots-Tag", "heedful: noindex")),
    by_meta(
        "noindex-meta",
        "a meta says noindex",
        '<meta name="robots" content="noindex">',
        peer="meta: robots noindex",
    ),
    by_meta("noai-meta", "a meta says noai", '<meta name="robots" content="noai">', peer="meta: robots noai"),
    leak(
        "noai-body",
        "a second meta, in the body and without quotes, says NoAI",
        "robots-meta",
        HTML,
        reserved("robots-meta"),
        head='<meta name="robots" content="index, follow">',
        body="<META NAME=Robots CONTENT=NoAI>",
    ),
    by_meta("noai-property", "the meta has a property", '<meta property="robots" content="noai">'),
    by_meta("noai-equiv", "the meta stands for a header", '<meta http-equiv="X-Robots-Tag" content="noai">'),
    by_meta("noai-separators", "other separators", '<meta name="robots" content="index;noai;noimageai">'),
    by_meta("meta-ours", "a meta addresses us", '<meta name="heedful" content="noindex">'),
    by_meta(
        "noimageai",
        "a meta says noimageai",
        '<meta name="robots" content="noimageai">',
        KEPT,
        reserved("robots-meta"),
    ),
    by_meta(
        "noimageindex",
        "a meta says noimageindex",
        '<meta name="robots" content="noimageindex">',
        KEPT,
        reserved("robots-meta"),
    ),
    by_image("image-noai", "the image's own header says noai", "robots-meta", HEADER, X_Robots_Tag="noai"),
    by_image(
        "image-noimageai",
        "the image's own header says noimageai",
        "robots-meta",
        HEADER,
        X_Robots_Tag="noimageai",
    ),
    by_meta("meta-index", "a meta says index, follow", '<meta name="robots" content="index, follow">', KEPT),
    by_meta("meta-comment", "the meta is a comment", '<!-- <meta name="robots" content="noai"> -->', KEPT),
    by_meta("meta-search", "a search engine is refused", '<meta name="googlebot" content="noindex">', KEPT),
    by_meta("meta-nofollow", "links are not to be followed", '<meta name="robots" content="nofollow">', KEPT),
    by_header(
        "header-search",
        "a search engine is refused by header",
        "robots-meta",
        ("X-Robots-Tag", "otherbot: noindex"),
        expect=KEPT,
    ),
    leak(
        "meta-cut",
        "the page ends before its head does",
        "robots-meta",
        HTML,
        UNDETERMINED,
        NOT_KEPT,
        answer=Answer(
            headers=(("Content-Type", "text/html"),),
            body='<!doctype html><html><head><title>Cut</title><meta name="robots" con',
            fault="short",
        ),
    ),
)


def _status(name: str, says: str, answer: Answer, expect: Expectation, peer: str = "") -> Leak:
    return leak(name, says, "http-status", STATUS, expect, NOT_KEPT, answer=answer, peer=peer)


def _words(words: str) -> str:
    return html("A page", words)


HTTP_STATUS = (
    _status(
        "unauthorised",
        "the page answers 401",
        page(_words("Log in."), ("WWW-Authenticate", "Basic"), status=401),
        reserved("http-status"),
    ),
    _status(
        "payment",
        "the page answers 402",
        page(_words("Pay."), ("crawler-price", "USD 0.01"), status=402),
        reserved("http-status"),
        "status: 402",
    ),
    _status("refused", "the page answers 403", page(_words("No."), status=403), reserved("http-status")),
    _status("legal", "the page answers 451", page(_words("Withdrawn."), status=451), reserved("http-status")),
    _status(
        "challenge",
        "the page is a challenge",
        page(_words("Just a moment..."), ("cf-mitigated", "challenge"), status=403),
        reserved("http-status"),
    ),
    leak(
        "challenge-200",
        "a challenge page comes with status 200",
        "http-status",
        HTML,
        reserved("http-status"),
        NOT_KEPT,
        answer=page("<!doctype html><title>Just a moment...</title><p>Checking your browser.</p>"),
    ),
    leak(
        "paywall-tier",
        "a meta says that the content is locked",
        "paywall",
        HTML,
        reserved("paywall"),
        NOT_KEPT,
        head='<meta property="article:content_tier" content="locked">',
    ),
    leak(
        "paywall",
        "JSON-LD says that the page is not free of access",
        "paywall",
        HTML,
        reserved("paywall"),
        NOT_KEPT,
        head='<script type="application/ld+json">{"@context": "https://schema.org", '
        '"@type": "NewsArticle", "isAccessibleForFree": "False"}</script>',
    ),
    _status("busy", "the page answers 503", page(_words("Later."), status=503), UNDETERMINED),
    _status("slow-down", "the page answers 429", page(_words("Slower."), status=429), UNDETERMINED),
    _status("gone", "the page answers 410", page(_words("Gone."), status=410), SKIPPED),
    leak(
        "image-refused",
        "the image answers 403",
        "http-status",
        STATUS,
        KEPT,
        reserved("http-status"),
        image_answer=text("no\n", status=403),
    ),
)
