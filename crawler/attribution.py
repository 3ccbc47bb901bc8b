"""How a kept item is credited: title, creator, source, licence, in one line that can stand beside it.

In the order that Creative Commons recommends
(https://wiki.creativecommons.org/wiki/Recommended_practices_for_attribution), as much of it as is known::

    "Title" by Creator, https://example.org/work, CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/),
    share alike
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from crawler.optout.grammar.licences import is_share_alike, licence_of, title_of
from crawler.optout.model import Basis, Decision, Preference, Statement

SIGNAL = "licence"
"""The signal through which licences are heard."""

MOST_CREATORS = 5
LONGEST_TITLE = 300
LONGEST_NAME = 150

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SPACE = re.compile(r"\s+")


class Credit(NamedTuple):
    """What an item says of its origin."""

    licence: str | None
    """What licenses it, or the one open licence that is named for it, accepted or not."""
    attribution: str | None
    """The line; None where neither a licence nor a notice is known."""


def credit(
    decision: Decision, *, title: str | None = None, creators: Iterable[str] = (), notice: str = ""
) -> Credit:
    """How what was decided about is credited.

    ``title``, ``creators`` and ``notice`` (of copyright) are its own; what whoever licenses it says of title
    and creator comes first.
    """
    grounds = _named(decision)
    if not grounds:
        return Credit(decision.licence, plain(notice, LONGEST_TITLE) or None)
    terms = next((ground.terms for ground in grounds if ground.terms), None)
    licence = decision.licence or (licence_of(terms) if terms else None)
    said = next((said for ground in grounds if (said := _said(ground))), {})
    names = [plain(name, LONGEST_NAME) for name in said.get("creator") or [*creators]]
    names = [name for name in dict.fromkeys(names) if name][:MOST_CREATORS]
    title = plain("".join(said.get("name", ())) or title or "", LONGEST_TITLE)
    work = " by ".join(part for part in (f'"{title}"' if title else "", ", ".join(names)) if part)
    if not title and names:
        work = f"by {work}"
    under = [title_of(licence)] if licence else []
    if terms:
        under.append(f"({plain(terms, LONGEST_TITLE)})")
    parts = [work, decision.asset.url, " ".join(under), "share alike" if is_share_alike(licence or "") else ""]
    return Credit(licence, ", ".join(part for part in parts if part))


def plain(text: str, longest: int) -> str:
    """``text`` on one line, without control characters and those that turn the direction of writing."""
    line = _SPACE.sub(" ", text[: 4 * longest])
    return "".join(char for char in line if unicodedata.category(char) not in _INVISIBLE).strip()[:longest]


def _named(decision: Decision) -> tuple[Statement, ...]:
    """The statements that license; without any, those of the only licence that is plainly named."""
    if decision.licence is not None:
        return decision.grounds
    named = tuple(
        statement
        for statement in decision.heard
        if statement.signal == SIGNAL
        and statement.preference is Preference.ALLOW
        and statement.basis is Basis.STATED
        and statement.kind in (None, decision.asset.kind)
        and statement.terms
    )
    licences = {licence_of(statement.terms or "") for statement in named}
    return named if len(licences) == 1 and None not in licences else ()


def _said(ground: Statement) -> dict[str, list[str]]:
    """What a node of structured data said beside its licence; nothing where the licence stood alone."""
    if not ground.evidence.excerpt.startswith("{"):
        return {}
    try:
        said = json.loads(ground.evidence.excerpt)
    except ValueError:
        return {}
    texts = {}
    for key in ("name", "creator"):
        value = said.get(key)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            texts[key] = value
    return texts
