"""What a person sees, and what a script may rely on: words, streams, exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from crawler.cli import main
from crawler.cli.app import COMMANDS
from crawler.cli.quotation import quoted
from crawler.cli.story import Told, check_lines, story
from crawler.cli.text import REPLACEMENT, safe, shorten, size
from crawler.config.keys import KEYS
from crawler.corpus.corpus import Corpus
from crawler.corpus.items import Note
from crawler.corpus.manifest import Identity
from crawler.optout import SIGNALS
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Decision,
    Kind,
    Posture,
    Preference,
    Purpose,
    Reading,
    Statement,
    quote,
)
from tests import vectorfile

URL = "https://h.example/a"
ROBOTS = {"status": 200, "headers": [["Content-Type", "text/plain"]], "body": "User-agent: *\nDisallow: /a\n"}


def run(*args: str, **env: str) -> Result:
    return CliRunner(env={"HEEDFUL_DEBUG": None, **env}).invoke(main, args)


def decided(files: dict[str, Any] | None = None, *, after: int = 0, **response: Any) -> Decision:
    """What the gate says about ``URL`` when it is served so, some days after the first time."""
    vector = {"id": "cli-1", "files": files or {}, "response": vectorfile.PAGE | response}
    return replace(vectorfile.judge(vector, Reading.STRICT), at=vectorfile.AT + timedelta(days=after))


def by_robots(decision: Decision) -> Decision:
    """The same with ``robots`` as the only signal that speaks, whichever signals there are."""
    said = replace(decision.grounds[0], signal="robots")
    return replace(decision, grounds=(said,), heard=(said,))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus: one URL refused, refused otherwise, and kept at the third time; removed by none."""
    refused = decided({"/robots.txt": ROBOTS})
    silent = decided(after=2)
    identity = Identity(
        operator=None,
        contact="ops@museum.org",
        tokens=("mybot",),
        purposes=(Purpose.TDM,),
        posture=Posture.OPT_OUT,
        reading=Reading.STRICT,
        reason=None,
        policy=silent.policy,
    )
    path = tmp_path_factory.mktemp("corpus")
    with Corpus.open(path, identity, versions={"heedful": "test"}, at=vectorfile.AT) as opened:
        assert opened.ledger is not None
        opened.ledger.append(refused, run="first")
        opened.ledger.append_other("run", run="second", at=vectorfile.AT, event="began")
        opened.ledger.append(by_robots(decided({"/robots.txt": {"status": 503}}, after=1)), run="second")
        entry = opened.ledger.append(silent, run="third")
        opened.ledger.sync()
        capture = replace(vectorfile.capture(URL, vectorfile.PAGE), at=silent.at)
        opened.store.add(silent, capture, entry=entry, note=Note(title="A \u202epage"))
        opened.store.sync()
        opened.index.commit()
    return path


# The program


def test_help_names_every_command_and_begins_with_an_example() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Example: heedful ")
    assert all(name in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_fits_a_screen_and_begins_with_an_example(name: str) -> None:
    result = run(name, "--help")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0].startswith(f"Example: heedful {name} ")
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80


