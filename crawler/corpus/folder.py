"""The corpus folder: whose it is, and who may write to it."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.corpus.disk import TEMPORARY, naming, replace_file, sync_folder
from crawler.corpus.errors import CorpusInUse, CorpusMismatch, NotACorpus
from crawler.corpus.manifest import Identity, Key, Manifest, Run, format_manifest, parse_manifest
from crawler.corpus.measures import FILE as MEASURES
from crawler.corpus.within import expect_file, expect_only_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

MANIFEST = "heedful.json"
LOCK = ".lock"
REPORT = "report"
_OURS = frozenset({LOCK, MANIFEST + TEMPORARY})
_PATIENCE = 0.3  # seconds: a reader that looks whether the corpus is in use holds the lock for an instant


class CorpusFolder:
    """One corpus on disk. Reading needs no lock; writing is for one process at a time."""

    def __init__(self, path: Path, manifest: Manifest, lock: int | None) -> None:
        """See :meth:`open` and :meth:`read`."""
        self.path = path
        self.manifest = manifest
        self._lock = lock

    @classmethod
    def open(cls, path: Path, identity: Identity, *, versions: Mapping[str, str], at: datetime) -> CorpusFolder:
        """The corpus at ``path`` for writing, begun if the folder is empty or does not exist.

        Raises ``CorpusMismatch``, ``NotACorpus``, ``CorpusInUse`` or ``Stray``, and then has written nothing.
        """
        _expect(path, identity)
        _expect_only_files(path)
        lock = _locked(path)
        try:
            found = _expect(path, identity)  # again: another process may have begun it meanwhile
            manifest = (
                Manifest(created=at, log=secrets.token_hex(16), identity=identity, versions=versions)
                if found is None
                else replace(found, identity=identity, versions=versions)
            )
            folder = cls(path, manifest, lock)
            folder._save()
            for part in (folder.archive, folder.evidence, folder.ledger):
                part.mkdir(exist_ok=True)
            sync_folder(path)
        except BaseException:
            os.close(lock)
            raise
        return folder

    @classmethod
    def read(cls, path: Path, *, judged: bool = False) -> CorpusFolder:
        """The corpus at ``path`` for reading, also while a crawl writes to it.

        ``judged``: the caller looks itself for what is no file. Raises ``NotACorpus`` or ``Stray``.
        """
        manifest = _manifest(path)
        if manifest is None:
            raise NotACorpus(f"{path} is not a corpus: it has no {MANIFEST}")
        if not judged:
            _expect_only_files(path)
        return cls(path, manifest, None)

    @property
    def archive(self) -> Path:
        """The kept captures."""
        return self.path / "archive"

    @property
    def evidence(self) -> Path:
        """The readings that decisions rest on."""
        return self.path / "evidence"

    @property
    def ledger(self) -> Path:
        """The decisions."""
        return self.path / "ledger"

    @property
    def index(self) -> Path:
        """What is derived from the other three and can be deleted."""
        return self.ledger / "index.db"

    @property
    def secret(self) -> Path:
        """The secret behind the marks of reserved bytes."""
        return self.ledger / "marks.key"

    @property
    def frontier(self) -> Path:
        """What is still to visit."""
        return self.path / "frontier.db"

    @property
    def report(self) -> Path:
        """The last report."""
        return self.path / REPORT

    @property
    def writable(self) -> bool:
        """Whether this process holds the corpus."""
        return self._lock is not None

    def in_use(self) -> bool:
        """Whether a process, this one or another, writes to it now."""
        if self.writable:
            return True
        try:
            descriptor = os.open(self.path / LOCK, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False  # a file system without locks, where nobody can write to a corpus either
        finally:
            os.close(descriptor)
        return False

    def begin_run(
        self, name: str, *, at: datetime, seeds: Iterable[str] = (), settings: Mapping[str, Any]
    ) -> Run:
        """Record that a run begins, under the policy the folder was opened with."""
        run = Run(
            id=name,
            started=at,
            seeds=tuple(seeds),
            settings=dict(settings),
            policy=self.manifest.identity.policy,
            versions=self.manifest.versions,
        )
        self.manifest = replace(self.manifest, runs=(*self.manifest.runs, run))
        self._save()
        return run

    def check_run(self, name: str, checked: Mapping[str, Any]) -> None:
        """Record what a run was found to run with."""
        runs = tuple(
            replace(run, checked=dict(checked)) if run.id == name else run for run in self.manifest.runs
        )
        self.manifest = replace(self.manifest, runs=runs)
        self._save()

    def end_run(self, name: str, *, at: datetime) -> None:
        """Record that the run ended."""
        runs = tuple(replace(run, ended=at) if run.id == name else run for run in self.manifest.runs)
        self.manifest = replace(self.manifest, runs=runs)
        self._save()

    def note_key(self, vkey: str, *, at: datetime) -> None:
        """Record that a key, given by its public half, signs checkpoints, unless that is known."""
        if all(key.vkey != vkey for key in self.manifest.keys):
            self.manifest = replace(self.manifest, keys=(*self.manifest.keys, Key(vkey=vkey, since=at)))
            self._save()

    def close(self) -> None:
        """Let others write."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _save(self) -> None:
        if not self.writable:
            raise ValueError(f"{self.path} was opened for reading")
        replace_file(self.path / MANIFEST, format_manifest(self.manifest))


def _manifest(path: Path) -> Manifest | None:
    """What the folder says it is; None if it says nothing."""
    if path.exists() and not path.is_dir():
        raise NotACorpus(f"{path} is not a corpus: it is not a folder")
    expect_file(path / MANIFEST)
    try:
        data = (path / MANIFEST).read_bytes()
    except FileNotFoundError:
        return None
    return parse_manifest(data, str(path / MANIFEST))


def _expect(path: Path, identity: Identity) -> Manifest | None:
    """What the folder says it is, if that fits ``identity``; None if it is empty."""
    manifest = _manifest(path)
    if manifest is None:
        if path.is_dir() and {entry.name for entry in path.iterdir()} - _OURS:
            raise NotACorpus(f"{path} is not empty and not a corpus: it has no {MANIFEST}")
        return None
    if differences := manifest.identity.differences(identity):
        raise CorpusMismatch(f"{path} is another corpus: {'; '.join(differences)}")
    return manifest


def _expect_only_files(path: Path) -> None:
    """Raise ``Stray`` for a link or a pipe in the corpus.

    Whoever reads the measures passes over what is no file; whoever writes into the report's folder looks there.
    """
    expect_file(path / REPORT)
    expect_only_files(path, apart={path / REPORT, path / MEASURES})


def _locked(path: Path) -> int:
    """The lock on the folder, which is created if need be; it ends with the process, however that ends."""
    path.mkdir(parents=True, exist_ok=True)
    sync_folder(path.absolute().parent)
    with naming(path / LOCK):
        descriptor = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        for left in (2, 1, 0):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
            except BlockingIOError:
                if left:
                    time.sleep(_PATIENCE / 3)
            except OSError:
                os.close(descriptor)
                raise
    os.close(descriptor)
    raise CorpusInUse(f"{path} is in use: another process writes to it")
