"""``explain``: the story of one URL on a page of 80 columns, its evidence found again in the stored files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from crawler.cli import main
from crawler.cli.change import changes
from crawler.cli.found import Places
from crawler.cli.quotation import quoted
from crawler.corpus.evidence import HOST_FILE
from crawler.corpus.withdrawal import Wish, withdraw
from crawler.optout.model import (
    Asked,
    Basis,
    Carrier,
    Evidence,
    Kind,
    Outcome,
    Posture,
    Preference,
    Purpose,
    Stage,
    Standing,
    Statement,
)
from tests.corpora import NOON, RESERVED, decision, journal, opened, page, robots, statement

URL = "https://a.example/p"
RULES = b"\xef\xbb\xbf# ours\r\nUser-agent: GPTBot\r\n\r\n  Disallow: /p   # no\r\n"
LONG = "https://a.example/" + "long-" * 60


def run(*arguments: str, **more: Any) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments], **more)


def said(
    excerpt: str, locator: str = "line 4", *, body: bytes | None = None, signal: str = "robots", **more: Any
) -> Statement:
    digest = robots(body=body).digest if body is not None else "0" * 64
    evidence = Evidence(
        source=more.pop("source", "https://a.example/robots.txt"),
        carrier=more.pop("carrier", Carrier.ROBOTS_TXT),
        locator=locator,
        excerpt=excerpt,
        sha256=digest,
        at=NOON,
    )
    return replace(statement(signal), evidence=evidence, **more)


def heard(url: str, *statements: Statement, stage: Stage = Stage.HOST, days: int = 0) -> Any:
    return replace(
        decision(url, RESERVED, stage=stage),
        grounds=statements,
        heard=statements,
        at=NOON + timedelta(days=days),
    )


def lines_of(result: Result) -> list[str]:
    """What was printed; every line fits the page but for a word that cannot be broken."""
    lines: list[str] = result.stdout.splitlines()
    for line in lines:
        assert line.isprintable()
        assert cell_len(line) <= 80 or " " not in line.strip(), line
    return lines


# The page


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus"
    with opened(path) as corpus:
        book = journal(corpus)
        book.record(heard(URL, said("Disallow: /p", body=RULES)), evidence=[(robots(body=RULES), HOST_FILE)])
        book.record(heard(LONG, said("Disallow: /" + "long-" * 60, locator="x" * 200, body=RULES)))
        book.flush()
    return path


def test_the_quoted_bytes_are_found_in_the_stored_file(corpus: Path) -> None:
    words = " ".join(" ".join(lines_of(run(str(corpus), URL))).split())
    assert "stored file, line 4, columns 3 to 14, sha256 " in words


def test_no_line_is_wider_than_the_page(corpus: Path) -> None:
    lines_of(run(str(corpus), LONG))


@pytest.mark.parametrize("excerpt", ["x" * 2000, "word " * 400, "禁止 " * 300, "a\nb\nc\nd\ne\nf", "é" * 90])
@pytest.mark.parametrize("signal", ["robots-meta", "document-locks"])
def test_no_statement_is_wider_than_the_page(excerpt: str, signal: str, tmp_path: Path) -> None:
    with opened(tmp_path / "c") as corpus:
        one = said(
            excerpt,
            locator="meta[name=robots][0] > " + "deep " * 30,
            signal=signal,
            purpose=Purpose.GEN_AI_TRAIN,
            preference=Preference.CONDITIONAL,
            basis=Basis.RECOVERED,
            kind=Kind.IMAGE,
            terms="these are long terms " * 20,
        )
        book = journal(corpus)
        book.record(heard(URL, one))
        book.flush()
    lines_of(run(str(tmp_path / "c"), URL))


def test_strangers_do_not_reach_the_terminal(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as corpus:
        book = journal(corpus)
        hostile = said(
            "Disallow: \x1b[2J\x9b31m\u202e/", source="https://a.example/\x1b]0;x\x07", terms="\x1b[1m"
        )
        book.record(heard(URL, hostile))
        book.flush()
    lines_of(run(str(tmp_path / "c"), URL, color=True, env={"NO_COLOR": "1"}))


def test_colours_are_for_terminals(corpus: Path) -> None:
    assert "\x1b[31m" in run(str(corpus), URL, color=True).stdout
    assert "\x1b" not in run(str(corpus), URL, color=True, env={"NO_COLOR": "1"}).stdout
    assert "\x1b" not in run(str(corpus), URL).stdout


# Where it stands


@pytest.mark.parametrize(
    ("body", "excerpt", "locator", "place"),
    [
        (b"A: 1\nB: 2\n", "B: 2", "line 2", "line 2, columns 1 to 4"),
        (b"B: 2\nB: 2\n", "B: 2", "line 2", "line 2, columns 1 to 4"),
        (b"G: x\n\nno\n", "G: x\nno", "line 3", "line 1, columns 1 to 4; line 3, columns 1 to 2"),
        (b'[\n {"a":\n  1}]', '{"a": 1}', "rule[0]", "from line 2, column 2"),
        (b"\xff\xfe", "no", "line 1", "not word for word"),
    ],
)
def test_places(body: bytes, excerpt: str, locator: str, place: str, tmp_path: Path) -> None:
    with opened(tmp_path / "c") as corpus:
        corpus.evidence.add(robots(body=body), HOST_FILE)
        corpus.evidence.sync()
        corpus.index.commit()
        assert place in Places(corpus.evidence).of(said(excerpt, locator, body=body).evidence)


def test_a_file_that_is_not_stored_is_told(corpus: Path) -> None:
    with opened(corpus) as read:
        assert "not in the stored evidence" in Places(read.evidence).of(said("no", body=b"other").evidence)
        assert Places(read.evidence).of(said("", body=RULES).evidence) == ""


def carets(excerpt: str, signal: str) -> str:
    lines = list(quoted([said(excerpt, "v[0]", signal=signal, carrier=Carrier.HEADER)], ()))
    (place,) = (number for number, line in enumerate(lines) if line.strip(" ~^") == "")
    above, marks = lines[place - 1], lines[place]
    return "".join(letter for letter, mark in zip(above, marks.ljust(len(above)), strict=True) if mark in "~^")


@pytest.mark.parametrize(
    ("excerpt", "signal", "marked"),
    [
        ("index, noai", "robots-meta", "noai"),
        ("nofollow, noai, noimageai", "robots-meta", "noainoimageai"),
        ("search=yes, ai-train=no", "content-signal", "ai-train=no"),
        ("train-ai=n, search=y", "content-usage", "train-ai=n"),
        ("Disallow: /p", "robots", "Disallow: /p"),
        ("index", "robots-meta", "index"),
    ],
)
def test_the_caret_stands_under_what_decides(excerpt: str, signal: str, marked: str) -> None:
    assert carets(excerpt, signal) == marked


# What would have to change


def test_a_reservation_would_have_to_go() -> None:
    (words,) = changes(heard(URL, said("Disallow: /", purpose=Purpose.CRAWL)))
    assert words.startswith("the statement that decides would have to go; then it would have been requested")


def test_an_inference_counts_in_the_strict_reading_alone() -> None:
    _, literal, search = changes(heard(URL, said("noindex", basis=Basis.INFERRED)))
    assert "by its letter" in literal
    assert "for search alone" in search


def test_what_is_behind_a_reservation_is_told_too() -> None:
    unclear = said("?", preference=Preference.UNREADABLE)
    one = heard(URL, said("no"))
    words = next(changes(replace(one, heard=(*one.heard, unclear))))
    assert words.endswith("then it would have been undetermined")


def test_opt_in_needs_more_than_silence() -> None:
    one = replace(heard(URL, said("no"), stage=Stage.CONTENT), posture=Posture.OPT_IN)
    assert "if something that is accepted permitted it" in next(changes(one))


@pytest.mark.parametrize(
    ("locator", "words"),
    [("unreachable", "would have to answer"), ("line 3", "would have to be readable")],
)
def test_what_is_unclear_would_have_to_be_clear(locator: str, words: str) -> None:
    unclear = said("?", locator, preference=Preference.UNREADABLE)
    one = replace(heard(URL, unclear), outcome=Outcome.UNDETERMINED, needs=("https://a.example/licence",))
    first, need, again = changes(one)
    assert words in first
    assert "https://a.example/licence" in need
    assert "asks again" in again


def test_our_own_reasons_would_have_to_change() -> None:
    ours = said("domain", "scope", carrier=Carrier.HOUSE, signal="house")
    (words,) = changes(replace(heard(URL, ours), outcome=Outcome.SKIPPED))
    assert "--scope" in words


def test_what_is_kept_hangs_on_every_source_that_was_asked() -> None:
    asked = Asked(
        signals=("robots",), carrier=Carrier.ROBOTS_TXT, source="https://a.example/robots.txt",
        standing=Standing.ABSENT, status=404, at=NOON,
    )  # fmt: skip
    (words,) = changes(replace(decision(URL), asked=(asked,)))
    assert "any of the 2 sources" in words


# Across runs


@pytest.fixture
def long_story(tmp_path: Path) -> Path:
    """Kept, kept again as before, unreachable for a recheck, withdrawn with its host, and met once more."""
    path = tmp_path / "long"
    with opened(path) as corpus:
        book = journal(corpus)
        book.record(decision(URL), page(URL))
        book.record(replace(decision(URL), at=NOON + timedelta(days=1)), page(URL))
        book.flush()
        assert corpus.ledger is not None
        corpus.ledger.append_other(
            "recheck",
            run="r2",
            at=NOON,
            url=URL,
            state="unreachable",
            stage="host",
            since="2026-11-22T12:00:00Z",
        )
        corpus.ledger.sync()
        corpus.index.commit()
        wish = Wish(hosts=frozenset({"a.example"}))
        withdraw(
            corpus, wish, reason="asked by \x1b[2J mail", ticket="T-1", run="r3", at=NOON + timedelta(days=2)
        )
        book.record(
            heard(URL, said("a.example", "withdrawn", carrier=Carrier.HOUSE, signal="denylist"), days=3)
        )
        book.flush()
    return path


def test_a_story_of_many_runs_begins_with_an_overview(long_story: Path) -> None:
    lines = lines_of(run(str(long_story), URL))
    assert [line.split("  ")[2] for line in lines[:6]] == [
        "unreserved at content; kept",
        "unreserved at content; kept",
        "asked again: unreachable",
        "withdrawn on request; not collected again",
        "removed from the corpus on request",
        "reserved at host",
    ]
    words = "\n".join(lines)
    assert "answered as in 1" in words
    assert "  by host a.example" in words
    assert "ticket T-1" in words
    assert "so since 2026-11-22T12:00:00Z" in words
    assert lines[-1] == "nothing is kept of it now"


def test_a_story_as_json_has_every_entry(long_story: Path) -> None:
    rows = [json.loads(line) for line in run(str(long_story), URL, "--json").stdout.splitlines()]
    assert [row.get("type", "decision") for row in rows] == [
        "decision", "decision", "recheck", "withdrawal", "removal", "decision",
    ]  # fmt: skip
    assert [row["entry"] for row in rows] == sorted(row["entry"] for row in rows)


def test_a_host_that_was_withdrawn_has_a_story_for_each_of_its_urls(long_story: Path) -> None:
    result = run(str(long_story), "https://a.example/never-met")
    assert result.exit_code == 0
    assert "withdrawn on request" in lines_of(result)[0]


def test_an_unknown_url_is_answered_with_the_nearest_known_ones(corpus: Path) -> None:
    result = run(str(corpus), "https://a.example/pp")
    assert (result.exit_code, result.stdout) == (1, "")
    first, second, *_ = result.stderr.splitlines()
    assert first.endswith("knows nothing of https://a.example/pp; of the same host it knows")
    assert second == f"  {URL}"
    assert run(str(corpus), "https://b.example/").stderr.count("\n") == 1
    assert run(str(corpus), "no url").exit_code == 1
