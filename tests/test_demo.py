"""``heedful demo`` against the table of its web: the first thing anybody sees must be true."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.audit import ledger
from crawler.demo.place import Place
from crawler.demo.server import LoopbackWeb, page
from crawler.demo.web import PLACES
from crawler.optout import SIGNALS
from crawler.optout.model import Carrier, Decision
from tests import crawls

ASSETS = [pytest.param(place, id=place.host + place.path) for place in PLACES if place.expect is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One run of the demo."""

    ended: crawls.Ended
    folder: Path
    last: Mapping[str, Decision]
    stored: Mapping[str, int]


def demo(folder: Path, *more: str, **how: Any) -> crawls.Ended:
    return crawls.heedful("demo", "-o", str(folder), *more, timeout=120, **how)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for everything of this module: corpus, key, working folder."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(room: Path) -> Shown:
    """A demo where the environment and the working folder do their best to be in the way."""
    folder = room / "corpus"
    (room / "heedful.toml").write_text("this is no TOML")
    hindrance = {
        "http_proxy": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HEEDFUL_POSTURE": "opt-in",
        "HEEDFUL_OUTPUT": str(room / "elsewhere"),
        "XDG_CONFIG_HOME": str(room / "config"),
    }
    ended = demo(folder, cwd=room, env=crawls.environment(**hindrance))
    return Shown(ended=ended, folder=folder, last=crawls.decided(folder), stored=crawls.stored(folder))


def test_it_ends_well(shown: Shown) -> None:
    assert shown.ended.code == 0, shown.ended.err
    assert "Traceback" not in shown.ended.err
    assert shown.ended.out == ""
    crawls.check_folder(shown.folder)


def test_it_leaves_one_folder(shown: Shown, room: Path) -> None:
    assert {one.name for one in room.iterdir()} == {"corpus", "config", "heedful.toml"}


@pytest.mark.parametrize("place", ASSETS)
def test_everything_ends_as_the_table_says(shown: Shown, place: Place) -> None:
    expect = place.expect
    assert expect is not None
    at = place.host + place.path
    assert shown.stored.get(at, 0) == expect.kept
    decision = shown.last.get(at)
    if expect.outcome is None:
        assert decision is None or not decision.collect
        return
    assert decision is not None
    assert decision.outcome is expect.outcome
    assert decision.collect == expect.kept
    if expect.signal:
        assert expect.signal in {ground.signal for ground in decision.grounds}


def test_nothing_is_kept_that_the_table_does_not_know(shown: Shown) -> None:
    assert set(shown.stored) <= {place.host + place.path for place in PLACES if place.expect is not None}


def test_it_says_what_it_did(shown: Shown) -> None:
    kept = sum(shown.stored.values())
    assert kept == len(crawls.heedful("items", str(shown.folder), "--json").rows)
    for word in ("kept", "reserved", "undetermined", "corpus:"):
        assert word in shown.ended.err


def test_there_is_enough_of_it() -> None:
    places = [place for place in PLACES if place.expect is not None]
    pictures = [place for place in places if place.path.endswith((".jpg", ".png", ".gif", ".webp", ".svg"))]
    assert len(pictures) >= 80
    assert 120 <= len(places) - len(pictures) <= 200
    assert len({place.host for place in places}) >= 15


def test_every_signal_is_heard_from_every_carrier(shown: Shown) -> None:
    heard: set[tuple[str, Carrier]] = set()
    for entry in ledger.entries(shown.folder / "ledger"):
        if entry.type == "decision":
            said = (*entry.decision.heard, *entry.decision.grounds)
            heard |= {(one.signal, one.evidence.carrier) for one in said}
    assert {(name, carrier) for name, signal in SIGNALS.items() for carrier in signal.readers} <= heard


def test_every_signal_that_can_reserve_decides_something(shown: Shown) -> None:
    deciding = {ground.signal for decision in shown.last.values() for ground in decision.grounds}
    assert SIGNALS.keys() <= deciding
    assert "same-bytes" in deciding


def test_what_it_calls_licence_leads_has_terms(shown: Shown) -> None:
    terms = {ground.terms for decision in shown.last.values() for ground in decision.grounds if ground.terms}
    for words in ("USD 0.01", "EUR 0.05", "http://library.example/tdm", "http://agency.example/licence"):
        assert any(words in one for one in terms), words
    assert any("licence.xml (EUR 0.02" in one for one in terms)


def test_it_ends_with_a_report_and_what_to_do_next(shown: Shown, room: Path) -> None:
    lines = shown.ended.err.splitlines()
    report = next(line.partition(": ")[2] for line in lines if line.startswith("report: "))
    assert Path(report) == shown.folder / "report" / "index.html"
    text = Path(report).read_text()
    assert "market.example" in text
    assert "German" in text, "its texts were measured"
    steps = [shlex.split(line) for line in lines if line.startswith("  heedful ")]
    assert [step[1] for step in steps] == ["explain", "lookup", "verify", "export"]
    for step in steps[:3]:
        done = crawls.heedful(*step[1:], timeout=60)
        assert done.code == 0, done.err
        assert "Traceback" not in done.err


