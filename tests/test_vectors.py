"""Every vector of every signal, through the gate, in both readings."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.optout import SIGNALS
from crawler.optout.model import Reading, Statement
from tests import vectorfile

CASES = [
    pytest.param(vector, id=vector["id"])
    for name in vectorfile.names()
    if (vectorfile.FOLDER / f"{name.replace('-', '_')}.json").exists()
    for vector in vectorfile.load(name)
]


def test_every_signal_has_its_vector_file_and_no_file_is_left_over() -> None:
    files = {path.stem.replace("_", "-") for path in vectorfile.FOLDER.glob("*.json")}
    assert files == set(SIGNALS)


def test_vector_ids_are_unique_and_begin_with_their_signal() -> None:
    for name in SIGNALS:
        ids = [vector["id"] for vector in vectorfile.load(name)]
        assert len(ids) == len(set(ids))
        assert all(identifier.startswith(name + "-") for identifier in ids), name


@pytest.mark.parametrize("vector", CASES)
def test_vector(vector: dict[str, Any]) -> None:
    signal = vector["id"].rpartition("-")[0]
    strict = vectorfile.judge(vector, Reading.STRICT)
    if "outcome" in vector:
        wanted = vector["outcome"]
        wanted = wanted if isinstance(wanted, dict) else {"strict": wanted, "literal": wanted}
        found = {reading: vectorfile.judge(vector, Reading(reading)).outcome.value for reading in wanted}
        assert found == wanted, describe(strict.heard)
    if "licence" in vector:
        assert strict.licence == vector["licence"], describe(strict.heard)
    if "stage" in vector:
        assert strict.stage.value == vector["stage"], describe(strict.heard)
    if "needs" in vector:
        assert sorted(strict.needs) == sorted(vector["needs"])
    if "expect" in vector:
        heard = [as_row(statement) for statement in strict.heard if statement.signal == signal]
        assert len(heard) == len(vector["expect"]), describe(strict.heard)
        for wanted in vector["expect"]:
            match = next((row for row in heard if all(row[key] == wanted[key] for key in wanted)), None)
            assert match is not None, f"not heard: {wanted}\n{describe(strict.heard)}"
            heard.remove(match)


def as_row(statement: Statement) -> dict[str, Any]:
    evidence = statement.evidence
    return {
        "signal": statement.signal,
        "purpose": statement.purpose.value,
        "preference": statement.preference.value,
        "basis": statement.basis.value,
        "kind": statement.kind and statement.kind.value,
        "terms": statement.terms,
        "carrier": evidence.carrier.value,
        "locator": evidence.locator,
        "excerpt": evidence.excerpt,
        "source": evidence.source,
    }


def describe(heard: tuple[Statement, ...]) -> str:
    return "heard:\n" + "\n".join(f"  {as_row(statement)}" for statement in heard)