def test_help_imports_neither_scrapy_nor_the_gate() -> None:
    code = (
        "import sys\nfrom crawler.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit as end: code = end.code\n"
        "sys.exit(code or sum(name in sys.modules for name in ('scrapy', 'twisted', 'crawler.optout')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_imports_scrapy_before_it_fetches(name: str) -> None:
    code = f"import sys, crawler.cli.{name}; sys.exit('scrapy' in sys.modules or 'twisted' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_version() -> None:
    assert run("--version").stdout.startswith("heedful ")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["frob"], "No such command 'frob'"),
        (["crawl"], "Missing argument 'SEED...'"),
        (["crawl", "https://a.org", "--frob"], "No such option '--frob'"),
        (["crawl", "https://a.org", "-o", "x"], "no contact"),
        (["crawl", "https://a.org", "--contact", "ops@museum.org"], "no corpus folder"),
        (["crawl", "a.org", "-o", "x", "--contact", "ops@museum.org"], "write it with https://"),
        (["crawl", "https://a.org", "-o", "x", "--contact", "o@m.org", "--reading", "literal"], "heedful.toml"),
        (
            ["crawl", "https://a.org", "-o", "x", "--contact", "o@m.org", "-s", "ROBOTSTXT_OBEY=0"],
            "cannot be set",
        ),
        (["check", "http://127.0.0.1/", "--contact", "o@m.org"], "--allow-private"),
        (["log", "nowhere"], "nowhere is not a corpus"),
        (["items", "nowhere"], "nowhere is not a corpus"),
        (["explain", "nowhere", URL], "nowhere is not a corpus"),
        (["signals", "smoke"], "there is no signal smoke"),
        (["log", "nowhere", "--outcome", "nice"], "'nice' is not one of"),
    ],
)
def test_mistakes_of_use_are_one_sentence_on_stderr_and_exit_2(
    args: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in result.stderr
    assert result.stderr.startswith("heedful: ")
    assert result.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_no_command_shows_the_help_on_stderr() -> None:
    result = run()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Commands:" in result.stderr


def test_an_internal_error_is_70_and_quotes_nothing(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("words of a reserved page")

    monkeypatch.setattr("crawler.cli.reading.read_story", broken)
    result = run("explain", str(corpus), URL)
    assert result.exit_code == 70
    assert "internal error (RuntimeError)" in result.stderr
    assert "words of" not in result.output
    assert result.stderr.count("\n") == 1
    assert "Traceback" in run("explain", str(corpus), URL, HEEDFUL_DEBUG="1").stderr


def test_the_module_does_what_the_command_does() -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "crawler", "signals", "--frob"]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "heedful: No such option '--frob'; see heedful signals --help\n"


@pytest.fixture
def there(corpus: Path, tmp_path: Path) -> dict[str, list[str]]:
    """Commands that print much, and little."""
    return {
        "log": ["log", str(corpus)],
        "verify": ["verify", str(corpus), "--json"],
        "json": ["report", str(corpus), "--format", "json", "-q"],
        "report": ["report", str(corpus), "-o", str(tmp_path / "r"), "--json", "-q"],
        "export": ["export", str(corpus), "--format", "jsonl", "-o", str(tmp_path / "e"), "--json"],
        "help": ["--help"],
    }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("name", ["log", "verify", "json", "report", "export", "help"])
def test_a_stdout_that_is_full_or_closed_is_told_in_one_way(name: str, there: dict[str, list[str]]) -> None:
    command = [sys.executable, "-m", "crawler", *there[name]]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 3, ended
    assert "No space left on device" in ended.stderr.splitlines()[-1]
    assert ended.stderr.startswith("heedful: ")
    assert "Exception" not in ended.stderr
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, "")


# Reading a corpus


def test_log_lists_decisions_newest_last(corpus: Path) -> None:
    result = run("log", str(corpus))
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["1", "2026-11-22T10:00:00Z", "reserved", "host", "text", URL, "[robots", "(stated)]"],
        ["3", "2026-11-23T10:00:00Z", "undetermined", "host", "text", URL, "[robots.txt", "unreachable]"],
        ["4", "2026-11-24T10:00:00Z", "unreserved", "content", "text", URL],
    ]


@pytest.mark.parametrize(
    ("filters", "entries"),
    [
        (["--url", "HTTPS://H.example:443/a#top"], [1, 3, 4]),
        (["--url", "https://h.example/b"], []),
        (["--host", "H.example"], [1, 3, 4]),
        (["--host", "example"], []),
        (["--outcome", "reserved"], [1]),
        (["--signal", "robots"], [1, 3]),
        (["--signal", "robots", "--outcome", "unreserved"], []),
    ],
)
def test_log_filters(corpus: Path, filters: list[str], entries: list[int]) -> None:
    result = run("log", str(corpus), "--json", *filters)
    assert result.exit_code == 0
    assert [json.loads(line)["entry"] for line in result.stdout.splitlines()] == entries
    assert ("no decision matches" in result.stderr) is (not entries)


def test_log_prints_decisions_as_the_interface_says(corpus: Path) -> None:
    first = json.loads(run("log", str(corpus), "--json").stdout.splitlines()[0])
    assert {"url", "kind", "stage", "outcome", "collect", "grounds", "heard", "via", "purposes"} <= set(first)
    assert {"posture", "reading", "policy", "at", "entry", "asked", "run", "licence"} <= set(first)
    assert (first["run"], first["outcome"], first["collect"]) == ("first", "reserved", False)
    assert first["grounds"][0]["excerpt"] == "Disallow: /a"
    assert set(first["asked"][0]) == {"signal", "carrier", "source", "standing", "status", "at"}


def test_items(corpus: Path) -> None:
    (item,) = [json.loads(line) for line in run("items", str(corpus), "--json").stdout.splitlines()]
    assert (item["url"], item["kind"], item["entry"], item["outcome"]) == (URL, "text", 4, "unreserved")
    words = run("items", str(corpus)).stdout
    assert URL in words
    assert "\u202e" not in words


def test_explain_of_an_unknown_url_is_exit_1(corpus: Path) -> None:
    result = run("explain", str(corpus), "https://h.example/other\x1b[2J")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "knows nothing of https://h.example/other" in result.stderr
    assert "\x1b" not in result.stderr


