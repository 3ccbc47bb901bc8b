"""``heedful withdraw``: what is asked for leaves, with its bytes, and stays away; a certificate says so."""

from __future__ import annotations

import hashlib
import json
import random
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from crawler.audit import keys, ledger
from crawler.cli import main
from crawler.corpus import archive, removed
from crawler.corpus.corpus import Corpus
from crawler.corpus.items import Note
from crawler.corpus.withdrawal import BOUNDARIES, Wish, Withdrawals
from crawler.demo.server import LoopbackWeb, Responder, page, redirect, text, typed
from tests import corpora, crawls
from tests.corpora import NOON, decision, fill, journal, opened
from tests.webs.row import picture

ROOT = Path(__file__).parent.parent
SECRET = b"the words that are to leave"
PAGES = {
    "https://a.example/art": b"art",
    "https://a.example/art/1": SECRET,
    "https://a.example/art?page=2": b"art, second page",
    "https://a.example/artist": b"artist",
    "https://www.a.example/": b"front",
    "https://b.example/copy": SECRET,
    "https://alice.github.io/": b"alice",
    "https://bob.github.io/": b"bob",
}


@pytest.fixture(autouse=True)
def key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path_factory.mktemp("key") / "key"
    keys.create(file)
    monkeypatch.setenv(keys.ENVIRONMENT, str(file))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus of PAGES, without a frontier."""
    path = tmp_path / "corpus"
    with opened(path) as corpus:
        book = journal(corpus)
        for url, body in PAGES.items():
            book.record(decision(url), corpora.page(url, body), note=Note(title=f"Title of {url}"))
        book.flush()
    return path


def withdraw(folder: Path, *arguments: str, code: int = 0, reason: str = "asked") -> Result:
    result = CliRunner().invoke(main, ["withdraw", str(folder), "--reason", reason, *arguments])
    assert result.exit_code == code, result.stderr
    return result


def kept(folder: Path) -> set[str]:
    """What the archive holds, whole files read; it has to be what is listed."""
    with Corpus.read(folder) as corpus:
        listed = {item.url for item in corpus.store.items()}
    there = {url for url, _ in corpora.check_files(folder).kept}
    assert listed == there
    return there


def entries(folder: Path, *types: str) -> list[dict[str, Any]]:
    return [dict(one.fields) for one in ledger.entries(folder / "ledger") if one.type in types]


def listed(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "removed.jsonl").read_text().splitlines()]


# What leaves


@pytest.mark.parametrize(
    ("selector", "gone"),
    [
        (["--url", "https://a.example/art"], {"https://a.example/art"}),
        (["--url", "HTTPS://A.Example:443/x/../art#part"], {"https://a.example/art"}),
        (["--url", "https://a.example/art/1"], {"https://a.example/art/1", "https://b.example/copy"}),
        (
            ["--prefix", "https://a.example/art"],
            {
                "https://a.example/art",
                "https://a.example/art/1",
                "https://a.example/art?page=2",
                "https://b.example/copy",
            },
        ),
        (["--prefix", "https://a.example/art/"], {"https://a.example/art/1", "https://b.example/copy"}),
        (["--prefix", "https://a.example/art?page="], {"https://a.example/art?page=2"}),
        (["--host", "WWW.A.example."], {"https://www.a.example/"}),
        (["--domain", "alice.github.io"], {"https://alice.github.io/"}),
        (["--sha256", hashlib.sha256(b"bob").hexdigest().upper()], {"https://bob.github.io/"}),
        (
            ["--host", "www.a.example", "--url", "https://bob.github.io/", "--sha256", "ab" * 32],
            {"https://www.a.example/", "https://bob.github.io/"},
        ),
        (
            ["--domain", "a.example"],
            {url for url in PAGES if ".example" in url},
        ),
    ],
)
def test_what_matches_leaves_with_the_same_bytes_elsewhere(
    folder: Path, selector: list[str], gone: set[str]
) -> None:
    before = (folder / "heedful.json").read_bytes()
    dry = json.loads(withdraw(folder, *selector, "--dry-run", "--json").stdout)
    assert {item["url"] for item in dry["items"]} == gone
    assert kept(folder) == set(PAGES)
    assert (folder / "heedful.json").read_bytes() == before

    told = json.loads(withdraw(folder, *selector, "--json").stdout)

    assert {item["url"] for item in told["items"]} == gone
    assert kept(folder) == set(PAGES) - gone
    assert {(row["url_sha256"], row["sha256"]) for row in listed(folder)} == {
        (hashlib.sha256(url.encode()).hexdigest(), hashlib.sha256(PAGES[url]).hexdigest()) for url in gone
    }


def test_the_ledger_tells_who_asked_for_what_and_what_left(folder: Path) -> None:
    withdraw(folder, "--url", "https://a.example/art/1", "--ticket", "2026-114", reason=" asked by its author ")
    (asked,) = entries(folder, "withdrawal")
    (gone,) = entries(folder, "removal")
    assert asked == asked | {
        "urls": ["https://a.example/art/1"],
        "reason": "asked by its author",
        "ticket": "2026-114",
        "items": 1,
        "removals": 1,
    }
    assert gone == gone | {
        "entry": asked["entry"] + 1,
        "withdrawal": asked["entry"],
        "sha256": hashlib.sha256(SECRET).hexdigest(),
        "urls": ["https://a.example/art/1", "https://b.example/copy"],
        "reason": "withdrawn: asked by its author",
        "ticket": "2026-114",
    }
    assert [(row["removal"], row["withdrawal"], row["at"]) for row in listed(folder)] == [
        (gone["entry"], asked["entry"], gone["at"])
    ] * 2


def test_nothing_of_it_is_left_in_the_folder(folder: Path) -> None:
    withdraw(folder, "--url", "https://b.example/copy")
    for name in archive.names(folder / "archive"):
        for _, record in archive.walk(folder / "archive", name):
            assert SECRET not in record.block
    for path in folder.rglob("*"):
        if path.is_file():
            assert SECRET not in path.read_bytes()
            assert b"Title of https://b.example/copy" not in path.read_bytes()


def test_what_is_listed_for_people(folder: Path) -> None:
    told = withdraw(folder, "--domain", "a.example", "--dry-run")
    assert sum("[the same bytes]" in line for line in told.stdout.splitlines()) == 1
    assert told.stderr == "heedful: 6 items, 84 B would leave; nothing was changed\n"
    told = withdraw(folder, "--domain", "a.example")
    assert len(told.stdout.splitlines()) == 6
    assert re.fullmatch(r"heedful: 6 items, 84 B withdrawn, entry \d+; never collected again\n", told.stderr)


@given(
    st.lists(st.sampled_from(["a", "b", "1", *BOUNDARIES, "=", "."]), max_size=8).map("".join),
    st.lists(st.sampled_from(["a", "b", "1", *BOUNDARIES, "=", "."]), max_size=5).map("".join),
)
def test_a_prefix_ends_at_a_boundary(tail: str, prefix: str) -> None:
    url, prefix = f"https://a.example/{tail}", f"https://a.example/{prefix}"
    rest = url.removeprefix(prefix) if url.startswith(prefix) else None
    expected = rest is not None and (rest == "" or rest[0] in BOUNDARIES or prefix[-1] in BOUNDARIES + "=")
    covered = Wish(prefixes=frozenset({prefix})).covers(url)
    assert covered == (f"prefix {prefix}" if expected else None)


# Where nothing matches


def test_a_wish_that_matches_nothing_is_kept_all_the_same(folder: Path) -> None:
    told = withdraw(folder, "--host", "c.example", "--url", "https://d.example/x", code=1)
    assert told.stdout == ""
    assert "nothing that is kept matches; on record as entry" in told.stderr
    (asked,) = entries(folder, "withdrawal")
    assert (asked["items"], asked["removals"]) == (0, 0)
    assert not (folder / "removed.jsonl").exists()
    with Corpus.read(folder) as corpus:
        known = Withdrawals(corpus.index)
    assert known.of("https://c.example/any") == "host c.example"
    assert known.of("https://d.example/x") == "url https://d.example/x"
    assert known.of("https://d.example/y") is None


def test_a_wish_is_recorded_once_and_its_certificate_can_be_had_again(folder: Path, tmp_path: Path) -> None:
    withdraw(folder, "--domain", "a.example", "--certificate", str(tmp_path / "first.md"))
    told = withdraw(folder, "--host", "c.example", code=1)
    told = withdraw(folder, "--domain", "a.example", "--certificate", str(tmp_path / "again.md"), code=1)
    assert re.search(r"nothing that is kept matches any more: withdrawn on \d{4}-\d\d-\d\d, entry", told.stderr)
    assert len(entries(folder, "withdrawal")) == 2
    lines = [(tmp_path / name).read_text().splitlines() for name in ("first.md", "again.md")]
    assert sorted(lines[0]) == sorted(lines[1])
    withdraw(folder, "--domain", "a.example", "--host", "e.example", code=1)
    assert len(entries(folder, "withdrawal")) == 3


# The certificate


def test_a_certificate_says_what_left_and_how_to_check_it(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "certificate.md"
    told = withdraw(folder, "--url", "https://a.example/art/1", "--certificate", str(file), "--json",
                    "--ticket", "T|1", reason="<img src=x> **asked** `now`")  # fmt: skip
    row = json.loads(told.stdout)
    words = file.read_text()
    assert "\\<img src=x\\> \\*\\*asked\\*\\* \\`now\\`" in words
    assert "T\\|1" in words
    for item in row["items"]:
        assert f"| `{item['url']}` | `{item['sha256']}` | {item['bytes']} | {item['fetched_at']} |" in words
        assert item["kept_by"] < row["withdrawal"] < item["removed_by"]
    sizes = [int(row["checkpoints"][name].splitlines()[1]) for name in ("before", "after")]
    assert sizes == [row["withdrawal"] - 1, row["withdrawal"] + 1]
    assert row["checkpoints"]["before"] in words
    assert row["checkpoints"]["after"] in words
    assert row["checkpoints"]["key"] in words
    assert (folder / "ledger/checkpoint").read_text() == row["checkpoints"]["after"]
    assert "removed.jsonl" in words


def test_a_certificate_of_nothing(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "certificate.md"
    withdraw(folder, "--domain", "other.example", "--certificate", str(file), code=1)
    assert "Nothing that the request covers was kept." in file.read_text()


# Bad input


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "say what is to leave"),
        (["--url", "a.example/x"], "--url: 'a.example/x' is not a URL"),
        (["--prefix", "/art"], "--prefix: '/art' is not a URL prefix"),
        (["--host", ".a.example"], "one host name; --domain a.example means"),
        (["--host", "https://a.example/"], "is not a host name"),
        (["--domain", "www.a.example"], "say --host www.a.example or --domain a.example"),
        (["--domain", "github.io"], "under github.io names belong to many owners"),
        (["--domain", "co.uk"], "under co.uk names belong to many owners"),
        (["--sha256", "abc"], "is not a SHA-256 digest"),
        (["--url", "https://a.example/", "--reason", "  "], "--reason is empty"),
        (["--url", "https://a.example/", "--dry-run", "--certificate", "c.md"], "--dry-run removes nothing"),
        (["--url", "https://a.example/", "--certificate", "."], "is there already"),
        (["--url", "https://a.example/", "--certificate", "no/such/c.md"], "is not a folder"),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(folder: Path, arguments: list[str], words: str) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    told = withdraw(folder, *arguments, code=2)
    assert words in told.stderr
    assert told.stderr.count("\n") == 1
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_certificate_does_not_lie_in_the_corpus(folder: Path) -> None:
    told = withdraw(folder, "--url", "https://a.example/art", "--certificate", str(folder / "c.md"), code=2)
    assert "lies inside the corpus" in told.stderr


def test_what_is_to_leave_is_not_taken_from_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_HOST", "a.example")
    monkeypatch.setenv("HEEDFUL_URL", "https://a.example/art")
    withdraw(folder, "--host", "www.a.example")
    assert kept(folder) == set(PAGES) - {"https://www.a.example/"}


def test_a_folder_in_use_or_of_something_else_is_refused(folder: Path, tmp_path: Path) -> None:
    with opened(folder):
        told = withdraw(folder, "--host", "a.example", code=2)
    assert "is in use: another process writes to it" in told.stderr
    told = withdraw(tmp_path, "--host", "a.example", code=2)
    assert "is not a corpus" in told.stderr
    assert kept(folder) == set(PAGES)


def test_without_a_key_nothing_is_done(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(keys.ENVIRONMENT, str(tmp_path / "none"))
    told = withdraw(folder, "--host", "a.example", code=2)
    assert "there is no key" in told.stderr
    assert kept(folder) == set(PAGES)


def test_a_frontier_that_cannot_be_used_keeps_nothing_from_leaving(folder: Path) -> None:
    (folder / "frontier.db").write_text("no database at all, but long enough to be taken for one" * 20)
    told = withdraw(folder, "--host", "www.a.example")
    assert "The withdrawal goes on without it." in told.stderr
    assert kept(folder) == set(PAGES) - {"https://www.a.example/"}


# The list for those who hold copies


def test_what_is_removed_because_it_is_reserved_is_listed_too(folder: Path) -> None:
    with Corpus.change(folder, at=NOON) as corpus:
        corpus.store.remove(hashlib.sha256(SECRET).hexdigest(), reason="reserved: tdmrep", run="r1", at=NOON)
    withdraw(folder, "--host", "www.a.example")
    assert [row["withdrawal"] is None for row in listed(folder)] == [True, True, False]


@pytest.mark.parametrize("damage", ["missing", "torn", "cut", "behind"])
def test_a_list_that_is_not_whole_is_made_again(folder: Path, damage: str) -> None:
    withdraw(folder, "--url", "https://a.example/art/1")
    path = folder / "removed.jsonl"
    between = path.read_bytes()
    withdraw(folder, "--host", "www.a.example", "--host", "bob.github.io")
    whole = path.read_bytes()
    assert whole.startswith(between)
    match damage:
        case "missing":
            path.unlink()
        case "torn":
            path.write_bytes(whole[:-7])
        case "cut":
            path.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
        case "behind":
            path.write_bytes(between)
    Corpus.change(folder, at=NOON).close()
    assert path.read_bytes() == whole
    assert whole == b"".join(removed.lines(ledger.entries(folder / "ledger")))


# Crashes, and disks without room


def test_killed_at_every_moment(tmp_path: Path) -> None:
    with opened(tmp_path / "corpus") as corpus:
        fill(corpus, 8)
    (tmp_path / "corpus/frontier.db").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "tests.withdraw_crashes", str(tmp_path / "corpus")],
        capture_output=True, text=True, cwd=ROOT, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tried, *fates = done.stdout.splitlines()
    assert int(tried) > 30
    assert fates == ["not told", "told"]


LIMITED = """
import resource, sys
from crawler.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
main(sys.argv[2:])
"""


def limited(room: int, *arguments: str) -> crawls.Ended:
    """The command with no room for files of more than ``room`` bytes."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(room), *arguments],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    return crawls.Ended(code=done.returncode, out=done.stdout, err=done.stderr)


