"""Where a sitemap leads, unpacked and read once; used as ``capture.parsed(listed)``."""

from __future__ import annotations

from crawler.decompression import Undecodable, decode
from crawler.optout.grammar.sitemap import LIMIT, Sitemap, read_sitemap
from crawler.optout.model import Capture


def listed(capture: Capture) -> Sitemap:
    """The URLs of a sitemap that may be compressed as a file; what does not decode is none. Never raises."""
    body = capture.body
    if body.startswith(b"\x1f\x8b"):
        try:
            body = decode(body, ["gzip"], LIMIT)
        except Undecodable:
            body = b""
    return read_sitemap(body, capture.url)
