"""One pass through the ledger, gathered in a private temporary database: where all figures come from."""

from __future__ import annotations
