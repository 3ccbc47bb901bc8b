"""Starts one crawl after the other with settings that weaken the gate, and prints what became of each.

The arguments: a JSON list of cases, the port of a loopback web, the ``OPTOUT_RESOLVE`` entry that leads there.
Case number N asks ``case-N.example``. A case has ``settings`` (name → value) and the ``place`` where they are
set: ``project``, ``spider``, ``cmdline``, ``earlier`` or ``later`` (by an add-on, with the priority ``with``).
``attributes`` are the spider's own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import scrapy
from scrapy.crawler import CrawlerRunner
from scrapy.settings import BaseSettings, Settings
from scrapy.utils.defer import deferred_f_from_coro_f, maybe_deferred_to_future
from scrapy.utils.reactor import install_reactor

install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")


class Meddler:
    """An add-on that sets what it is told."""

    told: ClassVar[dict[str, Any]] = {}
    priority: ClassVar[int | str] = "project"

    def update_settings(self, settings: BaseSettings) -> None:
        for name, value in self.told.items():
            settings.set(name, value, priority=self.priority)


async def attempt(case: dict[str, Any], url: str) -> dict[str, Any]:
    settings = Settings()
    settings.setmodule("ordinary.settings")
    settings.set("ITEM_PIPELINES", {})
    settings.set("LOG_ENABLED", False)
    settings.set("OPTOUT_RESOLVE", [sys.argv[3]])
    own: dict[str, Any] = {}
    place = case["place"]
    if place == "project":
        settings.setdict(case["settings"], priority="project")
    elif place == "spider":
        own = case["settings"]
    elif place == "cmdline":
        settings.setdict(case["settings"], priority="cmdline")
    else:
        Meddler.told, Meddler.priority = case["settings"], case["with"]
        settings.set("ADDONS", {"crawler.addon.OptOutAddon": 500, Meddler: 100 if place == "earlier" else 900})

    class Once(scrapy.Spider):
        name = "once"
        custom_settings = own
        vars().update(case.get("attributes", {}))

        async def start(self) -> AsyncIterator[Any]:
            yield scrapy.Request(url, callback=lambda response: None, errback=lambda failure: None)

    runner = CrawlerRunner(settings)
    crawler = runner.create_crawler(Once)
    reasons: list[str] = []
    crawler.signals.connect(
        lambda reason: reasons.append(reason), signal=scrapy.signals.spider_closed, weak=False
    )
    error = None
    try:
        await maybe_deferred_to_future(runner.crawl(crawler))
    except Exception as caught:
        error = f"{type(caught).__name__}: {caught}"
    final = {name: crawler.settings.get(name) for name in case["settings"]}
    return {"error": error, "closed": reasons, "final": json.loads(json.dumps(final, default=str))}


async def main(cases: list[dict[str, Any]]) -> None:
    for number, case in enumerate(cases):
        result = await attempt(case, f"http://case-{number}.example:{sys.argv[2]}/")
        sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    from twisted.internet.task import react

    react(deferred_f_from_coro_f(lambda _: main(json.loads(sys.argv[1]))), ())
