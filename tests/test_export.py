"""``heedful export``: which items become rows, what a row says, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.demo.images import png
from crawler.demo.server import LoopbackWeb, page, text, typed
from crawler.export.columns import Table, columns_of
from tests import crawls, exports
from tests.exports import body_of, build, everything, files, kept, rows, run, state, url_of


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("corpus") / "corpus")


@pytest.fixture(scope="module")
def plain(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of it as JSON Lines."""
    folder = tmp_path_factory.mktemp("plain") / "export"
    run(corpus, "--format", "jsonl", "-o", folder)
    return folder


def numbers(folder: Path, table: str = "text") -> list[int]:
    return [row["entry"] - 1 for row in rows(folder, table)]


# Rows


def test_everything_that_is_kept_is_a_row_in_the_order_of_the_ledger(plain: Path) -> None:
    assert numbers(plain, "text") == [number for number in kept() if number % 4 != 3]
    assert numbers(plain, "images") == [number for number in kept() if number % 4 == 3]
    for table in Table:
        for row in rows(plain, table.value):
            assert list(row) == [column.name for column in columns_of(table)]
            assert row["id"] == f"{row['entry']:09d}"
            assert row["url"] == url_of(row["entry"] - 1)
            assert row["domain"] == f"h{(row['entry'] - 1) % 3}.example"
            body = body_of(row["entry"] - 1)
            assert (row["sha256"], row["bytes"]) == (hashlib.sha256(body).hexdigest(), len(body))
            assert (row["run"], row["outcome"]) == ("r1", "unreserved")
            assert row["fetched_at"].endswith("Z")
            assert datetime.fromisoformat(row["fetched_at"]).tzinfo is not None


def test_words_of_texts_and_bytes_of_images(plain: Path) -> None:
    for row in rows(plain):
        number = row["entry"] - 1
        assert f"{number}" in row["text"]
        assert row["language"] == ("de" if number % 5 == 0 else "en")
        assert 0 < row["language_score"] <= 1
        assert row["title"] == f"Title {number}"
        assert row["extractor"]
    for row in rows(plain, "images"):
        path = plain / row["image"]
        assert path.read_bytes() == body_of(row["entry"] - 1)
        assert row["image"] == f"images/files/{row['sha256'][:2]}/{row['sha256']}.png"
        assert row["exact_group"] == row["sha256"]


