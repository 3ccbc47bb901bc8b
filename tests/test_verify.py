"""``verify`` on corpora that hold, on those that are not finished, and on what is no corpus."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.audit import timestamps
from crawler.audit.checkpoint import Checkpoint
from crawler.cli import main
from crawler.demo.server import LoopbackWeb
from tests import corpora, crawls, verifying
from tests.authority import listening
from tests.verifying import SIGNER, STRANGER, copied, findings, told, verified
from tests.webs import generate


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return verifying.crawled(tmp_path_factory.mktemp("verify") / "corpus")


def test_a_corpus_that_holds(corpus: Path) -> None:
    report = told(corpus)
    assert (report["findings"], report["notes"], report["unsealed"]) == ([], [], 0)
    assert report["checkpoint"]["size"] == report["entries"] == report["counts"]["entries"]
    assert report["counts"]["removal"] == 1
    assert report["counts"]["collected"] > report["counts"]["items"] > 5
    assert report["replay"] is None
    words = verified(corpus).stdout
    assert words.startswith(f"{corpus} holds.\n")
    assert "unanchored since" in words
    assert max(map(len, words.splitlines()[1:])) <= 80


def test_only_the_public_key_that_was_given_counts(corpus: Path, tmp_path: Path) -> None:
    own = str(verifying.own_signer().verifier)
    assert told(corpus)["own_keys"] is True
    assert "The key was taken from the corpus itself" in " ".join(verified(corpus).stdout.split())
    (tmp_path / "key.pub").write_text(own + "\n")
    for given in (own, str(tmp_path / "key.pub")):
        assert told(corpus, "--key", given)["own_keys"] is False
        assert "was taken from" not in verified(corpus, "--key", given).stdout
    stranger = str(STRANGER.verifier)
    found = findings(corpus, "--key", stranger)
    assert any("none of the keys that count" in one for one in found)
    assert findings(corpus, "--key", own, "--key", stranger) == []
    for bad in ("nonsense", own[:-4] + "AAAA", (Path(os.environ["XDG_CONFIG_HOME"]) / "heedful" / "key")):
        result = verified(corpus, "--key", str(bad))
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert "PRIVATE+KEY" not in result.output


def test_on_a_folder_that_cannot_be_written_to(corpus: Path, tmp_path: Path) -> None:
    copy = copied(corpus, tmp_path / "copy")
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    for path in [*before, *copy.rglob("*"), copy]:
        path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert findings(copy, "--replay") == []
        assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    finally:
        for path in [copy, *copy.rglob("*")]:
            path.chmod(stat.S_IRWXU)


def test_without_index_lock_frontier_and_secrets(corpus: Path, tmp_path: Path) -> None:
    """An auditor's copy: what is derived or private stays at home."""
    copy = copied(corpus, tmp_path / "copy")
    for name in ("ledger/index.db", ".lock", "frontier.db", "ledger/marks.key"):
        (copy / name).unlink()
    assert findings(copy, "--replay") == []