def test_without_room_the_old_files_stay_and_the_withdrawal_is_finished_later(tmp_path: Path) -> None:
    folder, noise = tmp_path / "corpus", random.Random(1)
    with opened(folder) as corpus:
        book = journal(corpus)
        for number in range(6):
            url = f"https://h{number}.example/"
            book.record(decision(url), corpora.page(url, noise.randbytes(400_000)))
        book.flush()
    (name,) = archive.names(folder / "archive")
    whole = (folder / "archive" / name).read_bytes()
    command = ["withdraw", str(folder), "--reason", "asked", "--host", "h2.example"]

    ended = limited(1_500_000, *command)

    assert ended.code == 3
    assert name in ended.sentence
    assert "File too large; the withdrawal is on record as entry 7" in ended.sentence
    assert (folder / "archive" / name).read_bytes() == whole
    assert not list(folder.rglob("*.tmp"))
    assert not (folder / "removed.jsonl").exists()
    with Corpus.read(folder) as corpus:
        assert not list(corpus.store.items(url="https://h2.example/")), (
            "what is on record is not offered any more"
        )
    ended = limited(1_500_000, "withdraw", str(folder), "--reason", "asked", "--host", "h3.example")
    assert ended.code == 3
    assert "nothing recorded" in ended.sentence

    certificate = tmp_path / "certificate.md"
    again = withdraw(folder, "--host", "h2.example", "--certificate", str(certificate), code=1)
    assert "entry 7" in again.stderr
    assert "`https://h2.example/`" in certificate.read_text()
    assert kept(folder) == {f"https://h{number}.example/" for number in (0, 1, 3, 4, 5)}
    assert len(listed(folder)) == 1


