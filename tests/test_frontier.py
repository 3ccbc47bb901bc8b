"""The contract as a dialogue with the embedded engine; what an engine on a server must answer too."""

from __future__ import annotations

import itertools
import random
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crawler.clock import steady_clock
from crawler.frontier import (
    VIAS,
    EmbeddedFrontier,
    Ended,
    Entry,
    Frontier,
    FrontierError,
    Lease,
    LeaseLost,
    Offer,
    State,
)
from crawler.frontier.notes import SAME
from crawler.frontier.schema import VERSION
from crawler.optout.model import (
    Basis,
    Carrier,
    Evidence,
    Hop,
    Kind,
    Outcome,
    Preference,
    Purpose,
    Statement,
)

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "frontier.db"


@pytest.fixture
def frontier(path: Path, clock: Clock) -> Iterator[EmbeddedFrontier]:
    engine = EmbeddedFrontier(path, clock=clock)
    yield engine
    engine.close()


def offer(url: str, **fields: object) -> Offer:
    host = url.split("/")[2]
    given = {"kind": Kind.TEXT, "domain": ".".join(host.split(".")[-2:]), "host": host, "depth": 1}
    return Offer(url=url, **(given | fields))  # type: ignore[arg-type]


def said(page: str, purpose: Purpose = Purpose.TDM, **fields: object) -> Statement:
    evidence = Evidence(
        source=page, carrier=Carrier.HTML, locator="meta[name=robots][0]", excerpt="noai", sha256="0", at=AT
    )
    given = {"signal": "robots-meta", "preference": Preference.DISALLOW, "basis": Basis.STATED}
    return Statement(purpose=purpose, evidence=evidence, **(given | fields))  # type: ignore[arg-type]


def hop(url: str) -> Hop:
    return Hop(url=url, status=301, headers=(("location", "x"), ("tdm-reservation", "1")))


def done(entry: Entry, *, kept: bool = False) -> Ended:
    return Ended(entry_id=entry.id, state="done", outcome=Outcome.UNRESERVED, kept=kept)


def one(frontier: Frontier, worker: str = "w") -> Lease:
    (lease,) = frontier.acquire(worker, 1, 1, 60)
    return lease


def urls(leases: list[Lease]) -> list[str]:
    return [entry.url for lease in leases for entry in lease.entries]


def known(frontier: Frontier, url: str) -> Entry:
    entry = frontier.entry(url)
    assert entry is not None
    return entry


# What is offered, handed out and done


def test_a_url_is_handed_out_once_and_leaves_the_queue_when_it_is_completed(frontier: EmbeddedFrontier) -> None:
    assert frontier.seed([offer("https://a.example/", seed=True, depth=0)]) == 1
    assert not frontier.finished()
    (lease,) = frontier.acquire("w", 10, 10, 60)
    (entry,) = lease.entries
    assert (lease.domain, entry.url, entry.state, entry.seed) == (
        "a.example",
        "https://a.example/",
        State.LEASED,
        True,
    )
    assert frontier.acquire("w", 10, 10, 60) == []
    assert frontier.acquire("v", 10, 10, 60) == []
    link = offer("https://a.example/b", via=entry.url)
    assert frontier.complete_many([(lease, [done(entry)], [link])]) == []
    assert known(frontier, entry.url).state is State.DONE
    assert known(frontier, entry.url).outcome is Outcome.UNRESERVED
    (again,) = frontier.acquire("w", 10, 10, 60)
    assert (again.epoch, again.entries[0].via) == (lease.epoch, (entry.url,))
    frontier.complete_many([(again, [done(again.entries[0])], [])])
    assert frontier.finished()
    left = frontier.left()
    assert (left.queued, left.leased, left.waiting, left.done) == (0, 0, 0, 2)


def test_seeding_again_adds_nothing(frontier: EmbeddedFrontier) -> None:
    offers = [offer("https://a.example/1"), offer("https://a.example/2"), offer("https://a.example/1")]
    assert frontier.seed(offers) == 2
    assert frontier.seed(offers) == 0


