"""Is this machine fit for a crawl, and this corpus for going on? One module looks at one thing.

Nothing here mends anything, loads Scrapy, asks the network unless it is told to, or changes a corpus.
"""

from __future__ import annotations
