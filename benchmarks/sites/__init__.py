"""Two real documentation sites with signals laid over them by a table, and what of them must be kept.

``table`` says what is laid where, ``dress`` how pages are written differently, ``served`` turns files and table
into answers, ``walk`` computes from these answers and the table what a crawl must end with. None of them asks
the gate or imports anything that decides.
"""

from __future__ import annotations