def test_it_ends_well_where_an_interruption_left_only_what_never_answers(shown: Shown, room: Path) -> None:
    folder = room / "interrupted"
    shutil.copytree(shown.folder, folder)
    shutil.rmtree(folder / "report")
    manifest = json.loads((folder / "heedful.json").read_text())
    del manifest["runs"][-1]["ended"]
    (folder / "heedful.json").write_text(json.dumps(manifest))
    with contextlib.closing(sqlite3.connect(folder / "frontier.db")) as frontier, frontier:
        seed = "SELECT %s FROM url WHERE seed AND url LIKE 'http://busy.example%%'"
        frontier.execute(f"UPDATE domain SET more = 1, due = 0 WHERE id = ({seed % 'domain'})")
        frontier.execute(f"UPDATE host SET more = 1 WHERE id = ({seed % 'host'})")
        frontier.execute(f"UPDATE url SET state = 'queued', outcome = NULL WHERE id = ({seed % 'id'})")
    ended = demo(folder, "--no-open", env=crawls.environment(XDG_CONFIG_HOME=str(room / "config")))
    assert ended.code == 0, ended.err
    assert "1 decisions" in ended.err
    assert (folder / "report" / "index.html").exists()
    assert "what else this folder can tell" in ended.err
    shutil.rmtree(folder)


@pytest.mark.parametrize("how", ["a screen", "no screen", "a build machine", "forbidden"])
def test_the_report_opens_where_somebody_looks(shown: Shown, room: Path, how: str) -> None:
    note = room / f"opened {how}"
    browser = room / "browser.sh"
    browser.write_text(f"#!/bin/sh\nprintf '%s' \"$1\" > '{note}'\n")
    browser.chmod(0o755)
    surroundings = {"BROWSER": f"{browser} %s", "XDG_CONFIG_HOME": str(room / "config"), "TERM": "dumb"}
    if how != "no screen":
        surroundings["DISPLAY"] = ":77"
    if how == "a build machine":
        surroundings["CI"] = "true"
    env = crawls.environment(**surroundings)
    for name in {"CI", "DISPLAY", "WAYLAND_DISPLAY"} - surroundings.keys():
        env.pop(name, None)
    more = ["--no-open"] if how == "forbidden" else []
    code = on_a_terminal("demo", "-q", "-o", str(shown.folder), *more, env=env, cwd=shown.folder)
    assert code == 0
    assert note.exists() == (how == "a screen")
    if how == "a screen":
        assert note.read_text() == (shown.folder / "report" / "index.html").as_uri()


def on_a_terminal(*arguments: str, env: dict[str, str], cwd: Path) -> int:
    """Run the command before a terminal that nobody types on, and return its exit code."""
    ours, theirs = os.openpty()
    try:
        command = [sys.executable, "-m", "crawler", *arguments]
        process = subprocess.Popen(command, env=env, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            while os.read(ours, 65536):
                pass
        return process.wait(timeout=90)
    finally:
        os.close(ours)


def test_it_needs_no_home(tmp_path: Path) -> None:
    nobody = crawls.environment(HOME=str(tmp_path / "a-file" / "home"))
    nobody.pop("XDG_CONFIG_HOME", None)
    nobody.pop("HEEDFUL_KEY", None)
    (tmp_path / "a-file").write_text("")
    for _ in range(2):  # each signs with a key of its own
        ended = demo(tmp_path / "corpus", "--no-open", env=nobody)
        assert ended.code == 0, ended.err
        assert "it is signed with one that is thrown away" in ended.err
    checked = crawls.heedful("verify", str(tmp_path / "corpus"), timeout=60)
    assert checked.code == 0, checked.err
    named = crawls.heedful("demo", "-o", str(tmp_path / "other"), env={**nobody, "HEEDFUL_KEY": "nowhere/key"})
    assert named.code == 2
    assert "nowhere/key" in named.sentence


def test_another_corpus_is_left_alone(tmp_path: Path) -> None:
    with LoopbackWeb({"a.example": {"/": page("<p>Hello.</p>")}}) as web:
        assert crawls.crawl(web, tmp_path / "real", ["a.example/"]).code == 0
    before = (tmp_path / "real" / "heedful.json").read_bytes()
    ended = demo(tmp_path / "real")
    assert ended.code == 2
    assert "holds a corpus that is no demo" in ended.sentence
    assert (tmp_path / "real" / "heedful.json").read_bytes() == before


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    ended = demo(tmp_path)
    assert ended.code == 2
    assert "not empty and not a corpus" in ended.sentence
    assert [one.name for one in tmp_path.iterdir()] == ["letters.txt"]


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    ended = demo(tmp_path / "demo")
    assert ended.code == 2
    assert ended.sentence
