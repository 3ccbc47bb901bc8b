"""Every value of a configuration for people to look at: what it is, who says so, and over whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from crawler.config.given import Given
from crawler.config.keys import KEYS, Key
from crawler.config.model import Origin, RunConfig
from crawler.config.profiles import FIELDS, Effective
from crawler.config.written import plain

HIDDEN = "…"
"""What stands for a secret."""

_USER = re.compile(r"(?<=://)[^/?#]+(?=@)")
# The userinfo of a URL: RFC 3986 §3.2.1. An "@" in it that should have been escaped belongs to it.
_SECRET = re.compile(r"KEY|PASS|PWD|SECRET|TOKEN|AUTH|CREDENTIAL", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One value in effect. Nothing in it is secret."""

    section: str
    """The section of ``heedful.toml`` where it is best written."""
    name: str
    """Its name there."""
    value: object
    """Texts, numbers, truths and lists of those; None: nothing holds. Denials are ``{"entries": N}``."""
    origin: Origin | Literal["profile"]
    """Who says so."""
    where: str | None
    """Where: ``--delay``, ``HEEDFUL_DELAY``, ``heedful.toml [manners] delay``; None for defaults."""
    over: tuple[str, ...] = ()
    """Where something else is said that does not count."""


def shown(
    told: Mapping[str, tuple[Given, ...]], found: Mapping[str, Any], scrapy: Mapping[str, Effective]
) -> Iterator[Shown]:
    """All values in the order of the keys. ``found``: what ``told`` comes to; ``scrapy``: Scrapy's settings."""
    defaults = RunConfig(contact="")
    for key in KEYS:
        places = told.get(key.field, ())
        section, name = key.home
        value = _value(key, found, defaults)
        where = [place.where for place in places]
        origin: Origin | Literal["profile"] = places[0].origin if places else "default"
        if key.field in FIELDS:
            setting = scrapy[FIELDS[key.field]]
            value, origin = setting.value, setting.origin
            if setting.field != key.field:  # another place speaks, before all of these
                where.insert(0, place_of(setting, told, found))
        yield Shown(
            section=section,
            name=name or section,
            value=concealed(key.home[1], value),
            origin=origin,
            where=where[0] if where else None,
            over=tuple(where[1:]),
        )


def place_of(setting: Effective, told: Mapping[str, tuple[Given, ...]], found: Mapping[str, Any]) -> str:
    """Where the value of a Scrapy setting is said."""
    if setting.field is None:
        return f"settings.{found.get('profile', 'polite')}"
    return told[setting.field][0].where


def concealed(name: str, value: object) -> object:
    """``value`` without user names and passwords in URLs, and without settings whose names tell secrets."""
    match value:
        case str():
            setting, equals, _ = value.partition("=")
            if name == "setting" and equals and _SECRET.search(setting):
                return f"{setting}={HIDDEN}"
            return _USER.sub(HIDDEN, value)
        case list():
            return [concealed(name, one) for one in value]
        case Mapping():
            return {one: concealed(name, inner) for one, inner in value.items()}
    return value


def concealed_setting(name: str, value: object) -> object:
    """The value of the Scrapy setting ``name``, hidden where its name tells a secret."""
    return HIDDEN if _SECRET.search(name) else concealed(name, value)


def _value(key: Key, found: Mapping[str, Any], defaults: RunConfig) -> object:
    """The value as it is shown."""
    if key.field.startswith("deny_"):
        entries = len(getattr(found["denylist"], key.field.removeprefix("deny_")))
        return {"entries": entries} if entries else None
    if key.field == "summary":
        return dict(found.get(key.field, {}))
    value = found.get(key.field, getattr(defaults, key.field))
    return None if value == "" else plain(value)
