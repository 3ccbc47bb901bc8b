"""Words of strangers stay words: one crawl of a web that says everything, and everything that is made of it."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.cli import main
from crawler.cli.app import COMMANDS
from crawler.demo.server import LoopbackWeb
from tests import crawls, walkers
from tests.crawls import Ended
from tests.strangers import LINE, PRINTED, table

SEEDS = ("a.example/", "xn--evl-8ma.example/")
EXPORTS = ("jsonl", "parquet", "webdataset")
REPORTS = ("html", "eu-summary", "licence-leads", "ab2013", "evidence-pack", "bot-page")
CHECKED = ("header", "no", "status", "rsl", "paid", "tdm", "moved", "wait", "closed/x")
"""What is asked about by itself."""
HOSTS = ("a.example", "reserved.example", "terms.example", "down.example", "xn--evl-8ma.example")
ASKED = (
    LINE,
    PRINTED,
    "=1+1",
    "http://a.example/\x1b[2J\u202e<evil-tag>",
    "\u202eevil.example",
    "a\nb",
    "\udcff\udc9b",
)
"""What somebody may write behind a command."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What the commands that need the web left, and what they said."""

    corpus: Path
    """What a crawl kept, and how it decided."""
    port: int
    """The web's, which is part of every URL."""
    plain: Ended
    """A crawl that logs words."""
    logged: Ended
    """One that logs objects, as much as there is to log."""
    live: str
    """What one showed on a terminal."""
    checked: Ended
    """``check``."""
    checked_as_json: Ended
    """``check --json``."""
    rechecked: Ended
    """``recheck --dry-run``."""


def on_a_terminal(arguments: list[str]) -> str:
    """What a command shows on a terminal until it ends."""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "crawler", *arguments]
    surroundings = crawls.environment(TERM="xterm-256color", COLUMNS="100", LINES="40")
    process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=surroundings)
    os.close(child)
    shown, end = b"", time.monotonic() + 90
    try:
        while time.monotonic() < end:
            if select.select([parent], [], [], 1)[0]:
                try:
                    shown += os.read(parent, 65536)
                except OSError:  # nobody holds the other end any more
                    break
        assert process.wait(timeout=10) == 0, shown
    finally:
        process.kill()
        process.wait()
        os.close(parent)
    return shown.decode()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("made")
    corpus, more = folder / "corpus", ("--operator", PRINTED)
    with LoopbackWeb(table()) as web, ThreadPoolExecutor(3) as side:
        every = crawls.crawling(web, folder / "logged", SEEDS, "--log-json", "-s", "LOG_LEVEL=DEBUG", *more)
        logged = side.submit(crawls.heedful, *every, timeout=90)
        live = side.submit(on_a_terminal, crawls.crawling(web, folder / "live", SEEDS, *more))
        plain = crawls.crawl(web, corpus, SEEDS, *more, timeout=90)
        urls = [web.url("a.example", f"/{path}") for path in CHECKED]
        check = ["check", *urls, *crawls.options(web)]
        checked = side.submit(crawls.heedful, *check, timeout=90)
        as_json = side.submit(crawls.heedful, *check, "--json", timeout=90)
        again = crawls.heedful("recheck", str(corpus), "--dry-run", *crawls.options(web), timeout=90)
        yield Made(
            corpus=corpus,
            port=web.port,
            plain=plain,
            logged=logged.result(),
            live=live.result(),
            checked=checked.result(),
            checked_as_json=as_json.result(),
            rechecked=again,
        )


def run(*arguments: object, codes: tuple[int, ...] = (0,)) -> Result:
    """A command that needs no web, to its end; what it tells people is looked at."""
    found = CliRunner().invoke(main, [str(one) for one in arguments])
    assert found.exit_code in codes, (arguments, found.output)
    walkers.check_plain(found.stderr)
    assert "Traceback" not in found.stderr
    return found


def listed(made: Made, command: str) -> list[dict[str, Any]]:
    """What ``log`` or ``items`` gives a program."""
    return walkers.check_json_lines(run(command, made.corpus, "--json").stdout)


