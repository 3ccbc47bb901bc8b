"""The evidence pack: what is in it and what is not, that it can be checked, that it is the same twice."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.audit import keys, ledger
from crawler.audit.report import pack
from crawler.audit.report.census import Census
from crawler.audit.report.request import Request
from crawler.cli import main
from crawler.corpus.corpus import Corpus
from crawler.corpus.items import Note
from crawler.demo.server import LoopbackWeb, Responder, page, text, typed
from crawler.optout.model import Outcome
from tests import crawls
from tests.browser import chromium
from tests.corpora import NOON, RESERVED, decision, fill, journal, opened
from tests.corpora import page as captured
from tests.webs.row import picture

TITLE, BODY = "the-title-of-a-page-that-is-kept", "the-words-of-a-page-that-is-kept"
SITE: dict[str, Responder] = {
    "/robots.txt": text("User-agent: *\nDisallow: /no\n"),
    "/": page(
        f'<title>{TITLE}</title><p>{BODY}</p><img src="/a.png"><a href="/no">no</a> <a href="/gone">gone</a>'
        '<a href="/later">later</a><a href="/meta">meta</a>'
    ),
    "/a.png": typed("image/png", picture("a")),
    "/gone": page("<title>gone</title><p>to be withdrawn</p>"),
    "/meta": page('<meta name="robots" content="noai"><title>meta</title><p>of-a-page-that-is-reserved</p>'),
}
LATER = (page("<title>later</title><p>kept at first</p>"), page("<p>x</p>", ("tdm-reservation", "1")))


@dataclass(frozen=True, kw_only=True)
class Packed:
    """An unpacked pack and the corpus that it is of."""

    corpus: Path
    folder: Path
    file: Path
    environment: dict[str, str]

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self.folder / name).read_text("utf-8"), newline="")))

    def heedful(self, *arguments: str) -> crawls.Ended:
        return crawls.heedful(*arguments, cwd=self.folder, env=self.environment)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """A crawl, a recheck that finds a new reservation, a withdrawal, a second crawl, and their pack."""
    root = tmp_path_factory.mktemp("packed")
    changed: list[bool] = []
    served = SITE | {"/later": lambda request: LATER[bool(changed)]}
    environment = crawls.environment(XDG_CONFIG_HOME=str(root / "config"))
    with LoopbackWeb({"a.example": served}) as web:
        ended = crawls.crawl(web, root / "corpus", ["a.example/"], cwd=root, env=environment)
        assert ended.code == 0, ended.err
        changed.append(True)
        again = ["recheck", str(root / "corpus"), "--items", *crawls.options(web)]
        assert crawls.heedful(*again, cwd=root, env=environment).code == 1
        asked = ["--url", web.url("a.example", "/gone"), "--reason", "=asked(1)", "--ticket", "2026-114"]
        assert crawls.heedful("withdraw", str(root / "corpus"), *asked, env=environment).code == 0
        (root / "heedful.toml").write_text('[policy]\naccept = ["CC-BY-NC"]\n')
        assert crawls.crawl(web, root / "corpus", ["a.example/"], cwd=root, env=environment).code == 0
    ended = crawls.heedful("report", str(root / "corpus"), "--format", "evidence-pack", env=environment)
    assert ended.code == 0, ended.err
    (file,) = (root / "corpus" / "report").iterdir()
    with zipfile.ZipFile(file) as opened_pack:
        assert opened_pack.testzip() is None
        opened_pack.extractall(root / "unpacked")
    (folder,) = (root / "unpacked").iterdir()
    assert folder.name == file.stem
    return Packed(corpus=root / "corpus", folder=folder, file=file, environment=environment)


# What is in it


def test_it_holds_what_an_auditor_asks_for(packed: Packed) -> None:
    names = {str(path.relative_to(packed.folder)) for path in packed.folder.rglob("*") if path.is_file()}
    assert {
        "README.html", "SHA256SUMS", "decisions.csv", "runs.csv", "signals.csv", "rechecks.csv",
        "withdrawals.csv", "removals.csv", "erasures.csv", "figures.json", "manifest/heedful.json",
        "policy/policies.csv", "policy/signals.csv", "checkpoints/checkpoint", "checkpoints/checkpoints",
        "checkpoints/key-1.pub",
        "report/index.html", "report/domains.csv", "eu-summary/index.html", "eu-summary/summary.json",
    } <= names  # fmt: skip
    assert any(name.startswith("licence-leads/") for name in names)
    guide = (packed.folder / "README.html").read_text("utf-8")
    top = {name for name in names if not name.startswith(("report/", "eu-summary/", "licence-leads/"))}
    assert [name for name in top if name not in guide] == ["README.html"], "every other file is explained"
    assert "<script" not in guide


def test_sha256sum_finds_every_file_as_it_was(packed: Packed) -> None:
    ended = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"], cwd=packed.folder, check=False
    )
    assert ended.returncode == 0
    listed = {line.split("  ")[1] for line in (packed.folder / "SHA256SUMS").read_text().splitlines()}
    there = {path.relative_to(packed.folder).as_posix() for path in packed.folder.rglob("*") if path.is_file()}
    assert listed == there - {"SHA256SUMS"}


def test_decisions_are_the_last_of_the_ledger_and_nothing_else(packed: Packed) -> None:
    last: dict[str, Any] = {}
    times: Counter[str] = Counter()
    for entry in ledger.entries(packed.corpus / "ledger"):
        if entry.type == "decision":
            last[entry.fields["url"]] = entry
            times[entry.fields["url"]] += 1
    rows = packed.rows("decisions.csv")
    assert [int(row["entry"]) for row in rows] == sorted(entry.number for entry in last.values())
    for row in rows:
        said = last[row["url"]].fields
        assert int(row["entry"]) == last[row["url"]].number
        assert (row["outcome"], row["stage"], row["kind"], row["at"]) == tuple(
            said[name] for name in ("outcome", "stage", "kind", "at")
        )
        assert int(row["decisions"]) == times[row["url"]]
        assert all(ground["signal"] in row["grounds"] for ground in said["grounds"][:4])
    states = {crawls.at(row["url"]): row["state"] for row in rows}
    assert states["a.example/"] == "kept"
    assert states["a.example/gone"] == "withdrawn"
    assert states["a.example/later"] == "removed"
    assert states["a.example/no"] == states["a.example/meta"] == "reserved"
    kept = {row["sha256"] for row in rows if row["state"] == "kept"}
    with Corpus.read(packed.corpus) as corpus:
        assert {item.sha256 for item in corpus.store.items()} == kept
    figures = json.loads((packed.folder / "figures.json").read_text())
    assert figures["total"]["considered"] == len(rows)


def test_rechecks_withdrawals_and_removals_are_told(packed: Packed) -> None:
    found = {entry.number: entry for entry in ledger.entries(packed.corpus / "ledger")}
    (asked,) = packed.rows("withdrawals.csv")
    assert asked["ticket"] == "2026-114"
    assert asked["reason"] == "'=asked(1)", "a formula is words here"
    assert "/gone" in asked["asked for"]
    assert found[int(asked["entry"])].type == "withdrawal"
    removals = {row["url"].rpartition("/")[2]: row for row in packed.rows("removals.csv")}
    assert set(removals) == {"gone", "later"}
    assert removals["gone"]["withdrawal"] == asked["entry"]
    assert removals["later"]["withdrawal"] == ""
    for row in removals.values():
        entry = found[int(row["entry"])]
        assert (entry.type, entry.fields["sha256"]) == ("removal", row["sha256"])
    rechecks = packed.rows("rechecks.csv")
    assert {int(row["entry"]) for row in rechecks} == {
        number for number, entry in found.items() if entry.type == "recheck"
    }
    (later,) = [row for row in rechecks if row["about"] == "url"]
    assert (later["name"].rpartition("/")[2], later["state"]) == ("later", "new reservation")
    assert "tdmrep" in later["grounds"]
    assert packed.rows("erasures.csv") == []


def test_runs_and_policies_are_told(packed: Packed) -> None:
    manifest = json.loads((packed.corpus / "heedful.json").read_bytes())
    runs = packed.rows("runs.csv")
    assert [(row["run"], row["policy"]) for row in runs] == [
        (run["id"], run["policy"]) for run in manifest["runs"]
    ]
    assert [row["what"] for row in runs] == ["crawl", "recheck", "crawl"]
    policies = packed.rows("policy/policies.csv")
    assert {row["policy"] for row in policies} == {row["policy"] for row in runs}
    for row in policies:
        description = (packed.folder / "policy" / row["file"]).read_bytes()
        assert "sha256:" + hashlib.sha256(description).hexdigest() == row["policy"]
        heard = [one for one in packed.rows("policy/signals.csv") if one["policy"] == row["policy"]]
        assert [[one["signal"], one["version"]] for one in heard] == json.loads(description)["signals"]
    assert "CC-BY-NC" in policies[-1]["accepted"]
    signals = {row["signal"]: row for row in packed.rows("signals.csv")}
    assert int(signals["robots"]["urls"]) == int(signals["robots-meta"]["urls"]) == 1


# That it can be checked


def test_the_commands_of_the_guide_check_it(packed: Packed) -> None:
    guide = (packed.folder / "README.html").read_text("utf-8")
    commands = [
        line.replace("CORPUS", str(packed.corpus))
        for block in re.findall("<pre>(.*?)</pre>", guide, re.S)
        for line in block.splitlines()
    ]
    assert len(commands) == 4
    row = next(row for row in packed.rows("decisions.csv") if row["state"] == "reserved")
    for command in commands[1:]:
        words = command.replace("URL", row["url"]).replace("ENTRY", row["entry"]).split()
        assert words[0] == "heedful"
        ended = packed.heedful(*words[1:])
        assert ended.code == 0, (command, ended.out, ended.err)
    receipt = json.loads((packed.folder / "receipt.json").read_text())
    assert [one["entry"] for one in receipt["entries"]] == [int(row["entry"])]
    (packed.folder / "receipt.json").unlink()


def test_a_ledger_that_was_changed_since_does_not_fit_the_pack(packed: Packed, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(packed.corpus, other)
    tail = other / "ledger" / "tail.jsonl"
    assert b"2026-114" in tail.read_bytes()
    tail.write_bytes(tail.read_bytes().replace(b"2026-114", b"2026-115"))
    assert packed.heedful("verify", str(other), "--since", "checkpoints/checkpoint").code == 5


# What is not in it


def test_no_content_and_no_secret_is_in_it(packed: Packed) -> None:
    whole = b"".join(path.read_bytes() for path in sorted(packed.folder.rglob("*")) if path.is_file())
    for words in (TITLE, BODY, "to be withdrawn", "kept at first", "of-a-page-that-is-reserved"):
        assert words.encode() not in whole, words
    secret = (packed.corpus / "ledger" / "marks.key").read_bytes().strip()
    salts = (packed.corpus / "ledger" / "salts.bin").read_bytes()
    private = [path.read_bytes() for path in (packed.corpus.parent / "config").rglob("*") if path.is_file()]
    forbidden = [secret, secret.hex().encode(), salts[:16], salts[:16].hex().encode()]
    seeds = [data.strip().split(b"+", 4)[-1] for data in private if data.startswith(b"PRIVATE")]
    assert seeds, "the key that signs is private"
    for bytes_ in [*forbidden, picture("a"), *seeds]:
        assert bytes_
        assert bytes_ not in whole
    marks = {
        mark for entry in ledger.entries(packed.corpus / "ledger")
        for mark in entry.fields.get("reserved", {}).get("marks", ())
    }  # fmt: skip
    assert marks
    assert not [mark for mark in marks if mark.encode() in whole]


def test_erased_entries_are_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.create(tmp_path / "key")
    monkeypatch.setenv(keys.ENVIRONMENT, str(tmp_path / "key"))
    with opened(tmp_path / "corpus") as corpus:
        book = journal(corpus)
        book.record(decision("https://a.example/jane-doe", RESERVED))
        book.record(decision("https://a.example/other", RESERVED))
        book.flush()
    erase = ["ledger", "erase", str(tmp_path / "corpus"), "--entry", "1", "--reason", "asked"]
    ended = CliRunner().invoke(main, erase)
    assert ended.exit_code == 0, ended.stderr
    with zipfile.ZipFile(report(tmp_path / "corpus", tmp_path / "out")) as made:
        whole = {name.partition("/")[2]: made.read(name) for name in made.namelist()}
    assert not [name for name, data in whole.items() if b"jane-doe" in data]
    (row,) = csv.DictReader(io.StringIO(whole["erasures.csv"].decode(), newline=""))
    assert row["erased entries"] == "1"
    assert b"https://a.example/other" in whole["decisions.csv"]


# The file


def report(corpus: Path, out: Path, code: int = 0) -> Path:
    result = CliRunner().invoke(
        main, ["report", str(corpus), "--format", "evidence-pack", "-o", str(out), "--no-measure"]
    )
    assert result.exit_code == code, (result.stderr, result.exception)
    return Path(result.stderr.removeprefix("heedful: ").strip())


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    with opened(tmp_path / "corpus") as corpus:
        fill(corpus, 12)
    return tmp_path / "corpus"


def written(corpus: Path, out: Path, at: datetime) -> bytes:
    """A pack that is made at this time."""
    out.mkdir()
    with Corpus.read(corpus) as read, Census.take(read, None, at) as census:
        request = Request(corpus=read, census=census, figures=census.figures(), folder=out, at=at)
        (file,) = pack.write(request)
    assert [path.name for path in out.iterdir()] == [file.name]
    return file.read_bytes()


def test_the_same_state_at_the_same_time_is_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    first, second = (written(corpus, tmp_path / name, NOON) for name in ("one", "two"))
    assert first == second
    third = written(corpus, tmp_path / "three", NOON + timedelta(days=40))
    before, after = (zipfile.ZipFile(io.BytesIO(data)) for data in (first, third))
    assert before.namelist() == after.namelist()
    names = [name for name in before.namelist() if before.read(name) != after.read(name)]
    dated = ("README.html", "SHA256SUMS", "figures.json", "index.html", "summary.json")
    assert all(name.endswith(dated) or "licence-leads" in name for name in names), names
    for info in before.infolist():
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
    *inside, last = before.namelist()
    assert inside == sorted(inside)
    assert last.endswith("/SHA256SUMS")
    assert len({name.partition("/")[0] for name in before.namelist()}) == 1


def test_a_corpus_without_checkpoints_and_policies_has_a_pack_that_says_so(
    corpus: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(report(corpus, tmp_path / "out")) as made:
        names = {name.partition("/")[2] for name in made.namelist()}
        (guide,) = (made.read(name).decode() for name in made.namelist() if name.endswith("README.html"))
        (policies,) = (made.read(name).decode() for name in made.namelist() if name.endswith("policies.csv"))
    assert not {name for name in names if name.startswith("checkpoints/")}
    assert "there is no checkpoint" in guide
    assert "not in the corpus any more" in policies


def test_a_summary_that_cannot_be_made_is_left_out_and_told(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "heedful.toml").write_text('[summary]\n"<b>nonsense" = 1\n')
    result = CliRunner().invoke(
        main,
        ["report", str(corpus), "--format", "evidence-pack", "-o", str(tmp_path / "out"), "--no-measure",
         "--config", str(tmp_path / "heedful.toml")],
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    with zipfile.ZipFile(next((tmp_path / "out").iterdir())) as made:
        assert not [name for name in made.namelist() if "/eu-summary/" in name]
        (guide,) = (made.read(name).decode() for name in made.namelist() if name.endswith("README.html"))
    assert "eu-summary/ could not be made" in guide
    assert "<b>nonsense" not in guide


def test_the_summary_in_it_goes_on_from_the_one_that_was_published(corpus: Path) -> None:
    published = CliRunner().invoke(main, ["report", str(corpus), "--format", "eu-summary", "--no-measure"])
    assert published.exit_code == 0
    with opened(corpus) as more:
        fill(more, 3, start=12)
    with zipfile.ZipFile(report(corpus, corpus / "report")) as made:
        (data,) = (made.read(name) for name in made.namelist() if name.endswith("/eu-summary/summary.json"))
    assert [one["version"] for one in json.loads(data)["editions"]] == [2, 1]
    standing = json.loads((corpus / "report" / "eu-summary" / "summary.json").read_bytes())
    assert [one["version"] for one in standing["editions"]] == [1], "what was published stays"


def test_words_of_strangers_are_words_in_every_table(tmp_path: Path) -> None:
    bad = 'https://a.example/=1+1,"x"\u202e<script>'
    with opened(tmp_path / "corpus") as corpus:
        book = journal(corpus)
        book.record(decision(bad), captured(bad, b"<p>x</p>"), note=Note(title="=1+1"))
        book.record(decision("=cmd|'/c calc'!A1", Outcome.RESERVED))
        book.flush()
    with zipfile.ZipFile(report(tmp_path / "corpus", tmp_path / "out")) as made:
        (table,) = (made.read(name).decode() for name in made.namelist() if name.endswith("/decisions.csv"))
        (guide,) = (made.read(name).decode() for name in made.namelist() if name.endswith("README.html"))
    urls = [row["url"] for row in csv.DictReader(io.StringIO(table, newline=""))]
    assert urls[1] == "'=cmd|'/c calc'!A1"
    assert "\u202e" not in table
    assert "<script" not in guide


@pytest.mark.parametrize("room", [300, 20_000])
def test_a_disk_without_room_is_exit_3_and_leaves_the_old_pack(corpus: Path, tmp_path: Path, room: int) -> None:
    out = tmp_path / "out"
    old = report(corpus, out).read_bytes()
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}));"
        "from crawler.cli import main; main(sys.argv[1:])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", limited, "report", str(corpus), "--format", "evidence-pack", "-o", str(out),
         "--no-measure"],
        env=crawls.environment(PYTHONDONTWRITEBYTECODE="1"), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 3, ended.stderr
    assert ended.stderr.count("\n") == 1
    assert [path.read_bytes() for path in out.iterdir()] == [old]


def test_the_guide_fits_a_phone_and_loads_nothing(packed: Packed) -> None:
    with chromium() as browser:
        seen = browser.visit(
            packed.folder / "README.html",
            lambda page: page.evaluate("document.documentElement.scrollWidth"),
            width=390,
        )
    assert seen.problems == []
    assert seen.value <= 390
