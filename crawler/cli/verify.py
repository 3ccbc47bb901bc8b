"""``heedful verify``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.app import BROKEN, OK
from crawler.cli.findings import LISTED, OWN_KEY, at, checkpoint_dict, line_of, note_lines, verdict
from crawler.cli.helppage import Command, as_json
from crawler.cli.text import safe, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.audit.note import Verifier
    from crawler.audit.verify.receipt import Checked
    from crawler.audit.verify.whole import Report


@click.command(cls=Command, example="heedful verify corpus --since checkpoint-of-last-year --replay")
@click.argument("corpus", type=click.Path(path_type=Path), required=False)
@click.option(
    "--since",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="A checkpoint you kept: the ledger must have grown out of it; repeatable.",
)
@click.option("--replay", is_flag=True, help="Derive every decision again from what is stored.")
@click.option(
    "--corpus",
    "against",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="CORPUS",
    help="Check an export against the corpus it was made of.",
)
@click.option("--texts", is_flag=True, help="With it: make every row again, not a sample.")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Check this receipt; needs no CORPUS.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY-OR-FILE",
    help="The public key that has to have signed; repeatable.",
)
@click.option(
    "--tsa-cert",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Certificates of the time-stamping authority, PEM.",
)
@as_json
def command(
    corpus: Path | None,
    since: tuple[Path, ...],
    replay: bool,
    against: Path | None,
    texts: bool,
    receipt: Path | None,
    keys: tuple[str, ...],
    tsa_cert: Path | None,
    as_json: bool,
) -> int:
    """Check that CORPUS is whole: its ledger, its signatures, its evidence, everything it keeps.

    Reads the folder and nothing else, without network. CORPUS may be the folder of an export. Exit code 5:
    something does not hold; it is named.
    """
    from crawler.audit.keys import read_verifier
    from crawler.cli.verifyexport import check_export, is_export

    if corpus is None and receipt is None:
        raise click.UsageError("give a CORPUS, or a receipt with --receipt FILE")
    if corpus is None and (replay or tsa_cert is not None):
        raise click.UsageError("--replay and --tsa-cert are for a CORPUS")
    exported = corpus is not None and is_export(corpus)
    if exported and (replay or tsa_cert is not None):
        raise click.UsageError("--replay and --tsa-cert are for a CORPUS, and this is an export")
    if exported and since and against is None:
        raise click.UsageError("--since needs the ledger: name the corpus of this export with --corpus")
    if against is not None and not exported:
        raise click.UsageError("--corpus is for checking an export: name the folder of one")
    if texts and against is None:
        raise click.UsageError("--texts needs the archive: name the corpus of this export with --corpus")
    known = [read_verifier(key) for key in keys]
    code = OK
    if receipt is not None:
        code = _receipt(receipt, known, since, as_json=as_json)
    if corpus is not None and exported:
        code = max(code, check_export(corpus, known, since, corpus=against, texts=texts, as_json=as_json))
    elif corpus is not None:
        found = _corpus(corpus, known, since, replay=replay, tsa_cert=tsa_cert, as_json=as_json)
        code = max(code, found)
    return code


def _corpus(
    corpus: Path,
    keys: Sequence[Verifier],
    since: Sequence[Path],
    *,
    replay: bool,
    tsa_cert: Path | None,
    as_json: bool,
) -> int:
    from crawler.audit.timestamps import NoTimestamp, read_certificates
    from crawler.audit.verify.whole import Question, Unusable, verify

    try:
        authorities = read_certificates(tsa_cert) if tsa_cert is not None else ()
    except NoTimestamp as error:
        raise Unusable(str(error)) from error
    report = verify(corpus, Question(keys=keys, since=since, replay=replay, authorities=authorities))
    if as_json:
        click.echo(json.dumps(_as_dict(report)))
    else:
        for line in _lines(corpus, report):
            click.echo(line)
    return OK if report.holds else BROKEN


def _as_dict(report: Report) -> dict[str, Any]:
    from crawler.optout.codec import time_to_text

    findings, anchors = report.findings, report.anchors
    return {
        "holds": report.holds,
        "findings": [finding.as_dict() for finding in findings.found],
        "count": findings.count,
        "notes": findings.notes,
        "entries": report.size,
        "unsealed": report.unsealed,
        "checkpoint": None if report.sealed is None else checkpoint_dict(report.sealed.checkpoint),
        "keys": [str(key) for key in report.keys],
        "own_keys": report.own_keys,
        "anchored": None
        if anchors is None or anchors.last is None
        else {"size": anchors.last.size, "at": time_to_text(anchors.last.stated)},
        "unanchored_since": None if anchors is None or anchors.since is None else time_to_text(anchors.since),
        "counts": dict(sorted(findings.counts.items())),
        "replay": {"decisions": report.replayed, "reasons": report.reasons} if report.replayed else None,
    }


def _lines(corpus: Path, report: Report) -> Iterator[str]:
    findings = report.findings
    counts = findings.counts
    yield verdict(str(corpus), findings.count)
    for finding in findings.found[:LISTED]:
        yield f"  {line_of(finding)}"
    if findings.count > LISTED:
        yield f"  and {findings.count - LISTED} more; see --json"
    erased = f", {counts['erased']} of them erased" if counts["erased"] else ""
    yield f"ledger    {report.size} entries{erased}, {counts['decision']} decisions"
    yield from _sealed(report)
    yield from _anchored(report)
    yield f"archive   {counts['items']} items, {size(counts['bytes'])}, {counts['removal']} removals"
    yield f"evidence  {counts['readings']} readings"
    if report.replayed:
        done = ", ".join(f"{number} {extent}" for extent, number in report.replayed.items())
        yield f"replay    {done}"
        for why, number in sorted(report.reasons.items(), key=lambda pair: -pair[1])[:LISTED]:
            yield f"          {number} not in full: {safe(why)}"
    for note in findings.notes[:LISTED]:
        yield from note_lines(note)
    if report.own_keys and report.keys:
        yield from note_lines(OWN_KEY.format(where="the corpus"))


def _sealed(report: Report) -> Iterator[str]:
    if report.sealed is None:
        yield "signed    nothing: no checkpoint is signed by a key that counts"
        return
    checkpoint = report.sealed.checkpoint
    yield f"signed    {checkpoint.size} entries{at(checkpoint)} by {safe(report.sealed.signer)}"
    if report.unsealed:
        yield f"          {report.unsealed} entries after them are under no checkpoint yet"


def _anchored(report: Report) -> Iterator[str]:
    from crawler.optout.codec import time_to_text

    anchors = report.anchors
    if anchors is None:
        return
    if anchors.last is not None:
        yield f"time      {anchors.last.size} entries stamped at {time_to_text(anchors.last.stated)}"
    if anchors.since is not None:
        yield f"time      unanchored since {time_to_text(anchors.since)}"


def _receipt(path: Path, keys: Sequence[Verifier], since: Sequence[Path], *, as_json: bool) -> int:
    from crawler.audit.verify.receipt import check_receipt

    checked = check_receipt(path, keys, since)
    holds = not checked.findings and bool(checked.entries)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "holds": holds,
                    "findings": checked.findings,
                    "url": checked.url,
                    "checkpoint": None if checked.checkpoint is None else checkpoint_dict(checked.checkpoint),
                    "key": None if checked.signer is None else str(checked.signer),
                    "own_keys": checked.own_key,
                    "entries": [dict(entry.fields) for entry in checked.entries],
                    "since": [checkpoint_dict(one) for one in checked.since],
                }
            )
        )
    else:
        for line in _told(path, checked, holds=holds):
            click.echo(line)
    return OK if holds else BROKEN


def _told(path: Path, checked: Checked, *, holds: bool) -> Iterator[str]:
    yield f"{safe(str(path))} holds." if holds else f"{safe(str(path))} does not hold."
    for finding in checked.findings:
        yield f"  {safe(finding)}"
    yield f"about     {safe(checked.url)}"
    if checked.checkpoint is None:
        return
    if not checked.entries:
        yield "  it proves no entry"
    yield f"signed    {checked.checkpoint.size} entries{at(checked.checkpoint)} by {safe(str(checked.signer))}"
    for entry in checked.entries:
        fields = entry.fields
        said = " ".join(str(fields[key]) for key in ("outcome", "stage") if key in fields) or entry.type
        yield f"entry     {entry.number}  {safe(str(fields.get('at')))}  {safe(said)}"
    for one in checked.since:
        yield f"since     grown out of {one.size} entries{at(one)}"
    if checked.own_key:
        yield from note_lines(OWN_KEY.format(where="the receipt"))
