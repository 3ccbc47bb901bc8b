"""Robots directives in ``X-Robots-Tag`` and ``<meta name="robots">``: syntax only.

No standard; after Google's documentation
(https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag), read generously::

    line      = item *( ( "," / ";" / "|" ) item )
    item      = [ agent ":" ] 1*directive           ; an agent holds until the next one in the same line
    directive = name / valued ":" value
    valued    = "max-snippet" / "max-image-preview" / "max-video-preview" / "unavailable_after"
    agent     = "*" / ALPHA *( ALPHA / DIGIT / "_" / "." / "-" / "/" / "*" )

Each header line is read alone: joined lines would give one line's agent to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from crawler.optout.grammar.fields import header_lines, quote_line
from crawler.optout.grammar.html import page
from crawler.optout.model import Capture, Carrier, Evidence, quote

VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
"""Directives that carry a value after a colon."""

EVERYONE = frozenset({"", "*", "robots"})
"""Scopes that address every crawler."""

_AGENT = re.compile(r"[A-Za-z][A-Za-z0-9_.\-/*]*\Z|\*\Z")
_DIRECTIVE = re.compile(
    r"(?:no(?:ai\w*|imageai|imageindex|ml|index|ne|archive|cache|snippet|follow|tdm|llm|train\w*)|disallowaitraining)\Z",
    re.I,
)
_BOT = re.compile(r"bot\b|bot[-_]|spider|crawler", re.I)
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\Z", re.I)
_MOST_COLONS = 8
"""Agents and values read of one item."""

_QUOTES = " \t\r\n\"'"
_NEGATIVE = frozenset({"false", "no", "0", "off", "n"})


class Directive(NamedTuple):
    """One directive and whom it addresses."""

    agent: str
    """Lower case and without version; empty: everyone."""
    name: str
    """Lower case."""
    value: str
    """Of a valued directive, as written; otherwise empty."""


def read_line(text: str, agent: str = "") -> Iterator[Directive]:
    """The directives of one line; ``agent`` is whom it addresses until it says otherwise. Never raises."""
    items = [item.strip(_QUOTES) for item in re.split(r"[,;|]", text)]
    position = 0
    while position < len(items):
        item = items[position]
        position += 1
        for _ in range(_MOST_COLONS):
            if not item:
                break
            before, colon, after = item.partition(":")
            *plain, head = before.split() or [""]
            for word in plain:
                yield from _plain(agent, word)
            item = after.strip(_QUOTES)
            if not colon:
                yield from _plain(agent, head)
            elif head.lower() in VALUED:
                if _WEEKDAY.match(item) and position < len(items):
                    item = f"{item}, {items[position]}"  # an RFC 850 date has a comma
                    position += 1
                first, *rest = item.split(maxsplit=1) or [""]
                if head.lower() == "unavailable_after":
                    yield Directive(agent, "unavailable_after", item)
                    item = " ".join(word for word in item.split() if _DIRECTIVE.match(word))
                else:
                    yield Directive(agent, head.lower(), first)
                    item = "".join(rest)
            elif _DIRECTIVE.match(head) and item:
                # "noai: true" names the directive, not an agent.
                value, *rest = item.split(maxsplit=1)
                yield from _plain(agent, f"{head}={value}")
                item = "".join(rest)
            elif _AGENT.match(head):
                agent = _agent_name(head)
            else:
                break  # the tail of a date


def _plain(agent: str, word: str) -> Iterator[Directive]:
    name, _, value = word.strip(_QUOTES).lower().partition("=")
    if name and value.strip(_QUOTES) not in _NEGATIVE:
        yield Directive(agent, name, "")


def _agent_name(text: str) -> str:
    name = text.lower().partition("/")[0]
    return "" if name in EVERYONE else name


class Said(NamedTuple):
    """One carrier's directives and where they stand."""

    directives: tuple[Directive, ...]
    """In order."""
    evidence: Evidence
    """The line or element that carries them."""
    recovered: bool
    """Found in swallowed markup."""


def header_directives(capture: Capture) -> Iterator[Said]:
    """The ``X-Robots-Tag`` lines of the answer and of the redirects that led to it."""
    for line in header_lines(capture, "x-robots-tag"):
        yield Said(tuple(dict.fromkeys(read_line(line.value))), quote_line(capture, line), False)


def meta_directives(capture: Capture, agents: frozenset[str]) -> Iterator[Said]:
    """The robots metas of a page, and those named after a crawler: one of ``agents`` or by its looks."""
    for meta in capture.parsed(page).metas:
        directives: list[Directive] = []
        if "x-robots-tag" in (meta.http_equiv, meta.name):
            directives += read_line(meta.content)
        for label in re.split(r"[,;]", f"{meta.name},{meta.property}"):
            label = label.strip()
            if label == "robots" or label in agents or _BOT.search(label):
                directives += read_line(meta.content, _agent_name(label))
        if directives:
            yield Said(
                tuple(dict.fromkeys(directives)),
                quote(capture, Carrier.HTML, meta.locator, meta.content),
                meta.recovered,
            )


def follows_links(capture: Capture, agents: tuple[str, ...]) -> bool:
    """Whether the page lets its links be followed: no ``nofollow`` or ``none`` for everyone or ``agents``."""
    ours = frozenset(agents)
    for said in (*header_directives(capture), *meta_directives(capture, ours)):
        for directive in said.directives:
            if directive.name in ("nofollow", "none") and (not directive.agent or directive.agent in ours):
                return False
    return True
