"""The policies that decisions name by their digest, kept so that each can be weighed again.

::

    ledger/policies/<SHA-256, hexadecimal>.json      a description (crawler.optout.described)
    ledger/policies/<SHA-256, hexadecimal>.pem       certificates that a description trusts

A name is the digest of the file's bytes, and each decision bears that of its policy: a file that was changed is
found out by its own name.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from crawler.corpus.disk import replace_file
from crawler.corpus.errors import Damaged

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "policies"
DESCRIPTION, CERTIFICATES = ".json", ".pem"

_DIGEST = re.compile(r"[0-9a-f]{64}")


def keep_policy(ledger: Path, description: bytes, trust_anchors: str = "") -> None:
    """Put a policy and the certificates that it trusts into the ledger's folder, durably."""
    folder = ledger / FOLDER
    folder.mkdir(exist_ok=True)
    anchors = trust_anchors.encode()
    for data, suffix in ((description, DESCRIPTION), (anchors, CERTIFICATES)):
        path = folder / (hashlib.sha256(data).hexdigest() + suffix)
        if data and not path.exists():
            replace_file(path, data)


def read_policy(ledger: Path, policy: str) -> bytes | None:
    """The description whose digest is ``policy`` (``sha256:…``); None: not there. Raises ``Damaged``."""
    return _read(ledger, policy.removeprefix("sha256:"), DESCRIPTION)


def read_trust(ledger: Path, digest: str) -> str | None:
    """The certificates of this digest, PEM; None if they are not there. Raises ``Damaged``."""
    if digest == hashlib.sha256(b"").hexdigest():
        return ""
    found = _read(ledger, digest, CERTIFICATES)
    return None if found is None else found.decode("utf-8", "replace")


def _read(ledger: Path, digest: str, suffix: str) -> bytes | None:
    if not _DIGEST.fullmatch(digest):  # whatever an entry says: it becomes a name of a file
        return None
    path = ledger / FOLDER / (digest + suffix)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(data).hexdigest() != digest:
        raise Damaged(f"{path} is damaged (its bytes have another digest than its name)")
    return data
