"""What counts for what: purposes, bases, layers, as tables of statements and outcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.optout.model import (
    Asset,
    Basis,
    Carrier,
    Evidence,
    Kind,
    Outcome,
    Posture,
    Preference,
    Purpose,
    Reading,
    Signal,
    Stage,
    Statement,
)
from crawler.optout.policy import ACCEPTED, Policy
from crawler.optout.signals import SIGNALS as OURS

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
PAGE = Asset(url="https://h.example/a", kind=Kind.TEXT)
IMAGE = Asset(url="https://h.example/a.png", kind=Kind.IMAGE)
SIGNALS = {
    name: Signal(
        name=name,
        title=name,
        spec="",
        version="",
        readers={},
        meanings=(),
        layered=layered,
        malformed_is_silence=mute,
    )
    for name, layered, mute in (
        ("flat", False, False),
        ("layered", True, False),
        ("mute", False, True),
        ("tdmrep", True, True),
    )
}  # fmt: skip


def said(words: str, place: str = "") -> Statement:
    """``signal carrier purpose preference basis``, as one line a person can read."""
    signal, carrier, purpose, preference, basis = words.split()
    return Statement(
        signal=signal,
        purpose=Purpose(purpose),
        preference=Preference(preference),
        basis=Basis(basis),
        evidence=Evidence(
            source=PAGE.url, carrier=Carrier(carrier), locator=place, excerpt="", sha256="", at=AT
        ),
    )


def weigh(
    lines: str,
    *,
    reading: Reading = Reading.STRICT,
    stage: Stage = Stage.CONTENT,
    purposes: str = "tdm",
    asset: Asset = PAGE,
) -> tuple[str, list[int]]:
    """The outcome of ``lines`` separated by ``;``, and the numbers of the statements it rests on."""
    heard = [said(line, str(number)) for number, line in enumerate(lines.split(";")) if line.strip()]
    policy = Policy(purposes=frozenset(Purpose(name) for name in purposes.split()), reading=reading)
    verdict = policy.weigh(asset, stage, heard, SIGNALS)
    outcome, grounds = verdict.outcome, verdict.grounds
    return outcome.value, [int(ground.evidence.locator) for ground in grounds]


# Which purposes a run hears (rows: what is reserved; columns: what the run is for)

HEARD = {
    #                 tdm    ai-train gen-ai-train ai-input search
    "any": (True, True, True, True, True),
    "crawl": (True, True, True, True, True),
    "tdm": (True, True, True, True, False),
    "ai-train": (True, True, True, False, False),
    "gen-ai-train": (True, True, True, False, False),
    "ai-input": (True, False, False, True, False),
    "search": (False, False, False, False, True),
}
RUNS = ("tdm", "ai-train", "gen-ai-train", "ai-input", "search")


@pytest.mark.parametrize("reserved", HEARD)
@pytest.mark.parametrize("run", RUNS)
def test_a_word_counts_when_its_purpose_overlaps_the_run_s(reserved: str, run: str) -> None:
    outcome, _ = weigh(f"flat header {reserved} disallow stated", purposes=run)
    assert (outcome == "reserved") is HEARD[reserved][RUNS.index(run)]


def test_one_of_several_purposes_is_enough() -> None:
    assert weigh("flat header search disallow stated", purposes="tdm search")[0] == "reserved"
    assert weigh("flat header search disallow stated", purposes="tdm ai-input")[0] == "unreserved"


def test_a_run_without_purposes_is_refused() -> None:
    with pytest.raises(ValueError, match="purpose"):
        Policy(purposes=frozenset())


@pytest.mark.parametrize("asset", [PAGE, IMAGE])
@pytest.mark.parametrize("kind", [None, *Kind])
def test_a_word_on_one_kind_is_no_word_on_another(asset: Asset, kind: Kind | None) -> None:
    statement = replace(said("flat header tdm disallow stated"), kind=kind)
    outcome = Policy().weigh(asset, Stage.CONTENT, [statement], SIGNALS).outcome
    assert (outcome is Outcome.RESERVED) is (kind in (None, asset.kind))


# What one statement does

STRICT_AND_LITERAL = [
    # signal, carrier       preference   basis      strict          literal
    ("flat header", "allow", "stated", "unreserved", "unreserved"),
    ("flat header", "allow", "recovered", "unreserved", "unreserved"),
    ("flat header", "allow", "inferred", "unreserved", "unreserved"),
    ("flat header", "disallow", "stated", "reserved", "reserved"),
    ("flat header", "disallow", "recovered", "reserved", "undetermined"),
    ("flat header", "disallow", "inferred", "reserved", "unreserved"),
    ("flat header", "conditional", "stated", "reserved", "reserved"),
    ("flat header", "conditional", "recovered", "reserved", "undetermined"),
    ("flat header", "conditional", "inferred", "reserved", "unreserved"),
    ("flat header", "unreadable", "stated", "undetermined", "undetermined"),
    ("flat header", "unreadable", "recovered", "undetermined", "undetermined"),
    ("flat header", "unreadable", "inferred", "undetermined", "unreserved"),
    ("mute header", "disallow", "recovered", "reserved", "unreserved"),
    ("mute header", "unreadable", "recovered", "undetermined", "unreserved"),
    ("mute header", "unreadable", "stated", "undetermined", "undetermined"),
    ("mute header", "disallow", "stated", "reserved", "reserved"),
    ("unknown header", "disallow", "stated", "reserved", "reserved"),
    ("unknown header", "disallow", "recovered", "reserved", "undetermined"),
    ("flat house", "disallow", "stated", "skipped", "skipped"),
    ("flat house", "allow", "stated", "unreserved", "unreserved"),
]


@pytest.mark.parametrize(("where", "preference", "basis", "strict", "literal"), STRICT_AND_LITERAL)
def test_one_statement(where: str, preference: str, basis: str, strict: str, literal: str) -> None:
    line = f"{where} tdm {preference} {basis}"
    assert weigh(line)[0] == strict
    assert weigh(line, reading=Reading.LITERAL)[0] == literal


# What several do together

DENY = "flat header tdm disallow stated"
PRICE = "flat html tdm conditional stated"
UNCLEAR = "flat embedded tdm unreadable stated"
ALLOW = "flat html any allow stated"
HOUSE = "denylist house any disallow stated"

TOGETHER = [
    ("", "unreserved", []),
    (f"{ALLOW};{DENY}", "reserved", [1]),
    (f"{DENY};{ALLOW};{PRICE}", "reserved", [0, 2]),
    (f"{UNCLEAR};{DENY}", "reserved", [1]),
    (f"{UNCLEAR};{ALLOW}", "undetermined", [0]),
    (f"{HOUSE};{UNCLEAR}", "skipped", [0]),
    (f"{HOUSE};{DENY}", "reserved", [1]),
    (f"{HOUSE};{ALLOW}", "skipped", [0]),
]


@pytest.mark.parametrize(("lines", "outcome", "grounds"), TOGETHER)
def test_several_statements(lines: str, outcome: str, grounds: list[int]) -> None:
    for reading in Reading:
        assert weigh(lines, reading=reading) == (outcome, grounds)


# What licenses: lines as before, with the terms of a licence after them

BY = "licence html any allow stated https://creativecommons.org/licenses/by/4.0/"
BY_3 = "licence html any allow stated https://creativecommons.org/licenses/by/3.0/"
NC = "licence html any allow stated https://creativecommons.org/licenses/by-nc/4.0/"
TERMS = "licence html any allow inferred https://h.example/terms"
XMP = "licence embedded any allow stated https://creativecommons.org/licenses/by/4.0/"
SITE = "licence robots.txt any allow stated https://creativecommons.org/licenses/by/4.0/"
RSL = "rsl html tdm allow stated"
TDMREP = "tdmrep header tdm allow stated"
IPTC = "iptc embedded any allow stated"
ROBOTS = "robots robots.txt crawl allow stated"

LICENSING = [
    # lines, accepted beside the defaults, outcome, licence, grounds
    (BY, "", "licensed", "CC-BY-4.0", [0]),
    (f"{BY};{BY}", "", "licensed", "CC-BY-4.0", [0, 1]),
    (BY.replace("stated", "recovered"), "", "unreserved", None, []),
    (BY.replace("stated", "inferred"), "", "unreserved", None, []),
    (f"{BY};{NC}", "", "unreserved", None, []),
    (f"{BY};{BY_3}", "", "unreserved", None, []),
    (f"{BY};{TERMS}", "", "unreserved", None, []),
    (f"{BY};{BY.replace('stated', 'inferred')}", "", "licensed", "CC-BY-4.0", [0]),
    (NC, "", "unreserved", None, []),
    (NC, "CC-BY-NC", "licensed", "CC-BY-NC-4.0", [0]),
    (NC, "CC-BY-NC-4.0", "licensed", "CC-BY-NC-4.0", [0]),
    (NC, "CC-BY-NC-3.0", "unreserved", None, []),
    (XMP, "", "unreserved", None, []),
    (XMP, "xmp", "licensed", "CC-BY-4.0", [0]),
    (f"{XMP};{BY}", "", "licensed", "CC-BY-4.0", [1]),
    (SITE, "xmp", "unreserved", None, []),
    (SITE, "site", "licensed", "CC-BY-4.0", [0]),
    (RSL, "", "licensed", "rsl", [0]),
    (RSL.replace("tdm", "ai-train"), "", "unreserved", None, []),
    (f"{BY};{NC};{RSL}", "", "licensed", "rsl", [2]),
    (f"{BY};{RSL}", "", "licensed", "CC-BY-4.0", [0]),
    (TDMREP, "", "unreserved", None, []),
    (TDMREP, "tdmrep", "licensed", "tdmrep", [0]),
    (IPTC, "", "unreserved", None, []),
    (IPTC, "iptc", "licensed", "iptc", [0]),
    (ROBOTS, "", "unreserved", None, []),
    (f"{BY};{DENY}", "", "reserved", None, [1]),
    (f"{BY};{UNCLEAR}", "", "undetermined", None, [1]),
    (f"{BY};{HOUSE}", "", "skipped", None, [1]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "accept", "outcome", "licence", "grounds"), LICENSING)
def test_what_licenses(lines: str, accept: str, outcome: str, licence: str | None, grounds: list[int]) -> None:
    heard = []
    for number, line in enumerate(lines.split(";")):
        words, _, terms = line.partition(" http")
        heard.append(replace(said(words, str(number)), terms=f"http{terms}" if terms else None))
    for posture in Posture:  # only the gate makes a difference between them
        policy = Policy(posture=posture, accepted=ACCEPTED | set(accept.split()))
        verdict = policy.weigh(PAGE, Stage.CONTENT, heard, OURS)
        assert (verdict.outcome.value, verdict.licence) == (outcome, licence)
        assert [int(ground.evidence.locator) for ground in verdict.grounds] == grounds
        assert policy.weigh(PAGE, Stage.HEADERS, heard, OURS).licence is None


# Layers: in the literal reading a narrower word of the same signal on the same purpose replaces a broader one

FILE_1 = "layered host-file tdm disallow stated"
FILE_0 = "layered host-file tdm allow stated"
HEADER_1 = "layered header tdm disallow stated"
HEADER_0 = "layered header tdm allow stated"
META_1 = "layered html tdm disallow stated"
TDM_1 = "tdmrep host-file tdm disallow stated"
META_0 = "layered html tdm allow stated"

LAYERS = [
    # lines, stage, strict, literal
    (FILE_1, Stage.HOST, "reserved", "unreserved"),
    (FILE_1, Stage.HEADERS, "reserved", "unreserved"),
    (FILE_1, Stage.CONTENT, "reserved", "reserved"),
    (f"{FILE_1};{HEADER_0}", Stage.CONTENT, "reserved", "unreserved"),
    (f"{FILE_0};{HEADER_1}", Stage.CONTENT, "reserved", "reserved"),
    (f"{HEADER_1};{META_0}", Stage.CONTENT, "reserved", "unreserved"),
    (f"{META_0};{HEADER_1}", Stage.CONTENT, "reserved", "unreserved"),
    (f"{FILE_1};{HEADER_0};{META_1}", Stage.CONTENT, "reserved", "reserved"),
    (f"{META_0};{META_1}", Stage.CONTENT, "reserved", "reserved"),
    (f"{FILE_1};layered html ai-train allow stated", Stage.CONTENT, "reserved", "reserved"),
    (f"{FILE_1};tdmrep html tdm allow stated", Stage.CONTENT, "reserved", "reserved"),
    (f"{FILE_1};flat html tdm allow stated", Stage.CONTENT, "reserved", "reserved"),
    (f"{FILE_1};layered html tdm allow inferred", Stage.CONTENT, "reserved", "reserved"),
    (f"{TDM_1};tdmrep html tdm disallow recovered", Stage.CONTENT, "reserved", "reserved"),
    (f"{TDM_1};tdmrep html tdm allow stated", Stage.CONTENT, "reserved", "unreserved"),
    (f"{DENY};{META_0}", Stage.CONTENT, "reserved", "reserved"),
    ("layered host-file tdm unreadable stated", Stage.HOST, "undetermined", "undetermined"),
    (f"layered host-file tdm unreadable stated;{META_0}", Stage.CONTENT, "undetermined", "unreserved"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "stage", "strict", "literal"), LAYERS)
def test_layers(lines: str, stage: Stage, strict: str, literal: str) -> None:
    assert weigh(lines, stage=stage)[0] == strict
    assert weigh(lines, stage=stage, reading=Reading.LITERAL)[0] == literal


def test_what_could_not_be_read_by_the_letter_is_shown_as_such() -> None:
    statement = replace(
        said("flat header tdm disallow recovered"), terms="https://h.example/terms", kind=Kind.TEXT
    )
    grounds = Policy(reading=Reading.LITERAL).weigh(PAGE, Stage.CONTENT, [statement], SIGNALS).grounds
    assert grounds == (replace(statement, preference=Preference.UNREADABLE),)
