"""The gate as dialogues: this answer in, that outcome out, and nothing out of order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.optout import SIGNALS, Gate, Policy
from crawler.optout.hearing import ALIKE
from crawler.optout.host import Host, origin_of
from crawler.optout.model import (
    Asset,
    Capture,
    Carrier,
    Context,
    Decision,
    Denylist,
    HostFile,
    Kind,
    Need,
    Operator,
    Outcome,
    OutOfOrder,
    Posture,
    Purpose,
    Reader,
    Reading,
    Signal,
    Stage,
    Standing,
    Statement,
)
from tests.vectors.assets.make_assets import build

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
PAGE = "https://h.example/a"
CONTEXT = Context(agents=("mybot",))
GATE = Gate(Policy(), CONTEXT)
ASSET = Asset(url=PAGE, kind=Kind.TEXT)
FREE = "<html><head><title>Free</title></head><body>words</body></html>"
NOAI = FREE.replace("<title>", '<meta name="robots" content="noai"><title>')


def answer(
    status: int | None = 200, body: str = "", *headers: tuple[str, str], url: str = PAGE, at: datetime = AT
) -> Capture:
    return Capture(url=url, status=status, headers=headers, body=body.encode(), at=at)


def html(body: str, *headers: tuple[str, str]) -> Capture:
    return answer(200, body, ("content-type", "text/html"), *headers)


def host_of(url: str, files: Mapping[str, Capture | str], gate: Gate = GATE) -> Host:
    """The origin of ``url`` with these files; every other one is 404."""
    host = Host(origin_of(url), gate.host_files)
    for path in host.files:
        given = files.get(path, answer(404))
        host.receive(path, answer(200, given) if isinstance(given, str) else given)
    return host


@dataclass
class Dialogue:
    """One asset on its way through a gate; every line says what comes in and what must come out."""

    gate: Gate = GATE
    asset: Asset = ASSET
    decisions: list[Decision] = field(default_factory=list)

    def host(self, outcome: str, files: Mapping[str, Capture | str] | None = None, **more: object) -> Dialogue:
        host = host_of(self.asset.url, files or {}, self.gate)
        return self._says(outcome, self.gate.at_host(self.asset, host, at=AT, **more))  # type: ignore[arg-type]

    def headers(self, outcome: str, capture: Capture, **more: object) -> Dialogue:
        return self._says(outcome, self.gate.at_headers(self.last, capture, **more))  # type: ignore[arg-type]

    def hop(self, outcome: str, capture: Capture) -> Dialogue:
        return self._says(outcome, self.gate.at_hop(self.last, capture))

    def content(self, outcome: str, capture: Capture, **more: object) -> Dialogue:
        return self._says(outcome, self.gate.at_content(self.last, capture, **more))  # type: ignore[arg-type]

    def because(self, *signals: str) -> Dialogue:
        assert tuple(dict.fromkeys(ground.signal for ground in self.last.grounds)) == signals
        return self

    def _says(self, outcome: str, decision: Decision) -> Dialogue:
        assert decision.outcome.value == outcome, decision.grounds
        assert decision.collect is (decision.stage is Stage.CONTENT and outcome == "unreserved")
        self.decisions.append(decision)
        return self

    @property
    def last(self) -> Decision:
        return self.decisions[-1]


# Dialogues


def test_a_page_that_nobody_speaks_against_is_collected() -> None:
    said = Dialogue().host("unreserved").headers("unreserved", html("")).content("unreserved", html(FREE))
    assert said.last.collect
    assert said.last.grounds == ()
    assert [decision.stage for decision in said.decisions] == list(Stage)


def test_a_host_that_reserves_ends_it_before_the_request() -> None:
    Dialogue().host("reserved", {"/robots.txt": "User-agent: *\nDisallow: /a"}).because("robots")
    Dialogue().host("reserved", {"/trust.txt": "datatrainingallowed=no"}).because("trust-txt")


def test_a_header_that_reserves_ends_it_before_the_body() -> None:
    capture = html("", ("tdm-reservation", "1"))
    Dialogue().host("unreserved").headers("reserved", capture).because("tdmrep")


def test_a_page_that_reserves_ends_it_at_the_body() -> None:
    said = Dialogue().host("unreserved").headers("unreserved", html(""))
    said.content("reserved", html(NOAI)).because("robots-meta")


def test_what_was_heard_early_is_still_heard_at_the_end() -> None:
    files = {"/robots.txt": "User-agent: *\nAllow: /\nContent-Signal: search=no"}
    said = Dialogue().host("unreserved", files).headers("unreserved", html("", ("tdm-reservation", "0")))
    said.content("unreserved", html(FREE))
    assert {"content-signal", "tdmrep"} <= {statement.signal for statement in said.last.heard}


def test_an_allow_lifts_nothing_that_was_said_before() -> None:
    files = {"/.well-known/tdmrep.json": '[{"location": "/*", "tdm-reservation": 1}]'}
    Dialogue().host("reserved", files).because("tdmrep")
    literal = Dialogue(gate=Gate(Policy(reading=Reading.LITERAL), CONTEXT))
    literal.host("unreserved", files).headers("unreserved", html("", ("tdm-reservation", "0")))
    literal.content("unreserved", html(FREE))


@pytest.mark.parametrize("status", [None, 401, 403, 429, 500, 503])
def test_a_host_that_gives_no_robots_txt_is_asked_for_nothing_else(status: int | None) -> None:
    host = Host("https://h.example", GATE.host_files)
    host.receive("/robots.txt", answer(status))
    decision = GATE.at_host(ASSET, host, at=AT)
    assert decision.outcome is Outcome.UNDETERMINED
    assert [ground.signal for ground in decision.grounds] == ["robots"]
    assert [asked.source for asked in decision.asked] == ["https://h.example/robots.txt"]
    assert decision.asked[0].standing is Standing.UNREACHABLE


@pytest.mark.parametrize("path", [file.path for file in GATE.host_files if file.path != "/robots.txt"])
def test_any_other_file_that_cannot_be_had_leaves_it_undetermined(path: str) -> None:
    said = Dialogue().host("undetermined", {path: answer(503)})
    assert said.last.grounds[0].evidence.source == "https://h.example" + path
    assert said.last.grounds[0].signal in said.last.asked[0].signals or path != "/robots.txt"


def test_a_reservation_counts_although_another_file_could_not_be_had() -> None:
    files = {"/robots.txt": "User-agent: *\nDisallow: /", "/ai.txt": answer(503)}
    Dialogue().host("reserved", files).because("robots")


def test_nothing_is_told_by_a_silent_server() -> None:
    said = Dialogue().host("unreserved").headers("undetermined", answer(None)).because("http-status")
    assert {asked.standing for asked in said.last.asked if asked.source == PAGE} == {Standing.UNREACHABLE}


def test_a_redirect_is_judged_by_its_headers_and_not_by_its_status() -> None:
    Dialogue().host("unreserved").hop("unreserved", answer(301, "", ("location", "/b")))
    capture = answer(301, "", ("location", "/b"), ("tdm-reservation", "1"))
    Dialogue().host("unreserved").hop("reserved", capture).because("tdmrep")
    Dialogue().host("unreserved").headers("undetermined", answer(301)).because("http-status")


def test_every_source_is_listed_with_the_signals_that_read_it() -> None:
    said = Dialogue().host("unreserved").headers("unreserved", html("")).content("unreserved", html(FREE))
    files = [asked for asked in said.last.asked if asked.source != PAGE]
    assert [asked.source.removeprefix("https://h.example") for asked in files] == [
        file.path for file in GATE.host_files
    ]
    assert all(asked.standing is Standing.ABSENT and asked.status == 404 for asked in files)
    carriers = [asked.carrier for asked in said.last.asked if asked.source == PAGE]
    assert carriers == [Carrier.STATUS, Carrier.HEADER, Carrier.HTML]
    for asked in said.last.asked:
        assert asked.signals
        assert all(asked.carrier in SIGNALS[name].readers for name in asked.signals)


# The asset


def test_the_kind_that_was_expected_gives_way_to_the_one_that_came() -> None:
    only_images = {"/robots.txt": "User-agent: *\nNoImageAI: yes"}
    said = Dialogue().host("unreserved", only_images)
    said.headers("reserved", answer(200, "", ("content-type", "image/png")), kind=Kind.IMAGE)
    assert said.last.asset.kind is Kind.IMAGE
    same = Dialogue().host("unreserved").headers("unreserved", html(""), kind=Kind.TEXT)
    same.content("unreserved", answer(200, "x"), kind=Kind.IMAGE)
    assert same.last.asset.kind is Kind.IMAGE


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Kind.TEXT, FREE.encode()),
        (Kind.IMAGE, build("clean.jpg")),
        (Kind.PDF, build("free.pdf")),
        (Kind.EPUB, build("free.epub")),
    ],
)
def test_content_of_every_kind_is_asked(kind: Kind, body: bytes) -> None:
    said = Dialogue().host("unreserved").headers("unreserved", html(""), kind=kind)
    said.content("unreserved", replace(html(""), body=body), kind=kind)


def test_an_asset_is_judged_by_its_own_origin() -> None:
    host = host_of("https://other.example/", {})
    with pytest.raises(OutOfOrder, match=r"https://other\.example"):
        GATE.at_host(ASSET, host, at=AT)


def test_a_host_whose_files_were_not_asked_for_cannot_be_judged() -> None:
    host = Host("https://h.example", GATE.host_files)
    with pytest.raises(OutOfOrder):
        GATE.at_host(ASSET, host, at=AT)


# Order


HOST_OPEN = Dialogue().host("unreserved").last
HEADERS_OPEN = Dialogue().host("unreserved").headers("unreserved", html("")).last
CONTENT_OPEN = (
    Dialogue().host("unreserved").headers("unreserved", html("")).content("unreserved", html(FREE)).last
)
OPEN_AT = {Stage.HOST: HOST_OPEN, Stage.HEADERS: HEADERS_OPEN, Stage.CONTENT: CONTENT_OPEN}
STEPS: dict[str, tuple[Stage, Callable[[Decision, Capture], Decision]]] = {
    "at_headers": (Stage.HOST, GATE.at_headers),
    "at_hop": (Stage.HOST, GATE.at_hop),
    "at_content": (Stage.HEADERS, GATE.at_content),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("needs", [(), ("https://h.example/licence.xml",)])
def test_every_pair_of_stages_out_of_order_raises(
    step: str, stage: Stage, outcome: Outcome, needs: tuple[str, ...]
) -> None:
    after, ask = STEPS[step]
    prior = replace(OPEN_AT[stage], outcome=outcome, needs=needs)
    if stage is after and outcome in (Outcome.UNRESERVED, Outcome.LICENSED) and not needs:
        assert ask(prior, html(FREE)).outcome is Outcome.UNRESERVED
    else:
        with pytest.raises(OutOfOrder):
            ask(prior, html(FREE))


# Second documents

LICENCE = "https://h.example/licence.xml"
ASKS = {"/robots.txt": f"User-agent: *\nAllow: /\nLicense: {LICENCE}"}
RSL = '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>{}</license></content></rsl>'
FREE_TERMS = answer(200, RSL.format('<permits type="usage">all</permits><payment type="free"/>'), url=LICENCE)
CLOSED = answer(200, RSL.format('<prohibits type="usage">ai-all</prohibits>'), url=LICENCE)


def test_a_document_that_is_named_is_asked_for_and_then_decides() -> None:
    said = Dialogue().host("undetermined", ASKS)
    assert said.last.needs == (LICENCE,)
    assert not said.last.collect
    said.host("reserved", ASKS, documents={LICENCE: CLOSED}).because("rsl")
    assert said.last.needs == ()
    said.host("unreserved", ASKS, documents={LICENCE: FREE_TERMS})


def test_nothing_more_is_asked_for_once_it_is_reserved() -> None:
    files = {"/robots.txt": ASKS["/robots.txt"].replace("Allow", "Disallow")}
    assert Dialogue().host("reserved", files).last.needs == ()


def test_a_document_may_be_needed_at_every_stage() -> None:
    link = ("link", f'<{LICENCE}>; rel="license"; type="application/rsl+xml"')
    said = Dialogue().host("unreserved")
    said.headers("undetermined", html("", link))
    assert said.last.needs == (LICENCE,)
    said.decisions.append(HOST_OPEN)
    said.headers("reserved", html("", link), documents={LICENCE: CLOSED})
    tag = f'<link rel="license" type="application/rsl+xml" href="{LICENCE}">'
    page = html(FREE.replace("<title>", tag + "<title>"))
    said.decisions.append(HEADERS_OPEN)
    said.content("undetermined", page)
    said.decisions.append(HEADERS_OPEN)
    said.content("reserved", page, documents={LICENCE: CLOSED})


# What travels from page to image

IMAGE = Asset(url="https://h.example/a.png", kind=Kind.IMAGE, via=PAGE)


def page_decision(
    body: str, *headers: tuple[str, str], files: Mapping[str, Capture | str] | None = None
) -> Decision:
    decision = Dialogue().host("unreserved", files).last
    decision = GATE.at_headers(decision, html("", *headers))
    return (
        GATE.at_content(decision, html(body, *headers)) if decision.outcome is Outcome.UNRESERVED else decision
    )


SPREADS = [
    # body, headers, what its images inherit: signal, preference, basis
    (FREE, (), set()),
    (NOAI, (), {("robots-meta", "disallow", "inferred"), ("robots-meta", "disallow", "stated")}),
    (FREE, (("tdm-reservation", "0"),), set()),
    (FREE, (("tdm-reservation", "1"),), {("tdmrep", "disallow", "inferred")}),
    (FREE, (("x-robots-tag", "noimageai"),), {("robots-meta", "disallow", "stated")}),
]


@pytest.mark.parametrize(("body", "headers", "inherited"), SPREADS)
def test_what_a_page_reserves_is_read_onto_its_images(
    body: str, headers: tuple[tuple[str, str], ...], inherited: set[tuple[str, str, str]]
) -> None:
    spread = GATE.spread(page_decision(body, *headers))
    assert {(said.signal, said.preference.value, said.basis.value) for said in spread} == inherited
    assert all(said.kind is Kind.IMAGE for said in spread)
    said = Dialogue(asset=IMAGE).host("reserved" if inherited else "unreserved", inherited=spread)
    assert said.last.heard == spread


def test_what_a_host_file_says_is_not_passed_on() -> None:
    files = {"/robots.txt": "User-agent: *\nAllow: /\nContent-Signal: search=no"}
    decision = page_decision(FREE, files=files)
    assert decision.heard
    assert GATE.spread(decision) == ()


def test_a_licence_that_a_page_names_and_nobody_read_leaves_its_images_open_to_doubt() -> None:
    tag = f'<link rel="license" type="application/rsl+xml" href="{LICENCE}">'
    decision = page_decision(FREE.replace("<title>", tag + "<title>"))
    assert decision.needs
    spread = GATE.spread(decision)
    Dialogue(asset=IMAGE).host("undetermined", inherited=spread).because("house")
    assert spread[0].evidence.excerpt == LICENCE


def test_an_image_that_was_kept_goes_when_a_page_reserves_it_later() -> None:
    spread = GATE.spread(page_decision(NOAI))
    decision = GATE.reconsider(IMAGE, spread, AT)
    assert decision is not None
    assert decision.outcome is Outcome.RESERVED
    assert not decision.collect
    assert GATE.reconsider(IMAGE, (), AT) is None


def test_what_turns_out_to_concern_an_asset_joins_what_was_heard() -> None:
    spread = GATE.spread(page_decision(NOAI))
    prior = Dialogue(asset=IMAGE).host("unreserved").last
    decision = GATE.also(prior, spread, AT)
    assert (decision.outcome, decision.stage, decision.asked) == (Outcome.RESERVED, Stage.HOST, prior.asked)
    assert decision.heard == (*prior.heard, *spread)
    assert GATE.also(prior, (), AT) == prior


def test_what_turns_out_later_never_answers_for_a_document_that_is_still_needed() -> None:
    prior = Dialogue().host("undetermined", ASKS).last
    decision = GATE.also(prior, (), AT)
    assert (decision.outcome, decision.needs) == (Outcome.UNDETERMINED, (LICENCE,))
    with pytest.raises(OutOfOrder):
        GATE.at_headers(decision, html(""))


def test_a_feed_speaks_about_what_it_links_to() -> None:
    body = (
        '<rss version="2.0" xmlns:rsl="https://rslstandard.org/rsl"><channel><item>'
        f"<link>{PAGE}</link><rsl:content url=\"{PAGE}\"><rsl:license><rsl:prohibits type=\"usage\">ai-all"
        "</rsl:prohibits></rsl:license></rsl:content></item></channel></rss>"
    )  # fmt: skip
    feed = answer(200, body, ("content-type", "application/rss+xml"), url="https://h.example/feed")
    said, needs = GATE.mentions(feed, ASSET)
    assert needs == ()
    Dialogue().host("reserved", inherited=said).because("rsl")
    assert GATE.mentions(feed, Asset(url="https://h.example/other", kind=Kind.TEXT)) == ((), ())


# Reasons of ours


def test_a_reason_of_ours_skips_and_never_hides_a_reservation() -> None:
    skipped = GATE.skip(ASSET, "scope", "another domain", AT)
    assert (skipped.outcome, skipped.stage, skipped.asked) == (Outcome.SKIPPED, Stage.HOST, ())
    assert (skipped.grounds[0].evidence.locator, skipped.grounds[0].evidence.excerpt) == (
        "scope",
        "another domain",
    )
    later = GATE.skip(HEADERS_OPEN, "type", "video/mp4", AT)
    assert (later.outcome, later.stage, later.asked) == (Outcome.SKIPPED, Stage.HEADERS, HEADERS_OPEN.asked)
    reserved = Dialogue().host("reserved", {"/robots.txt": "User-agent: *\nDisallow: /"}).last
    assert GATE.skip(reserved, "scope", "x", AT).outcome is Outcome.RESERVED
    assert GATE.skip(HOST_OPEN, "scope", "x", AT, signal="budget").grounds[0].signal == "budget"


def test_the_operator_s_denylists_are_asked_first_and_by_content_last() -> None:
    digest = html(FREE).digest
    by_host = Gate(Policy(), replace(CONTEXT, denylist=Denylist(hosts=frozenset({".example"}))))
    Dialogue(gate=by_host).host("skipped").because("denylist")
    by_bytes = Gate(Policy(), replace(CONTEXT, denylist=Denylist(sha256=frozenset({digest}))))
    said = Dialogue(gate=by_bytes).host("unreserved").headers("unreserved", html(""))
    said.content("skipped", html(FREE)).because("denylist")


# Signals that are none of ours


def signal(name: str, *files: HostFile, **readers: Reader) -> Signal:
    by_carrier = {Carrier[carrier.upper()]: reader for carrier, reader in readers.items()}
    return Signal(
        name=name, title=name, spec="", version="1", readers=by_carrier, meanings=(), host_files=files
    )


def silent(capture: Capture, asset: Asset, context: Context) -> Iterator[Statement | Need]:
    return iter(())


def broken(capture: Capture, asset: Asset, context: Context) -> Iterator[Statement | Need]:
    raise ZeroDivisionError


ROBOTS_FILE = HostFile(path="/robots.txt", refusal=Standing.UNREACHABLE)


@pytest.mark.parametrize("reading", Reading)
@pytest.mark.parametrize("carrier", ["robots_txt", "host_file", "house", "status", "header", "html"])
def test_a_reader_that_fails_leaves_it_undetermined(carrier: str, reading: Reading) -> None:
    files = {"robots_txt": [ROBOTS_FILE], "host_file": [HostFile(path="/x.txt")]}.get(carrier, [])
    bug = signal("bug", *files, **{carrier: broken})
    gate = Gate(
        Policy(reading=reading), CONTEXT, {"bug": replace(bug, layered=True, malformed_is_silence=True)}
    )
    host = host_of(PAGE, {"/robots.txt": "x", "/x.txt": "x"}, gate)
    decision = gate.at_host(ASSET, host, at=AT)
    if decision.outcome is Outcome.UNRESERVED:
        decision = gate.at_headers(decision, html(""))
    if decision.outcome is Outcome.UNRESERVED:
        decision = gate.at_content(decision, html(FREE))
    assert decision.outcome is Outcome.UNDETERMINED
    assert decision.grounds[0].evidence.locator == "reader failed: ZeroDivisionError"


def test_a_page_of_tags_that_say_the_same_fills_no_ledger() -> None:
    page = html(FREE.replace("<title>", '<meta name="robots" content="noai">' * 5_000 + "<title>"))
    said = Dialogue().host("unreserved").headers("unreserved", page).content("reserved", page)
    assert len(said.last.heard) <= 4 * ALIKE
    assert len(said.gate.spread(said.last)) <= 4 * ALIKE


def test_a_gate_that_hears_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="hears no signals"):
        Gate(Policy(), CONTEXT, {})


def test_a_gate_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="product token"):
        Gate(Policy(), Context(agents=()))


def test_a_file_that_is_asked_for_and_not_read_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"lost asks for /lost.txt and does not read it"):
        Gate(Policy(), CONTEXT, {"lost": signal("lost", HostFile(path="/lost.txt"), html=silent)})


def test_a_file_that_two_signals_declare_differently_is_a_mistake() -> None:
    one = signal("one", HostFile(path="/x.txt"), host_file=silent)
    two = signal("two", HostFile(path="/x.txt", limit=1), host_file=silent)
    with pytest.raises(ValueError, match=r"/x.txt differently"):
        Gate(Policy(), CONTEXT, {"one": one, "two": two})


def test_a_file_is_read_by_those_that_declare_it_and_robots_txt_by_all_that_can() -> None:
    signals = {
        "one": signal("one", HostFile(path="/x.txt"), host_file=silent, robots_txt=silent),
        "robots": signal("robots", ROBOTS_FILE, robots_txt=silent),
        "x": signal("x", HostFile(path="/x.txt"), host_file=silent),
        "y": signal("y", HostFile(path="/y.txt"), host_file=silent),
    }
    gate = Gate(Policy(), CONTEXT, signals)
    said = Dialogue(gate=gate).host("undetermined", {"/y.txt": answer(500), "/x.txt": answer(500)})
    assert {asked.source[17:]: asked.signals for asked in said.last.asked} == {
        "/robots.txt": ("one", "robots"),
        "/x.txt": ("one", "x"),
        "/y.txt": ("y",),
    }
    assert [ground.signal for ground in said.last.grounds] == ["x", "y"], "told under its namesake"


# The policy digest


DIGESTED = [
    Gate(Policy(purposes=frozenset({Purpose.SEARCH})), CONTEXT),
    Gate(Policy(posture=Posture.OPT_IN), CONTEXT),
    Gate(Policy(reading=Reading.LITERAL), CONTEXT),
    Gate(Policy(accepted=frozenset({"CC0-1.0"})), CONTEXT),
    Gate(Policy(), Context(agents=("mybot", "other"))),
    Gate(Policy(), replace(CONTEXT, operator=Operator(commercial=False))),
    Gate(Policy(), replace(CONTEXT, operator=Operator(country="DE"))),
    Gate(Policy(), replace(CONTEXT, denylist=Denylist(prefixes=("https://h.example/",)))),
    Gate(Policy(), CONTEXT, {name: SIGNALS[name] for name in list(SIGNALS)[1:]}),
    Gate(Policy(), CONTEXT, SIGNALS | {"robots": replace(SIGNALS["robots"], version="next")}),
]


def test_the_digest_names_everything_of_ours_that_a_decision_depends_on() -> None:
    digests = [GATE.digest, *(gate.digest for gate in DIGESTED)]
    assert len(set(digests)) == len(digests)
    assert GATE.digest == Gate(Policy(), CONTEXT).digest
    assert Dialogue().host("unreserved").last.policy == GATE.digest


def test_a_decision_bears_the_run_and_the_time_of_its_capture() -> None:
    late = AT + timedelta(minutes=1)
    said = Dialogue().host("unreserved").headers("unreserved", replace(html(""), at=late))
    assert said.last.at == late
    assert (said.last.purposes, said.last.posture, said.last.reading) == (
        (Purpose.TDM,),
        Posture.OPT_OUT,
        Reading.STRICT,
    )


@pytest.mark.parametrize(
    ("url", "rule"),
    [("http://h.example/a?", "/*?$"), ("http://h.example//a/b", "//a/"), ("http://h.example?x=1", "/?x=")],
)
def test_rules_over_https_are_matched_against_the_url_letter_by_letter(url: str, rule: str) -> None:
    plain = host_of("http://h.example/", {})
    secure = host_of("https://h.example/", {"/robots.txt": f"User-agent: *\nDisallow: {rule}\n"})
    asset = Asset(url=url, kind=Kind.TEXT)
    decision = GATE.at_host(asset, plain, at=AT, secure=secure)
    assert decision.outcome is Outcome.RESERVED, decision
