"""Small corpora to export, and what an export folder holds, read without any code of the export."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from crawler.cli import main
from crawler.corpus.items import Note
from crawler.demo.images import png
from crawler.optout.model import Kind, Outcome
from tests.corpora import RESERVED, decision, journal, opened, page

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENGLISH = "The {n} gardener waters the roses every morning before the visitors arrive at the old gate. "
GERMAN = "Der {n}. Gärtner gießt jeden Morgen die Rosen, bevor die Besucher am alten Tor ankommen. "
CC = {1: "https://creativecommons.org/licenses/by/4.0/deed.de", 4: "CC-BY-SA-3.0", 7: "https://a.example/mine"}
"""What some of the items name as their licence."""


def url_of(number: int) -> str:
    return f"https://h{number % 3}.example/{number}"


def body_of(number: int) -> bytes:
    """What the item of this number is: every fourth an image, every fifth a page in German."""
    if number % 4 == 3:
        return png(number % 256, number // 256, 3, 16, 16)
    words = (GERMAN if number % 5 == 0 else ENGLISH).format(n=number)
    head = f"<html><head><title>{number}</title></head>"
    return f"{head}<body><main><p>{words * 3}</p></main></body></html>".encode()


def build(path: Path, count: int = 24, *, start: int = 0) -> Path:
    """A corpus in which item ``n`` stands in entry ``n + 1``, but every sixth is reserved and not kept."""
    with opened(path) as corpus:
        book = journal(corpus)
        for number in range(start, start + count):
            kind = Kind.IMAGE if number % 4 == 3 else Kind.TEXT
            outcome = RESERVED if number % 6 == 5 else Outcome.UNRESERVED
            media = "image/png" if kind is Kind.IMAGE else "text/html; charset=utf-8"
            capture = page(
                url_of(number), body_of(number), headers=(("content-type", media),), seconds=number * 60
            )
            note = Note(title=f"Title {number}", licence=CC.get(number), alt="" if number % 2 else None)
            entry = book.record(decision(url_of(number), outcome, kind=kind), capture, note=note)
            assert entry == number + 1
        book.flush()
    return path


def kept(count: int = 24) -> list[int]:
    """The numbers of what is kept."""
    return [number for number in range(count) if number % 6 != 5]


def run(*arguments: object, code: int = 0) -> Result:
    """The command, in this process, which has to end with this code."""
    result = CliRunner().invoke(main, ["export", *map(str, arguments)])
    assert result.exit_code == code, result.stderr
    assert "Traceback" not in result.stderr
    return result


def rows(folder: Path, table: str = "text") -> list[dict[str, Any]]:
    """The rows of an export as JSON Lines, in their order."""
    found = []
    for path in sorted((folder / table).glob("*.jsonl*")):
        data = path.read_bytes()
        data = zstd.decompress(data) if path.suffix == ".zst" else data
        found += [json.loads(line) for line in data.splitlines()]
    return found


def files(folder: Path) -> dict[str, str]:
    """Every file of shards, pictures and notes with its digest."""
    return {
        path: digest
        for path, digest in everything(folder).items()
        if path.startswith(("text/", "images/", ".heedful/")) and path != ".heedful/lock"
    }


def everything(folder: Path) -> dict[str, str]:
    """Every file there is with its digest."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def state(folder: Path) -> dict[str, Any]:
    """What the export says of itself."""
    return dict(json.loads((folder / "export.json").read_bytes()))
