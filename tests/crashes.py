"""Kill a process at a chosen moment of its writing: ``python -m tests.crashes SCENARIO FOLDER``.

For n = 1, 2, 3 … a fork of this process runs the scenario in a copy of the folder and is killed with SIGKILL at
its n-th system call that changes a file; a write is then half done. The copies are judged by the parent.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import sys
from pathlib import Path

from crawler.audit import ledger
from crawler.audit.blocks import BLOCK
from crawler.audit.note import Signer
from crawler.corpus.errors import CorpusError
from tests.corpora import (
    NOON,
    RESERVED,
    archive,
    check_laws,
    check_tree,
    decision,
    fill,
    journal,
    opened,
    tables,
)

MARKED = "h1.example/1"
ERASED = "https://p.example/person"
SIGNER = Signer("test", bytes(32))


def die_at(number: int) -> None:
    """From now on count the calls that change files, and die in the one with this number."""
    left = number

    def counted(name):
        real = getattr(os, name)

        def call(*args, **more):
            nonlocal left
            left -= 1
            if left == 0:
                if name == "write":
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **more)

        return call

    for name in ("write", "fsync", "replace", "rename", "unlink", "ftruncate"):
        setattr(os, name, counted(name))


def filling(folder: Path) -> None:
    """Two sessions' worth of endings."""
    with opened(folder, file_limit=3000) as corpus:
        fill(corpus, 9, start=corpus.ledger.count, each=3)


def removing(folder: Path) -> None:
    """Remove one item of a corpus in which it is neither first nor last."""
    with opened(folder) as corpus:
        item = corpus.store.held(f"https://{MARKED}")
        if item is not None:
            corpus.store.remove(item.sha256, reason="asked", run="r1", at=NOON)


def marking(folder: Path) -> None:
    """Reserve bytes in a corpus that has no secret yet."""
    with opened(folder) as corpus:
        book = journal(corpus)
        for number in range(4):
            digest = f"{number:064x}"
            book.record(decision(f"https://m.example/{number}", RESERVED), reserved=[digest])
            book.flush()


def sealing(folder: Path) -> None:
    """Fill a block, and sign before and after."""
    with opened(folder) as corpus:
        corpus.seal(SIGNER, NOON)
        fill(corpus, 6, start=BLOCK, each=6)
        corpus.seal(SIGNER, NOON)


def erasing(folder: Path) -> None:
    """Erase what a block and the tail hold about one URL."""
    with opened(folder) as corpus:
        numbers = [
            entry.number for entry in corpus.entries(ledger.Filter(url=ERASED)) if entry.type != "erased"
        ]
        if numbers:
            corpus.seal(SIGNER, NOON)
            corpus.erase(numbers, reason="asked", run="r2", at=NOON)
            corpus.seal(SIGNER, NOON)


def prepare(scenario: str, base: Path) -> None:
    """What the scenario needs to find in the corpus at ``base``."""
    if scenario == "marking":
        (base / "ledger/marks.key").unlink()
    if scenario in ("sealing", "erasing"):
        with opened(base) as corpus:
            for number in range(BLOCK - 4 - corpus.ledger.count):
                corpus.ledger.append(decision(f"https://m.example/{number}", RESERVED), run="r1")
            book = journal(corpus)
            if scenario == "erasing":
                for _ in range(8):
                    book.record(decision(ERASED, RESERVED), reserved=[f"{7:064x}"])
            book.flush()


def check_marks(folder: Path) -> None:
    """Raise unless every mark in the ledger can be checked."""
    said = [
        entry.fields["reserved"] for entry in ledger.entries(folder / "ledger") if "reserved" in entry.fields
    ]
    if said:
        secret = folder / "ledger/marks.key"
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        key = hashlib.sha256(bytes.fromhex(secret.read_text())).hexdigest()[:8]
        assert {one["key"] for one in said} == {key}, "a mark that cannot be checked"


def kept(folder: Path) -> dict[str, str]:
    """URL and digest of all content in the archive, whole files read."""
    return {
        record.need("WARC-Target-URI"): record.need("WARC-Payload-Digest")
        for name in archive.names(folder / "archive")
        for _, record in archive.walk(folder / "archive", name)
        if record.get("WARC-Type") == "response"
    }


def judge(scenario: str, folder: Path, before: dict[str, str]) -> str:
    """Raise unless the folder is whole, now and after it was opened again; what became of it, in a word."""
    check_laws(folder)
    check_marks(folder)
    check_tree(folder / "ledger")
    signed = len(list(ledger.checkpoints(folder / "ledger")))
    told = any(entry.type in ("removal", "erasure") for entry in ledger.entries(folder / "ledger"))
    opened(folder).close()
    counts = check_laws(folder)
    check_marks(folder)
    check_tree(folder / "ledger")
    assert len(list(ledger.checkpoints(folder / "ledger"))) == signed
    assert not list(folder.rglob("*.tmp"))
    assert not (folder / "ledger/erasing").exists()
    if scenario == "erasing":
        check_erased(folder, told)
    now = kept(folder)
    if scenario == "removing":
        expected = {url: digest for url, digest in before.items() if not (told and url.endswith(MARKED))}
        assert now == expected, "a removal is done when it was told, and only then"
    else:
        assert before.items() <= now.items(), "what was on disk is still there"
    index = folder / "ledger/index.db"
    first = tables(index)
    index.unlink()
    opened(folder).close()
    assert tables(index) == first, "the index is what the files say"
    with opened(folder) as corpus:
        fill(corpus, 3, start=900)
        assert all(corpus.store.read(item) for item in corpus.store.items())
    check_laws(folder)
    return "told" if told else f"{counts['entries']} entries"


def check_erased(folder: Path, told: bool) -> None:
    """Raise unless the entries about :data:`ERASED` are all there or all gone, their marks remembered."""
    entries = list(ledger.entries(folder / "ledger"))
    about = [entry for entry in entries if ERASED in entry.urls]
    gone = [entry.number for entry in entries if entry.type == "erased"]
    assert (len(about), len(gone)) == ((0, 8) if told else (8, 0))
    drawn = (folder / "ledger/salts.bin").read_bytes()
    assert all((drawn[16 * (n - 1) : 16 * n] == bytes(16)) == told for n in gone or [about[0].number])
    with opened(folder) as corpus:
        assert corpus.shunned.reserved_at(f"{7:064x}", "https://n.example/") == (
            "about:erased" if told else ERASED
        )
        assert bool(corpus.index.entries(ERASED)) != told
    if told:
        left = [
            path
            for path in (folder / "ledger").rglob("*")
            if path.is_file() and ERASED.encode() in path.read_bytes()
        ]
        assert not left


def main(scenario: str, base: Path) -> None:
    """Try every moment; print how many there were and what became of them."""
    scenarios = (filling, removing, marking, sealing, erasing)
    run = {one.__name__: one for one in scenarios}[scenario]
    prepare(scenario, base)
    before = kept(base)
    fates: list[str] = []
    for number in range(1, 1000):
        folder = base.with_name(f"{base.name}-{number}")
        shutil.copytree(base, folder)
        child = os.fork()
        if child == 0:
            try:
                die_at(number)
                run(folder)
            except CorpusError as error:
                print(error, file=sys.stderr)
                os._exit(2)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        try:
            fates.append(judge(scenario, folder, before))
        except BaseException:
            print(f"killed at call {number}", file=sys.stderr)
            raise
        shutil.rmtree(folder)
        if not os.WIFSIGNALED(status):
            assert status == 0, f"the scenario failed by itself: {status}"
            break
    print(len(fates), *sorted(set(fates)), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
