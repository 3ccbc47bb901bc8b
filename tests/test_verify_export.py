"""``heedful verify EXPORT``: what it finds in folders that were changed, and in rows that were forged."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.cli import main
from crawler.corpus.corpus import Corpus
from crawler.corpus.removed import FILE as REMOVED
from crawler.demo.server import LoopbackWeb
from crawler.export.cards import sums
from tests import crawls, verifying
from tests.corpora import NOON, decision, fill, journal, opened
from tests.exports import build, rows, run, url_of

FORMS = {
    "parquet": ("--format", "parquet"),
    "files": ("--format", "parquet", "--images", "files"),
    "webdataset": ("--format", "webdataset"),
    "jsonl": ("--format", "jsonl"),
    "plain": ("--format", "jsonl", "--uncompressed"),
}
MISSING = "it is kept and was asked for, and has no row"
EVERY = pytest.mark.parametrize("form", FORMS)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build(tmp_path_factory.mktemp("corpus") / "corpus")
    with opened(path) as corpus:
        corpus.seal(verifying.SIGNER, NOON)
    return path


@pytest.fixture(scope="module")
def made(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All forms of one corpus."""
    place = tmp_path_factory.mktemp("exports")
    for form, options in FORMS.items():
        run(corpus, *options, "-o", place / form)
    return {form: place / form for form in FORMS}


