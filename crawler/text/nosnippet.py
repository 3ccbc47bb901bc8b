"""Parts of a page that are marked ``data-nosnippet`` are left out before anything is extracted.

Google documents it for ``span``, ``div`` and ``section``, as a boolean attribute whose value does not matter
(https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag#data-nosnippet-attr). It is
honoured on every element. An element that is never closed reaches as far as the parser lets it.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

NAME = "data-nosnippet"

_NAMED = re.compile("-[nN][oO][sS][nN][iI][pP][pP][eE][tT]")
"""The end of the name in any case; to look for the hyphen is many times quicker than to lower all of a page."""


def may_hold_nosnippet(source: str) -> bool:
    """Whether the name may stand in the markup."""
    return _NAMED.search(source) is not None


def without_nosnippet(source: str) -> str:
    """The markup without these elements; the very same string when it cannot hold the name."""
    if not may_hold_nosnippet(source):
        return source
    tree = LexborHTMLParser(source)
    roots: list[LexborHTMLParser | LexborNode] = [tree, *tree.template_fragments()]
    for root in roots:
        # Inner ones first: what is taken out with its parent must not be touched again.
        for node in reversed(root.css(f"[{NAME}]")):
            if node.tag in ("html", "body"):
                return ""
            node.decompose()
    return tree.html or ""
