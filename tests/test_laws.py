"""What holds whatever is said, and whatever the bytes.

That decisions survive JSON is held by ``test_codec``, that ledgers notice a changed byte by ``test_ledger``.
The strict reading obeys its laws as they stand. The literal reading has one exception, and it is exactly this:
a word of a layered signal, heard through a narrower carrier, replaces what the same signal said about the same
purpose through broader ones.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as some

from crawler.optout import SIGNALS, Gate, Policy
from crawler.optout.grammar.licences import licence_of
from crawler.optout.host import Host, origin_of
from crawler.optout.model import (
    INSIDE,
    LAYER,
    OPEN,
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Evidence,
    Hop,
    Kind,
    Need,
    Outcome,
    Posture,
    Preference,
    Purpose,
    Reading,
    Stage,
    Standing,
    Statement,
)
from crawler.optout.policy import ACCEPTED, AGAINST
from tests import vectorfile

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
CONTEXT = Context(agents=("mybot", "heedful"))
LAYERED = [name for name, signal in SIGNALS.items() if signal.layered]
RANK = [Outcome.UNRESERVED, Outcome.UNDETERMINED, Outcome.SKIPPED, Outcome.RESERVED]
"""From open to closed."""

ASSETS = some.builds(Asset, url=some.just("https://h.example/a"), kind=some.sampled_from(Kind))
STATEMENTS = some.builds(
    Statement,
    # Half of what is said comes from layered signals: only there do the two readings part.
    signal=some.sampled_from(LAYERED) | some.sampled_from(list(SIGNALS)),
    purpose=some.sampled_from(Purpose),
    preference=some.sampled_from(Preference),
    basis=some.sampled_from(Basis),
    evidence=some.builds(
        Evidence,
        source=some.just("https://h.example/a"),
        carrier=some.sampled_from(Carrier),
        locator=some.sampled_from("abc"),
        excerpt=some.just(""),
        sha256=some.just(""),
        at=some.just(AT),
    ),
    kind=some.none() | some.sampled_from(Kind),
)
LICENCE_URLS = [
    "https://creativecommons.org/licenses/by/4.0/",
    "https://creativecommons.org/licenses/by/4.0/deed.de",
    "https://creativecommons.org/licenses/by/3.0/",
    "https://creativecommons.org/licenses/by-nc/4.0/",
    "https://h.example/terms",
    None,
]
HEARD = some.lists(STATEMENTS, max_size=6)
PURPOSES = some.frozensets(some.sampled_from(Purpose), min_size=1)
STAGES = some.sampled_from(Stage)


def weigh(
    reading: Reading, purposes: frozenset[Purpose], asset: Asset, stage: Stage, heard: list[Statement]
) -> tuple[Outcome, tuple[Statement, ...]]:
    """Outcome and grounds of what is against it; a licence adds nothing to what nobody objects to."""
    verdict = Policy(purposes=purposes, reading=reading).weigh(asset, stage, heard, SIGNALS)
    if verdict.outcome is Outcome.LICENSED:
        return Outcome.UNRESERVED, ()
    return verdict.outcome, verdict.grounds


# Purposes


@given(some.sampled_from(Purpose), some.sampled_from(Purpose))
def test_overlaps_is_symmetric_and_reflexive_and_everything_overlaps_any(one: Purpose, other: Purpose) -> None:
    assert one.overlaps(other) is other.overlaps(one)
    assert one.overlaps(one)
    assert one.overlaps(Purpose.ANY)


# What one more statement does


@given(PURPOSES, ASSETS, STAGES, HEARD, STATEMENTS)
def test_one_more_statement_never_opens_what_was_closed(
    purposes: frozenset[Purpose], asset: Asset, stage: Stage, heard: list[Statement], more: Statement
) -> None:
    before, _ = weigh(Reading.STRICT, purposes, asset, stage, heard)
    after, _ = weigh(Reading.STRICT, purposes, asset, stage, [*heard, more])
    assert RANK.index(after) >= RANK.index(before)


@given(PURPOSES, ASSETS, STAGES, HEARD, STATEMENTS)
def test_by_the_letter_only_a_narrower_word_of_the_same_signal_opens(
    purposes: frozenset[Purpose], asset: Asset, stage: Stage, heard: list[Statement], more: Statement
) -> None:
    before, grounds = weigh(Reading.LITERAL, purposes, asset, stage, heard)
    after, _ = weigh(Reading.LITERAL, purposes, asset, stage, [*heard, more])
    if RANK.index(after) < RANK.index(before):
        replaced = [
            ground
            for ground in grounds
            if (ground.signal, ground.purpose) == (more.signal, more.purpose)
            and LAYER[ground.evidence.carrier] < LAYER[more.evidence.carrier]
        ]
        assert replaced == list(grounds), "every ground was replaced, or it would still be one"
        assert more.signal in LAYERED
        assert more.basis is not Basis.INFERRED


@given(PURPOSES, ASSETS, STAGES, HEARD)
def test_the_strict_reading_is_never_the_more_open_one(
    purposes: frozenset[Purpose], asset: Asset, stage: Stage, heard: list[Statement]
) -> None:
    strict, _ = weigh(Reading.STRICT, purposes, asset, stage, heard)
    literal, _ = weigh(Reading.LITERAL, purposes, asset, stage, heard)
    assert RANK.index(strict) >= RANK.index(literal)


@given(PURPOSES, ASSETS, STAGES, HEARD, some.data())
def test_order_and_repetition_do_not_matter(
    purposes: frozenset[Purpose], asset: Asset, stage: Stage, heard: list[Statement], data: some.DataObject
) -> None:
    again = data.draw(some.permutations([*heard, *heard[: data.draw(some.integers(0, 6))]]))
    for reading in Reading:
        outcome, grounds = weigh(reading, purposes, asset, stage, heard)
        shuffled, others = weigh(reading, purposes, asset, stage, list(again))
        assert shuffled is outcome
        assert set(others) == set(grounds)


@given(PURPOSES, ASSETS, STAGES, HEARD, some.lists(STATEMENTS, max_size=3))
def test_a_permission_changes_nothing(
    purposes: frozenset[Purpose], asset: Asset, stage: Stage, heard: list[Statement], more: list[Statement]
) -> None:
    permissions = [replace(statement, preference=Preference.ALLOW) for statement in more]
    assert weigh(Reading.STRICT, purposes, asset, stage, [*heard, *permissions]) == weigh(
        Reading.STRICT, purposes, asset, stage, heard
    )
    flat = [statement for statement in permissions if statement.signal not in LAYERED]
    assert weigh(Reading.LITERAL, purposes, asset, stage, [*heard, *flat]) == weigh(
        Reading.LITERAL, purposes, asset, stage, heard
    )


@given(PURPOSES, ASSETS, STAGES, HEARD)
def test_an_outcome_rests_on_what_was_heard(
    purposes: frozenset[Purpose], asset: Asset, stage: Stage, heard: list[Statement]
) -> None:
    for reading in Reading:
        outcome, grounds = weigh(reading, purposes, asset, stage, heard)
        assert bool(grounds) is (outcome is not Outcome.UNRESERVED)
        assert {ground.evidence for ground in grounds} <= {statement.evidence for statement in heard}
        against = outcome in (Outcome.RESERVED, Outcome.SKIPPED)
        assert all((ground.preference in AGAINST) is against for ground in grounds)


# What licenses


@given(PURPOSES, ASSETS, STAGES, HEARD, some.sampled_from(Reading))
def test_nothing_is_licensed_that_is_not_unreserved(
    purposes: frozenset[Purpose], asset: Asset, stage: Stage, heard: list[Statement], reading: Reading
) -> None:
    silent = [one for one in heard if one.preference is not Preference.ALLOW]
    policy = Policy(purposes=purposes, reading=reading, accepted=ACCEPTED | set(SIGNALS))
    verdict = policy.weigh(asset, stage, heard, SIGNALS)
    if verdict.outcome is Outcome.LICENSED:
        assert stage is Stage.CONTENT
        assert all(one.preference is Preference.ALLOW for one in verdict.grounds)
        assert all(one.basis is Basis.STATED and one in heard for one in verdict.grounds)
        assert all(any(use in INSIDE[one.purpose] for one in verdict.grounds) for use in purposes)
        if reading is Reading.STRICT:
            assert policy.weigh(asset, stage, silent, SIGNALS).outcome is Outcome.UNRESERVED


@given(PURPOSES, ASSETS, HEARD, some.lists(some.sampled_from(LICENCE_URLS), min_size=1, max_size=4))
def test_two_licences_license_no_more_than_none(
    purposes: frozenset[Purpose], asset: Asset, heard: list[Statement], urls: list[str | None]
) -> None:
    others = [one for one in heard if one.signal != "licence"]
    bare = Statement(
        signal="licence",
        purpose=Purpose.ANY,
        preference=Preference.ALLOW,
        basis=Basis.STATED,
        evidence=Evidence(source="", carrier=Carrier.HTML, locator="", excerpt="", sha256="", at=AT),
    )
    policy = Policy(purposes=purposes)
    before = policy.weigh(asset, Stage.CONTENT, others, SIGNALS)
    named = {licence_of(url) if url else None for url in urls}
    after = policy.weigh(asset, Stage.CONTENT, [*others, *(replace(bare, terms=url) for url in urls)], SIGNALS)
    if len(named) > 1 or not policy.accepts(str(*named)):
        assert after == before
    elif before.outcome in OPEN:
        assert (after.outcome, after.licence) == (Outcome.LICENSED, *named)


@given(ASSETS, STAGES, HEARD, some.frozensets(some.sampled_from(sorted({*ACCEPTED, "tdmrep", "xmp"}))))
def test_accepting_more_reserves_nothing_and_licenses_no_less(
    asset: Asset, stage: Stage, heard: list[Statement], more: frozenset[str]
) -> None:
    few = Policy(accepted=frozenset({"CC0-1.0"})).weigh(asset, stage, heard, SIGNALS)
    many = Policy(accepted=frozenset({"CC0-1.0", *more})).weigh(asset, stage, heard, SIGNALS)
    assert (few.outcome in OPEN) is (many.outcome in OPEN)
    assert few.outcome is not Outcome.LICENSED or many.outcome is Outcome.LICENSED


@settings(max_examples=60, deadline=None)
@given(HEARD, some.lists(some.sampled_from(LICENCE_URLS), max_size=2), some.sampled_from(Kind))
def test_opt_in_collects_what_is_licensed_and_nothing_else(
    heard: list[Statement], urls: list[str | None], kind: Kind
) -> None:
    gates = [Gate(Policy(posture=posture), CONTEXT) for posture in Posture]
    asset = Asset(url="https://h.example/a", kind=kind)
    links = ", ".join(f"<{url}>; rel=license" for url in urls if url)
    answer = Capture(url=asset.url, status=200, at=AT, headers=(("link", links),), body=b"<html>")
    outcomes = []
    for gate in gates:
        host = Host("https://h.example", gate.host_files)
        for path in host.files:
            host.receive(path, Capture(url=host.origin + path, status=404, at=AT))
        decision = gate.at_host(asset, host, at=AT, inherited=heard)
        for stage in (gate.at_headers, gate.at_content):
            if decision.outcome in OPEN and not decision.needs:
                decision = stage(decision, answer, kind=kind)
        outcomes.append(decision)
    out, only = outcomes
    assert only.collect is (out.collect and out.outcome is Outcome.LICENSED)
    assert only.licence == (out.licence if only.collect else None)
    if out.collect and not only.collect:
        assert [ground.evidence.locator for ground in only.grounds] == ["posture"]


# Through the gate: one more reservation in what travels with an asset


@settings(max_examples=50, deadline=None)
@given(HEARD, STATEMENTS, some.sampled_from(Reading), some.integers(0, 200))
def test_no_number_of_alike_statements_hides_another(
    heard: list[Statement], alike: Statement, reading: Reading, times: int
) -> None:
    gate = Gate(Policy(reading=reading), CONTEXT)
    asset = Asset(url="https://h.example/a.png", kind=Kind.IMAGE)
    crowd = [replace(alike, evidence=replace(alike.evidence, locator=str(number))) for number in range(times)]
    said = [*crowd, *heard]
    host = Host("https://h.example", gate.host_files)
    for path in host.files:
        host.receive(path, Capture(url=host.origin + path, status=404, at=AT))
    decision = gate.at_host(asset, host, at=AT, inherited=said)
    assert decision.outcome is gate.policy.weigh(asset, Stage.HOST, said, SIGNALS).outcome
    kept = gate.reconsider(asset, said, AT)
    outcome = gate.policy.weigh(asset, Stage.CONTENT, said, SIGNALS).outcome
    assert (kept.outcome if kept else outcome) is outcome
    assert (kept is None) is (outcome in OPEN)


# Site-level files that cannot be had

SILENCES = some.one_of(
    some.builds(Capture, url=some.just(""), status=some.none(), at=some.just(AT), body=some.binary(max_size=9)),
    some.builds(
        Capture,
        url=some.just(""),
        status=some.sampled_from([100, 206, 301, 304, 408, 421, 425, 429, 500, 502, 503, 504, 520, 599, 999]),
        at=some.just(AT),
        body=some.binary(max_size=9),
    ),
    some.builds(
        Capture,
        url=some.just(""),
        status=some.integers(100, 599),
        at=some.just(AT),
        body=some.just(b"User-agent: *\nAllow: /\n"),
        complete=some.just(False),
    ),
    some.builds(
        Capture,
        url=some.just(""),
        status=some.integers(200, 599),
        at=some.just(AT),
        headers=some.just((("cf-mitigated", "challenge"),)),
    ),
)


@settings(max_examples=150, deadline=None)
@given(SILENCES, some.data())
def test_an_unreachable_host_file_never_leaves_anything_unreserved(
    silence: Capture, data: some.DataObject
) -> None:
    gate = Gate(Policy(reading=data.draw(some.sampled_from(Reading)), purposes=data.draw(PURPOSES)), CONTEXT)
    host = Host("https://h.example", gate.host_files)
    silent = data.draw(some.sampled_from(sorted(host.files)))
    for path in host.files:
        body = data.draw(some.sampled_from([b"", b"User-agent: *\nAllow: /\n", b"datatrainingallowed=yes"]))
        other = Capture(url="", status=data.draw(some.sampled_from([200, 404])), at=AT, body=body)
        host.receive(path, silence if path == silent else other)
    assert host.standing(silent) is Standing.UNREACHABLE
    kind = data.draw(some.sampled_from(Kind))
    decision = gate.at_host(Asset(url="https://h.example/a", kind=kind), host, at=AT)
    assert decision.outcome not in OPEN
    assert not decision.collect


# Any bytes

VECTORS: list[dict[str, Any]] = [vector for name in SIGNALS for vector in vectorfile.load(name)]
PARTS = ("files", "response", "documents")


def answers_of(vector: dict[str, Any]) -> list[dict[str, Any]]:
    """Every answer of a vector that has a body or headers worth spoiling."""
    found = [*vector.get("files", {}).values(), *vector.get("documents", {}).values()]
    found += [vector["response"]] if "response" in vector else []
    return [answer for answer in found if "body_repeat" not in answer and (answer.keys() & {"body", "headers"})]


def bytes_of(answer: dict[str, Any]) -> bytes:
    if "body_base64" in answer:
        return base64.b64decode(answer["body_base64"])
    return str(answer.get("body", "")).encode("utf-8", "surrogateescape")


SPOILABLE = [vector for vector in VECTORS if answers_of(vector)]
BODIES = sorted({bytes_of(answer) for vector in SPOILABLE for answer in answers_of(vector)})
LINES = sorted(
    {
        (name, value)
        for vector in SPOILABLE
        for answer in answers_of(vector)
        for name, value in answer.get("headers", [])
    }
)
JUNK = [
    *(b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\n\n", b"\\u", b"1e999", b"-" * 99),
    *(b"<", b">", b'"', b"'", b"&#x", b"]]>", b"<!--", b"{", b"[" * 99),
    *(b":", b"=", b";", b",", b"/*", b"$", b"%"),
]


@some.composite
def spoiled(draw: some.DrawFn) -> bytes:
    """A body from the vectors, cut, doubled, crossed with another or sown with junk; or nothing but junk."""
    body = draw(some.sampled_from(BODIES) | some.binary(max_size=60))
    for _ in range(draw(some.integers(0, 3))):
        place = draw(some.integers(0, len(body)))
        match draw(some.sampled_from(["cut", "drop", "cross", "junk", "flip"])):
            case "cut":
                body = body[:place]
            case "drop":
                body = body[:place] + body[place + draw(some.integers(1, 20)) :]
            case "cross":
                other = draw(some.sampled_from(BODIES))
                body = body[:place] + other[draw(some.integers(0, len(other))) :]
            case "junk":
                body = body[:place] + draw(some.sampled_from(JUNK) | some.binary(max_size=8)) + body[place:]
            case "flip" if place < len(body):
                body = (
                    body[:place] + bytes([body[place] ^ (1 << draw(some.integers(0, 7)))]) + body[place + 1 :]
                )
    return body


TEXTS = spoiled().map(lambda body: body[:200].decode("latin-1"))
HEADERS = some.lists(
    some.sampled_from(LINES)
    | some.tuples(some.sampled_from(LINES).map(lambda line: line[0]), TEXTS)
    | some.tuples(
        some.sampled_from(["content-type", "link", "x-robots-tag", "location", "content-usage"]), TEXTS
    ),
    max_size=4,
).map(lambda lines: tuple((name.lower(), value) for name, value in lines))
URLS = some.sampled_from(
    [
        *("https://h.example", "https://h.example/", "https://h.example/a/b.html?q=*$#f", "http://[::1]:8080/%ff"),
        *("https://h.example/" + "a/" * 500, "https://h.example/ü?%zz", "https://xn--9ca.example/;,=", "http://1/"),
        *("https://h.example/a.jpg", "https://h.example//x//..//y", "https://h.example/\ud800"),
    ]
)  # fmt: skip


class Everywhere(dict[str, Capture]):
    """The same document under every address."""

    def __init__(self, document: Capture) -> None:
        super().__init__()
        self.document = document

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> Capture:
        return self.document

    def get(self, key: str, default: object = None) -> Capture:  # type: ignore[override]
        return self.document


@settings(max_examples=400, deadline=None)
@given(spoiled(), HEADERS, URLS, spoiled(), HEADERS, some.data())
def test_no_reader_of_any_carrier_raises_whatever_it_is_given(
    body: bytes,
    headers: tuple[tuple[str, str], ...],
    url: str,
    document: bytes,
    others: tuple[tuple[str, str], ...],
    data: some.DataObject,
) -> None:
    status = data.draw(
        some.sampled_from([200, 200, 200, 203, 206, 301, 304, 401, 402, 403, 404, 429, 503, None])
    )
    complete = data.draw(some.booleans())
    hops = (Hop(url=url, status=302, headers=others),) if data.draw(some.booleans()) else ()
    answer = Capture(url=url, status=status, at=AT, headers=headers, body=body, complete=complete, hops=hops)
    named = replace(answer, body=document, headers=others)
    context = replace(CONTEXT, documents=Everywhere(named) if data.draw(some.booleans()) else {})
    asset = Asset(url=url, kind=data.draw(some.sampled_from(Kind)))
    for signal in SIGNALS.values():
        for carrier, reader in signal.readers.items():
            for item in reader(answer, asset, context):
                assert isinstance(item, Statement | Need)
                assert item.signal == signal.name
                assert isinstance(item, Need) or item.evidence.carrier in Carrier, carrier


@settings(max_examples=400, deadline=None)
@given(some.sampled_from(SPOILABLE), some.data())
def test_no_spoiled_vector_finds_a_bug_in_a_reader(vector: dict[str, Any], data: some.DataObject) -> None:
    which = data.draw(some.integers(0, len(answers_of(vector)) - 1))
    spoiled_vector = {**vector, **{part: _copied(vector[part]) for part in PARTS if part in vector}}
    answer = answers_of(spoiled_vector)[which]
    answer.pop("body", None)
    answer["body_base64"] = base64.b64encode(data.draw(spoiled())).decode()
    if data.draw(some.booleans()):
        answer["headers"] = [list(line) for line in data.draw(HEADERS)]
    reading = data.draw(some.sampled_from(Reading))
    decision = vectorfile.judge(spoiled_vector, reading)
    failed = [said for said in decision.heard if said.evidence.locator.startswith("reader failed")]
    assert not failed, [(said.signal, said.evidence.locator) for said in failed]


def _copied(part: dict[str, Any]) -> dict[str, Any]:
    return {key: dict(value) if isinstance(value, dict) else value for key, value in part.items()}


@settings(max_examples=100, deadline=None)
@given(spoiled(), HEADERS, some.sampled_from(Kind), some.sampled_from(Reading))
def test_whatever_the_page_says_what_was_heard_before_it_is_still_heard(
    body: bytes, headers: tuple[tuple[str, str], ...], kind: Kind, reading: Reading
) -> None:
    gate = Gate(Policy(reading=reading), CONTEXT)
    asset = Asset(url="https://h.example/a", kind=kind)
    host = Host(origin_of(asset.url), gate.host_files)
    for path in host.files:
        host.receive(path, Capture(url=host.origin + path, status=404, at=AT))
    answer = Capture(url=asset.url, status=200, at=AT, headers=headers, body=body)
    decision = gate.at_headers(gate.at_host(asset, host, at=AT), replace(answer, body=b""))
    assume(decision.outcome in OPEN and not decision.needs)
    last = gate.at_content(decision, answer)
    gate.spread(last)
    gate.mentions(answer, asset)
    assert set(decision.heard) <= set(last.heard)
    assert last.collect is (last.outcome in OPEN and not last.needs)


def test_the_vectors_are_worth_spoiling() -> None:
    assert len(SPOILABLE) > 300
    assert len(BODIES) > 200
    assert len(LINES) > 50