@pytest.fixture
def plain(made: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of the one that people can edit."""
    return verifying.copied(made["plain"], tmp_path / "export")


def check(folder: Path, *more: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["verify", str(folder), *map(str, more)])
    assert "Traceback" not in result.output
    assert result.exit_code == code, result.output + result.stderr
    return result


def findings(folder: Path, *more: object) -> list[str]:
    """What does not hold, each as one line that names file and what; there is something."""
    report = json.loads(check(folder, *more, "--json", code=5).stdout)
    assert report["holds"] is False
    assert report["count"] == len(report["findings"]) > 0
    return [f"{row['file']}: {row['what']}" for row in report["findings"]]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def reseal(folder: Path) -> None:
    """Make everything that an export says of itself fit its files, as whoever forges one would."""
    state = folder / "export.json"
    before, said = digest(state), json.loads(state.read_bytes())
    known = {}
    for table in said["tables"].values():
        for shard in table["shards"]:
            for file in shard["files"]:
                known[file["path"]] = file["sha256"]
                file["sha256"], file["bytes"] = (
                    digest(folder / file["path"]),
                    (folder / file["path"]).stat().st_size,
                )
    state.write_text(json.dumps(said))
    card = json.loads((folder / "croissant.json").read_bytes())
    for row in card["distribution"]:
        if row["@type"] == "cr:FileObject":
            row["sha256"] = digest(folder / row["contentUrl"])
    (folder / "croissant.json").write_text(json.dumps(card))
    readme = (folder / "README.md").read_text()
    assert before in readme
    (folder / "README.md").write_text(readme.replace(before, digest(state)))
    listed = [path for path, _ in sums.read((folder / "SHA256SUMS").read_bytes().splitlines(keepends=True))]
    (folder / "SHA256SUMS").write_bytes(b"".join(sums.line(path, digest(folder / path)) for path in listed))


def rewrite(
    folder: Path, change: Callable[[dict[str, Any]], None], table: str = "text", number: int = 3
) -> dict[str, Any]:
    """Change one row of an export as plain JSON Lines, and everything else so that it fits."""
    path = folder / table / "00000.jsonl"
    held = [json.loads(line) for line in path.read_bytes().splitlines()]
    change(held[number])
    path.write_text("".join(json.dumps(row) + "\n" for row in held))
    reseal(folder)
    return held[number]


# What holds


@EVERY
def test_an_export_holds_by_itself_and_against_its_corpus(
    form: str, corpus: Path, made: dict[str, Path]
) -> None:
    alone = check(made[form]).stdout
    assert f"{made[form]} holds." in alone
    assert "rows      16 of text, 4 of images" in alone
    assert "signed    24 entries" in alone
    assert "ledger    not looked at" in alone
    report = json.loads(check(made[form], "--corpus", corpus, "--json").stdout)
    assert (report["holds"], report["findings"], report["gone"]) == (True, [], {})
    assert (report["entries"], report["checkpoint"]["size"], report["own_keys"]) == (24, 24, True)
    assert (report["counts"]["text"], report["counts"]["images"]) == (16, 4)
    check(made[form], "--corpus", corpus, "--key", verifying.SIGNER.verifier)


def test_an_export_of_some_columns_and_kinds_holds(corpus: Path, tmp_path: Path) -> None:
    for number, (form, options) in enumerate(FORMS.items()):
        folder = tmp_path / str(number)
        run(corpus, *options, "-o", folder, "--columns", "via,fetched_at", "--language", "en")
        check(folder, "--corpus", corpus)
        assert form
    run(corpus, *FORMS["webdataset"], "-o", tmp_path / "i", "--kinds", "image", "--columns", "image,width")
    check(tmp_path / "i", "--corpus", corpus)


def test_a_crawled_corpus_and_what_tools_leave(tmp_path: Path) -> None:
    verifying.crawled(tmp_path / "corpus")
    run(tmp_path / "corpus", *FORMS["parquet"], "-o", tmp_path / "e")
    (tmp_path / "e/.git").mkdir()
    (tmp_path / "e/.git/config").write_text("x")
    (tmp_path / "e/.gitattributes").write_text("*.parquet filter=lfs")
    told = check(tmp_path / "e", "--corpus", tmp_path / "corpus").stdout
    assert ".gitattributes is no part of an export" in told


def test_it_needs_neither_scrapy_nor_the_network_and_changes_nothing(
    corpus: Path, made: dict[str, Path]
) -> None:
    script = """
import socket, sys
def refuse(*arguments, **more): raise AssertionError("network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
sys.argv = ["heedful", "verify", sys.argv[1], "--corpus", sys.argv[2]]
from crawler.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
loaded = [name for name in ("scrapy", "twisted", "crawler.middlewares") if name in sys.modules]
assert not loaded, loaded
"""
    places = (made["parquet"], corpus)
    before = [sorted((str(path), path.stat().st_mtime_ns) for path in place.rglob("*")) for place in places]
    ended = subprocess.run(
        [sys.executable, "-c", script, *map(str, places)],
        capture_output=True, text=True, check=False, env=crawls.environment(), timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert before == [
        sorted((str(path), path.stat().st_mtime_ns) for path in place.rglob("*")) for place in places
    ]


# What was changed


@EVERY
def test_a_byte_that_was_changed_is_found_in_every_file(
    form: str, made: dict[str, Path], tmp_path: Path
) -> None:
    folder = verifying.copied(made[form], tmp_path / "export")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".heedful" not in path.parts]
    assert len(paths) >= 8
    for path in paths:
        data = path.read_bytes()
        if not data:
            continue
        path.write_bytes(
            data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]
        )
        name = path.relative_to(folder).as_posix()
        found = findings(folder)
        assert name == "SHA256SUMS" or any(one.startswith(name) for one in found), (name, found)
        path.write_bytes(data[: len(data) // 2])
        assert findings(folder)
        path.write_bytes(data)
    check(folder)


@EVERY
def test_a_file_that_is_missing_or_more_than_there_should_be(
    form: str, made: dict[str, Path], tmp_path: Path
) -> None:
    folder = verifying.copied(made[form], tmp_path / "export")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".heedful" not in path.parts]
    for path in paths:
        data = path.read_bytes()
        path.unlink()
        if path.name == "export.json":
            check(folder, code=2)
        else:
            assert findings(folder)
        path.write_bytes(data)
    for name in ("more", "text/00001.parquet", "images/files/aa/" + "a" * 64 + ".jpg", "a\nb", "provenance/x"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
        assert f"{name}: SHA256SUMS does not list it" in findings(folder)
        (folder / name).unlink()
    check(folder)


def test_links_and_pipes_are_not_opened(plain: Path, tmp_path: Path) -> None:
    path = plain / "text/00000.jsonl"
    (tmp_path / "elsewhere").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    assert any("it is a link" in one for one in findings(plain))
    path.unlink()
    os.mkfifo(path)
    assert any("neither a file nor a folder" in one for one in findings(plain))
    path.unlink()
    shutil.move(plain / "images", tmp_path / "images")
    (plain / "images").symlink_to(tmp_path / "images")
    assert any(one == "images: it is a link: what it leads to is outside the export" for one in findings(plain))


@pytest.mark.parametrize(
    "line",
    [
        "nonsense\n",
        "{}  ../export.json\n",
        "{}  /etc/passwd\n",
        "{}  export.json\n",
        "{}  ./README.md\n",
        "no end",
    ],
)
def test_a_list_of_sums_that_is_none_or_leads_elsewhere(line: str, plain: Path) -> None:
    with (plain / "SHA256SUMS").open("a") as file:
        file.write(line.format("0" * 64))
    assert findings(plain)


def test_what_the_export_says_of_itself_has_to_fit(plain: Path, made: dict[str, Path]) -> None:
    def changed(change: Callable[[dict[str, Any]], None]) -> list[str]:
        said = json.loads((made["plain"] / "export.json").read_bytes())
        change(said)
        (plain / "export.json").write_text(json.dumps(said))
        data = (made["plain"] / "README.md").read_text()
        (plain / "README.md").write_text(
            data.replace(digest(made["plain"] / "export.json"), digest(plain / "export.json"))
        )
        card = json.loads((made["plain"] / "croissant.json").read_bytes())
        for row in card["distribution"]:
            if row["@id"] == "export.json":
                row["sha256"] = digest(plain / "export.json")
        (plain / "croissant.json").write_text(json.dumps(card))
        listed = [path for path, _ in sums.read((plain / "SHA256SUMS").read_bytes().splitlines(keepends=True))]
        (plain / "SHA256SUMS").write_bytes(b"".join(sums.line(path, digest(plain / path)) for path in listed))
        return findings(plain)

    shard = lambda said: said["tables"]["text"]["shards"][0]  # noqa: E731
    for change, told in (
        (lambda said: said["counts"].update(rows=21), "not the sum over its tables"),
        (lambda said: said["counts"].update(pictures=5), "it counts 5 pictures, there are 4"),
        (lambda said: said["tables"]["text"].update(rows=17), "not the sum over its shards"),
        (lambda said: said["tables"]["text"].update(shards=[]), "export.json does not speak of it"),
        (lambda said: shard(said)["files"][0].update(sha256="0" * 64), "says that its digest is another"),
        (lambda said: shard(said)["files"][0].update(path="../x"), "and it is not listed"),
        (lambda said: shard(said).update(rows=15), "it has 16 rows, export.json says 15"),
        (lambda said: shard(said).update(number=7), "it cannot be read"),
        (lambda said: said["tables"]["text"]["columns"].remove("text"), "its columns are others: text"),
        (lambda said: said["ledger"].update(checkpoint=None), "it is not the checkpoint that export.json has"),
        (lambda said: said["ledger"].update(entries=3), "it speaks of 3 entries, the checkpoint of 24"),
        (lambda said: said["corpus"].update(log="0" * 32), "it is of another corpus"),
        (lambda said: said["wanted"].update(format="xml"), "'xml' is none that this version reads"),
        (lambda said: said.update(finished=False), "the export is not finished"),
        (lambda said: said.pop("tables"), "does not speak of it"),
        (lambda said: said.update(tables=[]), "it cannot be read"),
    ):
        found = changed(change)
        assert any(told in one for one in found), (told, found)
    (plain / "export.json").write_text('{"format": 99}')
    assert "has format 99, this version reads 1" in check(plain, code=2).stderr


def test_the_cards_have_to_be_those_of_this_export(plain: Path, made: dict[str, Path]) -> None:
    shutil.copy(made["jsonl"] / "README.md", plain / "README.md")
    shutil.copy(made["jsonl"] / "croissant.json", plain / "croissant.json")
    listed = [path for path, _ in sums.read((plain / "SHA256SUMS").read_bytes().splitlines(keepends=True))]
    (plain / "SHA256SUMS").write_bytes(b"".join(sums.line(path, digest(plain / path)) for path in listed))
    found = findings(plain)
    assert any("README.md: it is the card of another export" in one for one in found)
    assert any("croissant.json: it does not speak of text/00000.jsonl" in one for one in found)


# Who signed


def test_the_checkpoint_has_to_be_signed_by_a_key_that_counts(plain: Path, corpus: Path) -> None:
    stranger = str(verifying.STRANGER.verifier)
    assert any("checkpoint does not hold" in one for one in findings(plain, "--key", stranger))
    assert findings(plain, "--corpus", corpus, "--key", stranger)
    manifest = plain / "provenance/heedful.json"
    manifest.write_text(manifest.read_text().replace('"Example"', '"Somebody"'))
    reseal(plain)
    assert any("not the file that the checkpoint names" in one for one in findings(plain))


def test_without_a_checkpoint_somebody_has_to_say_so(plain: Path, tmp_path: Path) -> None:
    build(tmp_path / "unsigned", 6)
    run(tmp_path / "unsigned", *FORMS["plain"], "-o", tmp_path / "e")
    told = check(tmp_path / "e", "--corpus", tmp_path / "unsigned").stdout
    assert "nothing was signed when the export was made" in " ".join(told.split())
    assert findings(tmp_path / "e", "--key", str(verifying.SIGNER.verifier))
    (plain / "provenance/checkpoint").unlink()
    lines = (plain / "SHA256SUMS").read_bytes().splitlines(keepends=True)
    (plain / "SHA256SUMS").write_bytes(b"".join(line for line in lines if b"checkpoint" not in line))
    assert any("this file is not there as it was" in one for one in findings(plain))


def test_a_policy_is_the_one_that_it_is_called(tmp_path: Path) -> None:
    verifying.crawled(tmp_path / "corpus", times=1)
    run(tmp_path / "corpus", *FORMS["plain"], "-o", tmp_path / "e")
    policy = next((tmp_path / "e/provenance/policies").glob("*.json"))
    policy.write_bytes(policy.read_bytes() + b" ")
    reseal(tmp_path / "e")
    assert findings(tmp_path / "e") == [
        f"provenance/policies/{policy.name}: its bytes have another digest than its name"
    ]


# Rows


def test_a_forged_row_passes_by_itself_and_not_against_the_ledger(
    plain: Path, made: dict[str, Path], corpus: Path
) -> None:
    for change, told in (
        ({"url": "https://h0.example/forged"}, "is about another URL"),
        ({"sha256": "0" * 64}, "is about other bytes"),
        ({"bytes": 1}, "bytes, not 1"),
        ({"outcome": "licensed"}, "its outcome is 'licensed', entry 5 says 'unreserved'"),
        ({"run": "r9"}, "its run is 'r9'"),
        ({"heard": ["tdmrep allow tdm (header)"]}, "what was heard is not what entry 5 says"),
        ({"entry": 6, "id": "000000006"}, "entry 6 is no decision to keep anything"),
    ):
        verifying.copied(made["plain"], plain)
        rewrite(plain, lambda row, change=change: row.update(change))
        if "url" in change:
            rewrite(plain, lambda row: row.update(domain="h0.example"))
        check(plain)
        found, *more = findings(plain, "--corpus", corpus)
        assert found.startswith("text/00000.jsonl: row 0")
        assert told in found
        assert [one.rpartition(": ")[2] for one in more] == ([MISSING] if "entry" in change else [])
    verifying.copied(made["plain"], plain)
    shutil.move(plain / "text/00000.jsonl", plain / "text/text")
    held = (plain / "text/text").read_bytes().splitlines(keepends=True)
    more = json.loads(held[-1]) | {"entry": 999, "id": "000000999"}
    (plain / "text/text").unlink()
    (plain / "text/00000.jsonl").write_bytes(b"".join(held[1:]) + json.dumps(more).encode() + b"\n")
    reseal(plain)
    check(plain)
    assert [one.rpartition(": ")[2] for one in findings(plain, "--corpus", corpus)] == [
        "entry 999 is no decision to keep anything",
        MISSING,
    ]


@pytest.mark.parametrize("form", ["parquet", "webdataset"])
def test_a_forged_row_is_found_in_the_other_formats(
    form: str, made: dict[str, Path], corpus: Path, tmp_path: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = verifying.copied(made[form], tmp_path / "export")
    path = folder / "text/00000.parquet"
    table = pq.read_table(path)
    urls = table["url"].to_pylist()
    domain = table["domain"].to_pylist()[2]
    urls[2] = f"https://{domain}/forged"
    at = table.schema.get_field_index("url")
    pq.write_table(table.set_column(at, table.schema.field("url"), pa.array(urls)), path)
    reseal(folder)
    if form == "webdataset":
        assert any("its .json is not the row of the table beside the shard" in one for one in findings(folder))
        _retar(
            folder / "text/00000.tar",
            "000000003.json",
            lambda data: data.replace(b"example/2", b"example/forged"),
        )
        reseal(folder)
    check(folder)
    (found,) = findings(folder, "--corpus", corpus)
    assert "row 000000003: entry 3 is about another URL" in found


def _retar(path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    with tarfile.open(path) as opened:
        members = [(one, opened.extractfile(one).read()) for one in opened]  # type: ignore[union-attr]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as file:
        for one, data in members:
            new = change(data) if one.name == name else data
            assert one.name != name or new != data
            one.size = len(new)
            file.addfile(one, io.BytesIO(new))


def test_words_and_pictures_have_to_be_what_the_row_says(
    plain: Path, made: dict[str, Path], tmp_path: Path
) -> None:
    rewrite(plain, lambda row: row.update(text=row["text"] + "!"))
    assert any("its words have another digest than its exact_group" in one for one in findings(plain))
    for change, told in (
        ({"image": None}, "it has no picture"),
        ({"image": "../../../etc/passwd"}, "its picture is not there"),
        ({"image": rows(made["plain"], "images")[2]["image"]}, "its picture is not there, or not what it says"),
        ({"exact_group": "0" * 64}, "its exact_group is not the digest of its bytes"),
        ({"id": "1"}, "it is not called after its entry"),
        ({"domain": "b.example"}, "its domain is not that of its URL"),
        ({"entry": "9"}, "its own is '9'"),
        ({"entry": 1, "id": "000000001"}, "it stands after entry 4, and its own is 1"),
        ({"more": 1}, "its columns are others: more"),
        ({"sha256": None}, "it is no row"),
    ):
        verifying.copied(made["plain"], plain)
        rewrite(plain, lambda row, change=change: row.update(change), "images", 1)
        found = findings(plain)
        assert any(told in one for one in found), (told, found)
    tarred = verifying.copied(made["webdataset"], tmp_path / "tarred")
    for name, change in (
        ("000000004.png", lambda data: data[:-1] + bytes([data[-1] ^ 1])),
        ("000000004.txt", lambda data: data + b"x"),
        ("000000004.json", lambda data: data.replace(b"000000004", b"000000005")),
    ):
        verifying.copied(made["webdataset"], tarred)
        _retar(tarred / "images/00000.tar", name, change)
        reseal(tarred)
        assert all("row 000000004" in one for one in findings(tarred))


@pytest.mark.parametrize("form", ["parquet", "webdataset", "jsonl", "plain"])
def test_shards_that_are_none_are_named(form: str, made: dict[str, Path], tmp_path: Path) -> None:
    folder = verifying.copied(made[form], tmp_path / "export")
    for path in sorted((folder / "text").iterdir()):
        if path.suffix == ".json":
            continue
        data = path.read_bytes()
        for bad in (b"", b"nonsense\n" * 9, data[: len(data) * 2 // 3], b"[" * 100_000 + b"\n"):
            path.write_bytes(bad)
            reseal(folder)
            assert any(one.startswith("text/00000.") for one in findings(folder))
        path.write_bytes(data)
        reseal(folder)
    check(folder)


# What has left since


def test_what_was_withdrawn_since_is_told_until_it_is_exported_again(tmp_path: Path) -> None:
    build(tmp_path / "corpus")
    with opened(tmp_path / "corpus") as corpus:
        corpus.seal(verifying.SIGNER, NOON)
    for form, options in FORMS.items():
        run(tmp_path / "corpus", *options, "-o", tmp_path / form)
    arguments = [
        "withdraw",
        str(tmp_path / "corpus"),
        "--reason",
        "asked",
        "--url",
        url_of(2),
        "--url",
        url_of(3),
    ]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    for form, options in FORMS.items():
        check(tmp_path / form)
        found = check(tmp_path / form, "--corpus", tmp_path / "corpus", code=5).stdout
        assert "withdrawn since: 2 rows, the first of them 000000003; export again" in found
        report = json.loads(check(tmp_path / form, "--corpus", tmp_path / "corpus", "--json", code=5).stdout)
        assert report["gone"] == {"withdrawn": 2}
        run(tmp_path / "corpus", *options, "-o", tmp_path / form)
        check(tmp_path / form, "--corpus", tmp_path / "corpus")
        check(tmp_path / form)
    old = verifying.copied(tmp_path / "plain", tmp_path / "old")
    listed = (old / "provenance" / REMOVED).read_text().splitlines()
    forged = json.loads(listed[0]) | {"sha256": rows(old)[0]["sha256"]}
    (old / "provenance" / REMOVED).write_text("\n".join([*listed, json.dumps(forged)]) + "\n")
    reseal(old)
    assert any("the export's own list says" in one for one in findings(old))


def test_what_a_later_crawl_found_reserved_is_told(tmp_path: Path) -> None:
    corpus, folder = tmp_path / "corpus", tmp_path / "e"
    with LoopbackWeb(verifying.table()) as web:
        assert crawls.crawl(web, corpus, ["a.example/"]).code == 0
        run(corpus, *FORMS["plain"], "-o", folder)
        check(folder, "--corpus", corpus)
        assert crawls.crawl(web, corpus, ["a.example/"]).code == 0
    assert [one.partition(": ")[2].rpartition(" 0")[0] for one in findings(folder, "--corpus", corpus)] == [
        "removed since: 1 row, the first of them"
    ]


def test_what_a_recheck_holds_back_since_is_told(plain: Path, corpus: Path, tmp_path: Path) -> None:
    held = verifying.copied(corpus, tmp_path / "corpus")

    def recheck(state: str) -> None:
        with opened(held) as more:
            assert more.ledger is not None
            more.ledger.append_other(
                "recheck", run="r2", at=NOON, url=url_of(2), state=state, stage="content", grounds=[]
            )
            more.ledger.sync()
            more.seal(verifying.SIGNER, NOON)

    recheck("new reservation")
    assert [one.partition(": ")[2] for one in findings(plain, "--corpus", held)] == [
        "held back since: 1 row, the first of them 000000003; "
        "export again into the same folder, or into a new one"
    ]
    recheck("lifted")
    check(plain, "--corpus", held)


def test_a_whole_origin_that_is_held_back_is_told_until_a_crawl_meets_it_again(
    plain: Path, corpus: Path, tmp_path: Path
) -> None:
    held = verifying.copied(corpus, tmp_path / "corpus")
    with opened(held) as more:
        assert more.ledger is not None
        more.ledger.append_other(
            "recheck",
            run="r2",
            at=NOON,
            origin="https://h2.example",
            state="unreachable",
            stage="host",
            grounds=[],
        )
        more.ledger.sync()
    of_origin = [
        row for table in ("text", "images") for row in rows(plain, table) if row["domain"] == "h2.example"
    ]
    assert len(of_origin) > 1
    report = json.loads(check(plain, "--corpus", held, "--json", code=5).stdout)
    assert report["gone"] == {"held back": len(of_origin)}
    with opened(held) as more:
        book = journal(more)
        book.record(decision(of_origin[0]["url"]))
        book.flush()
    report = json.loads(check(plain, "--corpus", held, "--json", code=5).stdout)
    assert report["gone"] == {"held back": len(of_origin) - 1}


def test_a_manifest_may_be_one_step_ahead_of_the_checkpoint_and_no_more(corpus: Path, tmp_path: Path) -> None:
    begun = verifying.copied(corpus, tmp_path / "corpus")
    with opened(begun) as more:
        more.folder.begin_run("r2", at=NOON, settings={})
    run(begun, *FORMS["plain"], "-o", tmp_path / "e")
    assert "when a run began or ended" in " ".join(check(tmp_path / "e", "--corpus", begun).stdout.split())
    path = tmp_path / "e/provenance/heedful.json"
    path.write_text(path.read_text().replace('"strict"', '"literal"'))
    reseal(tmp_path / "e")
    assert findings(tmp_path / "e") == ["provenance/heedful.json: it is not the file that the checkpoint names"]


# Which corpus


def test_a_ledger_that_was_set_back_or_changed_is_found(plain: Path, corpus: Path, tmp_path: Path) -> None:
    with Corpus.read(corpus) as read:
        entries = [entry.leaf for entry in read.entries()]
    back = verifying.copied(corpus, tmp_path / "corpus")
    tail = back / "ledger/tail.jsonl"
    tail.write_bytes(b"".join(line + b"\n" for line in entries[:-2]))
    assert any("it is signed over 24 entries" in one for one in findings(plain, "--corpus", back))
    forged = [line.replace(b"h2.example/2", b"h2.example/X") for line in entries]
    tail.write_bytes(b"".join(line + b"\n" for line in forged))
    found = findings(plain, "--corpus", back)
    assert any("the checkpoint of 24 entries does not hold" in one for one in found)


def test_what_cannot_be_checked_is_one_sentence(plain: Path, corpus: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "other", 3)
    assert "is no export of" in check(plain, "--corpus", other, code=2).stderr
    assert "it has no heedful.json" in check(plain, "--corpus", tmp_path, code=2).stderr
    assert "--corpus is for checking an export" in check(corpus, "--corpus", corpus, code=2).stderr
    assert "are for a CORPUS" in check(plain, "--replay", code=2).stderr
    kept = plain / "provenance/checkpoint"
    assert "--corpus" in check(plain, "--since", kept, code=2).stderr
    check(plain, "--corpus", corpus, "--since", kept)
    assert (
        "holds no checkpoint" in check(plain, "--corpus", corpus, "--since", plain / "README.md", code=2).stderr
    )


def test_without_pyarrow_it_is_told_what_was_not_looked_at(
    made: dict[str, Path], corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crawler.export.checking import whole

    monkeypatch.setattr(whole, "find_spec", lambda name: None)
    assert "the rows were not looked at" in " ".join(check(made["parquet"]).stdout.split())
    assert "pip install 'heedful[export]'" in check(made["parquet"], "--corpus", corpus, code=2).stderr
    check(made["jsonl"], "--corpus", corpus)


MEMORY = """
import json, sys
from pathlib import Path
from crawler.export.checking.whole import Question, verify
def peak():
    [line] = [one for one in open("/proc/self/status") if one.startswith("VmHWM")]
    return int(line.split()[1])
found = []
for size in ("few", "many"):
    report = verify(Path(sys.argv[1], size, "e"), Question(corpus=Path(sys.argv[1], size, "corpus")))
    assert report.holds, report.findings.found
    found.append([report.findings.counts["text"], peak()])
print(json.dumps(found))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much memory was used")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_memory_does_not_grow_with_the_rows(form: str, tmp_path: Path) -> None:
    for name, count in (("few", 3000), ("many", 9000)):
        with opened(tmp_path / name / "corpus") as corpus:
            fill(corpus, count, body=12_000, each=64)
            corpus.seal(verifying.SIGNER, NOON)
        run(tmp_path / name / "corpus", *FORMS[form], "-o", tmp_path / name / "e", "--workers", 2)
    ended = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path)], capture_output=True, text=True, check=False, timeout=100
    )
    assert ended.returncode == 0, ended.stderr
    (few, first), (many, second) = json.loads(ended.stdout)
    assert (few, many) == (2000, 6000)
    assert second - first < 40 << 10, (first, second)  # KiB; the texts are 24 and 72 MB


