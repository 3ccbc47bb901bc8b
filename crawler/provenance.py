"""What the manifest of a corpus keeps of a configuration, and what a configuration takes back from it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import scrapy

from crawler import __version__
from crawler.config import RunConfig
from crawler.corpus.manifest import Identity
from crawler.optout import Gate
from crawler.optout.model import Denylist, Kind


def identity_of(config: RunConfig, gate: Gate) -> Identity:
    """As what, and under which policy, a corpus is collected."""
    return Identity(
        operator=config.operator,
        contact=config.contact,
        tokens=gate.context.agents,
        purposes=tuple(sorted(gate.policy.purposes)),
        posture=gate.policy.posture,
        reading=gate.policy.reading,
        reason=config.reason,
        policy=gate.digest,
    )


def as_collected(identity: Identity, config: RunConfig, path: Path) -> RunConfig:
    """The configuration with what is fixed for the corpus at ``path``, whose ``identity`` that is."""
    said = {token.lower(): token for token in config.tokens}  # as the operator writes it
    fixed: dict[str, Any] = {
        "tokens": tuple(said.get(token, token) for token in identity.tokens),
        "purposes": frozenset(identity.purposes),
        "posture": identity.posture,
        "reading": identity.reading,
        "reason": config.reason or identity.reason,
        "operator": config.operator or identity.operator,
    }
    origins = dict(config.origins) | dict.fromkeys(("tokens", "purposes", "posture", "reading"), "file")
    return replace(config, **fixed, origins=origins, output=path, kinds=frozenset(Kind))


def versions() -> dict[str, str]:
    """What collects it, and what that runs on."""
    return {
        "heedful": __version__,
        "scrapy": scrapy.__version__,
        "python": platform.python_version(),
    }


def recorded(config: RunConfig) -> dict[str, Any]:
    """Every setting that was made, as the manifest keeps it; the rest has its default.

    Where seeds were given, also the files that they were read from, none or more.
    """
    made: dict[str, Any] = {}
    for name in config.origins:
        value = getattr(config, name, None)
        if isinstance(value, Denylist):
            value = {"hosts": len(value.hosts), "prefixes": len(value.prefixes), "sha256": len(value.sha256)}
        elif isinstance(value, frozenset | tuple):
            value = sorted(map(str, value))
        elif isinstance(value, Mapping):
            value = dict(value)
        made[name] = value if isinstance(value, bool | int | float | dict | list | None) else str(value)
    if config.seeds or config.sitemaps:
        made["seed_lists"] = [asdict(one) for one in config.seed_lists]
    return made
