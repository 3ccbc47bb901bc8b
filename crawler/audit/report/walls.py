"""Walls: what stood before content and was left standing, in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_STATUS = {
    "401": "the answer asks for credentials (401)",
    "402": "the answer asks for payment (402)",
    "403": "the answer refuses us (403)",
    "407": "a proxy asks for credentials (407)",
    "451": "withheld for legal reasons (451)",
}
_CHALLENGE = "a captcha or other challenge stands before it"
_HTTP = {
    "title": _CHALLENGE,
    "challenge": _CHALLENGE,
    "cf-mitigated": _CHALLENGE,
    "x-amzn-waf-action": _CHALLENGE,
    "x-vercel-mitigated": _CHALLENGE,
    "crawler-error": "a header refuses crawlers",
    "crawler-charged": "a header bills us for it",
    "crawler-price": "a header asks crawlers for a price",
}
_INDEX = re.compile(r"\[\d+\]\Z")

SIGNALS = ("http-status", "paywall")
"""The signals that meet walls."""


def wall_of(ground: Mapping[str, Any]) -> str | None:
    """What kind of wall a statement of a reservation tells of, in words of ours; None: it tells of none.

    ``ground``: as the ledger writes it. The locators are those of :mod:`crawler.optout.signals.http_status`
    and :mod:`crawler.optout.signals.paywall`.
    """
    locator = str(ground["locator"])
    if ground["signal"] == "paywall":
        return "a login page stands before it" if locator == "login page" else "the page says that it is sold"
    if ground["signal"] != "http-status":
        return None
    if locator == "status":
        return _STATUS.get(str(ground["excerpt"])[:3], "the answer refuses us (another status)")
    return _HTTP.get(_INDEX.sub("", locator), "the answer refuses us (in another way)")