def test_everything_an_offer_says_is_handed_out(frontier: EmbeddedFrontier) -> None:
    told = offer(
        "https://a.example/i.png",
        kind=Kind.IMAGE,
        depth=3,
        via="https://a.example/p",
        inherited=(said("https://a.example/p"),),
        hops=(hop("https://a.example/old"),),
        alt="A cat \ud800",
        caption="Cat\x00s",
        link_only=True,
    )
    frontier.seed([told])
    (entry,) = one(frontier).entries
    assert (entry.kind, entry.depth, entry.via) == (Kind.IMAGE, 3, ("https://a.example/p",))
    assert (entry.inherited, entry.hops) == (told.inherited, told.hops)
    assert (entry.alt, entry.caption, entry.link_only) == ("A cat ?", "Cat\x00s", True)
    assert (entry.tries, entry.seed, entry.kept) == (0, False, False)


def test_a_known_url_that_becomes_a_seed_moves_up(frontier: EmbeddedFrontier) -> None:
    frontier.seed([offer(f"https://a.example/{n}", depth=5) for n in range(3)])
    assert frontier.seed([offer("https://a.example/2", depth=0, seed=True)]) == 0
    (entry,) = one(frontier).entries
    assert (entry.url, entry.seed, entry.depth) == ("https://a.example/2", True, 0)


def test_seeds_and_sitemaps_then_priority_then_first_come(frontier: EmbeddedFrontier) -> None:
    frontier.seed(
        [
            offer("https://a.example/first"),
            offer("https://a.example/second", kind=Kind.IMAGE),
            offer("https://a.example/urgent", priority=5),
            offer("https://a.example/huge", priority=10**30),
            offer("https://a.example/late", priority=-5),
            offer("https://a.example/sitemap.xml", link_only=True),
            offer("https://a.example/", seed=True),
        ]
    )
    found = [url.rpartition("/")[2] for url in urls(frontier.acquire("w", 1, 10, 60))]
    assert found == ["sitemap.xml", "", "huge", "urgent", "first", "second", "late"]


def test_the_pages_of_a_url_are_remembered_up_to_a_number(path: Path) -> None:
    frontier = EmbeddedFrontier(path, known=10)
    pages = [f"https://a.example/{n}" for n in range(VIAS + 5)]
    frontier.seed(offer("https://a.example/nav", via=page) for page in pages * 2)
    assert known(frontier, "https://a.example/nav").via == tuple(pages[:VIAS])
    frontier.close()


# Leases


def test_whoever_lost_the_lease_changes_nothing(frontier: EmbeddedFrontier, clock: Clock) -> None:
    frontier.seed([offer("https://a.example/"), offer("https://b.example/")])
    a, b = sorted(frontier.acquire("sleeper", 2, 5, 60), key=lambda lease: lease.domain)
    clock.time += 61
    taken = frontier.acquire("other", 1, 5, 60)
    assert urls(taken) == ["https://a.example/"]
    assert taken[0].entries[0].tries == 1
    batch = [
        (b, [done(b.entries[0])], [offer("https://b.example/new")]),
        (a, [done(a.entries[0])], [offer("https://a.example/new")]),
    ]
    with pytest.raises(LeaseLost) as lost:
        frontier.complete_many(batch)
    assert lost.value.leases == (a,)
    assert frontier.entry("https://a.example/new") is None
    assert frontier.entry("https://b.example/new") is None
    assert known(frontier, "https://b.example/").state is State.LEASED
    for call in (lambda: frontier.release(a), lambda: frontier.extend(a, 60)):
        with pytest.raises(LeaseLost):
            call()
    frontier.complete_many(batch[:1])  # expired, but nobody took it
    assert known(frontier, "https://b.example/").state is State.DONE


def test_an_extended_lease_is_not_taken(frontier: EmbeddedFrontier, clock: Clock) -> None:
    frontier.seed([offer("https://a.example/")])
    lease = frontier.extend(one(frontier), 600)
    assert lease.expires == clock.time + 600
    clock.time += 599
    assert frontier.acquire("other", 1, 1, 60) == []
    clock.time += 2
    assert len(frontier.acquire("other", 1, 1, 60)) == 1


