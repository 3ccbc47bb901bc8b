"""JSON-LD of a page as plain JSON: every object in it, wherever it is nested.

JSON-LD 1.1 §7 (https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents), without expansion: names
are compared as written, their prefix removed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crawler.optout.grammar.html import JSON_LD, page
from crawler.optout.model import Capture

MOST = 50_000
"""Objects and lists looked into, of all blocks of a page."""

_UNSAFE = frozenset({"comment", "disqus", "no structure", "noscript", "out of sight", "template"})
"""Places in which a script is not the page's own word. Anywhere else it says what it speaks of."""

_OPENINGS = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_CLOSINGS = ("//-->", "// -->", "-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", ";")
"""What old advice wraps around scripts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One ``application/ld+json`` script."""

    locator: str
    """``script[2]``."""
    text: str
    """As written."""
    root: Any
    """Its JSON value; None when it is broken."""
    broken: bool
    """Whether it is no JSON."""
    aside: str
    """Why it may speak of something else than the page; empty: it does not."""


def blocks(capture: Capture) -> tuple[Block, ...]:
    """The JSON-LD scripts of a page; use as ``capture.parsed(blocks)``. Never raises."""
    found = []
    for script in capture.parsed(page).data_scripts:
        if script.type == JSON_LD:
            root, broken = _load(script.text)
            aside = script.aside if script.aside in _UNSAFE else ""
            found.append(Block(locator=script.locator, text=script.text, root=root, broken=broken, aside=aside))
    return tuple(found)


def _load(text: str) -> tuple[Any, bool]:
    for attempt in (text, _unwrapped(text)):
        try:
            return json.loads(attempt, strict=False, object_pairs_hook=_merged), False
        except (ValueError, RecursionError):
            continue
    return None, bool(text.strip())


def _merged(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which the values of a name that is given twice stand together in a list."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    values: dict[str, list[Any]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: given[0] if len(given) == 1 else given for name, given in values.items()}


def _unwrapped(text: str) -> str:
    text = text.strip()
    for opening in _OPENINGS:
        text = text.removeprefix(opening)
    for closing in _CLOSINGS:
        text = text.rstrip().removesuffix(closing)
    return text


def objects(root: object) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, outer ones first, at most :data:`MOST` of them."""
    waiting: list[object] = [root]
    for node in waiting:  # grows while it is walked
        if isinstance(node, dict):
            yield node
            waiting += [value for value in node.values() if isinstance(value, dict | list)]
        elif isinstance(node, list):
            waiting += [value for value in node if isinstance(value, dict | list)]
        if len(waiting) > MOST:
            return


def local(name: str) -> str:
    """``schema:license`` and ``https://schema.org/license`` as ``license``; case is kept."""
    return re.split(r"[/#:]", name)[-1]
