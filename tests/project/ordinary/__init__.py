"""Somebody else's Scrapy project: nothing in it knows of the gate but its settings."""

from __future__ import annotations
