"""Commands are killed or stopped at moments drawn from a seed; ``benchmarks/kills.py`` is the long form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.place import Place
from tests.faults.ways import struck

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")

STRIKES = (
    ("crawl", 11),
    ("crawl, first moments", 12),
    ("crawl, last moments", 13),
    ("ledger erase", 14),
    ("crawl, SIGINT", 15),
    ("crawl, SIGTERM", 16),
)
"""Ways and seeds. Rechecks, withdrawals and exports are killed at many moments in tests of their own."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Place(tmp_path_factory.mktemp("kills")) as place:
        yield place


@pytest.mark.parametrize(("way", "seed"), STRIKES, ids=[way for way, _ in STRIKES])
def test_what_is_struck_loses_nothing_and_is_gone_on_with(place: Place, way: str, seed: int) -> None:
    one = struck(place, way, seed)
    assert one.broken == []
    assert one.stored > 0
