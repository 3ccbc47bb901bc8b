"""What the terms of one RSL content element say about each use, to a crawler that holds no licence.

RSL 1.0 (https://rslstandard.org/rsl): a use that any licence prohibits is prohibited. A licence with a
``permits`` of type usage is a closed list; without one it covers all that it does not prohibit. What is covered
is free unless the content asks for a token, is encrypted, has a price, or reports are asked for. One licence
that covers a use for free is enough.

A prohibition is recognised in any case, in the tokens of earlier drafts, and in unknown tokens that speak of
AI or mining; a permission only as spelled in the specification or, inexactly, in its earlier drafts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from crawler.optout.grammar.rsl import Content, Licence, Payment, Place, Rule
from crawler.optout.model import Operator, Preference, Purpose

_TRAIN = frozenset({Purpose.AI_TRAIN, Purpose.GEN_AI_TRAIN})
_AI = _TRAIN | {Purpose.AI_INPUT, Purpose.TDM}
_ALL = _AI | {Purpose.SEARCH, Purpose.CRAWL}

COVERS: Mapping[str, frozenset[Purpose]] = {
    "all": _ALL,
    "ai-all": _AI,
    "ai-train": _TRAIN,
    "ai-input": frozenset({Purpose.AI_INPUT}),
    "ai-index": frozenset({Purpose.AI_INPUT}),
    "search": frozenset({Purpose.SEARCH}),
}
"""The usage tokens of RSL 1.0 and what lies in each."""

LEGACY: Mapping[str, frozenset[Purpose]] = {
    "train-ai": _TRAIN,
    "tdm": _AI,
    "inference": frozenset({Purpose.AI_INPUT}),
}
"""The usage tokens of earlier drafts."""

USES = (
    Purpose.CRAWL,
    Purpose.TDM,
    Purpose.AI_TRAIN,
    Purpose.GEN_AI_TRAIN,
    Purpose.AI_INPUT,
    Purpose.SEARCH,
)
"""The purposes that are judged, broad before narrow."""

FREE = frozenset({"free", "attribution"})
"""The payment types that ask for nothing before use."""

EU = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)
"""ISO 3166-1 codes of the member states, for the geo token ``EU``."""

_ABOUT_AI = re.compile(r"ai|train|tdm|mine|all")
_NOTHING = re.compile(r"0+(?:\.0+)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What the terms say about one use."""

    purpose: Purpose
    """The use."""
    preference: Preference
    """Allowed, disallowed, or conditional."""
    exact: bool
    """Whether it was said as the specification spells it."""
    place: Place
    """The words it rests on."""
    price: str | None = None
    """What is asked in return, in words."""
    listed: bool = True
    """False: refused only because a closed list leaves it out, so another licence may offer it."""


def judge(content: Content, operator: Operator) -> Iterator[Verdict]:
    """One verdict for each use that the terms decide.

    Mining as such is only ever allowed as a whole: what is refused of it is refused use by use, so that a
    licence for one use is not lost in the refusal of another.
    """
    for use in USES:
        offers = [_offer(content, licence, use, operator) for licence in content.licences]
        verdict = min(offers, key=_rank, default=None)
        if verdict is not None and (use is not Purpose.TDM or verdict.preference is Preference.ALLOW):
            yield verdict


def _rank(verdict: Verdict) -> int:
    """A prohibition beats an offer, a free offer a priced one, and any offer beats being left out."""
    if verdict.preference is Preference.DISALLOW:
        return 0 if verdict.listed else 3
    return 1 if verdict.preference is Preference.ALLOW else 2


