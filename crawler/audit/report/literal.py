"""What the strict reading reserves and the literal one does not, from the statements that decisions record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crawler.optout.codec import decision_from_dict
from crawler.optout.model import Outcome, Reading
from crawler.optout.policy import Policy
from crawler.optout.signals import SIGNALS

REMEMBERED = 10_000
"""Different sets of statements whose verdict is held in memory."""


class Literal:
    """Weighs reservations again, each set of statements once."""

    def __init__(self) -> None:
        self._known: dict[Any, str | None] = {}

    def spares(self, fields: Mapping[str, Any]) -> str | None:
        """What a reservation rests on that the literal reading would not have made at its stage.

        ``fields``: of the decision, as in the ledger. The signals and bases of its grounds as a JSON list of
        pairs; None: the literal reading reserves it, too, or the decision was made in that reading, or it
        reserves nothing. All that this depends on stands in the decision itself, so its policy need not be
        known. Raises ``Malformed``.
        """
        if fields["outcome"] != Outcome.RESERVED or fields["reading"] != Reading.STRICT:
            return None
        heard = tuple(
            (row["signal"], row["purpose"], row["preference"], row["basis"], row["carrier"], row["kind"])
            for row in fields["heard"]
        )
        key = fields["stage"], fields["kind"], tuple(fields["purposes"]), heard
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = _weighed(fields)
        return self._known[key]


def _weighed(fields: Mapping[str, Any]) -> str | None:
    decision = decision_from_dict({**fields, "asked": []})
    policy = Policy(
        purposes=frozenset(decision.purposes), posture=decision.posture, reading=Reading.LITERAL
    )  # what licenses is not asked for: it spares nothing
    verdict = policy.weigh(decision.asset, decision.stage, decision.heard, SIGNALS)
    if verdict.outcome is Outcome.RESERVED:
        return None
    return json.dumps(sorted({(one.signal, one.basis.value) for one in decision.grounds}))
