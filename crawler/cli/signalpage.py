"""The page of one signal: what it is, where it is read, what it means, what each reading makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.audit.refusals import IN_WORDS, REFUSALS
from crawler.audit.wording import BASES, CARRIERS
from crawler.cli.wrapping import wrapped

if TYPE_CHECKING:
    from crawler.optout.model import Signal

RECOVERED = frozenset(
    {
        "ai-txt",
        "c2pa",
        "content-signal",
        "content-usage",
        "disallow-ai-training",
        "iptc",
        "noai-lines",
        "paywall",
    }
    | {"robots", "robots-meta", "rsl", "tdmrep", "trust-txt"}
)
"""The signals whose reservations are also recognised with a slip in their form."""

INFERRED = frozenset(
    {"ai-txt", "c2pa", "content-signal", "content-usage", "disallow-ai-training", "document-locks", "iptc"}
    | {"noai-lines", "robots-meta", "rsl", "training-tokens"}
)
"""The signals that are also heard where they were said to others, or about something else."""


def places(signal: Signal) -> str:
    """Where it is read, in words."""
    return ", ".join(CARRIERS[carrier.value] for carrier in signal.readers)


def readings(signal: Signal) -> list[str]:
    """What the strict and the literal reading make of it where they differ, a sentence each."""
    found = []
    if signal.name in RECOVERED:
        literal = (
            "passes over it" if signal.malformed_is_silence else "cannot tell, and does not keep it either"
        )
        found.append(f"recovered, {BASES['recovered']}: strict takes it as said; literal {literal}.")
    if signal.name in INFERRED:
        found.append(f"inferred, {BASES['inferred']}: strict counts it; literal only records it.")
    if signal.layered:
        found.append(
            "several places: strict lets the first reservation stand; literal lets a narrower place replace a "
            "broader one, the page the header, the header the file of the host."
        )
    return found or ["Both readings make the same of it."]


def page(signal: Signal, width: int) -> Iterator[str]:
    """The lines of the page, of at most ``width`` columns, but for words that are longer."""
    yield from wrapped(f"{signal.name}: {signal.title}", 0, width=width)
    yield ""
    facts = [("authority", signal.spec), ("version", signal.version), ("read in", places(signal))]
    if signal.host_files:
        facts.append(("asked once a host", ", ".join(file.path for file in signal.host_files)))
    for name, words in facts:
        yield from _labelled(f"  {name:19}", words, width)
    yield from ("", "what is written, and what it means to us")
    for written, meant in signal.meanings:
        yield from wrapped(written, 2, hanging=2, width=width)
        yield from wrapped(meant, 6, width=width)
    yield from ("", "how a creator says it")
    yield from _examples(signal.name, width)
    yield from ("", "strict and literal")
    for sentence in readings(signal):
        yield from wrapped(sentence, 2, hanging=2, width=width)
    yield from ("", "what came of it in a corpus")
    yield f"  heedful log CORPUS --signal {signal.name}"


def _labelled(label: str, words: str, width: int) -> Iterator[str]:
    first = True
    for line in wrapped(words, len(label), width=width):
        yield label + line.strip() if first else line
        first = False


def _examples(name: str, width: int) -> Iterator[str]:
    for number, example in enumerate(REFUSALS.get(name, ())):
        if number:
            yield ""
        yield from wrapped(f"{example.where}: refuses {example.refuses}", 2, hanging=2, width=width)
        for line in example.written.splitlines():
            yield f"      {line}"  # whole, to be copied
    if name in IN_WORDS:
        yield from wrapped(IN_WORDS[name], 2, width=width)
