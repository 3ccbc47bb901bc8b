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
from crawler.optout.grammar.linked_data import Work
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

    ``title``, ``creators`` and ``notice`` (of copyright): in the words of who licenses it, or its own.
    """
    grounds = _named(decision)
    if not grounds:
        return Credit(decision.licence, plain(notice, LONGEST_TITLE) or None)
    terms = next((ground.terms for ground in grounds if ground.terms), None)
    licence = decision.licence or (licence_of(terms) if terms else None)
    names = [plain(name, LONGEST_NAME) for name in creators]
    names = [name for name in dict.fromkeys(names) if name][:MOST_CREATORS]
    title = plain(title or "", LONGEST_TITLE)
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


def work_to_text(work: Work) -> str:
    """What an image is called and by whom it is, as it travels with the image."""
    return json.dumps([work.title, *work.creators], ensure_ascii=False)


def work_of(text: str | None) -> Work:
    """The inverse of :func:`work_to_text`; nothing where nothing is known."""
    title, *creators = json.loads(text) if text else [""]
    return Work(title, tuple(creators))
