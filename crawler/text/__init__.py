"""The words of a kept page or document: decoded, without their frame, with their language.

It happens after the crawl and in processes of its own, so that a crawl never waits for it and a better
extractor can be run again over the same archive.
"""

from __future__ import annotations
