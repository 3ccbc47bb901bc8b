"""A small web on loopback: for ``heedful demo``, and for every test that needs hosts to talk to."""

from __future__ import annotations