def test_whoever_wakes_after_the_lease_goes_on_if_nobody_took_it(
    frontier: EmbeddedFrontier, clock: Clock
) -> None:
    frontier.seed([offer("https://a.example/1"), offer("https://a.example/2")])
    first = one(frontier)
    clock.time += 3600
    (more,) = frontier.acquire("w", 1, 2, 60)
    assert (more.epoch, urls([more])) == (first.epoch, ["https://a.example/2"])
    frontier.complete_many([(first, [done(first.entries[0])], []), (more, [done(more.entries[0])], [])])
    assert frontier.finished()


def test_a_released_domain_waits_for_its_time_and_what_was_in_hand_is_queued(
    frontier: EmbeddedFrontier, clock: Clock
) -> None:
    frontier.seed([offer("https://a.example/")])
    lease = one(frontier)
    frontier.release(lease, clock.time + 10)
    assert frontier.acquire("w", 1, 1, 60) == []
    assert frontier.left().next_due == clock.time + 10
    frontier.seed([offer("https://a.example/new")])
    assert frontier.acquire("w", 1, 1, 60) == []
    clock.time += 10
    again = one(frontier)
    assert (again.entries[0].url, again.entries[0].tries) == ("https://a.example/", 0)
    assert again.epoch > lease.epoch
    with pytest.raises(LeaseLost):
        frontier.complete_many([(lease, [done(lease.entries[0])], [])])


def test_an_idle_domain_wakes_up_when_something_is_offered(frontier: EmbeddedFrontier, clock: Clock) -> None:
    frontier.seed([offer("https://a.example/")])
    lease = one(frontier)
    frontier.complete_many([(lease, [done(lease.entries[0])], [])])
    frontier.release(lease, clock.time + 10)
    assert frontier.left().next_due is None
    frontier.seed([offer("https://a.example/new")])
    assert frontier.left().next_due == clock.time + 10
    clock.time += 10
    assert urls(frontier.acquire("v", 1, 1, 60)) == ["https://a.example/new"]


def test_a_retry_is_handed_out_when_it_is_due_and_holds_nothing_up(
    frontier: EmbeddedFrontier, clock: Clock
) -> None:
    frontier.seed([offer("https://a.example/slow"), offer("https://a.example/next")])
    lease = one(frontier)
    later = Ended(entry_id=lease.entries[0].id, state="retry", due=clock.time + 100)
    frontier.complete_many([(lease, [later], [])])
    assert known(frontier, "https://a.example/slow").state is State.WAITING
    assert urls(frontier.acquire("w", 1, 1, 60)) == ["https://a.example/next"]
    entry = known(frontier, "https://a.example/next")
    frontier.complete_many([(lease, [done(entry)], [])])
    assert frontier.acquire("w", 1, 1, 60) == []
    assert not frontier.finished()
    frontier.release(lease)
    assert frontier.left().next_due == clock.time + 100
    clock.time += 99
    assert frontier.acquire("w", 1, 1, 60) == []
    clock.time += 1
    (again,) = one(frontier).entries
    assert (again.url, again.tries) == ("https://a.example/slow", 1)


def test_a_retry_under_a_running_lease_comes_back_to_its_holder(
    frontier: EmbeddedFrontier, clock: Clock
) -> None:
    frontier.seed([offer("https://a.example/")])
    lease = one(frontier)
    number = lease.entries[0].id
    frontier.complete_many([(lease, [Ended(entry_id=number, state="retry", due=clock.time + 5)], [])])
    assert frontier.left().next_due == clock.time + 5
    clock.time += 5
    again = one(frontier)
    assert (again.epoch, again.entries[0].tries) == (lease.epoch, 1)
    frontier.complete_many([(lease, [Ended(entry_id=number, state="retry")], [])])
    assert one(frontier).entries[0].tries == 2


def test_an_entry_ends_once(frontier: EmbeddedFrontier) -> None:
    frontier.seed([offer("https://a.example/")])
    lease = one(frontier)
    twice = [done(lease.entries[0])] * 2
    with pytest.raises(FrontierError, match="not handed out with this lease"):
        frontier.complete_many([(lease, twice, [offer("https://a.example/new")])])
    assert frontier.entry("https://a.example/new") is None
    frontier.complete_many([(lease, twice[:1], [offer("https://a.example/new")])])
    assert known(frontier, "https://a.example/").state is State.DONE


