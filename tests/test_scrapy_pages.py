"""What docs/scrapy.md and docs/settings.md say is so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from crawler import addon, promise, selfcheck
from crawler.demo.answer import page, text
from crawler.demo.server import LoopbackWeb
from crawler.optout import Gate, Policy
from crawler.optout.model import Context
from tests import projects

DOCS = Path(__file__).parent.parent / "docs"
SETTINGS = (DOCS / "settings.md").read_text("utf-8")
SCRAPY = (DOCS / "scrapy.md").read_text("utf-8")


def rows(page: str) -> dict[str, list[str]]:
    """The table rows whose first cell is a setting's name."""
    found = re.findall(r"^\| `([A-Z_0-9]+)` \|(.*)\|$", page, re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in found}


def test_every_setting_of_ours_is_in_the_table_with_its_default() -> None:
    ours = {name: cells for name, cells in rows(SETTINGS).items() if name.startswith("OPTOUT_")}
    assert {name: ast.literal_eval(cells[0].strip("`")) for name, cells in ours.items()} == promise.DEFAULTS


def test_every_fixed_setting_is_in_the_table_with_its_reason() -> None:
    fixed = {name: cells for name, cells in rows(SETTINGS).items() if name in promise.NEEDED}
    assert {name: ast.literal_eval(cells[0].strip("`")) for name, cells in fixed.items()} == {
        name: value for name, (value, _) in promise.NEEDED.items()
    }
    for name, (_, why) in promise.NEEDED.items():
        assert fixed[name][1].startswith(why)
    for name in (*addon.SILENTLY, *(rule.name for rule in selfcheck.RULES)):
        assert f"`{name}`" in SETTINGS


def test_the_page_works_as_it_stands(tmp_path: Path) -> None:
    settings, spider = re.findall(r"```python\n(.*?)```", SCRAPY, re.DOTALL)
    web = {
        "shop.example": {
            "/robots.txt": text("User-agent: *\nDisallow: /no\n"),
            "/": page(
                '<title>Home</title><a href="/free">free</a> <a href="/no">no</a> <a href="/shy">shy</a>'
            ),
            "/free": page("<title>Free</title>"),
            "/shy": page('<title>Not</title><meta name="robots" content="noai">'),
            "*": text("", status=404),
        }
    }
    with LoopbackWeb(web) as served:
        source = tmp_path / "reader.py"
        source.write_text(spider.replace("https://example.org/", served.url("shop.example")), "utf-8")
        (tmp_path / "chosen.py").write_text(settings, "utf-8")
        start = "import sys; from scrapy.cmdline import execute; sys.path.insert(0, {!r}); execute({!r})"
        command = ["scrapy", "runspider", str(source), "-o", str(tmp_path / "items.jsonl")]
        command += ["-s", "OPTOUT_ALLOW_PRIVATE=True", "-s", f"OPTOUT_RESOLVE={served.resolve[0]}"]
        script = start.format(str(tmp_path), command)
        done = projects.python("-c", script, SCRAPY_SETTINGS_MODULE="chosen")
        items = projects.written(tmp_path / "items.jsonl")
        assert {item["url"].rpartition("/")[2]: item["collect"] for item in items} == {"": True, "free": True}
        assert all(item["outcome"] == "unreserved" for item in items)
        assert "/no: reserved by robots, 'Disallow: /no' in " in done.stderr
        assert "/shy: reserved by robots-meta, 'noai' in " in done.stderr
        agents = {request.value("user-agent") for request in served.requests}
    assert agents == {"example-bot/1.0 (+https://example.org/bot)"}


def test_the_page_names_the_files_that_are_asked_for() -> None:
    files = [file.path for file in Gate(Policy(), Context(agents=("a",))).host_files]
    assert (
        f"{['', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven'][len(files)]} requests an origin"
        in SCRAPY
    )
    for file in files:
        assert file in SCRAPY or file == "/robots.txt"
