"""Every value that can be set: how it is read, and the places where it may be written.

A key with an option is ``--name`` (dashes for underscores), ``HEEDFUL_NAME`` and ``[run] name`` alike; a key
with ``homes`` may be written there too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.config import guard, lists, values
from crawler.config.given import Given, flag, path, positive_seconds, seconds, text, whole


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One value of the configuration."""

    field: str
    """The field of ``RunConfig``, or a part of it."""
    read: Callable[[Given], Any]
    """What it must look like."""
    option: str | None = None
    """Its long option with underscores; None: ``heedful.toml`` only."""
    homes: tuple[tuple[str, str], ...] = ()
    """``(section, name)`` in ``heedful.toml``, beside ``[run]`` for options."""

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Every ``(section, name)`` of the file where it may stand."""
        return (("run", self.option), *self.homes) if self.option else self.homes


def _table(given: Given) -> Mapping[str, Any]:
    assert isinstance(given.raw, dict)
    return dict(given.raw)


KEYS = (
    Key(field="output", option="output", read=path),
    Key(field="contact", option="contact", read=values.contact, homes=(("operator", "contact"),)),
    Key(field="operator", option="operator", read=text, homes=(("operator", "name"),)),
    Key(field="operator_url", read=values.web_url, homes=(("operator", "url"),)),
    Key(field="tokens", option="token", read=values.tokens),
    Key(field="scope", option="scope", read=values.scope),
    Key(field="max_pages", option="max_pages", read=whole),
    Key(field="max_time", option="max_time", read=positive_seconds),
    Key(field="max_bytes", option="max_bytes", read=whole),
    Key(field="delay", option="delay", read=seconds, homes=(("manners", "delay"),)),
    Key(field="max_crawl_delay", read=seconds, homes=(("manners", "max_crawl_delay"),)),
    Key(field="stop_after_refusals", read=whole, homes=(("manners", "stop_after_refusals"),)),
    Key(field="concurrency", option="concurrency", read=whole),
    Key(field="posture", option="posture", read=values.posture),
    Key(field="purposes", option="purpose", read=values.purposes),
    Key(field="reading", option="reading", read=values.reading, homes=(("policy", "reading"),)),
    Key(field="reason", read=text, homes=(("policy", "reason"),)),
    Key(field="accept", read=values.accept, homes=(("policy", "accept"),)),
    Key(field="trust_anchors", read=values.trust_anchors, homes=(("policy", "trust_anchors"),)),
    Key(field="non_commercial", read=flag, homes=(("policy", "non_commercial"),)),
    Key(field="country", read=values.country, homes=(("policy", "country"),)),
    Key(
        field="deny_hosts",
        read=lambda given: frozenset(lists.denied(given, lists.host)),
        homes=(("policy", "deny_hosts"),),
    ),
    Key(
        field="deny_prefixes",
        read=lambda given: tuple(dict.fromkeys(lists.denied(given, lists.prefix))),
        homes=(("policy", "deny_prefixes"),),
    ),
    Key(
        field="deny_sha256",
        read=lambda given: frozenset(lists.denied(given, lists.sha256)),
        homes=(("policy", "deny_sha256"),),
    ),
    Key(field="kinds", option="kinds", read=values.kinds),
    Key(field="allow_private", option="allow_private", read=flag),
    Key(field="resolve", option="resolve", read=values.resolve),
    Key(field="ports", read=values.ports, homes=(("network", "ports"),)),
    Key(field="dry_run", option="dry_run", read=flag),
    Key(field="log_json", option="log_json", read=flag),
    Key(field="profile", option="profile", read=values.profile),
    Key(field="settings", option="setting", read=guard.settings),
    Key(field="summary", read=_table, homes=(("summary", ""),)),
)
"""All of them."""

SECTIONS = ("run", "operator", "policy", "manners", "network", "summary")
"""The sections of ``heedful.toml``."""