# What only the archive shows


def without(folder: Path, table: str, *numbers: int) -> None:
    """Take rows out of an export as plain JSON Lines, and make everything else fit."""
    path = folder / table / "00000.jsonl"
    held = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for number, line in enumerate(held) if number not in numbers))
    state = json.loads((folder / "export.json").read_bytes())
    state["tables"][table]["shards"][0]["rows"] -= len(numbers)
    state["tables"][table]["rows"] -= len(numbers)
    state["counts"]["rows"] -= len(numbers)
    before = digest(folder / "export.json")
    (folder / "export.json").write_text(json.dumps(state))
    readme = (folder / "README.md").read_text().replace(before, digest(folder / "export.json"))
    (folder / "README.md").write_text(readme)
    reseal(folder)


def test_a_row_that_is_missing_shows_against_the_corpus(plain: Path, corpus: Path) -> None:
    text, image = rows(plain)[5], rows(plain, "images")[1]
    without(plain, "text", 5)
    without(plain, "images", 1)
    alone = check(plain).stdout
    assert "unseen    whether a row is missing" in alone
    report = json.loads(check(plain, "--corpus", corpus, "--json", code=5).stdout)
    assert [(row["entry"], row["url"], row["what"]) for row in report["findings"]] == [
        (row["entry"], row["url"], MISSING) for row in (image, text)
    ]
    assert report["absent"] == {"missing": 2}


