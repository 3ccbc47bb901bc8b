"""No link leads out of a corpus, an export or a report, and no pipe in one is waited for.

Every file and folder that is there is replaced in turn: by a link to somebody's file or folder, by one to what
does not exist, by a pipe, by a socket. Whoever then reads or writes says in one sentence which path it is, and
touches nothing outside.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.cli import main
from crawler.corpus.measures import FILE as MEASURES
from tests import crawls, verifying

WORDS = b"somebody's words\n"
KINDS = ("link to a file", "link to a folder", "dangling link", "pipe", "socket")
FORMATS = ("html", "eu-summary", "licence-leads", "ab2013", "evidence-pack", "bot-page")


def run(*arguments: object, code: int) -> Result:
    """A command to its end; a pipe that is waited for runs into the test's time limit."""
    found = CliRunner().invoke(main, [str(one) for one in arguments])
    assert found.exit_code == code, (arguments, found.output)
    assert "Traceback" not in found.output
    return found


def refused(path: Path, *arguments: object) -> str:
    """The one sentence with which a command refuses ``path``."""
    said = run(*arguments, code=2).stderr
    assert said.count("\n") == 1, said
    assert said.startswith(f"heedful: {path} is "), said
    assert "remove it" in said
    return said


class Outside:
    """Somebody's file and folder."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "somebody"
        self.folder.mkdir()
        self.file = self.folder / "file"
        self.file.write_bytes(WORDS)
        os.utime(self.file, (1, 1))
        self.nowhere = place / "nowhere"

    def untouched(self) -> None:
        assert [one.name for one in self.folder.iterdir()] == ["file"]
        assert self.file.read_bytes() == WORDS
        assert self.file.stat().st_mtime == 1
        assert not os.path.lexists(self.nowhere)

    @contextmanager
    def instead_of(self, path: Path, kind: str) -> Iterator[None]:
        """``path`` is something else for a while."""
        aside = self.folder.parent / "aside"
        shutil.move(path, aside)
        try:
            if kind == "pipe":
                os.mkfifo(path)
            elif kind == "socket":
                there = os.open(path.parent, os.O_RDONLY)
                with socket.socket(socket.AF_UNIX) as bound:  # its address has room for a short path only
                    bound.bind(f"/proc/self/fd/{there}/{path.name}")
                os.close(there)
            else:
                to = {"link to a file": self.file, "link to a folder": self.folder}.get(kind, self.nowhere)
                path.symlink_to(to)
            yield
            if "link" in kind:
                assert path.is_symlink(), "it was replaced, and nobody said so"
        finally:
            path.unlink(missing_ok=True)
            shutil.move(aside, path)
        self.untouched()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus that was crawled, all its reports, and an export."""
    folder = tmp_path_factory.mktemp("made")
    corpus = verifying.crawled(folder / "corpus", times=1)
    run("export", corpus, "--format", "jsonl", "-o", folder / "export", code=0)
    for form in (*FORMATS, "eu-summary"):
        run("report", corpus, "--format", form, "--no-measure", "-q", code=0)
    return folder


@pytest.fixture
def corpus(made: Path) -> Path:
    return made / "corpus"


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    return Outside(tmp_path)


def a_url(corpus: Path) -> str:
    """One of which something is kept."""
    return str(json.loads(run("items", corpus, "--json", code=0).stdout.splitlines()[0])["url"])


def below(folder: Path, *apart: str) -> list[Path]:
    """Files and folders, ``apart`` and what is below them left out."""
    found = [path for path in sorted(folder.rglob("*")) if path.relative_to(folder).parts[0] not in apart]
    assert found
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_corpus_leads_out_of_it(corpus: Path, outside: Outside, kind: str) -> None:
    paths = [*below(corpus, "report", MEASURES), corpus / "report"]
    some = ("archive", "ledger/tile", "ledger/tail.jsonl", "frontier.db", "heedful.json", ".lock")
    assert {corpus / name for name in some} <= {*paths}
    for path in paths:
        with outside.instead_of(path, kind):
            refused(path, "log", corpus, "--json")
            refused(path, "withdraw", corpus, "--host", "a.example", "--reason", "asked")
            if path.name != "heedful.json":
                found = run("verify", corpus, code=5).stdout
                name = path.relative_to(corpus).as_posix()
                assert f"{name}: it is " in found


