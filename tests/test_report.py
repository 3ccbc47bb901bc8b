"""``heedful report``: its door, its JSON, and the figures of the demo against the table of its web."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.cli import main
from crawler.config import ConfigError
from crawler.config.operator import load_operator
from crawler.corpus.measures import Measures
from crawler.demo.place import Place
from crawler.demo.web import PLACES
from crawler.domains import owner_domain
from crawler.optout.model import Outcome
from tests import crawls
from tests.corpora import RESERVED, decision, fill, journal, opened

COUNT = {
    "kept": int, "bytes": int, "reserved": int, "undetermined": int, "skipped": int, "withdrawn": int,
    "removed": int, "unstored": int, "considered": int,
}  # fmt: skip
REASON = {"reason": str, "urls": int, "domains": int}
MAYBE = (str, type(None))
NUMBER = (int, type(None))
SCHEMA: dict[str, Any] = {
    "format": int,
    "about": {
        "name": str, "log": str, "created": str, "operator": MAYBE, "contact": str, "tokens": [str],
        "user_agent": str, "purposes": [str], "posture": str, "reading": str, "unchecked": bool,
        "reason": MAYBE, "policy": str,
        "runs": [
            {"id": str, "started": str, "ended": MAYBE, "seeds": int, "versions": str, "policy": str}
        ],
        "entries": int, "sealed": int, "root": MAYBE, "sealed_at": MAYBE, "erased": int, "suffix_list": str,
    },
    "at": str,
    "period": [str],
    "total": COUNT,
    "held_back": int,
    "domains": int,
    "contributing": int,
    "kinds": [{"kind": str, "count": COUNT}],
    "signals": [
        {"signal": str, "title": str, "stated": int, "recovered": int, "inferred": int, "alone": int,
         "urls": int}
    ],
    "stages": [{"stage": str, "reserved": int, "undetermined": int, "skipped": int}],
    "suffixes": [{"suffix": str, "domains": int, "count": COUNT}],
    "languages": [{"language": str, "name": str, "items": int, "text_bytes": int, "words": int}],
    "periods": [{"start": str, "kept": int, "reserved": int, "undetermined": int, "skipped": int}],
    "postures": [{"kind": str, "opt_out": int, "opt_in": int}],
    "readings": [{"signal": str, "basis": str, "urls": int}],
    "literal": int,
    "walls": [REASON],
    "undetermined": [REASON],
    "silent": [{"origin": str, "reason": str, "since": str, "last": str, "urls": int}],
    "skipped": [REASON],
    "licences": [{"licence": str, "items": int, "accepted": int, "bytes": int}],
    "events": [{"at": str, "what": str, "ticket": MAYBE, "words": str, "items": int}],
    "domain_list": [
        {"domain": str, "count": COUNT, "texts": int, "images": int, "text_bytes": NUMBER, "image_bytes": int,
         "words": NUMBER, "first": str, "last": str, "signals": [str]}
    ],
}  # fmt: skip


def fits(value: Any, schema: Any, where: str = "report") -> None:
    """Raise unless ``value`` has exactly the keys and types of ``schema``."""
    if isinstance(schema, dict):
        assert isinstance(value, dict), where
        assert value.keys() == schema.keys(), where
        for key, inner in schema.items():
            fits(value[key], inner, f"{where}.{key}")
    elif isinstance(schema, list):
        assert isinstance(value, list), where
        for number, one in enumerate(value):
            fits(one, schema[0], f"{where}[{number}]")
    else:
        assert isinstance(value, schema), f"{where} is {value!r}"
        assert isinstance(value, bool) == (schema is bool), where


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No file or environment of whoever runs the tests speaks into them."""
    for name in os.environ:
        if name.startswith("HEEDFUL_"):
            monkeypatch.delenv(name)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    with opened(tmp_path / "corpus") as corpus:
        fill(corpus, 12)
    return tmp_path / "corpus"


def report(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["report", *map(str, arguments)])
    assert result.exit_code == code, (result.stderr, result.exception)
    assert "Traceback" not in result.stderr
    return result


def figures(corpus: Path, *more: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report(corpus, "--format", "json", "--no-measure", *more).stdout)
    fits(found, SCHEMA)
    return found


# JSON


