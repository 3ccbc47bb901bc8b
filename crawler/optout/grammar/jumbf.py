"""C2PA manifest stores, read box by box without asking whether anybody signed them.

C2PA 2.2 §11.1 (https://spec.c2pa.org/specifications/specifications/2.2/specs/C2PA_Specification.html) over
JUMBF, ISO/IEC 19566-5::

    box         = length (4) type (4) [ long length (8) ] content
    superbox    = box of type "jumb": a description box, then boxes
    description = box of type "jumd": uuid (16) toggles (1) [ label NUL ] [ id (4) ] [ hash (32) ] ...

A store holds manifests, a manifest an assertion store and a claim that names each assertion. An assertion's
content is CBOR (RFC 8949) or JSON; a manifest may be compressed as a whole (type "brob", RFC 7932). What is
read this way can reserve and never permit: no hash and no signature is looked at.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import brotli
import cbor2

MOST_BYTES = 32 << 20
"""Octets of one store that are read, what was decompressed included."""
MOST_BOXES = 20_000
"""Boxes of one store that are read."""
DEPTH = 32
"""Superboxes inside each other, and containers inside each other in an assertion."""
MOST_CONTENT = 1 << 18
"""Octets of one assertion or claim that are read; a longer one is unreadable."""
MOST_LABEL = 1 << 16
"""Octets of a description."""
MOST_TOLD = 1_000
"""Assertions of one store that are read."""
MOST_TEXT = 1 << 22
"""Characters of all of them together."""

TRAINING = re.compile(r"(?:c2pa|cawg)\.training-mining(?:\.v[0-9]+)?(?:__[0-9]+)?", re.I)
"""Labels of the assertions that speak of mining and training."""
METADATA = re.compile(
    r"(?:(?:c2pa|cawg)\.metadata|stds\.iptc(?:\.photo-metadata)?)(?:\.v[0-9]+)?(?:__[0-9]+)?", re.I
)
"""Labels of the assertions that may repeat what XMP says."""

_INGREDIENT = re.compile(r"c2pa\.ingredient(?:\.v[0-9]+)?(?:__[0-9]+)?", re.I)
_MANIFESTS = frozenset({b"c2ma", b"c2um", b"c2cm"})
_HEAD, _CHUNK = 8, 1 << 16
_CLOUD = re.compile(r"c2pa\.cloud-data(?:\.v[0-9]+)?(?:__[0-9]+)?", re.I)
STORE = bytes.fromhex("6332706100110010800000AA00389B71")
"""The type of a manifest store, in the description box of its superbox: ``c2pa``, then octets of ISO."""


class Told(NamedTuple):
    """One assertion that may speak of rights."""

    label: str
    """Its label, with the number that tells it from its likes: ``cawg.training-mining__1``."""
    text: str
    """Its content as JSON; empty: it was named, and could not be read."""


@dataclass(kw_only=True, slots=True)
class Manifest:
    """What one manifest tells."""

    label: str
    """Its name in the store."""
    told: list[Told] = field(default_factory=list)
    """The assertions that may speak of rights, in order."""
    ingredients: list[tuple[str, str]] = field(default_factory=list)
    """``(relationship, label)`` of the manifests that its ingredients brought along."""
    named: list[str] = field(default_factory=list)
    """Labels that its claim gives to its assertions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """What one manifest store tells."""

    manifests: tuple[Manifest, ...] = ()
    """Its manifests in order; the last one is the active one."""
    trouble: str = ""
    """Why something may have been missed, in words; empty when it was read to its end."""


class _Span(NamedTuple):
    """Boxes yet to be read: those of one superbox."""

    data: bytes
    start: int
    end: int
    depth: int
    manifest: Manifest | None
    label: str
    uuid: bytes


class _Unread(Exception):
    """The content is not what its box says."""


def first_store(body: bytes) -> bytes:
    """``body`` from the first manifest store that lies in it in one piece; empty without one."""
    at = body.find(STORE)
    while at >= 0:
        if at >= 16 and body[at - 12 : at - 8] == b"jumb" and body[at - 4 : at] == b"jumd":
            return body[at - 16 :]
        at = body.find(STORE, at + 1)
    return b""


def read_store(data: bytes) -> Store:
    """The manifests of the superbox at the beginning of ``data``. Never raises.

    JUMBF that is no manifest store holds none, without trouble.
    """
    length, head = _length(data, 0, len(data))
    end = min(length, len(data), MOST_BYTES)
    if not head or data[4:8] != b"jumb":
        return Store(trouble="no manifest store")
    reading = _Walk(MOST_BYTES - end)
    reading.walk(_Span(data, head, end, 0, None, "", b""))
    for manifest in reading.manifests:
        here = {one.label for one in manifest.told}
        lost = [name for name in manifest.named if TRAINING.fullmatch(name) and name not in here]
        manifest.told += [Told(name, "") for name in dict.fromkeys(lost)]
    trouble = reading.trouble
    if length > end:
        trouble = "store too large" if end == MOST_BYTES else "cut short"
    elif not reading.manifests and data[head + 8 : head + 12] in (b"c2pa", b""):
        trouble = trouble or "a store without a manifest"
    return Store(manifests=tuple(reading.manifests), trouble=trouble)


