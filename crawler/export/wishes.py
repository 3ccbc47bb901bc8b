"""What somebody asks for, read: names and dates as they are typed become a :class:`Wanted`, or one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from crawler.export.columns import COLUMNS
from crawler.export.model import ExportError, Wanted
from crawler.optout.codec import time_to_text
from crawler.optout.grammar.licences import FAMILIES, IDENTIFIERS
from crawler.optout.model import Kind
from crawler.text.model import How

FORMATS = ("parquet", "webdataset", "jsonl")
"""The formats there are."""

EXTRAS = {"pyarrow": "export", "rensa": "export", "trafilatura": "quality"}
"""What is not installed with everything else, and the extra that brings it."""

_CODES = """
af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb co cs cv cy
da de diq dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv he hi hif hr hsb ht hu hy
ia id ie ilo io is it ja jbo jv ka kk km kn ko krc ku kv kw ky la lb lez li lmo lo lrc lt lv mai mg mhr min
mk ml mn mr mrj ms mt mwl my myv mzn nah nap nds ne new nl nn no oc or os pa pam pfl pl pms pnb ps pt qu rm
ro ru rue sa sah sc scn sco sd sh si sk sl so sq sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep
vi vls vo wa war wuu xal xmf yi yo yue zh
"""
LANGUAGES = frozenset(_CODES.split())
"""The ISO 639 codes of the languages that the identification tells apart.

https://fasttext.cc/docs/en/language-identification.html
"""


def read_wanted(
    wanted: Wanted,
    *,
    kinds: str | None = None,
    since: str | None = None,
    licences: Iterable[str] = (),
    languages: Iterable[str] = (),
    columns: str | None = None,
) -> Wanted:
    """``wanted`` with what was typed beside it; raises ``ExportError``."""
    more: dict[str, Any] = {
        "licences": frozenset(name for text in licences for name in _each("--licence", text, _licence)),
        "languages": frozenset(name for text in languages for name in _each("--language", text, _language)),
    }
    if kinds is not None:
        more["kinds"] = frozenset(_each("--kinds", kinds, _kind))
    if since is not None:
        more["since"] = moment(since)
    if columns is not None:
        more["columns"] = frozenset(_each("--columns", columns, _column))
    wanted = replace(wanted, **more)
    check(wanted)
    return wanted


def check(wanted: Wanted) -> None:
    """Raise ``ExportError`` where wishes contradict each other or need what is not installed."""
    if wanted.languages and wanted.kinds == {Kind.IMAGE}:
        raise ExportError("--language leaves out images, and --kinds asks for nothing else: drop one of them")
    if wanted.format == "webdataset" and wanted.images == "files":
        raise ExportError("--images files: webdataset has its images in its shards; leave the option out")
    if not wanted.compressed and wanted.format != "jsonl":
        raise ExportError(f"--uncompressed is for jsonl; {wanted.format} has its own compression")
    needs = {
        "pyarrow": (f"--format {wanted.format}", wanted.format in ("parquet", "webdataset")),
        "rensa": ("--near-duplicates", wanted.how.near),
        "trafilatura": ("--quality", wanted.how.quality),
    }
    for package, (option, asked) in needs.items():
        if asked and find_spec(package) is None:
            extra = EXTRAS[package]
            raise ExportError(
                f"{option} needs {package}, which is not installed: pip install 'heedful[{extra}]'"
            )


def moment(text: str) -> datetime:
    """A date, or a moment with or without a zone, as RFC 3339 writes them; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ExportError(
            f"--since: {text[:100]!r} is no date; write 2026-11-22 or 2026-11-22T10:00:00Z"
        ) from None


def as_dict(wanted: Wanted) -> dict[str, Any]:
    """As ``export.json`` writes it: options by their names, so that two exports can be told apart in words."""
    return {
        "format": wanted.format,
        "kinds": sorted(kind.value for kind in wanted.kinds),
        "since": None if wanted.since is None else time_to_text(wanted.since),
        "licence": sorted(wanted.licences),
        "language": sorted(wanted.languages),
        "columns": None if wanted.columns is None else sorted(wanted.columns),
        "quality": wanted.how.quality,
        "markdown": wanted.how.markdown,
        "near-duplicates": wanted.how.near,
        "images": wanted.images,
        "compressed": wanted.compressed,
    }


def from_dict(said: Mapping[str, Any]) -> Wanted:
    """What :func:`as_dict` wrote, read again; raises ``ExportError`` for what it cannot have written."""
    try:
        since, columns = said["since"], said["columns"]
        wanted = Wanted(
            format=said["format"],
            kinds=frozenset(Kind(name) for name in said["kinds"]),
            since=None if since is None else moment(since),
            licences=frozenset(said["licence"]),
            languages=frozenset(said["language"]),
            columns=None if columns is None else frozenset(columns),
            how=How(quality=said["quality"], markdown=said["markdown"], near=said["near-duplicates"]),
            images=said["images"],
            compressed=said["compressed"],
        )
        if as_dict(wanted) == dict(said):
            return wanted
    except (LookupError, TypeError, ValueError, AttributeError):
        pass
    raise ExportError("what was asked for is nothing that this version can be asked for")


def _kind(name: str) -> Kind:
    try:
        return Kind(name.lower())
    except ValueError:
        raise _unknown("--kinds", name, "kind", sorted(kind.value for kind in Kind)) from None


def _column(name: str) -> str:
    known = [column.name for column in COLUMNS]
    if name not in known:
        raise _unknown("--columns", name, "column", known)
    return name


def _licence(name: str) -> str:
    known = {known.lower(): known for known in (*IDENTIFIERS, *FAMILIES)}
    found = known.get(re.sub(r"\s+", "-", name.lower()))
    if found is None:
        raise _unknown("--licence", name, "licence that is recognised", ["CC0-1.0", "CC-BY", "CC-BY-SA-4.0"])
    return found


def _language(name: str) -> str:
    if name.lower() not in LANGUAGES:
        raise _unknown("--language", name, "ISO 639 code of a language that is told apart", ["de", "en", "zh"])
    return name.lower()


def _each(option: str, text: str, read: Callable[[str], Any]) -> list[Any]:
    found = [read(name) for name in _names(text)]
    if not found:
        raise ExportError(f"{option} is empty: name what is wanted, with commas between, or leave it out")
    return found


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _unknown(option: str, name: str, what: str, known: list[str]) -> ExportError:
    few = what.startswith(("kind", "column"))
    some = ", ".join(known)
    return ExportError(f"{option}: {name[:100]!r} is no {what}; {'there are' if few else 'such as'} {some}")
