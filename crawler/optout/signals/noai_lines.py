"""NoAI, NoML and NoImageAI written as lines of robots.txt.

Authority: none. The words are those of the page directives (https://www.deviantart.com/team/journal/UPDATE-All-
Deviations-Are-Opted-Out-of-AI-Datasets-934500371, 2022-11), which authors also write here::

    noai-line = *WS ( "noai" / "noml" / "noimageai" ) *WS ":" *WS ( path-pattern / word ) EOL

A path limits the refusal; any other word but a plain no refuses for the whole site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.optout.agents import FRAMEWORK_AGENTS
from crawler.optout.grammar.audience import Hearing, Lines, Said, heard, statements
from crawler.optout.grammar.longest import Longest
from crawler.optout.grammar.robots import ROBOTS_TXT, Line
from crawler.optout.grammar.urlpattern import subject
from crawler.optout.grammar.usage import NO
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Kind,
    Preference,
    Purpose,
    Signal,
    Statement,
)

NAME = "noai-lines"

KEYS = {"noai": None, "noml": None, "noimageai": Kind.IMAGE}
"""The keys, and the only kind of asset that each concerns."""


def compile_lines(lines: Lines) -> Hearing:
    """The refusals among ``lines``, as a function of the path."""
    rules = Longest(_rules(lines))

    def hear(path: str) -> list[Said]:
        # One refusal for each key is enough; none is lifted by another.
        said = {line.key: line for _, line in reversed(rules.matching(path))}
        return [
            Said(
                Purpose.TDM,
                Preference.DISALLOW,
                Basis.RECOVERED if line.beyond or not line.exact else Basis.STATED,
                line,
                KEYS[key],
            )
            for key, line in said.items()
        ]

    return hear


def _rules(lines: Lines) -> Iterator[tuple[str, Line]]:
    for line in lines:
        if line.key in KEYS and line.value and line.value.lower() not in NO:
            yield line.value if line.value.startswith(("/", "*")) else "/", line


def read_robots_txt(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The lines that refuse mining of this path."""
    agents = (*context.agents, *sorted(FRAMEWORK_AGENTS))
    return statements(NAME, capture, heard(capture, agents, subject(asset.url), compile_lines))


SIGNAL = Signal(
    name=NAME,
    title="NoAI, NoML and NoImageAI lines in robots.txt",
    spec="https://www.deviantart.com/team/journal/UPDATE-All-Deviations-Are-Opted-Out-of-AI-Datasets-934500371",
    version="2022-11",
    readers={Carrier.ROBOTS_TXT: read_robots_txt},
    meanings=(
        ("`NoAI: yes`, `NoML: 1`", "no mining"),
        ("`NoAI: /gallery/`", "no mining under `/gallery/`"),
        ("`NoImageAI: yes`", "no mining on images"),
        ("`NoAI:`, `NoAI: no`", "nothing"),
    ),
    host_files=(ROBOTS_TXT,),
)
