"""An export checked: by itself, and against the ledger of its corpus.

By itself it can be shown to be whole and to agree with what it says. That it says the truth, and holds nothing
that was withdrawn since, only the ledger shows: whoever changes a row can change the digests with it.
"""

from __future__ import annotations
