"""Crawls one URL while the system's resolver says that every name is on this machine, and prints what came.

Arguments: how the crawl is started (``process``, ``async-process`` or ``runner``), the URL, and as JSON the
settings of the project and those of the spider. With ``two`` in place of ``process``, a second spider with the
project's settings alone starts first.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any


def answer(host: str, port: int, *more: Any) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


# Names are outside of what is tested here: whoever runs a zone can point it anywhere.
socket.getaddrinfo = answer
socket.gethostbyname = lambda name: "127.0.0.1"

import scrapy  # noqa: E402 - the reactor takes the functions as they are when it is imported
from scrapy.crawler import AsyncCrawlerProcess, CrawlerProcess, CrawlerRunner  # noqa: E402
from scrapy.settings import Settings  # noqa: E402
from scrapy.utils.reactor import install_reactor  # noqa: E402
from twisted.python.failure import Failure  # noqa: E402

HOW, URL, PROJECT, OWN = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.argv[4])

settings = Settings({"USER_AGENT": "ordinary-bot/1.0", "LOG_ENABLED": False, **PROJECT})


def say(**row: Any) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


class Plain(scrapy.Spider):
    name = "plain"

    async def start(self) -> AsyncIterator[Any]:
        yield scrapy.Request(URL, callback=self.came, errback=self.failed)

    def came(self, response: Any) -> None:
        say(came=response.url)

    def failed(self, failure: Failure) -> None:
        decision = getattr(failure.value, "decision", None)
        grounds = decision.grounds if decision else ()
        say(failed=type(failure.value).__name__, words=[ground.evidence.excerpt for ground in grounds])


class Own(Plain):
    name = "own"
    custom_settings = OWN


def refused(failure: Failure) -> None:
    say(refused=str(failure.value))


if HOW == "runner":
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    crawling = CrawlerRunner(settings).crawl(Own)
    crawling.addErrback(refused).addBoth(lambda _: reactor.stop())
    reactor.run()
elif HOW == "async-process":
    process = AsyncCrawlerProcess(settings)
    process.crawl(Own)
    process.start()
else:
    classic = CrawlerProcess(settings)
    if HOW == "two":
        classic.crawl(Plain)
    classic.crawl(Own).addErrback(refused)
    classic.start()