def test_reclaim_frees_what_a_crashed_worker_held(path: Path, clock: Clock) -> None:
    crashed = EmbeddedFrontier(path, clock=clock)
    crashed.seed([offer(f"https://{name}.example/{n}") for name in "ab" for n in range(3)])
    assert len(urls(crashed.acquire("w", 2, 2, 600))) == 4
    heir = EmbeddedFrontier(path, clock=clock)
    assert heir.acquire("v", 2, 2, 600) == []
    assert heir.reclaim("w") == 4
    leases = heir.acquire("v", 2, 3, 600)
    assert Counter(entry.tries for lease in leases for entry in lease.entries) == {1: 4, 0: 2}
    crashed.close()
    heir.close()


def test_of_two_processes_with_one_name_the_second_takes_over(path: Path, clock: Clock) -> None:
    first = EmbeddedFrontier(path, clock=clock)
    first.seed([offer("https://a.example/"), offer("https://b.example/")])
    held = one(first)
    second = EmbeddedFrontier(path, clock=clock)
    assert sorted(urls(second.acquire("w", 5, 5, 60))) == ["https://a.example/", "https://b.example/"]
    with pytest.raises(LeaseLost):
        first.complete_many([(held, [done(held.entries[0])], [])])
    with pytest.raises(LeaseLost, match="taken over"):
        first.acquire("w", 1, 1, 60)
    first.close()
    second.close()


# Fairness


def test_a_large_domain_does_not_starve_small_ones(frontier: EmbeddedFrontier) -> None:
    frontier.seed(offer(f"https://large.example/{n}") for n in range(10_000))
    frontier.seed(offer(f"https://small-{n}.example/{m}") for n in range(10) for m in range(3))
    served: list[str] = []
    for _ in range(60):
        for lease in frontier.acquire("w", 1, 10, 60):
            served += [entry.host for entry in lease.entries]
            frontier.complete_many([(lease, [done(entry) for entry in lease.entries], [])])
    assert Counter(served)["large.example"] >= 490
    small = [n for n, host in enumerate(served) if host != "large.example"]
    assert len(small) == 30
    assert max(small) < 60


def test_the_hosts_of_a_domain_take_turns(frontier: EmbeddedFrontier) -> None:
    frontier.seed(offer(f"https://big.pages.example/{n}", domain="pages.example") for n in range(1000))
    for host in "abcde":
        frontier.seed(offer(f"https://{host}.pages.example/{n}", domain="pages.example") for n in range(4))
    counts: Counter[str] = Counter()
    for turn in range(6):
        (lease,) = frontier.acquire("w", 1, 5, 60)
        assert len(lease.entries) == 5
        counts.update(entry.host for entry in lease.entries)
        frontier.complete_many([(lease, [done(entry) for entry in lease.entries], [])])
        assert max(counts.values()) - min(counts.values()) <= 1 or turn > 3
    assert counts == {"big.pages.example": 10} | {f"{host}.pages.example": 4 for host in "abcde"}


def test_a_site_that_invents_hosts_does_not_push_back_its_others(frontier: EmbeddedFrontier) -> None:
    frontier.seed([offer("https://www.a.example/1"), offer("https://www.a.example/2")])
    names = itertools.count()
    seen: list[str] = []
    for _ in range(4):
        lease = one(frontier)
        seen += urls([lease])
        new = [offer(f"https://trap-{next(names)}.a.example/") for _ in range(5)]
        frontier.complete_many([(lease, [done(lease.entries[0])], new)])
    assert "https://www.a.example/2" in seen


def test_no_more_than_per_domain_are_in_hand(frontier: EmbeddedFrontier) -> None:
    frontier.seed(offer(f"https://a.example/{n}") for n in range(10))
    (lease,) = frontier.acquire("w", 5, 3, 60)
    assert frontier.acquire("w", 5, 3, 60) == []
    frontier.complete_many([(lease, [done(entry) for entry in lease.entries[:2]], [])])
    (more,) = frontier.acquire("w", 5, 3, 120)
    assert (more.epoch, len(more.entries)) == (lease.epoch, 2)
    assert more.expires > lease.expires


