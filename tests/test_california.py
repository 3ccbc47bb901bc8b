"""The documentation of training data that California asks for, of a small corpus."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests import corpora, crawls

OPERATOR = {"2", "6", "7", "8", "11", "12"}
"""Items that no crawl can answer."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "corpus"
    with corpora.opened(folder) as opened:
        corpora.fill(opened)
    return folder


def made(corpus: Path, folder: Path, *more: str) -> tuple[dict[str, Any], LexborHTMLParser]:
    """The document, both ways."""
    ended = crawls.heedful(
        "report", str(corpus), "--format", "ab2013", "-o", str(folder), *more, cwd=folder, timeout=60
    )
    assert ended.code == 0, ended.err
    told = json.loads((folder / "ab2013" / "ab2013.json").read_text("utf-8"))
    return told, LexborHTMLParser((folder / "ab2013" / "index.html").read_text("utf-8"))


def test_all_twelve_items_and_nothing_guessed(corpus: Path, tmp_path: Path) -> None:
    told, page = made(corpus, tmp_path)
    items = {item["id"]: item for item in told["items"]}
    assert list(items) == [str(number) for number in range(1, 13)]
    assert {number for number, item in items.items() if item["source"] == "to be provided"} == OPERATOR
    for number, item in items.items():
        node = page.css_first(f'[id="f-{number}"]')
        assert node is not None
        assert ("TO BE PROVIDED" in node.text()) == (number in OPERATOR)
        assert item["label"] in " ".join(node.text().split())
    assert page.css("script, img, link[rel=stylesheet]") == []
    kept = len(crawls.heedful("items", str(corpus), "--json").rows)
    assert items["3"]["value"].startswith(f"{kept} pages and documents")


def test_what_the_operator_says_stands(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "heedful.toml").write_text(
        '[summary.california]\npurpose = "<b>To answer</b> questions."\nperiod = "confirmed"\nbought = "No."\n'
        'personal = "Yes, names."\nconsumers = "No."\nfirst-used = "2026-12-01"\nsynthetic = "No."\n'
    )
    told, page = made(corpus, tmp_path)
    assert told["to_be_provided"] == []
    assert {item["source"] for item in told["items"] if item["id"] in OPERATOR | {"10"}} == {"operator"}
    assert "<b>To answer</b> questions." in page.css_first("#california_purpose").text()


def test_nothing_measured_is_said_to_be_nothing_measured(corpus: Path, tmp_path: Path) -> None:
    # A copy, because what one report measured the next one knows.
    told, _ = made(_copied(corpus, tmp_path / "copy"), tmp_path, "--no-measure")
    assert "words" not in next(item["value"] for item in told["items"] if item["id"] == "3")


def test_made_twice_on_one_day_it_is_the_same(corpus: Path, tmp_path: Path) -> None:
    def once() -> tuple[bytes, dict[str, Any]]:
        told, _ = made(corpus, tmp_path)
        told.pop("made_at")
        return (tmp_path / "ab2013" / "index.html").read_bytes(), told

    assert once() == once()


def test_a_wrong_key_is_refused(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "heedful.toml").write_text("[summary.california]\nporpoise = 'x'\n")
    ended = crawls.heedful("report", str(corpus), "--format", "ab2013", "-o", "out", "-q", cwd=tmp_path)
    assert ended.code == 2
    assert "perhaps california_purpose" in ended.sentence
    assert not (tmp_path / "out" / "ab2013").exists()


def _copied(corpus: Path, to: Path) -> Path:
    shutil.copytree(corpus, to, ignore=shutil.ignore_patterns("measures.db*"))
    return to
