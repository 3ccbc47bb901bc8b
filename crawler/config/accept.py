"""What may be accepted by name beside what licenses anyway: licences, signals that permit, weak carriers."""

from __future__ import annotations

import difflib

from crawler.optout.grammar.licences import FAMILIES, IDENTIFIERS
from crawler.optout.model import Malformed

SIGNALS = ("c2pa", "content-signal", "content-usage", "iptc", "rsl", "tdmrep")
"""The signals through which creators permit as well as reserve."""

CARRIERS = ("site", "xmp")
"""Carriers of licences that speak of a whole site, or that anybody could have written: the ``License:`` line of
a robots.txt, and XMP."""

NAMES = frozenset({*IDENTIFIERS, *FAMILIES, *SIGNALS, *CARRIERS})
"""Every name that can be accepted."""


def accepted(name: str) -> str:
    """A name that can be accepted, as it is spelled; raises ``Malformed`` with what it should be."""
    spelled = {known.lower(): known for known in NAMES}
    if name.lower() in spelled:
        return spelled[name.lower()]
    near = difflib.get_close_matches(name.lower(), spelled, n=1)
    hint = f"; did you mean {spelled[near[0]]}?" if near else ", such as CC-BY-ND-4.0, tdmrep or xmp"
    raise Malformed(f"the name of a licence or permission that can be accepted{hint}")
