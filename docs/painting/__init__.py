"""Paints the pictures of the demo web; needs Pillow, and is not needed to run anything."""

from __future__ import annotations
