"""Statements in, outcome out. The whole of what counts for what, and nothing about how it was read.

Deny overrides: one counting reservation is enough, and no permission cancels it. The strict reading counts
every basis; the literal reading follows each protocol's own text (see :class:`~crawler.optout.model.Basis`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crawler.optout.model import (
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a run is for and how it reads what it hears."""

    purposes: frozenset[Purpose] = frozenset({Purpose.TDM})
    """Declared purposes; the run always needs ``crawl`` beside them."""
    posture: Posture = Posture.OPT_OUT
    """Keep what nobody objected to, or only what was permitted."""
    reading: Reading = Reading.STRICT
    """How statements are read."""
    accepted: frozenset[str] = frozenset()
    """Licences that permit, by SPDX identifier or name; used by the opt-in posture."""

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
    ) -> tuple[Outcome, tuple[Statement, ...]]:
        """The outcome for ``asset`` after ``stage``, and the statements it rests on.

        ``signals`` tells, by name, what each protocol's own text says about layers and malformed values;
        a signal that is not in it is read as strictly as the strict reading does.
        """
        concerning = [statement for statement in heard if self.concerns(statement, asset)]
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
            return Outcome.RESERVED, tuple(reserving)
        if house:
            return Outcome.SKIPPED, tuple(house)
        if unclear:
            return Outcome.UNDETERMINED, tuple(unclear)
        return Outcome.UNRESERVED, ()


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
