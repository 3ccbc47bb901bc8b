"""What stands beside the shards of an export, for whoever gets it without us.

::

    README.md        the dataset card, as Hugging Face has them
    LICENSE.md       under which licences the rows are, and that none covers them all
    croissant.json   the same for machines: Croissant 1.1 with its vocabulary for responsible AI
    provenance/      what the export rests on; see ``provenance``
    SHA256SUMS       every file but itself

Everything but the time of the export follows from the corpus and from what was asked for: the same export has
the same cards.
"""

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
