"""Every reason of ours to leave something is told in words."""

from __future__ import annotations

import re
from pathlib import Path

import crawler
from crawler.audit.wording import HOUSE, reason

WRITTEN = re.compile(
    r"""\bskip\([\w.\s]+(?:\sor\s\w+)?,\s*"([a-z-]+)"   # at the gate
    |\bTrapped\("([a-z-]+)"                             # where a host has no end
    |\breturn\s"([a-z-]+)",\s                           # in a house rule
    |\("([a-z-]+)",\sopens\.isoformat                   # in the house rule of the pace
    """,
    re.VERBOSE,
)
"""Where sources write a reason down."""


def test_every_reason_that_a_source_names_has_words() -> None:
    folder = Path(crawler.__file__).parent
    sources = (*folder.glob("*.py"), *(folder / "spiders").glob("*.py"))
    found = {
        next(filter(None, named.groups()))
        for source in sources
        for named in WRITTEN.finditer(source.read_text("utf-8"))
    }
    assert {"address", "budget", "calendar", "crawl-delay", "depth", "refusals", "size", "visit-time"} <= found
    assert sorted(found - HOUSE.keys()) == []
    assert all(reason(one) == HOUSE[one] for one in HOUSE)
