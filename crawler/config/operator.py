"""What the operator says of itself, for documents in its name. No crawl comes of it, so nothing is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.config import lists
from crawler.config.file import read_file
from crawler.config.load import file_named, said, understood
from crawler.config.model import RunConfig
from crawler.config.profiles import effective

_OPERATOR = {"operator": "name", "contact": "contact", "operator_url": "url", "tokens": "tokens"}
_MANNERS = ("kinds", "max_crawl_delay", "stop_after_refusals")


def load_operator(
    options: Mapping[str, object], *, environ: Mapping[str, str], folder: Path = Path()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The operator and the section ``[summary]``; raises :class:`~crawler.config.model.ConfigError`.

    ``options``: ``config`` names the file. Of the operator: ``name``, ``contact``, ``url`` and ``tokens``, as
    far as environment or file say them. The values of all other keys are left unread, so that a file that a
    crawl could not use, because its lists are elsewhere, can still be reported with.
    """
    told = said(options, environ, read_file(file_named(options, environ), folder))
    fields = (*_OPERATOR, "summary")
    found = understood({field: told[field] for field in fields if field in told})
    operator = {name: found[field] for field, name in _OPERATOR.items() if field in found}
    return operator, dict(found.get("summary", {}))


def load_crawler(
    options: Mapping[str, object], *, environ: Mapping[str, str], folder: Path = Path()
) -> dict[str, Any]:
    """What a crawl would be told, by field of ``RunConfig``: as far as somebody says it, its manners always.

    For what is published about a crawler, which has to be what the crawler does: everything is read as for a
    crawl, and what a crawl could not use is refused; raises :class:`~crawler.config.model.ConfigError`.
    ``trust_anchors`` are the certificates themselves, PEM. The contact may be missing. ``delay`` (seconds
    between two requests to one registrable domain) and ``together`` (how many go to it at once) are those in
    effect, and ``paced`` says whether somebody chose them.
    """
    told = said(options, environ, read_file(file_named(options, environ), folder))
    found = understood(told)
    if (file := found.get("trust_anchors")) is not None:
        found["trust_anchors"] = lists.certificates(file)
    defaults = RunConfig(contact="")
    scrapy = effective(found, {field: places[0].origin for field, places in told.items()})
    return {
        **{name: getattr(defaults, name) for name in _MANNERS},
        **found,
        "delay": _number(scrapy["DOWNLOAD_DELAY"].value),
        "together": _number(scrapy["CONCURRENT_REQUESTS_PER_DOMAIN"].value),
        "paced": not found.keys().isdisjoint({"delay", "profile", "settings"}),
    }


def _number(value: object) -> float:
    """A number of Scrapy's; 0 for what is none."""
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return 0.0
