"""What documents say of a crawl, against corpora of which it would not be true: no sentence says too much."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.audit.report.conduct import DELAYS
from crawler.cli.app import main
from crawler.corpus.corpus import Corpus
from crawler.corpus.items import Note
from crawler.corpus.measures import Measure, Measures
from crawler.demo.server import LoopbackWeb
from crawler.demo.server import page as served
from crawler.optout.model import Carrier, Outcome, Reading, Stage
from tests import crawls
from tests.corpora import IDENTITY, NOON, VERSIONS, decision, journal, opened, page
from tests.test_census import ending, house, reserved, said

A = "https://a.example"


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No file or environment of whoever runs the tests speaks into them."""
    for name in os.environ:
        if name.startswith("HEEDFUL_"):
            monkeypatch.delenv(name)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def summary(folder: Path, *more: str) -> dict[str, Any]:
    """The fields of the EU summary, by name."""
    result = CliRunner().invoke(main, ["report", str(folder), "--format", "eu-summary", "-q", *more])
    assert result.exit_code == 0, (result.stderr, result.exception)
    told = json.loads((folder / "report" / "eu-summary" / "summary.json").read_text("utf-8"))
    return {field["name"]: field for section in told["sections"] for field in section["fields"]}


def california(folder: Path, *more: str) -> dict[str, Any]:
    """The fields of the Californian documentation, by name."""
    result = CliRunner().invoke(main, ["report", str(folder), "--format", "ab2013", "-q", *more])
    assert result.exit_code == 0, (result.stderr, result.exception)
    told = json.loads((folder / "report" / "ab2013" / "ab2013.json").read_text("utf-8"))
    return {item["name"]: item for item in told["items"]}


def words(answer: dict[str, Any]) -> str:
    """All words of an answer."""
    value = answer["value"]
    return " ".join([*([value] if isinstance(value, str) else value), *answer["notes"]])


def keep(corpus: Corpus, *names: str, **note: Any) -> None:
    """Keep a page under each of these names."""
    book = journal(corpus)
    for name in names:
        book.record(decision(f"{A}/{name}"), page(f"{A}/{name}", f"<p>{name}</p>".encode()), note=Note(**note))
    book.flush()


def run(corpus: Corpus, name: str = "r1", *, seeds: tuple[str, ...] = (), **settings: Any) -> None:
    """A run that began and ended."""
    corpus.folder.begin_run(name, at=NOON, seeds=seeds, settings=settings)
    corpus.folder.end_run(name, at=NOON + timedelta(minutes=5))


def rechecked(corpus: Corpus, state: str, url: str) -> None:
    """A recheck found this out about a URL and withdrew nothing."""
    assert corpus.ledger is not None
    corpus.ledger.append_other(
        "recheck", run="r9", at=NOON + timedelta(days=1), state=state, url=url, stage="host", grounds=[]
    )
    corpus.ledger.sync()


# Numbers


def test_a_url_with_several_doubts_is_one_url(folder: Path) -> None:
    url = f"{A}/p"
    doubts = [
        said("robots", url, carrier=Carrier.ROBOTS_TXT, locator="unreachable"),
        said("iptc", url, carrier=Carrier.EMBEDDED, locator="reader failed"),
    ]
    with opened(folder) as corpus:
        book = journal(corpus)
        book.record(ending(url, Outcome.UNDETERMINED, *doubts))
        book.flush()
    assert "This happened to 1 URL." in words(summary(folder)["measures_order"])


def test_an_address_at_which_two_runs_began_is_one(folder: Path) -> None:
    with opened(folder) as corpus:
        run(corpus, "r1", seeds=(f"{A}/", "sitemap:https://a.example/map.xml"))
        run(corpus, "r2", seeds=(f"{A}/", "sitemap:https://a.example/map.xml"))
    told = words(summary(folder)["public_datasets_used"])
    assert "The crawl began at 2 addresses in 2 runs, 1 of them sitemaps." in told


