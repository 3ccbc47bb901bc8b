"""Any noun of the model, for properties."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as some

from crawler.optout.model import (
    Asked,
    Asset,
    Basis,
    Carrier,
    Decision,
    Evidence,
    Hop,
    Kind,
    Outcome,
    Posture,
    Preference,
    Purpose,
    Reading,
    Stage,
    Standing,
    Statement,
)

TEXT = some.text(max_size=20) | some.sampled_from(["\ud800", "a\x00b", '"\\', "é\u2028"])
TIMES = some.datetimes(timezones=some.just(UTC)) | some.just(datetime(2026, 11, 22, 10, tzinfo=UTC))


def tuples(of: some.SearchStrategy[object], size: int = 3) -> some.SearchStrategy[tuple[object, ...]]:
    return some.lists(of, max_size=size).map(tuple)


STATEMENTS = some.builds(
    Statement,
    signal=TEXT,
    purpose=some.sampled_from(Purpose),
    preference=some.sampled_from(Preference),
    basis=some.sampled_from(Basis),
    evidence=some.builds(
        Evidence,
        source=TEXT,
        carrier=some.sampled_from(Carrier),
        locator=TEXT,
        excerpt=TEXT,
        sha256=TEXT,
        at=TIMES,
    ),
    kind=some.none() | some.sampled_from(Kind),
    terms=some.none() | TEXT,
)
HOPS = some.builds(Hop, url=TEXT, status=some.integers(300, 399), headers=tuples(some.tuples(TEXT, TEXT)))
ASKED = some.builds(
    Asked,
    signals=tuples(TEXT),
    carrier=some.sampled_from(Carrier),
    source=TEXT,
    standing=some.sampled_from(Standing),
    status=some.none() | some.integers(100, 599),
    at=TIMES,
)
DECISIONS = some.builds(
    Decision,
    asset=some.builds(Asset, url=TEXT, kind=some.sampled_from(Kind), via=some.none() | TEXT),
    stage=some.sampled_from(Stage),
    outcome=some.sampled_from(Outcome),
    grounds=tuples(STATEMENTS),
    heard=tuples(STATEMENTS),
    asked=tuples(ASKED),
    needs=tuples(TEXT),
    purposes=tuples(some.sampled_from(Purpose)),
    posture=some.sampled_from(Posture),
    reading=some.sampled_from(Reading),
    policy=TEXT,
    at=TIMES,
    licence=some.none() | TEXT,
)
