"""Where a redirect leads: the same for a crawl and for a single question."""

from __future__ import annotations

from crawler.captures import now
from crawler.middlewares import OptOutMiddleware
from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import Carrier, Decision, Malformed, Preference, Statement
from crawler.passage import Moved

MAX_HOPS = 10
"""Redirects from one URL; a longer chain is left."""


def target_of(moved: Moved, middleware: OptOutMiddleware) -> str | Decision:
    """The URL to ask next, or the decision that ends the way here."""
    gate = middleware.gate
    if len(moved.hops) > MAX_HOPS:
        return gate.skip(moved.decision, "redirects", f"more than {MAX_HOPS} redirects", now())
    try:
        target = normalise_url(moved.target)
    except Malformed as error:
        return gate.skip(moved.decision, "address", f"redirected to {moved.target[:200]}: {error}", now())
    if any(target == hop.url for hop in moved.hops):
        return gate.skip(moved.decision, "redirects", f"round in a circle, back to {target}", now())
    reason = middleware.refuse(target)
    if reason is not None:
        return gate.skip(moved.decision, "address", f"redirected to {target}: {reason}", now())
    return target


def said_by(moved: Moved) -> tuple[Statement, ...]:
    """What the headers of the hops say against what they lead to."""
    return tuple(
        statement
        for statement in moved.decision.heard
        if statement.evidence.carrier is Carrier.HEADER and statement.preference is not Preference.ALLOW
    )
