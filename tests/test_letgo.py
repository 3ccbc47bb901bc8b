"""What was turned away leaves nothing behind that Python's collector would have to find."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from crawler.demo.server import Answer, LoopbackWeb
from tests.crawls import crawling, decided, environment

PAGES = 40

COUNTED = """
import gc, sys
gc.disable()
from crawler.cli import main
try:
    main()
except SystemExit as ended:
    print("ended", ended.code)
print("left", sum(type(one).__name__ in ("Turned", "HtmlResponse") for one in gc.get_objects()))
"""


def test_requests_that_were_turned_away_are_freed_at_once(tmp_path: Path) -> None:
    """One of four is reserved by its headers, one by its head, one is gone, one is kept."""
    lead = "".join(f'<a href="/{number}">{number}</a>' for number in range(PAGES)).encode()
    html = (("Content-Type", "text/html"),)
    sorts = [
        Answer(headers=(*html, ("X-Robots-Tag", "noai")), body=b"<p>Not for you."),
        Answer(headers=html, body=b'<meta name="tdm-reservation" content="1"><p>Neither.'),
        Answer(status=404, headers=html, body=b"<p>Gone."),
        Answer(headers=html, body=b"<p>Hello."),
    ]
    pages = {f"/{number}": sorts[number % 4] for number in range(PAGES)}
    with LoopbackWeb({"h.example": {"/": Answer(headers=html, body=lead), **pages}}) as web:
        command = [sys.executable, "-c", COUNTED, *crawling(web, tmp_path / "corpus", ["h.example/"])]
        done = subprocess.run(
            command, env=environment(), capture_output=True, text=True, timeout=60, check=False
        )
    assert "ended 0" in done.stdout, done.stderr
    assert len(decided(tmp_path / "corpus")) == PAGES + 1
    (left,) = (int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("left "))
    assert left <= 4, "of every request that was turned away something is held"
