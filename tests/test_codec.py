from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crawler.optout.codec import (
    decision_from_dict,
    decision_to_dict,
    hop_from_dict,
    hop_to_dict,
    statement_from_dict,
    statement_to_dict,
    time_from_text,
    time_to_text,
)
from crawler.optout.model import Decision, Hop, Malformed, Reading, Statement
from tests.nouns import DECISIONS, HOPS, STATEMENTS, TIMES
from tests.vectorfile import FOLDER, judge, load

ROW = {
    "signal", "purpose", "preference", "basis", "carrier", "locator", "excerpt", "source", "terms", "kind",
    "sha256", "at",
}  # fmt: skip
KEYS = {
    "url", "kind", "stage", "outcome", "collect", "grounds", "heard", "via", "purposes", "posture", "reading",
    "policy", "at", "asked", "licence", "needs",
}  # fmt: skip


def through_json(row: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(row))  # type: ignore[no-any-return]


@given(DECISIONS)
def test_a_decision_is_read_back_as_it_was_written(decision: Decision) -> None:
    assert decision_from_dict(through_json(decision_to_dict(decision, compact=True))) == decision


@given(DECISIONS)
def test_the_expanded_form_says_the_same_when_it_is_read_and_written_again(decision: Decision) -> None:
    row = decision_to_dict(decision)
    assert decision_to_dict(decision_from_dict(through_json(row))) == row


@given(STATEMENTS, HOPS, TIMES)
def test_the_parts_are_read_back_as_they_were_written(statement: Statement, hop: Hop, at: datetime) -> None:
    assert statement_from_dict(through_json(statement_to_dict(statement))) == statement
    assert hop_from_dict(through_json(hop_to_dict(hop))) == hop
    assert time_from_text(time_to_text(at)) == at


@pytest.mark.parametrize("signal", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_what_the_gate_decides_is_read_back_from_either_form(signal: str) -> None:
    for vector in load(signal):
        decision = judge(vector, Reading.STRICT)
        for compact in (True, False):
            row = through_json(decision_to_dict(decision, compact=compact))
            assert set(row) == KEYS
            assert all(set(one) == ROW for one in row["heard"] + row["grounds"])
            assert decision_from_dict(row) == decision


def test_times_are_utc_with_microseconds_only_where_there_are_any() -> None:
    assert time_to_text(datetime(2026, 11, 22, 10, tzinfo=UTC)) == "2026-11-22T10:00:00Z"
    assert time_to_text(datetime(2026, 11, 22, 10, 0, 0, 50, tzinfo=UTC)) == "2026-11-22T10:00:00.000050Z"
    assert time_to_text(datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=2)))).endswith("T10:00:00Z")
    with pytest.raises(ValueError, match="no time zone"):
        time_to_text(datetime(2026, 11, 22, 10))
    for text in ("2026-11-22T10:00:00", "soon", "", "0001-01-01T00:00:00+23:59"):
        with pytest.raises(Malformed):
            time_from_text(text)


def test_keys_of_others_are_left_alone() -> None:
    decision = judge(load("denylist")[0], Reading.STRICT)
    assert decision_from_dict({**decision_to_dict(decision), "entry": 41, "run": "r"}) == decision


def test_a_decision_that_contradicts_its_own_collect_is_refused() -> None:
    row = decision_to_dict(judge(load("denylist")[0], Reading.STRICT))
    with pytest.raises(Malformed, match="collect"):
        decision_from_dict({**row, "collect": not row["collect"]})


JUNK = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(DECISIONS, some.sampled_from(sorted(KEYS)), JUNK)
def test_junk_in_any_place_is_malformed_or_a_decision(decision: Decision, key: str, junk: Any) -> None:
    for compact in (True, False):
        with suppress(Malformed):
            decision_from_dict({**decision_to_dict(decision, compact=compact), key: junk})
        for name in ("heard", "asked"):
            for one in decision_to_dict(decision, compact=compact)[name]:
                for inner in one:
                    with suppress(Malformed):
                        decision_from_dict({**decision_to_dict(decision), name: [{**one, inner: junk}]})


@given(JUNK)
def test_junk_is_malformed(junk: Any) -> None:
    with pytest.raises(Malformed):
        decision_from_dict(junk)
    with pytest.raises(Malformed):
        hop_from_dict(junk)
