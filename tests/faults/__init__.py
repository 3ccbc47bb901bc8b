"""Kills, and what must hold after them: shared by the tests and by ``python -m benchmarks.kills``."""
