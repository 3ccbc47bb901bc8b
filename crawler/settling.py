"""Asks a stage of the gate until it needs no more documents, and fetches those it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from crawler.corpus.evidence import LICENCE, MANIFEST
from crawler.isolation.pool import Isolation
from crawler.optout import Gate
from crawler.optout.gate import DOCUMENTS, to_fetch
from crawler.optout.grammar.c2pa import may_hold
from crawler.optout.grammar.feed import feed_of
from crawler.optout.model import Asset, Capture, Decision, Kind, Statement
from crawler.passage import Passage
from crawler.sitefiles import SiteFiles

Ask = Callable[[Mapping[str, Capture]], Decision]


class Settling:
    """What the gate names, the crawl fetches; what is fetched is parsed where it can harm nobody."""

    def __init__(self, gate: Gate, files: SiteFiles, isolation: Isolation) -> None:
        self._gate = gate
        self._files = files
        self._isolation = isolation

    async def settle(self, passage: Passage, ask: Ask) -> Decision:
        """Ask one stage, fetch the documents it needs, and ask again until it needs no more."""
        documents: dict[str, Capture] = {}
        decision = ask(documents)
        while wanted := to_fetch(decision, documents):
            documents |= await self._fetched(passage, wanted)
            decision = ask(documents)
        return decision

    async def mentions(self, passage: Passage, feed: Capture) -> dict[str, tuple[Statement, ...]]:
        """What a feed says about the pages it links to, with the documents it names for them.

        A document that is not fetched, because there are too many, leaves its pages undetermined.
        """
        assets = [Asset(url=url, kind=Kind.TEXT) for url in feed.parsed(feed_of).links]
        heard = {asset.url: self._gate.mentions(feed, asset) for asset in assets}
        wanted = list(dict.fromkeys(url for _, needs in heard.values() for url in needs))
        if wanted:
            why = f"more than {DOCUMENTS} documents"
            documents = {url: Capture(url=url, status=None, at=feed.at, failure=why) for url in wanted}
            documents |= await self._fetched(passage, wanted[:DOCUMENTS])
            heard = {asset.url: self._gate.mentions(feed, asset, documents=documents) for asset in assets}
        return {url: said for url, (said, _) in heard.items() if said}

    async def _fetched(self, passage: Passage, urls: Iterable[str]) -> dict[str, Capture]:
        fetched = await self._files.documents(urls)
        for capture in fetched.values():
            await self._isolation.read(capture)
        passage.readings += (
            (capture, MANIFEST if may_hold(capture) else LICENCE) for capture in fetched.values()
        )
        return fetched
