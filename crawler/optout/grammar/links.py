"""The outlinks of a page, as absolute, normalised, distinct URLs.

RFC 3986 §5 and §6.2.2 (https://www.rfc-editor.org/rfc/rfc3986#section-5), so that what one page says of
``im%61ge.png`` and another of ``image.png`` is said of one image; with what browsers tolerate: white space
around a reference is dropped, white space inside is encoded, a backslash is a slash. Only http and https; no
credentials; nothing longer than :data:`LONGEST`. What cannot be read is left out, never raised.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from crawler.optout.grammar.html import Page
from crawler.optout.grammar.html import page as page_of
from crawler.optout.model import Capture, Malformed

LONGEST = 2083
"""Characters of a URL; longer ones are session state or traps. The sitemap protocol's limit is 2,048."""

MOST = 5_000
"""Links and images taken from one page, each."""

_FEEDS = frozenset({"application/rss+xml", "application/atom+xml"})
_ABSOLUTE = ("http://", "https://")
_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_DROP = str.maketrans("", "", "\t\r\n")
_PLAIN = re.compile(r"[A-Za-z0-9\-._~!$&()*+,;=:@/?%]*\Z")
_SEGMENT = r"[A-Za-z0-9\-_~!$&'()*+,;=@%][A-Za-z0-9\-._~!$&'()*+,;=@%]*+"
_REST = rf"(?:{_SEGMENT}/)*+(?:{_SEGMENT})?+(?:\?[A-Za-z0-9\-._~!$&()*+,;=:@/?%]++)?+(?=#|\Z)"
_ROOTED = re.compile("/" + _REST)
_RELATIVE = re.compile(r"(?![?#]|\Z)" + _REST)
_CONTROLS = "".join(map(chr, range(33)))
_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?\.?\Z"
)
_IN_QUERY = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&()*+,;=:@/?%")
_IN_PATH = _IN_QUERY | {"'"}
# What is sent as it is: Scrapy encodes the rest, and one request is to have one URL.
_STEPS = re.compile(r"/\.{1,2}(?:/|\Z)")
_UNSETTLED = re.compile(r"%(?!2[0-9ABCF]|3[A-F]|40|5[B-E]|60|7[BCDF]|[0189A-F][0-9A-F])")
_ESCAPED = re.compile(r"(?<!%)(?<!%[0-9A-Fa-f])%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class ImageLink(NamedTuple):
    """An image that a page shows or offers."""

    url: str
    """Absolute and normalised."""
    alt: str
    """The alternative text; empty when there is none."""
    caption: str
    """The caption of the figure around it; empty when there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlinks:
    """Where a page leads."""

    pages: tuple[str, ...] = ()
    """What may be visited next: anchors, frames, ``rel=next`` and ``prev``, a refresh; not ``rel=nofollow``."""
    images: tuple[ImageLink, ...] = ()
    """Every image address, each once."""
    canonical: str | None = None
    """``rel=canonical``; None when absent or several disagree."""
    feeds: tuple[str, ...] = ()
    """RSS and Atom alternates."""


def normalise_url(url: str) -> str:
    """An absolute http(s) URL in the one form in which we compare them; ``Malformed`` says what is wrong."""
    url = url.strip(_CONTROLS).translate(_DROP)
    if len(url) > LONGEST:
        raise Malformed(f"longer than {LONGEST:,} characters")
    try:
        parts = urlsplit(url.replace("\\", "/") if "\\" in url else url)
        port = parts.port
    except ValueError as error:
        raise Malformed(str(error)) from error
    if parts.scheme not in _PORTS:
        raise Malformed("not an http or https URL")
    if "@" in parts.netloc:
        raise Malformed("names a user or password")
    host = _host(parts.hostname or "")
    authority = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    path = _escape(_without_steps(_settled(parts.path)) or "/", _IN_PATH)
    query = "?" + _escape(_settled(parts.query), _IN_QUERY) if parts.query else ""
    result = f"{parts.scheme}://{authority}{path}{query}"
    if len(result) > LONGEST:
        raise Malformed(f"longer than {LONGEST:,} characters")
    return result


def _host(host: str) -> str:
    """The host in lower case, in its ASCII form."""
    if ":" in host:
        return f"[{host.lower()}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise Malformed("the host is no name") from error
    host = host.lower()
    if len(host) > 254 or not _HOST.match(host):
        raise Malformed("the host is no name")
    return host.removesuffix(".")


def _escape(text: str, keep: frozenset[str]) -> str:
    if _PLAIN.match(text):
        return text
    octets = text.encode("utf-8", "surrogatepass")
    return "".join(chr(octet) if chr(octet) in keep else f"%{octet:02X}" for octet in octets)


def _settled(text: str) -> str:
    """RFC 3986 §6.2.2.1 and §6.2.2.2: escapes in upper case, none where none is needed."""
    return _ESCAPED.sub(_settle, text) if "%" in text and _UNSETTLED.search(text) else text


def _settle(match: re.Match[str]) -> str:
    letter = chr(int(match[1], 16))
    return letter if letter in _UNRESERVED else match[0].upper()


def _without_steps(path: str) -> str:
    """RFC 3986 §5.2.4."""
    if not _STEPS.search(path):
        return path
    kept: list[str] = []
    segments = path.split("/")
    for position, segment in enumerate(segments):
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
            continue
        if position == len(segments) - 1:
            kept.append("")
    return "/".join(kept)


@lru_cache(maxsize=16_384)
def _normalised(url: str) -> str | None:
    """An absolute URL normalised, or None. The pages of a site name the same few neighbours over and over."""
    try:
        return normalise_url(url)
    except ValueError:
        return None


class Base:
    """Resolves the references of one page; most are settled by looking at their first characters."""

    def __init__(self, url: str, base: str | None = None) -> None:
        here = normalise_url(url)
        if base:
            with suppress(ValueError):
                here = normalise_url(urljoin(here, base.strip(_CONTROLS)))
        self.url = here
        scheme, _, rest = here.partition("://")
        self._origin = f"{scheme}://{rest.partition('/')[0]}"
        self._folder = here.partition("?")[0].rpartition("/")[0] + "/"

    def resolve(self, reference: str) -> str | None:
        """The absolute, normalised URL for ``reference``; None when it leads nowhere we go."""
        # Most references need no more than what they are relative to put before them.
        if len(reference) < 1024 and ("%" not in reference or not _UNSETTLED.search(reference)):
            if match := _ROOTED.match(reference):
                return self._origin + match[0]
            if reference.startswith(self._origin) and (match := _ROOTED.match(reference, len(self._origin))):
                return self._origin + match[0]
            if match := _RELATIVE.match(reference):
                return self._folder + match[0]
        text = reference.partition("#")[0]
        text = text.strip(_CONTROLS).translate(_DROP).replace("\\", "/")
        if not text or (_SCHEME.match(text) and text[:4].lower() != "http"):
            return None
        if text.startswith(_ABSOLUTE):
            return _normalised(text)
        try:
            return normalise_url(urljoin(self.url, text))
        except ValueError:
            return None


def outlinks_of(capture: Capture) -> Outlinks:
    """Where a captured page leads; use as ``capture.parsed(outlinks_of)``. Never raises."""
    return outlinks(capture.parsed(page_of), capture.url)


def outlinks(page: Page, url: str) -> Outlinks:
    """Where ``page``, found at ``url``, leads. An unreadable ``url`` leads nowhere."""
    try:
        base = Base(url, page.base)
    except Malformed:
        return Outlinks()
    resolve = base.resolve
    pages: dict[str, None] = {}
    for href, rel in page.anchors[:MOST]:
        if not (rel and "nofollow" in rel) and (found := resolve(href)):
            pages[found] = None
    feeds: dict[str, None] = {}
    canonical: set[str] = set()
    for link in page.links[:MOST]:
        if not link.href or not link.rel:
            continue
        if "canonical" in link.rel and (found := resolve(link.href)):
            canonical.add(found)
        if link.rel & {"next", "prev"} and "nofollow" not in link.rel and (found := resolve(link.href)):
            pages[found] = None
        if "alternate" in link.rel and link.type in _FEEDS and (found := resolve(link.href)):
            feeds[found] = None
    for meta in page.metas:
        if meta.http_equiv == "refresh" and (target := _refresh(meta.content)) and (found := resolve(target)):
            pages[found] = None
    images: dict[str, ImageLink] = {}
    for src, alt, caption, _ in page.images[:MOST]:
        if found := resolve(src):
            seen = images.get(found)
            if seen is None or (alt and not seen.alt):
                images[found] = ImageLink(found, alt, caption)
    return Outlinks(
        pages=tuple(pages),
        images=tuple(images.values()),
        canonical=canonical.pop() if len(canonical) == 1 else None,
        feeds=tuple(feeds),
    )


def _refresh(content: str) -> str | None:
    """The target of ``<meta http-equiv=refresh content="5; url=/next">``."""
    _, _, rest = content.replace(",", ";", 1).partition(";")
    name, found, target = rest.partition("=")
    return target.strip().strip("\"'") if found and name.strip().lower() == "url" else None
