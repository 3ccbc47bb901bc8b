"""Everything a document is written from, gathered once: figures, conduct, holdings, the domain rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.audit.report.conduct import Conduct
from crawler.audit.report.domainlist import Rule
from crawler.audit.report.filled import Filled
from crawler.audit.report.holdings import Holdings
from crawler.audit.report.model import Figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.audit.report.model import DomainRow
    from crawler.audit.report.request import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of one corpus and of what its operator wrote."""

    figures: Figures
    """All figures but the domains."""
    conduct: Conduct
    """How the crawler behaved."""
    holdings: Holdings
    """What is kept, as its items tell."""
    rule: Rule
    """The rule of the domain list, applied."""
    filled: Filled
    """What the operator wrote in ``[summary]``."""
    texts: int
    """Pages and documents that are kept."""
    images: int
    """Images that are kept."""
    text_bytes: int | None
    """UTF-8 bytes of the words of what is kept; None: not measured."""
    words: int | None
    """Words of what is kept; None: not measured."""
    image_bytes: int
    """Bytes of the images that are kept."""
    at: datetime
    """When the document is made, UTC."""

    @classmethod
    def of(cls, request: Request, filled: Filled) -> Facts:
        """From a request about a corpus; goes through its domains and its items once. Raises ``Damaged``."""
        corpus, census, figures = request.corpus, request.census, request.figures
        assert corpus is not None, "only of a corpus"
        assert census is not None
        assert figures is not None
        total = _Total()
        rule = Rule.of(total.over(census.domains()), sme=request.sme)
        return cls(
            figures=figures,
            conduct=Conduct.of(corpus),
            holdings=Holdings.of(corpus.store.items()),
            rule=rule,
            filled=filled,
            texts=total.texts,
            images=total.images,
            text_bytes=total.text_bytes if rule.measured else None,
            words=total.words if rule.measured else None,
            image_bytes=total.image_bytes,
            at=request.at,
        )


class _Total:
    """Adds domains up while somebody else goes through them."""

    def __init__(self) -> None:
        self.texts = self.images = self.text_bytes = self.words = self.image_bytes = 0

    def over(self, rows: Iterable[DomainRow]) -> Iterator[DomainRow]:
        for row in rows:
            self.texts += row.texts
            self.images += row.images
            self.text_bytes += row.text_bytes or 0
            self.words += row.words or 0
            self.image_bytes += row.image_bytes
            yield row
