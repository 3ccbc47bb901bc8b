"""What do we visit? The only folder that decides which URL comes next."""

from __future__ import annotations