# What travels with a URL


PAGES = [f"https://p{n}.example/" for n in range(4)]
OFFERS = some.builds(
    offer,
    some.sampled_from(["https://i.example/1", "https://i.example/2"]),
    via=some.sampled_from([None, *PAGES]),
    depth=some.integers(0, 3),
    seed=some.booleans(),
    inherited=some.lists(
        some.builds(said, some.sampled_from(PAGES), some.sampled_from(Purpose)), max_size=2
    ).map(tuple),
    hops=some.lists(some.builds(hop, some.sampled_from(PAGES)), max_size=2).map(tuple),
)


@settings(max_examples=40, deadline=None)
@given(some.lists(OFFERS, max_size=12), some.randoms(use_true_random=False), some.integers(0, 12))
def test_what_travels_with_a_url_does_not_depend_on_the_order(
    offers: list[Offer], dice: random.Random, cut: int
) -> None:
    known_of: list[set[object]] = []
    for shuffled in (False, True):
        if shuffled:
            offers = [*offers, *offers]
            dice.shuffle(offers)
        with tempfile.TemporaryDirectory() as folder:
            frontier = EmbeddedFrontier(Path(folder) / "frontier.db", known=4)
            frontier.seed(offers[:cut])
            frontier.seed(offers[cut:])
            entries = [frontier.entry(url) for url in ("https://i.example/1", "https://i.example/2")]
            frontier.close()
        known_of.append(
            {
                (e.url, frozenset(e.inherited), frozenset(e.hops), frozenset(e.via), e.depth, e.seed)
                for e in entries
                if e is not None
            }
        )
        for e in filter(None, entries):
            mine = [o for o in offers if o.url == e.url]
            assert set(e.inherited) == {s for o in mine for s in o.inherited}
            assert set(e.hops) == {h for o in mine for h in o.hops}
            assert len(set(e.inherited)) == len(e.inherited)
    assert known_of[0] == known_of[1]


def test_statements_reach_a_queued_url_when_it_is_handed_out(frontier: EmbeddedFrontier) -> None:
    frontier.seed([offer("https://a.example/i")])
    frontier.seed([offer("https://a.example/i", inherited=(said("p"),))])
    (entry,) = one(frontier).entries
    assert entry.inherited == (said("p"),)


def test_statements_reach_whoever_has_the_url_in_hand(frontier: EmbeddedFrontier) -> None:
    frontier.seed([offer("https://a.example/i"), offer("https://b.example/p")])
    image, page = sorted(frontier.acquire("w", 2, 1, 60), key=lambda lease: lease.domain)
    found = offer("https://a.example/i", via=page.entries[0].url, inherited=(said("p"),))
    assert frontier.complete_many([(page, [done(page.entries[0])], [found])]) == []
    (changed,) = frontier.complete_many([(image, [done(image.entries[0], kept=True)], [])])
    assert (changed.entry.url, changed.entry.inherited) == ("https://a.example/i", (said("p"),))
    assert changed.entry.kept


def test_the_same_within_one_batch_in_either_order(path: Path, clock: Clock) -> None:
    for number, flip in enumerate((False, True)):
        frontier = EmbeddedFrontier(path.with_name(f"{number}.db"), clock=clock)
        frontier.seed([offer("https://a.example/i"), offer("https://b.example/p")])
        image, page = sorted(frontier.acquire("w", 2, 1, 60), key=lambda lease: lease.domain)
        batch = [
            (image, [done(image.entries[0], kept=True)], []),
            (page, [done(page.entries[0])], [offer("https://a.example/i", inherited=(said("p"),))]),
        ]
        (changed,) = frontier.complete_many(batch[::-1] if flip else batch)
        assert changed.entry.inherited == (said("p"),)
        frontier.close()


