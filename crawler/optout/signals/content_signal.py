"""Content-Signal: Cloudflare's content signals policy, in robots.txt and as a response field.

Authority: https://contentsignals.org/ (2025-09-24), ``use`` since 2026-07-01
(https://developers.cloudflare.com/bots/additional-configurations/managed-robots-txt/). No grammar was
published; this one is taken from its documentation and from files::

    content-signal = *WS "content-signal" *WS ":" *WS signal *( *WS "," *WS signal ) EOL
    signal         = ( "search" / "ai-input" / "ai-train" ) "=" ( "yes" / "no" )
                   / "use" "=" ( "immediate" / "reference" / "full" )

There is no path form: a line speaks for the whole host, also when someone wrote a path into it, because a
reservation is not narrowed on a guess. In a response the field is often a converter's default, so that it is
heard for denials only. Comments are no signals: the policy's own text is served as comments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from crawler.optout.agents import FRAMEWORK_AGENTS
from crawler.optout.grammar.audience import Hearing, Lines, Said, heard, statements
from crawler.optout.grammar.fields import header_lines, quote_line
from crawler.optout.grammar.robots import ROBOTS_TXT, Line
from crawler.optout.grammar.urlpattern import subject
from crawler.optout.grammar.usage import NO, pairs
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

NAME = "content-signal"

KEYS = {
    "search": Purpose.SEARCH,
    "ai-input": Purpose.AI_INPUT,
    "ai-train": Purpose.AI_TRAIN,
}
"""The vocabulary."""

DENYING_KEYS = KEYS | {"train-ai": Purpose.AI_TRAIN, "ai-use": Purpose.AI_INPUT}
"""With the labels of Content-Usage, which are mistaken for these. They can only deny."""

CEILINGS: Mapping[str, tuple[Purpose, Basis]] = {
    "immediate": (Purpose.ANY, Basis.STATED),
    "reference": (Purpose.AI_TRAIN, Basis.INFERRED),
}
"""What ``use=`` rules out for a corpus: ``immediate`` lets nothing be kept, ``reference`` speaks of citing."""

Word = tuple[Purpose, Preference, Basis]


def read_signals(value: str) -> Iterator[Word]:
    """Every word of one line, in the syntax in use or recovered from it; permissions only in the former."""
    exact = dict.fromkeys(part.strip(" \t") for part in value.split(","))
    for label, word in dict.fromkeys(pairs(value)):
        as_written = f"{label}={word}" in exact
        stated = Basis.STATED if as_written else Basis.RECOVERED
        if label == "use" and word in CEILINGS:
            purpose, basis = CEILINGS[word]
            yield purpose, Preference.DISALLOW, basis if basis is Basis.INFERRED else stated
        elif label in DENYING_KEYS and word in NO:
            known = label in KEYS and word == "no"
            yield DENYING_KEYS[label], Preference.DISALLOW, stated if known else Basis.RECOVERED
        elif label in KEYS and word == "yes" and as_written:
            yield KEYS[label], Preference.ALLOW, Basis.STATED


def compile_lines(lines: Lines) -> Hearing:
    """What the ``Content-Signal`` lines say, wherever on the host."""
    first: dict[Word, Line] = {}
    for line in lines:
        if line.key == NAME:
            for purpose, preference, basis in read_signals(line.value):
                if line.exact and not line.beyond:
                    first.setdefault((purpose, preference, basis), line)
                elif preference is not Preference.ALLOW:
                    lowered = Basis.RECOVERED if basis is Basis.STATED else basis
                    first.setdefault((purpose, preference, lowered), line)
    refused = {purpose for purpose, preference, _ in first if preference is not Preference.ALLOW}
    said = [
        Said(purpose, preference, basis, line)
        for (purpose, preference, basis), line in first.items()
        if preference is not Preference.ALLOW or purpose not in refused  # contradicted, it permits nothing
    ]
    return lambda path: list(said)


def read_robots_txt(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """What the lines for us say; they hold for every path."""
    agents = (*context.agents, *sorted(FRAMEWORK_AGENTS))
    return statements(NAME, capture, heard(capture, agents, subject(asset.url), compile_lines))


def read_header(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The denials of the field, of the answer and of each redirect on the way."""
    for line in header_lines(capture, NAME):
        for purpose, preference, basis in read_signals(line.value):
            if preference is not Preference.ALLOW:
                yield Statement(
                    signal=NAME,
                    purpose=purpose,
                    preference=preference,
                    basis=basis,
                    evidence=quote_line(capture, line),
                )


SIGNAL = Signal(
    name=NAME,
    title="Content-Signal (content signals policy)",
    spec="https://contentsignals.org/",
    version="2026-07-01",
    readers={Carrier.ROBOTS_TXT: read_robots_txt, Carrier.HEADER: read_header},
    meanings=(
        ("`ai-train=no`", "no AI training"),
        ("`ai-input=no`", "no AI input"),
        ("`search=no`", "no search"),
        ("`use=immediate`", "nothing may be kept"),
        ("`use=reference`", "no AI training, inferred"),
        ("`use=full`", "nothing"),
        ("`yes` in robots.txt", "a permission; lifts nothing"),
        ("`yes` in a response", "nothing: often a converter's default"),
        ("`AI-Train=No`, `ai-train=disallow`, `/blog/ ai-train=no`", "a denial for the whole host, recovered"),
        ("a denial for `*` of a use on which our own group is silent", "a denial, inferred"),
        ("unknown keys and values", "nothing"),
    ),
    host_files=(ROBOTS_TXT,),
)