def test_what_the_export_says_of_itself(plain: Path) -> None:
    said = state(plain)
    assert said["finished"] is True
    images = [number for number in kept() if number % 4 == 3]
    assert said["counts"] == {
        "rows": len(kept()),
        "empty": 0,
        "unread": {},
        "damaged": 0,
        "held_back": 0,
        "filtered": {},
        "pictures": len(images),
        "picture_bytes": sum(len(body_of(number)) for number in images),
    }
    for name, table in said["tables"].items():
        assert table["rows"] == len(rows(plain, name))
        for shard in table["shards"]:
            for file in shard["files"]:
                data = (plain / file["path"]).read_bytes()
                assert (file["sha256"], file["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert said["ledger"]["entries"] == 24
    assert sum(said["composition"]["languages"].values()) == said["tables"]["text"]["rows"]


def test_two_exports_are_byte_for_byte_the_same(corpus: Path, plain: Path, tmp_path: Path) -> None:
    run(corpus, "--format", "jsonl", "-o", tmp_path / "again", "--workers", 2)
    assert files(tmp_path / "again") == files(plain)
    one, other = state(plain), state(tmp_path / "again")
    assert one.pop("at") != other.pop("at")
    assert one == other


@pytest.mark.parametrize("compressed", [True, False])
def test_it_loads_in_one_line(corpus: Path, tmp_path: Path, compressed: bool, monkeypatch: Any) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    run(corpus, "--format", "jsonl", "-o", tmp_path / "e", *([] if compressed else ["--uncompressed"]))
    (shard,) = (tmp_path / "e" / "text").iterdir()
    assert shard.name == ("00000.jsonl.zst" if compressed else "00000.jsonl")
    expected = rows(tmp_path / "e")

    import datasets
    import duckdb
    import polars

    loaded = datasets.load_dataset(
        "json", data_files=str(shard), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert loaded["text"][:] == [row["text"] for row in expected]
    assert polars.read_ndjson(shard.read_bytes() if not compressed else shard)["id"].to_list() == [
        row["id"] for row in expected
    ]
    found = duckdb.sql(f"SELECT id, url FROM read_json_auto('{shard}') ORDER BY id").fetchall()
    assert [row[1] for row in found] == [row["url"] for row in expected]


def test_columns_that_are_not_asked_for_are_not_there(corpus: Path, tmp_path: Path) -> None:
    run(corpus, "--format", "jsonl", "-o", tmp_path / "e", "--columns", "text, title")
    assert {tuple(row) for row in rows(tmp_path / "e")} == {("id", "text", "title", "url", "sha256", "entry")}
    assert {tuple(row) for row in rows(tmp_path / "e", "images")} == {("id", "title", "url", "sha256", "entry")}
    assert not (tmp_path / "e" / "images" / "files").exists()


def test_near_duplicates_are_grouped_and_nothing_of_the_way_there_stays(tmp_path: Path) -> None:
    from crawler.optout.model import Kind
    from tests.corpora import decision, journal, opened
    from tests.corpora import page as captured

    words = " ".join(f"word{number} of a long story" for number in range(300))
    with opened(tmp_path / "corpus") as corpus:
        book = journal(corpus)
        for number, body in enumerate((words, "something quite different " * 40, words + " and an end")):
            book.record(
                decision(url_of(number), kind=Kind.TEXT), captured(url_of(number), f"<p>{body}</p>".encode())
            )
        book.flush()
    run(tmp_path / "corpus", "--format", "jsonl", "-o", tmp_path / "e", "--near-duplicates")
    assert [row["near_group"] for row in rows(tmp_path / "e")] == ["000000001", None, "000000001"]
    assert not list((tmp_path / "e" / ".heedful").glob("words-*"))
    before = files(tmp_path / "e")
    run(tmp_path / "corpus", "--format", "jsonl", "-o", tmp_path / "e", "--near-duplicates")
    assert files(tmp_path / "e") == before


# Filters


@pytest.mark.parametrize(
    ("options", "texts", "images"),
    [
        (["--kinds", "image"], [], [n for n in kept() if n % 4 == 3]),
        (["--kinds", "text,pdf"], [n for n in kept() if n % 4 != 3], []),
        (["--language", "de"], [n for n in kept() if n % 4 != 3 and n % 5 == 0], []),
        (["--language", "DE", "--language", "en"], [n for n in kept() if n % 4 != 3], []),
        (["--licence", "cc-by"], [1], []),
        (["--licence", "CC-BY-4.0", "--licence", "CC BY SA"], [1, 4], []),
        (["--licence", "CC-BY-SA-4.0"], [], []),
        (["--since", "2026-11-22T12:10:01Z"], [n for n in kept() if n % 4 != 3 and n > 10], [15, 19]),
        (["--since", "2026-11-22T14:10:01+02:00"], [n for n in kept() if n % 4 != 3 and n > 10], [15, 19]),
        (["--since", "2030-01-01"], [], []),
    ],
    ids=lambda value: "-".join(map(str, value))[:40] if isinstance(value, list) else None,
)
def test_filters(corpus: Path, tmp_path: Path, options: list[str], texts: list[int], images: list[int]) -> None:
    said = json.loads(run(corpus, "--format", "jsonl", "-o", tmp_path / "e", "--json", *options).stdout)
    assert numbers(tmp_path / "e") == texts
    assert numbers(tmp_path / "e", "images") == images
    assert said == state(tmp_path / "e")["counts"]
    everything = said["rows"] + said["empty"] + said["held_back"] + sum(said["filtered"].values())
    assert everything == len(kept())
    assert len(list((tmp_path / "e").glob("images/files/*/*"))) == len(images)


# From a crawl


def test_what_a_crawl_found_is_told_in_the_row(tmp_path: Path) -> None:
    words = "<p>" + "A story about a lighthouse and its keeper, who reads the weather. " * 4 + "</p>"
    cc = '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
    web = {
        "a.example": {
            "/": page(
                f'<html lang="en"><head><title>The keeper</title>{cc}<meta name="author" content="Ada"></head>'
                f'<body><main>{words}</main><img src="/l.png" alt="A lighthouse"><a href="/no">no</a></body>',
                ("tdm-reservation", "0"),
            ),
            "/no": page(f"<title>no</title>{words}", ("tdm-reservation", "1")),
            "/l.png": typed("image/png", png(1, 2, 3, 20, 10)),
            "/robots.txt": text("User-agent: *\nDisallow: /x\n"),
        }
    }
    with LoopbackWeb(web) as served:
        ended = crawls.crawl(served, tmp_path / "corpus", ["a.example/"])
    assert ended.code == 0, ended.err
    run(tmp_path / "corpus", "--format", "jsonl", "-o", tmp_path / "e")
    (row,) = rows(tmp_path / "e")
    assert "lighthouse" in row["text"]
    assert (row["title"], row["author"], row["language"]) == ("The keeper", "Ada", "en")
    assert "tdmrep allow tdm (header)" in row["heard"]
    assert row["heard"] == sorted(set(row["heard"]))
    assert (row["domain"], row["licence"]) == ("a.example", "CC-BY-4.0")
    (image,) = rows(tmp_path / "e", "images")
    assert (image["alt"], image["width"], image["height"]) == ("A lighthouse", 20, 10)
    assert [crawls.at(url) for url in image["via"]] == ["a.example/"]
    decisions = crawls.decided(tmp_path / "corpus")
    assert {row["outcome"], image["outcome"]} <= {one.outcome.value for one in decisions.values()}
    assert b"/no" not in b"".join(path.read_bytes() for path in (tmp_path / "e" / "text").iterdir())


# Bad input


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "csv"], "'csv' is not one of 'parquet', 'webdataset', 'jsonl'"),
        (["--format", "jsonl", "--columns", "text,words"], "--columns: 'words' is no column"),
        (["--format", "jsonl", "--columns", " , "], "--columns is empty"),
        (["--format", "jsonl", "--kinds", "text,video"], "--kinds: 'video' is no kind; there are epub, image"),
        (["--format", "jsonl", "--kinds", ""], "--kinds is empty"),
        (["--format", "jsonl", "--licence", ""], "--licence is empty"),
        (["--format", "jsonl", "--language", "de", "--language", " "], "--language is empty"),
        (["--format", "jsonl", "--licence", "MIT"], "--licence: 'MIT' is no licence that is recognised"),
        (["--format", "jsonl", "--since", "yesterday"], "--since: 'yesterday' is no date; write 2026-11-22"),
        (["--format", "jsonl", "--language", "german"], "--language: 'german' is no ISO 639 code"),
        (["--format", "jsonl", "--language", "de", "--kinds", "image"], "--language leaves out images"),
        (["--format", "jsonl", "--images", "bytes"], "--images bytes: JSON Lines hold no images"),
        (["--format", "webdataset", "--images", "files"], "--images files: webdataset has its images"),
        (["--format", "parquet", "--uncompressed"], "--uncompressed is for jsonl"),
        (["--format", "jsonl", "--workers", "0"], "'--workers'"),
    ],
)
def test_bad_options_are_one_sentence(corpus: Path, tmp_path: Path, options: list[str], words: str) -> None:
    told = run(corpus, "-o", tmp_path / "e", *options, code=2)
    assert told.stderr.count("\n") == 1
    assert words in told.stderr
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize(
    ("package", "options", "extra"),
    [
        ("pyarrow", ["--format", "parquet"], "export"),
        ("pyarrow", ["--format", "webdataset"], "export"),
        ("rensa", ["--format", "jsonl", "--near-duplicates"], "export"),
        ("trafilatura", ["--format", "jsonl", "--quality"], "quality"),
    ],
)
def test_what_is_not_installed_is_named(
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    package: str,
    options: list[str],
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # as Python sees what is not installed
    told = run(corpus, "-o", tmp_path / "e", *options, code=2).stderr
    assert f"needs {package}, which is not installed: pip install 'heedful[{extra}]'" in told
    assert not (tmp_path / "e").exists()


def test_folders_that_are_no_place_for_it(corpus: Path, plain: Path, tmp_path: Path) -> None:
    def refused(folder: Path, *options: str, of: Path = corpus) -> str:
        before = everything(folder) if folder.is_dir() else {}
        told = run(of, "--format", "jsonl", "-o", folder, *options, code=2)
        assert told.stderr.count("\n") == 1
        assert (everything(folder) if folder.is_dir() else {}) == before
        return told.stderr

    assert "lies inside the corpus" in refused(corpus / "export")
    assert "lies inside the corpus" in refused(corpus)
    inside = tmp_path / "link"
    inside.symlink_to(corpus)
    assert "lies inside the corpus" in refused(inside / "export")
    (tmp_path / "file").write_text("x")
    assert "is not a folder" in refused(tmp_path / "file")
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.txt").write_text("x")
    assert "is not empty and no export" in refused(full)
    other = build(tmp_path / "other", 3)
    assert "holds an export of another corpus" in refused(plain, of=other)
    assert "language is all, asked for is de" in refused(plain, "--language", "de")
    assert "is not a corpus" in refused(tmp_path / "new", of=full)
    assert not (tmp_path / "new").exists()
    told = run(corpus, "--format", "parquet", "-o", plain, code=2).stderr
    assert "format is jsonl, asked for is parquet" in told


@pytest.mark.parametrize(
    "name", ["text", "images/files", ".heedful", "export.json", "text/00000.jsonl.zst.tmp"]
)
def test_nothing_is_written_through_a_symbolic_link(
    corpus: Path, plain: Path, tmp_path: Path, name: str
) -> None:
    folder, outside = shutil.copytree(plain, tmp_path / "e"), tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("precious")
    place = folder / name
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    place.symlink_to(outside if "." not in Path(name).name[1:] else outside / "precious")
    told = run(corpus, "--format", "jsonl", "-o", folder, code=2).stderr
    assert "is a symbolic link" in told
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"precious": "precious"}


