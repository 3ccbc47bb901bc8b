"""The charts of the report: figures in, drawings with their words and tables out."""

from __future__ import annotations
