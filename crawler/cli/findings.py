"""How the findings of a check are printed, whatever was checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crawler.cli.text import safe
from crawler.cli.wrapping import wrapped

if TYPE_CHECKING:
    from crawler.audit.checkpoint import Checkpoint
    from crawler.audit.verify.findings import Finding

LISTED = 100
"""Findings and notes that are listed for people."""

OWN_KEY = (
    "The key was taken from {where} itself. Whoever can write that can write another key: give one that you "
    "had from elsewhere with --key."
)
"""What is said where nobody gave a key."""


def verdict(name: str, count: int) -> str:
    """Whether what is called ``name`` holds; ``count``: things that do not."""
    if not count:
        return f"{safe(name)} holds."
    things = "1 thing does" if count == 1 else f"{count} things do"
    return f"{safe(name)} does not hold: {things} not."


def line_of(finding: Finding) -> str:
    """One finding: where, and what."""
    where = []
    if finding.entry is not None:
        where.append(f"entry {finding.entry}")
    if finding.file is not None:
        where.append(finding.file if finding.offset is None else f"{finding.file}@{finding.offset}")
    if finding.url is not None:
        where.append(finding.url)
    return safe(f"{'  '.join(where)}: {finding.what}" if where else finding.what)


def note_lines(words: str) -> Iterator[str]:
    """Something to be known, wrapped."""
    yield from named_lines("note", words)


def named_lines(name: str, words: str) -> Iterator[str]:
    """Words, wrapped, with a name of at most nine letters in the margin."""
    for number, line in enumerate(wrapped(safe(words), 10)):
        yield line if number else f"{name}{line[len(name) :]}"


def checkpoint_dict(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint as ``--json`` prints it."""
    from crawler.audit.note import encode64
    from crawler.optout.codec import time_to_text

    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": encode64(checkpoint.root),
        "at": None if checkpoint.at is None else time_to_text(checkpoint.at),
    }


def at(checkpoint: Checkpoint) -> str:
    """When it was signed, as a line goes on with it; empty: it does not say."""
    from crawler.optout.codec import time_to_text

    return "" if checkpoint.at is None else f" at {time_to_text(checkpoint.at)}"
