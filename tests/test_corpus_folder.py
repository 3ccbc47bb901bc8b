"""The corpus folder: one writer, one identity, nothing written where it does not belong."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import CorpusError, CorpusInUse, CorpusMismatch, NotACorpus
from crawler.corpus.folder import CorpusFolder
from crawler.corpus.manifest import format_manifest, parse_manifest
from crawler.optout.model import Fault, Posture, Purpose, Reading
from tests.corpora import IDENTITY, NOON, VERSIONS, decision, fill, opened, page


def begun(path, identity=IDENTITY):
    return CorpusFolder.open(path, identity, versions=VERSIONS, at=NOON)


def everything(path):
    return {file: file.read_bytes() if file.is_file() else None for file in path.rglob("*")}


def test_a_new_corpus_says_what_it_is(tmp_path):
    folder = begun(tmp_path / "deep" / "corpus")
    folder.begin_run("r1", at=NOON, seeds=["https://a.example/"], settings={"delay": 1})
    folder.end_run("r1", at=NOON)
    said = json.loads((folder.path / "heedful.json").read_text())
    assert said["tokens"] == ["heedful"]
    assert said["purposes"] == ["tdm"]
    assert (said["posture"], said["reading"], said["policy"]) == ("opt-out", "strict", IDENTITY.policy)
    assert said["runs"] == [
        {
            "id": "r1",
            "started": "2026-11-22T12:00:00.123456Z",
            "ended": "2026-11-22T12:00:00.123456Z",
            "seeds": ["https://a.example/"],
            "settings": {"delay": 1},
            "policy": IDENTITY.policy,
            "versions": VERSIONS,
        }
    ]
    assert {path.name for path in folder.path.iterdir()} == {
        ".lock",
        "heedful.json",
        "archive",
        "evidence",
        "ledger",
    }


def test_a_corpus_is_opened_again_and_keeps_its_runs(tmp_path):
    with opened(tmp_path) as corpus:
        corpus.folder.begin_run("r1", at=NOON, settings={})
    later = replace(IDENTITY, operator="Renamed", policy="sha256:" + "1" * 64)
    folder = begun(tmp_path, later)
    folder.begin_run("r2", at=NOON, settings={})
    runs = CorpusFolder.read(tmp_path).manifest.runs
    assert [(run.id, run.ended, run.policy) for run in runs] == [
        ("r1", None, IDENTITY.policy),
        ("r2", None, later.policy),
    ]
    assert CorpusFolder.read(tmp_path).manifest.identity.operator == "Renamed"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tokens": ("heedful", "other")}, "tokens is heedful, this run has heedful, other"),
        ({"purposes": (Purpose.SEARCH,)}, "purposes is tdm, this run has search"),
        ({"posture": Posture.OPT_IN}, "posture is opt-out, this run has opt-in"),
        ({"reading": Reading.LITERAL, "reason": "a test"}, "reading is strict, this run has literal"),
    ],
)
def test_another_identity_is_refused_by_name_and_writes_nothing(tmp_path, change, words):
    begun(tmp_path).close()
    before = everything(tmp_path)
    with pytest.raises(CorpusMismatch, match=words):
        begun(tmp_path, replace(IDENTITY, **change))
    assert everything(tmp_path) == before


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(NotACorpus, match="not empty"):
        begun(tmp_path)
    with pytest.raises(NotACorpus, match=r"no heedful\.json"):
        CorpusFolder.read(tmp_path)
    with pytest.raises(NotACorpus, match="not a folder"):
        begun(tmp_path / "thesis.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_reading_nothing_creates_nothing(tmp_path):
    with pytest.raises(NotACorpus):
        CorpusFolder.read(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("junk", [b"", b"{}", b'{"format": 2}', b'{"format": 1, "runs": 3}', b"\xff", b"[1]"])
def test_an_unreadable_manifest_is_one_sentence(tmp_path, junk):
    (tmp_path / "heedful.json").write_bytes(junk)
    for opening in (begun, CorpusFolder.read):
        with pytest.raises(NotACorpus, match=r"heedful\.json") as caught:
            opening(tmp_path)
        assert "\n" not in str(caught.value)


def test_the_manifest_comes_back_equal(tmp_path):
    folder = begun(tmp_path)
    folder.begin_run("r1", at=NOON, seeds=["é"], settings={"a": [1, None, {"b": True}]})
    assert parse_manifest(format_manifest(folder.manifest), "x") == folder.manifest


def test_a_second_process_is_refused_before_it_writes(tmp_path):
    with opened(tmp_path) as corpus:
        before = everything(tmp_path)
        code = (
            "from pathlib import Path; from tests.corpora import opened\n"
            "from crawler.corpus.errors import CorpusInUse\n"
            f"try: opened(Path({str(tmp_path)!r}))\n"
            "except CorpusInUse as error: print(error)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[1]
        )
        assert done.stdout == f"{tmp_path} is in use: another process writes to it\n", done.stderr
        assert everything(tmp_path) == before
        assert corpus.folder.in_use()
    assert not CorpusFolder.read(tmp_path).in_use()
    opened(tmp_path).close()


def test_the_lock_also_holds_within_a_process(tmp_path):
    with opened(tmp_path), pytest.raises(CorpusInUse):
        opened(tmp_path)


def test_reading_goes_on_while_a_crawl_writes_and_changes_nothing(tmp_path):
    with opened(tmp_path) as corpus:
        fill(corpus, 6)
        with Corpus.read(tmp_path) as reader:
            assert len(list(reader.store.items())) == 4
            assert len(list(reader.entries())) == 6
            fill(corpus, 3, start=6)
            assert len(list(reader.store.items())) == 6
            assert {reader.store.read(item).url for item in reader.store.items()} == {
                item.url for item in corpus.store.items()
            }


def test_a_reader_cannot_write(tmp_path):
    with opened(tmp_path) as corpus:
        fill(corpus, 1)
    reader = Corpus.read(tmp_path)
    with pytest.raises(Fault):
        reader.store.add(decision("https://a.example/new"), page("https://a.example/new"), entry=1)
    with pytest.raises(Fault):
        reader.store.remove("0" * 64, reason="x", run="r", at=NOON)
    with pytest.raises(ValueError, match="for reading"):
        reader.folder.begin_run("r2", at=NOON, settings={})


def test_a_beginning_that_was_interrupted_is_begun_again(tmp_path):
    (tmp_path / ".lock").touch()
    (tmp_path / "heedful.json.tmp").write_text("{")
    opened(tmp_path).close()
    assert not (tmp_path / "heedful.json.tmp").exists()


def test_every_refusal_is_a_corpus_error():
    assert all(issubclass(kind, CorpusError) for kind in (NotACorpus, CorpusInUse, CorpusMismatch))
