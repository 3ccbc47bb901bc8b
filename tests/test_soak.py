"""The long crawl of ``benchmarks.soak``, kept very short; and that its verdict can be both."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.soak import Sample, judged, slope

AT_REST = Sample(**{field.name: 1 for field in fields(Sample)})


def over_time(**grows: float) -> list[Sample]:
    """Twenty samples of 10,000 URLs each; ``grows``: what is added to a field from one to the next."""
    samples = []
    for number in range(20):
        held: dict[str, Any] = {name: 100 + by * number for name, by in grows.items()}
        samples.append(replace(AT_REST, seconds=100.0 * number, urls=10_000 * number, **held))
    return samples


def test_a_short_one_tells_what_the_crawl_holds(tmp_path: Path) -> None:
    """Every sample is of a real crawl, whose corpus verifies in the end."""
    table = tmp_path / "soak.csv"
    command = ["-m", "benchmarks.soak", "--minutes", "0.05", "--every", "0.5", "--csv", str(table)]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=60, check=False)
    assert "heedful verify ended with 0" in done.stdout, done.stdout + done.stderr
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [field.name for field in fields(Sample)]
    assert int(rows[-1]["urls"]) > int(rows[0]["urls"]) > 0
    assert all(float(row["rss_mb"]) > 20 and int(row["files"]) > 5 for row in rows)
    assert float(rows[-1]["ledger_bytes"]) > 0


@pytest.mark.parametrize(
    ("grows", "verified", "said"),
    [
        ({}, True, None),
        ({"rss_mb": 0.5, "files": 1}, True, None),
        ({"rss_mb": -3.0}, True, None),
        ({"rss_mb": 1.5}, True, "memory grows by more than 1 MB per 10,000 URLs"),
        ({"files": 20}, True, "more files in the second half"),
        ({"children": 1}, True, "more children in the second half"),
        ({}, False, "the corpus does not verify"),
    ],
)
def test_the_verdict_says_what_grew(
    grows: dict[str, float], verified: bool, said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    code = judged(over_time(**grows), 1.0, verified=verified)
    last = capsys.readouterr().out.splitlines()[-1]
    assert (code, last) == ((0, "flat") if said is None else (1, f"not flat: {said}"))


def test_one_peak_is_no_growth() -> None:
    points = [(float(number), 5.0) for number in range(20)]
    points[10] = (10.0, 500.0)
    assert slope(points) == 0.0
