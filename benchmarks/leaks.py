"""The leak suite beside other tools: serve it, and write what a crawl kept of it into docs/leaks.md.

``python -m benchmarks.leaks serve`` serves the suite on loopback. ``python -m benchmarks.leaks fill PAGE``
fills the last column of the page's table from what ``heedful log CORPUS --json`` prints, on standard input.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.demo.server import LoopbackWeb
from tests.webs import LEAKS, PEER_SITUATIONS, hosts_of

TOTAL = f"**kept, of {len(PEER_SITUATIONS)}**"
"""First cell of the row that counts."""


def last_decisions(lines: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The last decision on each URL, by ``host/path`` without the port; one JSON object a line, newest last."""
    last: dict[str, dict[str, Any]] = {}
    for line in lines:
        if line.strip():
            decision = json.loads(line)
            parts = urlsplit(decision["url"])
            last[f"{parts.hostname}{parts.path}"] = decision
    return last


def verdicts(decisions: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """``kept`` or ``dropped`` for each situation put to other tools; ``–`` where nothing was decided."""
    found: dict[str, str] = {}
    for leak in LEAKS:
        if leak.peer:
            decision = decisions.get(leak.page_at)
            found[leak.peer] = "–" if decision is None else "kept" if decision["collect"] else "dropped"
    return found


def differences(decisions: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[bool, str]]:
    """Every page and image that did not end as its row says: whether it leaked, and the difference in words."""
    for leak in LEAKS:
        for at, expect in leak.expectations.items():
            decision = decisions.get(at)
            collected = decision is not None and bool(decision["collect"])
            outcome = decision["outcome"] if decision else "not considered"
            grounds = {ground["signal"] for ground in decision["grounds"]} if decision else set()
            wanted = expect.outcome.value if expect.outcome else "not kept"
            as_said = collected == expect.kept and (
                expect.outcome is None
                or (outcome == wanted and (expect.signal is None or expect.signal in grounds))
            )
            if not as_said:
                by = f" by {', '.join(sorted(grounds))}" if grounds else ""
                wanted += f" by {expect.signal}" if expect.signal else ""
                yield collected and not expect.kept, f"{at}: {outcome}{by}, should be {wanted} ({leak.says})"


def filled(page: str, found: Mapping[str, str]) -> str:
    """The page with the last column of its table filled in; ``ValueError`` when a situation has no row."""
    for situation, verdict in found.items():
        page = _with_last_cell(page, situation, "**kept**" if verdict == "kept" else verdict)
    complete = "–" not in found.values()
    kept = sum(verdict == "kept" for verdict in found.values())
    return _with_last_cell(page, TOTAL, str(kept) if complete else "–")


def _with_last_cell(page: str, first: str, last: str) -> str:
    row = re.compile(rf"^(\| {re.escape(first)} \|.*\| )[^|\n]*( \|)$", re.M)
    page, count = row.subn(lambda match: match[1] + last + match[2], page)
    if count != 1:
        raise ValueError(f"{count} rows for: {first}")
    return page


def _serve(port: int, seeds: Path | None) -> int:
    with LoopbackWeb(hosts_of(LEAKS), port=port) as web:
        urls = [web.url(host, "/" + path) for host, _, path in (at.partition("/") for at in _seeds())]
        if seeds:
            seeds.write_text("\n".join(urls) + "\n", encoding="utf-8")
        print(f"{len(LEAKS)} situations at {web.resolve[0]}; stop with Ctrl-C", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _seeds() -> list[str]:
    return [seed for leak in LEAKS for seed in leak.seeds]


def _fill(path: Path, log: Iterable[str]) -> int:
    decisions = last_decisions(log)
    if not decisions:
        raise SystemExit("no decisions on standard input")
    path.write_text(filled(path.read_text(encoding="utf-8"), verdicts(decisions)), encoding="utf-8")
    leaked = 0
    for leak, words in differences(decisions):
        leaked += leak
        print("LEAK " if leak else "other", words)
    total = sum(len(row.expectations) for row in LEAKS)
    print(f"{total} pages and images in {len(LEAKS)} situations, {leaked} leaked")
    return 1 if leaked else 0


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and do what it says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leaks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the suite on loopback")
    serve.add_argument("--port", type=int, default=0)
    serve.add_argument("--seeds", type=Path, help="file to write the seed URLs to")
    fill = commands.add_parser("fill", help="fill the table from decisions on standard input")
    fill.add_argument("page", type=Path)
    options = parser.parse_args(arguments)
    return _serve(options.port, options.seeds) if options.command == "serve" else _fill(options.page, sys.stdin)


if __name__ == "__main__":
    raise SystemExit(main())
