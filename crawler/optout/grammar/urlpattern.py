"""URL patterns of robots.txt and of the protocols that borrow them: prefix match, ``*``, trailing ``$``.

RFC 9309 §2.2.2 and §2.2.3 (https://www.rfc-editor.org/rfc/rfc9309#section-2.2.2)::

    path-pattern = "/" *UTF8-char-noctl   ; "*" any run of octets, "$" the end
    match        = longest pattern, in octets

Both sides are compared with unreserved octets decoded and all others percent-encoded in upper case, so
``%2F`` never equals ``/`` and ``%62`` equals ``b``. Brackets and the apostrophe equal their escapes, as which
they are sent. A literal star or dollar is written ``%2A``, ``%24``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEEP = _UNRESERVED | frozenset(b"!$&()*+,;=:@/?%#")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_PLAIN = re.compile(r"[A-Za-z0-9\-._~/]*\Z")


def normalise(text: str) -> str:
    """``text`` (a path with query, or a pattern) in the form in which both sides are compared."""
    if _PLAIN.match(text):
        return text
    raw = text.encode("utf-8", "surrogatepass")
    raw = _ESCAPE.sub(_canonical_escape, raw)
    return "".join(chr(octet) if octet in _KEEP else f"%{octet:02X}" for octet in raw)


def _canonical_escape(match: re.Match[bytes]) -> bytes:
    octet = int(match[1], 16)
    return bytes((octet,)) if octet in _UNRESERVED else b"%" + match[1].upper()


def subject(url: str) -> str:
    """The part of ``url`` that patterns are matched against: path and query, a lone ``?`` included."""
    parts = urlsplit(url)
    rest = url.partition("#")[0]
    query = f"?{parts.query}" if "?" in rest else ""
    # A literal star or dollar in a URL is written as a pattern would have to write it.
    return normalise((parts.path or "/") + query).replace("*", "%2A").replace("$", "%24")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One compiled pattern; matching is linear in the length of the subject for every pattern."""

    pieces: tuple[str, ...]
    """The literal runs between the stars."""
    anchored: bool
    """Whether the pattern ended in ``$``."""
    length: int
    """Octets of the normalised pattern: the longer match wins."""

    def matches(self, path: str) -> bool:
        """Whether the pattern matches ``path``, which came from :func:`subject`."""
        first, *rest = self.pieces
        if not path.startswith(first):
            return False
        if not rest:
            return not self.anchored or len(path) == len(first)
        position = len(first)
        *middle, last = rest
        for piece in middle:
            found = path.find(piece, position)
            if found < 0:
                return False
            position = found + len(piece)
        if self.anchored:
            return path.endswith(last) and len(path) - len(last) >= position
        return path.find(last, position) >= 0


@lru_cache(maxsize=65_536)
def compile_pattern(pattern: str) -> Pattern:
    """Compile a pattern as written; ``*`` and a trailing ``$`` are special, everything else is literal."""
    anchored = pattern.endswith("$")
    normal = normalise(pattern)
    body = normal[:-1] if anchored else normal
    pieces = tuple(piece.replace("$", "%24") for piece in re.split(r"\*+", body))
    return Pattern(pieces=pieces, anchored=anchored, length=len(normal))