def test_explain_as_json_is_one_decision_a_line(corpus: Path) -> None:
    result = run("explain", str(corpus), URL, "--json")
    assert [json.loads(line)["entry"] for line in result.stdout.splitlines()] == [1, 3, 4]


STORY = """\
1  2026-11-22T10:00:00Z  reserved at host
2  2026-11-23T10:00:00Z  undetermined at host
3  2026-11-24T10:00:00Z  unreserved at content; kept

1 of 3
reserved at host    https://h.example/a
  text for tdm; opt-out, strict reading; not collected

  at host
    robots.txt  200 known        https://h.example/robots.txt
    robots  disallows crawl  (stated)   <- decides
      https://h.example/robots.txt
      line 2   Disallow: /a
               ~~~~~~~~~~~^
      the file it stands in is not in the stored evidence
      seen 2026-11-22T10:00:00Z

  what would have to change
    - the statement that decides would have to go; then it would have been
      requested, and judged by its answer

  decided 2026-11-22T10:00:00Z   ledger entry 1   run first

2 of 3
undetermined at host    https://h.example/a
  text for tdm; opt-out, strict reading; not collected

  at host
    robots.txt  503 unreachable  https://h.example/robots.txt
    robots  leaves unclear any  (stated)   <- decides
      https://h.example/robots.txt
      unreachable   status 503
                    ~~~~~~~~~^
      seen 2026-11-22T10:00:00Z

  what would have to change
    - https://h.example/robots.txt would have to answer, if only that there is
      nothing
    - the next crawl asks again; what could not be told is never taken for a yes

  decided 2026-11-23T10:00:00Z   ledger entry 3   run second

3 of 3
unreserved at content    https://h.example/a
  text for tdm; opt-out, strict reading; collected

  at host
    robots.txt  404 absent       https://h.example/robots.txt
    nothing heard

  at headers
    status      200 known
    header      200 known
    nothing heard

  at content
    html        200 known
    nothing heard

  what would have to change
    - one reservation in any of the 6 sources that were asked would have kept it
      out; heedful recheck asks them again

  decided 2026-11-24T10:00:00Z   ledger entry 4   run third

kept now: text, 39 B, since entry 4
  sha256 a7fe83ec64bb23eb28090598db3d166ed98e52e39d1afbbfd74c579553f93e4e
"""


def test_explain_tells_the_story_as_people_read_it(corpus: Path) -> None:
    told = run("explain", str(corpus), "https://H.example/a").stdout
    # The other site-level files depend on which signals there are; robots.txt always leads.
    *lines, place = (
        line for line in told.splitlines() if not line.startswith(("    host-file ", "    status  "))
    )
    assert place.startswith("  archive/heedful-")
    expected = [line for line in STORY.splitlines() if not line.startswith("    status  ")]
    assert lines == expected


# Stories


def statement(excerpt: str, locator: str = "line 1", **more: Any) -> Statement:
    capture = Capture(url=more.pop("source", URL), status=200, at=vectorfile.AT)
    said: dict[str, Any] = {
        "signal": "robots-meta", "purpose": Purpose.TDM, "preference": Preference.DISALLOW,
        "basis": Basis.STATED,
        "evidence": quote(capture, more.pop("carrier", Carrier.HTML), locator, excerpt),
    }  # fmt: skip
    return Statement(**{**said, **more})


def test_what_was_read_in_one_place_is_quoted_once() -> None:
    both = [statement("noai"), replace(statement("noai"), kind=Kind.IMAGE, preference=Preference.CONDITIONAL)]
    lines = list(quoted(both, both[1:]))
    assert lines[:2] == [
        "robots-meta  disallows tdm  (stated)",
        "robots-meta  puts conditions on tdm of images  (stated)   <- decides",
    ]
    assert sum("noai" in line for line in lines) == 1


def test_the_caret_stands_under_the_last_cell_of_what_is_quoted() -> None:
    for excerpt in ("noai", "禁止 AI", "a\tb", "é" * 100, "x"):
        *_, quotation, carets, _ = quoted([statement(excerpt, "meta[0]")], ())
        from rich.cells import cell_len

        assert carets.strip().strip("~") == "^"
        assert cell_len(carets) == cell_len(quotation.rstrip())


@pytest.mark.parametrize("excerpt", ["x" * 2048, "long words " * 200, "禁" * 1000, "line\n" * 50])
def test_long_quotations_stay_inside_the_page_and_say_that_they_were_cut(excerpt: str) -> None:
    from rich.cells import cell_len

    lines = list(quoted([statement(excerpt)], ()))
    assert max(map(cell_len, lines)) <= 76
    assert "more characters" in lines[-2]


