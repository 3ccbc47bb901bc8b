"""What the documents say is true: generated pages are fresh, links lead somewhere, and refusals refuse."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from crawler.addon import OptOutAddon
from crawler.cli.app import COMMANDS, main
from crawler.optout import SIGNALS, Gate, Policy
from crawler.optout.host import Host
from crawler.optout.model import (
    OPEN,
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Decision,
    Kind,
    Outcome,
    Preference,
)
from crawler.optout.signals import __path__ as SIGNALS_FOLDER
from tests import vectorfile
from tests.vectors.assets.containers import app1, jpeg
from tests.vectors.assets.xmp import xmp

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md"))
    if ".venv" not in path.parts
)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


# Signals


def test_what_is_heard_is_written_from_the_declarations() -> None:
    ended = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make_signals.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("name", SIGNALS)
def test_every_signal_is_declared_in_full_and_has_vectors(name: str) -> None:
    signal = SIGNALS[name]
    module = Path(next(iter(SIGNALS_FOLDER))) / f"{name.replace('-', '_')}.py"
    assert signal.title
    assert signal.version
    assert signal.meanings
    assert signal.spec.startswith("https://")
    assert "https://" in module.read_text("utf-8").split('"""')[1] or name == "denylist", (
        "the authority, with its URL"
    )
    assert {"expect", "outcome"} & {key for vector in vectorfile.load(name) for key in vector}
    assert f"\n## {name}\n" in read("docs/signals.md")
    assert f"[{name}](docs/signals.md#{name})" in read("README.md")
    assert re.search(rf"^- \*\*New signal `{name}`\*\*: ", read("CHANGELOG.md"), re.MULTILINE)


# Commands


def test_the_reference_names_every_command_and_no_other() -> None:
    named = re.findall(r"^\| `heedful ([a-z]+)", read("docs/commands.md"), re.MULTILINE)
    assert named == list(COMMANDS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_and_option_that_a_document_shows_exists(path: Path) -> None:
    code = re.findall(r"```sh\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    code += re.findall(r"`(heedful [^`\n]+)`", path.read_text("utf-8"))
    for line in (line for block in code for line in block.splitlines()):
        found = re.match(r"heedful ([a-z]+)(.*)", line.strip())
        if found is None:
            continue
        name, rest = found.groups()
        command = main.get_command(click.Context(main), name)
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), rest.split()[0]) if rest else command
        assert command is not None, line
        options = {option for parameter in command.params for option in (*parameter.opts, "--help", "-h")}
        for option in re.findall(r"(?<![\w-])(--?[a-z][a-z0-9-]*)", rest):
            assert option in options, line


# Words


def test_the_glossary_has_every_word_of_the_model() -> None:
    text = read("docs/glossary.md").lower()
    for enumeration in (Preference, Basis, Outcome):
        for member in enumeration:
            assert re.search(rf"\*{member.value}\*", text), member
    for noun in ("asset", "capture", "evidence", "statement", "decision", "signal", "hop", "policy", "gate"):
        assert f"| **{noun}** |" in text


def test_every_decision_record_is_listed_under_its_title() -> None:
    listed = re.findall(r"^(\d+)\. \[(.+)\]\((\d{4}-[a-z-]+\.md)\)$", read("docs/adr/README.md"), re.MULTILINE)
    files = sorted(path.name for path in (ROOT / "docs" / "adr").glob("0*.md"))
    assert [file for _, _, file in listed] == files
    for number, title, file in listed:
        text = read(f"docs/adr/{file}")
        assert file.startswith(f"{int(number):04}-")
        assert text.startswith(f"# {number}. {title}\n\nAccepted, ")
        for part in ("Context", "Decision", "Instead of", "Consequences"):
            assert f"**{part}" in text, (file, part)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        there = path if not file else path.parent / file
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


# Refusals: every row of docs/refusing.md is put to the gate

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
SITE = "https://your.site"
GATE = Gate(Policy(), Context(agents=("heedful",)))


def rows() -> list[tuple[str, str]]:
    """Where, and what is written there."""
    found = re.findall(
        r"^\| (robots\.txt|`/[^`]+`|response header|page|inside the image) [^|]*\| (`.+?`) \| ",
        read("docs/refusing.md"),
        re.M,
    )
    return [(where.strip("`"), written.replace("`<br>`", "\n").strip("`")) for where, written in found]


