"""Second documents: where a response names one, and whether the answer for it can be told.

RFC 3986 (https://www.rfc-editor.org/rfc/rfc3986) §5 for references, RFC 8288
(https://www.rfc-editor.org/rfc/rfc8288) §3.2 for what a link is about.
"""

from __future__ import annotations

from urllib.parse import urljoin

from crawler.optout.model import Capture

UNANSWERED = frozenset({408, 421, 425, 429})
"""4xx by number, but a host that asks us to come back has not answered."""


def trouble_of(answer: Capture) -> str | None:
    """Why nobody can tell what the document says; None when somebody can, be it that there is none."""
    status = answer.status
    if status is None or not answer.complete:
        return answer.failure or ("no answer" if status is None else "cut short")
    challenged = any(value.lower() == "challenge" for value in answer.values("cf-mitigated"))
    if challenged or status in UNANSWERED or not (200 <= status < 300 or 400 <= status < 500):
        return "challenge" if challenged else f"status {status}"
    return None


def is_about(anchor: str | None, source: str) -> bool:
    """Whether a link with this ``anchor`` is about the response at ``source`` that carries it."""
    if anchor is None:
        return True
    target = joined(source, anchor).partition("#")[0]
    return target == source.partition("#")[0]


def joined(base: str, reference: str) -> str:
    """``reference`` made absolute; ``base`` where it cannot be."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return base
