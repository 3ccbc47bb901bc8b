"""The corpus folder on disk: what was kept, why, and on what evidence.

::

    heedful.json   what this corpus is        folder
    archive/       the kept captures          store, the one door in and out
    evidence/      the readings of signals    evidence
    ledger/        the decisions              crawler.audit.ledger
    ledger/marks.key                          shunned, the secret behind the marks of reserved bytes
    ledger/index.db                           index, derived from archive, evidence and decisions

What is written reaches the disk in one order, ``journal``: evidence, decision, content, frontier.
"""

from __future__ import annotations
