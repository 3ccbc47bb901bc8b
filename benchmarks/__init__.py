"""Workloads and comparisons that anyone can run again."""

from __future__ import annotations
