"""The sites of the demo web, one module each: what stands on them, and what must become of it."""

from __future__ import annotations
