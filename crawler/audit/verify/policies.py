"""Gates built again from the policies that the ledger keeps."""

from __future__ import annotations

from pathlib import Path

from crawler.corpus.errors import Damaged
from crawler.corpus.policies import read_policy, read_trust
from crawler.optout.described import parse_description, trust_of, versions_described, versions_of
from crawler.optout.gate import Gate
from crawler.optout.model import Malformed


class Gates:
    """The gates of one ledger, each built once."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._known: dict[str, Gate | str] = {}

    def of(self, policy: str) -> Gate | str:
        """The gate that decides as the one with this digest did, or in words why there is none."""
        if policy not in self._known:
            self._known[policy] = self._built(policy)
        return self._known[policy]

    def _built(self, policy: str) -> Gate | str:
        try:
            description = read_policy(self._ledger, policy)
            if description is None:
                return "its policy is not stored"
            trust = read_trust(self._ledger, trust_of(description))
            if trust is None:
                return "the certificates that its policy trusts are not stored"
            gate = Gate(*parse_description(description, trust))
        except (Damaged, Malformed) as error:
            return str(error)
        if gate.digest == policy:
            return gate
        then = dict(versions_described(description))
        now = dict(versions_of(gate.signals.values()))
        others = sorted(name for name in then | now if then.get(name) != now.get(name))
        if others:
            return f"it was decided with other versions of these signals: {', '.join(others)}"
        return "this version describes the same policy in another way"
