"""trust.txt, by JournalList, 2024-04-04.

https://journallist.net/reference-document-for-trust-txt-specifications

Lines ``key=value`` and comments that begin with ``#``, at two places. One key concerns us::

    datatrainingallowed=( "yes" / "no" )

A ``no`` at either place is a reservation for the whole host; any other value is silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    HostFile,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

# As written by hand: spaces, capitals, a colon, quotes, a comment behind, a full stop.
_LINE = re.compile(
    r"data[-_ ]?training[-_ ]?allowed\s*[=:]\s*[\"']?(yes|no)\b[\"']?(?:\s*[.;,])?\s*(?:#.*)?", re.I
)
_MEANS = {"yes": Preference.ALLOW, "no": Preference.DISALLOW}


def read_host_file(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """Every ``datatrainingallowed`` line; a ``yes`` only where it is spelled exactly."""
    text = capture.body.decode("utf-8-sig", "replace").replace("\0", "")
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip()
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        value = match[1].lower()
        exact = line == f"datatrainingallowed={value}"
        if exact or value == "no":
            yield Statement(
                signal="trust-txt",
                purpose=Purpose.AI_TRAIN,
                preference=_MEANS[value],
                basis=Basis.STATED if exact else Basis.RECOVERED,
                evidence=quote(capture, Carrier.HOST_FILE, f"line {number}", line, of_file=True),
            )


SIGNAL = Signal(
    name="trust-txt",
    title="trust.txt",
    spec="https://journallist.net/reference-document-for-trust-txt-specifications",
    version="2024-04-04",
    readers={Carrier.HOST_FILE: read_host_file},
    meanings=(
        ("`datatrainingallowed=no`", "no training"),
        ("`DataTrainingAllowed = No`", "the same, recovered"),
        ("`datatrainingallowed=yes`", "recorded; grants nothing that another signal reserves"),
        ("any other value or key", "nothing"),
    ),
    host_files=(HostFile(path="/trust.txt"), HostFile(path="/.well-known/trust.txt")),
)
