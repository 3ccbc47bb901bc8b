"""The cards beside an export: what they say, that others read them, and that no stranger writes in them."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from crawler.cli import main
from crawler.corpus.corpus import Corpus
from crawler.corpus.items import Note
from crawler.export.cards import sums
from crawler.optout.model import Kind, Outcome
from tests import verifying
from tests.corpora import IDENTITY, NOON, VERSIONS, decision, journal, opened, page
from tests.exports import build, everything, rows, run, state, url_of

FORMS = {
    "parquet": ("--format", "parquet"),
    "files": ("--format", "parquet", "--images", "files"),
    "webdataset": ("--format", "webdataset"),
    "jsonl": ("--format", "jsonl"),
    "plain": ("--format", "jsonl", "--uncompressed"),
}
CARDS = {"README.md", "LICENSE.md", "croissant.json", "export.json", "SHA256SUMS"}
EVERY = pytest.mark.parametrize("form", FORMS)


def sealed(path: Path, **identity: Any) -> Path:
    """A corpus with texts, and images of two types of which the second comes late, signed."""
    build(path)
    with Corpus.open(path, dataclasses.replace(IDENTITY, **identity), versions=VERSIONS, at=NOON) as corpus:
        book = journal(corpus)
        for number in range(24, 32):
            capture = page(url_of(number), jpeg(number), headers=(("content-type", "image/jpeg"),))
            note = Note(alt="late", licence="CC-BY-4.0", width=8, height=6)
            book.record(decision(url_of(number), Outcome.UNRESERVED, kind=Kind.IMAGE), capture, note=note)
        book.flush()
        corpus.seal(verifying.SIGNER, NOON)
    return path


def jpeg(number: int) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (8, 6), (number, 90, 200)).save(made, "jpeg")
    return made.getvalue()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed(tmp_path_factory.mktemp("corpus") / "corpus")


@pytest.fixture(scope="module")
def made(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All forms of one corpus."""
    place = tmp_path_factory.mktemp("exports")
    for form, options in FORMS.items():
        run(corpus, *options, "-o", place / form)
    return {form: place / form for form in FORMS}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A corpus that a crawl made, and an export of it."""
    place = tmp_path_factory.mktemp("crawled")
    verifying.crawled(place / "corpus")
    run(place / "corpus", "--format", "jsonl", "-o", place / "export")
    return place / "corpus", place / "export"


def head(folder: Path) -> dict[str, Any]:
    _, words, _ = (folder / "README.md").read_text().split("---\n", 2)
    return dict(yaml.safe_load(words))


def body(folder: Path) -> str:
    return (folder / "README.md").read_text().split("---\n", 2)[2]


def child(script: str, folder: Path, home: Path) -> Any:
    """A program of its own in a folder: its imports warn as they like, its caches go with the test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))}
    caches = {"HOME": str(home), "HF_HOME": str(home / "hf"), "CROISSANT_CACHE": str(home / "croissant")}
    offline = {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=False, cwd=folder, timeout=100, env=kept | caches | offline,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout.splitlines()[-1])


# What others do with them


LOADING = """
import json, re
found = []
for block in re.findall(r"```python\\n(.*?)```", open("README.md").read(), re.S):
    for line in block.splitlines():
        names = {}
        exec(line, names)
        rows = names["rows"]
        library = line.rpartition("# ")[2]
        if library == "datasets":
            size = len([row for row in rows])
        elif library == "duckdb":
            size = len(rows.fetchall())
        elif library == "webdataset":
            size = len([row for row in rows])
        else:
            size = len(rows)
        found.append([library, size])
print(json.dumps(found))
"""


@EVERY
def test_every_line_of_the_card_loads_what_it_says(form: str, made: dict[str, Path], tmp_path: Path) -> None:
    found = child(LOADING, made[form], tmp_path)
    said = state(made[form])["tables"]
    libraries = ["datasets", "pyarrow", "polars", "duckdb", *(["webdataset"] if form == "webdataset" else [])]
    assert found == [[library, said[table]["rows"]] for table in ("text", "images") for library in libraries]
    assert {size for _, size in found} == {16, 12}


