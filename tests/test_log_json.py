"""``--log-json``: every line on stderr is one object, whoever wrote it, and nothing fetched is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.demo.answer import Responder, page, text
from crawler.demo.server import LoopbackWeb
from tests.crawls import Ended, crawl, crawling, environment, heedful

SECRET = "tulips-on-a-grey-morning"
LEVELS = {"debug", "info", "warning", "error", "critical"}


def objects(ended: Ended) -> list[dict[str, Any]]:
    """Every line of stderr as the object that it must be."""
    rows = []
    for row in map(json.loads, ended.err.splitlines()):
        assert {"time", "level", "logger", "message", "run"} <= set(row)
        assert datetime.fromisoformat(row["time"]).tzinfo is not None
        assert row["level"] in LEVELS
        rows.append(row)
    assert ended.err.isascii()
    assert all(byte == "\n" or " " <= byte <= "~" for byte in ended.err)
    return rows


def web() -> LoopbackWeb:
    """A host that says what must not be logged, wherever a server can say it."""
    refused = replace(page(f"<title>{SECRET}</title>", ("X-Robots-Tag", "noai")), status=200)
    broken = page(f"<p>{SECRET}</p>", ("Content-Encoding", "gzip"), ("X-Words", SECRET))
    paths: dict[str, Responder] = {
        "/robots.txt": text("User-agent: *\nAllow: /\n"),
        "/": page(f"<title>{SECRET}\x1b[2J</title><a href='/refused'>a</a><a href='/broken'>b</a>"),
        "/refused": refused,
        "/broken": broken,
    }
    return LoopbackWeb({"a.example": paths})


def test_a_crawl_with_all_that_anybody_logs_writes_objects(tmp_path: Path) -> None:
    (tmp_path / "heedful.toml").write_text(
        '[run]\nsetting = ["DOWNLOAD_VERIFY_CERTIFICATES=false", "DOWNLOAD_WARNSIZE=10", "LOG_LEVEL=DEBUG"]\n'
        '[policy]\nreason = "nobody can make a certificate for loopback"\n'
    )
    with web() as served:
        first = crawl(served, tmp_path / "c", ["a.example/"], "--log-json", cwd=tmp_path)
        with (tmp_path / "c" / "ledger" / "tail.jsonl").open("ab") as tail:
            tail.write(b'{"torn": "of')
        again = crawl(served, tmp_path / "c", ["a.example/"], "--log-json", cwd=tmp_path)
    assert (first.code, again.code) == (0, 0)
    rows = objects(first)
    assert SECRET not in first.err + again.err
    by_logger = {row["logger"].partition(".")[0] for row in rows}
    assert {"heedful", "crawler", "scrapy"} <= by_logger
    assert any("certificates are not verified: nobody can" in row["message"] for row in rows)
    assert {row["level"] for row in rows} >= {"debug", "info", "warning"}
    (name,) = {run["id"] for run in json.loads((tmp_path / "c" / "heedful.json").read_text())["runs"][:1]}
    assert [row["run"] for row in rows][-1] == name
    assert rows[-1]["event"] == rows[-1]["message"] == "finished"
    assert rows[-1]["endings"]["text"]["kept"] == 1
    cut = [row for row in objects(again) if "was cut off" in row["message"]]
    assert [(row["level"], row["logger"]) for row in cut] == [("warning", "crawler.audit.settling")]
    assert cut[0]["run"] != name


def test_without_it_nothing_is_json(tmp_path: Path) -> None:
    with web() as served:
        ended = crawl(served, tmp_path / "c", ["a.example/"])
    assert ended.code == 0
    assert "{" not in ended.err


def test_refusals_and_what_stops_a_crawl_are_objects_too(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "something").touch()
    with web() as served:
        refused = crawl(served, tmp_path / "c", ["a.example/"], "--log-json")
        unmeant = heedful(*crawling(served, tmp_path / "d", ["a.example/"], "--log-json", "--scope", "moon"))
        quiet = crawl(served, tmp_path / "e", ["a.example/"], "--log-json", "-q")
    for ended, words in ((refused, "is not empty and not a corpus"), (unmeant, "'moon' is not one of")):
        assert ended.code == 2
        (row,) = objects(ended)
        assert (row["level"], row["logger"]) == ("error", "heedful")
        assert words in row["message"]
    assert (quiet.code, quiet.err) == (0, "")


RAISING = f"""
import gc, logging, threading, warnings
from crawler import jsonlog
from scrapy.settings import Settings
from scrapy.utils.log import configure_logging
from twisted.internet.defer import Deferred

jsonlog.start()
configure_logging(Settings({{"LOG_INSTALL_ROOT_HANDLER": False}}))
jsonlog.mute_twisted()
jsonlog.of_run("r1")

def fail():
    raise ValueError("quotes {SECRET}")

def caught(name, words, *more):
    try:
        try:
            fail()
        except ValueError as error:
            raise KeyError("{SECRET}") from error
    except KeyError:
        logging.getLogger(name).error(words, *more, exc_info=True)

caught("crawler.somewhere", "could not \\x1b[2J\\x7f\\u202e say")
caught("scrapy.core.scraper", "Spider error processing %(request)s", {{"request": "{SECRET}"}})
logging.getLogger("pypdf").warning("an object of %s", "{SECRET}")
logging.getLogger("crawler.x").warning("%d", "no number")
Deferred().addCallback(lambda _: fail()).callback(None)
gc.collect()
warnings.warn("about {SECRET}", UserWarning)
warnings.warn("use something else", DeprecationWarning)
thread = threading.Thread(target=fail); thread.start(); thread.join()
class Leaves:
    def __del__(self): fail()
Leaves()
jsonlog.say("info", "done", event="x")
"""


def test_exceptions_are_told_by_type_and_place_and_never_by_their_words() -> None:
    command = [sys.executable, "-W", "always", "-c", RAISING]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment(), check=True)
    rows = objects(Ended(code=0, out="", err=done.stderr))
    assert SECRET not in done.stderr
    ours, scraper, pypdf, unformatted, headline, deferred, user, deprecated, thread, leaves, last = rows
    assert ours["message"] == "could not \x1b[2J\x7f‮ say"
    assert ours["exception"]["type"] == "KeyError"
    assert ours["exception"]["cause"] == "ValueError"
    assert ours["exception"]["trace"][-1].endswith(" in caught")
    assert scraper["message"] == "Spider error processing %(request)s"
    assert scraper["exception"]["type"] == "KeyError"
    assert pypdf["message"] == "an object of %s"
    assert unformatted["message"] == "a record that cannot be formatted (TypeError)"
    assert (headline["logger"], headline["level"]) == ("twisted", "critical")
    assert headline["message"] == "Unhandled error in Deferred:"
    assert deferred["exception"]["type"] == "ValueError"
    assert deferred["exception"]["trace"][-1].endswith(" in fail")
    assert user["message"].startswith("UserWarning (")
    assert deprecated["message"].startswith("DeprecationWarning: use something else (")
    assert thread["exception"]["type"] == leaves["exception"]["type"] == "ValueError"
    assert last == {**last, "event": "x", "run": "r1", "level": "info", "logger": "heedful"}
    assert {row["run"] for row in rows} == {"r1"}


def test_who_debugs_sees_the_words() -> None:
    command = [sys.executable, "-W", "always", "-c", RAISING]
    more = environment(HEEDFUL_DEBUG="1")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=more, check=True)
    first = json.loads(done.stderr.splitlines()[0])
    assert first["exception"]["words"] == repr(SECRET)
    assert os.linesep not in first["message"]
