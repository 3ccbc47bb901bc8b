"""One item as a row: what is known of it from archive, ledger and words, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.corpus.errors import Damaged
from crawler.domains import host_of, owner_domain
from crawler.export.model import KEY, Picture, Row

if TYPE_CHECKING:
    from crawler.audit.entries import Entry
    from crawler.corpus.items import Item
    from crawler.text.model import Words

HEARD = 32
"""Statements that a row tells of; the ledger has them all."""

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/bmp": "bmp",
    "image/x-icon": "ico",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/heif": "heic",
    "image/jxl": "jxl",
}
"""Endings of file names by media type; whatever else there is ends in ``bin``."""


def text_row(item: Item, entry: Entry, words: Words, near_group: str | None) -> Row:
    """The row of a page or document. Raises ``Damaged`` if ``entry`` is not the decision to keep it."""
    note = item.note
    return _row(item, entry) | {
        "text": _written(words.text),
        "title": _first(note.title, words.title),
        "author": _first(note.author, words.author),
        "date": _first(note.date, words.date),
        "language": words.language,
        "language_score": None if words.confidence is None else round(words.confidence, 4),
        "exact_group": words.group,
        "near_group": near_group,
        "extractor": words.extractor,
    }


def image_row(item: Item, entry: Entry, picture: Picture | None) -> Row:
    """The row of an image. Raises ``Damaged`` if ``entry`` is not the decision to keep it."""
    note = item.note
    return _row(item, entry) | {
        "image": picture,
        "title": note.title,
        "author": note.author,
        "date": note.date,
        "alt": note.alt,
        "caption": note.caption,
        "width": note.width,
        "height": note.height,
        "exact_group": item.sha256,
    }


def name_of(item: Item) -> str:
    """The item's name in this corpus."""
    return format(item.entry, KEY)


def picture_name(item: Item) -> str:
    """What the file of an image is called where images stand in the tables."""
    return f"{name_of(item)}.{ending_of(item)}"


def ending_of(item: Item) -> str:
    """The ending of its file name, without the dot."""
    return ENDINGS.get(item.media_type or "", "bin")


def domain_of(url: str) -> str:
    """The registrable domain of a URL; empty when it has none."""
    try:
        return owner_domain(host_of(url))
    except ValueError:
        return ""


def heard_in(entry: Entry) -> tuple[str, ...]:
    """What was heard in brief, such as ``tdmrep allow tdm (header)``; sorted, each once."""
    told = {
        f"{row['signal']} {row['preference']} {row['purpose']} ({row['carrier']})"
        for row in entry.fields.get("heard", ())
    }
    return tuple(sorted(told)[:HEARD])


def _row(item: Item, entry: Entry) -> dict[str, Any]:
    _check(item, entry)
    note = item.note
    return {
        "id": name_of(item),
        "url": item.url,
        "domain": domain_of(item.url),
        "via": note.via,
        "fetched_at": item.fetched_at,
        "media_type": item.media_type,
        "bytes": item.bytes,
        "sha256": item.sha256,
        "outcome": item.outcome.value,
        "licence": note.licence,
        "attribution": note.attribution,
        "heard": heard_in(entry),
        "entry": item.entry,
        "run": str(entry.fields["run"]),
    }


def _check(item: Item, entry: Entry) -> None:
    """What the archive says of an item is its own word; the ledger is what it rests on."""
    fields = entry.fields
    kept = fields.get("item")
    digest = kept.get("sha256") if isinstance(kept, dict) else None
    if (fields.get("collect"), digest) != (True, item.sha256):
        raise Damaged(f"ledger entry {entry.number} is not the decision to keep what the archive says it is")


def _first(*texts: str | None) -> str | None:
    return next((_written(text) for text in texts if text), None)


def _written(text: str) -> str:
    """Without halves of surrogate pairs, which no format can write."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
