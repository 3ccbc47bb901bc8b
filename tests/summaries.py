"""EU summaries for tests: one that was written, as its files tell it, and the corpus it is about."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from crawler.audit import ledger
from crawler.audit.entries import Filter
from crawler.optout.model import Decision
from tests import crawls

GIVEN = """
[summary]
provider = "Example Models Ltd, 1 Street, 1000 Brussels, training-data@models.example"
representative = "not applicable"
models = ["Example-1 v1.2, https://models.example/example-1"]
model_dependencies = "not applicable"
market_date = 2026-12-01
continues-training = false
demographics = "not known"
text_size = "confirmed"

[summary.public_datasets]
used = true
modalities = ["text"]
large = [{ name = "Commons of Words", link = "https://words.example", version = "2026-05" }]
others = "None"

[summary.licensed]
used = false

[summary.private]
used = false

[summary.crawled]
other_crawlers = "none"
demographics = "not known"
site_kinds = "Galleries, newspapers, forums."

[summary.users]
model = false
services = false

[summary.synthetic]
used = false

[summary.other]
used = false

[summary.rights]
signatory = true
datasets = "Its makers honour robots.txt; the version without withdrawn works was used."
copyright-policy = "https://models.example/copyright"

[summary.illegal]
measures = "A blocklist of known illegal sites."
"""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A summary that was written, and the corpus it is about."""

    folder: Path
    corpus: Path

    @cached_property
    def plain(self) -> Mapping[str, Any]:
        """``summary.json``."""
        return json.loads((self.folder / "summary.json").read_text("utf-8"))

    @cached_property
    def fields(self) -> Mapping[str, Mapping[str, Any]]:
        """The answers by name."""
        return {one["name"]: one for section in self.plain["sections"] for one in section["fields"]}

    @cached_property
    def html(self) -> LexborHTMLParser:
        """``index.html``."""
        return LexborHTMLParser((self.folder / "index.html").read_text("utf-8"))

    def shown(self, name: str) -> str:
        """The words of one answer in the page."""
        node = self.html.css_first(f'[id="{name}"]')
        assert node is not None, name
        return " ".join(node.text().split())

    def said(self, name: str) -> str:
        """The words of an answer, without the figures under it; they have to be in the page, too."""
        answer = self.fields[name]
        value = answer["value"]
        rows = [value] if isinstance(value, str) else value
        for row in rows:
            assert " ".join(row.split()) in self.shown(name)
        return " ".join([*rows, *answer["notes"]])

    def figures(self, name: str) -> list[dict[str, str]]:
        """The table of an answer; its cells have to be in the page, too."""
        rows: list[dict[str, str]] = self.fields[name]["figures"]
        for row in rows:
            for cell in row.values():
                assert cell in self.shown(name)
        return rows

    def table(self, name: str) -> list[dict[str, str]]:
        """A CSV file beside it."""
        return list(csv.DictReader((self.folder / name).read_text("utf-8").splitlines()))

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """What is kept, as ``heedful items`` tells it."""
        return crawls.heedful("items", str(self.corpus), "--json").rows

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """``heedful.json``."""
        return json.loads((self.corpus / "heedful.json").read_text())

    @cached_property
    def held(self) -> set[str]:
        """URLs that were kept at some time."""
        entries = ledger.entries(self.corpus / "ledger", Filter(type="decision"))
        return {str(entry.fields["url"]) for entry in entries if entry.fields["collect"]}

    @cached_property
    def refusals(self) -> list[Decision]:
        """The last decision on each URL that is reserved and was never kept."""
        last = crawls.decided(self.corpus).values()
        return [one for one in last if one.outcome == "reserved" and one.asset.url not in self.held]

    @cached_property
    def reserved(self) -> Counter[str]:
        """URLs that were never kept, by the signal that reserves them."""
        return Counter(signal for one in self.refusals for signal in {ground.signal for ground in one.grounds})


def report(corpus: Path, *more: str, form: str = "eu-summary", cwd: Path | None = None) -> crawls.Ended:
    return crawls.heedful("report", str(corpus), "--format", form, *more, cwd=cwd, timeout=60)
