"""From options, environment and file to one :class:`~crawler.config.model.RunConfig`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.config import guard, values
from crawler.config.file import read_file
from crawler.config.given import Given
from crawler.config.keys import KEYS, Key
from crawler.config.model import ConfigError, Origin, RunConfig
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
    file = options.get("config") or environ.get(PREFIX + "CONFIG")
    in_file = read_file(Path(str(file)).expanduser() if file else None, folder)
    found: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for key in KEYS:
        given = _first(key, options, environ, in_file)
        if given is not None:
            found[key.field] = key.read(given)
            origins[key.field] = given.origin
    _weakened_with_reason(found)
    for field in ("contact", *needs):
        if field not in found:
            raise ConfigError(_MISSING[field])
    pages, sitemaps = read_seeds(seeds, allow_private=found.get("allow_private", False))
    _somebody_answers(found, (*pages, *sitemaps))
    found["denylist"] = Denylist(
        hosts=found.pop("deny_hosts", frozenset()),
        prefixes=found.pop("deny_prefixes", ()),
        sha256=found.pop("deny_sha256", frozenset()),
    )
    return RunConfig(seeds=pages, sitemaps=sitemaps, origins=origins, **found)


_MISSING = {
    "contact": "no contact: say with --contact, HEEDFUL_CONTACT or heedful.toml [operator] contact "
    "under which mail address or URL a site owner reaches you",
    "output": "no corpus folder: say with -o where to keep what is collected",
}


def _first(
    key: Key,
    options: Mapping[str, object],
    environ: Mapping[str, str],
    in_file: Mapping[tuple[str, str], Given],
) -> Given | None:
    """What the first that speaks says."""
    in_places = [in_file[place] for place in key.places if place in in_file]
    if len(in_places) > 1 and in_places[0].raw != in_places[1].raw:
        raise ConfigError(f"{in_places[0].where} and {in_places[1].where} say different things; keep one")
    if key.option:
        value = options.get(key.option)
        if value is not None and value != ():
            return Given(value, "option", "--" + key.option.replace("_", "-"))
        value = environ.get(PREFIX + key.option.upper())
        if value:
            return Given(value, "environment", PREFIX + key.option.upper())
    return in_places[0] if in_places else None


def _weakened_with_reason(found: Mapping[str, Any]) -> None:
    weakened = [
        words
        for words, is_so in (
            ("the literal reading", found.get("reading") is Reading.LITERAL),
            ("unchecked certificates", guard.weakened(found.get("settings", {}))),
        )
        if is_so
    ]
    if weakened and "reason" not in found:
        raise ConfigError(
            f"heedful.toml: {' and '.join(weakened)} weaken the promise; "
            'say why with reason = "…" under [policy]'
        )


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
