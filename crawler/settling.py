"""Asks a stage of the gate until it needs no more documents, and fetches those it names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from crawler.aside import aside
from crawler.corpus.evidence import LICENCE, MANIFEST
from crawler.isolation.pool import Isolation
from crawler.optout import Gate
from crawler.optout.gate import DOCUMENTS, to_fetch
from crawler.optout.grammar.c2pa import may_hold
from crawler.optout.grammar.feed import feed_of
from crawler.optout.model import Asset, Capture, Decision, Kind, Statement
from crawler.passage import Passage
from crawler.sitefiles import SiteFiles

FEW = 20
"""Items of a feed that are asked about on the event loop."""

Ask = Callable[[Mapping[str, Capture]], Awaitable[Decision]]
"""Asks one stage of the gate with the documents that are there."""


def sync(ask: Callable[[Mapping[str, Capture]], Decision]) -> Ask:
    """A question that is answered at once, for :meth:`Settling.settle`."""

    async def asked(documents: Mapping[str, Capture]) -> Decision:
        return ask(documents)

    return asked


class Settling:
    """What the gate names, the crawl fetches; what is fetched is parsed where it can harm nobody."""

    def __init__(self, gate: Gate, files: SiteFiles, isolation: Isolation) -> None:
        self._gate = gate
        self._files = files
        self._isolation = isolation

    async def settle(self, passage: Passage, ask: Ask) -> Decision:
        """Ask one stage, fetch the documents it needs, and ask again until it needs no more."""
        documents: dict[str, Capture] = {}
        decision = await ask(documents)
        while wanted := to_fetch(decision, documents):
            documents |= await self._fetched(passage, wanted)
            decision = await ask(documents)
        return decision

    async def mentions(self, passage: Passage, feed: Capture) -> dict[str, tuple[Statement, ...]]:
        """What a feed says about the pages it links to, with the documents it names for them.

        A document that is not fetched, because there are too many, leaves its pages undetermined.
        """
        assets = [Asset(url=url, kind=Kind.TEXT) for url in feed.parsed(feed_of).links]

        def hear(documents: Mapping[str, Capture] | None) -> dict[str, tuple[Any, tuple[str, ...]]]:
            return {asset.url: self._gate.mentions(feed, asset, documents=documents) for asset in assets}

        heard = await aside(hear, None) if len(assets) > FEW else hear(None)
        wanted = list(dict.fromkeys(url for _, needs in heard.values() for url in needs))
        if wanted:
            why = f"more than {DOCUMENTS} documents"
            documents = {url: Capture(url=url, status=None, at=feed.at, failure=why) for url in wanted}
            documents |= await self._fetched(passage, wanted[:DOCUMENTS])
            heard = await aside(hear, documents)
        return {url: said for url, (said, _) in heard.items() if said}

    async def _fetched(self, passage: Passage, urls: Iterable[str]) -> dict[str, Capture]:
        fetched = await self._files.documents(urls)
        for capture in fetched.values():
            await self._isolation.read(capture)
        passage.readings += (
            (capture, MANIFEST if may_hold(capture) else LICENCE) for capture in fetched.values()
        )
        return fetched
