"""The page behind the contact: what it says, to people and to programs, and the feed of what changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import etree

from crawler.audit.refusals import REFUSALS
from crawler.audit.report.botchanges import KEPT
from crawler.audit.report.botways import purpose_of
from crawler.cli import main
from crawler.config import RunConfig
from crawler.config.keys import KEYS
from crawler.demo.server import LoopbackWeb, page
from crawler.optout import SIGNALS, Gate, Policy
from crawler.optout.model import Outcome, Purpose, Reading
from tests import crawls, test_documents
from tests.browser import Chromium, chromium
from tests.corpora import fill, opened

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "</script><img src=x onerror=alert(1)>&amp; \"'=cmd|' ]]> <!--"
MUSEUM = """
[operator]
name = "The Museum"
contact = "crawler@museum.org"
url = "https://museum.org/"
addresses = ["203.0.113.0/24", "2001:db8::/48", "192.0.2.7"]
[run]
token = "MuseumBot"
purpose = ["ai-train"]
"""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A working folder without a configuration, and no environment of whoever runs the tests."""
    for name in os.environ:
        if name.startswith("HEEDFUL_"):
            monkeypatch.delenv(name)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    return tmp_path / "cwd"


def made(*arguments: object, code: int = 0, config: str | None = None) -> str:
    """Write the page in the working folder; what was said on stderr."""
    if config is not None:
        Path("heedful.toml").write_text(config)
    result = CliRunner().invoke(main, ["report", *map(str, arguments), "--format", "bot-page"])
    assert result.exit_code == code, (result.stderr, result.exception)
    assert "Traceback" not in result.stderr
    return result.stderr


def told(folder: Path = Path("bot-page")) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "crawler.json").read_text())
    return found


def text(folder: Path = Path("bot-page")) -> str:
    """The words of the page, which has to be well-formed as far as Python's parser tells."""

    class Words(HTMLParser):
        said: list[str]
        tags: list[str]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.append(tag)

        def handle_data(self, data: str) -> None:
            if self.tags[-1:] != ["style"]:
                self.said.append(data)

    words = Words()
    words.said, words.tags = [], []
    words.feed((folder / "index.html").read_text())
    assert not {"script", "img", "iframe", "object"} & set(words.tags)
    return " ".join(" ".join(words.said).split())


def entries(folder: Path = Path("bot-page")) -> list[Any]:
    """The entries of the feed, which has to be valid: RFC 4287, sections 4.1.1 and 4.1.2."""
    feed = etree.parse(folder / "changes.atom").getroot()
    assert feed.tag == f"{ATOM}feed"
    for parent in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (one,) = parent.findall(ATOM + name)
            assert one.text
            if name == "updated":
                assert datetime.fromisoformat(one.text).utcoffset() is not None
    assert feed.findall(f"{ATOM}author/{ATOM}name")[0].text
    assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}
    assert feed[-1].tag == f"{ATOM}entry", "metadata stands first"
    found = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in found]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith(("tag:", "urn:uuid:")) for one in ids)
    dates = [entry.findtext(f"{ATOM}updated") for entry in found]
    assert dates == sorted(dates, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == dates[0]
    for entry in found:
        assert entry.find(f"{ATOM}content").get("type") == "text"
        assert entry.findtext(f"{ATOM}content")
    return found


def titles(folder: Path = Path("bot-page")) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in entries(folder)]


# What it says


def test_the_page_says_who_what_for_and_how_to_refuse() -> None:
    assert made(config=MUSEUM) == "heedful: bot-page/index.html\n"
    words = text()
    for said in ("The Museum", "crawler@museum.org", "MuseumBot", "training of AI models", "203.0.113.0/24",
                 "User-agent: MuseumBot Disallow: /", "unreserved", "at least 1 second",
                 "certificate", told()["user_agent"], told()["policy"]):  # fmt: skip
        assert said in words, said
    assert 'href="mailto:crawler@museum.org"' in Path("bot-page/index.html").read_text()
    assert "User-agent: MuseumBot\nDisallow: /" in Path("bot-page/index.html").read_text()


def test_every_example_of_every_signal_can_be_copied_from_it() -> None:
    made(config=MUSEUM)
    source = etree.HTML(Path("bot-page/index.html").read_bytes())
    blocks = {"".join(block.itertext()) for block in source.iter("pre")}
    for name, rows in REFUSALS.items():
        assert SIGNALS[name].version in text()
        assert {row.written for row in rows} - {"User-agent: heedful\nDisallow: /"} <= blocks, name