def speaking(manifests: Sequence[Manifest], active: str) -> list[Manifest]:
    """The manifests that speak for the file: all but those which only ``inputTo`` ingredients lead to.

    An ``inputTo`` ingredient, such as a prompt, is no part of the file (C2PA 1.4 §19.14).
    """
    every: dict[str, set[str]] = {}
    parts: dict[str, set[str]] = {}
    inputs: set[str] = set()
    for manifest in manifests:
        for relationship, label in manifest.ingredients:
            every.setdefault(manifest.label, set()).add(label)
            if relationship == "inputTo":
                inputs.add(label)
            else:
                parts.setdefault(manifest.label, set()).add(label)
    silent = _reached(inputs, every) - _reached({active}, parts)
    return [manifest for manifest in manifests if manifest.label not in silent]


def pointed_at(url: object) -> str:
    """The manifest's label in a JUMBF URI such as ``self#jumbf=/c2pa/urn:uuid:…``; empty for anything else."""
    if not isinstance(url, str):
        return ""
    _, found, path = url.partition("jumbf=")
    parts = path.strip("/").split("/", 2)
    return parts[1] if found and len(parts) > 1 and parts[0] == "c2pa" else ""


def brought_along(content: Any) -> tuple[str, str] | None:
    """``(relationship, label)`` of an ingredient assertion that has a manifest of its own."""
    if not isinstance(content, dict):
        return None
    for key in ("activeManifest", "c2pa_manifest"):
        reference = content.get(key)
        if isinstance(reference, dict) and (label := pointed_at(reference.get("url"))):
            return str(content.get("relationship")), label
    return None


def kept_elsewhere(label: str, content: Any) -> bool:
    """Whether an assertion on mining and training is kept at an address instead (C2PA 1.4 §19.11)."""
    return (
        _CLOUD.fullmatch(label) is not None
        and isinstance(content, dict)
        and TRAINING.fullmatch(str(content.get("label"))) is not None
    )


def as_json(value: Any) -> str:
    """``value`` as JSON text; octets and the like, which say nothing about rights, as null."""
    return json.dumps(value, default=lambda _: None, sort_keys=True)


