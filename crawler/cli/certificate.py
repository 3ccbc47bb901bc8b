"""The certificate of a withdrawal in words: for the person who asked, to keep and to check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.cli.text import safe
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.corpus.certificate import Certificate, Gone

_NAMES = (
    ("urls", "this URL"),
    ("prefixes", "everything under"),
    ("hosts", "the host"),
    ("domains", "the domain with all its hosts"),
    ("digests", "content with this SHA-256"),
)
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


def as_markdown(certificate: Certificate) -> Iterator[str]:
    """Its lines. Words of strangers never become markup."""
    asked = certificate.withdrawal
    yield "# Certificate of withdrawal"
    yield ""
    yield f"- **Corpus:** {_words(certificate.corpus)}, kept by {_words(certificate.operator)}"
    for name, title in _NAMES:
        for value in sorted(getattr(asked.wish, name)):
            yield f"- **Asked for:** {title} {_code(value)}"
    yield f"- **Reason:** {_words(asked.reason)}"
    yield f"- **Ticket:** {_words(asked.ticket)}" if asked.ticket else "- **Ticket:** none"
    yield f"- **Recorded:** {time_to_text(asked.at)}, as entry {asked.entry} of the ledger"
    yield ""
    yield "## What was removed"
    yield ""
    yield from _removed(certificate.gone)
    yield ""
    yield "## What holds from now on"
    yield ""
    yield "- What is listed here has left the archive: the files that held it were rewritten without it."
    yield "- Later runs on this corpus ask for nothing that the request covers."
    if certificate.gone:
        yield "- The bytes listed here are kept from no address, wherever a copy of them is met."
    yield "- The ledger keeps that it happened: addresses, digests, reason and ticket, never the content."
    yield ""
    yield "## How to check it"
    yield ""
    yield from _checks(certificate)
    yield ""
    yield "## What this does not cover"
    yield ""
    yield "- Copies that left the corpus before, in exports or backups. Whoever holds one finds what is to"
    yield "  be deleted in `removed.jsonl` of the corpus, by the digests listed here."
    yield "- Versions with other bytes, such as a resized picture, at addresses that were not named."
    yield "- What others collected."


def _removed(gone: Sequence[Gone]) -> Iterator[str]:
    if not gone:
        yield "Nothing that the request covers was kept. It is on record all the same."
        return
    total = sum(one.bytes for one in gone)
    yield f"{len(gone)} {'item' if len(gone) == 1 else 'items'}, {total} bytes in all."
    yield ""
    yield "| address | SHA-256 of the content | bytes | fetched | kept by entry | removed by entry |"
    yield "|---|---|---:|---|---:|---:|"
    for one in gone:
        yield (
            f"| {_code(one.url)} | `{one.sha256}` | {one.bytes} | {one.fetched_at} "
            f"| {one.kept_by} | {one.removed_by} |"
        )


def _checks(certificate: Certificate) -> Iterator[str]:
    yield "The ledger is a list to which entries are only ever added. A checkpoint is a signature over all"
    yield "of it up to one moment. These are the last before the withdrawal and the first after it:"
    for title, note in (("Before", certificate.before), ("After", certificate.after)):
        yield ""
        if note is None:
            yield f"{title}: there was none yet."
        else:
            yield f"{title}:"
            yield ""
            yield from ("```", *note.splitlines(), "```")
    yield ""
    yield f"The public key is {_code(certificate.key)}."
    yield ""
    yield "Keep the second checkpoint in a file. With it, whoever has a copy of the corpus checks, without"
    yield "us and without a network, that the ledger still holds this withdrawal and that nothing withdrawn"
    yield "is in the archive:"
    yield ""
    yield from ("```", f"heedful verify CORPUS --since FILE --key {certificate.key}", "```")


def _words(text: str) -> str:
    return _MARKUP.sub(r"\\\1", safe(text))


def _code(text: str) -> str:
    """In backquotes, with what would end them or a cell written as URLs write it."""
    return f"`{safe(text).replace('`', '%60').replace('|', '%7C')}`"