def test_the_web_was_collected_and_says_what_it_is_meant_to(made: Made) -> None:
    """Without this, the others could hold because nothing arrived."""
    assert made.plain.code == made.logged.code == 0, made.plain.err
    items = listed(made, "items")
    assert len(items) >= 25
    for name in ("title", "author", "alt", "caption"):
        words = "".join(str(item[name]) for item in items)
        for part in ("<script>evil(1)</script>", "\u202e", "[38;5;201m", "{{7*7}}", "[evil]("):
            assert part in words, (name, part)
    assert {item["title"][:1] for item in items if item["title"]} >= set("=+-@")
    assert any("evil" in str(item["licence"]) + str(item["attribution"]) for item in items)
    decisions = listed(made, "log")
    assert {decision["outcome"] for decision in decisions} == {
        "unreserved", "licensed", "reserved", "undetermined", "skipped"
    }  # fmt: skip
    said = "".join(ground["excerpt"] + str(ground["terms"]) for one in decisions for ground in one["heard"])
    assert "<script>evil(1)</script>" in said
    assert "javascript:evil" in said


def test_what_a_crawl_says_in_a_pipe(made: Made) -> None:
    for ended in (made.plain, made.checked, made.rechecked):
        walkers.check_plain(ended.out)
        walkers.check_plain(ended.err)
        assert "Traceback" not in ended.err
    assert made.checked.code == 1
    assert (
        made.checked.out.count("would not be collected") == len(CHECKED) - 1
    )  # one leads to a page that is free


def test_what_a_crawl_shows_on_a_terminal(made: Made) -> None:
    assert "finished after" in made.live
    walkers.check_terminal(made.live)


def test_the_log_is_one_object_a_line(made: Made) -> None:
    rows = walkers.check_json_lines(made.logged.err)
    assert made.logged.err.isascii()
    assert len(rows) > 10
    assert {"scrapy", "crawler", "heedful"} <= {row["logger"].partition(".")[0] for row in rows}
    assert rows[-1]["event"] == "finished"


def test_what_programs_read_is_what_was_said(made: Made) -> None:
    assert len(walkers.check_json_lines(made.checked_as_json.out)) == len(CHECKED)
    for item in listed(made, "items"):
        assert isinstance(item["url"], str)


def test_lists_for_people_have_one_line_each(made: Made) -> None:
    for command in ("log", "items"):
        told = run(command, made.corpus).stdout
        walkers.check_plain(told)
        assert told.count("\n") == len(listed(made, command))


def test_every_story_in_words_and_for_programs(made: Made) -> None:
    for url in {row["url"] for row in listed(made, "log")}:
        walkers.check_plain(run("explain", made.corpus, url).stdout)
        walkers.check_json_lines(run("explain", made.corpus, url, "--json").stdout)


@pytest.mark.parametrize("host", HOSTS)
def test_lookups_and_letters(made: Made, host: str) -> None:
    walkers.check_plain(run("lookup", made.corpus, host).stdout)
    walkers.check_json(run("lookup", made.corpus, host, "--json").stdout)
    walkers.check_markdown(run("lookup", made.corpus, host, "--letter").stdout)
    walkers.check_html(run("lookup", made.corpus, host, "--letter", "--format", "html").stdout)


@pytest.mark.parametrize("form", REPORTS)
def test_reports(made: Made, form: str, tmp_path: Path) -> None:
    """Every file of every format, also those in the evidence pack."""
    config = tmp_path / "heedful.toml"
    fields = {"name": PRINTED, "contact": "bot@example.org", "url": "https://crawler.example/"}
    config.write_text(
        "[operator]\n" + "".join(f"{name} = {json.dumps(said)}\n" for name, said in fields.items())
    )
    own = () if form in ("html", "licence-leads") else ("--config", config)
    for _ in range(2):  # the second has files of the first to go on from
        found = run("report", made.corpus, "--format", form, "-o", tmp_path / "report", *own)
    assert found.stderr
    assert walkers.check_folder(tmp_path / "report")


def test_the_report_for_programs(made: Made) -> None:
    walkers.check_json(run("report", made.corpus, "--format", "json").stdout)


@pytest.mark.parametrize("form", EXPORTS)
def test_exports_and_their_cards(made: Made, form: str, tmp_path: Path) -> None:
    found = run("export", made.corpus, "--format", form, "-o", tmp_path / "export", "--near-duplicates")
    walkers.check_plain(found.stdout)
    assert walkers.check_folder(tmp_path / "export") > 8
    for arguments in ((), ("--corpus", made.corpus)):
        walkers.check_plain(run("verify", tmp_path / "export", *arguments).stdout)


