"""What a crawl of the sites must end with, computed from the answers and the table by a walk of its own.

The rules, in short: a page that its host or its headers refuse is not read; any other page is read, and its
links are followed unless it says ``nofollow``, whether or not it may be kept; an image is kept when nothing is
said about its own address and no page that was read reserves the images it shows.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit

import lxml.html

from benchmarks.sites.dress import dress_for
from benchmarks.sites.served import Sites
from benchmarks.sites.table import ROOTS, SEEDS

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical(url: str) -> str:
    """The URL with everything escaped that must be, and nothing that need not (RFC 3986 §6.2.2)."""
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=[]~")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=?[]~") if parts.query else ""
    return f"{parts.scheme}://{parts.netloc.lower()}" + _ESCAPE.sub(_escape, path) + query


def _escape(match: re.Match[str]) -> str:
    letter = chr(int(match[1], 16))
    return letter if letter in _UNRESERVED else match[0].upper()


@dataclass(slots=True)
class Expected:
    """What must become of every URL that a crawl comes across."""

    kept: dict[str, str] = field(default_factory=dict)
    """URL → SHA-256 of what must be kept of it."""
    reserved: dict[str, str] = field(default_factory=dict)
    """URL → SHA-256 of what a request would give and must not be kept."""
    unasked: set[str] = field(default_factory=set)
    """URLs that must not even be requested."""
    pages: int = 0
    """Pages among ``kept``."""
    refusals: Counter[str] = field(default_factory=Counter)
    """403 answers, by host."""


class Walk:
    """One walk over everything that can be reached, and everything that ``before`` came across.

    What a page said about its images in ``before`` still holds: it may have been refused since. And what the
    headers of a page that was kept say now concerns the images that it is known to show.
    """

    def __init__(self, sites: Sites, port: int, before: Walk | None = None) -> None:
        self._sites = sites
        self._port = port
        self._seen: set[str] = set()
        self._before = before
        self.found = Expected()
        """What :meth:`expected` returned last."""
        self._read: set[str] = set()
        self._shown: set[str] = set()
        self._images_of: dict[str, list[str]] = {}
        self._reserving: set[str] = set(before._reserving) if before else set()
        self._free: set[str] = set()
        self._unasked: set[str] = set()
        self._refusals = Counter[str]()

    def expected(self) -> Expected:
        """Walk from the seeds until nothing new is found."""
        waiting = [self._url(seed) for seed in SEEDS]
        if self._before:
            waiting += [*self._before._seen, *self._with_targets(self._before._shown)]
        while waiting:
            url = waiting.pop()
            if url not in self._seen:
                self._seen.add(url)
                waiting += self._visit(url)
        found = Expected(pages=len(self._free))
        spread = self._with_targets(self._reserving)
        for url in sorted(self._free | self._with_targets(self._shown)):
            host, path = self._place(url)
            rows = self._sites.rows(host, path)
            answer = self._sites.answer(host, self._target(url))
            if any(row.unasked for row in rows):
                self._unasked.add(url)
            if answer.status != 200:
                continue
            digest = hashlib.sha256(answer.body if isinstance(answer.body, bytes) else b"").hexdigest()
            refused = url not in self._free and (any(row.images for row in rows) or url in spread)
            (found.reserved if refused else found.kept)[url] = digest
        for url in self._read - self._free:
            host, path = self._place(url)
            body = self._sites.answer(host, self._target(url)).body
            found.reserved[url] = hashlib.sha256(body if isinstance(body, bytes) else b"").hexdigest()
        found.unasked = self._unasked
        found.refusals = self._refusals
        for url, digest in self._before.found.kept.items() if self._before else ():
            if url not in found.kept:
                found.reserved.setdefault(url, digest)
        self.found = found
        return found

    def _visit(self, url: str) -> Iterator[str]:
        """Where a URL leads; what it is and shows is noted."""
        host, path = self._place(url)
        rows = self._sites.rows(host, path)
        if any(row.unasked for row in rows):
            self._unasked.add(url)
        self._refusals[host] += any(row.status == 403 for row in rows)
        if any(row.unread for row in rows):
            by_header = any(row.header for row in rows) and not any(row.unasked for row in rows)
            if by_header and self._before and url in self._before._free:
                self._reserving.update(self._before._images_of[url])
            return
        answer = self._sites.answer(host, self._target(url))
        headers = dict(answer.headers)
        if "Location" in headers:
            yield from self._inside(url, str(headers["Location"]))
        if answer.status != 200:
            return
        if not str(headers["Content-Type"]).startswith("text/html"):
            self._shown.add(url)
            return
        self._read.add(url)
        if not any(row.text for row in rows):
            self._free.add(url)
        assert isinstance(answer.body, bytes)
        dress = dress_for(host, path)
        tree = lxml.html.document_fromstring(
            answer.body,
            parser=lxml.html.HTMLParser(encoding=dress.charset if dress else "utf-8", huge_tree=True),
        )
        base = urljoin(url, next(iter(tree.xpath("//base/@href")), ""))
        images = [image for reference in _images(tree) for image in self._inside(base, reference)]
        self._shown.update(images)
        self._images_of[url] = images
        if any(row.spreads for row in rows):
            self._reserving.update(images)
        if not any(row.nofollow for row in rows):
            for reference in _links(tree):
                yield from self._inside(base, reference)

    def _inside(self, base: str, reference: str) -> Iterator[str]:
        """The URL that a reference leads to, if it is on one of the hosts."""
        reference = reference.replace("{port}", str(self._port)).partition("#")[0].strip()
        url = urljoin(base, reference) if reference else ""
        if urlsplit(url).scheme == "http" and urlsplit(url).netloc.partition(":")[0] in ROOTS:
            yield canonical(url)

    def _with_targets(self, urls: set[str]) -> set[str]:
        """The URLs, and where redirects lead from them."""
        found: set[str] = set()
        waiting = list(urls)
        while waiting:
            url = waiting.pop()
            if url in found:
                continue
            found.add(url)
            host, path = self._place(url)
            if not any(row.unread for row in self._sites.rows(host, path)):
                answer = self._sites.answer(host, self._target(url))
                for name, value in answer.headers:
                    if name == "Location":
                        waiting += self._inside(url, str(value))
        return found

    def _url(self, place: str) -> str:
        host, _, path = place.partition("/")
        return canonical(f"http://{host}:{self._port}/{path}")

    @staticmethod
    def _target(url: str) -> str:
        parts = urlsplit(url)
        return parts.path + ("?" + parts.query if parts.query else "")

    @staticmethod
    def _place(url: str) -> tuple[str, str]:
        parts = urlsplit(url)
        return parts.netloc.partition(":")[0], unquote(parts.path)


def _links(tree: lxml.html.HtmlElement) -> Iterator[str]:
    for element in tree.iter("a", "area", "link"):
        rel = (element.get("rel") or "").lower().split()
        if "nofollow" in rel or (element.tag == "link" and not {"next", "prev"} & set(rel)):
            continue
        yield element.get("href") or ""


def _images(tree: lxml.html.HtmlElement) -> Iterator[str]:
    for element in tree.iter("img", "source", "a", "area", "meta"):
        if element.tag in ("a", "area"):
            if urlsplit(element.get("href") or "").path.lower().endswith(PICTURES):
                yield element.get("href") or ""
        elif element.tag == "meta":
            if element.get("property") == "og:image":
                yield element.get("content") or ""
        else:
            yield element.get("src") or ""
            for candidate in (element.get("srcset") or "").split(","):
                yield from candidate.split()[:1]
