"""Strangers' bytes in processes of their own: what needs a large parser is parsed where it can harm nobody.

A child gets bytes over a pipe and sends back what it read. It has little memory and little time, opens nothing,
and when it hangs, crashes or answers nonsense, nobody can tell what the bytes say: the asset is not collected.
"""

from __future__ import annotations