def test_checks_proofs_and_the_doctor(made: Made, tmp_path: Path) -> None:
    walkers.check_plain(run("verify", made.corpus, "--replay").stdout)
    walkers.check_json(run("verify", made.corpus, "--replay", "--json").stdout)
    walkers.check_plain(run("doctor", made.corpus, codes=(0, 1)).stdout)
    walkers.check_json_lines(run("doctor", made.corpus, "--json", codes=(0, 1)).stdout)
    for number, row in enumerate(listed(made, "items")):
        receipt = tmp_path / f"{number}.json"
        run("receipt", made.corpus, row["url"], "-o", receipt)
        walkers.check_json(receipt.read_text())
        walkers.check_plain(run("verify", "--receipt", receipt).stdout)


def test_a_withdrawal_and_its_certificate(made: Made, tmp_path: Path) -> None:
    corpus = shutil.copytree(made.corpus, tmp_path / "corpus")
    asked = (
        "withdraw",
        corpus,
        "--prefix",
        f"http://a.example:{made.port}/",
        "--reason",
        LINE,
        "--ticket",
        LINE,
    )
    walkers.check_plain(run(*asked, "--dry-run").stdout)
    walkers.check_plain(run(*asked, "--certificate", tmp_path / "certificate.md").stdout)
    walkers.check_markdown((tmp_path / "certificate.md").read_text("utf-8"))
    walkers.check_plain((corpus / "removed.jsonl").read_text("utf-8"))
    walkers.check_plain(run("lookup", corpus, "a.example").stdout)
    walkers.check_markdown(run("lookup", corpus, "a.example", "--letter").stdout)
    walkers.check_html(run("lookup", corpus, "a.example", "--letter", "--format", "html").stdout)
    for form in ("html", "evidence-pack"):
        run("report", corpus, "--format", form, "-o", tmp_path / "report")
    walkers.check_folder(tmp_path / "report")
    entry = next(row["entry"] for row in listed(made, "log") if row["outcome"] == "reserved")
    run("ledger", "erase", corpus, "--entry", entry, "--reason", LINE)
    walkers.check_plain(run("verify", corpus).stdout)


def test_only_we_name_files(made: Made) -> None:
    assert {path.relative_to(made.corpus).parts[0] for path in made.corpus.rglob("*")} >= {"archive", "ledger"}
    for path in made.corpus.rglob("*"):
        walkers.check_names(path.relative_to(made.corpus))


def test_no_words_reach_a_database_as_more_than_words(made: Made) -> None:
    for path in (made.corpus / "ledger" / "index.db", made.corpus / "frontier.db"):
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("words", ASKED)
def test_refusals_are_one_line_whatever_was_asked(made: Made, tmp_path: Path, words: str) -> None:
    corpus = made.corpus
    place = str(tmp_path / "no" / "such") + words
    for arguments in (
        ("log", corpus, "--host", words), ("log", corpus, "--url", words), ("log", corpus, "--signal", words),
        ("log", place), ("items", place), ("explain", corpus, words), ("explain", place, words),
        ("lookup", corpus, words), ("receipt", corpus, words), ("verify", place),
        ("verify", corpus, "--key", words),
        ("verify", corpus, "--since", place), ("verify", "--receipt", place), ("doctor", place),
        ("report", place), ("report", corpus, "--format", words), ("report", corpus, "--config", place),
        ("export", corpus, "--format", "jsonl", "-o", tmp_path / "e", "--language", words),
        ("export", corpus, "--format", "jsonl", "-o", tmp_path / "e", "--licence", words),
        ("crawl", words, "-o", place), ("crawl", words, "-o", tmp_path / "c", "--contact", words),
        ("crawl", "http://a.example/", "-o", tmp_path / "c", "--contact", "a@b.example", "--token", words),
        ("crawl", "http://a.example/", "-o", tmp_path / "c", "--contact", "a@b.example", "-s", words),
        ("crawl", "http://a.example/", "-o", tmp_path / "c", "--contact", "a@b.example", "--resolve", words),
        ("check", words), ("check", words, "--contact", "a@b.example", "--config", place),
        ("recheck", place), ("withdraw", corpus, "--url", words, "--reason", "x", "--dry-run"),
        ("withdraw", corpus, "--sha256", words, "--reason", "x"),
        ("ledger", "erase", corpus, "--url", words, "--reason", "x"), ("key", "show", place), ("init", place),
        ("signals", words), (words,), ("log", f"--{words}"),
    ):  # fmt: skip
        found = run(*arguments, codes=(0, 1, 2))
        walkers.check_plain(found.stdout)


def test_no_command_was_forgotten() -> None:
    """``config`` and ``demo`` meet no stranger."""
    source, _, _ = Path(__file__).read_text("utf-8").partition("def test_no_command_was_forgotten")
    assert [name for name in COMMANDS if f'"{name}"' not in source] == ["config", "demo"]