# Later runs

FREE = picture("free")
WEB: dict[str, dict[str, Responder]] = {
    "a.example": {
        "/": page(
            '<p>front</p><a href="/one">1</a> <a href="/art/two">2</a> <a href="/three">3</a>'
            ' <a href="http://b.example:{port}/">b</a> <a href="http://www.c.example:{port}/">c</a>'
            ' <a href="/moved">4</a> <img src="/logo.png" alt="alt words"> <img src="http://d.example:{port}/same.png">'
        ),
        "/one": page("<p>one</p>"),
        "/art/two": page("<p>two</p>"),
        "/three": page("<p>three</p>"),
        "/moved": redirect("/one"),
        "/logo.png": typed("image/png", FREE),
    },
    "b.example": {"/": page('<p>b</p><a href="/more">more</a>'), "/more": page("<p>more</p>")},
    "www.c.example": {"/robots.txt": text("User-agent: *\nAllow: /\n"), "/": page("<p>c</p>")},
    "d.example": {"/same.png": typed("image/png", FREE), "/late.png": typed("image/png", FREE)},
}


def asked(web: LoopbackWeb, since: int) -> set[str]:
    return {f"{one.host}{one.target}" for one in web.requests[since:]}


def frontier_kept(folder: Path) -> set[str]:
    database = sqlite3.connect(folder / "frontier.db")
    try:
        return {crawls.at(url) for (url,) in database.execute("SELECT url FROM url WHERE kept")}
    finally:
        database.close()


