"""What is on record of the check that a crawl makes of its own settings before its first request.

::

    list    = in heedful.json, of each run        "checked": {setting: value}
    digest  = "sha256:" hex(SHA-256(canonical JSON of the list))      keys sorted, no spaces, ASCII
    entry   = {"type": "self-check", "settings": how many, "checked": digest}     in the ledger, one a run

The list can be long and says nothing new from run to run; the ledger holds what cannot be changed any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digest_of(checked: Mapping[str, Any]) -> str:
    """The digest of a list of settings: ``sha256:…``."""
    canonical = json.dumps(dict(checked), sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
