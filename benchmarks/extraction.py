"""How well and how fast the main text of real pages is found, against what people marked as such.

    python benchmarks/extraction.py DIR [ROUNDS]

DIR is laid out as the article extraction benchmark of Scrapinghub is
(https://github.com/scrapinghub/article-extraction-benchmark): ``ground-truth.json`` with an ``articleBody`` for
each name, and ``html/NAME.html.gz``. Precision and recall are over four words in a row, a mean over the
pages, as that benchmark computes them. Milliseconds are process time per page, the best of the rounds (default
3): of the extractor, and of everything from bytes to words with their language.
"""

from __future__ import annotations

import gzip
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from crawler.optout.model import Capture, Kind
from crawler.text.decoding import decoded
from crawler.text.extraction import extracted
from crawler.text.form import tidy
from crawler.text.model import How, Words
from crawler.text.reading import words_of

WORD = re.compile(r"\w+")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*#`>]+")
SHINGLE = 4


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = WORD.findall(text)
    return Counter(
        tuple(words[start : start + SHINGLE]) for start in range(max(1, len(words) - SHINGLE + 1)) if words
    )


def scores(wanted: list[str], found: list[str]) -> tuple[float, float, float]:
    """F1, precision and recall."""
    precisions, recalls = [], []
    for want, got in zip(map(shingles, wanted), map(shingles, found), strict=True):
        common = (want & got).total()
        if got:
            precisions.append(common / got.total())
        if want:
            recalls.append(common / want.total())
    precision, recall = statistics.mean(precisions), statistics.mean(recalls)
    return 2 * precision * recall / (precision + recall), precision, recall


def stripped(source: str) -> str:
    """Everything that is not a tag, a script or a style."""
    tree = LexborHTMLParser(source)
    tree.strip_tags(["script", "style", "noscript", "template"])
    return tidy(tree.body.text(separator="\n") if tree.body else "")


def best(rounds: int, pages: list[str], read: Callable[[str], object]) -> float:
    """Milliseconds per page."""
    spent = []
    for _ in range(rounds):
        begin = time.process_time()
        for page in pages:
            read(page)
        spent.append(time.process_time() - begin)
    return 1000 * min(spent) / len(pages)


def main() -> None:
    folder = Path(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    names = sorted(truth)
    bodies = [gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()) for name in names]
    pages = [decoded(body) for body in bodies]
    wanted = [truth[name].get("articleBody", "") for name in names]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    captures = [
        Capture(
            url="https://h.example/", status=200, at=at, headers=(("content-type", "text/html"),), body=body
        )
        for body in bodies
    ]
    print(f"{len(pages)} pages, {statistics.mean(map(len, bodies)) / 1000:.0f} KB in the mean")
    print(f"{'':32} {'F1':>6} {'P':>6} {'R':>6} {'empty':>6} {'ms':>7} {'ms all':>7}")
    ways = {
        "fast": How(),
        "fast, Markdown": How(markdown=True),
        "quality": How(quality=True),
        "quality, Markdown": How(quality=True, markdown=True),
    }
    for label, how in ways.items():
        results = [words_of(capture, Kind.TEXT, how) for capture in captures]
        texts = [result.text if isinstance(result, Words) else "" for result in results]
        if how.markdown:
            texts = [unescape(LINK.sub(r"\1", text)) for text in texts]
        alone = best(rounds, pages, lambda page, how=how: extracted(page, how))
        spent = []
        for _ in range(rounds):
            begin = time.process_time()
            for capture in captures:
                words_of(capture, Kind.TEXT, how)
            spent.append(time.process_time() - begin)
        told(label, scores(wanted, texts), texts, alone, 1000 * min(spent) / len(pages))
    texts = [stripped(page) for page in pages]
    told("tags left out", scores(wanted, texts), texts, best(rounds, pages, stripped), None)


def told(
    label: str, score: tuple[float, float, float], texts: list[str], alone: float, whole: float | None
) -> None:
    empty = sum(not text for text in texts)
    numbers = " ".join(f"{number:6.3f}" for number in score)
    print(f"{label:32} {numbers} {empty:6} {alone:7.2f} {'' if whole is None else f'{whole:7.2f}'}")


if __name__ == "__main__":
    main()
