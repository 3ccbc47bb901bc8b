"""The nouns as plain dicts, lists and strings, ready for any JSON writer, and back again.

::

    decision  = url kind via stage outcome collect grounds heard asked needs
                purposes posture reading policy at licence
    grounds, heard = [statement]
    statement = signal purpose preference basis carrier locator excerpt source terms kind sha256 at
    asked     = [source]         source = signal carrier source standing status at     one row a signal
              | [grouped source] grouped source = signals carrier source standing status at    compact
    hop       = url status headers         headers = [[name, value]]
    time      = 2026-11-22T10:00:00Z       microseconds only where there are any

What is written is read back equal. What is read was perhaps written by others: anything that is missing, of the
wrong type or unknown raises :class:`~crawler.optout.model.Malformed`, keys that are not ours are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from itertools import groupby
from typing import Any, TypeVar

from crawler.optout.model import (
    Asked,
    Asset,
    Basis,
    Carrier,
    Decision,
    Evidence,
    Hop,
    Kind,
    Malformed,
    Outcome,
    Posture,
    Preference,
    Purpose,
    Reading,
    Stage,
    Standing,
    Statement,
)

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

Plain = dict[str, Any]
"""A JSON object in Python's own types."""


def time_to_text(at: datetime) -> str:
    """RFC 3339 in UTC; raises ``ValueError`` for a time without a zone, which names no moment."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def time_from_text(text: str) -> datetime:
    """The inverse of :func:`time_to_text`; any offset is accepted, none is not."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Malformed(f"{text!r:.100} is not a time with a zone")


def statement_to_dict(statement: Statement) -> Plain:
    """One row of ``grounds`` or ``heard``: the statement and its evidence side by side."""
    evidence = statement.evidence
    return {
        "signal": statement.signal,
        "purpose": statement.purpose.value,
        "preference": statement.preference.value,
        "basis": statement.basis.value,
        "carrier": evidence.carrier.value,
        "locator": evidence.locator,
        "excerpt": evidence.excerpt,
        "source": evidence.source,
        "terms": statement.terms,
        "kind": statement.kind.value if statement.kind else None,
        "sha256": evidence.sha256,
        "at": time_to_text(evidence.at),
    }


def statement_from_dict(row: Mapping[str, Any]) -> Statement:
    """The inverse of :func:`statement_to_dict`; raises ``Malformed``."""
    return Statement(
        signal=_text(row, "signal"),
        purpose=_member(row, "purpose", Purpose),
        preference=_member(row, "preference", Preference),
        basis=_member(row, "basis", Basis),
        kind=None if _get(row, "kind") is None else _member(row, "kind", Kind),
        terms=_text_or_none(row, "terms"),
        evidence=Evidence(
            source=_text(row, "source"),
            carrier=_member(row, "carrier", Carrier),
            locator=_text(row, "locator"),
            excerpt=_text(row, "excerpt"),
            sha256=_text(row, "sha256"),
            at=time_from_text(_text(row, "at")),
        ),
    )


def hop_to_dict(hop: Hop) -> Plain:
    """A redirect, with every header line."""
    return {"url": hop.url, "status": hop.status, "headers": [list(line) for line in hop.headers]}


def hop_from_dict(row: Mapping[str, Any]) -> Hop:
    """The inverse of :func:`hop_to_dict`; raises ``Malformed``."""
    return Hop(url=_text(row, "url"), status=_number(row, "status"), headers=_rows(row, "headers", _header))


def asset_to_dict(asset: Asset) -> Plain:
    """An asset, with the keys it has in a decision."""
    return {"url": asset.url, "kind": asset.kind.value, "via": asset.via}


def asset_from_dict(row: Mapping[str, Any]) -> Asset:
    """The inverse of :func:`asset_to_dict`; raises ``Malformed``."""
    return Asset(url=_text(row, "url"), kind=_member(row, "kind", Kind), via=_text_or_none(row, "via"))


def asked_to_dict(asked: Asked) -> Plain:
    """One consulted source with all the signals that read it."""
    return {"signals": list(asked.signals), **_consulted(asked)}


def asked_from_dict(row: Mapping[str, Any]) -> Asked:
    """The inverse of :func:`asked_to_dict`; a row of one ``signal`` is read too. Raises ``Malformed``."""
    status = _get(row, "status")
    signals = _texts(row, "signals") if "signals" in row else (_text(row, "signal"),)
    return Asked(
        signals=signals,
        carrier=_member(row, "carrier", Carrier),
        source=_text(row, "source"),
        standing=_member(row, "standing", Standing),
        status=None if status is None else _number(row, "status"),
        at=time_from_text(_text(row, "at")),
    )


