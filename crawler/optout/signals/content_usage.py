"""Content-Usage: the IETF's AI preferences, in robots.txt and as a response field.

Authorities, both Internet-Drafts: attachment
https://www.ietf.org/archive/id/draft-ietf-aipref-attach-05.txt (2026-08-19) and vocabulary
https://www.ietf.org/archive/id/draft-ietf-aipref-vocab-08.txt (2026-09-14)::

    content-usage = *WS "content-usage" *WS ":" *WS [ path-pattern 1*WS ] usage-pref EOL
    usage-pref    = RFC 9651 Dictionary of labels, whose values are the Tokens "y" and "n"

By the letter, in our group the rules with the longest matching path apply, combined with "n" before "y", and
a value that is not a dictionary says nothing. Beside the letter stands a generous reading that only finds
denials: misspelt values, labels of earlier drafts, contradictions, uses on which only a shorter path speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from crawler.optout.agents import FRAMEWORK_AGENTS
from crawler.optout.grammar.audience import Hearing, Lines, Said, heard, statements
from crawler.optout.grammar.fields import HeaderLine, header_lines, quote_line, read_dictionary
from crawler.optout.grammar.longest import Longest
from crawler.optout.grammar.robots import ROBOTS_TXT, Line
from crawler.optout.grammar.urlpattern import subject
from crawler.optout.grammar.usage import denied, pairs, scoped
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Malformed,
    Preference,
    Purpose,
    Signal,
    Statement,
)

NAME = "content-usage"

LABELS = {
    "train-ai": Purpose.AI_TRAIN,
    "ai-use": Purpose.AI_INPUT,
    "search": Purpose.SEARCH,
}
"""The vocabulary."""

DENYING_LABELS = LABELS | {
    "ai": Purpose.AI_TRAIN,
    "genai": Purpose.AI_TRAIN,
    "train-genai": Purpose.AI_TRAIN,
    "ai-train": Purpose.AI_TRAIN,
    "inference": Purpose.AI_INPUT,
    "ai-output": Purpose.AI_INPUT,
    "ai-input": Purpose.AI_INPUT,
    "tdm": Purpose.TDM,
    "all": Purpose.TDM,
    "bots": Purpose.TDM,
}
"""With the labels of earlier drafts and of Content-Signal, which are still written. They can only deny."""

TOKENS: Mapping[str | None, Preference] = {"y": Preference.ALLOW, "n": Preference.DISALLOW}


class Usage(NamedTuple):
    """One statement, read twice."""

    stated: Mapping[Purpose, Preference]
    """By the letter; empty when it is malformed."""
    denied: frozenset[Purpose]
    """What the generous reading finds denied."""

    @property
    def allowed(self) -> frozenset[Purpose]:
        """What is allowed by the letter and not denied in the same breath."""
        return frozenset(
            purpose
            for purpose, preference in self.stated.items()
            if preference is Preference.ALLOW and purpose not in self.denied
        )


def read_usage(text: str, *, literal: bool = True) -> Usage:
    """Read ``usage-pref``. ``literal`` False: where it stands, the letter hears nothing."""
    stated: dict[Purpose, Preference] = {}
    if literal:
        try:
            members = read_dictionary(text)
        except Malformed:
            members = {}
        for label, purpose in LABELS.items():
            preference = TOKENS.get(members.get(label))
            if preference is not None:
                stated[purpose] = preference
    denials = {DENYING_LABELS[label] for label in denied(text) if label in DENYING_LABELS}
    if Purpose.TDM in denials:
        denials = denials - {Purpose.TDM} | _remaining(stated)
    return Usage(stated, frozenset(denials))


def _remaining(stated: Mapping[Purpose, Preference]) -> set[Purpose]:
    """What a denial of all mining leaves denied when a narrower label says otherwise for its own part."""
    allowed = {purpose for purpose, preference in stated.items() if preference is Preference.ALLOW}
    parts = {Purpose.AI_TRAIN, Purpose.AI_INPUT}
    return parts - allowed if len(parts & allowed) == 1 else {Purpose.TDM}


def compile_lines(lines: Lines) -> Hearing:
    """The ``Content-Usage`` rules among ``lines``, as a function of the path."""
    rules = Longest(_rules(lines))

    def hear(path: str) -> list[Said]:
        matches = rules.matching(path)
        levels = [[rule for _, rule in level] for _, level in groupby(matches, key=lambda match: match[0])]
        stated = list(_literally(matches))
        denied = {said.purpose for said in stated if said.preference is Preference.DISALLOW}
        return [*stated, *(said for said in _generously(levels) if said.purpose not in denied)]

    return hear


class Rule(NamedTuple):
    """One ``Content-Usage`` line."""

    line: Line
    """The line."""
    usage: Usage
    """What it says."""
    literal: bool
    """Whether the letter reads it as a rule with this path."""


def _rules(lines: Lines) -> Iterator[tuple[str, Rule]]:
    for line in lines:
        if line.key == NAME:
            path, text, loose = scoped(line.value)
            literal = line.exact and not line.beyond and not loose
            yield path, Rule(line, read_usage(text, literal=literal), literal)


def _literally(matches: list[tuple[int, Rule]]) -> Iterator[Said]:
    """The longest matching path decides; of several, the most restrictive."""
    literal = [(length, rule) for length, rule in matches if rule.literal]
    deciding = [rule for length, rule in literal if length == literal[0][0]]
    for purpose in LABELS.values():
        for preference in (Preference.DISALLOW, Preference.ALLOW):
            saying = (rule.line for rule in deciding if rule.usage.stated.get(purpose) is preference)
            line = next(saying, None)
            if line is not None:
                yield Said(purpose, preference, Basis.STATED, line)
                break


def _generously(levels: list[list[Rule]]) -> Iterator[Said]:
    """Denials of the longest path that speaks of a use, whether or not it is the longest of all."""
    for purpose in (Purpose.TDM, *LABELS.values()):
        for depth, level in enumerate(levels):
            denying = [rule for rule in level if purpose in rule.usage.denied]
            if denying:
                plain = [rule for rule in denying if rule.usage.stated.get(purpose) is Preference.DISALLOW]
                rule = (plain or denying)[0]
                if not plain:
                    yield Said(purpose, Preference.DISALLOW, Basis.RECOVERED, rule.line)
                elif depth:
                    yield Said(purpose, Preference.DISALLOW, Basis.INFERRED, rule.line)
                break
            if any(purpose in rule.usage.allowed for rule in level):
                break


def read_robots_txt(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """What the rules for us say about this path."""
    agents = (*context.agents, *sorted(FRAMEWORK_AGENTS))
    return statements(NAME, capture, heard(capture, agents, subject(asset.url), compile_lines))


def read_header(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """What the field says, of the answer and of each redirect on the way; lines of one response are joined."""
    by_response = groupby(header_lines(capture, NAME), key=lambda line: line.locator.rpartition("[")[0])
    for _, response in by_response:
        lines = list(response)
        usage = read_usage(", ".join(line.value for line in lines))
        for purpose, preference in usage.stated.items():
            yield _of_header(capture, lines, purpose, preference, Basis.STATED)
        for purpose in sorted(usage.denied):
            if usage.stated.get(purpose) is not Preference.DISALLOW:
                yield _of_header(capture, lines, purpose, Preference.DISALLOW, Basis.RECOVERED)


def _of_header(
    capture: Capture, lines: list[HeaderLine], purpose: Purpose, preference: Preference, basis: Basis
) -> Statement:
    labels = {label for label, meant in DENYING_LABELS.items() if meant.overlaps(purpose)}
    saying = (line for line in lines if labels & {label for label, _ in pairs(line.value)})
    return Statement(
        signal=NAME,
        purpose=purpose,
        preference=preference,
        basis=basis,
        evidence=quote_line(capture, next(saying, lines[0])),
    )


SIGNAL = Signal(
    name=NAME,
    title="Content-Usage (IETF AI preferences)",
    spec="https://datatracker.ietf.org/doc/draft-ietf-aipref-attach/",
    version="attach-05 (2026-08-19), vocab-08 (2026-09-14)",
    readers={Carrier.ROBOTS_TXT: read_robots_txt, Carrier.HEADER: read_header},
    meanings=(
        ("`train-ai=n`", "no AI training"),
        ("`ai-use=n`", "no AI input"),
        ("`search=n`", "no search"),
        ("the same with `y`", "a permission; lifts nothing"),
        ('`Train-AI=No`, `train-ai="n"`, `train-ai=n, train-ai=y`', "a denial, recovered"),
        (
            "`ai=n`, `genai=n`, `train-genai=n`; `inference=n`, `ai-output=n`",
            "as `train-ai=n`; as `ai-use=n`; recovered",
        ),
        ("`tdm=n`, `all=n`, `bots=n`", "no mining, recovered"),
        ("a denial for `*` of a use on which our own group is silent", "a denial, inferred"),
        ("`train-ai`, `train-ai=Y`, unknown labels", "nothing"),
    ),
    host_files=(ROBOTS_TXT,),
    malformed_is_silence=True,
)
