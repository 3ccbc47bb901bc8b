"""What Scrapy writes to its log: nothing of what is fetched.

Its own formatter logs every response, every item and every dropped item with its content. What is reserved must
not be in a log, and a record that nobody reads costs time for every request.
"""

from __future__ import annotations

from typing import Any

from scrapy.logformatter import LogFormatter


class Quiet(LogFormatter):
    """Says nothing of responses and items. Errors are logged as ever."""

    def crawled(self, *args: Any, **kwargs: Any) -> Any:
        """A response arrived: nothing."""
        return None

    def scraped(self, *args: Any, **kwargs: Any) -> Any:
        """An item passed the pipelines: nothing."""
        return None

    def dropped(self, *args: Any, **kwargs: Any) -> Any:
        """An item was dropped: nothing."""
        return None
