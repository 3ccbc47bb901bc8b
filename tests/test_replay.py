"""Decisions derived again from what is stored: all of a crawl's, anywhere, and none that was made up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.audit import ledger
from crawler.audit.entries import format_entry
from crawler.corpus import archive
from crawler.corpus.member import pack, unpack
from crawler.demo.answer import Responder, in_turn, page, text, typed
from crawler.demo.server import LoopbackWeb
from tests import crawls, verifying
from tests.verifying import copied, told, verified
from tests.webs import FAULTS, LEAKS, generate, hosts_of
from tests.webs.row import picture


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return verifying.crawled(tmp_path_factory.mktemp("replay") / "corpus")


def replayed(folder: Path) -> dict[str, Any]:
    report = told(folder, "--replay")
    assert report["findings"] == []
    replay: dict[str, Any] = report["replay"]
    assert replay["decisions"]["not possible"] == 0
    return replay


def test_every_decision_of_a_crawl_follows_again(corpus: Path) -> None:
    replay = replayed(corpus)
    assert set(replay["reasons"]) <= {
        "its headers were not kept",
        "its content was not kept",
        "its content was removed since",
    }
    kept = [one for one in ledger.entries(corpus / "ledger") if one.fields.get("collect")]
    removed = replay["reasons"]["its content was removed since"]
    assert removed == 1
    assert replay["decisions"]["fully"] > len(kept) - removed


def test_on_another_machine_zone_and_locale(corpus: Path, tmp_path: Path) -> None:
    copy = copied(corpus, tmp_path / "elsewhere")
    here = verified(corpus, "--replay", "--json").stdout
    for zone, locale in (("Asia/Kathmandu", "tr_TR.UTF-8"), ("America/St_Johns", "C")):
        done = subprocess.run(
            [sys.executable, "-m", "crawler", "verify", str(copy), "--replay", "--json"],
            env=crawls.environment(TZ=zone, LC_ALL=locale, PYTHONHASHSEED="7"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout) == json.loads(here)


@pytest.mark.parametrize("posture", ["opt-out", "opt-in"])
def test_every_signal_and_carrier(posture: str, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    seeds = [seed for leak in LEAKS for seed in leak.seeds]
    with LoopbackWeb(hosts_of(LEAKS)) as web:
        ended = crawls.crawl(web, folder, seeds, "--posture", posture, timeout=120)
        assert ended.code in (0, 3, 4), ended.err
    assert replayed(folder)["decisions"]["fully"] > 0


def test_hosts_that_fail(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    seeds = [f"{host}/" for host in hosts_of(FAULTS)]
    with LoopbackWeb(hosts_of(FAULTS)) as web:
        crawls.crawl(web, folder, seeds, "--max-time", "10", timeout=60)
    assert replayed(folder)["decisions"]["fully"] > 0


def test_a_whole_site(tmp_path: Path) -> None:
    site, folder = generate(), tmp_path / "corpus"
    with LoopbackWeb(site.hosts()) as web:
        assert crawls.crawl(web, folder, site.seeds, timeout=120).code == 0
    replay = replayed(folder)
    assert replay["decisions"]["fully"] > replay["decisions"]["from statements"]


NARROW: dict[str, dict[str, Responder]] = {
    "a.example": {
        "/robots.txt": text("User-agent: *\nDisallow: /private/\n"),
        "/": page('<a href="/deny/x">x</a> <a href="/keep">k</a> <a href="/pic">p</a> <img src="/i.png">'),
        "/deny/x": page("<p>x</p>"),
        "/keep": in_turn(page("<p>k</p>", ("X-Turn", "one")), page("<p>k</p>", ("X-Turn", "two"))),
        "/pic": typed("image/png", picture("pic")),
        "/i.png": typed("image/png", picture("i")),
    }
}


def test_settings_of_every_run(tmp_path: Path) -> None:
    """Each run's decisions follow from that run's own policy, also where a later one has another."""
    folder = tmp_path / "corpus"
    (tmp_path / "hosts").write_text("denied.example\n")
    with LoopbackWeb(NARROW) as web:
        (tmp_path / "prefixes").write_text(web.url("a.example", "/deny/") + "\n")
        lists = f'deny_hosts = "{tmp_path}/hosts"\ndeny_prefixes = "{tmp_path}/prefixes"\n'
        (tmp_path / "heedful.toml").write_text(f"[policy]\n{lists}")
        (tmp_path / "literal.toml").write_text('[policy]\ncountry = "DE"\nnon_commercial = true\n')
        for config in ("heedful.toml", "literal.toml"):
            ended = crawls.crawl(web, folder, ["a.example/"], "--config", str(tmp_path / config))
            assert ended.code == 0, ended.err
    replayed(folder)
    assert len(list((folder / "ledger" / "policies").glob("*.json"))) == 2
    (again,) = (
        entry.fields
        for entry in ledger.entries(folder / "ledger")
        if entry.fields.get("collect") and entry.fields["url"].endswith("/keep") and "evidence" in entry.fields
        if any(row["sha256"] == entry.fields["item"]["answer"] for row in entry.fields["evidence"])
    )
    assert again["outcome"] == "unreserved", "known bytes were judged under the headers that brought them again"


# What does not follow


def altered(corpus: Path, to: Path, url: str, **fields: Any) -> Path:
    """A copy in which the decision to collect ``url`` says something else, as if it had been signed so."""
    folder = copied(corpus, to)
    path = folder / "ledger" / "tail.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for row, line in enumerate(lines):
        said = json.loads(line)
        if said.get("url", "").endswith(url) and said.get("collect") and not said.get("freed"):
            lines[row] = format_entry(said | fields)
            break
    else:
        raise AssertionError(f"nothing was collected at {url}")
    path.write_bytes(b"".join(lines))
    return folder


def not_following(folder: Path) -> list[str]:
    return [row["what"] for row in told(folder, "--replay")["findings"] if "does not follow" in row["what"]]


def test_an_outcome_that_the_statements_do_not_give(corpus: Path, tmp_path: Path) -> None:
    folder = altered(corpus, tmp_path / "a", "/sent", outcome="licensed", licence="CC0-1.0")
    (what,) = not_following(folder)
    assert "outcome is 'licensed', but 'unreserved' follows" in what


def test_a_statement_that_nobody_made(corpus: Path, tmp_path: Path) -> None:
    (said,) = (
        entry.fields["heard"][0]
        for entry in ledger.entries(corpus / "ledger")
        if entry.fields.get("url", "").endswith("/headers") and entry.number < 20
    )
    own = next(
        entry.fields
        for entry in ledger.entries(corpus / "ledger")
        if entry.fields.get("url", "").endswith("/sent")
    )
    made_up = said | {"source": own["asked"][0]["source"], "preference": "allow", "carrier": "robots.txt"}
    folder = altered(corpus, tmp_path / "b", "/sent", heard=[*own["heard"], made_up])
    (what,) = not_following(folder)
    assert "heard is not what follows" in what


def test_a_reservation_that_was_left_out_of_the_record(tmp_path: Path) -> None:
    """The readings are there, and say otherwise than the decision does."""
    folder = verifying.crawled(tmp_path / "corpus", times=1)
    rules = next(
        (name, place, record)
        for name in archive.names(folder / "evidence")
        for place, record in archive.walk(folder / "evidence", name)
        if record.get(
            "WARC-Target-URI",
        )
        and record.need("WARC-Target-URI").endswith("/robots.txt")
        and b"Disallow: /closed" in record.block
    )
    name, place, record = rules
    path = folder / "evidence" / name
    data = path.read_bytes()
    plain = unpack(data[place.offset : place.end])
    forged = _redigested(plain, record.block, record.block.replace(b"/closed", b"/sent\n "))
    path.write_bytes(data[: place.offset] + pack(forged) + data[place.end :])
    (found,) = [row for row in told(folder)["findings"] if row["file"]]
    assert found["offset"] == place.offset
    assert "as it is called" in found["what"]


def _redigested(plain: bytes, block: bytes, forged: bytes) -> bytes:
    import hashlib

    assert len(block) == len(forged)
    body = block.partition(b"\r\n\r\n")[2], forged.partition(b"\r\n\r\n")[2]
    for old, new in ((block, forged), body):
        plain = plain.replace(
            hashlib.sha256(old).hexdigest().encode(), hashlib.sha256(new).hexdigest().encode()
        )
    return plain.replace(block, forged)


def test_a_policy_that_is_not_there(corpus: Path, tmp_path: Path) -> None:
    folder = copied(corpus, tmp_path / "d")
    for path in (folder / "ledger" / "policies").iterdir():
        path.unlink()
    report = told(folder, "--replay")
    assert report["replay"]["decisions"]["fully"] == 0
    assert set(report["replay"]["reasons"]) == {"its policy is not stored"}
