"""Follows every link of a site and takes its pages and files, as tutorials teach it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scrapy.http import TextResponse
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule


class Reader(CrawlSpider):
    """``start_at``: where it begins; ``out``: a JSON Lines file for what arrives."""

    name = "reader"
    allowed_domains = ("site.example", "cdn.example")
    rules = (Rule(LinkExtractor(), callback="parse_page", follow=True),)

    def __init__(self, start_at: str, out: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start_urls = [start_at]
        self.out = Path(out)

    def parse_start_url(self, response: TextResponse, **kwargs: Any) -> Iterator[Any]:
        return self.parse_page(response)

    def parse_page(self, response: TextResponse) -> Iterator[Any]:
        with self.out.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"url": response.url, "text": response.text}) + "\n")
        yield {
            "url": response.url,
            "text": response.text,
            "file_urls": [response.urljoin(src) for src in response.css("img::attr(src)").getall()],
        }