def test_what_was_added_in_flight_to_something_not_kept_needs_nobody(frontier: EmbeddedFrontier) -> None:
    frontier.seed([offer("https://a.example/i")])
    lease = one(frontier)
    frontier.seed([offer("https://a.example/i", inherited=(said("p"),))])
    assert frontier.complete_many([(lease, [done(lease.entries[0])], [])]) == []
    assert frontier.unsettled() == []


@pytest.mark.parametrize("news", [{"inherited": (said("q"),)}, {"hops": (hop("https://a.example/h"),)}])
def test_kept_content_is_judged_again_when_something_new_is_said(
    frontier: EmbeddedFrontier, news: dict[str, object]
) -> None:
    frontier.seed([offer("https://a.example/i", inherited=(said("p"),)), offer("https://b.example/p")])
    image, page = sorted(frontier.acquire("w", 2, 1, 60), key=lambda lease: lease.domain)
    frontier.complete_many([(image, [done(image.entries[0], kept=True)], [])])
    old = offer("https://a.example/i", inherited=(said("p"),))
    assert frontier.complete_many([(page, [], [old])]) == []
    (changed,) = frontier.complete_many([(page, [], [offer("https://a.example/i", **news)])])
    assert changed.entry.state is State.DONE
    assert len(changed.entry.inherited) + len(changed.entry.hops) == 2
    assert frontier.complete_many([(page, [done(page.entries[0])], [old])]) == []


def test_what_is_gone_counts_as_kept_no_longer_wherever_it_is(frontier: EmbeddedFrontier) -> None:
    urls = [f"https://{name}.example/i" for name in "ab"]
    frontier.seed(map(offer, urls))
    leases = {lease.entries[0].url: lease for lease in frontier.acquire("w", 2, 1, 60)}
    frontier.complete_many([(leases[url], [done(leases[url].entries[0], kept=True)], []) for url in urls])
    frontier.seed(offer(url, inherited=(said("p"),)) for url in urls)
    assert len(frontier.unsettled()) == 2
    frontier.gone([urls[0], "https://nobody.example/"])
    (left,) = frontier.unsettled()
    assert left.entry.url == urls[1]
    assert [entry.kept for entry in map(frontier.entry, urls) if entry] == [False, True]
    frontier.seed([offer(urls[0], inherited=(said("q"),))])
    assert len(frontier.unsettled()) == 1, "it is kept no longer"


def test_a_change_is_told_again_until_it_is_settled(path: Path, clock: Clock) -> None:
    frontier = EmbeddedFrontier(path, clock=clock)
    frontier.seed([offer("https://a.example/i")])
    lease = one(frontier)
    frontier.complete_many([(lease, [done(lease.entries[0], kept=True)], [])])
    frontier.seed([offer("https://a.example/i", inherited=(said("p"),))])
    frontier.close()

    frontier = EmbeddedFrontier(path, clock=clock)
    (early,) = frontier.unsettled()
    frontier.seed([offer("https://a.example/i", inherited=(said("q"),))])
    frontier.settle([early])
    (late,) = frontier.unsettled()
    assert set(late.entry.inherited) == {said("p"), said("q")}
    frontier.settle([late], removed=True)
    assert frontier.unsettled() == []
    assert not known(frontier, "https://a.example/i").kept
    frontier.close()


def test_what_is_kept_and_queued_again_is_judged_without_waiting_for_its_turn(
    frontier: EmbeddedFrontier,
) -> None:
    frontier.seed([offer("https://a.example/i")])
    lease = one(frontier)
    frontier.complete_many([(lease, [done(lease.entries[0], kept=True)], [])])
    frontier.begin_run(requeue=True)
    frontier.seed([offer("https://a.example/i", inherited=(said("p"),))])
    (changed,) = frontier.unsettled()
    assert changed.entry.state is State.QUEUED
    again = one(frontier)
    assert again.entries[0].inherited == (said("p"),)
    frontier.complete_many([(again, [done(again.entries[0])], [])])
    assert frontier.unsettled() == []


