"""``heedful doctor``: what is well is called so, and whatever is wrong is named and left as it is."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.audit import ledger
from crawler.corpus.folder import CorpusFolder
from crawler.demo.answer import page, text
from crawler.demo.server import LoopbackWeb
from tests.crawls import Ended, crawl, environment, heedful

STATES = {"ok", "warning", "problem", "not checked"}
KEYS = {"about", "check", "state", "says", "advice"}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus whose run came to its end, beside the key that signed it."""
    place = tmp_path_factory.mktemp("crawled")
    paths = {"/robots.txt": text("User-agent: *\nAllow: /\n"), "/": page("<a href='/b'>b</a>"), "/b": page("b")}
    env = environment(XDG_CONFIG_HOME=str(place / "config"))
    with LoopbackWeb({"a.example": paths}) as web:
        assert crawl(web, place / "corpus", ["a.example/"], env=env).code == 0
    return place


@pytest.fixture
def place(crawled: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    shutil.copytree(crawled, tmp_path / "place")
    return tmp_path / "place"


def doctor(place: Path, *more: str, code: int | None = None, **env: str) -> Ended:
    """The command in ``place``."""
    surroundings = environment(XDG_CONFIG_HOME=str(place / "config"), **env)
    ended = heedful("doctor", *more, cwd=place, env=surroundings)
    assert "Traceback" not in ended.err
    assert code in (None, ended.code), ended.out + ended.err
    return ended


def looked(place: Path, *more: str, code: int | None = None, **env: str) -> dict[str, dict[str, Any]]:
    """Its checks by name."""
    rows = doctor(place, "--json", *more, code=code, **env).rows
    for row in rows:
        assert set(row) == KEYS
        assert row["state"] in STATES
        assert not row["says"].endswith(".")
        assert (row["advice"] is not None) == (row["state"] in ("warning", "problem")), row
    return {row["check"]: row for row in rows}


def test_a_sound_machine_and_corpus_have_no_problem(place: Path) -> None:
    (place / "heedful.toml").write_text('[operator]\ncontact = "ops@museum.org"\n')
    rows = looked(place, "corpus", code=0)
    about = {name for name, row in rows.items() if row["about"] == "corpus"}
    assert about == {
        "manifest", "in use", "last run", "marks.key", "leftovers", "growth", "asked again", "ledger",
        "checkpoint", "index", "evidence", "archive", "frontier",
    }  # fmt: skip
    machine = {
        "python", "libraries", "clock", "clock and ledger", "locks", "writing", "database", "localhost",
        "signing key", "contact", "promise", "verification", "proxies",
    }  # fmt: skip
    for name in (about | machine) - {"growth"}:
        assert rows[name]["state"] == "ok", rows[name]
    entries = len(list(ledger.entries(place / "corpus" / "ledger")))
    assert rows["ledger"]["says"] == f"{entries:,} entries"
    assert "0 URLs queued" in rows["frontier"]["says"]


def test_people_read_the_same(place: Path) -> None:
    (place / "corpus" / "archive" / "x.tmp").touch()
    ended = doctor(place, "corpus", code=0)
    assert "WARNING      leftovers" in ended.out
    assert "→ run a crawl on it" in ended.out
    assert ended.out.splitlines()[-1].startswith("0 problems, ")


def test_nothing_is_changed(place: Path) -> None:
    def files() -> dict[str, bytes]:
        # SQLite makes these while it reads, and they say nothing.
        found = (
            path for path in place.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal"))
        )
        return {str(path.relative_to(place)): path.read_bytes() for path in found}

    with (place / "corpus" / "ledger" / "tail.jsonl").open("ab") as tail:
        tail.write(b'{"entry": 99')
    before = files()
    looked(place, "corpus", code=0)
    assert files() == before


def test_it_loads_no_scrapy_and_asks_nobody(place: Path) -> None:
    code = (
        "import socket, sys\n"
        "asked = []\n"
        "def heard(event, of):\n"
        "    if event.startswith('socket.'): asked.append((event, of[:1]))\n"
        "sys.addaudithook(heard)\n"
        "from crawler.cli import main\n"
        "try: main(['doctor', 'corpus'])\nexcept SystemExit as end: code = end.code\n"
        "hosts = {of[0] for event, of in asked if event == 'socket.getaddrinfo'}\n"
        "assert hosts == {'localhost'}, asked\n"
        "assert not [event for event, _ in asked if event in ('socket.connect', 'socket.sendto')], asked\n"
        "assert not {'scrapy', 'twisted'} & set(sys.modules)\n"
        "sys.exit(code)"
    )
    env = environment(XDG_CONFIG_HOME=str(place / "config"), PYTHONPATH=str(Path(__file__).parent.parent))
    ended = subprocess.run([sys.executable, "-c", code], cwd=place, env=env, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def tear(name: str) -> Callable[[Path], None]:
    def spoil(corpus: Path) -> None:
        with (corpus / "ledger" / name).open("ab") as file:
            file.write(b'{"entry": 7, "half')

    return spoil


def lose(name: str) -> Callable[[Path], None]:
    return lambda corpus: (corpus / name).unlink()


def write(name: str, words: str) -> Callable[[Path], None]:
    def spoil(corpus: Path) -> None:
        (corpus / name).write_text(words)

    return spoil


def open_to_all(corpus: Path) -> None:
    (corpus / "ledger" / "marks.key").chmod(0o644)


def flip(corpus: Path) -> None:
    path = corpus / "ledger" / "tail.jsonl"
    path.write_bytes(path.read_bytes() + b"no line of ours")


def shorten(corpus: Path) -> None:
    """As many entries as before the last checkpoint, but not those it was signed over."""
    path = corpus / "ledger" / "tail.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def cut_salts(corpus: Path) -> None:
    (corpus / "ledger" / "salts.bin").write_bytes(b"")


def cut_archive(corpus: Path) -> None:
    (name,) = (corpus / "archive").iterdir()
    name.write_bytes(name.read_bytes()[:-20])


def append_archive(corpus: Path) -> None:
    (name,) = (corpus / "archive").iterdir()
    name.write_bytes(name.read_bytes() + name.read_bytes()[:30])


def alien_frontier(corpus: Path) -> None:
    database = sqlite3.connect(corpus / "frontier.db")
    database.execute("PRAGMA application_id = 1")
    database.commit()
    database.close()


def later_clock(corpus: Path) -> None:
    path = corpus / "ledger" / "tail.jsonl"
    *lines, last = path.read_bytes().splitlines(keepends=True)
    row = json.loads(last)
    path.write_bytes(b"".join(lines) + last.replace(row["at"][:4].encode(), b"2090"))


def unended(corpus: Path) -> None:
    path = corpus / "heedful.json"
    manifest = json.loads(path.read_text())
    manifest["runs"][-1]["ended"] = None
    path.write_text(json.dumps(manifest))


def long_ago(corpus: Path) -> None:
    path = corpus / "heedful.json"
    manifest = json.loads(path.read_text())
    manifest["runs"][-1] |= {"started": "2026-01-01T00:00:00Z", "ended": "2026-01-01T01:00:00Z"}
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("spoil", "check", "state", "words"),
    [
        pytest.param(tear("tail.jsonl"), "ledger", "warning", "not written to its end", id="torn tail"),
        pytest.param(flip, "ledger", "problem", "is damaged", id="damaged tail"),
        pytest.param(shorten, "checkpoint", "problem", "but there are only 1", id="entries gone"),
        pytest.param(cut_salts, "ledger", "problem", "salt", id="salts gone"),
        pytest.param(cut_archive, "archive", "problem", "had", id="archive cut"),
        pytest.param(append_archive, "archive", "warning", "no whole record", id="archive torn"),
        pytest.param(lose("ledger/index.db"), "index", "warning", "missing", id="no index"),
        pytest.param(lose("ledger/marks.key"), "marks.key", "problem", "missing", id="no marks"),
        pytest.param(open_to_all, "marks.key", "warning", "others", id="marks"),
        pytest.param(alien_frontier, "frontier", "problem", "another program", id="alien frontier"),
        pytest.param(write("frontier.db", "x" * 5000), "frontier", "problem", "read", id="broken"),
        pytest.param(later_clock, "clock and ledger", "problem", "went back", id="clock back"),
        pytest.param(unended, "last run", "warning", "did not come to its end", id="killed"),
        pytest.param(long_ago, "asked again", "warning", "days ago", id="long ago"),
        pytest.param(write("heedful.json", "{"), "manifest", "problem", "cannot be read", id="json"),
        pytest.param(write("heedful.json", '{"format": 9}'), "manifest", "problem", "9", id="newer"),
        pytest.param(write("ledger/x.tmp", ""), "leftovers", "warning", "x.tmp", id="leftover"),
    ],
)
def test_what_is_wrong_with_a_corpus_is_found(
    place: Path, spoil: Callable[[Path], None], check: str, state: str, words: str
) -> None:
    spoil(place / "corpus")
    rows = looked(place, "corpus", code=1 if state == "problem" else 0)
    assert rows[check]["state"] == state, rows[check]
    assert words in rows[check]["says"]


def test_who_holds_a_corpus_is_told(place: Path) -> None:
    corpus = CorpusFolder.read(place / "corpus")
    with_lock = CorpusFolder.open(
        place / "corpus",
        corpus.manifest.identity,
        versions=corpus.manifest.versions,
        at=corpus.manifest.created,
    )
    try:
        rows = looked(place, "corpus", code=0)
    finally:
        with_lock.close()
    assert rows["in use"]["says"] in (f"process {os.getpid()} writes to it", "a process writes to it")


def test_the_key_is_looked_at(place: Path) -> None:
    key = place / "config" / "heedful" / "key"
    key.chmod(0o644)
    row = looked(place, "corpus", code=1)["signing key"]
    assert (row["state"], "others may read" in row["says"]) == ("problem", True)
    key.chmod(0o600)
    inside = place / "corpus" / "key"
    shutil.copy2(key, inside)
    assert (
        "inside the corpus" in looked(place, "corpus", code=1, HEEDFUL_KEY=str(inside))["signing key"]["says"]
    )
    assert "there is no key" in looked(place, code=1, HEEDFUL_KEY=str(place / "none"))["signing key"]["says"]
    shutil.rmtree(place / "config")
    assert looked(place, code=0)["signing key"]["state"] == "warning"
    assert not key.exists()


def test_configuration_and_environment_are_looked_at(place: Path) -> None:
    toml = place / "heedful.toml"
    toml.write_text("[run]\nscoop = 1\n")
    assert "there is no key scoop" in looked(place, code=1)["configuration"]["says"]
    toml.write_text(
        '[operator]\ncontact = "bot@example.org"\n[run]\nallow_private = true\n'
        'setting = ["DOWNLOAD_VERIFY_CERTIFICATES=false"]\n[policy]\nreason = "a study"\nreading = "literal"\n'
    )
    more = {"https_proxy": "http://me:hunter2@proxy.example:3128", "HEEDFUL_CONTCT": "x"}
    rows = looked(place, code=0, **more)
    for check, words in (
        ("contact", "reaches nobody"), ("promise", "a study"), ("verification", "not verified"),
        ("addresses", "private"), ("proxies", "proxy.example:3128"), ("environment", "HEEDFUL_CONTCT"),
    ):  # fmt: skip
        assert rows[check]["state"] == "warning"
        assert words in rows[check]["says"]
    assert "hunter2" not in doctor(place, **more).out
    assert "no contact" not in rows["contact"]["says"]
    other = place / "other.toml"
    other.write_text('[operator]\ncontact = "ops@museum.org"\n')
    assert looked(place, "--config", str(other))["contact"]["says"] == "ops@museum.org"


def test_a_place_that_cannot_be_written_to_is_a_problem(place: Path) -> None:
    toml = place / "heedful.toml"
    toml.write_text('[run]\noutput = "/proc/1/heedful"\n')
    assert looked(place, code=1)["writing"]["state"] == "problem"


def test_few_open_files_are_a_problem(place: Path) -> None:
    command = ["sh", "-c", 'ulimit -n 128 && exec "$0" "$@"']
    env = environment(XDG_CONFIG_HOME=str(place / "config"))
    ended = heedful("doctor", "--json", cwd=place, env=env, through=command)
    assert ended.code == 1
    assert {row["check"] for row in ended.rows if row["state"] == "problem"} == {"open files"}


def test_what_is_no_folder_is_a_usage_error(place: Path) -> None:
    ended = doctor(place, "nowhere", code=2)
    assert "is no folder" in ended.sentence
    empty = place / "empty"
    empty.mkdir()
    assert looked(place, "empty", code=1)["manifest"]["state"] == "problem"
    assert not list(empty.iterdir())
