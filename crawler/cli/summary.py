"""The numbers at the end of a run: what was kept, and what was not and why. Refusals are not hidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.table import Table

from crawler.cli.text import safe, size
from crawler.optout.model import Kind, Outcome
from crawler.tally import KEPT, NAMED, Tally

_WORDS = {"finished": "finished", "limit": "stopped at a limit", "interrupted": "stopped by hand"}

_ENDINGS = (KEPT, Outcome.RESERVED.value, Outcome.UNDETERMINED.value, Outcome.SKIPPED.value)


def lines(tally: Tally, reason: str) -> Iterator[str]:
    """How it ended, in words."""
    again = "" if reason == "finished" else "; the same command goes on"
    yield (
        f"{_WORDS.get(reason, reason)} after {tally.seconds():.1f} s{again}: {len(tally.hosts):,} hosts, "
        f"{sum(tally.endings.values()):,} decisions, {tally.waiting:,} URLs waiting, {size(tally.bytes)} kept"
    )


def tables(tally: Tally) -> Iterator[Table]:
    """By kind, then the reasons of each ending. One decision may rest on several grounds."""
    kinds = sorted({kind for kind, _ in tally.endings} | {Kind.TEXT, Kind.IMAGE})
    rows = [(how, *(f"{tally.count(how, kind):,}" for kind in kinds)) for how in _ENDINGS]
    yield _table(("", *(kind.value for kind in kinds)), rows)
    if tally.reserved:
        yield _table(
            ("reserved by", "basis", "decisions"),
            ((safe(signal), basis, f"{count:,}") for (signal, basis), count in tally.reserved.most_common()),
        )
    for name, what, reasons in (
        ("undetermined because", "decisions", tally.undetermined),
        ("origins left undetermined because", "origins", tally.silence.reasons()),
        ("skipped because", "decisions", tally.skipped),
        ("links left without a decision, or after a few", "links", tally.links_left),
    ):
        if reasons:
            rows = [(safe(reason), f"{count:,}") for reason, count in reasons.most_common()]
            yield _table((name, what), rows)
    if tally.silence:
        silent = len(tally.silence)
        more = f" (the first {NAMED} of {silent:,})" if silent > NAMED else ""
        yield _table(
            (f"origins that could not be judged{more}", "since", "because"),
            ((safe(row.origin), f"{row.since[:19]}Z", row.reason) for row in tally.silence.rows(NAMED)),
        )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        numbers = head in ("decisions", "links", "origins", *Kind)
        table.add_column(head, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