def test_the_lists_that_a_crawl_began_at_are_named_without_where_they_lie(tmp_path: Path) -> None:
    place, folder = tmp_path / "hideaway", tmp_path / "corpus"
    place.mkdir()
    with LoopbackWeb({"a.example": {"/": served("<p>words</p>")}}) as web:
        first, second = place / "top sites.txt", place / "others.txt"
        first.write_text(f"# ours\n{web.url('a.example')}\n{web.url('a.example', '/2')}\n")
        second.write_text(f"sitemap:{web.url('a.example', '/map.xml')}\n")
        assert crawls.crawl(web, folder, [f"@{first}", f"@{second}"], cwd=tmp_path).code == 0
    (run,) = json.loads((folder / "heedful.json").read_text())["runs"]
    digest = hashlib.sha256(first.read_bytes()).hexdigest()
    assert run["settings"]["seed_lists"][0] == {"name": "top sites.txt", "sha256": digest, "count": 2}
    assert "hideaway" not in (folder / "heedful.json").read_text()
    answer = summary(folder)["public_datasets_used"]
    assert "The crawl began at 3 addresses in 1 run, 1 of them sitemaps." in words(answer)
    assert answer["figures"][0] == {"List": "top sites.txt", "Addresses": "2", "SHA-256": digest}
    with LoopbackWeb({"a.example": {"/": served("<p>words</p>")}}) as web:
        assert crawls.crawl(web, tmp_path / "single", ["a.example/"], cwd=tmp_path).code == 0
    told = words(summary(tmp_path / "single")["public_datasets_used"])
    assert "named by itself: none was read from a list" in told


def test_texts_that_could_not_be_read_do_not_hide_the_others(folder: Path) -> None:
    with opened(folder) as corpus:
        keep(corpus, "read", "unread")
        digests = {item.url: item.sha256 for item in corpus.store.items()}
    with Measures.open(folder) as measures:
        for name, failure in (("read", None), ("unread", "broken")):
            measures.note(
                digests[f"{A}/{name}"],
                Measure(
                    language=None if failure else "de",
                    confidence=None,
                    characters=8 if not failure else 0,
                    bytes=8 if not failure else 0,
                    words=2 if not failure else 0,
                    extractor="test",
                    failure=failure,
                ),
            )
        measures.commit()
    fields = summary(folder, "--no-measure")
    assert fields["languages"]["source"] == "draft"
    assert "German" in words(fields["languages"])
    assert "The words of 1 page or document of 2 could not be read" in words(fields["languages"])
    assert "The words of 1 page or document of 2 could not be read" in words(fields["text_size"])


# How the crawler behaves


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "with at least 1 second between two."),
        ({"profile": "testing"}, "A run kept no pause between two."),
        ({"delay": 2.5}, "with at least 2.5 seconds between two."),
        ({"delay": 2.0, "settings": {"DOWNLOAD_DELAY": "0"}}, "A run kept no pause between two."),
        ({"settings": {"DOWNLOAD_DELAY": "soon"}}, "A run kept no pause between two."),
        ({"settings": {"CONCURRENT_REQUESTS_PER_DOMAIN": "8"}}, "At most 8 requests at a time go"),
        ({"settings": {"DOWNLOAD_DELAY_JITTER": "0.5"}}, "A run changed the pace by DOWNLOAD_DELAY_JITTER"),
    ],
)
def test_the_pace_is_that_of_the_runs(folder: Path, settings: dict[str, Any], sentence: str) -> None:
    with opened(folder) as corpus:
        run(corpus, **settings)
    told = words(summary(folder)["behaviour_conduct"])
    assert sentence in told
    assert ("At most one request" in told) != ("CONCURRENT" in str(settings))


@pytest.mark.parametrize("name", DELAYS)
def test_the_pace_of_a_profile_is_the_profile_s(name: str) -> None:
    from importlib import import_module

    assert DELAYS[name] == import_module(f"settings.{name}").DOWNLOAD_DELAY


def test_a_reason_for_nothing_is_no_weakness(tmp_path: Path) -> None:
    for name, weaker in (("strict", False), ("literal", True)):
        identity = replace(IDENTITY, reason="Because.", reading=Reading(name))
        Corpus.open(tmp_path / name, identity, versions=VERSIONS, at=NOON).close()
        told = words(summary(tmp_path / name)["behaviour_conduct"])
        assert ("Because." in told) == weaker


def test_a_literal_crawl_does_not_read_a_page_s_reservation_onto_its_images(tmp_path: Path) -> None:
    for name in ("strict", "literal"):
        identity = replace(IDENTITY, reason="Because.", reading=Reading(name))
        Corpus.open(tmp_path / name, identity, versions=VERSIONS, at=NOON).close()
        told = words(summary(tmp_path / name)["measures_order"])
        assert ("A reservation of a page also holds for the images on it" in told) == (name == "strict")


def test_a_file_that_was_never_read_cannot_match(folder: Path) -> None:
    opened(folder).close()
    fields = summary(folder)
    for name in ("measures_order", "processing_comments"):
        assert "as far as it was read there" in words(fields[name]), name


