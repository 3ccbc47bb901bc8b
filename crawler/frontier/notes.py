"""What travels with a URL, as rows: the statements it inherits and the hops that led to it."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from hashlib import blake2b

from crawler.frontier.contract import Offer
from crawler.optout.codec import hop_from_dict, hop_to_dict, statement_from_dict, statement_to_dict
from crawler.optout.model import Hop, Statement

HOP = "hop"
"""The ``meaning`` of every hop; for that of statements see :data:`MEANING`."""

MEANING = ("signal", "purpose", "preference", "basis", "carrier", "kind", "terms")
"""What decisions depend on; statements that agree in these differ only in where they were read."""

SAME = 32
"""Statements of one meaning kept for one URL; further ones would change no decision. A thousand pages that
reserve and embed one logo make them."""

STATEMENTS = 4096
"""Statements of any meaning kept for one URL, the first ones. Only a site that invents new terms on every page
gets here. Permissions are counted apart, so that none of them takes the place of a reservation."""

HOPS = 1000
"""Hops kept for one URL, the first ones: a log-in page is where thousands of redirects end. What the headers of
a redirect say must travel as statements, so that none of it is lost here."""


def fingerprint(text: str) -> int:
    """64 bits of a digest, as a signed integer; equal texts have equal ones, not the other way round."""
    return int.from_bytes(blake2b(text.encode("utf-8"), digest_size=8).digest(), signed=True)


def storable(text: str) -> str:
    """``text`` with ``?`` for lone surrogates, which no database column can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


_PERMITTING = '", "allow", "'
"""What only the meaning of a permission holds: inside its texts quotation marks are escaped."""


class Notes:
    """The tables ``note`` and ``carried``. Every call belongs inside a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self._encoded: dict[Statement | Hop, tuple[str, str]] = {}

    def add(self, url: int, offer: Offer) -> bool:
        """Let what ``offer`` carries travel with ``url`` from now on; whether any of it was new."""
        added = False
        things: tuple[Statement | Hop, ...] = (*offer.inherited, *offer.hops)
        for thing in things:
            meaning, text = self._encode(thing)
            added |= self._carry(url, meaning, text)
        return added

    def pass_on(self, url: int, target: int) -> bool:
        """Let the statements about ``url`` travel with ``target`` too; whether any of it was new there."""
        said = self._sql.execute(
            "SELECT meaning, json FROM carried JOIN note ON note.id = carried.note"
            " WHERE carried.url = ? AND meaning <> ? ORDER BY seq",
            (url, HOP),
        ).fetchall()
        return bool(sum(self._carry(target, meaning, text) for meaning, text in said))

    def forget_permissions(self) -> None:
        """Let no permission travel any longer: whoever gave it may have taken it back since."""
        self._sql.execute(
            "DELETE FROM carried WHERE note IN (SELECT id FROM note WHERE instr(meaning, ?) > 0)",
            (_PERMITTING,),
        )

    def last(self) -> int:
        """The number of the newest addition."""
        return int(self._sql.execute("SELECT coalesce(max(seq), 0) FROM carried").fetchone()[0])

    def last_of(self, url: int) -> int:
        """The number of the newest addition to ``url``; 0: nothing travels with it."""
        query = "SELECT coalesce(max(seq), 0) FROM carried WHERE url = ?"
        return int(self._sql.execute(query, (url,)).fetchone()[0])

    def read(self, urls: str) -> dict[int, tuple[tuple[Statement, ...], tuple[Hop, ...]]]:
        """What travels with each of ``urls``, a JSON list of numbers, in the order it was added.

        Raises ``ValueError`` where that is not what was stored.
        """
        inherited: dict[int, list[Statement]] = defaultdict(list)
        hops: dict[int, list[Hop]] = defaultdict(list)
        rows = self._sql.execute(
            "SELECT carried.url, key, meaning, json FROM carried LEFT JOIN note ON note.id = carried.note"
            " WHERE carried.url IN (SELECT value FROM json_each(?)) ORDER BY seq",
            (urls,),
        )
        for url, key, meaning, text in rows:
            if text is None or fingerprint(text) != key:
                raise ValueError(f"what travels with entry {url} was altered")
            if meaning == HOP:
                hops[url].append(hop_from_dict(json.loads(text)))
            else:
                inherited[url].append(statement_from_dict(json.loads(text)))
        return {url: (tuple(inherited[url]), tuple(hops[url])) for url in {*inherited, *hops}}

    def _encode(self, thing: Statement | Hop) -> tuple[str, str]:
        try:
            return self._encoded[thing]  # a page's statements come once for each of its images
        except KeyError:
            pass
        if isinstance(thing, Statement):
            row = statement_to_dict(thing)
            meaning = json.dumps([row[key] for key in MEANING])
        else:
            row, meaning = hop_to_dict(thing), HOP
        if len(self._encoded) >= 1000:
            self._encoded.clear()
        result = self._encoded[thing] = meaning, json.dumps(row, separators=(",", ":"))
        return result

    def _carry(self, url: int, meaning: str, text: str) -> bool:
        key = fingerprint(text)
        found = self._sql.execute("SELECT id FROM note WHERE key = ? AND json = ?", (key, text)).fetchone()
        if found:
            known = self._sql.execute("SELECT 1 FROM carried WHERE url = ? AND note = ?", (url, found[0]))
            if known.fetchone():
                return False
        hops, statements, same = self._sql.execute(
            "SELECT count(*) FILTER (WHERE meaning = ?1),"
            " count(*) FILTER (WHERE meaning <> ?1 AND (instr(meaning, ?4) > 0) = ?5),"
            " count(*) FILTER (WHERE meaning = ?2)"
            " FROM carried JOIN note ON note.id = carried.note WHERE carried.url = ?3",
            (HOP, meaning, url, _PERMITTING, _PERMITTING in meaning),
        ).fetchone()
        full = hops >= HOPS if meaning == HOP else same >= SAME or statements >= STATEMENTS
        if full:
            return False
        insert = "INSERT INTO note (key, meaning, json) VALUES (?, ?, ?)"
        note = found[0] if found else self._sql.execute(insert, (key, meaning, text)).lastrowid
        self._sql.execute("INSERT INTO carried (url, note) VALUES (?, ?)", (url, note))
        return True
