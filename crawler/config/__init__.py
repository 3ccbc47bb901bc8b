"""What a run is told, by whom, and whether that may be said there.

One value may be given in four places, and the first that speaks wins: option, environment ``HEEDFUL_*``,
``heedful.toml``, default. What would weaken the promise is heard from ``heedful.toml`` alone, with a reason.
Nothing here imports Scrapy.
"""

from __future__ import annotations

from crawler.config.load import load
from crawler.config.model import ConfigError, RunConfig

__all__ = ["ConfigError", "RunConfig", "load"]
