"""What pages say of images is told to the frontier until it has it, and in full."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.corpus.corpus import Corpus
from crawler.frontier.contract import Entry, Offer, State
from crawler.inheritance import Inheritance
from crawler.optout import Gate, Policy
from crawler.optout.grammar.links import ImageLink, Outlinks
from crawler.optout.model import (
    Basis,
    Capture,
    Carrier,
    Context,
    Kind,
    Preference,
    Purpose,
    Statement,
    quote,
)
from crawler.scope import Scope
from crawler.spiders.leads import Leads
from tests.corpora import opened

PAGE = "https://h.example/"
IMAGE = "https://h.example/i.png"
LINKS = Outlinks(pages=("https://h.example/link",), images=(ImageLink(IMAGE, "", ""),))
AGAINST = Statement(
    signal="tdmrep",
    purpose=Purpose.TDM,
    preference=Preference.DISALLOW,
    basis=Basis.STATED,
    evidence=quote(
        Capture(url=PAGE, status=200, at=datetime(2026, 11, 22, tzinfo=UTC)), Carrier.HEADER, "tdm", "1"
    ),
    kind=Kind.IMAGE,
)
ENTRY = Entry(
    id=1, url=PAGE, kind=Kind.TEXT, domain="h.example", host="h.example", depth=0, via=(), inherited=(),
    hops=(), alt=None, caption=None, work=None, tries=0, seed=True, link_only=False, kept=False,
    state=State.LEASED,
    outcome=None,
)  # fmt: skip


@pytest.fixture
def leads(tmp_path: Path) -> Leads:
    corpus: Corpus = opened(tmp_path)
    gate = Gate(Policy(), Context(agents=("mybot",)))
    return Leads(gate, Scope("any", [PAGE]), frozenset({Kind.TEXT, Kind.IMAGE}), corpus.store)


def found(leads: Leads, *said: Statement) -> tuple[Offer, ...]:
    return leads.of_page(ENTRY, LINKS, said, follow=True)[0]


def test_what_the_frontier_was_not_given_is_told_again(leads: Leads) -> None:
    """A visit may be given up after its links were found, where a limit is reached, say."""
    first, second = found(leads, AGAINST), found(leads, replace(AGAINST))
    assert [offer.inherited for offer in first] == [offer.inherited for offer in second] == [(AGAINST,)] * 2
    leads.told(second)
    assert [offer.inherited for offer in found(leads, AGAINST)] == [()]


def test_what_may_lead_to_another_decision_is_another_word(leads: Leads) -> None:
    """In the literal reading the narrower of two words counts, so both must be known."""
    leads.told(found(leads, AGAINST))
    on_the_page = replace(AGAINST, evidence=replace(AGAINST.evidence, carrier=Carrier.HTML))
    assert {offer.inherited for offer in found(leads, on_the_page)} == {(on_the_page,)}
    inheritance = Inheritance()
    inheritance.add([IMAGE], (AGAINST,))
    inheritance.add([IMAGE], (on_the_page, AGAINST))
    assert inheritance.of(IMAGE) == (AGAINST, on_the_page)
