"""``heedful signals NAME``: one signal on one page, told as the gate acts."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from crawler.audit.refusals import IN_WORDS, REFUSALS
from crawler.cli import main
from crawler.cli.signalpage import INFERRED, RECOVERED
from crawler.optout import SIGNALS
from crawler.optout.model import Basis, Outcome, Preference, Reading
from crawler.optout.policy import AGAINST
from tests import vectorfile
from tests.test_documents import blocks, both
from tests.test_documents import rows as documented

ROWS = [(name, row) for name, rows in REFUSALS.items() for row in rows]


def run(*args: str, columns: int = 80) -> Result:
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, ["signals", *args])


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("columns", [10, 60, 80, 400])
def test_the_page_of_a_signal_fits_the_terminal(name: str, columns: int) -> None:
    result = run(name, columns=columns)
    assert result.exit_code == 0
    width = min(max(columns, 40), 100)
    examples = {line for row in REFUSALS.get(name, ()) for line in row.written.splitlines()}
    for line in result.stdout.splitlines():
        words = line.split()
        whole = len(words) == 1 or line.strip() in examples or "log CORPUS" in line
        assert whole or cell_len(line) <= width or words[0] in ("authority", "asked"), line


@pytest.mark.parametrize("name", SIGNALS)
def test_the_page_holds_all_that_is_known(name: str) -> None:
    signal, told = SIGNALS[name], run(name).stdout
    flat = " ".join(told.split())
    for words in (signal.title, signal.spec, signal.version, *(file.path for file in signal.host_files)):
        assert words in flat
    for written, meant in signal.meanings:
        assert " ".join(written.split()) in flat
        assert " ".join(meant.split()) in flat
    assert f"heedful log CORPUS --signal {name}" in told
    assert all(row.written.splitlines()[0] in told for row in REFUSALS.get(name, ()))


@pytest.mark.parametrize(("typed", "meant"), [("robot", "robots"), ("TDMRep", "tdmrep"), ("ai.txt", "ai-txt")])
def test_a_slip_is_answered_with_the_nearest_name(typed: str, meant: str) -> None:
    result = run(typed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"; perhaps {meant}; see" in result.stderr


def test_a_word_that_is_near_to_none_is_answered_with_all_of_them() -> None:
    assert all(name in run("qqqq").stderr for name in SIGNALS)
    assert "\x1b" not in run("\x1b[31mx").stderr


def test_json_has_the_examples_and_the_readings() -> None:
    for line in run("--json").stdout.splitlines():
        row = json.loads(line)
        assert {"name", "title", "spec", "version", "carriers", "host_files", "meanings"} < set(row)
        assert len(row["examples"]) == len(REFUSALS.get(row["name"], ()))
        assert row["readings"]


# What is told is so


def test_every_signal_has_an_example_or_words() -> None:
    assert set(REFUSALS) | set(IN_WORDS) == set(SIGNALS)
    assert not set(REFUSALS) & set(IN_WORDS)


def test_the_examples_are_those_of_the_page_for_creators() -> None:
    told = {(row.where.removesuffix(" (XMP)"), row.written.strip()) for _, row in ROWS}
    assert told == {(where, written.strip()) for where, written in [*documented(), *blocks()]}


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_an_example_is_heard_as_the_signal_under_which_it_stands(name: str, row) -> None:
    decisions = both(row.where.removesuffix(" (XMP)"), row.written)
    if name == "rsl":
        assert any(decision.needs for decision in decisions)
        return
    heard = {statement.signal for decision in decisions for statement in decision.heard}
    assert name in heard
    assert any(decision.outcome is Outcome.RESERVED for decision in decisions)


def test_the_readings_differ_where_it_is_said_that_they_do() -> None:
    found: dict[Basis, set[str]] = {basis: set() for basis in Basis}
    for name in SIGNALS:
        for vector in vectorfile.load(name):
            for statement in vectorfile.judge(vector, Reading.STRICT).heard:
                if statement.preference in AGAINST:
                    found[statement.basis].add(statement.signal)
    assert found[Basis.RECOVERED] == RECOVERED
    assert found[Basis.INFERRED] == INFERRED
    assert Preference.ALLOW not in AGAINST
    assert "Both readings make the same of it." in run("http-status").stdout
    assert "literal passes over it" in " ".join(run("tdmrep").stdout.split())
    assert "literal cannot tell" in " ".join(run("robots").stdout.split())
