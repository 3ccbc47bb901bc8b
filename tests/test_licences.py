"""Open licences: which URL names which, what is heard of whom, and how what is kept is credited."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crawler.attribution import credit
from crawler.config.accept import CARRIERS, NAMES
from crawler.config.accept import SIGNALS as PERMITTING
from crawler.frontier.contract import Offer
from crawler.frontier.embedded import EmbeddedFrontier
from crawler.inheritance import LICENCES as INHERITED
from crawler.inheritance import Inheritance
from crawler.optout import SIGNALS, Gate, Policy
from crawler.optout.grammar.licences import (
    FAMILIES,
    IDENTIFIERS,
    is_share_alike,
    licence_of,
    title_of,
)
from crawler.optout.grammar.linked_data import linked_data
from crawler.optout.grammar.prose import PHRASES, reserving
from crawler.optout.hearing import LICENCES, few
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Decision,
    Kind,
    Outcome,
    Posture,
    Preference,
    Purpose,
    Reading,
    Stage,
    Statement,
    quote,
)
from crawler.optout.policy import ACCEPTED, NON_COMMERCIAL

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
PAGE = Asset(url="https://h.example/a", kind=Kind.TEXT)
IMAGE = Asset(url="https://h.example/i.png", kind=Kind.IMAGE)
BY = "https://creativecommons.org/licenses/by/4.0/"
NC = "https://creativecommons.org/licenses/by-nc/4.0/"


def capture(body: str = "", **more: object) -> Capture:
    fields = {"url": PAGE.url, "status": 200, "headers": (("content-type", "text/html"),), "at": AT, **more}
    return Capture(body=body.encode(), **fields)  # type: ignore[arg-type]


def permission(terms: str | None, number: int = 0, **more: object) -> Statement:
    statement = Statement(
        signal="licence",
        purpose=Purpose.ANY,
        preference=Preference.ALLOW,
        basis=Basis.STATED,
        evidence=quote(
            capture(url=f"https://h.example/page{number}"), Carrier.HTML, f"a[{number}]", str(terms)
        ),
        terms=terms,
    )
    return replace(statement, **more)  # type: ignore[arg-type]


def weigh(asset: Asset, *heard: Statement) -> tuple[Outcome, str | None]:
    verdict = Policy(posture=Posture.OPT_IN).weigh(asset, Stage.CONTENT, few(heard), SIGNALS)  # type: ignore[arg-type]
    return verdict.outcome, verdict.licence


# Recognition

NAMED = {
    "https://creativecommons.org/licenses/by/4.0": "CC-BY-4.0",
    "http://creativecommons.org/licenses/by/4.0/deed.zh-hans": "CC-BY-4.0",
    "//www.creativecommons.org/licenses/by-nc-sa/3.0/de/deed.de": "CC-BY-NC-SA-3.0",
    "HTTPS://CreativeCommons.ORG/licenses/by-sa/2.5/scotland/legalcode": "CC-BY-SA-2.5",
    "https://creativecommons.org/licenses/by/3.0/igo/": "CC-BY-3.0",
    "https://creativecommons.org/licenses/by/4.0/rdf": "CC-BY-4.0",
    "https://creativecommons.org/licenses/by/4.0/?ref=chooser-v1#main": "CC-BY-4.0",
    " https://creativecommons.org/publicdomain/zero/1.0/\n": "CC0-1.0",
    "https://creativecommons.org/publicdomain/mark/1.0/deed.fr": "CC-PDM-1.0",
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/": "OGL-UK-3.0",
    "https://www.etalab.gouv.fr/licence-ouverte-open-licence": "etalab-2.0",
    "https://alliance.numerique.gouv.fr/licence-ouverte-open-licence/": "etalab-2.0",
    "https://github.com/etalab/licence-ouverte/blob/master/LO.md": "etalab-2.0",
    "https://www.govdata.de/dl-de/by-2-0": "DL-DE-BY-2.0",
    "https://opendatacommons.org/licenses/odbl/1-0/": "ODbL-1.0",
    "https://www.gnu.org/licenses/old-licenses/fdl-1.2.html": "GFDL-1.2",
    "https://spdx.org/licenses/CC-BY-4.0.html": "CC-BY-4.0",
    "https://spdx.org/licenses/CC0-1.0": "CC0-1.0",
    "https://rightsstatements.org/vocab/NoC-US/1.0/": "NoC-US",
}
NOT_NAMED = (
    "",
    "CC BY 4.0",
    "creativecommons.org/licenses/by/4.0/",
    "/licenses/by/4.0/",
    "https://creativecommons.org/licenses/",
    "https://creativecommons.org/licenses/by/",
    "https://creativecommons.org/licenses/by/5.0/",
    "https://creativecommons.org/licenses/BY/4.0/",
    "https://creativecommons.org/licenses/by-sa-nc/4.0/",
    "https://creativecommons.org/licenses/by/4.0/evil",
    "https://creativecommons.org/licenses/by/4.0/../../../terms",
    "https://creativecommons.org/licenses/sampling+/1.0/",
    "https://creativecommons.org/licenses/devnations/2.0/",
    "https://creativecommons.org/publicdomain/zero/2.0/",
    "https://creativecommons.org.evil.example/licenses/by/4.0/",
    "https://evilcreativecommons.org/licenses/by/4.0/",
    "https://creativecommons.org:8443/licenses/by/4.0/",
    "https://creativecommons.org@evil.example/licenses/by/4.0/",
    "https://creativecommons.org\\@evil.example/licenses/by/4.0/",
    "https://evil.example/https://creativecommons.org/licenses/by/4.0/",
    "ftp://creativecommons.org/licenses/by/4.0/",
    "javascript://creativecommons.org/licenses/by/4.0/",
    "https://[creativecommons.org/licenses/by/4.0/",
    "https://spdx.org/licenses/MIT.html",
    "https://rightsstatements.org/vocab/InC/1.0/",
)


@pytest.mark.parametrize(("url", "identifier"), NAMED.items())
def test_an_address_that_names_a_licence(url: str, identifier: str) -> None:
    assert licence_of(url) == identifier


@pytest.mark.parametrize("url", NOT_NAMED)
def test_an_address_that_names_none(url: str) -> None:
    assert licence_of(url) is None


@given(some.text(max_size=60))
def test_nothing_but_a_licence_s_own_host_names_one(host: str) -> None:
    found = licence_of(f"https://{host}/licenses/by/4.0/")
    plain = host.lower().removeprefix("www.").strip().removesuffix("/")
    assert found in (None, "CC-BY-4.0")
    assert found is None or "creativecommons.org" in plain


def test_what_can_be_accepted_exists() -> None:
    assert ACCEPTED <= NAMES
    assert NON_COMMERCIAL <= NAMES
    assert set(PERMITTING) <= set(SIGNALS)
    assert not set(CARRIERS) & {*IDENTIFIERS, *FAMILIES, *SIGNALS}
    for family in FAMILIES:
        assert any(Policy(accepted=frozenset({family})).accepts(identifier) for identifier in IDENTIFIERS)


def test_names_of_licences() -> None:
    assert title_of("CC-BY-SA-4.0") == "CC BY-SA 4.0"
    assert title_of("CC0-1.0") == "CC0 1.0"
    assert title_of("ODbL-1.0") == "ODbL-1.0"
    alike = {identifier for identifier in FAMILIES if is_share_alike(identifier)}
    assert alike == {"CC-BY-SA", "CC-BY-NC-SA", "GFDL", "ODbL"}


@pytest.mark.parametrize("phrase", PHRASES)
def test_all_rights_are_reserved_in_any_case_and_spacing(phrase: str) -> None:
    assert reserving(f"© 2026 A. {phrase}.") == phrase
    assert reserving(phrase.replace(" ", "\n\u00a0 ")) == phrase
    assert reserving(phrase.upper()) or not phrase.isascii()


@pytest.mark.parametrize(
    "text", ["", "Some rights reserved.", "No rights reserved", "alle Rechte", "Vorbehalten"]
)
def test_less_is_not_all(text: str) -> None:
    assert reserving(text) == ""


# A second licence is never lost


def test_the_ninth_page_that_names_another_licence_is_heard() -> None:
    same = [permission(BY, number) for number in range(50)]
    assert weigh(IMAGE, *same) == (Outcome.LICENSED, "CC-BY-4.0")
    assert weigh(IMAGE, *same, permission(NC, 50)) == (Outcome.UNRESERVED, None)


def test_a_licence_in_too_many_spellings_is_in_doubt() -> None:
    spelled = [permission(f"{BY}?{number}", number) for number in range(LICENCES)]
    assert weigh(IMAGE, *spelled) == (Outcome.LICENSED, "CC-BY-4.0")
    more = few([*spelled, *(permission(f"{BY}?{number}", number) for number in range(64, 999))])
    assert len(more) <= LICENCES + 8
    assert weigh(IMAGE, *more) == (Outcome.UNRESERVED, None)  # type: ignore[arg-type]
    assert few(few(more)) == more


def test_images_inherit_every_licence_and_every_reservation() -> None:
    inheritance = Inheritance()
    for number in range(1000):
        inheritance.add([IMAGE.url], (permission(f"{BY}?{number}", number),))
    inheritance.add([IMAGE.url], (permission(None, preference=Preference.DISALLOW),))
    held = inheritance.of(IMAGE.url)
    assert len(held) == INHERITED + 1
    assert weigh(IMAGE, *held)[0] is Outcome.RESERVED
    assert weigh(IMAGE, *held[:-1]) == (Outcome.UNRESERVED, None)


def test_of_what_is_only_on_its_way_the_last_are_remembered() -> None:
    inheritance = Inheritance(most=2)
    urls = [f"https://h.example/{number}.png" for number in range(3)]
    for url in [*urls, urls[1]]:
        inheritance.add([url], (permission(BY),))
    assert [len(inheritance.of(url)) for url in urls] == [0, 1, 1]


def offer(*inherited: Statement) -> Offer:
    return Offer(
        url=IMAGE.url, kind=Kind.IMAGE, domain="h.example", host="h.example", depth=1, inherited=inherited
    )


def travelling(frontier: EmbeddedFrontier) -> tuple[Statement, ...]:
    entry = frontier.entry(IMAGE.url)
    assert entry is not None
    return entry.inherited


def test_a_licence_met_later_reaches_what_waits(tmp_path: Path) -> None:
    frontier = EmbeddedFrontier(tmp_path / "frontier.db")
    frontier.seed([offer()])
    assert travelling(frontier) == ()
    frontier.seed([offer(permission(BY)), offer(permission(NC, 1))])
    assert travelling(frontier) == (permission(BY), permission(NC, 1))
    frontier.close()


def test_permissions_take_no_place_of_reservations(tmp_path: Path) -> None:
    frontier = EmbeddedFrontier(tmp_path / "frontier.db")
    frontier.seed([offer(*(permission(f"{BY}?{number}", number) for number in range(4200)))])
    assert len(travelling(frontier)) == 4096
    reservation = permission(None, preference=Preference.DISALLOW)
    frontier.seed([offer(reservation)])
    assert travelling(frontier)[-1] == reservation
    frontier.close()


def test_permissions_are_asked_for_again_by_the_next_crawl(tmp_path: Path) -> None:
    frontier = EmbeddedFrontier(tmp_path / "frontier.db")
    words = '", "allow", "'  # in the words of a reservation it is none
    reservation = permission(words, preference=Preference.DISALLOW)
    frontier.begin_run(requeue=False)
    frontier.seed([offer(permission(BY), reservation)])
    frontier.begin_run(requeue=False)
    assert travelling(frontier) == (permission(BY), reservation)
    frontier.begin_run(requeue=True)
    assert travelling(frontier) == (reservation,)
    frontier.close()


# What strangers write as structured data

NAMES_IN_NODES = (
    *("@context", "@id", "@type", "@graph", "url", "license", "schema:license", "contentUrl"),
    *("mainEntityOfPage", "author", "name", "copyrightNotice", "image"),
)
JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.sampled_from([BY, PAGE.url, IMAGE.url, "", "#a", "//"]),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(
            some.sampled_from([*NAMES_IN_NODES]),
            inner | some.sampled_from(["https://schema.org", "Article", "ImageObject", "All rights reserved"]),
            max_size=6,
        )
    ),
    max_leaves=25,
)
TAGS = some.lists(
    some.sampled_from(
        [
            "<div itemscope itemtype='https://schema.org/ImageObject'>",
            "<div itemscope itemtype='https://schema.org/Article' itemref=x>",
            "<div typeof=Article>",
            "<div typeof=schema:ImageObject resource=/i.png>",
            "<p about=''>",
            "<p about='/i.png'>",
            "<p rel=x>",
            "<article>",
            "<footer>",
            "<template>",
            "</div>",
            "</p>",
            "</template>",
            f"<a rel=license href='{BY}'>x</a>",
            f"<a rel='cc:license' href='{NC}'>x</a>",
            f"<a property=license href='{BY}'>x</a>",
            f"<link itemprop=license href='{BY}'>",
            "<span itemprop=license itemscope>x</span>",
            "<meta itemprop=url content='/a'>",
            "<img itemprop=contentUrl property=contentUrl src='/i.png'>",
            "<span property=creator typeof=Person><b property=name>A</b></span>",
        ]
    ),
    max_size=20,
)
GATE = Gate(Policy(posture=Posture.OPT_IN), Context(agents=("mybot",)))


@settings(max_examples=200, deadline=None)
@given(JSON, TAGS)
def test_whatever_a_page_says_of_licences_only_permits_and_is_bound(value: object, tags: list[str]) -> None:
    page = capture(f'<script type="application/ld+json">{json.dumps(value)}</script>{"".join(tags)}')
    signal = SIGNALS["licence"]
    said = [*signal.readers[Carrier.HTML](page, PAGE, GATE.context)]
    assert all(isinstance(one, Statement) for one in said)
    assert all(one.preference is Preference.ALLOW and one.kind is Kind.TEXT for one in said)  # type: ignore[union-attr]
    for url, permitted in GATE.of_images(page).items():
        assert url.startswith("https://")
        assert all(one.kind is Kind.IMAGE and one.preference is Preference.ALLOW for one in permitted)


def test_lists_in_lists_and_objects_without_number() -> None:
    deep = "[" * 900 + f'"{BY}"' + "]" * 900
    many = ",".join(['{"license": "x"}'] * 60_000)
    for text in (
        f'{{"license": {deep}}}',
        f"[{many}]",
        f'{{"license": [{",".join([chr(34) + BY + chr(34)] * 5000)}]}}',
    ):
        data = capture(f'<script type="application/ld+json">{text}</script>').parsed(linked_data)
        assert data.astray
        assert not any(node.exact for node in data.astray)


# Credit


def decided(*grounds: Statement, asset: Asset = PAGE, licence: str | None = None) -> Decision:
    return Decision(
        asset=asset,
        stage=Stage.CONTENT,
        outcome=Outcome.LICENSED if licence else Outcome.UNRESERVED,
        grounds=grounds if licence else (),
        heard=grounds,
        asked=(),
        needs=(),
        purposes=(Purpose.TDM,),
        posture=Posture.OPT_OUT,
        reading=Reading.STRICT,
        policy="",
        at=AT,
        licence=licence,
    )


LINES = {
    "all": (
        decided(permission(BY), licence="CC-BY-4.0"),
        {"title": "A Text", "creators": ["A", "B"]},
        ("CC-BY-4.0", f'"A Text" by A, B, {PAGE.url}, CC BY 4.0 ({BY})'),
    ),
    "no title": (
        decided(permission(BY), licence="CC-BY-4.0"),
        {"creators": ["A"]},
        ("CC-BY-4.0", f"by A, {PAGE.url}, CC BY 4.0 ({BY})"),
    ),
    "nothing else": (
        decided(permission(BY), licence="CC-BY-4.0"), {}, ("CC-BY-4.0", f"{PAGE.url}, CC BY 4.0 ({BY})"),
    ),
    "a signal's permission": (
        decided(permission(None, signal="c2pa"), licence="c2pa"),
        {"title": "T"},
        ("c2pa", f'"T", {PAGE.url}, c2pa'),
    ),
    "a licence that is not accepted": (
        decided(permission(NC)), {"title": "T"}, ("CC-BY-NC-4.0", f'"T", {PAGE.url}, CC BY-NC 4.0 ({NC})'),
    ),
    "two licences": (decided(permission(NC), permission(BY, 1)), {"title": "T"}, (None, None)),
    "terms that are no licence": (decided(permission("https://h.example/terms")), {"title": "T"}, (None, None)),
    "a licence in the wrong place": (
        decided(permission(BY, basis=Basis.INFERRED)), {"title": "T"}, (None, None),
    ),
    "no licence": (decided(), {"title": "T", "creators": ["A"]}, (None, None)),
    "a notice": (decided(asset=IMAGE), {"notice": "©  2026\nA"}, (None, "© 2026 A")),
    "what turns the direction of writing": (
        decided(permission(BY), licence="CC-BY-4.0"),
        {"title": "A\u202eB\x1b[31m\u2066", "creators": ["\u200b", "A\x00"]},
        ("CC-BY-4.0", f'"AB[31m" by A, {PAGE.url}, CC BY 4.0 ({BY})'),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LINES)
def test_how_it_is_credited(case: str) -> None:
    decision, known, line = LINES[case]
    assert credit(decision, **known) == line  # type: ignore[arg-type]


@given(some.text(), some.lists(some.text(), max_size=9), some.text())
def test_a_credit_is_one_bounded_line(title: str, creators: list[str], notice: str) -> None:
    for decision in (decided(permission(BY), licence="CC-BY-4.0"), decided()):
        line = credit(
            decision, title=title * 99, creators=[name * 99 for name in creators], notice=notice
        ).attribution
        assert line is None or (len(line) < 3000 and line.isprintable())
