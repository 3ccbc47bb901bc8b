"""Crawls for tests: the command as a process of its own on a loopback web, and what it left in its folder."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.audit import ledger
from crawler.corpus import archive
from crawler.demo.server import LoopbackWeb
from tests.corpora import check_files

CONTACT = "ops@crawler.test"

# The keys that scripts rely on, as `--json` prints them; a decision has `needs` too.
DECISION = {
    "url", "kind", "stage", "outcome", "collect", "grounds", "heard", "asked", "via", "purposes", "posture",
    "reading", "policy", "licence", "at", "entry", "run",
}  # fmt: skip
STATEMENT = {
    "signal", "purpose", "preference", "basis", "carrier", "locator", "excerpt", "source", "terms", "kind",
    "sha256", "at",
}  # fmt: skip
SOURCE = {"signal", "carrier", "source", "standing", "status", "at"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on stderr; raises when there is more, or a traceback."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("heedful: "), self.err
        assert "Traceback" not in self.err
        return self.err.strip()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The objects that ``--json`` printed."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(**more: str) -> dict[str, str]:
    """Ours without what would configure the command, so that a test means what it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEEDFUL_")}
    return {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")} | more


def options(web: LoopbackWeb) -> list[str]:
    """The options with which every name leads to ``web``."""
    lead = [part for entry in web.resolve for part in ("--resolve", entry)]
    return ["--contact", CONTACT, "--profile", "testing", "--allow-private", *lead]


def crawling(web: LoopbackWeb, folder: Path, seeds: Iterable[str], *more: str) -> list[str]:
    """The arguments of a crawl; ``seeds``: ``host/path`` or whole URLs."""
    return ["crawl", *map(located(web), seeds), "-o", str(folder), "--scope", "any", *options(web), *more]


def heedful(
    *arguments: str, cwd: Path | None = None, timeout: float = 30, through: Sequence[str] = (), **more: Any
) -> Ended:
    """Run a command to its end; ``through``: a program that runs it."""
    command = [*through, sys.executable, "-m", "crawler", *arguments]
    more = {"env": environment(), **more}
    done = subprocess.run(
        command, cwd=cwd, timeout=timeout, capture_output=True, text=True, check=False, **more
    )
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


def crawl(web: LoopbackWeb, folder: Path, seeds: Iterable[str], *more: str, **how: Any) -> Ended:
    """Crawl to the end."""
    return heedful(*crawling(web, folder, seeds, *more), **how)


def begin(*arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Begin a command; the caller ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", "crawler", *arguments],
        cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def located(web: LoopbackWeb):
    """How ``host/path`` becomes a URL of ``web``."""

    def url(at: str) -> str:
        host, _, path = at.partition("/")
        return at if "://" in at or at.startswith("@") else web.url(host, "/" + path)

    return url


def at(url: str) -> str:
    """A URL as ``host/path``."""
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def stored(folder: Path) -> Counter[str]:
    """How many records the archive holds of each ``host/path``, whole files read."""
    return Counter(
        at(record.need("WARC-Target-URI"))
        for name in archive.names(folder / "archive")
        for _, record in archive.walk(folder / "archive", name)
        if record.get("WARC-Type") == "response"
    )


def decided(folder: Path) -> dict[str, Any]:
    """The last decision on each ``host/path``."""
    return {
        at(str(entry.fields["url"])): entry.decision
        for entry in ledger.entries(folder / "ledger")
        if entry.type == "decision"
    }


def reasons(folder: Path, where: str) -> list[tuple[str, str]]:
    """Locator and words of the grounds of the last decision on ``host/path``."""
    return [(ground.evidence.locator, ground.evidence.excerpt) for ground in decided(folder)[where].grounds]


def frontier(folder: Path) -> Mapping[str, tuple[str, bool]]:
    """State and kept flag of every ``host/path`` in the frontier."""
    database = sqlite3.connect(f"file:{folder / 'frontier.db'}?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT url, state, kept FROM url").fetchall()
    except sqlite3.OperationalError:  # killed before it had tables
        rows = []
    finally:
        database.close()
    return {at(url): (state, bool(kept)) for url, state, kept in rows}


def check_folder(folder: Path, *, erased: Collection[str] = ()) -> None:
    """Raise unless the folder keeps what a corpus promises, whenever its writer ended.

    ``erased``: every ``host/path`` of which the ledger may have been made to forget what was decided.
    """
    files = check_files(folder)
    assert max(Counter(files.kept).values(), default=1) == 1, "the same content twice"
    removed = {entry.fields["sha256"] for entry in files.entries.values() if entry.type == "removal"}
    decisions = {at(url): entry for entry in files.entries.values() for url in entry.urls}
    if not (folder / "frontier.db").exists():
        return
    there = {at(url) for url, _ in files.kept}
    for where, (state, kept) in frontier(folder).items():
        if state == "done":
            assert where in decisions or where in erased, f"{where} is done without a decision"
            assert not kept or where in there or removed, f"{where} is kept without its content"
