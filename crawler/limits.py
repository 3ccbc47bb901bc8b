"""How much of anything is taken in: octets by the kind of document, header lines, how far a body may unpack.

``docs/limits.md`` lists these and every other bound. A larger body is not kept and not judged by its beginning;
a site-level file that is larger cannot be told. All may be raised, none can be switched off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from crawler.kinds import UNTYPED, may_be_feed
from crawler.optout.grammar.sniff import kind_of
from crawler.optout.model import Kind

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

SETTING = "OPTOUT_LIMITS"
"""The Scrapy setting: a table of some or all of the fields of :class:`Limits`."""

MIB = 1 << 20

FREE = MIB
"""Octets that a body may unpack to, however small it is: small pages may repeat themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The bounds that an operator may set. Octets are those of a body before and after unpacking, each."""

    page: int = 16 * MIB
    """Octets of a page, or of anything that is not named below."""
    image: int = 64 * MIB
    """Octets of an image."""
    document: int = 64 * MIB
    """Octets of a PDF, EPUB, feed or sitemap."""
    ratio: int = 200
    """Times its size that a body of more than :data:`FREE` octets may unpack to."""
    header_lines: int = 1_000
    """Header lines of one answer; servers send dozens."""
    header_bytes: int = 256 * 1024
    """Octets of the status line and header lines of one answer."""

    @classmethod
    def of(cls, settings: BaseSettings) -> Limits:
        """The limits that :data:`SETTING` describes. Raises ``ValueError`` with what is wrong."""
        table: Mapping[str, Any] = settings.getdict(SETTING)
        known = {field.name for field in fields(cls)}
        for name, value in table.items():
            if name not in known:
                raise ValueError(f"{name!r} is none of {', '.join(sorted(known))}")
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} = {value!r} is no whole number of at least 1")
        return cls(**table)

    @property
    def largest(self) -> int:
        """Octets of the largest body that is taken in."""
        return max(self.page, self.image, self.document)

    def of_kind(self, kind: Kind) -> int:
        """Octets of a content, once its bytes have told what it is."""
        return {Kind.TEXT: self.page, Kind.IMAGE: self.image}.get(kind, self.document)

    def of_type(self, media_type: str | None) -> int:
        """Octets of a body of which only the claimed media type is known."""
        if media_type in UNTYPED:
            return self.largest
        if may_be_feed(media_type):
            return max(self.page, self.document)
        kind = kind_of(media_type)
        if kind is None and media_type in ("application/gzip", "application/x-gzip"):
            return self.document  # a sitemap
        return self.page if kind is None else self.of_kind(kind)

    def unpacked(self, packed: int, limit: int) -> int:
        """Octets to which a body of ``packed`` octets may unpack that must not be larger than ``limit``."""
        return min(limit, max(FREE, packed * self.ratio))


DEFAULTS: Mapping[str, int] = asdict(Limits())
"""The limits by name, as nobody changed them."""