def test_what_has_no_row_for_a_reason_is_told_and_holds(tmp_path: Path) -> None:
    from tests.corpora import page

    with opened(tmp_path / "corpus") as book:
        writing = journal(book)
        for number, words in enumerate(("", "The gardener waters the roses every morning. " * 5, "")):
            url = f"https://a.example/{number}"
            body = f"<html><body><main><p>{words}</p></main></body></html>".encode()
            writing.record(decision(url), page(url, body, seconds=number))
        writing.flush()
        book.seal(verifying.SIGNER, NOON)
    run(tmp_path / "corpus", *FORMS["plain"], "-o", tmp_path / "e")
    report = json.loads(check(tmp_path / "e", "--corpus", tmp_path / "corpus", "--json").stdout)
    assert report["absent"] == {"without words": 2}
    assert (report["again"], report["unchecked"]) == ({"rows": 1, "of": 1}, [])


@pytest.mark.parametrize(
    "options", [("--language", "de"), ("--licence", "CC-BY"), ("--since", "2026-11-22T12:05:00Z")]
)
def test_what_was_not_asked_for_is_not_missed(options: tuple[str, ...], corpus: Path, tmp_path: Path) -> None:
    run(corpus, *FORMS["plain"], *options, "-o", tmp_path / "e")
    report = json.loads(check(tmp_path / "e", "--corpus", corpus, "--json").stdout)
    (why,) = report["absent"]
    assert why == f"not asked for ({options[0].lstrip('-')})"
    without(tmp_path / "e", "text", 0)
    assert any(MISSING in one for one in findings(tmp_path / "e", "--corpus", corpus))


