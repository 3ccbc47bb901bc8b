"""What the rows of the leak suite share: carriers, the peers' situations, and short forms of rows."""

from __future__ import annotations

from crawler.demo.answer import Answer, typed
from crawler.demo.place import (
    KEPT,
    Expectation,
    reserved,
)
from crawler.optout.model import Carrier
from tests.webs.row import Leak, leak

ROBOTS, FILE, HEADER, HTML = Carrier.ROBOTS_TXT, Carrier.HOST_FILE, Carrier.HEADER, Carrier.HTML
EMBEDDED, DOCUMENT, STATUS = Carrier.EMBEDDED, Carrier.DOCUMENT, Carrier.STATUS

PEER_SITUATIONS = (
    "robots.txt: * Disallow",
    "robots.txt: Disallow for our token only",
    "robots.txt: names GPTBot, CCBot, ClaudeBot, Google-Extended",
    "robots.txt: 503",
    "robots.txt: 403",
    "robots.txt: connection reset",
    "robots.txt: byte order mark before User-agent",
    "robots.txt: Content-Signal",
    "robots.txt: Content-Usage",
    "robots.txt: RSL License",
    "header: Content-Usage",
    "header: RSL Link",
    "header: X-Robots-Tag noai",
    "header: tdm-reservation",
    "header: X-Robots-Tag noindex",
    "meta: robots noindex",
    "meta: robots noai",
    "meta: tdm-reservation",
    "file: tdmrep.json",
    "file: ai.txt",
    "status: 402",
)
"""The 21 refusals that other crawlers were measured with; docs/leaks.md has their results."""


EVERYONE = "User-agent: *\n"
OPEN_TO_ALL = "\nUser-agent: *\nAllow: /\n"


def by_header(
    name: str,
    says: str,
    signal: str,
    *lines: tuple[str, str],
    expect: Expectation | None = None,
    peer: str = "",
) -> Leak:
    return leak(name, says, signal, HEADER, expect or reserved(signal), headers=lines, peer=peer)


def by_meta(
    name: str,
    says: str,
    head: str,
    expect: Expectation | None = None,
    image: Expectation | None = None,
    *,
    signal: str = "robots-meta",
    peer: str = "",
) -> Leak:
    return leak(name, says, signal, HTML, expect or reserved(signal), image, head=head, peer=peer)


def by_image(
    name: str, says: str, signal: str, carrier: Carrier, body: bytes | None = None, **lines: str
) -> Leak:
    """The page is free, its image is not."""
    headers = tuple((key.replace("_", "-"), value) for key, value in lines.items())
    return leak(name, says, signal, carrier, KEPT, reserved(signal), image=body, image_headers=headers)


def json(body: str) -> Answer:
    return typed("application/json", body)