def decision_to_dict(decision: Decision, *, compact: bool = False) -> Plain:
    """A decision as ``log --json`` prints it; ``compact`` keeps the signals that read one source together."""
    asked = [asked_to_dict(asked) for asked in decision.asked] if compact else _expanded(decision.asked)
    return {
        "url": decision.asset.url,
        "kind": decision.asset.kind.value,
        "stage": decision.stage.value,
        "outcome": decision.outcome.value,
        "collect": decision.collect,
        "grounds": [statement_to_dict(statement) for statement in decision.grounds],
        "heard": [statement_to_dict(statement) for statement in decision.heard],
        "via": decision.asset.via,
        "purposes": [purpose.value for purpose in decision.purposes],
        "posture": decision.posture.value,
        "reading": decision.reading.value,
        "policy": decision.policy,
        "at": time_to_text(decision.at),
        "asked": asked,
        "licence": decision.licence,
        "needs": list(decision.needs),
    }


def decision_from_dict(row: Mapping[str, Any]) -> Decision:
    """The inverse of :func:`decision_to_dict`, compact or not.

    Rows of one signal each are put together again where they follow one another and tell of the same source.
    Raises ``Malformed``, also when ``collect`` says something else than the decision itself.
    """
    decision = Decision(
        asset=asset_from_dict(row),
        stage=_member(row, "stage", Stage),
        outcome=_member(row, "outcome", Outcome),
        grounds=_rows(row, "grounds", statement_from_dict),
        heard=_rows(row, "heard", statement_from_dict),
        asked=_grouped(row),
        needs=_texts(row, "needs"),
        purposes=tuple(_as(Purpose, name, "purposes") for name in _texts(row, "purposes")),
        posture=_member(row, "posture", Posture),
        reading=_member(row, "reading", Reading),
        policy=_text(row, "policy"),
        at=time_from_text(_text(row, "at")),
        licence=_text_or_none(row, "licence"),
    )
    if _get(row, "collect") is not decision.collect:
        raise Malformed(f"collect is {row['collect']!r:.100}, but the decision says {decision.collect}")
    return decision


def _consulted(asked: Asked) -> Plain:
    return {
        "carrier": asked.carrier.value,
        "source": asked.source,
        "standing": asked.standing.value,
        "status": asked.status,
        "at": time_to_text(asked.at),
    }


def _expanded(asked: Sequence[Asked]) -> list[Plain]:
    return [{"signal": signal, **_consulted(one)} for one in asked for signal in one.signals]


def _grouped(row: Mapping[str, Any]) -> tuple[Asked, ...]:
    def source(pair: tuple[Asked, int]) -> tuple[Any, ...]:
        one, group = pair
        return (one.carrier, one.source, one.standing, one.status, one.at, group)

    pairs = [
        (asked_from_dict(one), number if "signals" in one else -1)  # a group of its own, or as its neighbours
        for number, one in enumerate(_list(row, "asked"))
    ]
    found = []
    for (carrier, url, standing, status, at, _), group in groupby(pairs, key=source):
        signals = tuple(signal for one, _ in group for signal in one.signals)
        found.append(
            Asked(signals=signals, carrier=carrier, source=url, standing=standing, status=status, at=at)
        )
    return tuple(found)


def _get(row: Mapping[str, Any], key: str) -> Any:
    if not isinstance(row, Mapping):
        raise Malformed(f"not an object: {row!r:.100}")
    if key not in row:
        raise Malformed(f"{key} is missing")
    return row[key]


def _text(row: Mapping[str, Any], key: str) -> str:
    value = _get(row, key)
    if not isinstance(value, str):
        raise Malformed(f"{key} is not text: {value!r:.100}")
    return value


def _text_or_none(row: Mapping[str, Any], key: str) -> str | None:
    return None if _get(row, key) is None else _text(row, key)


def _number(row: Mapping[str, Any], key: str) -> int:
    value = _get(row, key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{key} is not a whole number: {value!r:.100}")
    return value


def _as(members: type[E], value: str, key: str) -> E:
    try:
        return members(value)
    except ValueError:
        raise Malformed(f"{key} is unknown: {value!r:.100}") from None


def _member(row: Mapping[str, Any], key: str, members: type[E]) -> E:
    return _as(members, _text(row, key), key)


def _list(row: Mapping[str, Any], key: str) -> list[Any]:
    value = _get(row, key)
    if not isinstance(value, list):
        raise Malformed(f"{key} is not a list: {value!r:.100}")
    return value


def _rows(row: Mapping[str, Any], key: str, read: Callable[[Any], T]) -> tuple[T, ...]:
    return tuple(read(one) for one in _list(row, key))


def _texts(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = _list(row, key)
    if not all(isinstance(one, str) for one in value):
        raise Malformed(f"{key} is not a list of texts: {value!r:.100}")
    return tuple(value)


def _header(value: Any) -> tuple[str, str]:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value):
        return value[0], value[1]
    raise Malformed(f"not a header line: {value!r:.100}")