DATASETS = """
import json, os, datasets
text = datasets.load_dataset(os.getcwd(), "text", split="train")
images = datasets.load_dataset(os.getcwd(), "images", split="train")
default = datasets.load_dataset(os.getcwd(), split="train")
def picture(row):
    for name in ("image", "jpg", "png"):
        if row.get(name) is not None:
            value = row[name]
            if isinstance(value, str):
                return value
            return value["path"] if isinstance(value, dict) else value.format
rows = [row.get("json", row) for row in text]
print(json.dumps([
    [row["text"] if "text" in row else row["txt"] for row in text],
    [one["fetched_at"].isoformat() for one in rows], [one["via"] for one in rows], [one["licence"] for one in rows],
    [picture(row) for row in images], default.num_rows]))
"""  # noqa: E501


@EVERY
def test_datasets_knows_all_types_whatever_the_first_samples_lack(
    form: str, made: dict[str, Path], tmp_path: Path
) -> None:
    texts, times, via, licences, pictures, default = child(DATASETS, made[form], tmp_path)
    expected = rows(made["plain"])
    assert texts == [row["text"] for row in expected]
    assert [time[:16] for time in times] == [row["fetched_at"][:16] for row in expected]
    assert {time[-6:] for time in times} == {"+00:00"}
    assert via == [row["via"] for row in expected]
    assert licences == [row["licence"] for row in expected]
    assert default == len(texts)
    if form in ("parquet", "webdataset"):
        assert pictures == ["PNG"] * 4 + ["JPEG"] * 8
    else:
        assert [(made[form] / path).read_bytes()[:1] for path in pictures] == [b"\x89"] * 4 + [b"\xff"] * 8


CROISSANT = """
import json, mlcroissant
card = mlcroissant.Dataset(jsonld="croissant.json")
issues = card.metadata.ctx.issues
found = {}
for one in card.metadata.record_sets:
    try:
        found[one.id] = [
            {name.rpartition("/")[2]: getattr(value, "format", value) if not isinstance(value, bytes) else value.decode()
             for name, value in row.items()}
            for row in card.records(one.id)
        ]
    except Exception as error:
        assert type(error).__name__ == "GenerationError"
        found[one.id] = None
print(json.dumps([sorted(map(str, issues.errors)), sorted(map(str, issues.warnings)), found], default=str))
"""  # noqa: E501


@EVERY
def test_mlcroissant_finds_nothing_wrong_and_reads_the_records(
    form: str, made: dict[str, Path], tmp_path: Path
) -> None:
    errors, warnings, found = child(CROISSANT, made[form], tmp_path)
    assert (errors, warnings) == ([], [])
    card = json.loads((made[form] / "croissant.json").read_bytes())
    fields = {one["@id"]: [field["name"] for field in one["field"]] for one in card["recordSet"]}
    if form == "jsonl":  # it does not read Zstandard
        assert found == {"text": None, "images": None}
        return
    expected = {"text": rows(made["plain"]), "images": rows(made["plain"], "images")}
    for table, told in expected.items():
        assert [row["url"] for row in found[table]] == [row["url"] for row in told]
        assert [row["sha256"] for row in found[table]] == [row["sha256"] for row in told]
        assert [int(row["id"]) for row in found[table]] == [row["entry"] for row in told]
        assert list(found[table][0]) == fields[table]
    if form == "webdataset":
        assert [row["content"] for row in found["text-txt-contents"]] == [
            row["text"] for row in expected["text"]
        ]
        assert [row["id"] for row in found["text-txt-contents"]] == [row["id"] for row in expected["text"]]
        assert (len(found["images-png-contents"]), len(found["images-jpg-contents"])) == (4, 8)
    else:
        assert [row["text"] for row in found["text"]] == [row["text"] for row in expected["text"]]
    if form == "parquet":
        assert [row["image"] for row in found["images"]] == ["PNG"] * 4 + ["JPEG"] * 8


