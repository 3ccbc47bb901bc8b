"""Parts of a page that are marked ``data-nosnippet`` are left out before anything is extracted.

Google documents it for ``span``, ``div`` and ``section``, as a boolean attribute whose value does not matter
(https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag#data-nosnippet-attr). It is
honoured on every element. An element that is never closed reaches as far as the parser lets it.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

NAME = "data-nosnippet"


def without_nosnippet(source: str) -> str:
    """The markup without these elements; the very same string when it does not hold the name."""
    if NAME not in source and NAME not in source.lower():
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
