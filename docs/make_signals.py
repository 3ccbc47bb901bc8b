"""Writes what is heard from the signals' own declarations: ``docs/signals.md`` and the table in ``README.md``.

::

    python docs/make_signals.py           write both
    python docs/make_signals.py --check   say what is out of date, and end with 1 if anything is
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from crawler.audit.wording import CARRIERS
from crawler.optout import SIGNALS
from crawler.optout.model import Carrier, Signal

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "signals.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- signals -->", "<!-- /signals -->"

INTRODUCTION = """\
# What is heard

Written by `docs/make_signals.py` from the declarations in `crawler/optout/signals`; change it there.

Every signal below is heard in a default installation and in every run. Beside what is written stands what it
means to this crawler. *Recovered* marks words that miss the syntax their specification asks for, *inferred*
marks words that were said to others or about something else; the strict reading, which is the default, counts
both. No permission cancels a reservation. `heedful signals NAME` prints the same on a terminal, and
`tests/vectors/signals/` holds examples of each as data.
"""


def page(signals: Iterable[Signal]) -> str:
    """The whole of ``docs/signals.md``."""
    return INTRODUCTION + "".join(f"\n{part}\n" for signal in signals for part in _section(signal))


def summary(signals: Iterable[Signal]) -> str:
    """The table in the README, between its two comments."""
    rows = [
        f"| [{signal.name}](docs/signals.md#{signal.name}) | {_cell(signal.title)} | {_places(signal)} |"
        for signal in signals
    ]
    return "\n".join([BEGIN, "", "| signal | what it is | where it is read |", "|---|---|---|", *rows, "", END])


def with_summary(readme: str, table: str) -> str:
    """``readme`` with the table in its place; raises ``ValueError`` when the place is not marked."""
    found = re.findall(f"{re.escape(BEGIN)}.*?{re.escape(END)}", readme, re.DOTALL)
    if len(found) != 1:
        raise ValueError(f"the README marks {len(found)} places with {BEGIN} … {END}, not one")
    return readme.replace(found[0], table)


def _section(signal: Signal) -> Iterator[str]:
    yield f"## {signal.name}"
    yield f"{signal.title}: <{signal.spec}>, {signal.version}."
    yield f"Read from {_places(signal)}."
    rows = [f"| {_cell(written)} | {_cell(meant)} |" for written, meant in signal.meanings]
    yield "\n".join(["| what is written | what it means to us |", "|---|---|", *rows])


def _places(signal: Signal) -> str:
    places = []
    for carrier in signal.readers:
        if carrier is Carrier.HOST_FILE:
            places += [f"`{file.path}`" for file in signal.host_files if file.path != "/robots.txt"]
        else:
            places.append(CARRIERS[carrier])
    return ", ".join(places)


def _cell(words: str) -> str:
    """``words`` as a table cell: outside code, nothing of it is markup."""
    escaped = [
        part if number % 2 else re.sub(r"([<>*_\\])", r"\\\1", part)
        for number, part in enumerate(words.split("`"))
    ]
    return "`".join(escaped).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write or check both files."""
    signals = SIGNALS.values()
    readme = README.read_text("utf-8")
    wanted = {PAGE: page(signals), README: with_summary(readme, summary(signals))}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: run python docs/make_signals.py\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
