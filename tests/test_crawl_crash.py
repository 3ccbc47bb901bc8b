"""Wherever a second crawl is killed, what became reserved goes, and what is kept is kept once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from crawler.demo.server import LoopbackWeb, Responder
from tests import crawls
from tests.test_crawl_again import TAG, Twice, image, shown, validated

STEP = 5
"""Every fifth moment: all of them take two minutes."""


def served(twice: Twice) -> dict[str, dict[str, Responder]]:
    names = ("header", "turned", "changed", "tagged")
    links = shown("front", words="".join(f'<a href="/{name}">{name}</a>' for name in names))
    paths: dict[str, Responder] = {f"/{name}.png": image(name) for name in (*names, "front")}
    return {
        "a.example": {
            **paths,
            "/": links,
            "/header": twice(shown("header"), shown("header", ("tdm-reservation", "1"))),
            "/turned": twice(shown("turned"), shown("turned", head='<meta name="robots" content="noai">')),
            "/changed": twice(shown("changed", TAG), shown("changed", words="anew")),
            "/tagged": validated(shown("tagged", TAG)),
        }
    }


def test_killed_while_it_removes(tmp_path: Path) -> None:
    twice = Twice()
    base = tmp_path / "corpus"
    with LoopbackWeb(served(twice)) as web:
        assert crawls.crawl(web, base, ["a.example/"]).code == 0
        first = crawls.stored(base)
        assert len(first) == 10
        twice.second = True
        gone = {f"a.example/{name}" for name in ("header", "header.png", "turned", "turned.png")}
        expected = {where: 1 for where in first if where not in gone} | {"a.example/changed": 2}
        command = crawls.crawling(web, base, ["a.example/"])
        command = [part for part in command if part not in ("-o", str(base))]
        done = subprocess.run(
            [sys.executable, "-m", "tests.crawl_crashes", str(STEP), str(base), json.dumps(expected), *command],
            env=crawls.environment(), capture_output=True, text=True, check=False, timeout=280,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= 5
