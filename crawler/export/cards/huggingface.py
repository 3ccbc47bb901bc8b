"""``README.md``: the dataset card, with the sections of Hugging Face's template and one more.

https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/templates/datasetcard_template.md
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crawler.audit import wording
from crawler.audit.prose import Quoted
from crawler.audit.report.page import moment, size
from crawler.export.cards import sentences
from crawler.export.cards.facts import title_of
from crawler.export.cards.head import head
from crawler.export.cards.loading import lines_for
from crawler.export.cards.markdown import Ours, quoted, render
from crawler.export.columns import Table, Type
from crawler.optout.grammar.licences import title_of as licence_title

if TYPE_CHECKING:
    from crawler.export.cards.facts import Facts
    from crawler.export.made import MadeFile, MadeTable

FILE = "README.md"
"""Its name, which Hugging Face gives."""
LICENCES = "LICENSE.md"
"""The file that a licence called ``other`` is to be explained in."""

NAMED = 10
"""Registrable domains that the card names."""
LISTED = 20
"""Withdrawals that the card lists, the latest."""

_TYPES = {
    Type.STRING: "string",
    Type.STRINGS: "list of strings",
    Type.INTEGER: "integer",
    Type.NUMBER: "number",
    Type.TIME: "time, UTC",
    Type.IMAGE: "image",
}


def card(facts: Facts, state: MadeFile) -> bytes:
    """The card; ``state``: ``export.json`` as it will be."""
    made, standing = facts.made, facts.made.standing
    composition = made.composition
    taken = standing.withdrawals[-LISTED:]
    context: dict[str, Any] = {
        "title": Quoted(facts.name),
        "rows": made.counts.rows,
        "description": Ours(sentences.description(facts)),
        "operator": Quoted(facts.operator),
        "contact": Quoted(made.corpus.identity.contact),
        "languages": Ours(", ".join(f"`{code}`" for code in facts.languages) or "not told"),
        "licence": Ours(_licence(facts)),
        "log": Quoted(facts.log),
        "entries": standing.entries,
        "made_at": Ours(moment(made.at)),
        "versions": Ours(", ".join(quoted(f"{name} {one}") for name, one in made.versions.items())),
        "purposes": Ours(facts.purposes),
        "tables": [_table(facts, table) for table in facts.tables],
        "collection": Ours(sentences.collection(facts, quoted)),
        "left": [(Ours(why), number) for why, number in sentences.left_out(facts)],
        "extractors": [Quoted(one) for one in made.extractors],
        "domains": composition.domains_in_all,
        "top_domains": [
            (Quoted(domain or "(none)"), number) for domain, number in list(composition.domains.items())[:NAMED]
        ],
        "posture": Ours(sentences.posture(facts)),
        "reading": Ours(sentences.reading(facts)),
        "reason": Quoted(made.corpus.identity.reason) if made.corpus.identity.reason else None,
        "signals": [
            (_cell(title_of(name)), _cell(", ".join(versions)))
            for name, versions in facts.basis.signals.items()
        ],
        "unknown": [Quoted(one) for one in facts.basis.unknown],
        "considered": sum(standing.considered.values()),
        "outcomes": [(_code(name), number) for name, number in standing.considered.items()],
        "dropped": [(_cell(title_of(name)), number) for name, number in standing.reserved.items()],
        "row_outcomes": [(_word(name), number) for name, number in composition.outcomes.items()],
        "rechecks": Ours(sentences.rechecks(facts)),
        "withdrawals": Ours(sentences.withdrawals(facts)),
        "taken": [(Ours(moment(one.at)), Ours(wording.count(one.items, "item"))) for one in taken],
        "removed": facts.basis.removed,
        "state": Ours(state.sha256),
        "sealed": Ours(sentences.sealed(facts)),
        "bibtex": Ours(sentences.bibtex(facts)),
    }
    return head(facts).encode() + render(FILE, **context)


def licences(facts: Facts) -> bytes:
    """``LICENSE.md``."""
    names = {"none": "none named", "other": "another one, or one that is not known"}
    return render(
        LICENCES,
        licence=None if facts.licence is None else Ours(licence_title(facts.licence)),
        licences=[
            (_cell(names.get(name, licence_title(name))), number)
            for name, number in facts.made.composition.licences.items()
        ],
    )


def _table(facts: Facts, table: MadeTable) -> dict[str, Any]:
    shards = len(table.shards)
    return {
        "name": Ours(table.table.value),
        "rows": table.rows,
        "shards": shards,
        "noun": Ours("shard" if shards == 1 else "shards"),
        "size": Ours(size(table.bytes)),
        "lines": [(Ours(library), Ours(line)) for library, line in lines_for(facts, table)],
        "remark": Ours(_remark(facts, table)),
        "columns": [
            {"name": Ours(one.name), "type": Ours(_TYPES[one.type]), "meaning": Ours(one.meaning)}
            for one in table.columns
        ],
    }


def _remark(facts: Facts, table: MadeTable) -> str:
    wanted = facts.made.wanted
    if wanted.format == "webdataset":
        return (
            "`datasets` and `webdataset` read the `.tar` shards, the others the tables beside them, which have "
            "every column but `image` and `text`."
        )
    if wanted.format == "jsonl":
        remark = "pyarrow and polars read one shard at a time."
        pictured = " `image` is the path of the picture's file within this folder."
        return remark + (pictured if table.table is Table.IMAGES else "")
    if table.table is Table.IMAGES and wanted.images == "files":
        return "`image` has the path of the picture's file within this folder, and no bytes."
    return ""


def _licence(facts: Facts) -> str:
    if facts.licence is not None:
        return f"{licence_title(facts.licence)}, as every row names it: see [LICENSE.md](LICENSE.md)"
    return "none that covers all rows: see the column `licence` and [LICENSE.md](LICENSE.md)"


def _word(name: str) -> Ours:
    """A word of a closed vocabulary; anything else becomes one."""
    return Ours(re.sub(r"[^a-z-]", "", name))


def _code(name: str) -> Ours:
    return Ours(f"`{_word(name)}`")


def _cell(text: str) -> Ours:
    """Words of ours, or of a policy, in a table."""
    return Ours(re.sub(r"([\\`*_\[\]<>|#&~])", r"\\\1", Quoted(text).text))
