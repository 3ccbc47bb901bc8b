"""Where a kept page says that licences of its pictures are sold: ``acquireLicensePage`` of schema.org.

https://schema.org/acquireLicensePage is said of an ``ImageObject`` in the page's JSON-LD, with the picture's
``contentUrl``. It reserves nothing and permits nothing, so no signal reads it and no decision records it; but
the page that shows the picture is often kept, and there it can still be read. Only JSON-LD is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawler.optout.grammar.html import page
from crawler.optout.grammar.json_ld import blocks, local, objects
from crawler.optout.grammar.links import LONGEST, Base
from crawler.optout.model import Capture, Malformed

NAME = "acquireLicensePage"
"""The property."""


def acquire_pages(capture: Capture) -> Iterator[tuple[str, str]]:
    """Each picture's URL and where its licence is sold, as the page in ``capture`` says. Never raises."""
    if NAME.encode() not in capture.body:
        return
    try:
        base = Base(capture.url, capture.parsed(page).base)
    except Malformed:
        return
    for block in capture.parsed(blocks):
        if block.aside:
            continue  # not the page's own word
        for node in objects(block.root):
            said = {local(key): value for key, value in node.items()}
            sold = base.resolve(_text(said.get(NAME)))
            if sold is not None and len(sold) <= LONGEST:
                for key in ("contentUrl", "url", "@id"):
                    picture = base.resolve(_text(said.get(key)))
                    if picture is not None and picture != base.url:
                        yield picture, sold


def _text(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = next((value[key] for key in ("@id", "url", "@value") if key in value), None)
    return value if isinstance(value, str) else ""
