"""The most relevant domain names, by the rule of the EU template: the top tenth by size of what was collected.

The template asks for the top 10 % of all domain names, of small and medium-sized enterprises and start-ups
for the top 5 % or 1,000 names, whichever is lower, and that the list stands for all modalities. It does not say
how bytes of text are to be added to bytes of images. So each modality has a ranking of its own, the best of
each are taken, and the list is what is in one or the other:

- text: UTF-8 bytes of the words of what is kept; where words were not measured, bytes as they are stored;
- image: bytes of the images as they are stored;
- of N domains with something of a modality the first ``ceil(N / 10)`` are taken, and all that tie with the last
  of them; for smaller enterprises ``min(ceil(N / 20), 1000)``, likewise.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.audit.report.model import DomainRow

SME_LIMIT = 1000
"""Names that a small or medium-sized enterprise has to list at most, but for ties."""


def quota(contributing: int, *, sme: bool) -> int:
    """How many of so many domains are to be listed, ties at the end not counted."""
    return min(-(-contributing // 20), SME_LIMIT) if sme else -(-contributing // 10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """The sizes of one modality, and where its list ends."""

    sizes: array[int]
    """Bytes of each domain that has any, smallest first."""
    quota: int
    """How many are to be listed, ties not counted."""

    @classmethod
    def of(cls, sizes: Iterable[int], *, sme: bool) -> Ranking:
        """The ranking of these sizes; a domain of size 0 contributes nothing and is not in it."""
        held = array("Q", sorted(size for size in sizes if size > 0))
        return cls(sizes=held, quota=quota(len(held), sme=sme))

    @property
    def contributing(self) -> int:
        """Domains with something of this modality."""
        return len(self.sizes)

    @property
    def cutoff(self) -> int | None:
        """Bytes of the smallest domain that is listed; None: nothing is."""
        return self.sizes[-self.quota] if self.quota else None

    def rank(self, size: int) -> int | None:
        """1 + how many are larger: equal sizes have equal ranks; None for a domain that has nothing."""
        return 1 + len(self.sizes) - bisect_right(self.sizes, size) if size > 0 else None

    def lists(self, size: int) -> bool:
        """Whether a domain of this size is listed."""
        return self.quota > 0 and size >= self.sizes[-self.quota]

    @property
    def listed(self) -> int:
        """How many are listed, ties included."""
        cutoff = self.cutoff
        return 0 if cutoff is None else len(self.sizes) - bisect_left(self.sizes, cutoff)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """The rule, applied to one corpus."""

    text: Ranking
    """Of the words."""
    image: Ranking
    """Of the images."""
    measured: bool
    """Whether ``text`` ranks by the bytes of words; False: by bytes as they are stored."""
    unread: int
    """Domains with texts of which the words of none could be read, though those of others were."""
    sme: bool
    """Whether the shorter list for smaller enterprises was asked for."""
    domains: int
    """Domains that were considered."""
    contributing: int
    """Domains of which something is kept."""

    @classmethod
    def of(cls, rows: Iterable[DomainRow], *, sme: bool) -> Rule:
        """The rule for these domains, which are gone through once."""
        words, stored, images = array("Q"), array("Q"), array("Q")
        domains = contributing = 0
        texts = unread = 0
        for row in rows:
            domains += 1
            contributing += row.count.kept > 0
            texts += row.texts > 0
            unread += row.texts > 0 and row.text_bytes is None
            words.append(row.text_bytes or 0)
            stored.append(stored_text(row))
            images.append(row.image_bytes)
        measured = texts == 0 or unread < texts
        return cls(
            text=Ranking.of(words if measured else stored, sme=sme),
            image=Ranking.of(images, sme=sme),
            measured=measured,
            unread=unread if measured else 0,
            sme=sme,
            domains=domains,
            contributing=contributing,
        )

    def text_size(self, row: DomainRow) -> int:
        """What a domain is ranked by among texts."""
        return (row.text_bytes or 0) if self.measured else stored_text(row)

    def lists(self, row: DomainRow) -> bool:
        """Whether a domain is to be listed."""
        return self.text.lists(self.text_size(row)) or self.image.lists(row.image_bytes)

    def order(self, row: DomainRow) -> tuple[int, int, str]:
        """Where a domain stands in the list: by its better rank, then by the other one, then by name."""
        never = self.text.contributing + self.image.contributing + 1
        ranks = sorted(
            rank or never for rank in (self.text.rank(self.text_size(row)), self.image.rank(row.image_bytes))
        )
        return ranks[0], ranks[1], row.domain

    def words(self, suffix_list: str) -> tuple[str, ...]:
        """The rule in sentences."""
        which = (
            "The top 5 % of the domain names of each modality, at most 1,000 (the rule for small and "
            "medium-sized enterprises and start-ups)"
            if self.sme
            else "The top 10 % of the domain names of each modality"
        )
        by = (
            "text by the UTF-8 bytes of the words of what is kept"
            if self.measured
            else "text by bytes as stored, because the words were not measured"
        )
        unread = (
            f" The words of what is kept from {self.unread:,} of these could not be read; they have no rank "
            "by text."
            if self.unread
            else ""
        )
        return (
            f"{which}, rounded up, with all that tie with the last: {by}, images by their bytes as stored. "
            "The list is what is in either ranking; its order is by the better rank, then the other one, "
            "then the name.",
            f"Text: {self.text.listed:,} of {self.text.contributing:,} domains. Images: "
            f"{self.image.listed:,} of {self.image.contributing:,} domains. {self.domains:,} domains were "
            f"considered, {self.contributing:,} have something that is kept.{unread}",
            f"A domain is a registrable domain: one label and a public suffix, by the {suffix_list}, with its "
            "private section: somebody's own name below a hosting service counts as theirs.",
        )


def stored_text(row: DomainRow) -> int:
    """Bytes of pages and documents as they are stored."""
    return max(row.count.bytes - row.image_bytes, 0)
