"""What is still to visit, read past the writer and without changing anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from crawler.corpus.folder import CorpusFolder
from crawler.doctor.model import Check, ok, problem, warning
from crawler.frontier.schema import ADVICE, APPLICATION, VERSION

COUNT = "SELECT count(*) FROM url WHERE state = ?"


def checks(folder: CorpusFolder) -> Iterator[Check]:
    """Whether it is ours, of this version, and what it holds."""
    path = folder.frontier
    if not path.exists():
        yield ok("frontier", "there is none: nothing is left to visit, or it was moved away")
        return
    try:
        # Without a writer and its log, nothing changes while it is read, and no file is made beside it.
        alone = not folder.in_use() and not path.with_name(f"{path.name}-wal").exists()
        uri = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
        with closing(sqlite3.connect(uri, uri=True, timeout=5)) as database:
            application, version = (
                int(database.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("application_id", "user_version")
            )
            if application != APPLICATION:
                yield problem("frontier", f"{path} is a database of another program", ADVICE)
                return
            if version != VERSION:
                said = f"it was written under schema {version}, this version reads {VERSION}"
                yield problem("frontier", said, ADVICE)
                return
            queued, leased, waiting = (
                int(database.execute(COUNT, (state,)).fetchone()[0])
                for state in ("queued", "leased", "waiting")
            )
    except sqlite3.Error as error:
        yield problem("frontier", f"{path} cannot be read ({error})", ADVICE)
        return
    said = f"schema {version}: {queued:,} URLs queued, {leased:,} in hand, {waiting:,} to be asked again later"
    if leased and not folder.in_use():
        yield warning("frontier", f"{said}, and nobody at work", "run the same crawl again: it takes them back")
    else:
        yield ok("frontier", said)