@pytest.mark.parametrize(
    "name", ["export.json", ".heedful/text-00000.json", "text/00000.jsonl.zst", "text/pipe"]
)
def test_no_pipe_is_waited_for(corpus: Path, plain: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(plain, tmp_path / "e")
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert "neither a file nor a folder" in run(corpus, "--format", "jsonl", "-o", folder, code=2).stderr


@pytest.mark.parametrize(
    "said", [b"", b"{", b"[]", b'{"format": 99}', b'{"format": 1}', b'{"format":1,"corpus":7}']
)
def test_a_state_that_is_none_of_ours_is_refused(corpus: Path, tmp_path: Path, said: bytes) -> None:
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "export.json").write_bytes(said)
    assert run(corpus, "--format", "jsonl", "-o", tmp_path / "e", code=2).stderr.count("\n") == 1
    assert (tmp_path / "e" / "export.json").read_bytes() == said


def test_what_is_set_for_a_crawl_does_not_steer_an_export(
    corpus: Path, plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_OUTPUT", str(tmp_path / "corpus"))
    monkeypatch.setenv("HEEDFUL_KINDS", "image")
    assert "--output" in run(corpus, "--format", "jsonl", code=2).stderr
    run(corpus, "--format", "jsonl", "-o", tmp_path / "e")
    assert files(tmp_path / "e") == files(plain)
    assert not (tmp_path / "corpus").exists()


def test_quiet_is_quiet(corpus: Path, tmp_path: Path) -> None:
    told = run(corpus, "--format", "jsonl", "-o", tmp_path / "e", "-q")
    assert (told.stdout, told.stderr) == ("", "")
    told = run(corpus, "--format", "jsonl", "-o", tmp_path / "e")
    assert f"written to {tmp_path / 'e'}" in told.stderr
    assert told.stdout == ""


def test_an_empty_corpus_makes_an_empty_export(tmp_path: Path) -> None:
    with exports.opened(tmp_path / "corpus"):
        pass
    run(tmp_path / "corpus", "--format", "jsonl", "-o", tmp_path / "e")
    said = state(tmp_path / "e")
    assert (said["finished"], said["counts"]["rows"]) == (True, 0)
    assert rows(tmp_path / "e") == []


def test_a_report_need_not_read_again_what_an_export_read(tmp_path: Path) -> None:
    from crawler.corpus.measures import Measures

    folder = build(tmp_path / "corpus", 6)
    run(folder, "--format", "jsonl", "-o", tmp_path / "e")
    with Measures.read(folder) as measures:
        for row in rows(tmp_path / "e"):
            measure = measures.of(row["sha256"])
            assert measure is not None
            assert (measure.language, measure.characters) == (row["language"], len(row["text"]))
            assert measure.extractor == row["extractor"]


def test_a_corpus_that_cannot_be_written_to_is_exported(corpus: Path, plain: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(corpus, tmp_path / "corpus", ignore=shutil.ignore_patterns("measures.db"))
    (copy / "measures.db").mkdir()
    run(copy, "--format", "jsonl", "-o", tmp_path / "e")
    assert files(tmp_path / "e") == files(plain)
