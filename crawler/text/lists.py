"""Lists near the root of a page, which resiliparse takes for its menu.

It drops every ``<ul>`` fewer than four levels below ``<body>``, and with it the lists of pages that are written
without wrappers. One that is not mostly links, and not in the frame, is put deeper before it is asked.
"""

from __future__ import annotations

import re

from resiliparse.parse.html import ElementNode, HTMLTree, Node

SHALLOW = "body > ul, body > * > ul, body > * > * > ul"
"""The lists that it drops."""

LEVELS = 3
"""Levels that are put around them, so that none is."""

MOST = 200
"""Lists that are looked at; a page with more of them is hardly written by hand."""

LINKS = 0.3
"""Share of a list's letters that may be links."""

_LIST = re.compile("<[uU][lL][ \t\r\n/>]")
_FRAME = frozenset({"nav", "header", "footer", "aside", "form"})


def with_lists(source: str) -> HTMLTree | str:
    """The page with such lists put deeper; ``source`` itself where it holds no lists at all."""
    if _LIST.search(source) is None:
        return source
    tree = HTMLTree.parse(source)
    if tree.body is not None:
        for found in list(tree.body.query_selector_all(SHALLOW))[:MOST]:
            if not _is_menu(found):
                _deepen(tree, found)
    return tree


def _is_menu(found: ElementNode) -> bool:
    above = found.parent_element
    while above is not None and above.tag != "body":
        if above.tag in _FRAME:
            return True
        above = above.parent_element
    left = LINKS * len((found.text or "").strip())
    for link in found.query_selector_all("a"):
        left -= len(link.text or "")
        if left < 0:
            return True
    return False


def _deepen(tree: HTMLTree, found: ElementNode) -> None:
    above: Node | None = found.parent
    level = tree.create_element("div")
    if above is None or level is None:
        return
    above.replace_child(level, found)
    for _ in range(LEVELS - 1):
        below = tree.create_element("div")
        if below is None:
            break
        level.append_child(below)
        level = below
    level.append_child(found)
