"""The README's commands, run as they stand; only the site they name is one on loopback."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from crawler.demo.server import LoopbackWeb, page, text, typed
from tests import crawls

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = [block.splitlines() for block in re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)]
USAGE = [line for block in BLOCKS[2:] for line in block if line.startswith("heedful ")]
SITE = "https://example.org/"

ENTER = "python3 -m venv .venv && . .venv/bin/activate"

PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)  # a GIF of one pixel

WEB = {
    "example.org": {
        "/robots.txt": text("User-agent: *\nAllow: /\n"),
        "/": page('<title>Home</title><p>Words.</p><a href="/free">a</a><a href="/no">b</a><img src="/i.gif">'),
        "/free": page("<title>Free</title><p>More words.</p>"),
        "/no": page('<meta name="robots" content="noai"><title>No</title><p>Not for machines.</p>'),
        "/i.gif": typed("image/gif", PIXEL),
    }
}


def test_the_two_ways_to_begin_are_as_short_as_they_can_be() -> None:
    assert BLOCKS[:2] == [
        [ENTER, "pip install .", "heedful demo"],
        [ENTER, "pip install '.[dev]'", "pytest -q"],
    ]


def test_ci_runs_the_test_block_as_it_stands() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    ended = subprocess.run([script, "--print"], capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout.splitlines() == [line.replace(".venv", ".ci/venv") for line in BLOCKS[1]]


def test_what_follows_is_run_here() -> None:
    shown = [shlex.split(line)[1] for line in USAGE]
    assert {"check", "crawl", "items", "log", "explain"} <= set(shown)
    assert all(line.startswith(("heedful ", "#")) or not line.strip() for block in BLOCKS[2:] for line in block)


@pytest.mark.timeout(180)
def test_every_command_does_what_it_is_shown_for(tmp_path: Path) -> None:
    with LoopbackWeb(WEB) as web:
        environment = crawls.environment(
            HEEDFUL_ALLOW_PRIVATE="1", HEEDFUL_RESOLVE=" ".join(web.resolve), HEEDFUL_PROFILE="testing"
        )
        said = {}
        for line in USAGE:
            words = shlex.split(line.replace(SITE, web.url("example.org", "/")), comments=True)
            ended = crawls.heedful(*words[1:], cwd=tmp_path, env=environment)
            assert ended.code == 0, f"{line}\n{ended.err}"
            said[words[1]] = ended
    assert "unreserved" in said["check"].out + said["check"].err
    kept = [line for line in said["items"].out.splitlines() if "example.org" in line]
    assert len(kept) == 3, said["items"].out
    assert "/no" in said["log"].out
    assert "robots-meta" in said["log"].out
    assert "/free" not in said["log"].out
    assert "unreserved" in said["explain"].out
