"""Everything that is looked at, in order; what a look itself cannot bear is told, and hides nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.corpus.errors import CorpusError, Stray
from crawler.corpus.folder import CorpusFolder
from crawler.doctor import (
    clock,
    configuration,
    corpus,
    disk,
    files,
    frontier,
    key,
    machine,
    network,
    software,
    tls,
)
from crawler.doctor.model import Check, Patient, problem, unchecked

MACHINE = "machine"
CORPUS = "corpus"


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """One check and what it is about."""

    about: str
    """``machine`` or ``corpus``."""
    check: Check
    """What was found."""


def look(
    corpus_folder: Path | None, options: Mapping[str, object], environ: Mapping[str, str], *, networked: bool
) -> Iterator[Looked]:
    """Look at the machine, and at a corpus if there is one to look at."""
    found, said = configuration.understand(options, environ)
    patient = Patient(
        folder=corpus_folder or found.get("output") or Path(),
        corpus=corpus_folder,
        environ=environ,
        found=found,
        network=networked,
    )
    for name, part in (
        ("software", software),
        ("clock", clock),
        ("disk", disk),
        ("machine", machine),
        ("network", network),
        ("certificates", tls),
        ("signing key", key),
    ):
        yield from _about(MACHINE, name, part.checks(patient))
    yield from (Looked(about=MACHINE, check=one) for one in said)
    if corpus_folder is None:
        return
    try:
        folder = CorpusFolder.read(corpus_folder)
    except Stray as error:
        yield Looked(about=CORPUS, check=problem("files", str(error), "nothing else of it was judged"))
        return
    except (CorpusError, OSError) as error:
        advice = "restore heedful.json from a copy of this corpus, or use the version that wrote it"
        yield Looked(about=CORPUS, check=problem("manifest", str(error), advice))
        yield Looked(
            about=CORPUS, check=unchecked("files", "nothing else of it can be judged without a manifest")
        )
        return
    for name, inside in (("corpus", corpus), ("files", files), ("frontier", frontier)):
        yield from _about(CORPUS, name, inside.checks(folder))


def _about(about: str, name: str, checks: Iterable[Check]) -> Iterator[Looked]:
    try:
        for check in checks:
            yield Looked(about=about, check=check)
    except Exception as error:
        words = f"the look itself failed ({type(error).__name__}: {error})"
        yield Looked(about=about, check=unchecked(name, words, "please report it"))