def _offer(content: Content, licence: Licence, use: Purpose, operator: Operator) -> Verdict:
    """What one licence says about one use."""
    for rule in licence.prohibits:
        if rule.type == "usage" and (exact := _prohibited(rule, use)) is not None:
            return _said(use, Preference.DISALLOW, rule.place, exact)
    listed = [rule for rule in licence.permits if rule.type == "usage"]
    place, exact = licence.place, True
    if listed:
        place = listed[0].place
        found = [(_permitted(rule, use), rule) for rule in listed]
        covering = [(spelled, rule.place) for spelled, rule in found if spelled is not None]
        if not covering:
            return replace(_said(use, Preference.DISALLOW, place, True), listed=False)
        exact, place = covering[0]
    for prohibits, rules in ((True, licence.prohibits), (False, licence.permits)):
        for rule in rules:
            if rule.type != "usage" and (refusal := _refused(rule, prohibits, operator)):
                return _said(use, refusal, rule.place, True)
    condition = _condition(content, licence)
    if condition is not None:
        return _said(use, Preference.CONDITIONAL, condition[0], True, condition[1])
    duty = "attribution" if any(payment.type == "attribution" for payment in licence.payments) else None
    return _said(use, Preference.ALLOW, place, exact, duty)


def _said(use: Purpose, preference: Preference, place: Place, exact: bool, price: str | None = None) -> Verdict:
    return Verdict(purpose=use, preference=preference, exact=exact, place=place, price=price)


def _prohibited(rule: Rule, use: Purpose) -> bool | None:
    """Whether a prohibition that covers ``use`` is spelled exactly; None: it does not cover it."""
    covering = []
    for token in rule.tokens:
        name = token.lower()
        known = COVERS.get(name) or LEGACY.get(name)
        if known is None:
            known = _ALL if _ABOUT_AI.search(name) else frozenset()
        if use in known:
            covering.append(rule.exact and token in COVERS)
    return any(covering) if covering else None


def _permitted(rule: Rule, use: Purpose) -> bool | None:
    """The same for a permission. Fetching comes with whatever is permitted."""
    covering = []
    for token in rule.tokens:
        known = COVERS.get(token) or LEGACY.get(token) or frozenset()
        if use in known or (use is Purpose.CRAWL and known):
            covering.append(rule.exact and token in COVERS)
    return any(covering) if covering else None


def _refused(rule: Rule, prohibits: bool, operator: Operator) -> Preference | None:
    """Whether a condition on who or where we are stands against us; undeclared counts against us."""
    if rule.type == "user":
        us: frozenset[str] | None = frozenset({"commercial" if operator.commercial else "non-commercial"})
        # Nobody declares to us whether the operator is a school, an authority or a private person.
        unknown = frozenset({"education", "government", "personal"})
    else:
        country = (operator.country or "").upper()
        us = frozenset({country, "EU"} if country in EU else {country}) if country else None
        unknown = frozenset()
    if not prohibits:
        return None if us is not None and us.intersection(rule.tokens) else Preference.CONDITIONAL
    named = {token.lower() if rule.type == "user" else token.upper() for token in rule.tokens}
    if us is not None and us & named:
        return Preference.DISALLOW
    return Preference.CONDITIONAL if named and (us is None or named & unknown) else None


def _condition(content: Content, licence: Licence) -> tuple[Place, str | None] | None:
    """What must be done before a covered use, and where that is written; None: nothing."""
    for payment in licence.payments:
        if _priced(payment):
            return payment.place, _price(payment)
    if content.server is not None:
        return content.place, f"token from {content.server[:200]}"
    if content.encrypted:
        return content.place, "encrypted"
    if licence.reporting:
        return licence.reporting[0], "reporting"
    return None


def _priced(payment: Payment) -> bool:
    if payment.amount is not None and not _NOTHING.fullmatch(payment.amount):
        return True
    return bool(payment.asks) if payment.type is None else payment.type not in FREE


def _price(payment: Payment) -> str | None:
    amount = " ".join(filter(None, (payment.currency, payment.amount)))
    if amount and payment.type:
        return f"{amount} per {payment.type[:40]}"
    return amount or (payment.type[:40] if payment.type else None)