def blocks() -> list[tuple[str, str]]:
    return [
        ("robots.txt", block) for block in re.findall(r"^```\n(.*?)^```", read("docs/refusing.md"), re.M | re.S)
    ]


def ask(asset: Asset, where: str, written: str, inherited: tuple[object, ...] = ()) -> Decision:
    """The last decision on ``asset`` on a site that writes this in this place and nothing else."""
    host = Host(SITE, GATE.host_files)
    path = {"robots.txt": "/robots.txt"}.get(where, where)
    for file in host.files:
        there = {"status": 200, "body": written.encode()} if file == path else {"status": 404}
        host.receive(file, Capture(url=SITE + file, at=AT, **there))  # type: ignore[arg-type]
    decision = GATE.at_host(asset, host, at=AT, inherited=inherited)  # type: ignore[arg-type]
    if decision.outcome not in OPEN:
        return decision
    headers: list[tuple[str, str]] = [
        ("content-type", "text/html" if asset.kind is Kind.TEXT else "image/jpeg")
    ]
    if where == "response header" and asset.kind is Kind.TEXT:
        name, _, value = written.partition(": ")
        headers.append((name.lower(), value))
    head = written if where == "page" and asset.kind is Kind.TEXT else ""
    inside = written if where == "inside the image" else ""
    body = (
        jpeg(app1(xmp(attributes=inside)))
        if asset.kind is Kind.IMAGE
        else (f"<html><head>{head}<title>Art</title></head><body></body></html>".encode())
    )
    answer = Capture(url=asset.url, status=200, at=AT, headers=tuple(headers), body=body)
    decision = GATE.at_headers(decision, answer)
    return decision if decision.outcome not in OPEN else GATE.at_content(decision, answer)


PAGE = Asset(url=f"{SITE}/art/", kind=Kind.TEXT)
IMAGE = Asset(url=f"{SITE}/art/a.jpg", kind=Kind.IMAGE, via=PAGE.url)


def both(where: str, written: str) -> tuple[Decision, Decision]:
    page = ask(PAGE, where, written)
    return page, ask(IMAGE, where, written, GATE.spread(page))


def test_a_site_that_writes_nothing_is_collected() -> None:
    assert all(decision.collect for decision in both("page", ""))
    assert len(rows()) > 15
    assert len(blocks()) == 1


@pytest.mark.parametrize(("where", "written"), [*blocks(), *rows()])
def test_every_way_to_refuse_refuses(where: str, written: str) -> None:
    page, image = both(where, written)
    only_images = "image" in f"{where} {written}".lower() or "*.jpg" in written
    if "licence" in written:
        assert (page.needs or image.needs) == (f"{SITE}/licence.xml",)
        assert not page.collect
    else:
        assert page.collect if only_images else page.outcome is Outcome.RESERVED
    if where != "response header" or only_images:
        assert not image.collect


def test_a_way_to_refuse_is_shown_for_every_signal_that_creators_write() -> None:
    heard = {
        statement.signal
        for where, written in [*blocks(), *rows()]
        for decision in both(where, written)
        for statement in decision.heard
    }
    # Licence documents are not read here, four others are told in words, and open licences refuse nothing.
    told = {"rsl", "http-status", "paywall", "c2pa", "document-locks"}
    assert heard | told >= set(SIGNALS) - {"denylist", "licence", "oversize"}
    assert {carrier for signal in SIGNALS.values() for carrier in signal.readers} <= set(Carrier)


def test_the_add_on_is_named_as_it_is() -> None:
    assert f"crawler.addon.{OptOutAddon.__name__}" in read("README.md")
