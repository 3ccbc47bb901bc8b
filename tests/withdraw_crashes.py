"""Kill a withdrawal at every moment of its writing: ``python -m tests.withdraw_crashes FOLDER``.

As ``tests.crashes``, with the command itself. ``HEEDFUL_KEY`` names the key.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from crawler.audit import ledger
from crawler.cli import main as heedful
from crawler.corpus import archive, removed
from crawler.corpus.corpus import Corpus
from tests.corpora import NOON, check_files, tables
from tests.crashes import die_at

HOST = "h1.example"
SECRET = b"Title 1"


def withdrawing(folder: Path) -> None:
    """Take two items of a host out, which share a file with others."""
    heedful(["withdraw", str(folder), "--host", HOST, "--reason", "asked"])


def contents(folder: Path) -> list[tuple[str, str]]:
    """URL and digest of all content in the archive."""
    return check_files(folder).kept


def forgotten(folder: Path) -> bool:
    """Whether no file holds what was withdrawn any more, packed or not."""
    for name in archive.names(folder / "archive"):
        for _, record in archive.walk(folder / "archive", name):
            if HOST in (record.get("WARC-Target-URI") or ""):
                return False
    return not any(SECRET + b'"' in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def judge(folder: Path, before: list[tuple[str, str]]) -> str:
    """Raise unless the folder is whole, now and after it was opened again; what became of it, in a word."""
    check_files(folder)
    told = [entry for entry in ledger.entries(folder / "ledger") if entry.type == "withdrawal"]
    Corpus.change(folder, at=NOON).close()
    assert not list(folder.rglob("*.tmp"))
    left = [one for one in before if not (told and HOST in one[0])]
    assert contents(folder) == left, "a withdrawal is done when it was told, and only then"
    if told:
        assert forgotten(folder), "a forgotten copy"
    listed = b"".join(removed.lines(ledger.entries(folder / "ledger")))
    path = folder / removed.FILE
    assert (path.read_bytes() if path.exists() else b"") == listed
    assert listed.count(b"\n") == len(before) - len(left)
    rows = tables(folder / "ledger/index.db")
    (folder / "ledger/index.db").unlink()
    with Corpus.change(folder, at=NOON) as corpus:
        assert all(corpus.store.read(item) for item in corpus.store.items())
    assert tables(folder / "ledger/index.db") == rows, "the index is what the files say"
    return "told" if told else "not told"


def main(base: Path) -> None:
    """Try every moment; print how many there were and what became of them."""
    before = contents(base)
    fates: list[str] = []
    for number in range(1, 1000):
        folder = base.with_name(f"{base.name}-{number}")
        shutil.copytree(base, folder)
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            die_at(number)
            try:
                withdrawing(folder)
            except SystemExit as ended:
                os._exit(ended.code if isinstance(ended.code, int) else 0)
        status = os.waitpid(child, 0)[1]
        try:
            fates.append(judge(folder, before))
        except BaseException:
            print(f"killed at call {number}", file=sys.stderr)
            raise
        shutil.rmtree(folder)
        if not os.WIFSIGNALED(status):
            assert status == 0, f"the scenario failed by itself: {status}"
            break
    print(len(fates), *sorted(set(fates)), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