def test_a_long_locator_stands_on_its_own_line() -> None:
    lines = list(quoted([statement("noai", "meta[name=" + "r" * 60 + "][0]")], ()))
    assert lines[2].endswith("][0]")
    assert lines[3].strip() == "noai"


def test_an_empty_quotation_has_no_caret() -> None:
    assert not any("^" in line for line in quoted([statement("", "missing")], ()))


def test_an_image_that_inherits_a_reservation_says_from_where() -> None:
    page = "https://page.example/"
    inherited = replace(statement("noai", "meta[0]", source=page), kind=Kind.IMAGE)
    image = replace(
        decided({"/robots.txt": ROBOTS}),
        asset=Asset(url=URL, kind=Kind.IMAGE, via=page),
        heard=(inherited,),
        grounds=(inherited,),
    )
    told = "\n".join(story([Told(decision=image)]))
    assert "image of https://page.example/" in told
    assert "handed on by the page or redirect that led here\n    robots-meta  disallows tdm of images" in told
    assert "<- decides" in told


def test_reasons_of_ours_are_told_as_ours() -> None:
    ours = statement("max-pages", "budget", carrier=Carrier.HOUSE, signal="house")
    told = "\n".join(story([Told(decision=replace(decided(), heard=(ours,), grounds=(ours,)))]))
    assert "our own reasons\n    house  disallows tdm  (stated)   <- decides" in told


def test_check_prints_every_signal_and_the_words_that_decide() -> None:
    lines = list(check_lines(decided({"/robots.txt": ROBOTS}), SIGNALS))
    rows = {line.split()[0]: line.split()[1] for line in lines[3 : 3 + len(SIGNALS)]}
    assert set(rows) == set(SIGNALS)
    assert rows["robots"] == "heard"
    assert rows["robots-meta"] == "not"
    assert "    line 2   Disallow: /a" in lines
    assert lines[-1] == "would not be collected"

    lines = list(check_lines(decided({"/robots.txt": {"status": 500}}), SIGNALS))
    assert any(line.split()[:2] == ["robots", "unreachable"] for line in lines)
    assert list(check_lines(decided(), SIGNALS))[-1] == "would be collected"


# Signals


def test_signals_lists_all_of_them() -> None:
    result = run("signals", "--json")
    assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == list(SIGNALS)
    words = run("signals").stdout
    assert all(name in words for name in SIGNALS)


@pytest.mark.parametrize("name", SIGNALS)
def test_one_signal_in_full(name: str) -> None:
    words = run("signals", name).stdout
    signal = SIGNALS[name]
    assert signal.spec in words
    assert signal.version in words
    (row,) = [json.loads(line) for line in run("signals", name, "--json").stdout.splitlines()]
    assert row["meanings"] == [list(meaning) for meaning in signal.meanings]


# Words of strangers


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_printed(text: str) -> None:
    shown = safe(text)
    assert len(shown) == len(text)
    assert all(unicodedata.category(one)[0] != "C" or unicodedata.category(one) == "Cn" for one in shown)


@pytest.mark.parametrize(
    "control", ["\x1b", "\n", "\r", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\u2028", "\ud800"]
)
def test_controls_are_replaced(control: str) -> None:
    assert safe(f"a{control}b") == f"a{REPLACEMENT}b"


def test_ordinary_words_stay_as_they_are() -> None:
    for words in ("https://a.org/?q=1", "Über Gärten – 庭", "naïve 🌱"):
        assert safe(words) == words


@given(st.text(), st.integers(min_value=3, max_value=100))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert len(shorten(text, width)) <= width


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_234_567, "1.2 MB"), (5 * 10**13, "50.0 TB")],
)
def test_sizes(number: int, words: str) -> None:
    assert size(number) == words


# The reference


def test_the_reference_names_every_option_and_key_and_nothing_else() -> None:
    text = (Path(__file__).parent.parent / "docs" / "commands.md").read_text("utf-8")
    crawl = main.get_command(click.Context(main), "crawl")
    assert crawl is not None
    taken_by_load = {key.option.replace("_", "-") for key in KEYS if key.option} | {"config"}
    shown = {name[2:] for option in crawl.params for name in option.opts if name.startswith("--")} - {
        "json",
        "quiet",
    }
    assert shown == taken_by_load
    for name in taken_by_load:
        assert f"--{name}" in text, name
        assert f"`HEEDFUL_{name.replace('-', '_').upper()}`" in text, name
    for key in KEYS:
        for section, name in key.homes:
            assert f"`[{section}]" in text
            assert re.search(rf"\b{name}\b", text), name
