"""Pictures too large to be opened: a few kilobytes that would unfold into gigabytes of pixels.

Whoever opens a corpus decodes its pictures, so a decompression bomb is kept for nobody. The bound is the one at
which Pillow refuses to decode, twice its ``Image.MAX_IMAGE_PIXELS``
(https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.open). Nothing is decoded to know: the
header says how many pixels follow. Nobody reserved anything by it; but what cannot be looked into is not
collected.
"""

from __future__ import annotations

from collections.abc import Iterable

from crawler.optout.grammar.sniff import picture
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

PIXELS = 178_956_970
"""Pixels of the largest picture that is collected."""


def read_embedded(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """One statement when the picture's header declares more pixels than that."""
    found = picture(capture.body)
    if found is None or not found.width or not found.height or found.media_type == "image/svg+xml":
        return  # a drawing has no pixels of its own
    if found.width * found.height > PIXELS:
        yield Statement(
            signal="oversize",
            purpose=Purpose.ANY,
            preference=Preference.UNREADABLE,
            basis=Basis.STATED,
            evidence=quote(capture, Carrier.EMBEDDED, "header", f"{found.width}x{found.height} pixels"),
        )


SIGNAL = Signal(
    name="oversize",
    title="Pictures too large to be opened",
    spec="https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.open",
    version="178956970",
    readers={Carrier.EMBEDDED: read_embedded},
    meanings=(
        ("a header that declares more than 178,956,970 pixels", "unreadable"),
        ("a header without dimensions, or a drawing (SVG)", "nothing"),
    ),
)