def test_without_scrapy_and_without_network(corpus: Path, tmp_path: Path) -> None:
    script = f"""
import socket, sys
def refuse(*_, **__): raise AssertionError("network")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
from crawler.cli import main
try:
    main(["verify", {str(corpus)!r}, "--replay"])
except SystemExit as ended:
    assert ended.code == 0, ended.code
loaded = [name for name in ("scrapy", "twisted", "crawler.middlewares") if name in sys.modules]
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_append_only_against_every_checkpoint_that_was_kept(corpus: Path, tmp_path: Path) -> None:
    every = (corpus / "ledger" / "checkpoints").read_text("utf-8").split("\n\n")
    notes = [f"{text}\n\n{signature}\n" for text, signature in zip(every[::2], every[1::2], strict=False)]
    assert len(notes) >= 3
    for number, note in enumerate(notes):
        kept = tmp_path / f"kept-{number}"
        kept.write_text(note, "utf-8")
        assert findings(corpus, "--since", str(kept)) == []
    for name, data, words in (
        ("missing", None, "cannot be read"),
        ("empty", b"", "holds no checkpoint"),
        ("text", b"words\n", "holds no checkpoint"),
        ("torn", notes[0].encode()[:-30], "holds no checkpoint"),
        ("changed", notes[0].replace("\nat 2", "\nat 1").encode(), "proves nothing"),
    ):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        result = verified(corpus, "--since", str(tmp_path / name))
        assert (result.exit_code, words in result.stderr) == (2, True), result.output


def test_a_checkpoint_of_what_was_not_there_yet(corpus: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes((corpus / "ledger" / "checkpoint").read_bytes())
    folder = copied(corpus, tmp_path / "before")
    with_fewer = verifying.crawled(tmp_path / "other", times=1)
    assert any("is about the ledger" in one for one in findings(with_fewer, "--since", str(kept)))
    lines = (folder / "ledger" / "tail.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "ledger" / "tail.jsonl").write_bytes(b"".join(lines[:-1]))
    assert any("but there are" in one for one in findings(folder, "--since", str(kept)))


def test_what_no_checkpoint_covers_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    with corpora.opened(folder) as corpus:
        corpora.fill(corpus, 8)
    report = told(folder)
    assert (report["checkpoint"], report["unsealed"], report["holds"]) == (None, 8, True)
    assert "no checkpoint is signed by a key that counts" in verified(folder).stdout
    assert verified(folder, "--key", str(SIGNER.verifier)).exit_code == 5
    with corpora.opened(folder) as corpus:
        corpus.seal(SIGNER, corpora.NOON)
        corpora.fill(corpus, 4, start=8)
    report = told(folder)
    assert (report["checkpoint"]["size"], report["unsealed"], report["holds"]) == (8, 4, True)
    assert "4 entries after them are under no checkpoint yet" in verified(folder).stdout
    for name in ("checkpoint", "checkpoints"):
        (folder / "ledger" / name).unlink()
    assert verified(folder).exit_code == 5, "the manifest names a key that has signed"


def test_a_key_that_was_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    for number, signer in enumerate((SIGNER, STRANGER)):
        with corpora.opened(folder) as corpus:
            corpora.fill(corpus, 4, start=4 * number)
            corpus.seal(signer, corpora.NOON)
    assert findings(folder) == []
    assert findings(folder, "--key", str(SIGNER.verifier), "--key", str(STRANGER.verifier)) == []
    later = told(folder, "--key", str(STRANGER.verifier))
    assert any("none of the keys that count" in row["what"] for row in later["findings"])


def test_after_an_erasure(corpus: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes((corpus / "ledger" / "checkpoint").read_bytes())
    folder = copied(corpus, tmp_path / "erased")
    done = CliRunner().invoke(main, ["ledger", "erase", str(folder), "--entry", "3", "--reason", "asked"])
    assert done.exit_code == 0, done.output
    report = told(folder, "--since", str(kept), "--replay")
    assert report["findings"] == []
    assert report["counts"]["erased"] == 1
    line = (folder / "ledger" / "tail.jsonl").read_bytes().splitlines(keepends=True)
    for number in (4, 5):
        line[number - 1] = b'{"entry":%d,"erased":true}\n' % number
    (folder / "ledger" / "tail.jsonl").write_bytes(b"".join(line))
    found = findings(folder)
    assert any(one.startswith("4 ") and "no entry says so" in one for one in found)
    assert any(one.startswith("4 ") and "its salt is not" in one for one in found)


@pytest.mark.skipif(not timestamps.available(), reason="rfc3161-client is not installed")
def test_time_stamps(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    with listening() as known:
        with LoopbackWeb(verifying.table()) as web:
            ended = crawls.crawl(web, folder, ["a.example/"], "-s", f"OPTOUT_TIMESTAMP_URL={known.url}")
            assert ended.code == 0, ended.err
        (tmp_path / "root.pem").write_bytes(known.pem(known.root))
        report = told(folder, "--tsa-cert", str(tmp_path / "root.pem"))
        assert report["findings"] == []
        assert (report["counts"]["stamps"], report["anchored"]["at"]) == (1, "2026-11-22T12:00:00Z")
        assert report["unanchored_since"] is None
    (stamp,) = (folder / "ledger" / "timestamps").iterdir()
    data = stamp.read_bytes()
    stamp.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert any("timestamps/" in one and "not the time-stamp" in one for one in findings(folder))
    (tmp_path / "none.pem").write_text("nothing")
    assert verified(folder, "--tsa-cert", str(tmp_path / "none.pem")).exit_code == 2


def test_while_a_process_writes(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    with corpora.opened(folder) as corpus:
        corpora.fill(corpus, 4)
        assert any("a process writes" in one for one in told(folder)["notes"])


def test_what_is_no_corpus(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "heedful.json").write_text("{}")
    for name in ("empty", "file", "other", "missing"):
        result = verified(tmp_path / name)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    for arguments in ([], ["--replay", "--receipt", "x"], ["--nonsense"]):
        assert CliRunner().invoke(main, ["verify", *arguments]).exit_code == 2


def test_an_empty_corpus_holds(tmp_path: Path) -> None:
    with corpora.opened(tmp_path / "corpus"):
        pass
    assert findings(tmp_path / "corpus", "--replay") == []


def test_checkpoints_of_foreign_form_are_read(tmp_path: Path) -> None:
    """A checkpoint needs no time and no lines of ours; it then vouches for the entries alone."""
    from crawler.audit.checkpoint import sign_checkpoint

    folder = verifying.blocked(tmp_path / "corpus", 41)
    last = verifying.checkpoint_of(folder)
    bare = sign_checkpoint(Checkpoint(origin=last.origin, size=last.size, root=last.root), SIGNER)
    (folder / "ledger" / "checkpoints").write_bytes(bare + b"\n")
    (folder / "ledger" / "checkpoint").write_bytes(bare)
    report = told(folder)
    assert report["findings"] == []
    assert any("does not name heedful.json" in one for one in report["notes"])


# What the auditor's guide gives to run


def from_the_guide(mark: str) -> str:
    page = (Path(__file__).parent.parent / "docs" / "auditing.md").read_text("utf-8")
    code = page.partition(f"<!-- {mark} -->\n```python\n")[2].partition("\n```")[0]
    assert code
    if sys.version_info >= (3, 14):
        code = code.replace("from backports import zstd", "from compression import zstd")
    return code


def ran(code: str, *arguments: str) -> int:
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return verifying.blocked(tmp_path_factory.mktemp("guide") / "corpus")


def test_the_ten_lines(corpus: Path, blocked: Path, tmp_path: Path) -> None:
    code = from_the_guide("ten lines")
    assert len([line for line in code.splitlines() if line]) == 10
    assert "crawler" not in code
    for folder in (corpus, blocked):
        assert ran(code, str(folder)) == 0
        copy = copied(folder, tmp_path / "copy")
        path = copy / "ledger" / "tail.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"collect":true', b'"collect":null', 1))
        assert ran(code, str(copy)) == 1


def test_the_lines_about_the_signature(blocked: Path) -> None:
    code = from_the_guide("signature")
    assert ran(code, str(blocked), str(SIGNER.verifier)) == 0
    assert ran(code, str(blocked), str(STRANGER.verifier)) == 1


@pytest.mark.parametrize("after", [0, 1, 2, 4, 8, 16])
def test_after_a_crawl_that_was_killed(after: int, tmp_path: Path) -> None:
    """What it had recorded by then holds, by itself and again after the next crawl."""
    folder = tmp_path / "corpus"
    site = generate()
    with LoopbackWeb(site.hosts()) as web:
        crawl = crawls.begin(*crawls.crawling(web, folder, site.seeds))
        try:
            while len(web.requests) < 3 * after or not (folder / "heedful.json").exists():
                assert crawl.poll() is None, crawl.communicate()
                time.sleep(0.01)
        finally:
            crawl.kill()
            crawl.communicate()
        report = told(folder, "--replay")
        assert report["findings"] == []
        assert crawls.crawl(web, folder, site.seeds, timeout=120).code == 0
    report = told(folder, "--replay")
    assert (report["findings"], report["unsealed"]) == ([], 0)