@EVERY
def test_sha256sum_finds_every_file_as_it_is_listed(form: str, made: dict[str, Path]) -> None:
    listed = list(sums.read((made[form] / "SHA256SUMS").read_bytes().splitlines(keepends=True)))
    found = {
        path: digest for path, digest in everything(made[form]).items() if not path.startswith(".heedful/")
    }
    found.pop("SHA256SUMS")
    assert dict(listed) == found
    assert [path for path, _ in listed] == sorted(found)
    assert len(found) >= CARDS.__len__() + 4
    if shutil.which("sha256sum") is not None:
        subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=made[form], check=True)


@pytest.mark.parametrize(
    "name",
    ["plain", "two  words", "a\nb", "a\\b", "a\rb\\n", "\\", "ü", b"\xff".decode("utf-8", "surrogateescape")],
)
def test_names_are_escaped_as_coreutils_does(name: str, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    line = sums.line(name, digest)
    assert list(sums.read([line])) == [(name, digest)]
    assert line.count(b"\n") == 1
    if shutil.which("sha256sum") is not None:
        (tmp_path / name).write_bytes(b"x")
        told = subprocess.run(["sha256sum", name], cwd=tmp_path, capture_output=True, check=True).stdout
        assert told == line


@pytest.mark.parametrize("line", [b"x\n", b"0" * 64 + b" a\n", b"0" * 63 + b"  a\n", b"\n"])
def test_a_line_that_is_none_is_named(line: bytes) -> None:
    with pytest.raises(ValueError, match="line 2"):
        list(sums.read([sums.line("a", "0" * 64), line]))


# What they say


@EVERY
def test_the_head_says_what_there_is(form: str, corpus: Path, made: dict[str, Path]) -> None:
    said = head(made[form])
    log = json.loads((corpus / "heedful.json").read_bytes())["log"]
    assert said["pretty_name"] == f"Web corpus {log[:8]} by Example"
    assert said["language"] == ["en", "de"]
    assert (said["license"], said["license_name"], said["license_link"]) == (
        "other",
        "see-each-row",
        "LICENSE.md",
    )
    assert said["size_categories"] == ["n<1K"]
    assert said["task_categories"] == ["text-generation"]
    assert {"heedful", "croissant", "opt-out"} <= {*said["tags"]}
    ending = {"webdataset": "tar", "jsonl": "jsonl.zst", "plain": "jsonl"}.get(form, "parquet")
    for one, table in zip(said["configs"], ("text", "images"), strict=True):
        assert one["config_name"] == table
        assert one["data_files"] == [{"split": "train", "path": f"{table}/*.{ending}"}]
        assert one.get("default", False) is (table == "text")
        assert list(made[form].glob(one["data_files"][0]["path"]))


def test_the_body_has_the_sections_and_the_figures_of_a_crawl(crawled: tuple[Path, Path]) -> None:
    corpus, export = crawled
    words, said = body(export), state(export)
    for section in (
        "## Dataset Details", "## Uses", "## Dataset Structure", "## Dataset Creation",
        "### Curation Rationale", "#### Data Collection and Processing",
        "#### Who are the source data producers?", "### Annotations",
        "#### Personal and Sensitive Information", "## Reservations and withdrawals",
        "## Bias, Risks, and Limitations", "### Recommendations", "## Citation", "## Dataset Card Contact",
    ):  # fmt: skip
        assert f"\n{section}\n" in words
    assert "TDM Reservation Protocol | 2024-05-10 |" in words
    assert re.search(r"\| TDM Reservation Protocol \| [1-9][0-9]* \|", words)
    assert "text and data mining (`tdm`)" in words
    assert "Opt-out: " in words
    assert "Read strictly: " in words
    assert f"{said['ledger']['entries']} entries of the ledger, which are all of them" in words
    assert "Contents removed from the corpus so far, for whatever reason: 1." in words
    assert hashlib.sha256((export / "export.json").read_bytes()).hexdigest() in words
    flat = " ".join(words.split())
    assert "It does not say that anybody consented" in flat
    assert not re.search(r"\b(?:was|were|is|are|has|have) consented\b", flat)
    card = json.loads((export / "croissant.json").read_bytes())
    assert card["conformsTo"] == [
        "http://mlcommons.org/croissant/1.1",
        "http://mlcommons.org/croissant/RAI/1.0",
    ]
    runs = json.loads((corpus / "heedful.json").read_bytes())["runs"]
    assert card["prov:wasGeneratedBy"][0]["prov:label"] == f"Web crawl {runs[0]['id']}"
    assert card["usageInfo"][1]["termCode"] == "tdm"
    for name in (
        "dataCollection", "dataCollectionType", "dataCollectionMissingData", "dataCollectionRawData",
        "dataCollectionTimeframe", "dataPreprocessingProtocol", "personalSensitiveInformation",
        "dataLimitations", "dataBiases", "dataUseCases", "dataReleaseMaintenancePlan", "machineAnnotationTools",
    ):  # fmt: skip
        assert card[f"rai:{name}"]
    assert "TDM Reservation Protocol (2024-05-10)" in card["rai:dataCollection"]


def test_what_was_lowered_is_told_with_its_reason(tmp_path: Path) -> None:
    from crawler.optout.model import Reading

    with Corpus.open(
        tmp_path / "corpus",
        dataclasses.replace(IDENTITY, reading=Reading.LITERAL, reason="a court\n# said so"),
        versions=VERSIONS,
        at=NOON,
    ):
        pass
    run(tmp_path / "corpus", "--format", "jsonl", "-o", tmp_path / "e")
    assert "Read literally: " in body(tmp_path / "e")
    assert "The reason that the operator gives: `a court\ufffd# said so`" in body(tmp_path / "e")


def test_entries_after_the_last_checkpoint_are_told_of(corpus: Path, tmp_path: Path) -> None:
    grown = verifying.copied(corpus, tmp_path / "corpus")
    with opened(grown) as more:
        book = journal(more)
        book.record(decision(url_of(50)), page(url_of(50), b"<p>after the checkpoint</p>"))
        book.flush()
    run(grown, "--format", "jsonl", "-o", tmp_path / "e")
    flat = " ".join(body(tmp_path / "e").split())
    assert "signed over 32 entries of the ledger. 1 entry after these under no checkpoint yet" in flat
    build(tmp_path / "unsigned", 3)
    run(tmp_path / "unsigned", "--format", "jsonl", "-o", tmp_path / "never")
    assert "Nothing was signed yet when this was made" in body(tmp_path / "never")
    assert not (tmp_path / "never/provenance/checkpoint").exists()


def test_a_licence_is_named_only_if_every_row_names_it(corpus: Path, tmp_path: Path) -> None:
    run(corpus, "--format", "jsonl", "-o", tmp_path / "one", "--licence", "CC-BY-4.0")
    assert head(tmp_path / "one")["license"] == "cc-by-4.0"
    assert "license_name" not in head(tmp_path / "one")
    assert "CC BY 4.0" in (tmp_path / "one/LICENSE.md").read_text()
    card = json.loads((tmp_path / "one/croissant.json").read_bytes())
    assert card["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    run(corpus, "--format", "jsonl", "-o", tmp_path / "two", "--licence", "CC-BY", "--licence", "CC-BY-SA")
    assert head(tmp_path / "two")["license"] == "other"
    run(corpus, "--format", "jsonl", "-o", tmp_path / "other", "--licence", "CC-BY-SA-3.0")
    assert head(tmp_path / "other")["license"] == "cc-by-sa-3.0"


def test_an_export_without_rows_has_its_cards(corpus: Path, tmp_path: Path) -> None:
    run(corpus, "--format", "parquet", "-o", tmp_path / "e", "--since", "2099-01-01")
    assert "configs" not in head(tmp_path / "e")
    assert "language" not in head(tmp_path / "e")
    assert "There are no rows." in body(tmp_path / "e")
    assert child(CROISSANT, tmp_path / "e", tmp_path) == [[], [], {}]
    assert CliRunner().invoke(main, ["verify", str(tmp_path / "e")]).exit_code == 0


def test_what_was_not_screened_for_training_is_not_offered_for_it(tmp_path: Path) -> None:
    from crawler.optout.model import Purpose

    identity = dataclasses.replace(IDENTITY, purposes=(Purpose.SEARCH,))
    with Corpus.open(tmp_path / "corpus", identity, versions=VERSIONS, at=NOON) as corpus:
        book = journal(corpus)
        book.record(decision(url_of(1)), page(url_of(1), b"<p>some words of a page for a search engine</p>"))
        book.flush()
    run(tmp_path / "corpus", "--format", "jsonl", "-o", tmp_path / "e")
    assert "task_categories" not in head(tmp_path / "e")
    assert "search engines (`search`)" in body(tmp_path / "e")


HOSTILE = (
    "---\nlicense: mit\n---\n# Owned ``` [x](javascript:1) <img src=x onerror=1> {{ 7*7 }} "
    "\"' \u202e\x1b[31m\x00 \ufffe"
)


def test_words_of_strangers_stay_words(tmp_path: Path) -> None:
    corpus = sealed(tmp_path / "corpus", operator=HOSTILE, contact="`a`|b\n\n# c <b>")
    run(corpus, "--format", "jsonl", "-o", tmp_path / "e")
    said = head(tmp_path / "e")
    assert said["license"] == "other"
    assert said["pretty_name"].endswith("\ufffd")
    assert "# Owned" in said["pretty_name"]
    for path in ("README.md", "LICENSE.md", "croissant.json"):
        data = (tmp_path / "e" / path).read_text()
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", data)
        assert not re.search(r"^(?:# Owned|# c|license: mit)", data, re.M)
    words = body(tmp_path / "e")
    assert words.count("---\n") == 0
    spans = re.findall(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", words)
    outside = re.sub(r"^```\w+\n.*?^```$", "", words, flags=re.M | re.S)
    outside = re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", outside)
    assert any("javascript" in span for _, span in spans)
    assert not re.search(r"javascript|onerror|7\*7|<b>", outside)
    author = re.search(r"author = \{\{(.*)\}\}", words)
    assert author is not None
    assert not re.search(r"[{}\\`<>\[\]#]", author[1])
    assert child(CROISSANT, tmp_path / "e", tmp_path)[:2] == [[], []]


# What an export rests on


def test_the_provenance_is_that_of_the_corpus(crawled: tuple[Path, Path]) -> None:
    corpus, export = crawled
    place = export / "provenance"
    assert (place / "heedful.json").read_bytes() == (corpus / "heedful.json").read_bytes()
    assert (place / "checkpoint").read_bytes() == (corpus / "ledger/checkpoint").read_bytes()
    assert (place / "removed.jsonl").read_bytes() == (corpus / "removed.jsonl").read_bytes() != b""
    policies = {path.name: path.read_bytes() for path in (place / "policies").iterdir()}
    stored = {path.name: path.read_bytes() for path in (corpus / "ledger/policies").iterdir()}
    assert policies
    assert policies.items() <= stored.items()
    report = verifying.told(corpus, "--since", str(place / "checkpoint"))
    assert (report["holds"], report["unsealed"]) == (True, 0)


def test_a_list_of_removals_that_is_lost_is_made_from_the_ledger(
    crawled: tuple[Path, Path], tmp_path: Path
) -> None:
    corpus = verifying.copied(crawled[0], tmp_path / "corpus")
    listed = (corpus / "removed.jsonl").read_bytes()
    (corpus / "removed.jsonl").unlink()
    run(corpus, "--format", "jsonl", "-o", tmp_path / "e")
    assert (tmp_path / "e/provenance/removed.jsonl").read_bytes() == listed


def test_the_same_export_has_the_same_cards_but_for_its_date(
    corpus: Path, made: dict[str, Path], tmp_path: Path
) -> None:
    run(corpus, *FORMS["plain"], "-o", tmp_path / "again")
    one, other = everything(made["plain"]), everything(tmp_path / "again")
    changed = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
    assert changed <= CARDS - {"LICENSE.md"}
    at = state(made["plain"])["at"]
    again = state(tmp_path / "again")["at"]
    digests = [
        hashlib.sha256((folder / "export.json").read_bytes()).hexdigest()
        for folder in (made["plain"], tmp_path / "again")
    ]
    card, later = ((folder / "README.md").read_text() for folder in (made["plain"], tmp_path / "again"))
    made_at = re.compile(r"\*\*Made:\*\* .* UTC by")
    assert made_at.sub("", card.replace(digests[0], "")) == made_at.sub("", later.replace(digests[1], ""))
    cards = [(folder / "croissant.json").read_text() for folder in (made["plain"], tmp_path / "again")]
    assert cards[0].replace(at, "").replace(digests[0], "") == cards[1].replace(again, "").replace(
        digests[1], ""
    )


def test_after_a_withdrawal_only_its_shard_and_the_cards_change(tmp_path: Path) -> None:
    from crawler.export.export import Request, export
    from crawler.export.model import Wanted

    corpus = sealed(tmp_path / "corpus")
    wanted = Wanted(format="jsonl", images="files", compressed=False)
    request = Request(corpus=corpus, folder=tmp_path / "e", wanted=wanted, heedful="test", window=4)
    export(request)
    before, held = everything(tmp_path / "e"), rows(tmp_path / "e")
    gone = held[3]
    arguments = ["withdraw", str(corpus), "--reason", "asked", "--url", gone["url"]]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    export(request)
    after = everything(tmp_path / "e")
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    shard = f"text/{gone['entry'] // 4:05d}.jsonl"
    notes = {path for path in changed if path.startswith(".heedful/")}
    rest = {f"provenance/{name}" for name in ("heedful.json", "checkpoint", "removed.jsonl")}
    assert changed - notes == {shard, *CARDS, *rest}
    removed = [json.loads(line) for line in (tmp_path / "e/provenance/removed.jsonl").read_bytes().splitlines()]
    to_go = [
        row for row in held
        if any(
            one["sha256"] == row["sha256"] and (one["removal"] > row["entry"] or one["withdrawal"] is not None)
            for one in removed
        )
    ]  # fmt: skip
    assert to_go == [gone]
    assert rows(tmp_path / "e") == [row for row in held if row != gone]
    words = " ".join(body(tmp_path / "e").split())
    assert "1 withdrawal so far, covering 1 item; none of these is in this dataset" in words
    assert gone["url"] not in words
    assert not list((tmp_path / "e").rglob("*.tmp"))


def test_a_policy_that_is_used_no_more_leaves_the_provenance(corpus: Path, tmp_path: Path) -> None:
    run(corpus, *FORMS["plain"], "-o", tmp_path / "e")
    (tmp_path / "e/provenance/policies").mkdir()
    for name in ("provenance/policies/old.json", "provenance/old", "README.md.tmp"):
        (tmp_path / "e" / name).write_text("left")
    run(corpus, *FORMS["plain"], "-o", tmp_path / "e")
    assert not [path for path in everything(tmp_path / "e") if "old" in path or path.endswith(".tmp")]
