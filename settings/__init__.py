"""Settings profiles: dotted names as strings, nothing imported."""

from __future__ import annotations
