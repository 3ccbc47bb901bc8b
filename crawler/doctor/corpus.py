"""A corpus as a whole: whose it is, who holds it, how its last run ended, how fast it grows."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler import __version__
from crawler.corpus.disk import TEMPORARY
from crawler.corpus.folder import LOCK, CorpusFolder
from crawler.doctor.model import Check, ok, problem, unchecked, warning

LONG_AGO = timedelta(days=30)
"""Since its sites were last asked, after which it is said."""
SOON = timedelta(days=3)
"""Of running, until the disk is full."""

_LOCKS = Path("/proc/locks")


def checks(folder: CorpusFolder) -> Iterator[Check]:
    """Everything that the manifest and the folder tell."""
    manifest = folder.manifest
    versions = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
    said = (
        f"format {manifest.format}, begun {manifest.created:%Y-%m-%d}, {len(manifest.runs)} runs, by {versions}"
    )
    newer = _numbers(manifest.versions.get("heedful", "0")) > _numbers(__version__)
    if newer:
        yield warning("manifest", said, f"this is heedful {__version__}: use the newer one, or one as new")
    else:
        yield ok("manifest", said)
    yield _holder(folder)
    yield _last_run(folder)
    yield _secret(folder)
    yield _left_over(folder)
    yield _growth(folder)
    yield _asked_again(folder)


def _holder(folder: CorpusFolder) -> Check:
    if not folder.in_use():
        return ok("in use", "no process writes to it")
    pid = _pid(folder.path / LOCK)
    return ok("in use", f"process {pid} writes to it" if pid else "a process writes to it")


def _pid(lock: Path) -> int | None:
    """Who holds the lock, as far as the system tells."""
    try:
        inode = lock.stat().st_ino
        for row in map(str.split, _LOCKS.read_text().splitlines()):
            if len(row) > 5 and row[3] == "WRITE" and row[5].rpartition(":")[2] == str(inode):
                return int(row[4])
    except (OSError, ValueError):
        pass
    return None


def _last_run(folder: CorpusFolder) -> Check:
    runs = folder.manifest.runs
    if not runs:
        return ok("last run", "there is none yet")
    last = runs[-1]
    if last.ended is not None:
        return ok("last run", f"{last.id}, ended {last.ended:%Y-%m-%d %H:%M} UTC")
    if folder.in_use():
        return ok("last run", f"{last.id}, under way")
    advice = "run the same command again: it goes on, and puts right what was torn off"
    return warning("last run", f"{last.id} did not come to its end: killed, or the power failed", advice)


def _secret(folder: CorpusFolder) -> Check:
    name = "marks.key"
    try:
        mode = folder.secret.stat().st_mode
    except FileNotFoundError:
        if not any(folder.ledger.glob("*.zst")) and not (folder.ledger / "tail.jsonl").exists():
            return ok(name, "there is none yet, nor any entry")
        return problem(
            name,
            "it is missing: nobody could tell which bytes were reserved",
            "restore it from a copy of this corpus; without it no crawl goes on",
        )
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        return warning(name, "others may read it, and test what was reserved", f"say chmod 600 {folder.secret}")
    return ok(name, "there, and its owner's alone")


def _left_over(folder: CorpusFolder) -> Check:
    places = (folder.path, folder.archive, folder.evidence, folder.ledger)
    found = [path for place in places if place.is_dir() for path in place.glob(f"*{TEMPORARY}")]
    if not found:
        return ok("leftovers", "none")
    if folder.in_use():
        return ok("leftovers", f"{len(found)} files that are being written")
    advice = "run a crawl on it: its opening deletes what was not whole"
    return warning("leftovers", f"{len(found)} files that were not whole yet, such as {found[0].name}", advice)


def _growth(folder: CorpusFolder) -> Check:
    now = datetime.now(UTC)
    ran = timedelta()
    for run in folder.manifest.runs:
        ended = run.ended or (now if run is folder.manifest.runs[-1] and folder.in_use() else run.started)
        ran += max(ended - run.started, timedelta())
    size = sum(_bytes(place) for place in (folder.archive, folder.evidence, folder.ledger))
    found = os.statvfs(folder.path)
    free = found.f_bavail * found.f_frsize
    if not size or ran < timedelta(minutes=1):
        return unchecked("growth", f"{size / 1e6:,.1f} MB so far, in too short a time to tell")
    rate = size / ran.total_seconds()
    left = timedelta(seconds=min(free / rate, 1e9))
    said = (
        f"{size / 1e9:,.2f} GB in {ran.total_seconds() / 3600:,.1f} h of running; {free / 1e9:,.1f} GB are free"
    )
    if left < SOON:
        return warning("growth", f"{said}, enough for {left.total_seconds() / 3600:,.0f} h", "make room")
    return ok("growth", f"{said}, enough for {left.days:,} days")


def _bytes(place: Path) -> int:
    """Bytes of the files of a folder; those of the tree, which are many and small, are left out."""
    return sum(path.stat().st_size for path in place.iterdir() if path.is_file()) if place.is_dir() else 0


def _asked_again(folder: CorpusFolder) -> Check:
    name = "asked again"
    asked = [run for run in folder.manifest.runs if run.ended is not None and not run.settings.get("dry_run")]
    if not asked:
        return unchecked(name, "no run has come to its end yet")
    last = asked[-1]
    assert last.ended is not None
    days = (datetime.now(UTC) - last.ended).days
    how = "recheck" if last.settings.get("command") == "recheck" else "crawl"
    said = f"its sites were last asked {days:,} days ago, by {how}"
    if datetime.now(UTC) - last.ended > LONG_AGO:
        return warning(name, said, "ask again before it is used: heedful recheck")
    return ok(name, said)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
