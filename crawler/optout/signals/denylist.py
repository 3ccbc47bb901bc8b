"""Local denylists: hosts, URL prefixes and digests that this operator never collects.

Removal requests and registries' extracts go in here. They are house rules: they deny, whatever the creator's
own signals or licences say, and they cost no one a reservation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Malformed,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)


def read_house(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The entries of the operator's lists that cover this asset."""
    denied = context.denylist
    host = (urlsplit(asset.url).hostname or "").lower().rstrip(".")
    names = [host, "." + host]
    names += ["." + host.split(".", level)[-1] for level in range(1, host.count(".") + 1)]
    for name in names:
        if name in denied.hosts:
            yield _deny(capture, "host", name)
    forms = {asset.url, _normal(asset.url)} if denied.prefixes else ()
    for prefix in denied.prefixes:
        if any(url.startswith(prefix) for url in forms):
            yield _deny(capture, "prefix", prefix)
    if denied.sha256 and capture.body:
        digest = hashlib.sha256(capture.body).hexdigest()
        if digest in denied.sha256:
            yield _deny(capture, "sha256", digest)


def _normal(url: str) -> str:
    """In the form of the prefixes; other people's spiders ask for URLs in any."""
    try:
        return normalise_url(url)
    except Malformed:
        return url


def _deny(capture: Capture, locator: str, entry: str) -> Statement:
    return Statement(
        signal="denylist",
        purpose=Purpose.ANY,
        preference=Preference.DISALLOW,
        basis=Basis.STATED,
        evidence=quote(capture, Carrier.HOUSE, locator, entry),
    )


SIGNAL = Signal(
    name="denylist",
    title="Local denylists",
    spec="https://www.rfc-editor.org/rfc/rfc3986",
    version="1",
    readers={Carrier.HOUSE: read_house},
    meanings=(
        ("a host, or a domain with a leading dot", "nothing of it is fetched"),
        ("a URL prefix", "nothing under it is fetched"),
        ("a SHA-256 digest", "these bytes are not kept"),
    ),
)
