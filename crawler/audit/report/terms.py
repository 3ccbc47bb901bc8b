"""What a reservation asks for: the terms that came with it, as its statement in the ledger names them.

One ground of a decision is one statement. It comes with terms when it sets conditions, or when it names where
they are: a TDM policy, an RSL licence, a price, a page or person in a picture's metadata, the words of a signed
manifest. A reservation that only says no comes with none. Nothing is judged here: a policy may turn out to
offer nothing, and a licence document may refuse every use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawler.audit.report.contacts import LICENSOR, Contact

POLICY, RSL, PRICE, PICTURE, MANIFEST, ACQUIRE, OTHER = (
    "tdm-policy",
    "rsl",
    "price",
    "picture",
    "manifest",
    "acquire-page",
    "conditions",
)
"""Kinds of terms."""

WORDS: Mapping[str, str] = {
    POLICY: "TDM policy",
    RSL: "RSL licence",
    PRICE: "price, or licence asked for by the server",
    PICTURE: "terms inside the picture",
    MANIFEST: "terms in a signed manifest",
    ACQUIRE: "page on which licences are sold",
    OTHER: "conditions",
}
"""What each kind is called."""

LONGEST = 300
"""Characters of strangers' words that are shown of one thing; addresses are up to 2,083 long."""

_KINDS = {"tdmrep": POLICY, "rsl": RSL, "http-status": PRICE, "iptc": PICTURE, "c2pa": MANIFEST}
_WEB = re.compile(r"https?://\S+\Z", re.I)
_PRICED = re.compile(r"(?P<url>\S+) \((?P<price>.*)\)\Z", re.S)
_LICENSOR = re.compile(r"(?:(?P<base>.*?) \(licensor: (?P<who>.*)\)|licensor: (?P<alone>.*))\Z", re.S)
_URL = 2083


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """The terms of one statement."""

    kind: str
    """One of :data:`WORDS`."""
    reference: str
    """The address of the terms; of what has none, their words; empty: only a price is named."""
    prices: tuple[str, ...] = ()
    """What is asked, as written."""
    person: Contact | None = None
    """Who is named beside them as the one to ask."""


def is_address(text: str) -> bool:
    """Whether terms are an address on the web and not words."""
    return _WEB.match(text) is not None


def offers_of(ground: Mapping[str, Any]) -> tuple[Offer, ...]:
    """The terms that one ground of a decision came with; none for a plain reservation.

    ``ground`` is a row as :func:`crawler.optout.codec.statement_to_dict` writes it.
    """
    terms = ground["terms"] or ""
    kind = _KINDS.get(ground["signal"], OTHER)
    if not terms:
        refers = kind == PICTURE and "-SEE" in ground["excerpt"].upper()
        if ground["preference"] != "conditional" and not refers:
            return ()
        return (Offer(kind=kind, reference=_short(ground["excerpt"])),)
    if kind == PRICE:
        return _priced(terms)
    if kind == RSL:
        return (_licence(terms, ground["excerpt"]),)
    if kind == PICTURE:
        return (_pictured(terms, ground),)
    return (Offer(kind=kind, reference=_short(terms)),)


def _priced(terms: str) -> tuple[Offer, ...]:
    """Prices and addresses, as :mod:`crawler.optout.signals.http_status` puts them side by side."""
    parts = [part.strip() for part in terms.split("; ") if part.strip()]
    prices = tuple(_short(part) for part in parts if not is_address(part))
    references = [_short(part) for part in parts if is_address(part)] or [""]
    return tuple(Offer(kind=PRICE, reference=reference, prices=prices) for reference in references)


def _licence(terms: str, excerpt: str) -> Offer:
    """The document and what it asks, as :mod:`crawler.optout.signals.rsl` puts them side by side."""
    if found := _PRICED.match(terms):
        return Offer(kind=RSL, reference=_short(found["url"]), prices=(_short(found["price"]),))
    if is_address(terms):
        return Offer(kind=RSL, reference=_short(terms))
    return Offer(kind=RSL, reference="", prices=(_short(terms),))


def _pictured(terms: str, ground: Mapping[str, Any]) -> Offer:
    """Words or address, and the licensor, as :mod:`crawler.optout.signals.iptc` puts them side by side."""
    found = _LICENSOR.match(terms)
    if found is None:
        return Offer(kind=PICTURE, reference=_short(terms))
    names: list[str] = []
    addresses: list[str] = []
    for part in (found["who"] or found["alone"] or "").split(", "):
        (addresses if is_address(part) or ("@" in part and " " not in part) else names).append(part)
    base = found["base"] or ""
    if is_address(base) and not any(map(is_address, addresses)):
        addresses.append(base)
    person = Contact(
        kind=LICENSOR,
        name=_short(", ".join(names)),
        # Mail first, so that the same person is told in the same way whatever stood where.
        addresses=tuple(sorted(map(_short, addresses), key=is_address)),
        words="",
        source=ground["source"],
        at=ground["at"],
    )
    return Offer(kind=PICTURE, reference=_short(base), person=person if addresses or names else None)


def _short(text: str) -> str:
    """Words on one line, and of a length to be quoted."""
    words = " ".join(text[: _URL * 2].split())
    most = _URL if is_address(words) else LONGEST
    return words if len(words) <= most else words[: most - 1] + "…"
