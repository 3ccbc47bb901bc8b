"""What the command hands to whoever writes one format of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from crawler.audit.report.census import Census
    from crawler.audit.report.model import Figures
    from crawler.corpus.corpus import Corpus


class ReportError(Exception):
    """A report cannot be made as it was asked for: one sentence says what, where, what to do. Exit code 2."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One report that was asked for. Each format's ``write`` gives the files it made, the main one first."""

    corpus: Corpus | None
    """The corpus, opened for reading; None: ``bot-page`` without one, and only there."""
    census: Census | None
    """What became of every URL; None where there is no corpus."""
    figures: Figures | None
    """All figures but the domains; None where there is no corpus."""
    folder: Path
    """The folder for the files; it exists."""
    at: datetime
    """When the report is made, UTC."""
    operator: Mapping[str, Any] = field(default_factory=dict)
    """``name``, ``contact``, ``url`` (text) and ``tokens`` (a tuple of text), of ``heedful.toml`` and the
    environment; what is not written there is not in it. A corpus has an identity of its own, which stands in
    :attr:`Figures.about <crawler.audit.report.model.Figures.about>` and is what collected it."""
    crawler: Mapping[str, Any] = field(default_factory=dict)
    """What a crawl that began now would be told, by field of ``crawler.config.model.RunConfig`` as far as it is
    said, and its manners always; ``trust_anchors`` as PEM. For ``bot-page`` alone, empty for the others."""
    summary: Mapping[str, Any] = field(default_factory=dict)
    """The section ``[summary]`` of ``heedful.toml``, as written; values of any TOML type."""
    sme: bool = False
    """Whether the operator is a small or medium-sized enterprise or a start-up."""
    all_domains: bool = False
    """Whether all domains are to be listed, not only those that a format asks for."""
