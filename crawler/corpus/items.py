"""Items: what was kept, as ``heedful items`` lists it, and how each describes itself in the archive.

A record of the archive holds its whole item: the WARC fields say what, when and under which decision, the field
``Heedful-Item`` the rest, as JSON. So the list of items can be made again from the archive alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from crawler.corpus.warc import capture_of, clean, header_value, safe_url
from crawler.optout.codec import time_to_text
from crawler.optout.model import Kind, Malformed, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crawler.corpus.segments import Place
    from crawler.corpus.warc import Record
    from crawler.optout.model import Capture, Decision

DESCRIPTION_LIMIT = 20_000
"""Bytes of ``Heedful-Item`` at most; FastWARC reads no record whose fields exceed 32 KiB."""

_TEXTS = ("title", "author", "date", "canonical", "licence", "attribution", "alt", "caption")


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What the pipeline knows about content beside the content. Long texts are shortened."""

    media_type: str | None = None
    """What the bytes are; None: what the answer says they are."""
    via: tuple[str, ...] = ()
    """Pages it was found on; the first ones are kept."""
    title: str | None = None
    """Its title."""
    author: str | None = None
    """Its author."""
    date: str | None = None
    """When it was published, as the source writes it."""
    canonical: str | None = None
    """The URL it calls its own."""
    licence: str | None = None
    """A licence it names, accepted or not."""
    attribution: str | None = None
    """How its creator wants to be named."""
    width: int | None = None
    """Pixels, of an image."""
    height: int | None = None
    """Pixels, of an image."""
    alt: str | None = None
    """The text alternative of an image."""
    caption: str | None = None
    """The caption of an image."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One thing that was kept."""

    url: str
    """Where it was fetched."""
    kind: Kind
    """What it is."""
    media_type: str | None
    """Its media type."""
    sha256: str
    """Digest of its content, hexadecimal."""
    bytes: int
    """Size of its content."""
    fetched_at: datetime
    """When it was fetched, UTC."""
    entry: int
    """The ledger entry of the decision to keep it."""
    outcome: Outcome
    """That decision's outcome."""
    file: str
    """The WARC file that holds it."""
    offset: int
    """Where in the file its record begins."""
    length: int
    """Bytes of its record there."""
    note: Note
    """What else is known of it."""
    etag: str | None = None
    """Validator of the answer, for asking again only if something changed."""
    last_modified: str | None = None
    """The other validator."""


def item_to_dict(item: Item, *, language: str | None = None) -> dict[str, Any]:
    """An item as ``items --json`` prints it. ``language``: as it was measured; None: not yet."""
    note = item.note
    return {
        "url": item.url,
        "kind": item.kind.value,
        "media_type": item.media_type,
        "sha256": item.sha256,
        "bytes": item.bytes,
        "fetched_at": time_to_text(item.fetched_at),
        "entry": item.entry,
        "outcome": item.outcome.value,
        "via": list(note.via),
        "title": note.title,
        "author": note.author,
        "date": note.date,
        "language": language,
        "licence": note.licence,
        "attribution": note.attribution,
        "width": note.width,
        "height": note.height,
        "alt": note.alt,
        "caption": note.caption,
        "warc": f"{item.file}@{item.offset}",
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """What a record says of its item in ``Heedful-Item``."""

    kind: Kind
    """What it is."""
    outcome: Outcome
    """The decision's outcome."""
    note: Note
    """Everything else, short enough to be stored."""


def describe(decision: Decision, capture: Capture, note: Note) -> Description:
    """The description of what is kept."""
    via = dict.fromkeys([*([decision.asset.via] if decision.asset.via else ()), *note.via])
    note = replace(
        note,
        via=tuple(via),
        licence=decision.licence or note.licence,
        media_type=note.media_type or capture.media_type,
    )
    return next(
        description
        for shorter in _shorter(note)
        if len(_encoded(description := _described(decision, shorter))) <= DESCRIPTION_LIMIT
    )


def item_fields(description: Description, entry: int) -> tuple[tuple[str, str], ...]:
    """The WARC fields in which a record describes its item."""
    kind = description.note.media_type
    fields = ("Heedful-Entry", str(entry)), ("Heedful-Item", _encoded(description).decode("utf-8"))
    return (*fields, ("WARC-Identified-Payload-Type", kind)) if kind else fields


def item_of(place: Place, record: Record) -> Item:
    """The item of a record of the archive; raises ``Malformed``."""
    try:
        description = msgspec.json.decode(record.need("Heedful-Item"), type=Description)
        entry = int(record.need("Heedful-Entry"))
    except (msgspec.MsgspecError, ValueError) as error:
        raise Malformed(f"it does not describe its item: {error}") from error
    return item_at(place, capture_of(record), description, entry)


def item_at(place: Place, capture: Capture, description: Description, entry: int) -> Item:
    """The item of a capture that is stored at ``place``."""
    return Item(
        url=safe_url(capture.url),
        kind=description.kind,
        media_type=description.note.media_type,
        sha256=capture.digest,
        bytes=len(capture.body),
        fetched_at=capture.at.astimezone(UTC),
        entry=entry,
        outcome=description.outcome,
        file=place.file,
        offset=place.offset,
        length=place.length,
        note=description.note,
        etag=_validator(capture, "etag"),
        last_modified=_validator(capture, "last-modified"),
    )


class _Located(msgspec.Struct):
    url: str


_ITEM_DECODER = msgspec.json.Decoder(Item)
_URL_DECODER = msgspec.json.Decoder(_Located)


def item_to_json(item: Item) -> bytes:
    """An item for the index, where its place stands beside it and can change."""
    return msgspec.json.encode(replace(item, file="", offset=0, length=0))


def item_from_json(data: bytes, place: Mapping[str, Any]) -> Item:
    """The inverse of :func:`item_to_json`, at the ``place`` (file, offset, length) where its record is now."""
    return replace(_ITEM_DECODER.decode(data), **place)


def url_from_json(data: bytes) -> str:
    """The URL of an item of the index, without looking at the rest."""
    return _URL_DECODER.decode(data).url


def _described(decision: Decision, note: Note) -> Description:
    return Description(kind=decision.asset.kind, outcome=decision.outcome, note=note)


def _encoded(description: Description) -> bytes:
    return msgspec.json.encode(description)


def _shorter(note: Note) -> Iterator[Note]:
    """The note with ever shorter texts and ever fewer pages; the last fits in any case."""
    for letters, pages in ((2000, 16), (1000, 8), (500, 4), (250, 2)):
        texts: dict[str, Any] = {name: _text(getattr(note, name), letters) for name in _TEXTS}
        via = tuple(clean(url) for url in note.via if len(url) <= 2048)[:pages]
        yield replace(note, via=via, media_type=_text(note.media_type, 100), **texts)


def _text(value: str | None, letters: int) -> str | None:
    return None if value is None else clean(value)[:letters]


def _validator(capture: Capture, name: str) -> str | None:
    values = capture.values(name)
    return header_value(values[0]).strip() if values else None
