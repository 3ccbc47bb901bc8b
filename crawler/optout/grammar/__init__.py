"""Bytes to syntax, without meaning. Nothing here knows what a reservation is."""

from __future__ import annotations
