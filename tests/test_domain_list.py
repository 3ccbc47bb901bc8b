"""The list of the most relevant domains: the rule of the EU template over any sizes, and its files."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.audit.report.domainfile import COLUMNS, write_list, write_rule
from crawler.audit.report.domainlist import SME_LIMIT, Ranking, Rule, quota
from crawler.audit.report.model import Count, DomainRow

SUFFIX_LIST = "Public Suffix List of 2025-04-07"

SIZES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=80)
"""Bytes of text and of images of each domain; few values, so that many tie."""


def row(name: str, text: int | None, image: int, *, stored: int = 0, reserved: int = 0) -> DomainRow:
    """A domain with so many bytes of text and images."""
    kept = int(bool(text) or stored > 0) + int(image > 0)
    return DomainRow(
        domain=name,
        count=Count(kept=kept, bytes=image + (stored or text or 0), reserved=reserved),
        texts=int(text is None or text > 0),
        images=int(image > 0),
        text_bytes=text,
        image_bytes=image,
        words=None if text is None else text // 5,
        first="2026-10-31T23:59:59Z",
        last="2026-11-22T12:00:00Z",
        signals=(),
    )


def rows(sizes: list[tuple[int, int]]) -> list[DomainRow]:
    return [row(f"d{number:03}.example", text, image) for number, (text, image) in enumerate(sizes)]


def listed(some: list[DomainRow], *, sme: bool = False) -> list[str]:
    """Names of the domains that are listed, in order."""
    rule = Rule.of(some, sme=sme)
    return [one.domain for one in sorted(filter(rule.lists, some), key=rule.order)]


@pytest.mark.parametrize(
    ("domains", "ten", "five"),
    [
        (0, 0, 0),
        (1, 1, 1),
        (10, 1, 1),
        (11, 2, 1),
        (20, 2, 1),
        (21, 3, 2),
        (19_999, 2_000, 1_000),
        (20_000, 2_000, 1_000),
        (20_001, 2_001, 1_000),
        (1_000_001, 100_001, 1_000),
    ],
)
def test_a_tenth_or_a_twentieth_rounded_up(domains: int, ten: int, five: int) -> None:
    assert (quota(domains, sme=False), quota(domains, sme=True)) == (ten, five)


def test_a_million_and_one_names_that_differ() -> None:
    for sme, expected in ((False, 100_001), (True, SME_LIMIT)):
        ranking = Ranking.of(range(1, 1_000_002), sme=sme)
        assert (ranking.contributing, ranking.listed) == (1_000_001, expected)
        assert ranking.cutoff == 1_000_001 - expected + 1
        assert ranking.lists(ranking.cutoff)
        assert not ranking.lists(ranking.cutoff - 1)
        assert (ranking.rank(1_000_001), ranking.rank(1), ranking.rank(0)) == (1, 1_000_001, None)


def test_nothing_and_one() -> None:
    assert listed([]) == []
    assert listed([row("empty.example", 0, 0)]) == []
    assert listed([row("one.example", 1, 0)]) == ["one.example"]
    assert listed([row("one.example", 1, 0)], sme=True) == ["one.example"]


def test_what_ties_with_the_last_is_listed() -> None:
    some = [row(f"d{number}.example", 5, 0) for number in range(30)]
    assert len(listed(some)) == 30
    assert len(listed([*some, row("top.example", 6, 0), *(row(f"x{n}.example", 7, 0) for n in range(3))])) == 4


def test_each_modality_has_its_say() -> None:
    texts = [row(f"t{number:02}.example", 100 + number, 0) for number in range(20)]
    images = [row(f"i{number:02}.example", 0, 1 + number) for number in range(10)]
    assert set(listed(texts + images)) == {"t19.example", "t18.example", "i09.example"}


@given(SIZES)
def test_it_does_not_depend_on_the_order_they_come_in(sizes: list[tuple[int, int]]) -> None:
    some = rows(sizes)
    assert listed(some) == listed(some[::-1]) == listed(sorted(some, key=lambda one: one.text_bytes or 0))


@given(SIZES)
def test_the_list_is_the_smallest_that_has_the_share_and_no_torn_tie(sizes: list[tuple[int, int]]) -> None:
    for ranking, own in (
        (Rule.of(rows(sizes), sme=False).text, [text for text, _ in sizes if text]),
        (Rule.of(rows(sizes), sme=False).image, [image for _, image in sizes if image]),
    ):
        taken = [size for size in own if ranking.lists(size)]
        left = [size for size in own if not ranking.lists(size)]
        assert len(taken) == ranking.listed >= ranking.quota == -(-len(own) // 10)
        assert not taken or min(taken) > max(left, default=0)
        assert len([size for size in taken if size > min(taken)]) < max(ranking.quota, 1)
        assert [ranking.rank(size) for size in own] == [1 + sum(other > size for other in own) for size in own]


@given(SIZES, st.data())
def test_who_grows_stays_listed(sizes: list[tuple[int, int]], data: st.DataObject) -> None:
    some = rows(sizes)
    for sme in (False, True):
        names = listed(some, sme=sme)
        if not names:
            continue
        who = data.draw(st.sampled_from(names))
        more = [
            row(who, (one.text_bytes or 0) + 1, one.image_bytes + 1) if one.domain == who else one
            for one in some
        ]
        assert who in listed(more, sme=sme)


@given(SIZES)
def test_the_short_list_is_part_of_the_long_one(sizes: list[tuple[int, int]]) -> None:
    some = rows(sizes)
    assert set(listed(some, sme=True)) <= set(listed(some))


def test_without_measures_it_ranks_by_what_is_stored_and_says_so() -> None:
    some = [row(f"d{number:02}.example", None, 0, stored=100 + number) for number in range(20)]
    rule = Rule.of(some, sme=False)
    assert not rule.measured
    assert listed(some) == ["d19.example", "d18.example"]
    assert "not measured" in " ".join(rule.words(SUFFIX_LIST))


def test_one_text_that_cannot_be_read_does_not_change_how_the_others_are_ranked() -> None:
    some = [row(f"d{number:02}.example", 10 + number, 0) for number in range(9)]
    rule = Rule.of([*some, row("locked.example", None, 0, stored=10**6)], sme=False)
    assert rule.measured
    assert rule.unread == 1
    assert not rule.lists(row("locked.example", None, 0, stored=10**6))
    assert "could not be read" in " ".join(rule.words(SUFFIX_LIST))


def test_the_files_say_what_they_are(tmp_path: Path) -> None:
    some = [row("b.example", 40, 8, reserved=3), row("a.example", 40, 0), row('=HYPERLINK("x")', 41, 0)]
    rule = Rule.of(some, sme=True)
    digest = write_list(tmp_path / "domains.csv", some, rule)
    write_rule(tmp_path / "domains.json", rule, SUFFIX_LIST, {"domains.csv": (len(some), digest)})
    data = (tmp_path / "domains.csv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest
    read = list(csv.DictReader(data.decode().splitlines()))
    assert list(read[0]) == [name for name, _ in COLUMNS]
    assert [one["domain"] for one in read] == ["b.example", "a.example", '\'=HYPERLINK("x")']
    assert [one["text_rank"] for one in read] == ["2", "2", "1"]
    assert (read[0]["image_rank"], read[1]["image_rank"]) == ("1", "")
    assert (read[0]["reserved"], read[0]["reserved_share"]) == ("3", "60%")
    assert (read[0]["first_month"], read[0]["last_month"]) == ("10/2026", "11/2026")
    assert (read[0]["words"], read[0]["tokens_estimate"]) == ("8", "10")
    told = json.loads((tmp_path / "domains.json").read_text())
    assert told["files"] == {"domains.csv": {"rows": 3, "sha256": digest}}
    assert (told["share"], told["limit"]) == (0.05, 1000)
    assert told["public_suffix_list"] == SUFFIX_LIST
    assert told["modalities"]["text"] == {
        "domains": 3, "to_be_listed": 1, "listed": 1, "smallest_listed_bytes": 41,
    }  # fmt: skip
