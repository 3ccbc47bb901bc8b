"""``export.json``: what an export says of itself. Written when it begins and again when it is finished."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from crawler.corpus.disk import replace_file
from crawler.corpus.manifest import Manifest
from crawler.export.made import STATE, Made
from crawler.export.model import ExportError, Wanted
from crawler.export.wishes import as_dict

FORMAT = 1
"""Grows when a folder of the new kind could not be continued by an older version."""


def expect(folder: Path, corpus: Manifest, wanted: Wanted) -> None:
    """Raise ``ExportError`` if the folder holds another export than this one."""
    path = folder / STATE
    try:
        said = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ExportError(f"{path} cannot be read ({error}): name another folder") from error
    if said.get("format") != FORMAT:
        raise ExportError(
            f"{path} has format {said.get('format')!r:.40}, this version writes {FORMAT}: name another folder"
        )
    origin = said.get("corpus", {}).get("log") if isinstance(said.get("corpus"), dict) else None
    if origin != corpus.log:
        raise ExportError(f"{folder} holds an export of another corpus: name another folder")
    before, now = said.get("wanted"), as_dict(wanted)
    before = before if isinstance(before, dict) else {}
    differences = [
        f"{name} is {_words(before.get(name))}, asked for is {_words(value)}"
        for name, value in now.items()
        if before.get(name) != value
    ]
    if differences:
        raise ExportError(
            f"{folder} holds another export: {'; '.join(differences)}; ask for the same or name another folder"
        )


def read(folder: Path) -> dict[str, Any] | None:
    """What the folder says of a finished export; None: there is none in it."""
    try:
        said = msgspec.json.decode((folder / STATE).read_bytes(), type=dict[str, Any])
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return said if said.get("finished") is True else None


def begin(folder: Path, corpus: Manifest, wanted: Wanted) -> None:
    """Say that the export is being made."""
    _write(folder, {**_head(corpus, wanted), "finished": False})


def dated(made: Made, before: Mapping[str, Any] | None) -> Made:
    """``made``, and where it is the very export that the folder held ``before``, finished when that was.

    So an export of which nothing changed keeps every byte, also of its cards.
    """
    if before is None:
        return made
    with suppress(ValueError, TypeError):
        then = replace(made, at=datetime.fromisoformat(str(before.get("at"))))
        if msgspec.json.decode(final(then)) == before:
            return then
    return made


def end(folder: Path, made: Made) -> None:
    """Say what the finished export is."""
    replace_file(folder / STATE, final(made))


def final(made: Made) -> bytes:
    """The file as it is when the export is finished."""
    return _bytes({**_head(made.corpus, made.wanted), **facts(made), "finished": True})


def facts(made: Made) -> dict[str, Any]:
    """What is known once it is finished, as plain types."""
    standing, composition = made.standing, made.composition
    plain: dict[str, Any] = {
        "at": made.at,
        "versions": made.versions,
        "extractors": made.extractors,
        "ledger": {
            "entries": standing.entries,
            "checkpoint": None if standing.checkpoint is None else standing.checkpoint.decode(),
        },
        "counts": counts(made),
        "composition": composition,
        "damaged": made.damaged,
        "tables": {
            table.table.value: {
                "columns": [column.name for column in table.columns],
                "rows": table.rows,
                "shards": table.shards,
            }
            for table in made.tables
        },
    }
    return dict(msgspec.to_builtins(plain))


def counts(made: Made) -> dict[str, Any]:
    """How many items became rows, and why the others did not."""
    return dict(msgspec.to_builtins(made.counts))


def _head(corpus: Manifest, wanted: Wanted) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "corpus": {"log": corpus.log, "operator": corpus.identity.operator or corpus.identity.contact},
        "wanted": as_dict(wanted),
    }


def _write(folder: Path, said: Mapping[str, Any]) -> None:
    replace_file(folder / STATE, _bytes(said))


def _bytes(said: Mapping[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n"


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one)[:40] for one in value[:20]) or "all"
    if isinstance(value, bool):
        return "on" if value else "off"
    return "all" if value is None else str(value)[:40]
