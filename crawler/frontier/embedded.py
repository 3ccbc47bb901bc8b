"""The frontier in one SQLite file: no server, several processes allowed, nothing lost when one is killed.

Every method is one transaction, except that :meth:`EmbeddedFrontier.seed` takes long lists in several.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from threading import Lock

from crawler.clock import steady_clock
from crawler.frontier.contract import (
    Changed,
    Domains,
    Ended,
    Entry,
    FrontierError,
    Lease,
    LeaseLost,
    Left,
    Offer,
    Shut,
)
from crawler.frontier.entries import Entries
from crawler.frontier.intake import Intake
from crawler.frontier.leases import Leases
from crawler.frontier.notes import Notes
from crawler.frontier.schema import open_database, unusable
from crawler.frontier.traps import Traps

CHUNK = 10_000
"""Offers that :meth:`EmbeddedFrontier.seed` takes in at once."""


class EmbeddedFrontier:
    """The :class:`~crawler.frontier.contract.Frontier` in the file ``path``, made if it is not there.

    ``known``: how many offers are remembered to be old news, 8 bytes each. ``busy``: seconds to wait for
    other processes. Safe to share between threads. Raises ``FrontierError`` for a file that cannot be used.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] | None = None,
        known: int = 500_000,
        busy: float = 30.0,
    ) -> None:
        self.path = path
        self.now = clock or steady_clock()
        self._sql = open_database(path, busy)
        self._lock = Lock()
        self._notes = Notes(self._sql)
        self._entries = Entries(self._sql, self._notes)
        self._intake = Intake(self._sql, self._notes, self.now, known)
        self._leases = Leases(self._sql)
        self._traps = Traps(self._sql)
        self._sessions: dict[str, int] = {}

    def seed(self, offers: Iterable[Offer]) -> int:
        """See :meth:`Frontier.seed <crawler.frontier.contract.Frontier.seed>`."""
        rest = iter(offers)
        total = 0
        while chunk := list(islice(rest, CHUNK)):
            with self._transaction():
                new, _ = self._intake.take(chunk)
            total += new
        return total

    def acquire(self, worker: str, domains: int, per_domain: int, ttl: float) -> list[Lease]:
        """See :meth:`Frontier.acquire <crawler.frontier.contract.Frontier.acquire>`."""
        with self._transaction():
            session = self._session(worker)
            now = self.now()
            seen = self._notes.last()
            served = [
                (candidate.name, *self._leases.hand_out(candidate, session, now, now + ttl, seen))
                for candidate in self._leases.candidates(session, now, domains, per_domain)
            ]
            entries = iter(self._read([number for _, _, taken in served for number in taken]))
        self._sessions[worker] = session
        return [
            Lease(domain=name, epoch=epoch, expires=now + ttl, entries=tuple(islice(entries, len(taken))))
            for name, epoch, taken in served
            if taken
        ]

    def extend(self, lease: Lease, ttl: float) -> Lease:
        """See :meth:`Frontier.extend <crawler.frontier.contract.Frontier.extend>`."""
        with self._transaction():
            domain = self._leases.check(lease)
            expires = self.now() + ttl
            self._sql.execute("UPDATE domain SET due = ? WHERE id = ?", (expires, domain))
        return replace(lease, expires=expires)

    def complete_many(self, batch: Sequence[tuple[Lease, Sequence[Ended], Sequence[Offer]]]) -> list[Changed]:
        """See :meth:`Frontier.complete_many <crawler.frontier.contract.Frontier.complete_many>`."""
        with self._transaction():
            domains = self._checked([lease for lease, _, _ in batch])
            _, changed = self._intake.take(chain.from_iterable(offers for _, _, offers in batch))
            for domain, (_, ended, _) in zip(domains, batch, strict=True):
                for one in ended:
                    if one.state == "retry":
                        self._retry(domain, one)
                    elif self._done(domain, one):
                        changed.add(one.entry_id)
                    else:
                        changed.discard(one.entry_id)
                    if one.state == "done" and one.moved_to is not None:
                        changed |= self._intake.moved(one.entry_id, one.moved_to)
            for domain in dict.fromkeys(domains):
                self._leases.settle(domain)
            return self._changed(changed)

    def unsettled(self) -> list[Changed]:
        """See :meth:`Frontier.unsettled <crawler.frontier.contract.Frontier.unsettled>`."""
        with self._transaction(writing=False):
            return self._changed(url for (url,) in self._sql.execute("SELECT url FROM unsettled").fetchall())

    def settle(self, changed: Iterable[Changed], *, removed: bool = False) -> None:
        """See :meth:`Frontier.settle <crawler.frontier.contract.Frontier.settle>`."""
        with self._transaction():
            for one in changed:
                if removed:
                    self._sql.execute("UPDATE url SET kept = 0 WHERE id = ?", (one.entry.id,))
                self._sql.execute(
                    "DELETE FROM unsettled WHERE url = ? AND (seq <= ? OR ?)",
                    (one.entry.id, one.version, removed),
                )

    def gone(self, urls: Iterable[str], *, forget: bool = False) -> None:
        """See :meth:`Frontier.gone <crawler.frontier.contract.Frontier.gone>`."""
        if forget:
            self._pragma("secure_delete = ON")
        with self._transaction():
            for number in map(self._entries.find, urls):
                if number is not None:
                    self._sql.execute("UPDATE url SET kept = 0 WHERE id = ?", (number,))
                    self._sql.execute("DELETE FROM unsettled WHERE url = ?", (number,))
                    if forget:
                        self._sql.execute(
                            "UPDATE url SET alt = NULL, caption = NULL, work = NULL WHERE id = ?", (number,)
                        )
        if forget:
            self._pragma("wal_checkpoint(TRUNCATE)")

    def release(self, lease: Lease, next_due: float | None = None) -> None:
        """See :meth:`Frontier.release <crawler.frontier.contract.Frontier.release>`."""
        with self._transaction():
            self._leases.free(self._leases.check(lease), polite=self.now() if next_due is None else next_due)

    def reclaim(self, worker: str) -> int:
        """See :meth:`Frontier.reclaim <crawler.frontier.contract.Frontier.reclaim>`."""
        with self._transaction():
            session, freed = self._leases.take_over(worker)
        self._sessions[worker] = session
        return freed

    def left(self) -> Left:
        """See :meth:`Frontier.left <crawler.frontier.contract.Frontier.left>`."""
        with self._transaction(writing=False):
            queued, leased, waiting, everything, free, held = self._sql.execute(
                "SELECT (SELECT count(*) FROM url WHERE state = 'queued'),"
                " (SELECT count(*) FROM url WHERE state = 'leased'),"
                " (SELECT count(*) FROM url WHERE state = 'waiting'),"
                " (SELECT count(*) FROM url),"
                " (SELECT min(due) FROM domain WHERE due IS NOT NULL),"
                " (SELECT min(iif(more, since, wake)) FROM domain WHERE owner IS NOT NULL)"
            ).fetchone()
        return Left(
            queued=queued,
            leased=leased,
            waiting=waiting,
            done=everything - queued - leased - waiting,
            next_due=min((due for due in (free, held) if due is not None), default=None),
        )

    def domains(self) -> Domains:
        """See :meth:`Frontier.domains <crawler.frontier.contract.Frontier.domains>`."""
        with self._transaction(writing=False):
            due, parked, oldest = self._sql.execute(
                "SELECT count(*) FILTER (WHERE due <= ?1), count(*) FILTER (WHERE due > ?1 AND owner IS NULL),"
                " min(due) FROM domain WHERE due IS NOT NULL",
                (now := self.now(),),
            ).fetchone()
            (leased,) = self._sql.execute(
                "SELECT count(*) FROM domain WHERE owner IS NOT NULL AND due > ?", (now,)
            ).fetchone()
        return Domains(
            due=due,
            leased=leased,
            parked=parked,
            oldest_due=oldest if oldest is not None and oldest <= now else None,
        )

    def finished(self) -> bool:
        """See :meth:`Frontier.finished <crawler.frontier.contract.Frontier.finished>`."""
        with self._transaction(writing=False):
            (busy,) = self._sql.execute(
                "SELECT EXISTS (SELECT 1 FROM url WHERE state = 'queued')"
                " OR EXISTS (SELECT 1 FROM url WHERE state = 'leased')"
                " OR EXISTS (SELECT 1 FROM url WHERE state = 'waiting')"
            ).fetchone()
        return not busy

    def begin_run(self, *, requeue: bool) -> int:
        """See :meth:`Frontier.begin_run <crawler.frontier.contract.Frontier.begin_run>`."""
        with self._transaction():
            run = self._sql.execute("INSERT INTO run (began) VALUES (?)", (self.now(),)).lastrowid
            if requeue:
                self._sql.execute("UPDATE url SET state = 'queued', tries = 0 WHERE state = 'done'")
                self._leases.recount()
                self._notes.forget_permissions()
                self._traps.reopen()
        assert run is not None
        return run

    def entry(self, url: str) -> Entry | None:
        """See :meth:`Frontier.entry <crawler.frontier.contract.Frontier.entry>`."""
        with self._transaction(writing=False):
            number = self._entries.find(url)
            return None if number is None else self._read([number])[0]

    def known(self, urls: Iterable[str]) -> set[str]:
        """See :meth:`Frontier.known <crawler.frontier.contract.Frontier.known>`."""
        with self._transaction(writing=False):
            return {url for url in urls if self._entries.find(url) is not None}

    def offered(self, domain: str, host: str, after: int = 0, most: int = 1_000) -> list[tuple[int, str]]:
        """See :meth:`Frontier.offered <crawler.frontier.contract.Frontier.offered>`."""
        with self._transaction(writing=False):
            return self._traps.offered(domain, host, after, most)

    def size(self, domain: str) -> int:
        """See :meth:`Frontier.size <crawler.frontier.contract.Frontier.size>`."""
        with self._transaction(writing=False):
            return self._traps.size(domain)

    def shut(self, where: Shut) -> None:
        """See :meth:`Frontier.shut <crawler.frontier.contract.Frontier.shut>`."""
        with self._transaction():
            self._traps.shut(where)

    def shut_at(self, name: str) -> list[Shut]:
        """See :meth:`Frontier.shut_at <crawler.frontier.contract.Frontier.shut_at>`."""
        with self._transaction(writing=False):
            return self._traps.shut_at(name)

    def close(self) -> None:
        """See :meth:`Frontier.close <crawler.frontier.contract.Frontier.close>`."""
        with self._lock:
            self._sql.close()

    def _session(self, worker: str) -> int:
        mine = self._sessions.get(worker)
        if mine is None:
            mine, _ = self._leases.take_over(worker)
        elif mine != self._leases.session_of(worker):
            raise LeaseLost(f"Another process has taken over the name {worker!r} on the frontier {self.path}.")
        return mine

    def _checked(self, leases: Iterable[Lease]) -> list[int]:
        domains: list[int] = []
        lost: list[Lease] = []
        for lease in leases:
            try:
                domains.append(self._leases.check(lease))
            except LeaseLost:
                lost.append(lease)
        if lost:
            names = ", ".join(lease.domain for lease in lost)
            raise LeaseLost(f"No longer leased: {names}.", tuple(lost))
        return domains

    def _retry(self, domain: int, ended: Ended) -> None:
        self._in_hand(domain, ended)
        self._sql.execute(
            "UPDATE url SET state = iif(?1 IS NULL, 'queued', 'waiting'), due = ?1, tries = tries + 1,"
            " outcome = coalesce(?2, outcome) WHERE id = ?3",
            (ended.due, ended.outcome and ended.outcome.value, ended.entry_id),
        )
        self._sql.execute(
            "UPDATE host SET more = 1 WHERE id = (SELECT host FROM url WHERE url.id = ? AND state = 'queued')",
            (ended.entry_id,),
        )

    def _done(self, domain: int, ended: Ended) -> bool:
        """The entry is done; whether it is kept, and was added to since it was handed out."""
        seen = self._in_hand(domain, ended)
        self._sql.execute(
            "UPDATE url SET state = 'done', moved = NULL, kept = ?, outcome = coalesce(?, outcome)"
            " WHERE id = ?",
            (ended.kept, ended.outcome and ended.outcome.value, ended.entry_id),
        )
        last = self._notes.last_of(ended.entry_id)
        if ended.kept and last > seen:
            self._sql.execute("INSERT OR REPLACE INTO unsettled VALUES (?, ?)", (ended.entry_id, last))
            return True
        self._sql.execute("DELETE FROM unsettled WHERE url = ?", (ended.entry_id,))
        return False

    def _in_hand(self, domain: int, ended: Ended) -> int:
        """The last addition that the worker was shown of the entry."""
        row = self._sql.execute(
            "SELECT seen FROM url WHERE id = ? AND domain = ? AND state = 'leased'", (ended.entry_id, domain)
        ).fetchone()
        if row is None:
            raise FrontierError(f"Entry {ended.entry_id} was not handed out with this lease, or has ended.")
        return int(row[0])

    def _changed(self, numbers: Iterable[int]) -> list[Changed]:
        return [
            Changed(entry=entry, version=self._notes.last_of(entry.id)) for entry in self._read(sorted(numbers))
        ]

    def _read(self, numbers: Sequence[int]) -> list[Entry]:
        try:
            return self._entries.read(numbers)
        except ValueError as error:
            raise unusable(self.path, error) from error

    def _pragma(self, words: str) -> None:
        with self._lock:
            try:
                self._sql.execute(f"PRAGMA {words}").fetchall()
            except sqlite3.Error as error:
                raise unusable(self.path, error) from error

    @contextmanager
    def _transaction(self, *, writing: bool = True) -> Iterator[None]:
        """All or nothing; what SQLite raises becomes a ``FrontierError``."""
        with self._lock:
            try:
                self._sql.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
                try:
                    yield
                    self._sql.execute("COMMIT")
                except BaseException:
                    self._intake.undone()
                    if self._sql.in_transaction:
                        self._sql.execute("ROLLBACK")
                    raise
                self._intake.committed()
            except (sqlite3.Error, UnicodeDecodeError) as error:
                raise unusable(self.path, error) from error
