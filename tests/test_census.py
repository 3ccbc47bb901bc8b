"""The figures behind every report, against a count of the ledger that knows nothing of databases."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.audit import ledger
from crawler.audit.note import Signer
from crawler.audit.report.census import Census
from crawler.audit.report.languages import name_of
from crawler.audit.report.model import Count, DomainRow, Figures
from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import Damaged
from crawler.corpus.items import Note
from crawler.corpus.measures import Measure, Measures
from crawler.corpus.withdrawal import Wish, withdraw
from crawler.optout.model import Basis, Carrier, Decision, Kind, Outcome, Posture, Preference, Reading, Stage
from tests.corpora import IDENTITY, NOON, VERSIONS, decision, journal, opened, page, statement

ENDINGS = ("reserved", "undetermined", "skipped", "withdrawn", "removed", "unstored")
A = "https://a.example"


def taken(path: Path, measures: Measures | None = None) -> tuple[Figures, list[DomainRow]]:
    with Corpus.read(path) as corpus, Census.take(corpus, measures, NOON) as census:
        return census.figures(), list(census.domains())


def said(signal: str, url: str, *, basis: Basis = Basis.STATED, **evidence: Any) -> Any:
    made = statement(signal, url)
    return replace(made, basis=basis, evidence=replace(made.evidence, **evidence))


def ending(url: str, outcome: Outcome, *grounds: Any, **more: Any) -> Decision:
    """A decision that was made at the end of something and rests on ``grounds``."""
    return replace(decision(url, outcome), grounds=grounds, heard=grounds, **more)


def house(url: str, locator: str, **more: Any) -> Decision:
    ours = said("house", url, carrier=Carrier.HOUSE, locator=locator)
    return ending(url, Outcome.SKIPPED, ours, **more)


def reserved(url: str, *grounds: Any, **more: Any) -> Decision:
    return ending(url, Outcome.RESERVED, *grounds, **more)


# Against an independent count

URLS = [
    f"{scheme}://{host}/{number}"
    for scheme, host in (
        ("https", "a.example"),
        ("https", "www.a.example"),
        ("http", "b.co.uk"),
        ("https", "alice.github.io"),
        ("http", "127.0.0.1:8080"),
        ("http", "localhost"),
    )
    for number in range(3)
]
DOMAINS = {
    "a.example": ("a.example", "example"),
    "www.a.example": ("a.example", "example"),
    "b.co.uk": ("b.co.uk", "uk"),
    "alice.github.io": ("alice.github.io", "io"),
    "127.0.0.1:8080": ("127.0.0.1", "(address)"),
    "localhost": ("localhost", "localhost"),
}
STEP = st.one_of(
    st.tuples(st.just("keep"), st.sampled_from(URLS), st.integers(0, 3), st.sampled_from(list(Kind))),
    st.tuples(
        st.just("leave"),
        st.sampled_from(URLS),
        st.sampled_from([Outcome.RESERVED, Outcome.UNDETERMINED, Outcome.SKIPPED]),
        st.lists(
            st.tuples(st.sampled_from(["tdmrep", "robots", "iptc"]), st.sampled_from(list(Basis))),
            min_size=1, max_size=3,
        ),
    ),
    st.tuples(st.just("remove"), st.integers(0, 3)),
    st.tuples(st.just("withdraw"), st.sampled_from(URLS)),
    st.tuples(st.just("lose"), st.sampled_from(URLS)),
)  # fmt: skip


def body(number: int) -> bytes:
    return f"<p>{'words ' * (number + 1)}</p>".encode()


def carry_out(corpus: Corpus, steps: list[Any]) -> None:
    book = journal(corpus)
    for second, (what, *how) in enumerate(steps):
        at = NOON + timedelta(minutes=37 * second)
        if what == "keep":
            url, number, kind = how
            book.record(replace(decision(url, kind=kind), at=at), page(url, body(number)))
        elif what == "leave":
            url, outcome, grounds = how
            stage = Stage.HEADERS if len(url) % 2 else Stage.HOST
            heard = [said(signal, url, basis=basis) for signal, basis in grounds]
            book.record(ending(url, outcome, *heard, at=at, stage=stage))
        elif what == "lose":  # what a crash keeps from the disk
            assert corpus.ledger is not None
            item = {"sha256": "f" * 64, "bytes": 5, "answer": "0" * 64}
            book.flush()
            corpus.ledger.append(replace(decision(how[0]), at=at), run="r1", item=item)
        book.flush()
        if what == "remove":
            digest = hashlib.sha256(body(how[0])).hexdigest()
            corpus.store.remove(digest, reason="reserved: tdmrep", run="r2", at=at)
        elif what == "withdraw":
            withdraw(corpus, Wish(urls=frozenset({how[0]})), reason="asked", run="r3", at=at)


def straightforward(path: Path) -> dict[str, Any]:
    """What became of each URL, by going through the ledger as one would on paper."""
    last: dict[str, Any] = {}
    held: dict[str, dict[str, Any]] = defaultdict(dict)
    gone: dict[str, set[str]] = defaultdict(set)
    for entry in ledger.entries(path / "ledger"):
        fields = entry.fields
        if entry.type == "decision":
            last[fields["url"]] = fields
            if "item" in fields and fields["item"]["sha256"] != "f" * 64:
                held[fields["url"]][fields["item"]["sha256"]] = fields
        elif entry.type == "removal":
            for url, copies in held.items():
                if copies.pop(fields["sha256"], None):
                    gone[url].add("withdrawn" if fields.get("withdrawal") else "removed")
    rows = {}
    for url, fields in last.items():
        if held[url]:
            state = "kept"
        elif gone[url]:
            state = "withdrawn" if "withdrawn" in gone[url] else "removed"
        else:
            state = "unstored" if fields["collect"] else fields["outcome"]
        kind = list(held[url].values())[-1]["kind"] if held[url] else None
        size = sum(copy["item"]["bytes"] for copy in held[url].values())
        rows[url] = {"state": state, "kind": kind or fields["kind"], "bytes": size, "last": fields}
    return rows


def as_counter(count: Count) -> Counter[str]:
    return Counter({name: getattr(count, name) for name in ("kept", *ENDINGS) if getattr(count, name)})


def together(counts: list[Count]) -> Counter[str]:
    return sum(map(as_counter, counts), Counter())


@settings(max_examples=40, deadline=None)
@given(st.lists(STEP, max_size=25))
def test_figures_are_what_the_ledger_says(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus"
        with opened(path) as corpus:
            carry_out(corpus, steps)
        figures, domains = taken(path)
        rows = straightforward(path)
        decisions = [one.fields for one in ledger.entries(path / "ledger") if one.type == "decision"]
    states = Counter(row["state"] for row in rows.values())
    assert as_counter(figures.total) == states
    assert figures.total.considered == len(rows)
    assert figures.total.bytes == sum(row["bytes"] for row in rows.values())

    by_domain: dict[str, Counter[str]] = defaultdict(Counter)
    by_suffix: dict[str, Counter[str]] = defaultdict(Counter)
    for url, row in rows.items():
        domain, suffix = DOMAINS[url.split("/")[2]]
        by_domain[domain][row["state"]] += 1
        by_suffix[suffix][row["state"]] += 1
    assert {row.domain: as_counter(row.count) for row in domains} == by_domain
    assert {row.suffix: as_counter(row.count) for row in figures.suffixes} == by_suffix
    assert sum(row.domains for row in figures.suffixes) == figures.domains == len(domains)
    assert figures.contributing == sum(row.count.kept > 0 for row in domains)
    order = [(-row.count.considered, row.domain) for row in domains]
    assert order == sorted(order)

    held = Counter(url for url, row in rows.items() if row["state"] == "kept")
    assert sum(row.texts + row.images for row in domains) == len(held)
    assert sum(row.count.bytes for row in domains) == figures.total.bytes
    assert together([row.count for row in figures.kinds]) == states
    kinds = Counter(row["kind"] for row in rows.values())
    assert {row.kind: row.count.considered for row in figures.kinds} == kinds

    against = [row["last"] for row in rows.values() if row["state"] == "reserved"]
    bases: Counter[tuple[str, str]] = Counter()
    alone: Counter[str] = Counter()
    for fields in against:
        direct: dict[str, str] = {}
        for ground in fields["grounds"]:
            order_of = ["stated", "recovered", "inferred"].index
            known = direct.get(ground["signal"], "inferred")
            direct[ground["signal"]] = min(known, ground["basis"], key=order_of)
        bases.update(direct.items())
        alone.update(list(direct) if len(direct) == 1 else [])
    found = {
        (row.signal, basis): getattr(row, basis)
        for row in figures.signals
        for basis in ("stated", "recovered", "inferred")
        if getattr(row, basis)
    }
    assert found == bases
    assert {row.signal: row.alone for row in figures.signals if row.alone} == alone
    for outcome in ("reserved", "undetermined", "skipped"):
        assert sum(getattr(row, outcome) for row in figures.stages) == states[outcome]
        assert sum(getattr(row, outcome) for row in figures.periods) == sum(
            fields["outcome"] == outcome for fields in decisions
        )
    assert sum(row.kept for row in figures.periods) == sum(fields["collect"] for fields in decisions)
    assert figures.postures[-1].opt_out == states["kept"]
    assert sum(row.opt_out for row in figures.postures[:-1]) == states["kept"]
    if figures.period:
        assert figures.period == (
            min(fields["at"] for fields in decisions), max(fields["at"] for fields in decisions)
        )  # fmt: skip


# One thing after another


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def test_an_empty_corpus_has_figures(folder: Path) -> None:
    with opened(folder):
        pass
    figures, domains = taken(folder)
    assert (figures.total, figures.period, figures.periods, domains) == (Count(), None, (), [])
    assert [row.kind for row in figures.postures] == ["all"]
    assert [row.stage for row in figures.stages] == ["host", "headers", "content"]
    assert figures.about.user_agent == "heedful/0.1.0 (+bot@example.org)"
    assert figures.about.suffix_list.startswith("Public Suffix List of 20")
    assert (figures.about.entries, figures.about.root) == (0, None)


def test_two_versions_of_a_page_are_one_url(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        for words in (b"old words", b"new", b"new"):
            book.record(decision(f"{A}/p"), page(f"{A}/p", words))
        book.flush()
    figures, (row,) = taken(folder)
    assert (figures.total.kept, figures.total.bytes, row.texts) == (1, 12, 1)
    assert [language.items for language in figures.languages] == [2]
    assert sum(period.kept for period in figures.periods) == 3


def test_the_same_bytes_under_two_urls_count_under_each(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        for url in (f"{A}/1", f"{A}/2"):
            book.record(decision(url), page(url, b"same"))
        book.flush()
        (item, *_) = corpus.store.items()
    with Measures.open(folder) as measures:
        measures.note(item.sha256, measure_of("de", 4, 1))
        measures.commit()
        figures, (row,) = taken(folder, measures)
    assert (figures.total.kept, figures.total.bytes) == (2, 8)
    assert (row.text_bytes, row.words) == (8, 2)


def test_what_is_asked_again_in_vain_stays_as_what_it_is_kept(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        book.record(decision(f"{A}/p", Outcome.LICENSED, kind=Kind.PDF), page(f"{A}/p"), note=Note())
        book.record(replace(decision(f"{A}/p", Outcome.UNDETERMINED, stage=Stage.HOST), needs=()))
        book.flush()
    figures, _ = taken(folder)
    assert [(row.kind, row.count.kept) for row in figures.kinds] == [("pdf", 1)]
    assert [(row.kind, row.opt_out, row.opt_in) for row in figures.postures] == [("pdf", 1, 1), ("all", 1, 1)]
    assert [(row.licence, row.items, row.accepted) for row in figures.licences] == [("CC0-1.0", 1, 1)]
    assert (figures.undetermined, figures.total.undetermined) == ((), 0)


def test_redirects_are_urls_of_their_own(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        book.record(house(f"{A}/from", "moved", stage=Stage.HEADERS))
        book.record(decision(f"{A}/to"), page(f"{A}/to"))
        book.flush()
    figures, _ = taken(folder)
    assert (figures.total.kept, figures.total.skipped) == (1, 1)
    assert [one.reason for one in figures.skipped] == ["it is at another address now"]


def test_what_a_crash_kept_from_the_disk_is_unstored(folder: Path) -> None:
    with opened(folder) as corpus:
        assert corpus.ledger is not None
        item = {"sha256": "0" * 64, "bytes": 7, "answer": "0" * 64}
        corpus.ledger.append(decision(f"{A}/lost"), run="r1", item=item)
        corpus.ledger.sync()
    figures, (row,) = taken(folder)
    assert (figures.total.unstored, figures.total.kept, figures.total.bytes) == (1, 0, 0)
    assert (row.texts, row.text_bytes) == (0, 0)


def test_erased_entries_are_left_out_and_counted(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        for number in range(3):
            book.record(reserved(f"{A}/{number}", said("tdmrep", A)))
        book.flush()
        corpus.seal(Signer("k", bytes(32)), NOON)
        corpus.erase([2], reason="asked", run="r2", at=NOON)
        corpus.seal(Signer("k", bytes(32)), NOON)
    figures, _ = taken(folder)
    assert (figures.total.reserved, figures.about.erased, figures.about.entries) == (2, 1, figures.about.sealed)


def test_the_most_direct_basis_counts_and_what_no_other_signal_reserves(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        inferred, stated = said("rsl", A, basis=Basis.INFERRED), said("rsl", A)
        book.record(reserved(f"{A}/1", inferred, stated, said("tdmrep", A)))
        book.record(reserved(f"{A}/2", inferred))
        book.record(reserved(f"{A}/2", inferred))
        book.flush()
    figures, (row,) = taken(folder)
    rsl, tdmrep = figures.signals
    assert (rsl.stated, rsl.recovered, rsl.inferred, rsl.alone) == (1, 0, 1, 1)
    assert (tdmrep.stated, tdmrep.alone) == (1, 0)
    assert (rsl.title, row.signals) == ("Really Simple Licensing", ("rsl", "tdmrep"))


def test_the_literal_reading_is_weighed_from_what_was_heard(folder: Path) -> None:
    noai = said("robots-meta", A, basis=Basis.INFERRED)
    with opened(folder) as corpus:
        book = journal(corpus)
        book.record(reserved(f"{A}/inferred", noai))
        book.record(reserved(f"{A}/both", noai, said("iptc", A)))
        book.record(reserved(f"{A}/recovered", said("rsl", A, basis=Basis.RECOVERED)))
        # Of a layered signal, a broad word may still be replaced by a narrower one.
        book.record(reserved(f"{A}/early", said("tdmrep", A, carrier=Carrier.HOST_FILE), stage=Stage.HOST))
        allowed = replace(said("tdmrep", A, carrier=Carrier.HTML), preference=Preference.ALLOW)
        broad = said("tdmrep", A, carrier=Carrier.HEADER)
        book.record(replace(reserved(f"{A}/narrow", broad), heard=(broad, allowed)))
        book.record(reserved(f"{A}/now-literal", noai))
        book.record(reserved(f"{A}/now-literal", said("iptc", A)))
        book.record(replace(reserved(f"{A}/as-literal", noai), reading=Reading.LITERAL))
        book.flush()
    figures, _ = taken(folder)
    assert figures.literal == 4
    assert [(row.signal, row.basis, row.urls) for row in figures.readings] == [
        ("tdmrep", "stated", 2),
        ("robots-meta", "inferred", 1),
        ("rsl", "recovered", 1),
    ]


def test_a_corpus_in_the_literal_reading_has_no_such_table(folder: Path) -> None:
    identity = replace(IDENTITY, reading=Reading.LITERAL, reason="a comparison")
    with Corpus.open(folder, identity, versions=VERSIONS, at=NOON) as corpus:
        book = journal(corpus)
        book.record(replace(reserved(f"{A}/1", said("iptc", A)), reading=Reading.LITERAL))
        book.flush()
    figures, _ = taken(folder)
    assert (figures.literal, figures.readings, figures.about.reason) == (0, (), "a comparison")


def test_opt_in_tells_what_opt_out_would_have_kept(folder: Path) -> None:
    identity = replace(IDENTITY, posture=Posture.OPT_IN)
    with Corpus.open(folder, identity, versions=VERSIONS, at=NOON) as corpus:
        book = journal(corpus)
        book.record(decision(f"{A}/free", Outcome.LICENSED), page(f"{A}/free"))
        book.record(house(f"{A}/silent", "posture"))
        book.record(house(f"{A}/far", "scope"))
        book.record(reserved(f"{A}/no", said("tdmrep", A)))
        book.flush()
    figures, _ = taken(folder)
    assert [(row.kind, row.opt_out, row.opt_in) for row in figures.postures] == [("text", 2, 1), ("all", 2, 1)]
    assert figures.about.posture == "opt-in"


@pytest.mark.parametrize(
    ("signal", "locator", "excerpt", "words"),
    [
        ("http-status", "status", "401 Basic", "credentials (401)"),
        ("http-status", "status", "402 payment is asked for", "payment (402)"),
        ("http-status", "status", "403 refused", "refuses us (403)"),
        ("http-status", "status", "407 x", "proxy"),
        ("http-status", "status", "451 x", "legal reasons"),
        ("http-status", "status", "499 <script>", "another status"),
        ("http-status", "cf-mitigated[0]", "challenge", "captcha"),
        ("http-status", "title", "Just a moment", "captcha"),
        ("http-status", "crawler-price[0]", "USD 1", "price"),
        ("paywall", "login page", "<input>", "login page"),
        ("paywall", "script[0]", "isAccessibleForFree: False", "sold"),
    ],
)
def test_walls(folder: Path, signal: str, locator: str, excerpt: str, words: str) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        wall = said(signal, A, locator=locator, excerpt=excerpt, carrier=Carrier.STATUS)
        for url in (f"{A}/1", f"{A}/2", "https://b.example/"):
            book.record(reserved(url, wall, wall))
        book.record(reserved(f"{A}/other", said("tdmrep", A, locator="status", excerpt="401")))
        book.flush()
    (found,) = taken(folder)[0].walls
    assert words in found.reason
    assert (found.urls, found.domains) == (3, 2)
    assert "<" not in found.reason


def test_reasons_are_in_plain_words_and_equal_words_are_one(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        for number, locator in enumerate(("moved", "elsewhere", "gone", "scope", "scope")):
            book.record(house(f"https://{number}.example/", locator))
        silent = said("robots", A, carrier=Carrier.ROBOTS_TXT, locator="unreachable")
        book.record(ending(f"{A}/1", Outcome.UNDETERMINED, replace(silent, preference=Preference.UNREADABLE)))
        book.flush()
    figures, _ = taken(folder)
    assert [(one.reason, one.urls, one.domains) for one in figures.skipped] == [
        ("it is at another address now", 2, 2),
        ("it lies outside what this crawl was to visit", 2, 2),
        ("there is nothing there", 1, 1),
    ]
    assert [one.reason for one in figures.undetermined] == ["robots.txt did not answer in a usable way"]


def measure_of(language: str | None, size: int, words: int, failure: str | None = None) -> Measure:
    return Measure(
        language=language, confidence=None, characters=size, bytes=size, words=words, extractor="x 1",
        failure=failure,
    )  # fmt: skip


def test_languages_and_lengths_are_those_that_were_measured(folder: Path) -> None:
    found = {
        "de": measure_of("de", 50, 7),
        "en": measure_of("en", 70, 9),
        "short": measure_of(None, 3, 1),
        "broken": measure_of(None, 0, 0, "no PDF"),
    }
    with opened(folder) as corpus:
        book = journal(corpus)
        for name in (*found, "unread"):
            book.record(decision(f"{A}/{name}"), page(f"{A}/{name}", name.encode()))
        book.record(decision("https://b.example/1"), page("https://b.example/1", b"unread, too"))
        image = "https://b.example/2"
        book.record(decision(image, kind=Kind.IMAGE), page(image, b"pixels"))
        book.flush()
    with Measures.open(folder) as measures:
        for name, one in found.items():
            measures.note(hashlib.sha256(name.encode()).hexdigest(), one)
        figures, (first, second) = taken(folder, measures)
    rows = [(row.language, row.name, row.items, row.text_bytes, row.words) for row in figures.languages]
    assert rows == [
        ("en", "English", 1, 70, 9),
        ("de", "German", 1, 50, 7),
        ("(none)", "too little text to tell", 1, 3, 1),
        ("(not measured)", "not measured", 3, 0, 0),
    ]
    assert (first.domain, first.text_bytes, first.words) == ("a.example", 123, 17)
    assert (second.text_bytes, second.images, second.image_bytes) == (None, 1, 6)


def test_every_language_that_can_be_found_has_a_name() -> None:
    assert name_of("xx") == "xx"
    codes = "af als ar bn cs de el en es eu fa fr gsw he hi id ja ko mhr nl no pt ru sr sw ta th tr uk vi zh"
    assert {code for code in codes.split() if name_of(code) == code} == {"gsw"}


@pytest.mark.parametrize(
    ("apart", "first", "count"),
    [
        (timedelta(hours=3), "2026-11-22T12", 4),
        (timedelta(hours=59), "2026-11-22T12", 60),
        (timedelta(hours=60), "2026-11-22", 4),
        (timedelta(days=59), "2026-11-22", 60),
        (timedelta(days=70), "2026-11", 3),
        (timedelta(days=365 * 20), "2026", 21),
    ],
)
def test_periods_are_few_and_without_gaps(folder: Path, apart: timedelta, first: str, count: int) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        for at in (NOON, NOON + apart):
            book.record(replace(decision(f"{A}/{at:%j%H}"), at=at), page(f"{A}/{at:%j%H}"))
        book.flush()
    rows = taken(folder)[0].periods
    assert (rows[0].start, len(rows)) == (first, count)
    assert [row.kept for row in rows if row.kept] == [1, 1]
    assert [row.start for row in rows] == sorted({row.start for row in rows})


def test_withdrawals_and_rechecks_are_told_in_words_of_ours(folder: Path) -> None:
    later = NOON + timedelta(days=1)
    with opened(folder) as corpus:
        book = journal(corpus)
        for number in range(3):
            book.record(decision(f"{A}/{number}"), page(f"{A}/{number}", str(number).encode()))
        book.flush()
        wish = Wish(urls=frozenset({f"{A}/0", f"{A}/1"}), hosts=frozenset({"evil<b>.example"}))
        withdraw(corpus, wish, reason="<script>", ticket="T-1", run="w", at=later)
        withdraw(corpus, Wish(domains=frozenset({"none.example"})), reason="x", run="w2", at=later)
        assert corpus.ledger is not None
        more = {"stage": "host", "grounds": []}
        states = {"state": "new reservation", "url": f"{A}/2", **more}
        corpus.ledger.append_other("recheck", run="r9", at=later + timedelta(days=1), **states)
        told = {"state": "unreachable", "origin": A, "asked": "site", **more}
        counts = {"new reservation": 1, "unreachable": 2, "unchanged": 4}
        corpus.ledger.append_other("recheck", run="r9", at=later + timedelta(days=2), counts=counts, **told)
        corpus.ledger.sync()
    events = taken(folder)[0].events
    assert [(row.what, row.ticket, row.words, row.items) for row in events] == [
        ("withdrawal", "T-1", "2 addresses and 1 host asked for; 2 items removed", 2),
        ("withdrawal", None, "1 domain asked for; nothing was held", 0),
        ("recheck", None, "1 site asked: 1 newly reserved, 2 could not be asked, 4 unchanged", 3),
    ]
    assert taken(folder)[0].total.withdrawn == 2


def test_a_word_that_reserves_what_is_held_removes_it_from_all_figures(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        book.record(decision(f"{A}/p", Outcome.LICENSED), page(f"{A}/p"))
        book.flush()
        corpus.store.remove(page(f"{A}/p").digest, reason="reserved", run="r2", at=NOON)
        book.record(reserved(f"{A}/p", said("tdmrep", A)))
        book.flush()
    figures, _ = taken(folder)
    assert (figures.total.removed, figures.total.considered) == (1, 1)
    assert (figures.signals, figures.licences, figures.languages) == ((), (), ())


def test_domains_by_name(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        for at in ("c.example/1", "b.example/1", "c.example/2", "a.example/1"):
            book.record(reserved(f"https://{at}", said("tdmrep", A)))
        book.flush()
    with Corpus.read(folder) as corpus, Census.take(corpus, None, NOON) as census:
        assert [row.domain for row in census.domains("name")] == ["a.example", "b.example", "c.example"]
        assert [row.domain for row in census.domains()] == ["c.example", "a.example", "b.example"]


@pytest.mark.parametrize("url", ["https://[::1/x", "https://", "nonsense", "https://a.example/\x00"])
def test_a_url_that_nobody_can_read_is_counted_all_the_same(folder: Path, url: str) -> None:
    with opened(folder) as corpus:
        assert corpus.ledger is not None
        corpus.ledger.append(reserved(url, said("tdmrep", A)), run="r1")
        corpus.ledger.sync()
    figures, (row,) = taken(folder)
    assert figures.total.reserved == row.count.reserved == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        {"grounds": 5}, {"outcome": "maybe"}, {"url": ["x"]}, {"kind": None, "grounds": [1]}, {"at": "noon"},
        {"item": "x"}, {"item": {"sha256": "0", "bytes": 2**80}}, {"stage": {}}, {"collect": "yes"},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_a_damaged_entry_is_said_to_be_one(folder: Path, spoilt: dict[str, Any]) -> None:
    with opened(folder) as corpus:
        assert corpus.ledger is not None
        corpus.ledger.append(reserved(f"{A}/1", said("tdmrep", A)), run="r1")
        corpus.ledger.sync()
    tail = folder / "ledger" / "tail.jsonl"
    tail.write_bytes(json.dumps(json.loads(tail.read_bytes()) | spoilt).encode() + b"\n")
    (folder / "ledger" / "index.db").unlink()
    with pytest.raises(Damaged, match="damaged"):
        taken(folder)
