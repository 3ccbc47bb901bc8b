"""Crawls of hosts that go wrong: nothing is kept that nobody could judge, and the crawl ends by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crawler.demo.answer import Responder, page, text
from crawler.demo.place import Expectation, html
from crawler.demo.server import LoopbackWeb
from crawler.optout.model import Decision, Outcome
from tests import crawls
from tests.webs import FAULTS, FaultRow
from tests.webs.faults import OPEN
from tests.webs.tls import server_context

TRIES = 3
"""How often an undetermined URL is asked; the default of :class:`crawler.job.Job`."""

ONCE = tuple(row for row in FAULTS if row.how in ("crawl", "slow", "many"))
TWICE = tuple(row for row in FAULTS if row.how == "again")
SECURELY = tuple(row for row in FAULTS if row.how == "tls")


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawled:
    """What a crawl left, and what the server was asked in it."""

    ended: crawls.Ended
    last: Mapping[str, Decision]
    stored: Mapping[str, int]
    asked: tuple[str, ...]
    """``host/path`` of every request, in order."""


def crawl(web: LoopbackWeb, folder: Path, rows: Iterable[FaultRow], *more: str) -> Crawled:
    before = len(web.requests)
    ended = crawls.crawl(web, folder, [seed for row in rows for seed in row.seeds], *more, timeout=150)
    return Crawled(
        ended=ended,
        last=crawls.decided(folder),
        stored=crawls.stored(folder),
        asked=tuple(request.host + request.target for request in web.requests[before:]),
    )


def hosts_of(rows: Iterable[FaultRow]) -> dict[str, Mapping[str, Responder]]:
    return {host: paths for row in rows for host, paths in row.hosts.items()}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    with LoopbackWeb(hosts_of(ONCE)) as web:
        return crawl(web, tmp_path_factory.mktemp("once") / "corpus", ONCE)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Crawled, Crawled]:
    folder = tmp_path_factory.mktemp("twice") / "corpus"
    with LoopbackWeb(hosts_of(TWICE)) as web:
        return crawl(web, folder, TWICE), crawl(web, folder, TWICE)


def named(rows: Iterable[FaultRow]) -> list[object]:
    return [pytest.param(row, id=f"{row.number or 'more'}-{row.name}") for row in rows]


def check(crawled: Crawled, at: str, expect: Expectation) -> None:
    """Raise unless ``at`` ended as it must."""
    decision = crawled.last.get(at)
    assert (at in crawled.stored) == expect.kept
    if expect.outcome is None:
        assert decision is None or not decision.collect
        return
    assert decision is not None
    assert decision.outcome is expect.outcome
    assert decision.collect == expect.kept
    if expect.signal:
        assert expect.signal in {ground.signal for ground in decision.grounds}


def test_the_crawl_ends_by_itself(once: Crawled) -> None:
    assert once.ended.code == 0, once.ended.err
    assert "Traceback" not in once.ended.err


@pytest.mark.parametrize("row", named(ONCE))
def test_what_becomes_of_a_host_that_goes_wrong(once: Crawled, row: FaultRow) -> None:
    for at, expect in row.expect.items():
        check(once, at, expect)


def test_nothing_else_is_kept(once: Crawled) -> None:
    kept = {at for row in ONCE for at, expect in row.expect.items() if expect.kept}
    assert dict(once.stored) == dict.fromkeys(kept, 1)


def by_rules(row: FaultRow) -> bool:
    return row.how != "many" and "/page" in row.hosts[row.host] and 0 < row.number < 30


@pytest.mark.parametrize("row", named(row for row in ONCE if by_rules(row)))
def test_a_host_whose_rules_refuse_or_are_unknown_is_asked_for_nothing_else(
    once: Crawled, row: FaultRow
) -> None:
    asked = [at for at in once.asked if at.startswith(f"{row.host}/")]
    if not row.expect[f"{row.host}/page"].kept:
        assert not any(at.endswith("/page") for at in asked)
    if row.expect[f"{row.host}/page"].outcome is Outcome.UNDETERMINED:
        rules = ("/robots.txt", *(path for path in row.hosts[row.host] if path.startswith("/hop")))
        assert {at.removeprefix(row.host) for at in asked} <= set(rules)


UNDETERMINED = [row for row in ONCE if row.expect[row.seeds[0]].outcome is Outcome.UNDETERMINED]


@pytest.mark.parametrize("row", named(UNDETERMINED))
def test_what_could_not_be_told_is_asked_again_and_ends(once: Crawled, row: FaultRow) -> None:
    assert once.last[row.seeds[0]].grounds
    if row.hosts[row.host]["/robots.txt"] == text(OPEN):
        # An idle connection that ends instead of answering is opened anew, once.
        assert TRIES <= once.asked.count(row.seeds[0]) <= 2 * TRIES
    else:
        asked = once.asked.count(f"{row.host}/robots.txt")
        assert 2 <= (asked // 6 if row.name == "loop" else asked) <= TRIES


# Two crawls


@pytest.mark.parametrize("row", named(TWICE))
def test_a_second_crawl_asks_anew(twice: tuple[Crawled, Crawled], row: FaultRow) -> None:
    first, second = twice
    assert row.first is not None
    for at, expect in row.first.items():
        check(first, at, expect)
    for at, expect in row.expect.items():
        check(second, at, expect)
    for crawled in twice:
        assert crawled.ended.code == 0, crawled.ended.err
        assert f"{row.host}/robots.txt" in crawled.asked


# Certificates


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LoopbackWeb, LoopbackWeb, Path]]:
    folder = tmp_path_factory.mktemp("tls")
    served = {host: paths for row in SECURELY for host, paths in (row.secure or {}).items()}
    with (
        LoopbackWeb(hosts_of(SECURELY)) as plain,
        LoopbackWeb(served, tls=server_context(served, folder)) as tls,
    ):
        yield plain, tls, folder


def crawl_both(
    plain: LoopbackWeb, tls: LoopbackWeb, folder: Path, **environment: str
) -> dict[str, tuple[Outcome, bool]]:
    """The outcome of every URL that the rows speak of, in their words, and whether it was collected."""
    urls = {}
    for at in (at for row in SECURELY for at in row.expect):
        host, _, path = at.removeprefix("https://").partition("/")
        urls[at] = (tls if at.startswith("https://") else plain).url(host, f"/{path}")
    ended = crawls.crawl(
        plain,
        folder,
        urls.values(),
        "--resolve",
        tls.resolve[0],
        timeout=60,
        env=crawls.environment(**environment),
    )
    assert ended.code == 0, ended.err
    log = {row["url"]: row for row in crawls.heedful("log", str(folder), "--json").rows}
    return {at: (Outcome(log[url]["outcome"]), log[url]["collect"]) for at, url in urls.items()}


def test_a_certificate_that_nobody_vouches_for_proves_nothing(
    secure: tuple[LoopbackWeb, LoopbackWeb, Path], tmp_path: Path
) -> None:
    plain, tls, _ = secure
    assert crawl_both(plain, tls, tmp_path / "corpus") == {
        "two-schemes.example/page": (Outcome.UNRESERVED, True),
        "https://two-schemes.example/page": (Outcome.UNDETERMINED, False),
    }
    assert tls.requests == []


def test_http_and_https_have_rules_of_their_own(
    secure: tuple[LoopbackWeb, LoopbackWeb, Path], tmp_path: Path
) -> None:
    plain, tls, folder = secure
    assert crawl_both(plain, tls, tmp_path / "corpus", SSL_CERT_FILE=str(folder / "cert.pem")) == {
        "two-schemes.example/page": (Outcome.UNRESERVED, True),
        "https://two-schemes.example/page": (Outcome.RESERVED, False),
    }
    assert [request.target for request in tls.requests if request.target == "/page"] == []


# Many at once


def test_hundreds_that_wait_share_one_request_for_the_rules(tmp_path: Path) -> None:
    many = 300
    paths: dict[str, Responder] = {
        f"/page{number}": page(html(f"Page {number}", "One of many.")) for number in range(many)
    }
    paths["/robots.txt"] = replace(text("User-agent: *\nDisallow: /page1\n"), delay=0.5)
    with LoopbackWeb({"crowd.example": paths}) as web:
        ended = crawls.crawl(
            web,
            tmp_path / "corpus",
            [f"crowd.example/page{number}" for number in range(many)],
            *("-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={many}"),
        )
        asked = [request.target for request in web.requests]
    assert ended.code == 0, ended.err
    assert asked.count("/robots.txt") == 1
    assert asked.index("/robots.txt") == 0
    free = {f"/page{number}" for number in range(many) if not str(number).startswith("1")}
    assert {target for target in asked if target.startswith("/page")} == free
    assert len(crawls.stored(tmp_path / "corpus")) == len(free)
