"""Can we prove it? Files only: no network, no Scrapy."""

from __future__ import annotations
