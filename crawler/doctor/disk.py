"""The file system: room, and whether it does what the order of writes rests on."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from crawler.doctor.model import Check, Patient, ok, problem, unchecked, warning

LITTLE, SCARCE = 2_000_000_000, 200_000_000
"""Bytes free, below which it is said, and below which a crawl ends soon."""

REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs", "lustre"}
)
"""Types of file systems that other machines serve, on which locks and SQLite's log cannot be relied on."""

_MOUNTS = Path("/proc/self/mounts")


def checks(patient: Patient) -> Iterator[Check]:
    """Room, writing, locks, the kind of file system."""
    folder = _existing(patient.folder)
    yield _room(folder)
    place = _place(folder, patient.corpus)
    try:
        with tempfile.TemporaryDirectory(prefix=".heedful-doctor-", dir=place) as made:
            yield _durable(Path(made))
            yield _locks(Path(made))
            yield _database(Path(made))
            yield _case(Path(made))
    except OSError as error:
        yield problem(
            "writing",
            f"{place} cannot be written to ({error.strerror})",
            "let this user write there, or choose another",
        )
    yield _kind(folder)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    folder = folder.absolute()
    return next((one for one in (folder, *folder.parents) if one.is_dir()), Path("/"))


def _place(folder: Path, corpus: Path | None) -> Path:
    """Where something can be tried: beside a corpus, not in it, if that is the same file system."""
    if corpus is None:
        return folder
    beside = corpus.absolute().parent
    same = beside.stat().st_dev == folder.stat().st_dev
    return beside if same and os.access(beside, os.W_OK) else folder


def _room(folder: Path) -> Check:
    found = os.statvfs(folder)
    free, total = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
    said = f"{free / 1e9:,.1f} GB free of {total / 1e9:,.1f} GB in {folder}"
    if free < SCARCE:
        return problem("disk", said, "make room, or choose another disk: a crawl stops when it is full")
    if free < LITTLE:
        return warning("disk", said, "make room before a long crawl")
    if found.f_files and found.f_favail < 10_000:
        return warning("disk", f"{said}, but only {found.f_favail:,} more files", "make room for more files")
    return ok("disk", said)


def _durable(folder: Path) -> Check:
    path = folder / "written"
    try:
        with path.open("wb") as file:
            file.write(b"heedful\n")
            file.flush()
            os.fsync(file.fileno())
        path.replace(folder / "renamed")
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return problem("writing", f"fsync and renaming fail ({error.strerror})", "use a local file system")
    return ok("writing", "files are written, synced and renamed")


def _locks(folder: Path) -> Check:
    advice = "use a file system with locks: without them two crawls could write to one corpus"
    with (folder / "lock").open("wb") as one, (folder / "lock").open("rb") as two:
        try:
            fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return problem("locks", f"files cannot be locked ({error.strerror})", advice)
        try:
            fcntl.flock(two, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return ok("locks", "a locked file stays locked")
        return problem("locks", "a locked file could be locked again", advice)


def _database(folder: Path) -> Check:
    try:
        with closing(sqlite3.connect(folder / "database")) as database:
            (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
            database.execute("CREATE TABLE tried (one)")
            database.commit()
    except sqlite3.Error as error:
        return problem("database", f"SQLite cannot work here ({error})", "use a local file system")
    if mode != "wal":
        return warning("database", "SQLite has no write-ahead log here", "use a local file system")
    return ok("database", f"SQLite {sqlite3.sqlite_version} with a write-ahead log")


def _case(folder: Path) -> Check:
    (folder / "case").touch()
    if (folder / "CASE").exists():
        return ok("names", "upper and lower case are the same here, which no name of ours minds")
    return ok("names", "upper and lower case are told apart")


def _kind(folder: Path) -> Check:
    try:
        rows = [line.split() for line in _MOUNTS.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return unchecked("file system", "what kind it is cannot be told on this system")
    under = [(Path(row[1].replace("\\040", " ")), row[2]) for row in rows if len(row) > 2]
    real = folder.resolve()
    fitting = [(mount, kind) for mount, kind in under if real.is_relative_to(mount)]
    mount, kind = max(fitting, key=lambda one: len(one[0].parts), default=(Path("/"), "unknown"))
    if kind in REMOTE:
        advice = "put the corpus on a local disk and copy it when the crawl is over"
        return warning("file system", f"{mount} is {kind}, which another machine serves", advice)
    if kind == "tmpfs":
        return warning("file system", f"{mount} is {kind}: gone when the machine stops", "use a disk")
    return ok("file system", f"{mount} is {kind}")
