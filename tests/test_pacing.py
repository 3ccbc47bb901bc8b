"""A host's wishes slow the crawl down and never speed it up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.core.downloader import Slot
from scrapy.settings import Settings
from twisted.internet.error import DNSLookupError

from crawler.optout.host import Host
from crawler.optout.model import Capture, HostFile
from crawler.pacing import TROUBLED, Pacer, opens_at

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
ROBOTS = HostFile(path="/robots.txt")


def host(robots: str | None, origin: str = "http://www.a.example", status: int = 200) -> Host:
    """An origin whose robots.txt arrived; None: it has none."""
    known = Host(origin, [ROBOTS])
    url, body = f"{origin}/robots.txt", (robots or "").encode()
    headers = (("content-type", "text/plain"),)
    status = 404 if robots is None else status
    known.receive("/robots.txt", Capture(url=url, status=status, at=AT, headers=headers, body=body))
    return known


def pacer(*, delay: float = 1.0, cap: float = 60.0, **slots: Slot) -> tuple[Pacer, Any]:
    """A pacer of a crawl that asks once every ``delay`` seconds, and that crawl's downloader."""
    downloader = SimpleNamespace(per_slot_settings={}, slots={f"{name}.example": slots[name] for name in slots})
    crawler: Any = SimpleNamespace(
        settings=Settings({"DOWNLOAD_DELAY": delay}), engine=SimpleNamespace(downloader=downloader)
    )
    return Pacer(crawler, ("our-bot", "heedful"), cap), downloader


ROWS = (
    ("nothing asked", "User-agent: *\nAllow: /\n", None, False),
    ("no robots.txt", None, None, False),
    ("slower than we are", "User-agent: *\nCrawl-delay: 5\n", 5.0, False),
    ("as slow as the cap", "User-agent: *\nCrawl-delay: 60\n", 60.0, False),
    ("slower than the cap", "User-agent: *\nCrawl-delay: 61\n", None, True),
    ("faster than we are", "User-agent: *\nCrawl-delay: 0.2\n", None, False),
    ("as fast as we are", "User-agent: *\nCrawl-delay: 1\n", None, False),
    ("to us", "User-agent: our-bot\nCrawl-delay: 7\n\nUser-agent: *\nCrawl-delay: 3\n", 7.0, False),
    ("to our alias", "User-agent: heedful\nCrawl-delay: 8\n", 8.0, False),
    ("to our framework", "User-agent: Scrapy\nCrawl-delay: 9\n", 9.0, False),
    ("to somebody else", "User-agent: other\nCrawl-delay: 9\n", None, False),
    ("as a rate", "User-agent: *\nRequest-rate: 1/10s\n", 10.0, False),
    ("as both", "User-agent: *\nRequest-rate: 1/10s\nCrawl-delay: 20\n", 20.0, False),
    ("as nonsense", "User-agent: *\nCrawl-delay: soon\n", None, False),
    ("as less than nothing", "User-agent: *\nCrawl-delay: -5\n", None, False),
)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_domain_is_slowed_to_what_its_host_asks(row: tuple[str, str | None, float | None, bool]) -> None:
    _, robots, delay, too_slow = row
    ours, downloader = pacer()
    asked = ours.learn(host(robots))
    slowed = {} if delay is None else {"a.example": {"delay": delay, "jitter": 0.0}}
    assert downloader.per_slot_settings == slowed
    assert ours.of(host(robots)) == asked
    objection = ours.objection(host(robots), AT)
    assert objection == (("crawl-delay", "asks for 61 s, the cap is 60 s") if too_slow else None)


def test_the_slowest_host_of_a_domain_sets_its_pace() -> None:
    ours, downloader = pacer()
    for name, delay in (("www", 5), ("shop", 9), ("blog", 2)):
        ours.learn(host(f"User-agent: *\nCrawl-delay: {delay}\n", f"http://{name}.a.example"))
    assert downloader.per_slot_settings["a.example"]["delay"] == 9.0


def test_a_slot_is_named_as_the_crawl_names_its_slots() -> None:
    _, downloader = pacer()
    crawler: Any = SimpleNamespace(settings=Settings(), engine=SimpleNamespace(downloader=downloader))
    Pacer(crawler, ("our-bot",), 60.0, slot=str).learn(host("User-agent: *\nCrawl-delay: 5\n"))
    assert set(downloader.per_slot_settings) == {"www.a.example"}


def test_a_host_is_left_outside_its_visit_time() -> None:
    ours, _ = pacer()
    shut = host("User-agent: *\nVisit-time: 0400-0500\n")
    assert ours.objection(shut, AT) == ("visit-time", "2026-11-23T04:00:00+00:00")
    assert ours.objection(shut, AT.replace(hour=4)) is None


def test_a_slot_that_is_open_is_slowed_too_and_never_sped_up() -> None:
    slot = Slot(concurrency=1, delay=6.0, jitter=0.5)
    ours, _ = pacer(a=slot)
    ours.learn(host("User-agent: *\nCrawl-delay: 5\n"))
    assert slot.delay == 6.0
    ours.learn(host("User-agent: *\nCrawl-delay: 8\n"))
    assert (slot.delay, slot.jitter) == (8.0, 0.0)


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_host_whose_robots_is_unreachable_asks_for_nothing_yet(status: int) -> None:
    ours, downloader = pacer()
    assert ours.learn(host("User-agent: *\nCrawl-delay: 5\n", status=status)).delay is None
    assert downloader.per_slot_settings == {}


