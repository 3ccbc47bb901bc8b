"""What a run shows while it goes: a live table on a terminal, a line now and then in a pipe.

Everything goes to stderr. The display has no thread and no timer: the crawl calls :meth:`Display.refresh` a few
times a second, and the display decides whether it is time to draw.
"""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from crawler import jsonlog
from crawler.cli.summary import lines, tables
from crawler.cli.text import safe, shorten, size
from crawler.optout.model import Kind
from crawler.tally import KEPT, Tally

ON_TERMINAL, IN_PIPE = 0.25, 5.0
"""Seconds between two drawings."""


class Display:
    """A context manager that shows ``tally`` while the block runs."""

    def __init__(
        self,
        tally: Tally,
        *,
        quiet: bool = False,
        as_json: bool = False,
        console: Console | None = None,
        checked: bool = True,
    ) -> None:
        """``as_json``: one JSON object a line instead of words. ``console``: stderr when it is None.

        ``checked``: say what the crawl was found to run with, too.
        """
        self._tally = tally
        self._console = console or Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._quiet = quiet
        self._as_json = as_json
        self._live: Live | None = None
        self._drawn = time.monotonic()
        self._told = as_json or not checked

    def __enter__(self) -> Display:
        if self._console.is_terminal and not self._quiet and not self._as_json:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def refresh(self) -> None:
        """Draw, if it is time to."""
        now = time.monotonic()
        if self._quiet or now - self._drawn < (IN_PIPE if self._live is None else ON_TERMINAL):
            return
        self._drawn = now
        self._tell()
        if self._live is not None:
            self._live.update(_progress(self._tally, self._console.width), refresh=True)
        elif self._as_json:
            self._event("progress")
        else:
            self._console.print(_line(self._tally), soft_wrap=True)

    def summary(self, reason: str, corpus: Path | None = None, note: str | None = None) -> None:
        """The numbers at the end, and what else the operator should know."""
        if self._quiet:
            return
        if self._as_json:
            self._event(reason, **({} if note is None else {"note": note}))
            return
        self._tell()
        for line in lines(self._tally, reason):
            self._console.print(Text(line), soft_wrap=True)
        if note is not None:
            self._console.print(Text(safe(note)), soft_wrap=True)
        for table in tables(self._tally):
            self._console.print(table)
        if corpus is not None:
            self._console.print(Text(f"corpus: {corpus}    why: heedful explain {corpus} URL"), soft_wrap=True)

    def _tell(self) -> None:
        """Say once with what the crawl runs."""
        if self._tally.checked and not self._told:
            self._told = True
            self._console.print(Text(safe(self._tally.checked)), soft_wrap=True)

    def _event(self, name: str, **more: str) -> None:
        jsonlog.say("info", name, event=name, **self._tally.as_dict(), **more)


def _line(tally: Tally) -> Text:
    documents = tally.count(KEPT, Kind.PDF) + tally.count(KEPT, Kind.EPUB)
    return Text(
        f"{tally.seconds():.0f} s  kept {tally.count(KEPT, Kind.TEXT):,} pages, "
        + (f"{documents:,} documents, " if documents else "")
        + f"{tally.count(KEPT, Kind.IMAGE):,} images ({size(tally.bytes)})  "
        f"reserved {tally.count('reserved'):,}  undetermined {tally.count('undetermined'):,}  "
        f"skipped {tally.count('skipped'):,}  waiting {tally.waiting:,}  {_rate(tally):.1f}/s"
    )


def _rate(tally: Tally) -> float:
    return sum(tally.endings.values()) / max(tally.seconds(), 0.001)


def _progress(tally: Tally, width: int) -> Group:
    top = [f"{signal} ({basis})  {count:,}" for (signal, basis), count in tally.reserved.most_common(3)]
    top += [f"{reason}  {count:,}" for reason, count in (tally.undetermined + tally.skipped).most_common(3)]
    rows = [Text("  ".join(top), style="yellow", overflow="ellipsis", no_wrap=True)] if top else []
    for ending in tally.recent:
        style = "green" if ending.ending == KEPT else "dim"
        room = max(20, width - 14 - len(ending.reason) - 3)
        words = f"{ending.ending:12}  {shorten(ending.url, room)}  {ending.reason}"
        rows.append(Text(words, style=style, overflow="ellipsis", no_wrap=True))
    return Group(_line(tally), *rows)