def test_programs_are_told_the_same() -> None:
    made(config=MUSEUM)
    found = told()
    assert (found["name"], found["tokens"]) == ("MuseumBot", ["MuseumBot", "heedful"])
    assert found["user_agent"].startswith("MuseumBot/")
    assert found["user_agent"].endswith("(+crawler@museum.org)")
    assert found["purposes"] == ["ai-train"]
    assert {row["name"]: row["version"] for row in found["signals"]} == {
        name: signal.version for name, signal in SIGNALS.items()
    }
    shown = CliRunner().invoke(main, ["config", "show", "--json"])
    assert found["policy"] == json.loads(shown.stdout)["policy"], "the digest that decisions will bear"
    assert found["crawling"] is None
    assert found["delay"] == RunConfig(contact="").delay


def test_addresses_are_told_in_the_form_that_others_use() -> None:
    made(config=MUSEUM)
    found = json.loads(Path("bot-page/addresses.json").read_text())
    datetime.fromisoformat(found["creationTime"])
    assert found["prefixes"] == [
        {"ipv4Prefix": "192.0.2.7/32"}, {"ipv4Prefix": "203.0.113.0/24"}, {"ipv6Prefix": "2001:db8::/48"},
    ]  # fmt: skip
    assert [str(ip_network(value)) for row in found["prefixes"] for value in row.values()]


def test_addresses_that_are_not_published_are_not_told_to_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEEDFUL_CONTACT", "https://museum.org/bot")
    made()
    found = json.loads(Path("bot-page/addresses.json").read_text())
    assert found["prefixes"] == []
    assert "does not publish" in found["note"]
    assert "Not published" in text()
    assert 'href="https://museum.org/bot"' in Path("bot-page/index.html").read_text()


@pytest.mark.parametrize(
    ("policy", "config"),
    [
        (Policy(), ""),
        (Policy(reading=Reading.LITERAL), '[policy]\nreading = "literal"\nreason = "a study"\n'),
        (Policy(purposes=frozenset({Purpose.SEARCH})), '[run]\npurpose = ["search"]\n'),
        (Policy(purposes=frozenset({Purpose.AI_INPUT})), '[run]\npurpose = ["ai-input"]\n'),
        (Policy(purposes=frozenset({Purpose.GEN_AI_TRAIN})), '[run]\npurpose = ["gen-ai-train"]\n'),
    ],
    ids=["default", "literal", "search", "ai-input", "gen-ai-train"],
)
def test_what_the_page_says_is_heeded_is_what_the_gate_heeds(
    monkeypatch: pytest.MonkeyPatch, policy: Policy, config: str
) -> None:
    monkeypatch.setattr(test_documents, "GATE", Gate(policy, test_documents.GATE.context))
    unheeded = 0
    for rows in REFUSALS.values():
        for row in rows:
            decisions = test_documents.both(row.where.removesuffix(" (XMP)"), row.written)
            unheeded += not any(one.outcome in (Outcome.RESERVED, Outcome.UNDETERMINED) for one in decisions)
    made(config=f'[operator]\ncontact = "a@museum.org"\n{config}')
    assert Path("bot-page/index.html").read_text().count('class="unheeded"') == unheeded
    if policy.reading is Reading.LITERAL:
        assert "a study" in text()
        assert "noindex" not in text()


def test_an_example_refuses_one_use_or_every_one() -> None:
    found = {purpose_of(name, row) for name, rows in REFUSALS.items() for row in rows}
    assert found == {Purpose.ANY, Purpose.TDM, Purpose.AI_TRAIN}


def test_words_of_the_operator_become_no_markup_anywhere() -> None:
    name = json.dumps(HOSTILE)
    made(config=f'[operator]\nname = {name}\ncontact = "a@museum.org"\n')
    assert HOSTILE in text()
    feed = etree.parse("bot-page/changes.atom").getroot()
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == HOSTILE
    assert told()["operator"] == HOSTILE
    source = Path("bot-page/index.html").read_text()
    assert "<img" not in source
    assert "onerror=alert(1)&gt;" in source


# The feed


def state(folder: Path = Path("bot-page")) -> dict[str, tuple[bytes, int]]:
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}