def test_words_that_were_forged_with_their_digest_show_against_the_archive(
    plain: Path, corpus: Path, made: dict[str, Path]
) -> None:
    from crawler.text.sketch import group_of

    forged = "Words that nobody wrote."
    for change, column in (
        ({"text": forged, "exact_group": group_of(forged)}, "text and exact_group"),
        ({"title": "Another"}, "title"),
        ({"licence": "CC0-1.0"}, "licence"),
    ):
        verifying.copied(made["plain"], plain)
        row = rewrite(plain, lambda row, change=change: row.update(change))
        check(plain)
        assert findings(plain, "--corpus", corpus) == [
            f"None: row {row['id']}: made again from the archive, it has another {column}"
        ]
    verifying.copied(made["plain"], plain)
    rewrite(plain, lambda row: row.update(alt="Another"), table="images", number=1)
    assert "it has another alt" in findings(plain, "--corpus", corpus)[0]


def test_of_many_rows_a_sample_is_made_again_and_all_where_that_is_asked_for(tmp_path: Path) -> None:
    from crawler.export.checking.again import SAMPLE

    with opened(tmp_path / "corpus") as corpus:
        fill(corpus, 360, body=400, each=64)
        corpus.seal(verifying.SIGNER, NOON)
    run(tmp_path / "corpus", *FORMS["plain"], "-o", tmp_path / "e")
    told = check(tmp_path / "e", "--corpus", tmp_path / "corpus").stdout
    assert f"again     {SAMPLE} of 240 rows made again from the archive; --texts makes all" in told
    told = check(tmp_path / "e", "--corpus", tmp_path / "corpus", "--texts").stdout
    assert "again     240 of 240 rows made again from the archive\n" in told
    assert "--corpus" in check(tmp_path / "e", "--texts", code=2).stderr