def test_a_logo_on_many_reserving_pages_carries_some_of_what_each_says(frontier: EmbeddedFrontier) -> None:
    pages = [f"https://a.example/{n}" for n in range(3 * SAME)]
    frontier.seed(offer("https://a.example/logo", inherited=(said(page),)) for page in pages)
    frontier.seed([offer("https://a.example/logo", inherited=(said("p", Purpose.SEARCH),))])
    inherited = known(frontier, "https://a.example/logo").inherited
    assert len(inherited) == SAME + 1
    assert {statement.purpose for statement in inherited} == {Purpose.TDM, Purpose.SEARCH}


# Runs


def test_a_new_run_visits_everything_again_and_knows_what_is_kept(frontier: EmbeddedFrontier) -> None:
    assert frontier.begin_run(requeue=False) == 1
    frontier.seed([offer(f"https://{name}.example/{n}") for name in "ab" for n in range(2)])
    for lease in frontier.acquire("w", 2, 2, 60):
        keep, drop = lease.entries
        frontier.complete_many([(lease, [done(keep, kept=True), done(drop)], [])])
        frontier.release(lease)
    assert frontier.finished()
    assert frontier.begin_run(requeue=True) == 2
    assert frontier.seed([offer("https://a.example/0", seed=True)]) == 0
    entries = [entry for lease in frontier.acquire("w", 2, 2, 60) for entry in lease.entries]
    assert [(entry.kept, entry.tries) for entry in entries] == [(True, 0), (False, 0)] * 2
    assert all(entry.outcome is Outcome.UNRESERVED for entry in entries)


def test_the_clock_does_not_follow_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = steady_clock()
    before = clock()
    assert abs(before - time.time()) < 5
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400)
    assert 0 <= clock() - before < 5


# The file


def contents(path: Path) -> None:
    """Use everything that is in the file."""
    frontier = EmbeddedFrontier(path)
    try:
        frontier.left()
        for lease in frontier.acquire("w", 10, 10, 60):
            ended = [done(entry) for entry in lease.entries]
            frontier.complete_many([(lease, ended, [offer("https://new.example/", inherited=(said("q"),))])])
        frontier.begin_run(requeue=True)
        frontier.finished()
    finally:
        frontier.close()


@pytest.fixture
def filled(path: Path) -> bytes:
    frontier = EmbeddedFrontier(path)
    frontier.seed(
        offer(
            f"https://a{n % 7}.example/{n}",
            via="https://a.example/",
            inherited=(said("https://a.example/"),),
            hops=(hop("https://a.example/old"),),
        )
        for n in range(300)
    )
    frontier.close()
    return path.read_bytes()


def test_a_cut_or_altered_file_is_refused_in_one_sentence_or_still_sound(path: Path, filled: bytes) -> None:
    dice = random.Random(8)
    refused = []
    for _ in range(150):
        at = dice.randrange(len(filled))
        flipped = filled[:at] + bytes([filled[at] ^ (1 << dice.randrange(8))]) + filled[at + 1 :]
        path.write_bytes(dice.choice([flipped, filled[:at]]))
        for extra in ("-wal", "-shm"):
            path.with_name(path.name + extra).unlink(missing_ok=True)
        try:
            contents(path)
        except FrontierError as error:
            refused.append(str(error))
    assert len(refused) > 50
    assert all(str(path) in reason and "\n" not in reason for reason in refused)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE note SET json = replace(json, 'disallow', 'allow')",
        "DELETE FROM note",
        "UPDATE url SET url = replace(url, 'a1', 'b1')",
    ],
)
def test_an_altered_reservation_or_address_is_noticed_when_it_is_handed_out(
    path: Path, filled: bytes, damage: str
) -> None:
    with sqlite3.connect(path) as other:
        other.execute(damage)
    other.close()
    with pytest.raises(FrontierError, match="altered"):
        contents(path)


@pytest.mark.parametrize("bytes_", [b"not a database, " * 100, b"\x00" * 8192, b"SQLite format 3\x00"])
def test_a_file_that_is_no_database_is_refused(path: Path, bytes_: bytes) -> None:
    path.write_bytes(bytes_)
    with pytest.raises(FrontierError, match="move it away"):
        EmbeddedFrontier(path)
    assert path.read_bytes() == bytes_