def test_where_nothing_changed_not_a_byte_does() -> None:
    made(config=MUSEUM)
    before = state()
    assert titles() == ["This crawler is published"]
    made()
    assert state() == before


def test_each_change_is_one_entry_and_old_ones_stay() -> None:
    made(config=MUSEUM)
    first = {entry.findtext(f"{ATOM}id") for entry in entries()}
    changed = MUSEUM.replace("MuseumBot", "OtherBot").replace("192.0.2.7", "192.0.2.8")
    made(config=changed)
    assert sorted(titles()[:-1]) == ["It comes from other addresses", "It has another name"]
    second = {entry.findtext(f"{ATOM}id") for entry in entries()}
    assert first < second
    kept = [etree.tostring(entry) for entry in entries()]
    made(config=changed.replace("ai-train", "search") + '[policy]\naccept = ["CC-BY-NC"]\n')
    assert sorted(titles()[:2]) == ["It collects for another purpose", "Other licences and permissions count"]
    assert [etree.tostring(entry) for entry in entries()][2:] == kept
    assert second < {entry.findtext(f"{ATOM}id") for entry in entries()}
    assert [row["title"] for row in told()["changes"]] == titles()
    for words in ("otherbot, heedful", "Before: museumbot, heedful", "192.0.2.8/32"):
        assert words in text()


def test_a_signal_that_is_new_gone_or_read_anew_is_a_change() -> None:
    made(config=MUSEUM)
    earlier = told()
    rows = {row["name"]: row for row in earlier["signals"]}
    rows["tdmrep"]["version"] = "2022"
    del rows["rsl"]
    rows["old"] = rows["robots"] | {"name": "old"}
    Path("bot-page/crawler.json").write_text(json.dumps(earlier | {"signals": list(rows.values())}))
    made()
    assert sorted(titles()[:3]) == [
        "Really Simple Licensing (rsl) is heard now",
        "TDM Reservation Protocol (tdmrep) is read by another version of its text",
        "old is not heard any more",
    ]


def test_another_contact_leaves_the_ids_as_they_are() -> None:
    made(config=MUSEUM)
    first = entries()[0].findtext(f"{ATOM}id")
    made(config=MUSEUM.replace("museum.org", "gallery.org"))
    assert [entry.findtext(f"{ATOM}id") for entry in entries()][-1] == first
    assert first.startswith("tag:museum.org,")
    assert titles()[0] == "It has another contact"


@pytest.mark.parametrize(
    "contact", ["https://[2001:db8::1]/bot", "https://münchen.example/x", "https://192.0.2.1/"]
)
def test_a_contact_without_a_plain_domain_has_a_feed_too(contact: str) -> None:
    made(config=f'[operator]\ncontact = "{contact}"\n')
    made(config=f'[operator]\ncontact = "{contact}"\nname = "x"\n')
    assert len(entries()) == 2


def test_the_feed_is_bounded() -> None:
    made(config=MUSEUM)
    earlier = told()
    (row,) = earlier["changes"]
    many = [row | {"number": number} for number in range(KEPT + 50, 0, -1)]
    Path("bot-page/crawler.json").write_text(json.dumps(earlier | {"changes": many}))
    made(config=MUSEUM.replace("The Museum", "Another"))
    assert len(entries()) == KEPT
    assert entries()[0].findtext(f"{ATOM}id").endswith(f"/{KEPT + 51}")


def test_a_feed_that_was_lost_is_made_again_and_state_that_was_lost_is_not_guessed() -> None:
    made(config=MUSEUM)
    feed = Path("bot-page/changes.atom")
    before = feed.read_bytes()
    feed.unlink()
    made()
    assert feed.read_bytes() == before
    Path("bot-page/crawler.json").unlink()
    said = made(code=2)
    assert said.count("\n") == 1
    assert "changes.atom" in said
    assert feed.read_bytes() == before


# With a corpus


@pytest.fixture(scope="module")
def web() -> Iterator[LoopbackWeb]:
    with LoopbackWeb({"a.example": {"/": page("<title>a</title><p>words</p>")}}) as web:
        yield web


def crawl(web: LoopbackWeb, cwd: Path, *more: str) -> None:
    keys = crawls.environment(XDG_CONFIG_HOME=str(cwd.parent / "config"))
    ended = crawls.crawl(web, cwd / "corpus", ["a.example/"], *more, cwd=cwd, env=keys)
    assert ended.code == 0, ended.err


