"""Runs the ordinary Scrapy project in ``tests/project`` as its owner would, from its folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from crawler.demo.server import LoopbackWeb

PROJECT = Path(__file__).parent / "project"
SOURCES = Path(__file__).parent.parent


def environment() -> dict[str, str]:
    """Ours, without a proxy, and with the project and the package on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    path = os.pathsep.join([str(PROJECT), str(SOURCES)])
    return kept | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def python(*arguments: str, timeout: float = 60, **more: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder to its end; ``more``: environment."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command,
        cwd=PROJECT,
        env=environment() | more,
        timeout=timeout,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def scrapy(web: LoopbackWeb, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a ``scrapy`` command for which every name leads to ``web``."""
    return python("-m", "scrapy", *arguments, "-s", f"OPTOUT_RESOLVE={','.join(web.resolve)}", timeout=timeout)


def ask(
    web: LoopbackWeb, folder: Path, rows: Iterable[Mapping[str, Any]], *more: str, timeout: float = 90
) -> list[dict[str, Any]]:
    """What ``scrapy crawl asker`` wrote down for ``rows``."""
    asked, out = folder / "asked.json", folder / "out.jsonl"
    asked.write_text(json.dumps(list(rows)), "utf-8")
    done = scrapy(web, "crawl", "asker", "-a", f"asked={asked}", "-a", f"out={out}", *more, timeout=timeout)
    assert done.returncode == 0, done.stderr
    return written(out)


def written(out: Path) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file; none when it was never written."""
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []
