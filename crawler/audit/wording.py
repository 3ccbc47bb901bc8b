"""The vocabulary of decisions in plain words, for people who have never met it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PURPOSES: Mapping[str, str] = {
    "any": "every use",
    "crawl": "being copied by a crawler",
    "tdm": "text and data mining",
    "ai-train": "training of AI models",
    "gen-ai-train": "training of generative AI models",
    "ai-input": "use as input of AI models",
    "search": "search engines",
}
"""What each purpose is called."""

PREFERENCES: Mapping[str, str] = {
    "allow": "allows",
    "disallow": "disallows",
    "conditional": "puts conditions on",
    "unreadable": "leaves unclear",
}
"""What each preference does to a purpose."""

BASES: Mapping[str, str] = {
    "stated": "said plainly",
    "recovered": "said with a slip in its form",
    "inferred": "said to others or about something else, and applied to us",
}
"""How directly something was said."""

CARRIERS: Mapping[str, str] = {
    "robots.txt": "robots.txt",
    "host-file": "a file of the host",
    "header": "response headers",
    "html": "the page",
    "embedded": "metadata in the image or document",
    "document": "the document, or a feed that links to it",
    "status": "the HTTP status",
    "house": "the operator's own lists",
}
"""Where each carrier is."""

HOUSE: Mapping[str, str] = {
    "address": "its address is private or could not be followed",
    "alike": "it is one of many pages that brought nothing but further links",
    "budget": "a limit of this crawl was reached",
    "calendar": "it is one of so many dates that they look like a calendar without an end",
    "crawl-delay": "its host asks for longer pauses than this crawl can keep",
    "depth": "it is too many links away from where this crawl began",
    "dry-run": "this crawl asked for site-level files only",
    "elsewhere": "it is at another address now",
    "empty": "there was not one octet in it",
    "error": "our crawler failed on it",
    "gone": "there is nothing there",
    "links-only": "it was read for its links alone",
    "method": "it could not be asked for without sending data",
    "moved": "it is at another address now",
    "page": "the page that shows it was not heard",
    "parameters": "its address has more parameters than anybody needs",
    "posture": "nothing permits it, and this crawl keeps only what is permitted",
    "redirects": "its redirects do not end",
    "refusals": "its host refused us so often that it was left alone",
    "repeats": "its address repeats itself",
    "retry-after": "its server asked us to come back later",
    "scope": "it lies outside what this crawl was to visit",
    "session": "it is an address of a page that was met before, with another session in it",
    "size": "it is larger than this crawl takes in",
    "type": "it is of a kind that this crawl does not keep",
    "ungated": "it came without having been asked for in the right way",
    "visit-time": "its host asks for visits at other times of the day",
}
"""Our own reasons to leave something, by the locator of their statement."""

STAGES: Mapping[str, str] = {
    "host": "never requested",
    "headers": "turned away at the status and headers of the answer",
    "content": "read in memory and dropped",
}
"""How far something that was not kept had come."""


def count(number: int, noun: str) -> str:
    """``1 text``, ``2 texts``, ``1,200 images``; the plural is regular."""
    if noun[-1:] == "y" and noun[-2:-1] not in "aeiou":
        many = f"{noun[:-1]}ies"
    else:
        many = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else many}"


def kinds(found: Mapping[str, int]) -> str:
    """``12 texts and 3 images``."""
    names = {"pdf": "PDF", "epub": "EPUB"}
    rows = [count(number, names.get(kind, kind)) for kind, number in sorted(found.items(), reverse=True)]
    return " and ".join(filter(None, [", ".join(rows[:-1]), rows[-1]])) if rows else "nothing"


def reason(words: str, titles: Mapping[str, str] = MappingProxyType({})) -> str:
    """A reason of :func:`crawler.tally.reasons_of` in plain words, or as it is where there are none.

    ``titles``: what signals are called; without, by their names.
    """
    signal, _, last = words.rpartition(" ")
    signal = titles.get(signal, signal)
    if last.startswith("(") and last[1:-1] in BASES:
        return f"{signal}, {BASES[last[1:-1]]}"
    if words in HOUSE:
        return HOUSE[words]
    if last == "gone":
        return HOUSE["gone"]
    if words == "denylist withdrawn":
        return "it was withdrawn on request"
    if words.startswith("denylist "):
        return "the operator's own list names it"
    if words == "http-status status":
        return "its status says that there is nothing to keep"
    if last == "unreachable":
        return f"{signal or words} did not answer in a usable way"
    if last == "unreadable":
        return f"{signal}: what was said, or may have been, could not be read"
    return words
