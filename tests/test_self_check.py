"""What a crawl runs with is looked at when it begins, listed in the manifest, and sealed in the ledger."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.audit import ledger
from crawler.demo.answer import page, text
from crawler.demo.server import LoopbackWeb
from tests.crawls import Ended, crawl, heedful, options

WEB = {"a.example": {"/robots.txt": text("User-agent: *\nAllow: /\n"), "/": page("<p>One page.</p>")}}


@dataclass(frozen=True, kw_only=True)
class Ran:
    folder: Path
    first: Ended
    again: Ended
    rechecked: Ended
    web: LoopbackWeb

    @property
    def runs(self) -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = json.loads((self.folder / "heedful.json").read_bytes())["runs"]
        return runs


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """A crawl, the same again with other settings and a log, and a recheck."""
    folder = tmp_path_factory.mktemp("checked") / "c"
    with LoopbackWeb(WEB) as web:
        first = crawl(web, folder, ["a.example/"])
        more = ("--log-json", "-s", "LOG_LEVEL=INFO", "-s", "HTTPPROXY_ENABLED=False")
        again = crawl(web, folder, ["a.example/"], *more)
        rechecked = heedful("recheck", str(folder), *options(web))
        yield Ran(folder=folder, first=first, again=again, rechecked=rechecked, web=web)


def test_the_manifest_lists_what_each_run_ran_with(ran: Ran) -> None:
    assert (ran.first.code, ran.again.code, ran.rechecked.code) == (0, 0, 0), ran.again.err
    assert len(ran.runs) == 3
    first, again, rechecked = (run["checked"] for run in ran.runs)
    expected = {
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.2",
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "HTTPCACHE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "HTTPAUTH_USER": False,
        "OPTOUT_ALLOW_PRIVATE": True,
        "HTTPPROXY_ENABLED": True,
        "proxies": [],
        "resolver": "crawler.resolver.GuardedResolver",
    }
    assert {name: first[name] for name in expected} == expected
    assert set(first["DOWNLOAD_HANDLERS"]) == {"http", "https"}
    assert {name for name in first if again[name] != first[name]} == {"HTTPPROXY_ENABLED"}
    assert rechecked.keys() == first.keys()


def test_the_ledger_has_the_digest_of_each_list(ran: Ran) -> None:
    entries = [entry for entry in ledger.entries(ran.folder / "ledger") if entry.type == "self-check"]
    assert [entry.fields["run"] for entry in entries] == [run["id"] for run in ran.runs]
    for entry, run in zip(entries, ran.runs, strict=True):
        canonical = json.dumps(run["checked"], sort_keys=True, separators=(",", ":"))
        assert entry.fields["checked"] == "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
        assert entry.fields["settings"] == len(run["checked"])


def test_the_operator_sees_it_once_in_a_line(ran: Ran) -> None:
    digest = next(entry for entry in ledger.entries(ran.folder / "ledger")).fields["checked"]
    (line,) = [line for line in ran.first.err.splitlines() if line.startswith("self-check")]
    assert line == f"self-check: {len(ran.runs[0]['checked'])} settings hold, digest {digest[7:19]}…"


def test_the_log_has_all_of_it(ran: Ran) -> None:
    rows = [json.loads(line) for line in ran.again.err.splitlines()]
    (row,) = [row for row in rows if row["message"].startswith("self-check: ")]
    assert row["level"] == "info"
    told = row["message"].partition("…: ")[2]
    assert json.loads(told) == ran.runs[1]["checked"]


def test_nobody_is_told_who_asks_for_silence(ran: Ran, tmp_path: Path) -> None:
    quiet = crawl(ran.web, tmp_path / "q", ["a.example/"], "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    as_json = crawl(ran.web, tmp_path / "j", ["a.example/"], "--json")
    assert as_json.code == 0
    assert "self-check" not in as_json.out + as_json.err


def test_other_commands_take_the_entry_as_it_is(ran: Ran) -> None:
    url = ran.web.url("a.example")
    verified = heedful("verify", str(ran.folder), "--replay", "--json")
    assert verified.code == 0, verified.out
    assert len(heedful("log", str(ran.folder), "--json").rows) == 2
    explained = heedful("explain", str(ran.folder), url)
    assert (explained.code, explained.err) == (0, "")
    for command in (["report", str(ran.folder)], ["receipt", str(ran.folder), url]):
        ended = heedful(*command, "-o", str(ran.folder.parent / command[0]))
        assert ended.code == 0, ended.err


@pytest.mark.parametrize("change", ["value", "gone"])
def test_a_list_that_was_changed_is_found(ran: Ran, tmp_path: Path, change: str) -> None:
    """Also by those who have no checkpoint: the ledger itself contradicts it."""
    copy = tmp_path / "copy"
    shutil.copytree(ran.folder, copy)
    manifest = json.loads((copy / "heedful.json").read_bytes())
    if change == "value":
        manifest["runs"][0]["checked"]["OPTOUT_ALLOW_PRIVATE"] = False
    else:
        del manifest["runs"][0]["checked"]
    (copy / "heedful.json").write_bytes(json.dumps(manifest, indent=2).encode() + b"\n")
    ended = heedful("verify", str(copy))
    assert ended.code == 5, ended.out
    assert ("other settings than" if change == "value" else "does not list what run") in ended.out
