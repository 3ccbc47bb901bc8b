"""The one door to the metadata of a picture or document: ``capture.parsed(metadata_of)``."""

from __future__ import annotations

from collections.abc import Callable

from crawler.optout.grammar.container import bmff, gif, ico, jpeg, png, riff, svg, tiff
from crawler.optout.grammar.container.collect import Collector
from crawler.optout.grammar.container.found import Metadata
from crawler.optout.grammar.container.scan import scan
from crawler.optout.grammar.pdf import is_pdf, pdf_of
from crawler.optout.grammar.sniff import picture
from crawler.optout.model import Capture

Walk = Callable[[Collector, bytes, int, int], None]
"""From a file to its parts: between two offsets of the bytes. It raises nothing, whatever the bytes."""

WALKS: dict[str, Walk] = {
    "image/jpeg": jpeg.walk,
    "image/png": png.walk,
    "image/webp": riff.walk,
    "image/gif": gif.walk,
    "image/tiff": tiff.walk,
    "image/avif": bmff.walk,
    "image/heic": bmff.walk,
    "image/heif": bmff.walk,
    "image/jxl": bmff.walk,
    "image/svg+xml": svg.walk,
    "image/x-icon": ico.walk,
}
"""How each format is walked, by the type its bytes are. The others hold metadata in no place of their own."""


def metadata_of(capture: Capture) -> Metadata:
    """Everything in the body that can say something about rights, and why that may not be all.

    The body's own first bytes tell its format; what it is called is not asked.
    """
    body = capture.body
    found = picture(body)
    if found is None and is_pdf(body):
        return capture.parsed(pdf_of).metadata
    sink = Collector(body)
    if found is not None:
        if not body.startswith(NAKED):
            WALKS.get(found.media_type, _nothing)(sink, body, 0, len(body))
    elif body.startswith(GZIP):
        svg.walk_packed(sink, body, 0, len(body))
    scan(sink)
    return sink.found()


NAKED = b"\xff\x0a"
"""A JPEG XL codestream without boxes, which holds no metadata."""

GZIP = b"\x1f\x8b"


def _nothing(sink: Collector, data: bytes, start: int, end: int) -> None:
    """The walk of a format that has no place for metadata."""