def test_a_database_of_others_is_refused_and_left_as_it_is(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(FrontierError, match="another program"):
        EmbeddedFrontier(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_said_of_a_url_follows_it_to_where_it_moved(frontier: EmbeddedFrontier, kept: bool) -> None:
    places = ["https://a.example/a", "https://a.example/b", "https://a.example/c"]
    frontier.seed([offer(places[0])])
    for target in places[1:]:
        lease = one(frontier)
        moved = replace(done(lease.entries[0]), moved_to=target)
        frontier.complete_many([(lease, [moved], [offer(target)])])
    lease = one(frontier)
    frontier.complete_many([(lease, [done(lease.entries[0], kept=kept)], [])])

    reserved = said("https://a.example/page")
    frontier.seed([offer(places[0], inherited=(reserved,))])
    assert [known(frontier, place).inherited for place in places] == [(reserved,)] * 3
    assert [changed.entry.url for changed in frontier.unsettled()] == places[2:] * kept


def test_what_was_said_while_a_url_turned_out_to_have_moved_is_not_lost(frontier: EmbeddedFrontier) -> None:
    old, new = "https://a.example/old", "https://b.example/new"
    frontier.seed([offer(old), offer(new)])
    leases = {lease.domain: lease for lease in frontier.acquire("w", 2, 1, 60)}
    there = leases["b.example"]
    frontier.complete_many([(there, [done(there.entries[0], kept=True)], [])])
    here, reserved = leases["a.example"], said("https://a.example/page")
    frontier.seed([offer(old, inherited=(reserved,))])
    moved = replace(done(here.entries[0]), moved_to=new)
    changed = frontier.complete_many([(here, [moved], [offer(new)])])
    assert [(one.entry.url, one.entry.inherited) for one in changed] == [(new, (reserved,))]


def test_urls_that_move_in_a_circle_end(frontier: EmbeddedFrontier) -> None:
    places = ["https://a.example/a", "https://a.example/b", "https://a.example/a"]
    frontier.seed([offer(places[0], inherited=(said("https://a.example/page"),))])
    for target in places[1:]:
        lease = one(frontier)
        moved = replace(done(lease.entries[0]), moved_to=target)
        frontier.complete_many([(lease, [moved], [offer(target)])])
    later = said("https://a.example/later")
    frontier.seed([offer(places[1], inherited=(later,))])
    assert later in known(frontier, places[0]).inherited


def test_a_url_that_moved_and_came_back_passes_nothing_on(frontier: EmbeddedFrontier) -> None:
    old, new = "https://a.example/old", "https://a.example/new"
    frontier.seed([offer(old)])
    for ended in (lambda entry: replace(done(entry), moved_to=new), done):
        lease = one(frontier)
        frontier.complete_many([(lease, [ended(lease.entries[0])], [offer(new)])])
        lease = one(frontier)
        frontier.complete_many([(lease, [done(lease.entries[0])], [])])
        frontier.begin_run(requeue=True)
    frontier.seed([offer(old, inherited=(said("https://a.example/page"),))])
    assert known(frontier, new).inherited == ()


def test_a_newer_schema_is_refused(path: Path, filled: bytes) -> None:
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {VERSION + 1}")
    other.close()
    with pytest.raises(FrontierError, match="newer version"):
        EmbeddedFrontier(path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FrontierError, match="cannot be used now"):
        EmbeddedFrontier(tmp_path / "no" / "frontier.db")


def test_a_closed_frontier_says_so(path: Path) -> None:
    frontier = EmbeddedFrontier(path)
    frontier.close()
    with pytest.raises(FrontierError, match="closed"):
        frontier.left()


def test_a_failed_transaction_leaves_no_memory_of_what_it_offered(frontier: EmbeddedFrontier) -> None:
    frontier.seed([offer("https://a.example/")])
    lease = one(frontier)
    new = offer("https://new.example/", via="https://a.example/")
    with pytest.raises(LeaseLost):
        frontier.complete_many([(replace(lease, epoch=99), [], [new])])
    with pytest.raises(FrontierError):
        frontier.complete_many([(lease, [done(lease.entries[0])] * 2, [new])])
    assert frontier.seed([new]) == 1
    assert "https://new.example/" in urls(frontier.acquire("w", 5, 5, 60))
