"""Everything of ours that a decision depends on, as one canonical text whose digest every decision bears.

::

    description = canonical JSON object        keys sorted, no spaces, ASCII
    policy      = "sha256:" hex(SHA-256(description))

From the description and the certificates that it names by their digest, the same gate can be built again on
another machine, as long as this version reads the same versions of the signals.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from crawler.optout.model import (
    Context,
    Denylist,
    Malformed,
    Operator,
    Posture,
    Purpose,
    Reading,
    Signal,
)
from crawler.optout.policy import Policy


def describe(policy: Policy, context: Context, signals: Iterable[Signal]) -> bytes:
    """The description of a gate. What is a set is sorted; what has an order keeps it, and tells it apart."""
    denylist = context.denylist
    lists = {field.name: getattr(denylist, field.name) for field in fields(Denylist)}
    parts: dict[str, Any] = {
        "purposes": sorted(policy.purposes),
        "posture": policy.posture,
        "reading": policy.reading,
        "accepted": sorted(policy.accepted),
        "agents": context.agents,
        "commercial": context.operator.commercial,
        "country": context.operator.country,
        "denylist": {
            name: sorted(held) if isinstance(held, frozenset) else list(held) for name, held in lists.items()
        },
        "trust": hashlib.sha256(context.trust_anchors.encode()).hexdigest(),
        "signals": versions_of(signals),
    }
    return json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()


def versions_of(signals: Iterable[Signal]) -> list[list[str]]:
    """Name and version of each signal, by name."""
    return sorted([signal.name, signal.version] for signal in signals)


def policy_digest(description: bytes) -> str:
    """The name under which decisions refer to a description: ``sha256:…``."""
    return "sha256:" + hashlib.sha256(description).hexdigest()


def trust_of(description: bytes) -> str:
    """SHA-256 of the certificates that a description refers to, hexadecimal; raises ``Malformed``."""
    return str(_parts(description).get("trust"))


def versions_described(description: bytes) -> list[list[str]]:
    """What :func:`versions_of` gave for the gate that was described; raises ``Malformed``."""
    found = _parts(description).get("signals")
    return found if isinstance(found, list) else []


def parse_description(description: bytes, trust_anchors: str = "") -> tuple[Policy, Context]:
    """What a gate is built from; ``trust_anchors``: the certificates, PEM. Raises ``Malformed``."""
    parts = _parts(description)
    try:
        policy = Policy(
            purposes=frozenset(Purpose(name) for name in parts["purposes"]),
            posture=Posture(parts["posture"]),
            reading=Reading(parts["reading"]),
            accepted=frozenset(parts["accepted"]),
        )
        lists: Mapping[str, Iterable[str]] = parts["denylist"]
        held: dict[str, Any] = {
            field.name: getattr(Denylist(), field.name).__class__(lists[field.name])
            for field in fields(Denylist)
            if field.name in lists
        }
        context = Context(
            agents=tuple(parts["agents"]),
            operator=Operator(commercial=bool(parts["commercial"]), country=parts["country"]),
            denylist=Denylist(**held),
            trust_anchors=trust_anchors,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"not the description of a policy: {error!r:.200}") from error
    return policy, context


def _parts(description: bytes) -> dict[str, Any]:
    try:
        parts = json.loads(description)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not the description of a policy: {error}") from error
    if not isinstance(parts, dict):
        raise Malformed("not the description of a policy: no object")
    return parts
