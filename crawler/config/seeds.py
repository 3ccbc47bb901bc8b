"""Where a crawl begins: ``URL``, ``sitemap:URL``, or ``@FILE`` with one of the two a line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from crawler.addresses import refusal
from crawler.config.lists import content_of, entries
from crawler.config.model import ConfigError, SeedList
from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import Malformed

SITEMAP = "sitemap:"


def read_seeds(
    seeds: Iterable[str], *, allow_private: bool
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[SeedList, ...]]:
    """Pages and sitemaps, normalised, each once and in order, and the files they are from.

    Raises :class:`ConfigError`.
    """
    lists: list[SeedList] = []
    pages: dict[str, None] = {}
    sitemaps: dict[str, None] = {}
    for where, seed in _expanded(seeds, lists):
        if seed.lower().startswith(SITEMAP):
            sitemaps[_url(where, seed[len(SITEMAP) :], allow_private)] = None
        else:
            pages[_url(where, seed, allow_private)] = None
    return tuple(pages), tuple(sitemaps), tuple(lists)


def _expanded(seeds: Iterable[str], lists: list[SeedList]) -> Iterator[tuple[str, str]]:
    for seed in seeds:
        if not seed.startswith("@"):
            yield "seed", seed
            continue
        file, where = Path(seed[1:]).expanduser(), f"seed {seed}"
        data = content_of(file, where)  # once: what is piped in can be read no second time
        found = list(entries(data, file, where))
        if not found:
            raise ConfigError(f"{where}: the file names no URL; write one a line")
        lists.append(SeedList(name=file.name, sha256=hashlib.sha256(data).hexdigest(), count=len(found)))
        yield from found


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
