"""The command line: one file a command, each of which parses, calls and prints.

Commands are imported when they are asked for, so that ``heedful --help`` is quick and imports no Scrapy.
"""

from __future__ import annotations

from crawler.cli.app import main

__all__ = ["main"]
