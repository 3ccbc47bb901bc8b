"""What a crawl is like at this moment, read when somebody asks: disk, ledger, frontier."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.audit import blocks, checkpoints, timestamps
from crawler.corpus.disk import cuts
from crawler.corpus.errors import Damaged
from crawler.frontier.contract import FrontierError, LeaseLost

if TYPE_CHECKING:
    from crawler.frontier.contract import Domains
    from crawler.job import Job

LINES = ("tail.jsonl", "salts.bin", checkpoints.EVERY)
"""Files of the ledger beside its blocks. The tree is left out: it has a file for every 256 entries."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disk:
    """Room for the corpus."""

    free: int
    """Bytes that this user may still write."""
    total: int
    """Bytes of the file system."""


def disk(folder: Path) -> Disk:
    """The file system of ``folder``. Raises ``OSError``."""
    found = os.statvfs(folder)
    return Disk(free=found.f_bavail * found.f_frsize, total=found.f_blocks * found.f_frsize)


def ledger_bytes(folder: Path) -> int:
    """Bytes of the ledger's entries, salts and checkpoints."""
    total = 0
    for name in (*blocks.names(folder), *LINES):
        with suppress(OSError):
            total += (folder / name).stat().st_size
    return total


def since_checkpoint(folder: Path) -> float | None:
    """Seconds since the last checkpoint was signed, by its own word; None: there is none, or no telling."""
    try:
        last = checkpoints.last(folder)
    except (Damaged, OSError):
        return None
    at = last[0].checkpoint.at if last else None
    return None if at is None else max((datetime.now(UTC) - at).total_seconds(), 0.0)


def since_anchor(folder: Path) -> float | None:
    """Seconds since the newest time-stamp was stored; None: there is none."""
    times = []
    with suppress(OSError):
        for file in (folder / timestamps.FOLDER).glob(f"*{timestamps.SUFFIX}"):
            times.append(file.stat().st_mtime)
    return max(time.time() - max(times), 0.0) if times else None


def domains(job: Job) -> Domains | None:
    """Where the domains of the frontier are; None: it cannot say now."""
    try:
        return job.frontier.domains()
    except FrontierError:
        return None


def oldest_due(job: Job, found: Domains) -> float:
    """Seconds since the domain that has waited longest could have been asked; 0 where none waits."""
    return 0.0 if found.oldest_due is None else max(job.frontier.now() - found.oldest_due, 0.0)


def leases_lost(job: Job) -> int:
    """How many domains this process has lost to another."""
    return max(len(job.failure.leases), 1) if isinstance(job.failure, LeaseLost) else 0


def repairs() -> int:
    """How many torn ends this process has cut off."""
    return cuts.value


def obstacles(job: Job) -> Iterator[str]:
    """Why the crawl cannot go on taking things in, one word each; none: it can."""
    folder = job.corpus.folder
    if job.failure is not None:
        yield "failing"
    if not folder.writable:
        yield "lock"
    try:
        if not os.access(folder.path, os.W_OK) or disk(folder.path).free < max(LEAST_FREE, job.min_free):
            yield "disk"
    except OSError:
        yield "disk"
    if job.signer is None or not (job.key is None or os.access(job.key, os.R_OK)):
        yield "key"


LEAST_FREE = 64_000_000
"""Bytes below which a crawl is not ready: a group of content is 8 MB, and a checkpoint has to fit beside it."""
