"""What a walk over a file finds: the parts that can say something about rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Part(NamedTuple):
    """One piece of metadata, unpacked and in one piece."""

    data: bytes
    """Its bytes, without the container's framing."""
    locator: str
    """Where it stands: ``APP1[0]``, ``iTXt[2]``, ``meta/item[3]``; ``scan[0]``: found by its marks alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """Everything found in one file, in its order."""

    xmp: tuple[Part, ...] = ()
    """XMP packets (ISO 16684-1), Extended XMP put together."""
    iim: tuple[Part, ...] = ()
    """IPTC-IIM data sets (IIM 4.2), as they stand in Photoshop's resource 1028 or TIFF's tag 33723."""
    manifests: tuple[Part, ...] = ()
    """C2PA manifest stores: JUMBF superboxes (ISO 19566-5), segments put together."""
    texts: tuple[Part, ...] = ()
    """Text chunks under other names than XMP's, such as a PNG's that may hold RSL."""
    trouble: str = ""
    """Why something may have been missed, in words; empty when the file was walked to its end."""
