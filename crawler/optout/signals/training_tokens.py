"""Refusals addressed to other AI crawlers, read as refusals of training.

Authority: none; practice. The names are those that operators define as the way to refuse training
(:mod:`crawler.optout.agents`), and robots.txt itself is RFC 9309 (https://www.rfc-editor.org/rfc/rfc9309).

By the letter a group for another crawler does not bind us, so all of this is inferred. It is read path by
path: what is refused to GPTBot is refused here, what GPTBot may fetch is not. An ``Allow`` that wins in a group
for the token in our User-Agent cancels it, because then the author has spoken to us; one for ``*`` does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crawler.optout.agents import REVIEWED, TRAINING_AGENTS, Agent
from crawler.optout.grammar.groups import Bound, addressed, bound
from crawler.optout.grammar.longest import Longest
from crawler.optout.grammar.robots import ALLOW, ROBOTS_TXT, Line, quote_robots
from crawler.optout.grammar.rules import Rule
from crawler.optout.grammar.urlpattern import subject
from crawler.optout.grammar.usage import denied, scoped, training_refused, training_rules
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Preference,
    Purpose,
    Signal,
    Statement,
)

NAME = "training-tokens"
USAGE_KEYS = frozenset({"content-usage", "content-signal"})
TRAINING_LABELS = frozenset({"train-ai", "ai-train", "train-genai", "ai", "genai", "tdm", "all", "bots"})
WEAK_NEEDED = 2
"""How many names that also serve other purposes must be refused."""


class Refusing(NamedTuple):
    """One name of the list that the file mentions."""

    agent: Agent
    """Who."""
    bound: Bound
    """What the file says to it."""
    training: Longest[Rule]
    """Its ``DisallowAITraining`` rules."""
    usage: Longest[Line]
    """Its other lines that refuse training without refusing the page."""

    def line(self, path: str) -> Line | None:
        """The line that refuses ``path``, if any."""
        rule = (
            self.bound.rules.denying(path)
            or self.bound.loose_rules.denying(path)
            or training_refused(self.training, path)
        )
        return rule.line if rule is not None else next(iter(self.usage.longest(path)), None)

    def addressing(self, line: Line) -> Line:
        """The ``User-agent`` line by which ``line`` is addressed to this name."""
        before = [agent for agent in self.bound.agents if agent.number < line.number]
        naming = [agent for agent in before if self.agent.name.lower() in agent.value.lower()]
        return max(naming or before or self.bound.agents)


def read_robots_txt(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """One refusal of a name that stands for training, or two of names that only partly do."""
    refusing = capture.parsed(_refusing)
    if not refusing:
        return
    path = subject(asset.url)
    ours = bound(capture, context.agents[0])
    rule = ours.rules.deciding(path)
    if ours.named and rule is not None and rule.line.key == ALLOW and not rule.loose:
        return
    weak = []
    for candidate in refusing:
        if candidate.bound.rules.overfull or candidate.bound.loose_rules.overfull:
            agent = candidate.bound.agents[0]
            yield _statement(capture, agent, agent, Preference.UNREADABLE)
        elif line := candidate.line(path):
            if candidate.agent.strong:
                # One is enough; a file that names thirty says nothing more with the other twenty-nine.
                yield _statement(capture, candidate.addressing(line), line, Preference.DISALLOW)
                return
            weak.append((candidate, line))
    if len(weak) >= WEAK_NEEDED:
        for candidate, line in weak[:WEAK_NEEDED]:
            yield _statement(capture, candidate.addressing(line), line, Preference.DISALLOW)


def _refusing(capture: Capture) -> tuple[Refusing, ...]:
    """Every name of the list that the file mentions, in the order of the list."""
    return tuple(
        Refusing(agent, naming, training_rules(lines), Longest(_usage(lines)))
        for name, agent in TRAINING_AGENTS.items()
        if (naming := addressed(capture, name)) is not None
        for lines in [(*naming.others, *naming.loose_others)]
    )


def _usage(lines: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    for line in lines:
        if line.key in USAGE_KEYS:
            path, usage, _ = scoped(line.value)
            if denied(usage) & TRAINING_LABELS:
                yield path, line


def _statement(capture: Capture, agent: Line, line: Line, preference: Preference) -> Statement:
    return Statement(
        signal=NAME,
        purpose=Purpose.TDM,
        preference=preference,
        basis=Basis.INFERRED,
        evidence=quote_robots(capture, line, agent),
    )


SIGNAL = Signal(
    name=NAME,
    title="Refusals of other AI crawlers in robots.txt",
    spec="https://www.rfc-editor.org/rfc/rfc9309",
    version=REVIEWED.isoformat(),
    readers={Carrier.ROBOTS_TXT: read_robots_txt},
    meanings=(
        ("`User-agent: GPTBot` with a `Disallow` that wins for the path", "no mining, inferred"),
        ("the same for `Google-Extended`, `CCBot`, `anthropic-ai` and the others of the list", "the same"),
        ("the same for only one name of mixed purpose, such as `GoogleOther`", "nothing; for two: no mining"),
        ("`Content-Signal: ai-train=no` or `DisallowAITraining: /` in such a group", "no mining, inferred"),
        ("an `Allow` that wins in a group for our own token", "none of the above"),
    ),
    host_files=(ROBOTS_TXT,),
)