# Visit-time

TEN_THIRTY = 10 * 60 + 30

WINDOWS = (
    ("none", (), None),
    ("open", ((600, 660),), None),
    ("opens now", ((TEN_THIRTY, 660),), None),
    ("closes now", ((600, TEN_THIRTY),), 23 * 60 + 30),
    ("opens later today", ((720, 780),), 90),
    ("opened earlier today", ((60, 120),), 24 * 60 - TEN_THIRTY + 60),
    ("past midnight, open", ((600, 60),), None),
    ("past midnight, closed", ((22 * 60, 60),), 22 * 60 - TEN_THIRTY),
    ("to midnight", ((0, 1440),), None),
    ("the next of two", ((1200, 1260), (720, 780)), 90),
    ("one of two open", ((1200, 1260), (600, 660)), None),
)


@pytest.mark.parametrize("row", WINDOWS, ids=[row[0] for row in WINDOWS])
def test_opens_at(row: tuple[str, tuple[tuple[int, int], ...], int | None]) -> None:
    _, windows, minutes = row
    at = AT.replace(second=17)
    expected = None if minutes is None else AT + timedelta(minutes=minutes)
    assert opens_at(windows, at) == expected


MINUTES = st.tuples(st.integers(0, 1439), st.integers(0, 1440)).filter(lambda window: window[0] != window[1])


@given(st.lists(MINUTES, max_size=4), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_when_it_opens_it_is_open(windows: list[tuple[int, int]], at: datetime) -> None:
    at = at.replace(tzinfo=UTC)
    opens = opens_at(windows, at)
    if opens is not None:
        assert at < opens <= at + timedelta(days=1)
        assert opens_at(windows, opens) is None


def test_trouble_doubles_the_pause_up_to_a_bound_and_answers_bring_it_down() -> None:
    slot = Slot(concurrency=1, delay=1.0, jitter=0.0)
    ours, downloader = pacer(a=slot)
    pauses = []
    for _ in range(8):
        ours.answered("a.example", 503, 0.1)
        pauses.append(slot.delay)
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert downloader.per_slot_settings["a.example"]["delay"] == 60, "for a slot that is made anew"
    while slot.delay > 1:
        before = slot.delay
        ours.answered("a.example", 200, 0.1)
        pauses.append(slot.delay)
        assert before > slot.delay >= before * 0.5
    assert len(pauses) > 8 + 12, "slower than it went up"
    assert downloader.per_slot_settings["a.example"]["delay"] == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520])
def test_what_counts_as_trouble(status: int) -> None:
    ours, downloader = pacer()
    ours.answered("a.example", status, 0.1)
    assert downloader.per_slot_settings["a.example"]["delay"] == 2


def test_errors_and_slow_answers_are_trouble_and_names_that_lead_nowhere_are_not() -> None:
    ours, downloader = pacer()
    ours.failed("a.example", ConnectionResetError())
    ours.failed("b.example", TimeoutError())
    ours.answered("c.example", 200, 30.0)
    ours.failed("d.example", DNSLookupError())
    ours.answered("e.example", 404, 0.1)
    assert {name: known["delay"] for name, known in downloader.per_slot_settings.items()} == dict.fromkeys(
        ("a.example", "b.example", "c.example"), 2
    )


@given(st.lists(st.booleans(), max_size=60), st.sampled_from([0.0, 0.2, 1.0, 5.0]))
def test_a_back_off_never_goes_below_what_is_asked_nor_above_its_bound(trouble: list[bool], own: float) -> None:
    ours, downloader = pacer(delay=own)
    ours.learn(host("User-agent: *\nCrawl-delay: 3\n"))
    for bad in trouble:
        ours.answered("a.example", 503 if bad else 200, 0.1)
        assert max(own, 3) <= downloader.per_slot_settings.get("a.example", {"delay": own})["delay"] <= 60


def test_a_site_level_file_in_trouble_slows_its_domain_down() -> None:
    ours, downloader = pacer()
    ours.heard(Capture(url="http://www.a.example/robots.txt", status=503, at=AT))
    ours.heard(Capture(url="http://www.b.example/robots.txt", status=404, at=AT))
    ours.heard(Capture(url="http://www.c.example/robots.txt", status=None, at=AT, failure="own rules"))
    assert set(downloader.per_slot_settings) == {"a.example"}


def test_a_domain_that_did_not_answer_before_is_begun_slowly_once() -> None:
    ours, downloader = pacer()
    for _ in range(5):
        ours.careful("a.example")
    assert downloader.per_slot_settings["a.example"]["delay"] == 2


def test_memory_for_trouble_is_bounded() -> None:
    ours, _ = pacer()
    for number in range(TROUBLED + 10):
        ours.answered(f"{number}.example", 503, 0.1)
    assert len(ours._backoff) == TROUBLED
