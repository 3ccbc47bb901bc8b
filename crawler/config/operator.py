"""What the operator says of itself, for documents in its name. No crawl comes of it, so nothing is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crawler.config import lists
from crawler.config.file import read_file
from crawler.config.load import file_named, said, understood

_OPERATOR = {"operator": "name", "contact": "contact", "operator_url": "url", "tokens": "tokens"}


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
    """What a crawl would be told, by field of ``RunConfig`` and as far as somebody says it.

    For what is published about a crawler, which has to be what the crawler does: everything is read as for a
    crawl, and what a crawl could not use is refused; raises :class:`~crawler.config.model.ConfigError`.
    ``trust_anchors`` are the certificates themselves, PEM. The contact may be missing.
    """
    found = understood(said(options, environ, read_file(file_named(options, environ), folder)))
    if (file := found.get("trust_anchors")) is not None:
        found["trust_anchors"] = lists.certificates(file)
    return found
