"""The training-and-data-mining assertion of C2PA and CAWG: what may be done with the file.

CAWG Training and Data Mining Assertion 1.1 (https://cawg.io/training-and-data-mining/1.1/), label
``cawg.training-mining``; before it C2PA 1.4 §19.23, label ``c2pa.training-mining``::

    { "entries": { "cawg.ai_training": { "use": "allowed" / "notAllowed" / "constrained",
                                         ? "constraint_info": text }, ... } }

Version 1.0 left ``entries`` out of its schema, so that the keys may stand by themselves; its prose also calls
the last member ``constraints_info``. A constraint without a word more is a prohibition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from crawler.optout.model import EXCERPT_LIMIT, Basis, Preference, Purpose

PURPOSES = {
    "data_mining": Purpose.TDM,
    "ai_inference": Purpose.AI_INPUT,
    "ai_training": Purpose.AI_TRAIN,
    "ai_generative_training": Purpose.GEN_AI_TRAIN,
}
"""What each key is about, without its prefix."""

MOST = 1_000
"""Entries of one assertion that are read."""

_PREFERENCES = {
    "allowed": Preference.ALLOW,
    "notallowed": Preference.DISALLOW,
    "constrained": Preference.CONDITIONAL,
}
_SPELLINGS = frozenset({"allowed", "notAllowed", "constrained"})
_FAMILIES = ("c2pa.", "cawg.")


class Use(NamedTuple):
    """What one entry says."""

    purpose: Purpose
    """About what."""
    preference: Preference
    """What."""
    basis: Basis
    """How directly."""
    words: str
    """The entry as it was read: ``cawg.ai_training: notAllowed``."""
    terms: str | None = None
    """The constraint, in the creator's words."""


def uses_of(label: str, data: str) -> list[Use]:
    """What an assertion of this ``label`` says. Never raises.

    ``data``: its content as JSON; empty: it could not be read. Content that cannot be understood prohibits:
    whoever writes such an assertion means to.
    """
    try:
        content = json.loads(data) if data else None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        return [_unclear(label, data)]
    wrapped = content.get("entries")
    if "entries" in content and not isinstance(wrapped, dict):
        return [_unclear(label, data)]
    entries = list(_entries(wrapped, content))
    uses = [use for key, value in islice(entries, MOST) for use in _uses(key, value)]
    if len(entries) > MOST or not (entries or wrapped == {} or set(content) <= {"metadata"}):
        uses.append(_unclear(label, data))
    exact = isinstance(wrapped, dict) and label.partition("__")[0] in (
        f"{one}training-mining" for one in _FAMILIES
    )
    return [use for use in uses if use.preference is not Preference.ALLOW] + _allowed(uses, exact=exact)


def _entries(wrapped: Any, content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The entries in their wrapper, and those beside it."""
    if isinstance(wrapped, dict):
        yield from wrapped.items()
    for key, value in content.items():
        if _suffix(key) in PURPOSES or (isinstance(value, dict) and "use" in value):
            yield key, value


def _suffix(key: str) -> str:
    """What follows the first dot: ``cawg.ai_training`` and ``c2pa.ai_training`` are one key."""
    head, dot, tail = key.partition(".")
    return (tail if dot else head).strip().lower()


def _uses(key: str, value: Any) -> Iterator[Use]:
    said = value.get("use") if isinstance(value, dict) else value
    purpose = PURPOSES.get(_suffix(key))
    text = said if isinstance(said, str) else ""
    preference = _PREFERENCES.get("".join(filter(str.isalpha, text.lower())))
    words = f"{key}: {text or json.dumps(value)}"[:EXCERPT_LIMIT]
    terms = _terms(value) if isinstance(value, dict) else None
    basis = Basis.STATED if text in _SPELLINGS and key.startswith(_FAMILIES) else Basis.RECOVERED
    if purpose is not None:
        yield Use(purpose, preference or Preference.DISALLOW, basis, words, terms)
    elif said is not None and preference is not Preference.ALLOW:
        # A use of the creator's own naming is kept from us; nobody can tell that it is not ours.
        yield Use(Purpose.TDM, preference or Preference.DISALLOW, Basis.INFERRED, words, terms)


def _terms(value: dict[str, Any]) -> str | None:
    for name in ("constraint_info", "constraints_info"):
        text = value.get(name)
        if isinstance(text, str) and text.strip():
            return text.strip()[:EXCERPT_LIMIT]
    return None


def _allowed(uses: list[Use], *, exact: bool) -> list[Use]:
    """The permissions, none of them wider than what was said.

    Our ``tdm`` and ``ai-train`` contain what their keys do not: only all four keys together permit the one,
    only both keys on training the other.
    """
    permitted: dict[Purpose, Use] = {}
    for use in uses:
        if use.preference is Preference.ALLOW:
            permitted.setdefault(use.purpose, use)
    if not set(PURPOSES.values()) <= set(permitted):
        permitted.pop(Purpose.TDM, None)
    if Purpose.GEN_AI_TRAIN not in permitted:
        permitted.pop(Purpose.AI_TRAIN, None)
    if not exact or any(use.basis is not Basis.STATED for use in uses):
        return [use._replace(basis=Basis.RECOVERED) for use in permitted.values()]
    return list(permitted.values())


def _unclear(label: str, data: str) -> Use:
    words = f"{label[:200]}: {data}"[:EXCERPT_LIMIT]
    return Use(Purpose.TDM, Preference.DISALLOW, Basis.RECOVERED, words)