def test_the_policies_of_the_runs_are_told_when_they_began(web: LoopbackWeb, alone: Path) -> None:
    crawl(web, alone)
    made("corpus")
    folder = alone / "corpus" / "report" / "bot-page"
    assert titles(folder) == ["This crawler is published"]
    found = told(folder)
    assert found["contact"] == crawls.CONTACT
    assert found["crawling"]["last"]
    assert found["crawling"]["recheck"] is None
    runs = json.loads((alone / "corpus" / "heedful.json").read_text())["runs"]
    assert found["updated"] == runs[0]["started"]
    assert found["policy"] == runs[0]["policy"]
    (alone / "heedful.toml").write_text('[policy]\naccept = ["CC-BY-NC"]\n')
    crawl(web, alone)
    (alone / "heedful.toml").unlink()
    made("corpus")
    assert titles(folder)[0] == "Other licences and permissions count"
    runs = json.loads((alone / "corpus" / "heedful.json").read_text())["runs"]
    assert told(folder)["updated"] == runs[1]["started"]
    assert told(folder)["policy"] == runs[1]["policy"]
    before = (folder / "changes.atom").read_bytes()
    made("corpus")
    assert (folder / "changes.atom").read_bytes() == before
    assert "Last crawl" in text(folder)


def test_a_corpus_that_was_collected_as_something_else_is_refused(alone: Path) -> None:
    with opened(alone / "corpus") as corpus:
        fill(corpus, 3)
    said = made("corpus", config=MUSEUM, code=2)
    assert said.count("\n") == 1
    assert "heedful, museumbot" in said
    assert not (alone / "corpus" / "report" / "bot-page").exists()
    made("corpus", config='[operator]\nname = "Another"\ncontact = "b@museum.org"\n')
    found = told(alone / "corpus" / "report" / "bot-page")
    assert (found["operator"], found["contact"]) == ("Another", "b@museum.org")


# What can be wrong


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("", "no contact"),
        ('[operator]\ncontact = "nobody"\n', "is not a mail address"),
        (
            '[operator]\ncontact = "a@museum.org"\naddresses = ["203.0.113.1/24"]\n',
            "begins at its first address",
        ),
        ('[operator]\ncontact = "a@museum.org"\naddresses = ["0.0.0.0/0"]\n', "no more than you have"),
        ('[operator]\ncontact = "a@museum.org"\naddresses = ["fe80::1%eth0"]\n', "no more than you have"),
        ('[operator]\ncontact = "a@museum.org"\naddresses = ["here"]\n', "is not a range of addresses"),
        ('[operator]\ncontact = "a@museum.org"\naddresses = 7\n', "is not a list of texts"),
        ('[operator]\ncontact = "a@museum.org"\n[policy]\ndeny_hosts = "nowhere.txt"\n', "nowhere.txt"),
        ('[operator]\ncontact = "a@museum.org"\n[policy]\nreading = "literal"\n', "say why"),
    ],
)
def test_bad_configuration_is_one_sentence_and_writes_nothing(config: str, words: str) -> None:
    said = made(config=config, code=2)
    assert words in said
    assert said.count("\n") == 1
    assert not Path("bot-page").exists()


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "null", "{}", '{"changes": []}', "\xff", "[" * 100_000,
        '{"feed": 1, "tokens": 7, "changes": [{"number": 1}]}',
    ],
)  # fmt: skip
def test_a_file_that_is_not_of_the_last_time_is_refused_and_stays(content: str) -> None:
    made(config=MUSEUM)
    Path("bot-page/crawler.json").write_text(content, "latin-1")
    before = state()
    said = made(code=2)
    assert "crawler.json is not what was published" in said
    assert said.count("\n") == 1
    assert state() == before


def test_the_key_is_one_of_the_file_alone() -> None:
    (key,) = [key for key in KEYS if key.field == "addresses"]
    assert key.option is None
    assert key.places == (("operator", "addresses"),)


# In a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_fits_and_loads_nothing(browser: Chromium, width: int) -> None:
    made(config=MUSEUM.replace("The Museum", "M" * 120))
    seen = browser.visit(
        Path("bot-page/index.html"),
        lambda page: page.evaluate("document.documentElement.scrollWidth"),
        width=width,
    )
    assert seen.problems == []
    assert seen.value <= width
