"""What the cards tell, worked out once: a finished export and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.audit import wording
from crawler.export.columns import Table, Type
from crawler.export.rows import ENDINGS
from crawler.optout.grammar.licences import IDENTIFIERS
from crawler.optout.model import INSIDE, Posture, Purpose
from crawler.optout.signals import SIGNALS

if TYPE_CHECKING:
    from crawler.corpus.manifest import Run
    from crawler.export.cards.provenance import Basis
    from crawler.export.made import Made, MadeTable


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """One export."""

    made: Made
    """What was made."""
    basis: Basis
    """What it rests on."""
    endings: tuple[str, ...]
    """Endings of the images that stand in shards of WebDataset, sorted."""

    @property
    def log(self) -> str:
        """The ledger's name."""
        return self.made.corpus.origin

    @property
    def operator(self) -> str:
        """Who collected: a name, or else where they are reached."""
        identity = self.made.corpus.identity
        return identity.operator or identity.contact

    @property
    def name(self) -> str:
        """What the dataset is called; whoever publishes it may know better."""
        return f"Web corpus {self.made.corpus.log[:8]} by {self.operator}"

    @property
    def tables(self) -> tuple[MadeTable, ...]:
        """Those that have rows."""
        return tuple(table for table in self.made.tables if table.shards)

    @property
    def licence(self) -> str | None:
        """The SPDX identifier of the licence that every single row names; None: there is no such licence."""
        names = list(self.made.composition.licences)
        return names[0] if len(names) == 1 and names[0] in IDENTIFIERS else None

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the texts that could be told, from most to least."""
        return tuple(code for code in self.made.composition.languages if code != "unknown")

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that kept rows, oldest first."""
        return tuple(run for run in self.made.corpus.runs if run.id in self.made.composition.runs)

    @property
    def purposes(self) -> str:
        """What was collected for, in words."""
        identity = self.made.corpus.identity
        return ", ".join(f"{wording.PURPOSES[purpose]} (`{purpose}`)" for purpose in identity.purposes)

    @property
    def for_training(self) -> bool:
        """Whether what is reserved against the training of generative models was dropped."""
        return any(Purpose.GEN_AI_TRAIN in INSIDE[one] for one in self.made.corpus.identity.purposes)

    @property
    def opt_in(self) -> bool:
        """Whether only what is licensed was kept."""
        return self.made.corpus.identity.posture is Posture.OPT_IN

    @property
    def unsealed(self) -> int:
        """Entries of the ledger that were under no checkpoint."""
        return self.made.standing.entries - self.made.standing.checkpoint_size


def facts_of(folder: Path, made: Made, basis: Basis) -> Facts:
    """The facts of an export whose shards are on disk in ``folder``."""
    return Facts(made=made, basis=basis, endings=_endings(folder, made))


def title_of(signal: str) -> str:
    """What a signal is called in words; its name when this version does not know it."""
    return SIGNALS[signal].title if signal in SIGNALS else signal


def _endings(folder: Path, made: Made) -> tuple[str, ...]:
    """Endings that occur, by the tables beside the tars; all there are if these do not tell."""
    if made.wanted.format != "webdataset":
        return ()
    for table in made.tables:
        if table.table is Table.IMAGES and any(column.type is Type.IMAGE for column in table.columns):
            if all(column.name != "media_type" for column in table.columns):
                return tuple(sorted({*ENDINGS.values(), "bin"}))
            return tuple(sorted(_met(folder, table)))
    return ()


def _met(folder: Path, table: MadeTable) -> set[str]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found = set()
    for shard in table.shards:
        for file in shard.files:
            if file.path.endswith(".parquet"):
                types = pq.read_table(folder / file.path, columns=["media_type"])["media_type"]
                found |= {ENDINGS.get(one or "", "bin") for one in pc.unique(types).to_pylist()}
    return found