def test_what_other_versions_read_is_not_called_forged(plain: Path, corpus: Path) -> None:
    state = json.loads((plain / "export.json").read_bytes())
    before = digest(plain / "export.json")
    state["versions"]["resiliparse"] = "0.0.1"
    (plain / "export.json").write_text(json.dumps(state))
    readme = (plain / "README.md").read_text().replace(before, digest(plain / "export.json"))
    (plain / "README.md").write_text(readme)
    rewrite(plain, lambda row: row.update(title="Another"))
    told = " ".join(check(plain, "--corpus", corpus).stdout.split())
    assert "unseen words were not read again: other versions made the export (resiliparse 0.0.1, here" in told
    assert "4 of 20 rows made again" in told


def test_bytes_that_a_recheck_found_reserved_under_another_url_have_to_go(tmp_path: Path) -> None:
    from crawler.optout.model import Kind
    from tests.corpora import page
    from tests.exports import body_of

    path, folder = tmp_path / "corpus", tmp_path / "e"
    with opened(path) as book:
        writing = journal(book)
        for number, name in enumerate((7, 7, 11)):
            media = (("content-type", "image/png"),)
            capture = page(url_of(number), body_of(name), headers=media, seconds=number)
            writing.record(decision(url_of(number), kind=Kind.IMAGE), capture)
        writing.flush()
        book.seal(verifying.SIGNER, NOON)
    run(path, *FORMS["plain"], "-o", folder)
    check(folder, "--corpus", path)

    def recheck(state: str) -> None:
        with opened(path) as book:
            assert book.ledger is not None
            book.ledger.append_other(
                "recheck", run="r2", at=NOON, url=url_of(1), state=state, stage="content", grounds=[]
            )
            book.ledger.sync()
            book.seal(verifying.SIGNER, NOON)

    recheck("new reservation")
    assert json.loads(check(folder, "--corpus", path, "--json", code=5).stdout)["gone"] == {"held back": 2}
    run(path, *FORMS["plain"], "-o", folder)
    check(folder, "--corpus", path)
    recheck("lifted")
    report = json.loads(check(folder, "--corpus", path, "--json").stdout)
    assert (report["counts"]["images"], report["absent"]) == (1, {})
