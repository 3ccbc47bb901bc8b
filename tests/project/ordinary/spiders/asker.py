"""Sends the requests it is given and writes down what came back, and where."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure


class Asker(scrapy.Spider):
    """``asked``: a JSON list of rows with a ``name`` and what ``scrapy.Request`` takes."""

    name = "asker"

    def __init__(self, asked: str, out: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows: list[dict[str, Any]] = json.loads(Path(asked).read_text("utf-8"))
        self.out = Path(out)

    async def start(self) -> AsyncIterator[Any]:
        self.write({"what": "start", "listening": sorted(listening())})
        for row in self.rows:
            yield self.request(**row)

    def request(self, name: str, then: dict[str, Any] | None = None, **more: Any) -> scrapy.Request:
        return scrapy.Request(
            callback=self.came,
            errback=self.failed,
            dont_filter=True,
            cb_kwargs={"name": name, "then": then},
            **more,
        )

    def came(self, response: Response, name: str, then: dict[str, Any] | None) -> Iterator[Any]:
        judged = response.meta.get("optout")
        self.write(
            {
                "what": "came",
                "name": name,
                "url": response.url,
                "status": response.status,
                "body": base64.b64encode(response.body).decode(),
                "text": response.text if isinstance(response, TextResponse) else None,
                "kind": type(response).__name__,
                "outcome": judged and judged.decision.outcome.value,
                "stage": judged and judged.decision.stage.value,
                "collect": judged and judged.decision.collect,
                "hops": judged and [hop.url for hop in judged.capture.hops],
                "meta": sorted(response.meta),
                "retries": response.meta.get("retry_times", 0),
            }
        )
        if then is not None:
            yield self.request(meta=response.meta, **then)  # as careless spiders do

    def failed(self, failure: Failure) -> None:
        request = failure.request  # type: ignore[attr-defined]
        decision = getattr(failure.value, "decision", None)
        self.write(
            {
                "what": "failed",
                "name": request.cb_kwargs["name"],
                "url": request.url,
                "error": type(failure.value).__name__,
                "words": str(failure.value),
                "outcome": decision and decision.outcome.value,
                "stage": decision and decision.stage.value,
                "grounds": decision
                and [
                    [ground.signal, ground.evidence.locator, ground.evidence.source]
                    for ground in decision.grounds
                ],
                "meta": sorted(request.meta),
                "retries": request.meta.get("retry_times", 0),
            }
        )

    def write(self, row: dict[str, Any]) -> None:
        with self.out.open("a", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")


def listening() -> Iterator[int]:
    """The TCP ports on which this process listens, as Linux tells."""
    inodes = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            inodes.add(str(entry.readlink()).removeprefix("socket:[").removesuffix("]"))
        except OSError:
            continue
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text("ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                yield int(fields[1].rpartition(":")[2], 16)