def test_json_is_one_object_with_every_domain(corpus: Path) -> None:
    found = figures(corpus)
    assert found["total"]["considered"] == 12
    assert len(found["domain_list"]) == found["domains"] == 5
    assert sum(row["count"]["considered"] for row in found["domain_list"]) == 12
    assert not (corpus / "report").exists()


def test_two_reports_differ_in_their_time_alone(corpus: Path) -> None:
    first, second = (figures(corpus) for _ in range(2))
    assert first.pop("at") < second.pop("at")
    assert json.dumps(first) == json.dumps(second)


def test_json_goes_to_a_file(corpus: Path, tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    ended = report(corpus, "--format", "json", "-o", file, "--json", "--no-measure")
    assert json.loads(ended.stdout) == {"format": "json", "files": [str(file)]}
    fits(json.loads(file.read_text()), SCHEMA)
    assert ended.stderr == f"heedful: {file}\n"


@pytest.mark.parametrize("outcomes", [[], [Outcome.RESERVED] * 3], ids=["nothing", "only refusals"])
def test_corpora_without_content_have_reports(tmp_path: Path, outcomes: list[Outcome]) -> None:
    with opened(tmp_path / "c") as made:
        book = journal(made)
        for number, outcome in enumerate(outcomes):
            book.record(decision(f"https://a.example/{number}", outcome))
        book.flush()
    found = json.loads(report(tmp_path / "c", "--format", "json").stdout)
    assert found["total"]["reserved"] == found["total"]["considered"] == len(outcomes)
    assert (found["period"] is None) is (not outcomes)
    report(tmp_path / "c")


def test_a_report_can_be_made_while_a_crawl_writes(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with opened(path) as writing:
        fill(writing, 12)
        book = journal(writing)
        book.record(decision("https://z.example/", RESERVED))  # buffered, and not on disk
        assert figures(path)["total"]["considered"] == 12
        assert writing.ledger is not None
        writing.ledger.sync()  # on disk, and the archive is not yet
        assert figures(path)["total"]["considered"] == 12
        book.flush()
        assert figures(path)["total"]["considered"] == 13


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    modes = {path: path.stat().st_mode for path in [folder, *folder.rglob("*")]}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file but those with which SQLite shares what is open; it makes them where it may."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files if not path.name.endswith(("-shm", "-wal"))}


def test_a_read_only_copy_is_reported_elsewhere_and_not_touched(corpus: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    before = contents(copy)
    with read_only(copy):
        report(copy, "-o", tmp_path / "out", "--no-measure")
    assert contents(copy) == before
    assert any((tmp_path / "out").iterdir())


# Measuring


def test_texts_are_measured_once_and_only_if_wanted(corpus: Path) -> None:
    (row,) = figures(corpus)["languages"]
    assert (row["language"], row["items"]) == ("(not measured)", 8)
    measured = json.loads(report(corpus, "--format", "json").stdout)
    assert sum(row["words"] for row in measured["languages"]) > 100
    assert {row["language"] for row in measured["languages"]} != {"(not measured)"}
    assert all(row["text_bytes"] is not None for row in measured["domain_list"])
    with Measures.read(corpus) as measures, opened(corpus) as made:
        assert not list(measures.missing(made.store.items()))
    assert figures(corpus)["languages"] == measured["languages"]


def test_a_damaged_record_stops_no_report(corpus: Path) -> None:
    (file,) = (corpus / "archive").glob("*.warc.gz")
    data = bytearray(file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    file.write_bytes(data)
    ended = report(corpus, "--format", "json")
    found = json.loads(ended.stdout)
    assert found["total"]["kept"] == 8
    assert "could not be read" in ended.stderr
    unmeasured = [row["items"] for row in found["languages"] if row["language"] == "(not measured)"]
    assert unmeasured
    assert 0 < unmeasured[0] < 8


# Files


def test_the_page_is_what_is_written_without_a_format(corpus: Path) -> None:
    ended = report(corpus)
    (line,) = ended.stderr.splitlines()
    file = Path(line.removeprefix("heedful: "))
    assert ended.stdout == ""
    assert file.parent == corpus / "report"
    assert file.suffix == ".html"
    again = json.loads(report(corpus, "--json", "-q").stdout)
    assert again["format"] == "html"
    assert again["files"][0] == str(file)
    assert all(Path(name).is_file() for name in again["files"])


def test_quiet_says_nothing(corpus: Path) -> None:
    ended = report(corpus, "-q")
    assert (ended.stdout, ended.stderr) == ("", "")


@pytest.mark.parametrize("form", ["eu-summary", "ab2013", "licence-leads", "evidence-pack", "bot-page"])
def test_every_format_writes_files_into_the_folder_that_is_named(
    corpus: Path, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "out"
    told = json.loads(report(corpus, "--format", form, "-o", out, "--json", "--no-measure").stdout)
    assert told["files"]
    assert all(Path(name).is_file() and out in Path(name).parents for name in told["files"])
    assert not list(out.rglob("*.tmp"))


def test_the_bot_page_needs_no_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEEDFUL_CONTACT", "bot@my.domain")
    told = json.loads(report("--format", "bot-page", "--json").stdout)
    assert all(Path(name).is_file() for name in told["files"])


# What can be wrong


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "html"], "name the corpus"),
        (["nowhere"], "nowhere is not a corpus"),
        (["nowhere", "--format", "pdf"], "'pdf' is not one of"),
        (["CORPUS", "--config", "nowhere.toml"], "nowhere.toml cannot be read"),
        (["CORPUS", "--sme"], "--sme means nothing to --format html, only to eu-summary and evidence-pack"),
        (["CORPUS", "--sme", "--format", "ab2013"], "--sme means nothing to --format ab2013"),
        (["CORPUS", "--all-domains", "--format", "json"], "--all-domains means nothing to --format json"),
        (["CORPUS", "--all-domains", "--format", "licence-leads"], "--all-domains means nothing to"),
        (["--format", "bot-page"], "--no-measure is about the texts of a corpus"),
        (["CORPUS", "-o", "a-file"], "a-file is no folder; name a folder with -o"),
        (["CORPUS", "-o", "a-file/below"], "a-file/below"),
        (["CORPUS", "--format", "json", "-o", "."], "."),
        (["CORPUS", "--format", "json", "-o", "nowhere/figures.json"], "nowhere/figures.json"),
    ],
)
def test_bad_input_is_one_sentence(corpus: Path, arguments: list[str], words: str) -> None:
    Path("a-file").write_text("")
    ended = report(*(str(corpus) if one == "CORPUS" else one for one in arguments), "--no-measure", code=2)
    assert ended.stderr.count("\n") == 1
    assert words in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("form", ["eu-summary", "ab2013"])
def test_mistakes_in_the_summary_are_told_before_anything_is_counted(form: str, corpus: Path) -> None:
    Path("heedful.toml").write_text("[summary]\nprovder = 'x'\n")
    before = set(corpus.rglob("*"))
    ended = report(corpus, "--format", form, code=2)
    assert "there is no key provder; perhaps provider" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert set(corpus.rglob("*")) == before, "no text was measured for it"
    report(corpus, "--no-measure")


def test_what_the_environment_sets_for_one_format_disturbs_no_other(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_SME", "1")
    report(corpus, "--no-measure")


def test_a_file_where_the_reports_should_be_is_told_with_what_to_do(corpus: Path) -> None:
    (corpus / "report").write_text("")
    ended = report(corpus, "--no-measure", code=2)
    assert f"{corpus}/report is no folder; move it away, or name a folder with -o" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_somebody_put_where_a_file_is_prepared_is_not_written_through(
    corpus: Path, tmp_path: Path, kind: str
) -> None:
    precious, report_folder = tmp_path / "precious", corpus / "report"
    precious.write_text("precious")
    report_folder.mkdir(exist_ok=True)
    for name in ("index.html", "domains.csv"):
        if kind == "link":
            (report_folder / f"{name}.tmp").symlink_to(precious)
        else:
            os.mkfifo(report_folder / f"{name}.tmp")
    report(corpus, "--no-measure")
    assert precious.read_text() == "precious"
    assert sorted(one.name for one in report_folder.iterdir()) == ["domains.csv", "index.html"]
    assert not any(one.is_symlink() for one in report_folder.iterdir())


def test_a_damaged_ledger_is_one_sentence(corpus: Path) -> None:
    tail = corpus / "ledger" / "tail.jsonl"
    lines = tail.read_bytes().splitlines(keepends=True)
    tail.write_bytes(b"".join([*lines[:5], b"{}\n", *lines[6:]]))
    ended = report(corpus, "--format", "json", "--no-measure", code=2)
    assert ended.stderr.count("\n") == 1
    assert (ended.stdout, "damaged" in ended.stderr) == ("", True)


def test_a_disk_without_room_is_exit_3(corpus: Path, tmp_path: Path) -> None:
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300));"
        "from crawler.cli import main; main(sys.argv[1:])"
    )
    arguments = ["report", str(corpus), "--format", "json", "-o", str(tmp_path / "x.json"), "--no-measure"]
    ended = subprocess.run(
        [sys.executable, "-c", limited, *arguments],
        env=crawls.environment(PYTHONDONTWRITEBYTECODE="1"), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 3, ended.stderr
    assert ended.stderr.count("\n") == 1
    assert str(tmp_path / "x.json") in ended.stderr
    assert not (tmp_path / "x.json").exists()


# What the operator says


def test_operator_and_summary_are_read_without_a_contact(tmp_path: Path) -> None:
    file = tmp_path / "heedful.toml"
    file.write_text(
        '[operator]\nname = "Example"\n[run]\ntoken = "example-bot"\n'
        '[policy]\ndeny_hosts = "elsewhere.txt"\nreading = "literal"\n[summary]\na = [1, 2]\n'
    )
    operator, summary = load_operator({"config": str(file)}, environ={})
    assert operator["name"] == "Example"
    assert "contact" not in operator
    assert "example-bot" in operator["tokens"]
    assert summary == {"a": [1, 2]}
    told, _ = load_operator({}, environ={"HEEDFUL_CONTACT": "me@my.domain"}, folder=tmp_path / "none")
    assert told == {"contact": "me@my.domain"}


def test_a_key_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    (tmp_path / "heedful.toml").write_text("[operator]\nnam = 'x'\n")
    with pytest.raises(ConfigError, match="there is no key nam"):
        load_operator({}, environ={}, folder=tmp_path)


# The demo


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    keys = crawls.environment(XDG_CONFIG_HOME=str(folder / "config"))
    ended = crawls.heedful("demo", "-o", str(folder / "corpus"), timeout=120, env=keys)
    assert ended.code == 0, ended.err
    return folder / "corpus"


def test_the_figures_of_the_demo_are_those_of_its_table(shown: Path) -> None:
    found = json.loads(report(shown, "--format", "json").stdout)
    fits(found, SCHEMA)
    expected: dict[str, Place] = {
        place.host + place.path: place for place in PLACES if place.expect is not None
    }
    kept = {at for at, place in expected.items() if place.expect and place.expect.kept}
    assert found["total"]["kept"] == len(kept)
    by_domain = Counter(owner_domain(at.partition("/")[0]) for at in kept)
    assert found["contributing"] == len(by_domain)
    sure = Counter(
        place.expect.outcome.value
        for place in expected.values()
        if place.expect and place.expect.outcome in (Outcome.RESERVED, Outcome.UNDETERMINED)
    )
    late = {"reserved": found["total"]["removed"]}  # what a page reserves is removed, if it was met before it
    for outcome, number in sure.items():
        assert found["total"][outcome] + late.get(outcome, 0) >= number
    rows = {row["signal"]: row for row in found["signals"]}
    wanted = {
        place.expect.signal
        for place in expected.values()
        if place.expect and place.expect.signal and place.expect.outcome is Outcome.RESERVED
    }
    # One of two URLs with the same bytes may have been kept before the other one reserved them.
    decided = [one for one in crawls.decided(shown).values() if one.outcome is Outcome.RESERVED]
    assert wanted <= {ground.signal for one in decided for ground in one.grounds}
    assert len(decided) == found["total"]["reserved"] + found["total"]["removed"]
    assert len(wanted - rows.keys()) <= found["total"]["removed"]
    domains = {row["domain"]: row["count"]["kept"] for row in found["domain_list"] if row["count"]["kept"]}
    assert domains == by_domain
    assert {row["kind"] for row in found["kinds"]} == {"text", "image", "pdf", "epub"}
    assert found["about"]["sealed"] == found["about"]["entries"]
    assert found["about"]["contact"] == "https://demo.example/"
    licensed = sum(
        bool(place.expect and place.expect.outcome is Outcome.LICENSED) for place in expected.values()
    )
    assert found["postures"][-1] == {"kind": "all", "opt_out": len(kept), "opt_in": licensed}
    walls = " ".join(row["reason"] for row in found["walls"])
    assert all(status in walls for status in ("401", "402", "403", "451"))
