"""``heedful demo`` against the table of its web: the first thing anybody sees must be true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.demo.place import Place
from crawler.demo.web import PLACES
from crawler.optout import SIGNALS
from crawler.optout.model import Decision
from tests import crawls

METADATA = frozenset({"iptc", "c2pa"})
"""Signals inside images."""

ASSETS = [pytest.param(place, id=place.host + place.path) for place in PLACES if place.expect is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One run of the demo."""

    ended: crawls.Ended
    folder: Path
    last: Mapping[str, Decision]
    stored: Mapping[str, int]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    folder = tmp_path_factory.mktemp("demo") / "corpus"
    ended = crawls.heedful("demo", "-o", str(folder), timeout=120)
    return Shown(ended=ended, folder=folder, last=crawls.decided(folder), stored=crawls.stored(folder))


def test_it_ends_well(shown: Shown) -> None:
    assert shown.ended.code == 0, shown.ended.err
    assert "Traceback" not in shown.ended.err
    assert shown.ended.out == ""
    crawls.check_folder(shown.folder)


@pytest.mark.parametrize("place", ASSETS)
def test_everything_ends_as_the_table_says(shown: Shown, place: Place) -> None:
    expect = place.expect
    assert expect is not None
    if expect.signal in METADATA - SIGNALS.keys():
        pytest.skip("needs a reader of metadata inside images")
    at = place.host + place.path
    assert shown.stored.get(at, 0) == expect.kept
    decision = shown.last.get(at)
    if expect.outcome is None:
        assert decision is None or not decision.collect
        return
    assert decision is not None
    assert decision.outcome is expect.outcome
    assert decision.collect == expect.kept
    if expect.signal:
        assert expect.signal in {ground.signal for ground in decision.grounds}


def test_nothing_is_kept_that_the_table_does_not_know(shown: Shown) -> None:
    assert set(shown.stored) <= {place.host + place.path for place in PLACES if place.expect is not None}


def test_it_says_what_it_did(shown: Shown) -> None:
    kept = sum(shown.stored.values())
    assert kept == len(crawls.heedful("items", str(shown.folder), "--json").rows)
    for word in ("kept", "reserved", "undetermined", "corpus:"):
        assert word in shown.ended.err
