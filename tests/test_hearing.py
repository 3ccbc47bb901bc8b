"""What the gate makes of readers that say too much, too often, or fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.optout.hearing import ALIKE, few, read, unreachable
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Kind,
    Need,
    Preference,
    Purpose,
    Statement,
    quote,
)

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
ASSET = Asset(url="https://h.example/a", kind=Kind.TEXT)
PAGE = Capture(url=ASSET.url, status=200, at=AT, body=b"<html>")
CONTEXT = Context(agents=("mybot",))


def said(number: int, preference: Preference = Preference.DISALLOW, **more: object) -> Statement:
    statement = Statement(
        signal="robots-meta",
        purpose=Purpose.TDM,
        preference=preference,
        basis=Basis.STATED,
        evidence=quote(PAGE, Carrier.HTML, f"meta[{number}]", "noai"),
    )
    return replace(statement, **more)  # type: ignore[arg-type]


def test_of_alike_statements_the_first_few_are_kept() -> None:
    heard = few(said(number) for number in range(50_000))
    assert list(heard) == [said(number) for number in range(ALIKE)]


def test_what_is_said_twice_in_one_place_is_heard_once_and_counts_once() -> None:
    heard = few([said(0)] * 100 + [said(number) for number in range(1, 100)])
    assert list(heard) == [said(number) for number in range(ALIKE)]


DIFFERENT = [
    {"signal": "tdmrep"},
    {"purpose": Purpose.AI_TRAIN},
    {"preference": Preference.CONDITIONAL},
    {"basis": Basis.INFERRED},
    {"kind": Kind.IMAGE},
    {"evidence": quote(PAGE, Carrier.HEADER, "x-robots-tag[0]", "noai")},
]


@pytest.mark.parametrize("difference", DIFFERENT)
def test_nothing_that_the_policy_looks_at_is_crowded_out(difference: dict[str, object]) -> None:
    crowd = [said(number) for number in range(100)]
    other = said(100, **difference)  # type: ignore[arg-type]
    assert other in few([*crowd, other])


def test_terms_and_places_are_not_looked_at() -> None:
    crowd = [said(number, terms=f"https://h.example/{number}") for number in range(100)]
    assert len(few(crowd)) == ALIKE


def test_a_request_for_a_document_is_never_left_out() -> None:
    needs = [Need(signal="rsl", url=f"https://h.example/{number}") for number in range(20)]
    assert list(few([*needs, *needs])) == needs


def test_a_reader_that_fails_is_heard_up_to_there_and_then_as_something_unreadable() -> None:
    def broken(capture: Capture, asset: Asset, context: Context) -> Iterator[Statement]:
        yield said(0)
        raise RecursionError("with words that may quote the page")

    first, second = read("robots-meta", Carrier.HTML, broken, PAGE, ASSET, CONTEXT)
    assert first == said(0)
    assert isinstance(second, Statement)
    assert (second.signal, second.purpose, second.preference) == (
        "robots-meta",
        Purpose.ANY,
        Preference.UNREADABLE,
    )
    assert second.evidence.locator == "reader failed: RecursionError"
    assert second.evidence.excerpt == ""


def test_a_reader_that_fails_before_it_yields_is_no_reason_to_end_either() -> None:
    def broken(capture: Capture, asset: Asset, context: Context) -> list[Statement]:
        raise KeyError("x")

    (only,) = read("robots-meta", Carrier.HTML, broken, PAGE, ASSET, CONTEXT)
    assert isinstance(only, Statement)
    assert only.preference is Preference.UNREADABLE


@pytest.mark.parametrize(
    ("capture", "words"),
    [
        (Capture(url=ASSET.url, status=None, at=AT, failure="refused"), "refused"),
        (Capture(url=ASSET.url, status=503, at=AT), "status 503"),
        (Capture(url=ASSET.url, status=None, at=AT), "no answer"),
    ],
)
def test_a_file_that_cannot_be_had_is_told_with_the_reason(capture: Capture, words: str) -> None:
    statement = unreachable("robots", Carrier.ROBOTS_TXT, "https://h.example/robots.txt", capture)
    assert statement.preference is Preference.UNREADABLE
    assert statement.purpose is Purpose.ANY
    assert statement.evidence.locator == "unreachable"
    assert statement.evidence.excerpt == words
    assert statement.evidence.sha256 == capture.digest
