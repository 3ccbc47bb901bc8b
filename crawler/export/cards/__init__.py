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
