"""``heedful ledger erase``, and that whatever appends to a ledger signs it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.audit import keys, ledger
from crawler.audit.checkpoint import open_checkpoint
from crawler.audit.note import parse_verifier
from crawler.cli import main
from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import Damaged
from crawler.demo.server import LoopbackWeb
from tests import crawls
from tests.corpora import NOON, RESERVED, check_laws, check_tree, decision, fill, journal, opened, page, tables
from tests.webs import generate

SITE = generate(seed=5, pages=12, images=4)
PERSON = "https://p.example/person"
DIGEST = page(PERSON).digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "corpus"
    with opened(path) as corpus:
        fill(corpus, 6)
        book = journal(corpus)
        book.record(decision(PERSON), page(PERSON))
        book.flush()
        corpus.store.remove(DIGEST, reason="asked", run="r1", at=NOON)
        book.record(decision(PERSON, RESERVED), reserved=[DIGEST])
        book.record(decision("https://q.example/", RESERVED))
        book.flush()
    return path


def run(*arguments: object):
    return CliRunner().invoke(main, list(map(str, arguments)))


def erase(folder: Path, *more: object):
    return run("ledger", "erase", folder, "--reason", "asked by the person", *more)


def in_ledger(folder: Path, words: bytes) -> list[Path]:
    texts = b"".join(b"".join(piece.lines) for piece in ledger.pieces(folder / "ledger"))
    held = [path for path in (folder / "ledger").rglob("*") if path.is_file() and words in path.read_bytes()]
    return held + [folder] * (words in texts)


def test_everything_about_a_url_is_erased_and_the_rest_proved(folder: Path) -> None:
    before = {leaf.number: leaf.hash for leaf in ledger.leaves(folder / "ledger")}
    assert in_ledger(folder, PERSON.encode())
    result = erase(folder, "--url", PERSON, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"erased": [7, 8, 9], "entry": 11, "left": []}
    assert in_ledger(folder, PERSON.encode()) == []
    entries = {entry.number: entry for entry in ledger.entries(folder / "ledger")}
    assert [number for number, entry in entries.items() if entry.type == "erased"] == [7, 8, 9]
    told = entries[11]
    assert (told.type, told.fields["reason"], told.fields["entries"]) == (
        "erasure",
        "asked by the person",
        [7, 8, 9],
    )
    after = {leaf.number: leaf.hash for leaf in ledger.leaves(folder / "ledger")}
    assert before.items() <= after.items()
    assert [one.checkpoint.size for one in ledger.checkpoints(folder / "ledger")] == [10, 11]
    check_tree(folder / "ledger")
    assert run("explain", folder, PERSON).exit_code == 1
    again = erase(folder, "--url", PERSON)
    assert again.exit_code == 1
    assert "nothing to erase" in again.stderr


def test_what_an_erased_entry_did_outlasts_it(folder: Path) -> None:
    assert erase(folder, "--url", PERSON).exit_code == 0
    index = folder / "ledger/index.db"
    kept = tables(index)
    index.unlink()
    with opened(folder) as corpus:
        assert corpus.shunned.reserved_at(DIGEST, "https://n.example/") == "about:erased"
        assert list(corpus.entries(ledger.Filter(url=PERSON))) == []
        assert len(list(corpus.store.items())) == 4
    assert tables(index) == kept
    check_laws(folder)
    with Corpus.read(folder) as reader:
        assert len(list(reader.entries())) == 11


def test_what_is_kept_has_to_be_withdrawn_first(folder: Path) -> None:
    url = "https://h0.example/0"
    before = (folder / "ledger/tail.jsonl").read_bytes()
    for what in (("--url", url), ("--entry", 1)):
        result = erase(folder, *what)
        assert result.exit_code == 2
        assert re.search(
            "entry 1 is about https://h0.example/0, of which content is kept.*withdraw", result.stderr
        )
    assert (folder / "ledger/tail.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--url or by --entry"),
        (("--url", PERSON, "--entry", 7), "--url or by --entry"),
        (("--entry", 99), "there is no entry 99: the ledger ends with entry 10"),
        (("--entry", 0), "there is no entry 0"),
        (("--url", PERSON, "--reason", " "), "--reason is empty"),
        (("--url", PERSON, "--reason", f"{PERSON} was asked for"), "names the URL"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(folder: Path, arguments, words) -> None:
    result = erase(folder, *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_entries_about_nobody_stay(folder: Path) -> None:
    assert erase(folder, "--entry", 9).exit_code == 0
    assert erase(folder, "--entry", 9).exit_code == 1
    result = erase(folder, "--entry", 11)
    assert result.exit_code == 2
    assert "entry 11 is of the type erasure" in result.stderr


def test_other_entries_that_name_the_url_are_told(folder: Path) -> None:
    with opened(folder) as corpus:
        book = journal(corpus)
        book.record(decision(f"{PERSON}/picture", RESERVED))
        book.flush()
    result = erase(folder, "--url", PERSON)
    assert result.exit_code == 0
    assert "entry 11 still name it" in result.stderr
    assert erase(folder, "--entry", 11).exit_code == 0
    assert in_ledger(folder, PERSON.encode()) == []


def test_no_corpus_and_no_key_are_one_sentence(folder: Path, tmp_path: Path) -> None:
    result = erase(tmp_path / "none", "--url", PERSON)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert not (tmp_path / "none").exists()
    result = CliRunner(env={"HEEDFUL_KEY": str(tmp_path / "key")}).invoke(
        main, ["ledger", "erase", str(folder), "--url", PERSON, "--reason", "x"]
    )
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "there is no key" in result.stderr
    assert in_ledger(folder, PERSON.encode())


# Signing


def test_the_corpus_says_which_keys_signed_and_what_its_ledger_is_called(folder: Path) -> None:
    assert erase(folder, "--url", PERSON).exit_code == 0
    said = json.loads((folder / "heedful.json").read_text())
    assert re.fullmatch("[0-9a-f]{32}", said["log"])
    (key,) = said["keys"]
    assert key["vkey"] == str(keys.signer().verifier)
    note = (folder / "ledger/checkpoint").read_bytes()
    checkpoint, _ = open_checkpoint(note, [parse_verifier(key["vkey"])], origin=f"heedful/{said['log']}")
    assert checkpoint.size == 11


def test_a_ledger_without_its_tail_is_not_opened(folder: Path) -> None:
    assert erase(folder, "--url", PERSON).exit_code == 0
    shutil.copytree(folder, folder.with_name("copy"))
    (folder / "ledger/tail.jsonl").unlink()
    with pytest.raises(Damaged):
        opened(folder)
    opened(folder.with_name("copy")).close()


def sealed(folder: Path) -> tuple[int, int]:
    """Entries under the last checkpoint, whose signature is checked, and entries."""
    said = json.loads((folder / "heedful.json").read_text())
    keys = [parse_verifier(key["vkey"]) for key in said["keys"]]
    data = (folder / "ledger/checkpoint").read_bytes()
    checkpoint, _ = open_checkpoint(data, keys, origin=f"heedful/{said['log']}")
    check_tree(folder / "ledger")
    return checkpoint.size, ledger.count(folder / "ledger")


def test_a_crawl_signs_at_every_stop_and_again_only_what_is_new(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    with LoopbackWeb(SITE.hosts()) as web:
        stopped = crawls.crawl(web, folder, SITE.seeds, "--max-pages", "3")
        assert stopped.code == 3, stopped.err
        first, entries = sealed(folder)
        assert first == entries > 0
        assert crawls.crawl(web, folder, SITE.seeds).code == 0
    second, entries = sealed(folder)
    assert second == entries > first
    sizes = [one.checkpoint.size for one in ledger.checkpoints(folder / "ledger")]
    assert sizes == [first, first, second], "at each stop, and over what a new run says of itself"
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"PRIVATE KEY" not in held
    assert b"PRIVATE+KEY" not in held


def test_a_key_that_cannot_be_used_stops_a_crawl_before_it_asks_anybody(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    with LoopbackWeb(SITE.hosts()) as web:
        environment = crawls.environment(HEEDFUL_KEY=str(tmp_path / "none"))
        ended = crawls.crawl(web, folder, SITE.seeds, env=environment)
        assert ended.code == 2
        assert "there is no key" in ended.sentence
        assert not web.requests
    assert not folder.exists()