@pytest.mark.parametrize("name", ["archive", "evidence", "ledger/index.db", "ledger/tail.jsonl", "frontier.db"])
def test_every_command_refuses_it(corpus: Path, outside: Outside, name: str) -> None:
    path, url = corpus / name, a_url(corpus)
    new = outside.folder.parent / "new"
    with outside.instead_of(path, "link to a folder" if path.is_dir() else "link to a file"):
        for command in (
            ("items", corpus),
            ("explain", corpus, url),
            ("receipt", corpus, url),
            ("lookup", corpus, "a.example"),
            ("recheck", corpus, "--dry-run", "--contact", crawls.CONTACT),
            ("report", corpus),
            ("export", corpus, "--format", "jsonl", "-o", new),
            ("ledger", "erase", corpus, "--entry", "1", "--reason", "asked"),
            ("crawl", url, "-o", corpus, "--contact", crawls.CONTACT),
        ):
            refused(path, *command)
        assert "PROBLEM" in run("doctor", corpus, code=1).stdout
        assert not new.exists()


def form_of(name: str) -> str:
    """The format that writes a file or folder of the report's folder."""
    for form in FORMATS:
        if name.startswith(form):
            return form
    return "html"


def reported(corpus: Path) -> list[Path]:
    """What reports wrote, but for what another format only moves or adds."""
    found = below(corpus / "report")
    assert {form_of(path.name) for path in found if path.parent == corpus / "report"} == {*FORMATS}
    return found


@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe"])
def test_nothing_of_a_report_leads_out_of_it(corpus: Path, outside: Outside, kind: str) -> None:
    top = corpus / "report"
    for path in reported(corpus):
        like = "link to a folder" if path.is_dir() else "link to a file"
        with outside.instead_of(path, like if kind == "link" else kind):
            form = form_of(path.relative_to(top).parts[0])
            refused(path, "report", corpus, "--format", form, "--no-measure")


def test_an_evidence_pack_takes_nothing_from_elsewhere(corpus: Path, outside: Outside) -> None:
    for path in (corpus / "report" / "eu-summary", corpus / "report" / "eu-summary" / "index.html"):
        with outside.instead_of(path, "link to a folder" if path.is_dir() else "link to a file"):
            refused(path, "report", corpus, "--format", "evidence-pack", "--no-measure")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_an_export_leads_out_of_it(made: Path, outside: Outside, kind: str) -> None:
    for path in below(made / "export"):
        with outside.instead_of(path, kind):
            refused(path, "export", made / "corpus", "--format", "jsonl", "-o", made / "export")
            if path.relative_to(made / "export").parts[0] not in ("export.json", ".heedful"):
                # without the one nobody sees that it is an export, and the other proves nothing
                assert "it is " in run("verify", made / "export", code=5).stdout


@pytest.mark.parametrize("kind", ["link to a file", "dangling link", "pipe"])
def test_no_answer_is_written_through_a_link(corpus: Path, outside: Outside, tmp_path: Path, kind: str) -> None:
    path, url = tmp_path / "answer", a_url(corpus)
    path.write_bytes(b"")
    with outside.instead_of(path, kind):
        refused(path, "lookup", corpus, "a.example", "--letter", "-o", path)
        refused(path, "receipt", corpus, url, "-o", path)
        refused(path, "report", corpus, "--format", "json", "--no-measure", "-o", path)


def test_the_folder_itself_may_be_reached_through_a_link(made: Path, tmp_path: Path) -> None:
    corpus, export = tmp_path / "corpus", tmp_path / "export"
    shutil.copytree(made, tmp_path / "real")
    corpus.symlink_to(tmp_path / "real" / "corpus")
    export.symlink_to(tmp_path / "real" / "export")
    run("log", corpus, "--json", code=0)
    run("verify", corpus, code=0)
    run("report", corpus, "--no-measure", code=0)
    run("withdraw", corpus, "--url", a_url(corpus), "--reason", "asked", code=0)
    run("export", corpus, "--format", "jsonl", "-o", export, code=0)
    run("verify", export, code=0)


def test_no_public_key_is_written_through_a_link(outside: Outside, tmp_path: Path) -> None:
    (tmp_path / "key.pub").symlink_to(outside.file)
    run("key", "new", tmp_path / "key", code=2)
    outside.untouched()
