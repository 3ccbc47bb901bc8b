"""Bytes that one URL reserves are kept from no other: in whatever order they are met, also across runs."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import random
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.audit import ledger
from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import Damaged
from crawler.corpus.journal import Journal
from crawler.corpus.shunned import EMPTY
from crawler.demo.answer import Answer, Responder
from crawler.demo.images import png
from crawler.demo.server import LoopbackWeb, Request, page, typed
from crawler.frontier import EmbeddedFrontier, Entry, Offer
from crawler.frontier.scheduler import WORKER, FrontierScheduler
from crawler.items import Visit
from crawler.job import Job
from crawler.optout import Gate, Policy
from crawler.optout.model import Context, Decision, Kind, Outcome, Stage
from crawler.pipelines import RecordPipeline
from crawler.removals import Removals
from crawler.scope import Scope
from crawler.spiders.leads import Leads
from crawler.tally import KEPT, Tally
from tests import corpora, crawls
from tests.corpora import NOON, RESERVED, decision, journal, opened, statement, tables
from tests.test_crawl_again import TAG, Twice, validated

X, Y, Z = (f"https://{name}.example/p" for name in "xyz")
BODY = b"<p>the same words</p>"
DIGEST = hashlib.sha256(BODY).hexdigest()


# The memory


def reserve(corpus: Corpus, url: str = X, *digests: str) -> int:
    book = journal(corpus)
    number = book.record(decision(url, RESERVED), reserved=digests or (DIGEST,))
    book.flush()
    return number


def marks(folder: Path) -> list[Any]:
    return [
        entry.fields["reserved"] for entry in ledger.entries(folder / "ledger") if "reserved" in entry.fields
    ]


def test_a_mark_is_keyed_and_the_digest_is_nowhere(tmp_path: Path) -> None:
    with opened(tmp_path) as corpus:
        assert reserve(corpus) == 1
    key = tmp_path / "ledger/marks.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    secret = bytes.fromhex(key.read_text())
    assert len(secret) == 32
    mark = hmac.new(secret, bytes.fromhex(DIGEST), "sha256").hexdigest()
    assert marks(tmp_path) == [{"key": hashlib.sha256(secret).hexdigest()[:8], "marks": [mark]}]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert DIGEST.encode() not in data
            assert bytes.fromhex(DIGEST) not in data
            assert path == key or (secret not in data and secret.hex().encode() not in data)


def test_no_two_corpora_share_their_marks(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with opened(tmp_path / name) as corpus:
            reserve(corpus)
    assert marks(tmp_path / "one") != marks(tmp_path / "two")


def test_where_bytes_are_reserved_is_known_at_once_and_ever_after(tmp_path: Path) -> None:
    with opened(tmp_path) as corpus:
        journal(corpus).record(decision(X, RESERVED), reserved=[DIGEST])
        assert corpus.shunned.reserved_at(DIGEST, Y) == X, "before it is on disk"
    with opened(tmp_path) as corpus:
        assert corpus.shunned.reserved_at(DIGEST, Y) is None, "it never reached the disk"
        reserve(corpus)
        assert corpus.shunned.reserved_at(DIGEST, Y) == X
    rows = tables(tmp_path / "ledger/index.db")
    assert len(rows["mark"]) == 1
    (tmp_path / "ledger/index.db").unlink()
    with opened(tmp_path) as corpus:
        assert corpus.shunned.reserved_at(DIGEST, Y) == X
        assert corpus.shunned.reserved_at("0" * 64, Y) is None
    assert tables(tmp_path / "ledger/index.db") == rows


def test_a_url_is_not_bound_by_its_own_mark_and_lifts_it_when_its_bytes_are_kept_again(tmp_path: Path) -> None:
    with opened(tmp_path) as corpus:
        reserve(corpus)
        assert corpus.shunned.reserved_at(DIGEST, X) is None
        book = journal(corpus)
        book.record(decision(X), corpora.page(X, BODY), freed=DIGEST)
        assert corpus.shunned.reserved_at(DIGEST, Y) is None, "X says today that it is free"
        book.flush()
        assert list(corpus.shunned.unfinished()) == []
        assert corpus.shunned.reserved_at(DIGEST, Y) is None
        reserve(corpus, Z)
        assert corpus.shunned.reserved_at(DIGEST, Y) == Z
        assert corpus.shunned.reserved_at(DIGEST, X) == Z
    rows = tables(tmp_path / "ledger/index.db")
    assert len(rows["mark"]) == 1
    (tmp_path / "ledger/index.db").unlink()
    with opened(tmp_path):
        pass
    assert tables(tmp_path / "ledger/index.db") == rows
    assert ["freed" in entry.fields for entry in ledger.entries(tmp_path / "ledger")] == [False, True, False]


def test_no_bytes_are_nobodys(tmp_path: Path) -> None:
    with opened(tmp_path) as corpus:
        reserve(corpus, X, EMPTY)
        assert corpus.shunned.reserved_at(EMPTY, Y) is None
    assert marks(tmp_path) == []


def test_a_folder_of_before_gets_a_secret(tmp_path: Path) -> None:
    with opened(tmp_path) as corpus:
        corpora.fill(corpus, 6)
    (tmp_path / "ledger/marks.key").unlink()
    with opened(tmp_path) as corpus:
        reserve(corpus)
        assert corpus.shunned.reserved_at(DIGEST, Y) == X


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(b""), "is not the secret that was written there"),
        (lambda path: path.write_text("0" * 63), "is not the secret that was written there"),
        (lambda path: path.write_text("0" * 64 + "\n"), "is not the secret behind the ledger's marks"),
    ],
)
def test_without_the_secret_nothing_more_is_written_and_all_can_be_read(tmp_path: Path, spoil, words) -> None:
    with opened(tmp_path) as corpus:
        corpora.fill(corpus, 6)
        reserve(corpus)
    spoil(tmp_path / "ledger/marks.key")
    with pytest.raises(Damaged) as refused:
        opened(tmp_path)
    assert str(tmp_path / "ledger/marks.key") in str(refused.value)
    assert words in str(refused.value)
    assert "restore it from a copy of this corpus, or begin a new one" in str(refused.value)
    for _ in range(2):
        with Corpus.read(tmp_path) as reader:
            assert len(list(reader.store.items())) == 4
            assert len(list(reader.entries())) == 7
            with pytest.raises(ValueError, match="for reading"):
                assert reader.shunned
        (tmp_path / "ledger/index.db").unlink(missing_ok=True)
    with pytest.raises(Damaged, match=words):
        opened(tmp_path)


def test_several_removals_are_one_rewriting_each_for_its_reason(tmp_path: Path) -> None:
    with opened(tmp_path) as corpus:
        corpora.fill(corpus, 6)
        items = list(corpus.store.items())
        reasons = {item.sha256.upper(): f"because of {item.url}" for item in items[:2]}
        gone = corpus.store.remove_each(reasons, run="r1", at=NOON)
        assert gone == tuple(items[:2])
        told = [entry.fields for entry in corpus.entries() if entry.type == "removal"]
        assert [one["reason"] for one in told] == [f"because of {item.url}" for item in items[:2]]


# The rule, where visits come to be recorded


@dataclass
class Bench:
    """A crawl without the network: visits go in by hand, everything behind them is real."""

    folder: Path

    def __post_init__(self) -> None:
        self.corpus = opened(self.folder)
        self.frontier = EmbeddedFrontier(self.corpus.folder.frontier)
        self.frontier.reclaim(WORKER)
        self.frontier.begin_run(requeue=self.frontier.finished())
        self.job = Job(
            corpus=self.corpus,
            journal=Journal(self.corpus, self.frontier, run="r1"),
            frontier=self.frontier,
            scope=Scope("any", ()),
            tally=Tally(),
            run="r1",
            kinds=frozenset(Kind),
        )
        self.gate = Gate(Policy(), Context(agents=("heedful",)))
        spider: Any = SimpleNamespace(job=self.job, validators=lambda _: ({}, ()), visit=None, turned=None)
        spider.asking = lambda _: None
        spider.leads = Leads(self.gate, self.job.scope, self.job.kinds, self.corpus.store)
        settings = SimpleNamespace(getint=lambda _: 16)
        crawler: Any = SimpleNamespace(spider=spider, settings=settings, engine=SimpleNamespace())
        crawler.get_downloader_middleware = lambda _: SimpleNamespace(gate=self.gate)
        crawler.engine.scheduler = self.scheduler = FrontierScheduler(crawler)
        self.scheduler.open(spider)
        self.pipeline = RecordPipeline(crawler)
        Removals(self.job, self.gate).finish()

    def offer(self, *urls: str, kind: Kind = Kind.IMAGE, **more: Any) -> None:
        hosts = {url: url.split("/")[2] for url in urls}
        self.frontier.seed(
            Offer(url=url, kind=kind, domain=host, host=host, depth=0, **more) for url, host in hosts.items()
        )

    def handed_out(self) -> Iterator[Entry]:
        """Everything that waits, each once."""
        while (request := self.scheduler.next_request()) is not None:
            yield request.meta["entry"]

    def take(self, **visits: Any) -> None:
        """Have these visits of what is handed out recorded, by the first letter of their host."""
        entries = {entry.host[0]: entry for entry in self.handed_out()}
        for name, how in visits.items():
            self.record(how(entries[name]))

    def record(self, visit: Visit) -> None:
        with pytest.raises(StopIteration):  # nothing of it is so large that others would get their turn
            self.pipeline.process_item(visit).send(None)
        assert self.job.failure is None, self.job.failure

    def flush(self) -> None:
        self.pipeline.flush()
        assert self.job.failure is None, self.job.failure

    def crash(self) -> None:
        """What was not flushed is lost."""
        self.corpus.close()
        self.frontier.close()

    def end(self) -> None:
        self.flush()
        self.flush()
        self.crash()

    def held(self) -> set[str]:
        return {item.url for item in self.corpus.store.items()}

    def last(self, url: str) -> Decision:
        self.flush()
        entry = self.corpus.last_decision(url)
        assert entry is not None
        return entry.decision

    def kept(self, url: str) -> bool:
        self.flush()
        entry = self.frontier.entry(url)
        assert entry is not None
        return entry.kept

    def alike(self, url: str, other: str) -> bool:
        """Whether the last word on ``url`` is that its bytes are reserved at ``other``."""
        last = self.last(url)
        said = [(one.signal, one.evidence.excerpt) for one in last.grounds]
        return last.outcome is RESERVED and said == [("same-bytes", other)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.offer(X, Y, Z)
    yield made
    made.crash()


def free(body: bytes = BODY):
    """It answers with ``body`` and nothing speaks against it."""

    def visit(entry: Entry) -> Visit:
        capture = corpora.page(entry.url, body)
        return Visit(entry=entry, decision=decision(entry.url, kind=entry.kind), capture=capture)

    return visit


def dropped(body: bytes = BODY):
    """It answers with ``body``, which turns out to be reserved."""

    def visit(entry: Entry) -> Visit:
        digest = hashlib.sha256(body).hexdigest()
        return Visit(entry=entry, decision=decision(entry.url, RESERVED, kind=entry.kind), dropped=digest)

    return visit


def refused(entry: Entry) -> Visit:
    """Its headers reserve it: what it answers with is not looked at."""
    judged = decision(entry.url, RESERVED, kind=entry.kind, stage=Stage.HEADERS)
    return Visit(entry=entry, decision=judged)


def unchanged(entry: Entry) -> Visit:
    """It answers 304."""
    judged = decision(entry.url, kind=entry.kind, stage=Stage.HEADERS)
    return Visit(entry=entry, decision=judged)


def lost(entry: Entry) -> Visit:
    """It does not answer."""
    return Visit(entry=entry, decision=decision(entry.url, Outcome.UNDETERMINED, kind=entry.kind))


def test_reserved_first(bench: Bench) -> None:
    bench.take(x=dropped(), y=free(), z=free(b"other"))
    assert bench.job.journal.pending, "both before anything is on disk"
    assert bench.held() == {Z}
    assert bench.alike(Y, X)
    assert not bench.kept(Y)
    assert (bench.job.tally.count("reserved"), bench.job.tally.count(KEPT), bench.job.tally.bytes) == (2, 1, 5)
    assert bench.job.bytes == 5


@pytest.mark.parametrize("flushed", [False, True])
def test_free_first(bench: Bench, flushed: bool) -> None:
    entries = {entry.host[0]: entry for entry in bench.handed_out()}
    bench.record(free()(entries["y"]))
    bench.record(free()(entries["z"]))
    if flushed:
        bench.flush()
    bench.record(dropped()(entries["x"]))
    assert bench.held() == set()
    for url in (Y, Z):
        assert bench.alike(url, X)
        assert not bench.kept(url)
    assert bench.last(X).outcome is RESERVED
    assert (bench.job.tally.count("reserved"), bench.job.tally.count(KEPT), bench.job.tally.bytes) == (3, 0, 0)
    removals = [entry.fields for entry in bench.corpus.entries() if entry.type == "removal"]
    assert [(one["urls"], one["sha256"]) for one in removals] == [([Y, Z], DIGEST)]


def test_what_was_heard_before_stays_with_the_decision(bench: Bench) -> None:
    entries = {entry.host[0]: entry for entry in bench.handed_out()}
    bench.record(dropped()(entries["x"]))
    visit = free()(entries["y"])
    heard = replace(statement(url=Y), preference=statement().preference.ALLOW)
    bench.record(replace(visit, decision=replace(visit.decision, heard=(heard,))))
    last = bench.last(Y)
    assert [one.signal for one in last.heard] == ["tdmrep", "same-bytes"]
    assert [one.signal for one in last.grounds] == ["same-bytes"]


def test_a_page_that_is_dropped_leaves_no_words_on_its_images(bench: Bench) -> None:
    entries = {entry.host[0]: entry for entry in bench.handed_out()}
    bench.record(dropped()(entries["x"]))
    image = Offer(
        url="https://w.example/i.png",
        kind=Kind.IMAGE,
        domain="w.example",
        host="w.example",
        depth=1,
        alt="words",
        caption="words",
    )
    bench.record(replace(free()(entries["y"]), offers=(image,)))
    bench.flush()
    known = bench.frontier.entry(image.url)
    assert known is not None
    assert (known.alt, known.caption) == (None, None)


def test_what_is_refused_after_it_was_kept_goes_everywhere_and_stays_away(bench: Bench) -> None:
    bench.take(x=free(), y=free(), z=free(b"other"))
    bench.end()
    again = Bench(bench.folder)
    again.take(x=refused, z=unchanged)
    assert again.held() == {Z}
    assert again.alike(Y, X)
    assert not again.kept(Y)
    assert again.kept(Z)
    assert again.job.tally.count(KEPT) == 0, "of this run"
    assert again.job.tally.count("reserved") == 1, "the other URL is still to be asked"
    again.crash()
    third = Bench(bench.folder)
    third.offer("https://w.example/p")
    third.take(y=free(), w=free())
    for url in (Y, "https://w.example/p"):
        assert third.alike(url, X)
    assert third.held() == {Z}
    third.crash()


def test_a_304_that_comes_after_its_bytes_were_removed_confirms_nothing(bench: Bench) -> None:
    bench.take(x=free(), y=free(), z=free(b"other"))
    bench.end()
    again = Bench(bench.folder)
    again.take(x=refused, y=unchanged)
    assert again.alike(Y, X)
    assert again.last(Y).stage is Stage.CONTENT
    assert not again.kept(Y)
    assert again.job.tally.count("reserved") == 2
    again.crash()


def test_other_bytes_of_the_same_url_are_judged_by_themselves(bench: Bench) -> None:
    bench.take(x=free(b"old"), y=free(b"old"), z=free(b"older"))
    bench.end()
    again = Bench(bench.folder)
    entries = {entry.host[0]: entry for entry in again.handed_out()}
    again.record(dropped()(entries["z"]))
    assert again.held() == {X, Y}, "what Z had before went with it, and nobody else had it"
    again.record(free()(entries["x"]))
    assert again.alike(X, Z)
    assert again.kept(X), "what it had before is free"
    assert again.held() == {X, Y}
    assert again.corpus.shunned.reserved_at(hashlib.sha256(b"older").hexdigest(), Y) == Z
    again.crash()


def test_what_could_not_be_told_stays_and_is_known_to_be_kept(bench: Bench) -> None:
    bench.take(x=free(), y=free(), z=free(b"other"))
    bench.end()
    again = Bench(bench.folder)
    again.take(x=lost, y=lost)
    assert again.held() == {X, Y, Z}
    assert again.kept(X)
    again.crash()


def test_pages_met_later_reserve_the_other_addresses_of_their_images(bench: Bench) -> None:
    said = replace(statement(url="https://w.example/"), kind=Kind.IMAGE)
    bench.take(x=free(), y=free(), z=free(b"other"))
    bench.flush()
    bench.offer(X, Z, inherited=(said,))
    bench.flush()
    assert bench.held() == set()
    assert bench.alike(Y, X)
    assert [one.signal for one in bench.last(X).grounds] == ["tdmrep"]
    assert not any(map(bench.kept, (X, Y, Z)))
    assert bench.frontier.unsettled() == []
    assert (bench.job.tally.count("reserved"), bench.job.tally.count(KEPT), bench.job.tally.bytes) == (3, 0, 0)
    bench.offer("https://w.example/p")
    bench.take(w=free(b"other"))
    assert bench.alike("https://w.example/p", Z)


def test_two_that_are_reserved_at_once_are_each_decided_by_what_they_say(bench: Bench) -> None:
    said = replace(statement(url="https://w.example/"), kind=Kind.IMAGE)
    bench.take(x=free(), y=free())
    bench.flush()
    bench.offer(X, Y, inherited=(said,))
    bench.flush()
    for url in (X, Y):
        assert [one.signal for one in bench.last(url).grounds] == ["tdmrep"]
    assert (bench.job.tally.count("reserved"), bench.job.tally.count(KEPT)) == (2, 0)


def test_who_reserved_it_may_free_it_again(bench: Bench) -> None:
    bench.take(x=free(), y=free(), z=free(b"other"))
    bench.end()
    for visits, held in (
        ({"x": refused, "y": free()}, set()),
        ({"y": free(), "x": free()}, {X}),  # Y was asked before X said otherwise
        ({"x": free(), "y": free()}, {X, Y}),
        ({"x": free(), "y": dropped()}, set()),
        ({"x": free(), "y": free()}, {Y}),
    ):
        again = Bench(bench.folder)
        again.take(**visits, z=lost)
        again.end()
        with Corpus.read(bench.folder) as reader:
            assert {item.url for item in reader.store.items()} == held | {Z}


def test_two_who_reserved_the_same_free_it_only_together(bench: Bench) -> None:
    bench.take(x=dropped(), y=dropped(), z=free(b"other"))
    bench.end()
    for visits, held in (
        ({"x": free(), "y": dropped()}, set()),
        ({"x": free(), "y": free()}, {Y}),  # X was asked before Y said otherwise
        ({"x": free(), "y": free()}, {X, Y}),
    ):
        again = Bench(bench.folder)
        again.take(**visits, z=lost)
        again.end()
        with Corpus.read(bench.folder) as reader:
            assert {item.url for item in reader.store.items()} == held | {Z}


def test_no_order_matters(tmp_path: Path) -> None:
    """Every order of three URLs, with and without crashes and new runs between them."""
    for number, (order, ends) in enumerate(
        itertools.product(itertools.permutations("xyz"), itertools.product((None, "flush", "end"), repeat=2))
    ):
        bench = Bench(tmp_path / str(number))
        bench.offer(X, Y, Z)
        entries = {entry.host[0]: entry for entry in bench.handed_out()}
        for name, end in itertools.zip_longest(order, ends):
            bench.record((dropped() if name == "x" else free())(entries[name]))
            if end == "flush":
                bench.flush()
            elif end == "end":
                bench.end()
                bench = Bench(bench.folder)
                entries = {entry.host[0]: entry for entry in bench.handed_out()}
        bench.end()
        with Corpus.read(bench.folder) as reader:
            assert list(reader.store.items()) == [], (order, ends)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_reserved_bytes_are_kept_nowhere(tmp_path: Path, seed: int) -> None:
    """Random lives of six URLs and four contents; reservations are never lifted here."""
    chance = random.Random(seed)
    urls = [f"https://{name}.example/p" for name in "uvwxyz"]
    bodies = [bytes([letter]) * 50 for letter in b"abcd"]
    bench = Bench(tmp_path)
    bench.offer(*urls)
    refusing: set[str] = set()
    shunned: set[str] = set()
    safe = set(refusing), set(shunned)
    waiting: list[Entry] = []
    for _ in range(60):
        if not waiting:
            bench.end()
            bench = Bench(tmp_path)
            waiting = list(bench.handed_out())
            chance.shuffle(waiting)
            assert waiting
        entry = waiting.pop()
        body = chance.choice(bodies)
        held = [item.sha256 for item in bench.corpus.store.items(url=entry.url)]
        if entry.url in refusing or chance.random() < 0.08:
            refusing.add(entry.url)
            inside = chance.random() < 0.5
            bench.record(dropped(body)(entry) if inside else refused(entry))
            shunned |= {*held, *([hashlib.sha256(body).hexdigest()] if inside else [])}
        elif entry.kept and chance.random() < 0.4:
            bench.record(chance.choice([unchanged, lost])(entry))
        else:
            bench.record(free(body)(entry))
        if chance.random() < 0.3:
            bench.flush()
        for item in bench.corpus.store.items():
            assert item.sha256 not in shunned
            assert item.url not in refusing
        if not bench.job.journal.pending:
            safe = set(refusing), set(shunned)
        if chance.random() < 0.1:
            bench.crash()
            bench = Bench(tmp_path)
            waiting = list(bench.handed_out())
            chance.shuffle(waiting)
            refusing, shunned = map(set, safe)
    bench.flush()
    for url in urls:
        known = bench.frontier.entry(url)
        assert known is not None
        assert known.kept == (bench.corpus.store.held(url) is not None)
    bench.crash()


def test_what_a_crash_left_of_a_removal_is_finished(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.offer(X, Y, Z)
    bench.take(x=free(), y=free(), z=free(b"other"))
    bench.flush()
    bench.job.journal.record(decision(X, RESERVED), reserved=[DIGEST])
    bench.flush()
    bench.crash()
    again = Bench(tmp_path)
    assert again.held() == {Z}
    assert again.alike(Y, X)
    assert again.last(X).outcome is RESERVED
    assert not again.kept(X)
    assert not again.kept(Y)
    assert again.kept(Z)
    entries = again.corpus.ledger.count
    again.crash()
    third = Bench(tmp_path)
    assert third.corpus.ledger.count == entries, "once"
    third.crash()


# Whole crawls

HOST, OTHER = "a.example", "b.example"
NO_IMAGES = '<meta name="robots" content="noimageai">'


def picture(number: int) -> Answer:
    return typed("image/png", png(number, 4, 7, 16, 16))


def untyped(number: int) -> Answer:
    return typed("application/octet-stream", png(number, 4, 7, 16, 16))


def document(*paths: str, head: str = "", body: str = "") -> Answer:
    links = "".join(f'<a href="{path}">on</a>' for path in paths)
    return page(f"<html><head><title>t</title>{head}</head><body>{body}{links}</body></html>")


def chain(name: str, steps: int, last: str) -> dict[str, Responder]:
    """Pages one after the other, so that ``last`` is met late."""
    return {f"/{name}{n}": document(f"/{name}{n + 1}" if n < steps else last) for n in range(steps + 1)}


IN_ONE_RUN: dict[str, dict[str, Responder]] = {
    HOST: {
        "/": document("/says", "/early0", "/late0", body='<img src="/copy-of-late.png">'),
        # What nobody took for images before the bytes were there: only then is heard what a page says of them.
        "/says": document("/early-one", head=NO_IMAGES),
        "/early-one": untyped(1),
        **chain("early", 5, "/shows-copy-of-early"),
        "/shows-copy-of-early": document(body='<img src="/copy-of-early.png">'),
        "/copy-of-early.png": picture(1),
        "/copy-of-late.png": picture(2),
        **chain("late", 5, "/says-late"),
        "/says-late": document("/late-one", head=NO_IMAGES),
        "/late-one": untyped(2),
    },
}


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one") / "corpus"
    with LoopbackWeb(IN_ONE_RUN) as web:
        ended = crawls.crawl(web, folder, [f"{HOST}/"])
    assert ended.code == 0, ended.err
    crawls.check_folder(folder)
    return folder


@pytest.mark.parametrize("name", ["early", "late"])
def test_of_an_image_dropped_when_it_was_there_no_copy_is_kept(one_run: Path, name: str) -> None:
    last, copy = crawls.decided(one_run), f"{HOST}/copy-of-{name}.png"
    reserved = last[f"{HOST}/{name}-one"]
    assert (reserved.outcome, reserved.stage) == (RESERVED, Stage.CONTENT)
    assert [ground.signal for ground in reserved.grounds] == ["robots-meta"]
    assert last[copy].outcome is RESERVED
    ((locator, words),) = crawls.reasons(one_run, copy)
    assert (locator, crawls.at(words)) == ("the same bytes", f"{HOST}/{name}-one")
    assert copy not in crawls.stored(one_run)
    assert crawls.frontier(one_run)[copy] == ("done", False)


def test_both_orders_were_met(one_run: Path) -> None:
    first = reversed([*ledger.entries(one_run / "ledger")])
    where = {crawls.at(entry.urls[0]): entry.number for entry in first if entry.urls}
    assert where[f"{HOST}/early-one"] < where[f"{HOST}/copy-of-early.png"]
    assert where[f"{HOST}/copy-of-late.png"] < where[f"{HOST}/late-one"]


def test_explain_names_the_other_url(one_run: Path) -> None:
    entries = list(ledger.entries(one_run / "ledger"))
    url = next(url for entry in entries for url in entry.urls if url.endswith("/copy-of-early.png"))
    told = crawls.heedful("explain", str(one_run), url)
    assert re.search(r"same-bytes  disallows any  \(stated\)   <- decides", told.out), told.out
    assert re.search(r"the same bytes   http://a\.example:[0-9]+/early-one\n", told.out), told.out
    listed = crawls.heedful("log", str(one_run), "--signal", "same-bytes")
    assert listed.out.count("[same-bytes (stated)]") == 2
    row = crawls.heedful("log", str(one_run), "--signal", "same-bytes", "--json").rows[-1]
    assert set(row) == {*crawls.DECISION, "needs"}


def web_of(twice: Twice) -> dict[str, dict[str, Responder]]:
    """Pages and images under two hosts each; the first host refuses them in the second life."""
    no = ("X-Robots-Tag", "noai")
    words = page("<title>same</title><p>the same words everywhere</p>", TAG)
    said = replace(words, headers=(*words.headers, no))

    def late(request: Request) -> Answer:
        """A 304 that comes when the first host has refused long ago."""
        return replace(validated(words)(request), delay=1.5 if twice.second else 0)

    a: dict[str, Responder] = {
        "/": document(
            "/words", body='<img src="/i.png"><img src="/free.png"><img src="http://b.example:{port}/i.png">'
        ),
        "/words": twice(words, said),
        "/i.png": twice(picture(3), replace(picture(3), headers=(*picture(3).headers, no))),
        "/free.png": picture(4),
    }
    b: dict[str, Responder] = {
        "/": twice(document("/words"), document("/words", "/more", body='<img src="/more.png">')),
        "/words": late,
        "/i.png": picture(3),
        "/more": words,
        "/more.png": picture(3),
    }
    return {HOST: a, OTHER: b}


SEEDS = [f"{HOST}/", f"{OTHER}/"]
FIRST = {
    *(f"{HOST}/{name}" for name in ("", "words", "i.png", "free.png")),
    *(f"{OTHER}/{name}" for name in ("", "words", "i.png")),
}
GONE = {f"{host}/{name}" for host in (HOST, OTHER) for name in ("words", "i.png")}


def test_what_is_refused_in_a_second_run_stays_away_in_a_third(tmp_path: Path) -> None:
    twice, folder = Twice(), tmp_path / "corpus"
    with LoopbackWeb(web_of(twice)) as web:
        assert crawls.crawl(web, folder, SEEDS).code == 0
        assert set(crawls.stored(folder)) == FIRST
        twice.second = True
        for _ in range(2):
            assert crawls.crawl(web, folder, SEEDS).code == 0
            crawls.check_folder(folder)
            assert set(crawls.stored(folder)) == FIRST - GONE
            last = crawls.decided(folder)
            for where in GONE | {f"{OTHER}/more", f"{OTHER}/more.png"}:
                assert last[where].outcome is RESERVED, where
                signals = {ground.signal for ground in last[where].grounds}
                assert signals == ({"same-bytes"} if where.startswith(OTHER) else {"robots-meta"}), where
                assert crawls.frontier(folder)[where] == ("done", False)
    digest = hashlib.sha256(png(3, 4, 7, 16, 16)).hexdigest()
    removals = [entry.fields for entry in ledger.entries(folder / "ledger") if entry.type == "removal"]
    assert [one["sha256"] for one in removals].count(digest) == 1


STEP = 7
"""Every seventh moment of writing."""


def test_killed_while_the_same_bytes_go(tmp_path: Path) -> None:
    twice, base = Twice(), tmp_path / "corpus"
    with LoopbackWeb(web_of(twice)) as web:
        assert crawls.crawl(web, base, SEEDS).code == 0
        twice.second = True
        expected = dict.fromkeys(FIRST - GONE, 1) | {f"{OTHER}/": 2}
        command = [part for part in crawls.crawling(web, base, SEEDS) if part not in ("-o", str(base))]
        done = subprocess.run(
            [sys.executable, "-m", "tests.crawl_crashes", str(STEP), str(base), json.dumps(expected), *command],
            env=crawls.environment(), capture_output=True, text=True, check=False, timeout=280,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= 3