def _reached(start: set[str], edges: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(start)
    while ahead:
        label = ahead.pop()
        if label not in reached:
            reached.add(label)
            ahead += edges.get(label, ())
    return reached


def _length(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The length of the box at ``start`` as it says itself, and of its head; a head of 0: there is no box."""
    if end - start < _HEAD:
        return 0, 0
    length = int.from_bytes(data[start : start + 4], "big")
    if length == 0:
        return end - start, _HEAD
    if length == 1 and end - start >= 2 * _HEAD:
        length = int.from_bytes(data[start + 8 : start + 16], "big")
        return (length, 2 * _HEAD) if length >= 2 * _HEAD else (0, 0)
    return (length, _HEAD) if length >= _HEAD else (0, 0)


class _Walk:
    """One pass over the boxes of a store."""

    def __init__(self, spare: int) -> None:
        self.manifests: list[Manifest] = []
        self.trouble = ""
        self._spare = spare
        self._boxes = MOST_BOXES
        self._told = MOST_TOLD
        self._text = MOST_TEXT

    def walk(self, store: _Span) -> None:
        """Depth first and in order, without recursion."""
        ahead = [self._inside(store)]
        while ahead:
            inner = next(ahead[-1], None)
            if inner is None:
                ahead.pop()
            elif inner.depth > DEPTH:
                self.trouble = "boxes too deep"
            else:
                ahead.append(self._inside(inner))

    def _inside(self, span: _Span) -> Iterator[_Span]:
        """The superboxes inside ``span``, each described; everything else in it is read on the way."""
        data, position, end = span.data, span.start, span.end
        content: list[tuple[bytes, bytes]] = []
        while position < end:
            length, head = _length(data, position, end)
            self._boxes -= 1
            if not head or self._boxes < 0:
                self.trouble = "broken box" if self._boxes >= 0 else "too many boxes"
                break
            kind, stop = data[position + 4 : position + 8], position + length
            if stop > end:
                self.trouble, stop = "cut short", end
            inside = position + head
            if kind == b"jumb":
                yield self._described(span, inside, stop)
            elif kind == b"brob":
                yield from self._unpacked(span, inside, stop)
            elif kind in (b"cbor", b"json"):
                content.append((kind, data[inside : min(stop, inside + MOST_CONTENT + 1)]))
            position = stop
        if span.manifest is not None:
            self._take(span.manifest, span.label, span.uuid, content)

    def _described(self, span: _Span, start: int, end: int) -> _Span:
        """The superbox whose first box is its description."""
        data, label, uuid = span.data, "", b""
        length, head = _length(data, start, end)
        if head and data[start + 4 : start + 8] == b"jumd":
            inside, stop = start + head, min(start + length, end)
            if length > min(end - start, MOST_LABEL):
                self.trouble = "a description that is too long"
            uuid = data[inside : inside + 4]
            if stop > inside + 16 and data[inside + 16] & 2:
                label = (
                    data[inside + 17 : min(stop, inside + MOST_LABEL)]
                    .partition(b"\0")[0]
                    .decode("utf-8", "replace")
                )
            start = stop
        manifest = span.manifest
        if uuid in _MANIFESTS:
            manifest = next((one for one in self.manifests if one.label == label), None)
            if manifest is None:
                manifest = Manifest(label=label)
                self.manifests.append(manifest)
        return _Span(data, start, end, span.depth + 1, manifest, label, uuid)

    def _unpacked(self, span: _Span, start: int, end: int) -> Iterator[_Span]:
        """The boxes inside a compressed one."""
        data = self._inflated(span.data[start:end])
        if data is None:
            self.trouble = "compressed manifest that cannot be read"
        else:
            yield _Span(data, 0, len(data), span.depth + 1, span.manifest, "", b"")

    def _inflated(self, packed: bytes) -> bytes | None:
        stream, pieces = brotli.Decompressor(), []
        try:
            while not stream.is_finished():
                piece = stream.process(packed, output_buffer_limit=_CHUNK)
                packed = b""
                self._spare -= len(piece)
                if self._spare < 0 or (not piece and stream.can_accept_more_data()):
                    return None
                pieces.append(piece)
        except brotli.error:
            return None
        return b"".join(pieces)

    def _take(self, manifest: Manifest, label: str, uuid: bytes, content: list[tuple[bytes, bytes]]) -> None:
        """What the content of one superbox tells."""
        if TRAINING.fullmatch(label) or METADATA.fullmatch(label):
            self._tell(manifest, label, content)
        elif uuid == b"c2cl" or _INGREDIENT.fullmatch(label) or _CLOUD.fullmatch(label):
            try:
                value = _decoded(content)
            except _Unread:
                return
            if uuid == b"c2cl":
                manifest.named += _named(value)
            elif ingredient := brought_along(value):
                manifest.ingredients.append(ingredient)
            elif kept_elsewhere(label, value):
                manifest.told.append(Told(label, ""))

    def _tell(self, manifest: Manifest, label: str, content: list[tuple[bytes, bytes]]) -> None:
        self._told -= 1
        if self._told < 0:
            self.trouble = "too many assertions"
            return
        try:
            text = as_json(_decoded(content))
        except (_Unread, TypeError, ValueError, RecursionError):
            text = ""
        self._text -= len(text)
        if self._text < 0:
            text = ""
        manifest.told.append(Told(label, text))


def _decoded(content: list[tuple[bytes, bytes]]) -> Any:
    """The value of the one content box. Raises ``_Unread``."""
    if len(content) != 1 or len(content[0][1]) > MOST_CONTENT:
        raise _Unread
    kind, data = content[0]
    try:
        if kind == b"json":
            return json.loads(data, object_pairs_hook=_once)
        stream = io.BytesIO(data)
        value = cbor2.load(
            stream,
            semantic_decoders=_UNTAGGED,
            str_errors="replace",
            max_depth=DEPTH,
            allow_duplicate_keys=False,
            strict_hashable_types=True,
        )
    except (cbor2.CBORError, ValueError, RecursionError, MemoryError) as error:
        raise _Unread from error
    if stream.tell() < len(data):
        raise _Unread  # more than one value: nobody can tell which one was meant
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key stands twice")
    return value


def _named(claim: Any) -> Iterator[str]:
    """The labels in the lists of assertions of a claim."""
    if isinstance(claim, dict):
        for key in ("assertions", "created_assertions", "gathered_assertions"):
            listed = claim.get(key)
            for reference in listed if isinstance(listed, list) else ():
                url = reference.get("url") if isinstance(reference, dict) else None
                if isinstance(url, str):
                    yield url.rpartition("/")[2]


def _bare(value: Any, immutable: bool) -> Any:
    return value


class _Untagged(dict[int, Any]):
    """Answers every CBOR tag with the value it stands before.

    Tags can share values, build numbers of any size and compile patterns; nothing of it speaks of rights.
    """

    def get(self, key: int, default: object = None) -> Any:
        """``_bare``, whatever the tag."""
        return _bare

    __getitem__ = get


_UNTAGGED = _Untagged()
