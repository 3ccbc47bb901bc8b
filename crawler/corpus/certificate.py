"""The certificate of a withdrawal: what left, and the checkpoints that it is checked against."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from crawler.audit.checkpoints import checkpoints
from crawler.audit.entries import REMOVAL, Filter
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crawler.corpus.corpus import Corpus
    from crawler.corpus.withdrawal import Carried, Withdrawal


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """One thing that left."""

    url: str
    """Where it was fetched."""
    sha256: str
    """Digest of its content."""
    bytes: int
    """Size of its content."""
    fetched_at: str
    """When it was fetched, RFC 3339 in UTC."""
    kept_by: int
    """The ledger entry of the decision to keep it."""
    removed_by: int
    """The ledger entry of its removal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """What a withdrawal came to, and what it is checked against."""

    corpus: str
    """Name of the corpus folder, without the folders above it."""
    operator: str
    """Who keeps the corpus, and under what address."""
    withdrawal: Withdrawal
    """What was asked for."""
    gone: Sequence[Gone]
    """What left, the same bytes side by side."""
    before: str | None
    """The signed checkpoint before it; None: there was none yet."""
    after: str | None
    """The signed checkpoint after it."""
    key: str
    """The public key that checks them."""

    def as_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        asked = self.withdrawal
        return {
            "withdrawal": asked.entry,
            "at": time_to_text(asked.at),
            "selectors": asked.wish.said(),
            "reason": asked.reason,
            "ticket": asked.ticket,
            "count": len(self.gone),
            "bytes": sum(one.bytes for one in self.gone),
            "items": [asdict(one) for one in self.gone],
            "checkpoints": {"before": self.before, "after": self.after, "key": self.key},
        }


def certificate_of(corpus: Corpus, carried: Carried, key: str) -> Certificate:
    """The certificate of what was carried out, after the corpus was sealed again. Raises ``Damaged``.

    ``key``: the public key of who sealed it.
    """
    asked, identity = carried.withdrawal, corpus.folder.manifest.identity
    before = after = None
    for one in checkpoints(corpus.folder.ledger):
        note = one.data.decode()
        if one.checkpoint.size < asked.entry:
            before = note
        elif after is None and one.checkpoint.size >= asked.entry + asked.removals:
            after = note
    gone = _from_items(carried) if carried.new else _from_ledger(corpus, asked)
    return Certificate(
        corpus=corpus.folder.path.name,
        operator=f"{identity.operator} ({identity.contact})" if identity.operator else identity.contact,
        withdrawal=asked,
        gone=tuple(gone),
        before=before,
        after=after,
        key=key,
    )


def _from_items(carried: Carried) -> Iterator[Gone]:
    """What left just now; the removals follow the withdrawal, one for each digest."""
    digests = dict.fromkeys(item.sha256 for item in carried.gone)
    removals = {digest: carried.withdrawal.entry + number for number, digest in enumerate(digests, 1)}
    for item in carried.gone:
        yield Gone(
            url=item.url,
            sha256=item.sha256,
            bytes=item.bytes,
            fetched_at=time_to_text(item.fetched_at),
            kept_by=item.entry,
            removed_by=removals[item.sha256],
        )


def _from_ledger(corpus: Corpus, asked: Withdrawal) -> Iterator[Gone]:
    """What an earlier withdrawal removed, as far as the ledger still tells it."""
    for removal in corpus.entries():
        if removal.type == REMOVAL and removal.fields.get("withdrawal") == asked.entry:
            for url in removal.urls:
                for entry in corpus.entries(Filter(url=url)):
                    item = entry.fields.get("item", {})
                    if entry.number < removal.number and item.get("sha256") == removal.fields["sha256"]:
                        yield Gone(
                            url=url,
                            sha256=item["sha256"],
                            bytes=int(item["bytes"]),
                            fetched_at=str(entry.fields["at"]),
                            kept_by=entry.number,
                            removed_by=removal.number,
                        )
                        break
