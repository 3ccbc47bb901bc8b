"""DisallowAITraining and AllowAITraining: robots rules about training, and a bare response field.

Authority: https://www.ietf.org/archive/id/draft-canel-robots-ai-control-00.txt (2024-10-21), expired and
replaced by the IETF's AI preferences, still written. Value and matching are those of ``Disallow`` and
``Allow``; of two equally long rules the refusal decides. ``AllowAITraining`` only carves a path out of one.

``DisallowAITraining`` is no ``Disallow``: who writes it usually writes ``Allow: /`` beside it. The same word
among the directives of a page is read with those directives.
"""

from __future__ import annotations

from collections.abc import Iterable

from crawler.optout.agents import FRAMEWORK_AGENTS
from crawler.optout.grammar.audience import Hearing, Lines, Said, heard, statements
from crawler.optout.grammar.fields import header_lines, quote_line
from crawler.optout.grammar.robots import ROBOTS_TXT
from crawler.optout.grammar.urlpattern import subject
from crawler.optout.grammar.usage import NO, training_refused, training_rules
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

NAME = "disallow-ai-training"
FIELD = "disallowaitraining"


def compile_lines(lines: Lines) -> Hearing:
    """The rules among ``lines``, as a function of the path."""
    rules = training_rules(lines)

    def hear(path: str) -> list[Said]:
        rule = training_refused(rules, path)
        if rule is None:
            return []
        basis = Basis.RECOVERED if rule.loose else Basis.STATED
        return [Said(Purpose.AI_TRAIN, Preference.DISALLOW, basis, rule.line)]

    return hear


def read_robots_txt(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The rule that refuses training on this path."""
    agents = (*context.agents, *sorted(FRAMEWORK_AGENTS))
    return statements(NAME, capture, heard(capture, agents, subject(asset.url), compile_lines))


def read_header(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The bare field, with any value that does not deny itself, of the answer and of each redirect."""
    for line in header_lines(capture, FIELD):
        if line.value.lower() not in NO:
            yield Statement(
                signal=NAME,
                purpose=Purpose.AI_TRAIN,
                preference=Preference.DISALLOW,
                basis=Basis.STATED,
                evidence=quote_line(capture, line),
            )


SIGNAL = Signal(
    name=NAME,
    title="DisallowAITraining",
    spec="https://datatracker.ietf.org/doc/draft-canel-robots-ai-control/",
    version="00 (2024-10-21)",
    readers={Carrier.ROBOTS_TXT: read_robots_txt, Carrier.HEADER: read_header},
    meanings=(
        ("`DisallowAITraining: /art`", "no AI training under `/art`"),
        ("`AllowAITraining: /art/free` beside it", "nothing under `/art/free`; never a permission"),
        ("`DisallowAITraining:`", "nothing"),
        ("`DisallowAITraining: yes`, or a rule before any group", "no AI training, recovered"),
        ("a response field `DisallowAITraining`", "no AI training on this answer"),
    ),
    host_files=(ROBOTS_TXT,),
)
