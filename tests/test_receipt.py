"""Receipts: they prove what they say to whoever has nothing else, and say nothing about anybody else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.audit.checkpoint import Checkpoint, read_unchecked, sign_checkpoint
from crawler.audit.verify.receipt import format_receipt
from crawler.cli import main
from tests import corpora, verifying
from tests.verifying import SIGNER, STRANGER, copied

URL = "https://h3.example/3"
KEY = str(SIGNER.verifier)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("receipts") / "corpus"
    with corpora.opened(folder) as corpus:
        corpora.fill(corpus, 12)
        corpus.seal(SIGNER, corpora.NOON)
    (folder.parent / "kept").write_bytes((folder / "ledger" / "checkpoint").read_bytes())
    with corpora.opened(folder) as corpus:
        corpora.fill(corpus, 300, start=12)
        book = corpora.journal(corpus)
        book.record(corpora.decision(URL, corpora.RESERVED))
        book.flush()
        corpus.seal(SIGNER, corpora.NOON)
        book.record(corpora.decision("https://late.example/", corpora.RESERVED))
        book.record(corpora.decision(URL, corpora.RESERVED))
        book.flush()
    return folder


@pytest.fixture(scope="module")
def kept(corpus: Path) -> Path:
    return corpus.parent / "kept"


def run(*arguments: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def receipt(corpus: Path, *more: str | Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(run("receipt", corpus, *(more or (URL,))).stdout)
    return made


def written(to: Path, made: dict[str, Any]) -> Path:
    path = to / "receipt.json"
    path.write_text(json.dumps(made), "utf-8")
    return path


def checked(path: Path, *more: str | Path, code: int = 0) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(run("verify", "--receipt", path, *more, "--json", code=code).stdout)
    assert said["holds"] is (code == 0)
    return said


def test_it_proves_every_entry_about_the_url(corpus: Path, tmp_path: Path) -> None:
    result = run("receipt", corpus, URL, "-o", tmp_path / "r.json")
    assert result.stdout == ""
    assert "1 of 3 entries are under no checkpoint yet" in result.stderr
    said = checked(tmp_path / "r.json", "--key", KEY)
    assert [entry["url"] for entry in said["entries"]] == [URL, URL]
    assert said["checkpoint"]["size"] == 313
    assert (said["key"], said["own_keys"]) == (KEY, False)
    (one,) = receipt(corpus, URL, "--entry", "4")["entries"]
    assert one["entry"] == 4


def test_it_needs_no_corpus_and_no_code_of_ours(corpus: Path) -> None:
    """RFC 6962 by hand: hash the leaf, walk up the proof, compare with the root in the signed text."""
    made = receipt(corpus)
    _, size, root, *_ = made["checkpoint"].splitlines()
    for row in made["entries"]:
        hash = hashlib.sha256(b"\0" + bytes.fromhex(row["salt"]) + row["line"].encode()).digest()
        index, last = row["index"], int(size) - 1
        for other in map(base64.b64decode, row["proof"]):
            if index % 2 or index == last:
                hash = hashlib.sha256(b"\1" + other + hash).digest()
                while index and index % 2 == 0:
                    index, last = index // 2, last // 2
            else:
                hash = hashlib.sha256(b"\1" + hash + other).digest()
            index, last = index // 2, last // 2
        assert base64.b64encode(hash).decode() == root
        assert json.loads(row["line"])["url"] == URL


def test_it_tells_nothing_about_others(corpus: Path) -> None:
    text = run("receipt", corpus, URL).stdout
    others = {f"https://h{number % 5}.example/{number}" for number in range(312)} - {URL}
    assert not [url for url in others if f"{url}\\" in text or f'{url}"' in text]
    (folder, salts) = corpus / "ledger", (corpus / "ledger" / "salts.bin").read_bytes()
    made = receipt(corpus)
    given = {row["salt"] for row in made["entries"]}
    every = {salts[at : at + 16].hex() for at in range(0, len(salts), 16)}
    assert {salt for salt in every if salt in text} == given
    assert str(folder) not in text


def test_it_says_nothing_that_a_terminal_would_obey() -> None:
    """On standard output, where the words of strangers would move, reorder or hide those of the receipt."""
    words = "\x1b[2J \x7f \x9b2J \u202e \u2066 \u200b \u2028 \ufeff \U000e0041 ünï 版权"
    told = format_receipt({"entries": [{"line": words}]})
    assert all(one.isprintable() or one == "\n" for one in told)
    assert "ünï 版权" in told
    assert json.loads(told)["entries"][0]["line"] == words


def test_it_shows_that_the_ledger_grew_out_of_a_checkpoint_kept(
    corpus: Path, kept: Path, tmp_path: Path
) -> None:
    path = written(tmp_path, receipt(corpus, URL, "--since", kept))
    said = checked(path, "--key", KEY, "--since", kept)
    assert [one["size"] for one in said["since"]] == [12]
    plain = written(tmp_path, receipt(corpus))
    said = checked(plain, "--key", KEY, "--since", kept, code=5)
    assert "ask for one that was made with --since" in said["findings"][0]


def test_a_key_of_its_own_proves_less_and_that_is_said(corpus: Path, tmp_path: Path) -> None:
    path = written(tmp_path, receipt(corpus))
    told = run("verify", "--receipt", path).stdout
    assert "The key was taken from the receipt itself" in " ".join(told.split())
    assert checked(path)["own_keys"] is True
    assert "taken from" not in run("verify", "--receipt", path, "--key", KEY).stdout
    (tmp_path / "k.pub").write_text(KEY + "\n")
    assert "taken from" not in run("verify", "--receipt", path, "--key", tmp_path / "k.pub").stdout
    said = checked(path, "--key", str(STRANGER.verifier), code=5)
    assert "none of the keys that are trusted" in said["findings"][0]


Tamper = Callable[[dict[str, Any]], None]


def _line(made: dict[str, Any]) -> None:
    made["entries"][0]["line"] = made["entries"][0]["line"].replace('"collect":true', '"collect":false')


def _salt(made: dict[str, Any]) -> None:
    made["entries"][0]["salt"] = "00" * 16


def _short_salt(made: dict[str, Any]) -> None:
    """The bytes move from the salt into the line: the hash stays the same."""
    row = made["entries"][0]
    row["salt"], row["line"] = row["salt"][:-2], chr(0x20) + row["line"]


def _index(made: dict[str, Any]) -> None:
    made["entries"][0]["index"] += 1
    made["entries"][0]["entry"] += 1


def _number(made: dict[str, Any]) -> None:
    made["entries"][0]["entry"] += 1


def _proof(made: dict[str, Any]) -> None:
    made["entries"][0]["proof"].reverse()


def _shorter(made: dict[str, Any]) -> None:
    made["entries"][0]["proof"].pop()


def _url(made: dict[str, Any]) -> None:
    made["url"] = "https://h1.example/1"


def _text(made: dict[str, Any]) -> None:
    made["checkpoint"] = made["checkpoint"].replace("\n313\n", "\n314\n")


def _resigned(made: dict[str, Any]) -> None:
    old = read_unchecked(made["checkpoint"].encode())[0]
    new = Checkpoint(origin=old.origin, size=old.size, root=hashlib.sha256(b"").digest(), at=old.at)
    made["checkpoint"] = sign_checkpoint(new, STRANGER).decode()
    made["key"] = str(STRANGER.verifier)


def _nothing(made: dict[str, Any]) -> None:
    made["entries"] = []


def _types(made: dict[str, Any]) -> None:
    made["entries"][0] = {"entry": "4", "index": True, "salt": 1, "line": None, "proof": 3}


def _row(made: dict[str, Any]) -> None:
    made["entries"][0] = 7


def _since(made: dict[str, Any]) -> None:
    made["since"] = [{"checkpoint": made["checkpoint"], "proof": ["AAAA"]}]


@pytest.mark.parametrize(
    "tamper",
    [
        _line, _salt, _short_salt, _index, _number, _proof, _shorter, _url, _text, _resigned, _nothing, _types,
        _row, _since,
    ],
)  # fmt: skip
def test_whatever_is_changed_in_it_is_noticed(corpus: Path, tmp_path: Path, tamper: Tamper) -> None:
    made = receipt(corpus)
    tamper(made)
    said = checked(written(tmp_path, made), code=5)
    assert said["findings"] or tamper is _nothing


def test_what_is_no_receipt(tmp_path: Path, corpus: Path) -> None:
    for name, data in {
        "empty": b"",
        "binary": b"\xff\xfe",
        "other": b"{}",
        "list": b"[]",
        "deep": b"[" * 100_000,
        "key": json.dumps(receipt(corpus) | {"entries": 1}).encode(),
    }.items():
        path = tmp_path / name
        path.write_bytes(data)
        said = run("verify", "--receipt", path, code=2).stderr
        assert "is no receipt" in said
        assert said.count("\n") == 1
    assert "cannot be read" in run("verify", "--receipt", tmp_path / "missing", code=2).stderr


def test_what_cannot_be_proven(corpus: Path, kept: Path, tmp_path: Path) -> None:
    assert (
        "knows nothing of https://nobody.example/"
        in run("receipt", corpus, "https://nobody.example/", code=1).stderr
    )
    assert "entry 9 is not about" in run("receipt", corpus, URL, "--entry", "9", code=1).stderr
    late = run("receipt", corpus, "https://late.example/", code=1)
    assert (late.stdout, "under no checkpoint yet" in late.stderr) == ("", True)
    with corpora.opened(tmp_path / "unsigned") as fresh:
        corpora.fill(fresh, 4)
    assert "no checkpoint yet" in run("receipt", tmp_path / "unsigned", URL, code=2).stderr
    other = verifying.blocked(tmp_path / "other", 41)
    said = run("receipt", corpus, URL, "--since", other / "ledger" / "checkpoint", code=2).stderr
    assert "is a checkpoint of another ledger" in said
    forged = tmp_path / "forged"
    old = read_unchecked(kept.read_bytes())[0]
    forged.write_bytes(
        sign_checkpoint(Checkpoint(origin=old.origin, size=old.size, root=b"\0" * 32, at=old.at), SIGNER)
    )
    assert "did not grow out of" in run("receipt", corpus, URL, "--since", forged, code=2).stderr


def test_no_receipt_for_an_entry_that_was_changed(corpus: Path, tmp_path: Path) -> None:
    folder = copied(corpus, tmp_path / "changed")
    (folder / "ledger" / "index.db").unlink()
    path = folder / "ledger" / "tail.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"h3.example/3", b"h3.example/7")
    path.write_bytes(b"".join(lines))
    said = run("receipt", folder, "https://h3.example/7", code=2).stderr
    assert "entry 4 is not the one that was signed" in said
