"""Statements in, outcome out. The whole of what counts for what, and nothing about how it was read.

Deny overrides: one counting reservation is enough, and no permission cancels it. The strict reading counts
every basis; the literal reading follows each protocol's own text (see :class:`~crawler.optout.model.Basis`).
Where nothing is reserved, a permission licenses if it was stated exactly, is accepted by name, covers every
declared purpose, and nothing of its kind says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.optout.model import (
    INSIDE,
    LAYER,
    Asset,
    Basis,
    Carrier,
    Outcome,
    Posture,
    Preference,
    Purpose,
    Reading,
    Signal,
    Stage,
    Statement,
)

AGAINST = frozenset({Preference.DISALLOW, Preference.CONDITIONAL})
"""The preferences that reserve."""

ACCEPTED = frozenset(
    {"CC0-1.0", "CC-PDM-1.0", "CC-BY", "CC-BY-SA", "OGL-UK-3.0", "etalab-2.0", "DL-DE-BY-2.0", "rsl", "c2pa"}
)
"""What licenses unless the operator widens it: SPDX identifiers, those of all versions without one, and the
signals whose permissions count."""

NON_COMMERCIAL = frozenset({"CC-BY-NC", "CC-BY-NC-SA"})
"""What licenses beside them when the run declares itself non-commercial."""

_VERSION = re.compile(r"-[0-9]+(?:\.[0-9]+)*\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What was heard comes to."""

    outcome: Outcome
    """The outcome."""
    grounds: tuple[Statement, ...] = ()
    """The statements it rests on."""
    licence: str | None = None
    """What licenses it, by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a run is for and how it reads what it hears."""

    purposes: frozenset[Purpose] = frozenset({Purpose.TDM})
    """Declared purposes; the run always needs ``crawl`` beside them."""
    posture: Posture = Posture.OPT_OUT
    """Keep what nobody objected to, or only what was permitted."""
    reading: Reading = Reading.STRICT
    """How statements are read."""
    accepted: frozenset[str] = ACCEPTED
    """What licenses, by SPDX identifier (without its version: every version) or by name of a signal."""

    def __post_init__(self) -> None:
        if not self.purposes:
            raise ValueError("a run without a purpose would hear no objection: name at least one purpose")

    def concerns(self, statement: Statement, asset: Asset) -> bool:
        """Whether the statement is about this kind of asset and touches a purpose of this run."""
        if statement.kind is not None and statement.kind is not asset.kind:
            return False
        return statement.purpose.overlaps(Purpose.CRAWL) or any(
            statement.purpose.overlaps(purpose) for purpose in self.purposes
        )

    def weigh(
        self, asset: Asset, stage: Stage, heard: Iterable[Statement], signals: Mapping[str, Signal]
    ) -> Verdict:
        """What is to be done with ``asset`` after ``stage``; only the last stage can find it licensed.

        ``signals`` tells, by name, what each protocol's own text says about layers and malformed values;
        a signal that is not in it is read as strictly as the strict reading does.
        """
        concerning = every = [statement for statement in heard if self.concerns(statement, asset)]
        if self.reading is Reading.LITERAL:
            concerning = _literally(concerning, stage, signals)
        house: list[Statement] = []
        reserving: list[Statement] = []
        unclear: list[Statement] = []
        for statement in concerning:
            if statement.preference in AGAINST:
                (house if statement.evidence.carrier is Carrier.HOUSE else reserving).append(statement)
            elif statement.preference is Preference.UNREADABLE:
                unclear.append(statement)
        if reserving:
            return Verdict(outcome=Outcome.RESERVED, grounds=tuple(reserving))
        if house:
            return Verdict(outcome=Outcome.SKIPPED, grounds=tuple(house))
        if unclear:
            return Verdict(outcome=Outcome.UNDETERMINED, grounds=tuple(unclear))
        if stage is Stage.CONTENT:
            for name, licensing in self._permissions(every, signals):
                return Verdict(outcome=Outcome.LICENSED, grounds=licensing, licence=name)
        return Verdict(outcome=Outcome.UNRESERVED)

    def accepts(self, name: str) -> bool:
        """Whether a licence or signal of this name licenses, itself or as a version of what does."""
        return name in self.accepted or _VERSION.sub("", name) in self.accepted

    def _permissions(
        self, statements: Iterable[Statement], signals: Mapping[str, Signal]
    ) -> Iterator[tuple[str, tuple[Statement, ...]]]:
        """What licenses, by name, licences before the permissions of other signals."""
        allowing: dict[str, list[tuple[tuple[str, ...], Statement]]] = {}
        for statement in statements:
            signal = signals.get(statement.signal)
            if statement.preference is Preference.ALLOW and signal is not None:
                names = signal.permits(statement) if signal.permits else (signal.name,)
                allowing.setdefault(signal.name, []).append((names, statement))
        for signal_name in sorted(allowing, key=lambda name: (signals[name].permits is None, name)):
            said = allowing[signal_name]
            if len({names[:1] for names, _ in said}) > 1:
                continue  # two licences for one thing: nobody can tell which one holds
            licensing = tuple(
                statement
                for names, statement in said
                if statement.basis is Basis.STATED and names and all(self.accepts(name) for name in names)
            )
            if all(any(use in INSIDE[one.purpose] for one in licensing) for use in self.purposes):
                yield said[0][0][0], licensing


def _literally(statements: Sequence[Statement], stage: Stage, signals: Mapping[str, Signal]) -> list[Statement]:
    """What counts when each protocol is read by its letter."""
    counting: list[Statement] = []
    narrowest: dict[tuple[str, Purpose], int] = {}
    for statement in statements:
        signal = signals.get(statement.signal)
        if statement.basis is Basis.INFERRED:
            continue
        if statement.basis is Basis.RECOVERED:
            if signal is not None and signal.malformed_is_silence:
                continue
            if statement.preference in AGAINST:
                # Said, but not in a form its specification would act on: we could not tell.
                statement = _unclear(statement)
        if signal is not None and signal.layered:
            if stage is not Stage.CONTENT and statement.preference in AGAINST:
                continue  # a later layer may still replace it
            key = (statement.signal, statement.purpose)
            narrowest[key] = max(narrowest.get(key, 0), LAYER[statement.evidence.carrier])
        counting.append(statement)
    return [
        statement
        for statement in counting
        if LAYER[statement.evidence.carrier] >= narrowest.get((statement.signal, statement.purpose), 0)
    ]


def _unclear(statement: Statement) -> Statement:
    return Statement(
        signal=statement.signal,
        purpose=statement.purpose,
        preference=Preference.UNREADABLE,
        basis=statement.basis,
        evidence=statement.evidence,
        kind=statement.kind,
        terms=statement.terms,
    )
