"""All cards of an export, in the order in which one names the other."""

from __future__ import annotations

from pathlib import Path

from crawler.export.cards import croissant, huggingface, provenance, sums
from crawler.export.cards.facts import facts_of
from crawler.export.cards.written import Written
from crawler.export.made import STATE, Made
from crawler.export.state import final


def write_cards(folder: Path, made: Made, corpus: Path) -> None:
    """Write the cards of a finished export of the corpus at ``corpus``.

    ``export.json`` is written after them and is the last; what it will say is known, and the cards name its
    digest. An ``OSError`` names its file.
    """
    written = Written(folder)
    written.sweep()
    written.foretell(STATE, final(made))
    facts = facts_of(folder, made, provenance.write(written, made, corpus))
    written.put(huggingface.LICENCES, huggingface.licences(facts))
    written.put(croissant.FILE, croissant.card(facts, written.files))
    written.put(huggingface.FILE, huggingface.card(facts, written.files[STATE]))
    sums.write(written, made)
