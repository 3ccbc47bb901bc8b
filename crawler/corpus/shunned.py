"""Which bytes were reserved, and where: remembered without their digests.

::

    mark = HMAC-SHA256(secret, SHA-256 of the bytes)      RFC 2104; hexadecimal in the ledger
    key  = the first 8 hexadecimal digits of SHA-256(secret)
    ledger/marks.key = the 32 bytes of the secret, hexadecimal, LF

A digest tells everybody who has the same file what was met; a mark tells it only to who has the secret. That is
made for one corpus and on disk before its first mark. Bytes that were never fetched have no mark.

A mark is the word of one URL about its bytes. It lasts until that very URL answers with them again and does not
reserve them any more; it does not bind the URL itself, which is judged by what it says today.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, Any

from crawler.corpus.disk import replace_file
from crawler.corpus.errors import Damaged
from crawler.corpus.warc import safe_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crawler.corpus.index import Index
    from crawler.corpus.items import Item

EMPTY = hashlib.sha256(b"").hexdigest()
"""The digest of no bytes at all, which are nobody's and never marked."""

_SECRET = re.compile(rb"[0-9a-f]{64}\n")
_ADVICE = "restore it from a copy of this corpus, or begin a new one"


class Shunned:
    """The memory of one corpus, for its writer."""

    def __init__(self, secret: bytes, index: Index) -> None:
        """See :meth:`open`."""
        self._secret = secret
        self._index = index
        self.key = hashlib.sha256(secret).hexdigest()[:8]
        """Which secret the marks are made with."""

    @classmethod
    def open(cls, path: Path, index: Index) -> Shunned:
        """With the secret in the file ``path``, made if no mark needs an older one.

        ``index``: up to date with the ledger. Raises ``Damaged`` when the secret is missing or another one than
        the ledger's marks were made with: nobody could tell any more which bytes were reserved.
        """
        key = index.marks_key()
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            if key is not None:
                raise Damaged(f"{path}, the secret behind the ledger's marks, is missing: {_ADVICE}") from None
            found = secrets.token_hex(32).encode() + b"\n"
            replace_file(path, found, mode=0o600)
        if not _SECRET.fullmatch(found):
            raise Damaged(f"{path} is not the secret that was written there: {_ADVICE}")
        shunned = cls(bytes.fromhex(found.decode()), index)
        if key not in (None, shunned.key):
            raise Damaged(f"{path} is not the secret behind the ledger's marks: {_ADVICE}")
        return shunned

    def mark(self, digest: str) -> str:
        """The mark of bytes with this SHA-256 digest."""
        return hmac.digest(self._secret, bytes.fromhex(digest), "sha256").hex()

    def told(self, digests: Iterable[str]) -> dict[str, Any] | None:
        """What a ledger entry says about the bytes with these digests, which it reserves; None: nothing."""
        marks = [self.mark(digest) for digest in dict.fromkeys(digests) if digest != EMPTY]
        return {"key": self.key, "marks": marks} if marks else None

    def lifted(self, digest: str, url: str) -> dict[str, Any] | None:
        """What a ledger entry says when ``url`` has bytes with this digest that it reserves no more.

        None: nothing, because it never did.
        """
        mark, own = self.mark(digest), safe_url(url)
        if all(other != own for other, _ in self._index.marked(mark)):
            return None
        return {"key": self.key, "marks": [mark]}

    def reserved_at(self, digest: str, url: str) -> str | None:
        """Another URL than ``url`` where bytes with this digest are reserved; None: nowhere that we know of."""
        if digest == EMPTY:
            return None
        own = safe_url(url)
        others = (other for other, _ in self._index.marked(self.mark(digest)) if other != own)
        return next(others, None)

    def unfinished(self) -> Iterator[tuple[Item, str]]:
        """Items whose bytes are reserved, each with the URL where they are: what a crash left of a removal.

        Looks at every digest of the corpus, as far as it is committed.
        """
        for digest in self._index.marked_digests(self.mark):
            told = [url for url, _ in self._index.marked(self.mark(digest))]
            for item in self._index.items(sha256=digest):
                yield item, item.url if item.url in told else told[0]
