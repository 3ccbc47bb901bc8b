"""What a crawl tells those who watch over it, on this machine only: numbers, and whether it is alive.

Nothing here decides anything. Without ``--metrics`` nothing of it is loaded and nothing is counted.
"""

from __future__ import annotations
