"""Connections that nobody uses are closed, however many hosts a crawl meets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from crawler.demo.server import Answer, LoopbackWeb, Request
from tests.crawls import crawling, environment

IDLE, AT_ONCE, HOSTS = 3, 2, 16

FEW = f"import crawler.connections; crawler.connections.IDLE = {IDLE}; from crawler.cli import main; main()"


def test_idle_connections_are_bounded_over_all_hosts(tmp_path: Path) -> None:
    """As many as are idle at most, those under way, and some that are being closed."""
    open_now: list[int] = []

    def answer(request: Request) -> Answer:
        open_now.append(len(web._connections))
        head = (("Content-Type", "text/html"),)
        return Answer(headers=head, body=f"<title>{request.host}</title><p>Hello.".encode())

    nothing = Answer(status=404, headers=(("Content-Type", "text/plain"),), body=b"no")
    web = LoopbackWeb({f"h{number}.example": {"/": answer, "*": nothing} for number in range(HOSTS)})
    with web:
        seeds = [f"h{number}.example/" for number in range(HOSTS)]
        command = crawling(web, tmp_path / "corpus", seeds, "--concurrency", str(AT_ONCE))
        done = subprocess.run(
            [sys.executable, "-c", FEW, *command],
            env=environment(),
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert len(open_now) == HOSTS
    assert max(open_now) <= IDLE + AT_ONCE + 4
    assert web.accepted < 3 * HOSTS, "nothing was used twice"
