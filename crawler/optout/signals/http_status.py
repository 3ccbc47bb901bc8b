"""The HTTP status, and the headers by which servers refuse or price a crawler.

RFC 9110 §15 (https://www.rfc-editor.org/rfc/rfc9110#section-15), RFC 7725 for 451, and the headers of pay per
crawl (https://developers.cloudflare.com/ai-crawl-control/features/pay-per-crawl/). A refusal concerns this URL.
It is recorded and never worked around: no credentials, no payment, no other identity, no challenge solved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

from crawler.optout.grammar.html import page
from crawler.optout.grammar.weblink import read_links
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

REFUSALS = {
    401: "credentials are asked for",
    402: "payment is asked for",
    403: "refused",
    407: "proxy credentials are asked for",
    451: "withheld for legal reasons",
}
"""The server has it and does not give it to this crawler."""

UNANSWERED = frozenset({408, 421, 425, 429})
"""4xx by number, but the server asks to be asked again."""

CONTENT = frozenset({200, 203})
"""The only statuses under which a body is what was asked for."""

NOT_MODIFIED = 304
"""What was said with the stored answer still stands; the caller reads that."""

GONE = frozenset({404, 410})
EMPTY = frozenset({204, 205})

MITIGATED = {
    "cf-mitigated": frozenset({"challenge"}),
    "x-amzn-waf-action": frozenset({"challenge", "captcha"}),
    "x-vercel-mitigated": frozenset({"challenge", "deny"}),
}
"""Headers by which a front end says that this is not the document."""

MOST_ANCHORS = 20
"""A page with more links than that is no interstitial."""

_TITLE = re.compile(
    r"\A\W*(?:just a moment|attention required|one moment, please|please wait|ddos-guard|client challenge"
    r"|robot check|checking your browser(?: before accessing.{0,200})?|pardon our interruption"
    r"|unusual traffic detected"
    r"|(?:verify|verifying|prove|confirm) (?:that )?you(?:'re|’re| are) (?:a )?(?:human|not a (?:ro)?bot)"
    r"|are you (?:a )?(?:(?:ro)?bot|human)|robot or human|(?:human|bot|security) verification|captcha"
    r"|making sure you(?:'|’)re not a bot|vercel security checkpoint|security check)\W*(?:[|–—-] .{0,200})?\Z",
    re.I,
)
"""Titles of challenge pages."""

_MARKS = tuple(
    (literal, re.compile(pattern, re.I))
    for literal, pattern in (
        (b"cf_chl", rb"_cf_chl_opt"),
        (b"cf-chl", rb"cf-chl-widget"),
        (b"l/chk_", rb"/cdn-cgi/l/chk_"),
        (b"captcha", rb"captcha-delivery\.com|px-captcha|/\.well-known/(?:sg)?captcha"),
        (b"challenge", rb"id=.?anubis_challenge|ddos-guard/js-challenge|/_sec/cp_challenge"),
        (b"within.website", rb"/\.within\.website/x/cmd/anubis"),
        (b"if-cpt", rb"sec-if-cpt-container"),
        (b"incapsula", rb"_incapsula_resource\?[^>]{0,400}incident_id"),
        (b"awswaf", rb"awswafcookiedomainlist"),
        (b"sorry/", rb"/sorry/index\?continue"),
    )
)
"""What challenge pages load, and ordinary pages do not; before each a text that is in it and quickly looked
for: one expression for all of them would cost more than the parse of a page."""

_MARKED = 262_144
"""Octets in which marks are looked for."""


def read_status(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """What the status says, and the headers that refuse, price or bill."""
    refused = list(_refusals(capture))
    yield from refused
    status = capture.status
    if status is None:
        yield _unclear(capture, "no answer", capture.failure or "nothing answered")
    elif status in REFUSALS:
        yield _refusal(capture, status)
    elif refused:
        return
    elif status in GONE:
        yield _left(capture, "gone", str(status))
    elif status in EMPTY:
        yield _left(capture, "status", f"{status}, no content")
    elif 400 <= status < 500 and status not in UNANSWERED:
        yield _left(capture, "status", str(status))
    elif status not in CONTENT and status != NOT_MODIFIED:
        yield _unclear(capture, "status", str(status))
    elif not capture.complete:
        yield _unclear(capture, "body", capture.failure or "cut short")


def read_html(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """A challenge page that came with an ordinary status."""
    document = capture.parsed(page)
    if len(document.anchors) > MOST_ANCHORS:
        return
    if _TITLE.search(document.title):
        yield _deny(capture, Carrier.HTML, "title", document.title)
    elif mark := _mark(capture.body):
        yield _deny(capture, Carrier.HTML, "challenge", mark[0][:80].decode("ascii", "replace"))


def _mark(body: bytes) -> re.Match[bytes] | None:
    """The first mark of a challenge page."""
    lowered = body[:_MARKED].lower()
    found = (pattern.search(body, 0, _MARKED) for literal, pattern in _MARKS if literal in lowered)
    return min(filter(None, found), key=re.Match.start, default=None)


def _refusals(capture: Capture) -> Iterator[Statement]:
    for name, words in MITIGATED.items():
        for index, value in enumerate(capture.values(name)):
            if value.lower() in words:
                yield _deny(capture, Carrier.STATUS, f"{name}[{index}]", value)
    for index, value in enumerate(capture.values("crawler-error")):
        yield _deny(capture, Carrier.STATUS, f"crawler-error[{index}]", value)
    # Whoever is billed has taken an offer that we never make.
    for index, value in enumerate(capture.values("crawler-charged")):
        yield _deny(capture, Carrier.STATUS, f"crawler-charged[{index}]", value)
    if capture.status != 402:
        for index, value in enumerate(capture.values("crawler-price")):
            yield _statement(
                capture, Preference.CONDITIONAL, Carrier.STATUS, f"crawler-price[{index}]", value, terms=value
            )


def _refusal(capture: Capture, status: int) -> Statement:
    challenges = capture.values("www-authenticate")
    licence = any(re.search(r"(?:\A|,)\s*license(?=\s|,|\Z)", value, re.I) for value in challenges)
    preference = Preference.CONDITIONAL if status == 402 or licence else Preference.DISALLOW
    words = [str(status), *(challenges if status == 401 else [REFUSALS[status]])]
    return _statement(
        capture, preference, Carrier.STATUS, "status", " ".join(words), terms=_terms(capture, status)
    )


def _terms(capture: Capture, status: int) -> str | None:
    """Price and licence as the server gives them; for 451 who demanded it."""
    terms = [*capture.values("crawler-price")]
    wanted = {"license", "blocked-by"} if status == 451 else {"license", "payment"}
    for line in capture.values("link"):
        terms += [_absolute(capture.url, link.target) for link in read_links(line) if link.rel & wanted]
    return "; ".join(terms)[:2048] or None


def _absolute(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:
        return target


def _deny(capture: Capture, carrier: Carrier, locator: str, words: str) -> Statement:
    return _statement(capture, Preference.DISALLOW, carrier, locator, words)


def _left(capture: Capture, locator: str, words: str) -> Statement:
    """Nothing there to collect: a reason of ours, not a reservation."""
    return _statement(capture, Preference.DISALLOW, Carrier.HOUSE, locator, words, purpose=Purpose.ANY)


def _unclear(capture: Capture, locator: str, words: str) -> Statement:
    return _statement(capture, Preference.UNREADABLE, Carrier.STATUS, locator, words, purpose=Purpose.ANY)


def _statement(
    capture: Capture,
    preference: Preference,
    carrier: Carrier,
    locator: str,
    words: str,
    *,
    purpose: Purpose = Purpose.CRAWL,
    terms: str | None = None,
) -> Statement:
    return Statement(
        signal="http-status",
        purpose=purpose,
        preference=preference,
        basis=Basis.STATED,
        evidence=quote(capture, carrier, locator, words),
        terms=terms,
    )


SIGNAL = Signal(
    name="http-status",
    title="HTTP status, payment and challenge headers",
    spec="https://www.rfc-editor.org/rfc/rfc9110#section-15",
    version="RFC 9110, RFC 7725, pay per crawl 2026-11-22",
    readers={Carrier.STATUS: read_status, Carrier.HTML: read_html},
    meanings=(
        ("401, 403, 407, 451", "refused; nothing is sent to change that"),
        ("402, crawler-price, WWW-Authenticate: License", "only on terms; they are recorded, never accepted"),
        ("crawler-error", "refused"),
        ("crawler-charged", "we were billed without asking: not kept"),
        ("cf-mitigated: challenge and its like, challenge pages", "refused; never solved"),
        ("404, 410, other 4xx, 204, 205", "nothing to collect"),
        (
            "408, 421, 425, 429, 5xx, no answer, a redirect not followed, 206, a body cut short",
            "could not tell",
        ),
    ),
)
