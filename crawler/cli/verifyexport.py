"""``heedful verify EXPORT``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler import __version__
from crawler.cli.app import BROKEN, OK
from crawler.cli.findings import LISTED, OWN_KEY, at, checkpoint_dict, line_of, named_lines, note_lines, verdict
from crawler.cli.text import safe, size

if TYPE_CHECKING:
    from crawler.audit.note import Verifier
    from crawler.export.checking.whole import Report


def is_export(folder: Path) -> bool:
    """Whether a folder is an export and no corpus."""
    from crawler.corpus.folder import MANIFEST
    from crawler.export.made import STATE

    return (folder / STATE).is_file() and not (folder / MANIFEST).exists()


def check_export(
    folder: Path,
    keys: Sequence[Verifier],
    since: Sequence[Path],
    *,
    corpus: Path | None,
    texts: bool = False,
    as_json: bool,
) -> int:
    """Check an export and print what came of it; the exit code."""
    from crawler.export.checking.whole import Question, verify

    question = Question(keys=keys, corpus=corpus, since=since, heedful=__version__, texts=texts)
    report = verify(folder, question)
    if as_json:
        click.echo(json.dumps(_as_dict(report)))
    else:
        for line in _lines(folder, corpus, report):
            click.echo(line)
    return OK if report.holds else BROKEN


def _as_dict(report: Report) -> dict[str, Any]:
    findings = report.findings
    return {
        "holds": report.holds,
        "findings": [finding.as_dict() for finding in findings.found],
        "count": findings.count,
        "notes": findings.notes,
        "checkpoint": None if report.sealed is None else checkpoint_dict(report.sealed.checkpoint),
        "keys": [str(key) for key in report.keys],
        "own_keys": report.own_keys,
        "entries": report.size,
        "gone": dict(sorted(report.gone.items())),
        "again": {"rows": report.seen.rows, "of": report.seen.of},
        "absent": dict(sorted(report.seen.absent.items())),
        "unchecked": report.seen.unchecked,
        "counts": dict(sorted(findings.counts.items())),
    }


def _lines(folder: Path, corpus: Path | None, report: Report) -> Iterator[str]:
    findings = report.findings
    counts = findings.counts
    yield verdict(str(folder), findings.count)
    for finding in findings.found[:LISTED]:
        yield f"  {line_of(finding)}"
    if findings.count > LISTED:
        yield f"  and {findings.count - LISTED} more; see --json"
    yield f"files     {counts['files']} as they are listed, {size(counts['bytes'])} read"
    yield f"rows      {counts['text']} of text, {counts['images']} of images"
    if report.sealed is None:
        yield "signed    nothing: no checkpoint is signed by a key that counts"
    else:
        checkpoint = report.sealed.checkpoint
        yield f"signed    {checkpoint.size} entries{at(checkpoint)} by {safe(report.sealed.signer)}"
    seen = report.seen
    if corpus is None:
        yield "ledger    not looked at"
    elif report.size is not None:
        yield f"ledger    {report.size} entries of {safe(str(corpus))}"
        part = "" if seen.rows == seen.of else "; --texts makes all of them"
        yield f"again     {seen.rows} of {seen.of} rows made again from the archive{part}"
    if seen.absent:
        told = ", ".join(f"{number} {why}" for why, number in sorted(seen.absent.items()))
        yield f"no row    {safe(told)}"
    for words in seen.unchecked[:LISTED]:
        yield from named_lines("unseen", words)
    for note in findings.notes[:LISTED]:
        yield from note_lines(note)
    if report.own_keys and report.keys:
        yield from note_lines(OWN_KEY.format(where="the export" if corpus is None else "the corpus"))