def test_policies_that_are_gone_are_not_taken_for_empty_ones(folder: Path) -> None:
    with opened(folder) as corpus:  # under a policy of which no description was kept
        run(corpus)
    fields = summary(folder)
    assert "used no list" not in words(fields["illegal_lists"])
    assert "not in the corpus any more" in words(fields["illegal_lists"])
    for name in ("behaviour_protocols", "measures_protocols"):
        assert "not in the corpus any more" in words(fields[name])


def test_no_wall_is_said_of_what_was_met_and_counted(folder: Path) -> None:
    url = f"{A}/p"
    blocked = said("robots", url, carrier=Carrier.ROBOTS_TXT, locator="unreachable", excerpt="status 403")
    with opened(folder) as corpus:
        book = journal(corpus)
        book.record(ending(url, Outcome.UNDETERMINED, blocked, stage=Stage.HOST))
        book.flush()
    told = words(summary(folder)["behaviour_walls"])
    assert "No wall was met" not in told
    assert "No URL is reserved by a wall" in told


def test_what_pages_say_of_images_is_not_said_to_come_from_the_site_s_files(folder: Path) -> None:
    url = f"{A}/i.png"
    with opened(folder) as corpus:
        book = journal(corpus)
        book.record(reserved(url, said("robots-meta", f"{A}/p", carrier=Carrier.HTML), stage=Stage.HOST))
        book.flush()
    told = words(summary(folder)["measures_order"])
    assert "Reserved there, or by a page that shows it, before it was requested: 1 URL." in told


# Afterwards


def test_a_second_crawl_has_asked_again(folder: Path) -> None:
    with opened(folder) as corpus:
        run(corpus, "r1")
        run(corpus, "r2")
    told = words(summary(folder)["measures_up_to_date"])
    assert "have not been asked again" not in told
    assert "No recheck is on record; the crawl was run 2 times" in told


def test_what_went_because_nobody_answered_is_not_called_reserved(folder: Path) -> None:
    with opened(folder) as corpus:
        keep(corpus, "p")
        digest = next(iter(corpus.store.items())).sha256
        corpus.store.remove(digest, reason="recheck: unreachable since 2026-11-22", run="r2", at=NOON)
    fields = summary(folder, "--all-domains")
    told = words(fields["measures_up_to_date"])
    assert "Reserved only after" not in told
    assert "Removed after it had been collected, because it was reserved then or could not be asked" in told


def test_nothing_is_promised_and_nothing_is_known_but_what_is_on_record(folder: Path) -> None:
    with opened(folder) as corpus:
        keep(corpus, "p", author="Somebody")
    fields = summary(folder)
    assert "No withdrawal is on record." in words(fields["measures_up_to_date"])
    assert "No withdrawal has been asked for" not in words(fields["measures_up_to_date"])
    assert "Whoever wants to know" not in words(fields["crawled_more"])
    for name in ("demographics", "crawled_demographics"):
        assert "no names" not in words(fields[name])
        assert "author" in words(fields[name])


def test_what_is_held_back_is_told(folder: Path) -> None:
    with opened(folder) as corpus:
        keep(corpus, "free", "reserved", "silent")
        rechecked(corpus, "new reservation", f"{A}/reserved")
        rechecked(corpus, "unreachable", f"{A}/silent")
        run(corpus, "r9", command="recheck")
    fields = summary(folder)
    assert "Held back at present: 2 URLs." in words(fields["measures_up_to_date"])
    assert "2 URLs" in words(fields["size_comments"])


# California


def test_nothing_is_not_in_the_public_domain(folder: Path) -> None:
    opened(folder).close()
    fields = california(folder)
    assert "public domain" not in fields["california_protected"]["value"]


def test_two_versions_of_a_free_page_do_not_make_another_page_free(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        for body in (b"<p>one</p>", b"<p>two</p>"):
            book.record(
                decision(f"{A}/free", Outcome.LICENSED), page(f"{A}/free", body), note=Note(licence="CC0-1.0")
            )
        book.record(decision(f"{A}/theirs"), page(f"{A}/theirs"))
        book.flush()
    answer = california(folder)["california_protected"]
    assert answer["value"].startswith("Yes")
    assert "Of 3 items, 2 name a licence, 2 of these the public domain or CC0." in words(answer)


def test_one_page_is_one_page(folder: Path) -> None:
    with opened(folder) as corpus:
        keep(corpus, "p")
    assert california(folder)["california_points"]["value"].startswith("1 page or document")


def test_a_limit_of_ours_is_no_list(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        book.record(house(f"{A}/p", "budget"))
        book.flush()
        run(corpus)
    assert "kept 1 URL out" not in words(summary(folder)["illegal_lists"])
