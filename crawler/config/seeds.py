"""Where a crawl begins: ``URL``, ``sitemap:URL``, or ``@FILE`` with one of the two a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from crawler.addresses import refusal
from crawler.config.lists import lines
from crawler.config.model import ConfigError
from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import Malformed

SITEMAP = "sitemap:"


def read_seeds(seeds: Iterable[str], *, allow_private: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Pages and sitemaps, normalised, each once and in order; raises :class:`ConfigError`."""
    pages: dict[str, None] = {}
    sitemaps: dict[str, None] = {}
    for where, seed in _expanded(seeds):
        if seed.lower().startswith(SITEMAP):
            sitemaps[_url(where, seed[len(SITEMAP) :], allow_private)] = None
        else:
            pages[_url(where, seed, allow_private)] = None
    return tuple(pages), tuple(sitemaps)


def _expanded(seeds: Iterable[str]) -> Iterator[tuple[str, str]]:
    for seed in seeds:
        if not seed.startswith("@"):
            yield "seed", seed
            continue
        empty = True
        for entry in lines(Path(seed[1:]).expanduser(), f"seed {seed}"):
            yield entry
            empty = False
        if empty:
            raise ConfigError(f"seed {seed}: the file names no URL; write one a line")


def _url(where: str, seed: str, allow_private: bool) -> str:
    shown = repr(seed[:200])
    if re.search(r"[\s\x00-\x1f\x7f]", seed):
        raise ConfigError(f"{where}: {shown} is not a URL, it has blanks or control characters")
    if "://" not in seed:
        raise ConfigError(f"{where}: {shown} is not a URL; write it with https:// or http:// in front")
    try:
        url = normalise_url(seed)
    except Malformed as error:
        raise ConfigError(f"{where}: {shown} cannot be asked: {error}") from None
    if refusal(url, allow_private=allow_private) == "private address":
        host = urlsplit(url).hostname
        raise ConfigError(f"{where}: {host} is a private or loopback address; add --allow-private to crawl it")
    return url
