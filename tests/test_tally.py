"""Counting what a run does, and showing it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from crawler.cli import display as display_module
from crawler.cli.display import Display
from crawler.optout.model import Asset, Carrier, Decision, Kind, Outcome, Reading
from crawler.tally import KEPT, Tally, reasons_of
from tests import vectorfile


def decided(**vector: object) -> Decision:
    return vectorfile.judge({"id": "tally-1", **vector}, Reading.STRICT)


KEPT_PAGE = decided()
REFUSED = decided(files={"/robots.txt": {"body": "User-agent: *\nDisallow: /", "headers": []}})
UNCLEAR = decided(files={"/robots.txt": {"status": 503}})
DENIED = decided(denylist={"hosts": ["h.example"]})
IMAGE = replace(KEPT_PAGE, asset=Asset(url="https://cdn.example/i.png", kind=Kind.IMAGE))


def counted() -> Tally:
    tally = Tally(waiting=3)
    for decision, kept in ((KEPT_PAGE, 1000), (IMAGE, 500), (REFUSED, 0), (DENIED, 0), (UNCLEAR, 0)):
        tally.add(decision, kept)
    return tally


def test_decisions_are_counted_by_kind_ending_stage_and_reason() -> None:
    tally = counted()
    assert (tally.count(KEPT), tally.count(KEPT, Kind.TEXT), tally.count(KEPT, Kind.IMAGE)) == (2, 1, 1)
    assert [tally.count(outcome.value) for outcome in (Outcome.RESERVED, Outcome.UNDETERMINED)] == [1, 1]
    assert tally.bytes == 1500
    assert tally.reserved == {("robots", "stated"): 1}
    assert tally.undetermined == {"robots.txt unreachable": 1}
    assert tally.skipped == {"denylist host": 1}
    assert tally.stages == {"content": 2, "host": 3}
    assert tally.hosts == {"h.example": 4, "cdn.example": 1}
    assert [ending.ending for ending in tally.recent] == [KEPT, KEPT, "reserved", "skipped", "undetermined"]


def test_what_is_removed_is_no_longer_kept() -> None:
    tally = counted()
    tally.remove(replace(REFUSED, asset=IMAGE.asset), 500)
    assert (tally.count(KEPT, Kind.IMAGE), tally.count("reserved", Kind.IMAGE), tally.bytes) == (0, 1, 1000)


def test_an_open_decision_before_the_content_is_not_kept() -> None:
    tally = Tally()
    tally.add(replace(KEPT_PAGE, stage=REFUSED.stage))
    assert (tally.count(KEPT), tally.count("unreserved")) == (0, 1)


def test_reasons_hold_no_words_of_strangers() -> None:
    for decision in (REFUSED, UNCLEAR, DENIED):
        evidence = replace(decision.grounds[0].evidence, excerpt="EVIL", source="https://evil.example/")
        said = replace(decision, grounds=(replace(decision.grounds[0], evidence=evidence),))
        assert reasons_of(said) == reasons_of(decision) != set()
    elsewhere = replace(UNCLEAR.grounds[0].evidence, locator="EVIL[0]", carrier=Carrier.HTML)
    unreadable = replace(UNCLEAR, grounds=(replace(UNCLEAR.grounds[0], evidence=elsewhere),))
    assert reasons_of(unreadable) == {f"{UNCLEAR.grounds[0].signal} unreadable"}
    assert reasons_of(replace(UNCLEAR, grounds=(), needs=("https://evil.example/",))) == {
        "document not fetched"
    }
    assert reasons_of(KEPT_PAGE) == set()


def test_the_numbers_are_plain_data() -> None:
    numbers = json.loads(json.dumps(counted().as_dict()))
    assert numbers["endings"] == {
        "image": {"kept": 1},
        "text": {"kept": 1, "reserved": 1, "skipped": 1, "undetermined": 1},
    }
    assert numbers["reserved"] == [{"signal": "robots", "basis": "stated", "count": 1}]


# Showing


def shown(tally: Tally, *, terminal: bool, quiet: bool = False, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(display_module, "IN_PIPE", 0.0)
    monkeypatch.setattr(display_module, "ON_TERMINAL", 0.0)
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100, highlight=False, markup=False)
    with Display(tally, quiet=quiet, console=console) as display:
        display.refresh()
    display.summary("finished", Path("corpus"), "one more thing")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_gets_plain_lines_and_the_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    words = shown(counted(), terminal=False, monkeypatch=monkeypatch)
    assert "\x1b" not in words
    assert "kept 1 pages, 1 images (1.5 kB)  reserved 1  undetermined 1  skipped 1  waiting 3" in words
    assert [line.split() for line in words.splitlines() if line.startswith(("kept ", "robots"))] == [
        ["kept", "1", "1"], ["robots", "stated", "1"],
        ["robots.txt", "unreachable", "1"], ["robots.txt", "unreachable", "1"],
    ]  # fmt: skip
    assert re.search(r"^https://h\.example/ +\S+Z +robots\.txt unreachable +$", words, re.MULTILINE), words
    assert "one more thing" in words
    assert "heedful explain corpus URL" in words


def test_a_terminal_gets_a_live_view_without_strangers_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = counted()
    evil = replace(KEPT_PAGE, asset=Asset(url="https://h.example/\x1b]0;owned\x07[bold]", kind=Kind.TEXT))
    tally.add(evil, 1)
    words = shown(tally, terminal=True, monkeypatch=monkeypatch)
    assert "kept 2 pages" in words
    assert "\x1b]0;" not in words
    assert "[bold]" in words


def test_quiet_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(counted(), terminal=True, quiet=True, monkeypatch=monkeypatch) == ""


def test_a_refresh_that_comes_too_soon_draws_nothing() -> None:
    console = Console(file=io.StringIO(), force_terminal=False)
    with Display(counted(), console=console) as display:
        for _ in range(100):
            display.refresh()
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""


def test_a_json_log_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    with Display(counted(), as_json=True) as display:
        pass
    display.summary("limit")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["event"] == "limit"
