"""From options, environment and file to one :class:`~crawler.config.model.RunConfig`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from crawler.config import guard, values
from crawler.config.file import read_file
from crawler.config.given import Given
from crawler.config.keys import KEYS, Key
from crawler.config.model import ConfigError, RunConfig
from crawler.config.seeds import read_seeds
from crawler.optout.model import Denylist, Reading

PREFIX = "HEEDFUL_"
"""How the environment variables begin."""


def load(
    options: Mapping[str, object],
    *,
    environ: Mapping[str, str],
    folder: Path = Path(),
    seeds: tuple[str, ...] = (),
    needs: Collection[str] = (),
) -> RunConfig:
    """The configuration of a run; raises :class:`ConfigError`.

    ``options``: by long name with underscores; None, an empty tuple or no entry: not given. ``config`` names
    the file. ``needs``: the fields that this command cannot do without, beside the contact.
    """
    told = said(options, environ, read_file(file_named(options, environ), folder))
    found = understood(told)
    for field in ("contact", *needs):
        if field not in found:
            raise ConfigError(MISSING[field])
    pages, sitemaps, lists = read_seeds(seeds, allow_private=found.get("allow_private", False))
    _somebody_answers(found, (*pages, *sitemaps))
    origins = {field: places[0].origin for field, places in told.items()}
    return RunConfig(seeds=pages, sitemaps=sitemaps, seed_lists=lists, origins=origins, **found)


def said(
    options: Mapping[str, object],
    environ: Mapping[str, str],
    in_file: Mapping[tuple[str, str], Given] = MappingProxyType({}),
) -> dict[str, tuple[Given, ...]]:
    """What is said of each field, by those who say something, the one that counts first.

    ``in_file``: what :func:`~crawler.config.file.read_file` gives. Everything is as written; what cannot be
    read is found out by :func:`understood`. Raises :class:`ConfigError` where a file contradicts itself.
    """
    told = ((key.field, tuple(_speaking(key, options, environ, in_file))) for key in KEYS)
    return {field: places for field, places in told if places}


def file_named(options: Mapping[str, object], environ: Mapping[str, str]) -> Path | None:
    """The configuration file that option or environment name; None: that of the working folder, if any."""
    file = options.get("config") or environ.get(PREFIX + "CONFIG")
    return Path(str(file)).expanduser() if file else None


def understood(told: Mapping[str, tuple[Given, ...]]) -> dict[str, Any]:
    """The fields of ``RunConfig`` that were said, as values; raises :class:`ConfigError`."""
    found = {key.field: key.read(told[key.field][0]) for key in KEYS if key.field in told}
    if weakening(found) and "reason" not in found:
        raise ConfigError(
            f"heedful.toml: {' and '.join(weakening(found))} weaken the promise; "
            'say why with reason = "…" under [policy]'
        )
    found["denylist"] = Denylist(
        hosts=found.pop("deny_hosts", frozenset()),
        prefixes=found.pop("deny_prefixes", ()),
        sha256=found.pop("deny_sha256", frozenset()),
    )
    return found


MISSING = {
    "contact": "no contact: say with --contact, HEEDFUL_CONTACT or heedful.toml [operator] contact "
    "under which mail address or URL a site owner reaches you",
    "output": "no corpus folder: say with -o where to keep what is collected",
}
"""The sentence for each field that somebody has to say."""


def _speaking(
    key: Key,
    options: Mapping[str, object],
    environ: Mapping[str, str],
    in_file: Mapping[tuple[str, str], Given],
) -> Iterator[Given]:
    """What is said of a key, the first that speaks first."""
    in_places = [in_file[place] for place in key.places if place in in_file]
    if len(in_places) > 1 and in_places[0].raw != in_places[1].raw:
        raise ConfigError(f"{in_places[0].where} and {in_places[1].where} say different things; keep one")
    if key.option:
        value = options.get(key.option)
        if value is not None and value != ():
            yield Given(value, "option", "--" + key.option.replace("_", "-"))
        value = environ.get(PREFIX + key.option.upper())
        if value:
            yield Given(value, "environment", PREFIX + key.option.upper())
    yield from in_places[:1]


def weakening(found: Mapping[str, Any]) -> list[str]:
    """What of the fields that were said weakens the promise, in words."""
    return [
        words
        for words, is_so in (
            ("the literal reading", found.get("reading") is Reading.LITERAL),
            ("unchecked certificates", guard.weakened(found.get("settings", {}))),
        )
        if is_so
    ]


def _somebody_answers(found: Mapping[str, Any], urls: Collection[str]) -> None:
    """A contact that reaches nobody is refused, unless the crawl itself reaches nobody but us."""
    contact = found["contact"]
    if not values.reaches_nobody(contact):
        return
    at_home = found.get("allow_private", False) or values.leads_home(found.get("resolve", ()))
    if not at_home and not all(values.is_reserved(urlsplit(url).hostname or "") for url in urls):
        raise ConfigError(
            f"contact {contact} is an example that reaches nobody; "
            "write an address under which a site owner reaches you"
        )