def test_what_was_withdrawn_stays_away_from_every_later_run(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    web = LoopbackWeb(WEB)
    with web:
        assert crawls.crawl(web, folder, ["a.example/"]).code == 0
        before = set(crawls.stored(folder))
        assert {
            "a.example/one",
            "a.example/art/two",
            "b.example/",
            "www.c.example/",
            "d.example/same.png",
        } <= before

        withdraw(
            folder,
            *("--url", web.url("a.example", "/one")),
            *("--prefix", web.url("a.example", "/art")),
            *("--host", "b.example"),
            *("--domain", "c.example"),
            *("--sha256", hashlib.sha256(FREE).hexdigest()),
        )

        left = {"a.example/", "a.example/three"}
        assert set(crawls.stored(folder)) == left
        assert frontier_kept(folder) == left
        assert b"alt words" not in (folder / "frontier.db").read_bytes()

        since = len(web.requests)
        assert crawls.crawl(web, folder, ["a.example/", "d.example/late.png"]).code == 0
        later = asked(web, since)
        assert set(crawls.stored(folder)) == left
        assert frontier_kept(folder) == left
        assert not any(one.startswith(("b.example", "www.c.example")) for one in later), "not even their files"
        assert not {"a.example/one", "a.example/art/two"} & later
        assert {"a.example/three", "d.example/late.png"} <= later

        last = crawls.decided(folder)
        for where, words in {
            "a.example/one": f"url {web.url('a.example', '/one')}",
            "a.example/art/two": f"prefix {web.url('a.example', '/art')}",
            "b.example/": "host b.example",
            "www.c.example/": "domain c.example",
        }.items():
            assert (last[where].outcome.value, last[where].stage.value) == ("skipped", "host"), where
            assert [ground.signal for ground in last[where].grounds] == ["denylist"]
            assert crawls.reasons(folder, where) == [("withdrawn", words)]
        for where in ("a.example/logo.png", "d.example/same.png", "d.example/late.png"):
            assert (last[where].outcome.value, last[where].stage.value) == ("skipped", "content"), where
            assert crawls.reasons(folder, where) == [
                ("withdrawn", f"sha256 {hashlib.sha256(FREE).hexdigest()}")
            ]

        held = crawls.heedful("verify", str(folder), "--replay")
        assert held.code == 0, held.out + held.err

        withdraw(folder, "--url", web.url("a.example", "/three"))
        since = len(web.requests)
        assert crawls.crawl(web, folder, ["a.example/", "a.example/three"]).code == 0
        assert set(crawls.stored(folder)) == {"a.example/"}
        assert "a.example/three" not in asked(web, since)


def test_bytes_that_left_with_a_url_are_not_met_again_under_another(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    with LoopbackWeb(WEB) as web:
        assert crawls.crawl(web, folder, ["a.example/logo.png"]).code == 0
        withdraw(folder, "--url", web.url("a.example", "/logo.png"))
        assert crawls.crawl(web, folder, ["d.example/late.png"]).code == 0
        assert not crawls.stored(folder)
        ((place, _),) = crawls.reasons(folder, "d.example/late.png")
        assert place == "withdrawn"


def test_a_wish_recorded_before_the_first_visit_is_heard(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    with LoopbackWeb(WEB) as web:
        assert crawls.crawl(web, folder, ["a.example/one"]).code == 0
        withdraw(folder, "--domain", "b.example", code=1)
        since = len(web.requests)
        crawls.crawl(web, folder, ["b.example/more"])
        assert not any(one.startswith("b.example") for one in asked(web, since))
        assert crawls.reasons(folder, "b.example/more") == [("withdrawn", "domain b.example")]
