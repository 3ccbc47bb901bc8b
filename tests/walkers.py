"""Walks over whatever a command wrote, by its form, and raises where a stranger's words became more than words.

What ``tests/strangers.py`` says has ``evil`` in every name that could become an element, an attribute, a key, a
link or a file; nothing of ours has.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tarfile
import unicodedata
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from lxml import etree
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from tests.strangers import EVIL

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of what controls, reorders, hides or breaks off."""
RICH = re.compile(r"\x1b\[[0-9;]*[ABKm]|\x1b\[\?25[lh]|\r")
"""What draws a table on a terminal: colours, cursor up, line erased, cursor hidden."""
NAME = re.compile(r"\.?[A-Za-z0-9][A-Za-z0-9._-]*")
"""A file name of ours."""
LEADING = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


DOWNLOAD = "data:text/csv;charset=utf-8;base64,"
"""How a page of ours carries a table along."""


def check_plain(words: str, apart: str = "\n") -> None:
    """Text for people: no character that is not one, ``apart`` from these."""
    for line in words.split("\n"):
        found = {
            f"U+{ord(one):04X}" for one in line if one not in apart and unicodedata.category(one) in HIDDEN
        }
        assert not found, (found, line[:300])


def check_terminal(words: str) -> None:
    """What a terminal got: nothing but what draws a table of ours."""
    assert "38;5;201" not in words, "a stranger's colour"
    check_plain(RICH.sub("", words))


def check_json(data: str) -> Any:
    """One document: no raw control character in it, and read and written it stays what it is."""
    check_plain(data)
    read = json.loads(data)
    assert json.loads(json.dumps(read)) == read
    return read


def check_json_lines(data: str) -> list[Any]:
    """One object a line, each of them a line and no more."""
    assert data == "" or data.endswith("\n")
    rows = [check_json(line) for line in data.split("\n")[:-1]]
    assert all(isinstance(row, dict) for row in rows)
    return rows


def check_html(data: str) -> None:
    """A page: no element, attribute, comment, script or URL that a stranger's words made."""
    check_plain(data)
    tree = LexborHTMLParser(data)
    for node in tree.root.traverse(include_text=True):
        if node.tag == "-comment":
            assert EVIL not in node.html, node.html
        if node.tag.startswith("-"):
            continue
        assert EVIL not in node.tag
        assert node.tag not in ("base", "iframe", "object", "embed", "form", "frame", "applet"), node.tag
        if node.tag == "script":
            kind = (node.attributes.get("type") or "").lower()
            assert "json" in kind or EVIL not in node.text(), "a stranger's script"
            if "json" in kind:
                json.loads(node.text())
        if node.tag == "style":
            assert EVIL not in node.text()
        for name, value in node.attributes.items():
            assert not name.startswith("on"), (node.tag, name)
            assert EVIL not in name
            if name in ("href", "src", "action", "srcset", "poster", "data", "xlink:href", "formaction"):
                check_url(value or "")
            if name == "style":
                assert EVIL not in (value or "")
            if name == "http-equiv":
                assert (value or "").lower() != "refresh"


def check_url(url: str) -> None:
    """Where a link leads: nothing that runs, and no place of a stranger's choosing."""
    if url == "data:,":  # the icon of our pages: none
        return
    if url.startswith(DOWNLOAD):
        return check_csv(b64decode(url.removeprefix(DOWNLOAD)).decode())
    bare = "".join(one for one in url if one > " ").lower()
    scheme = re.match(r"[a-z][a-z0-9+.-]*:", bare)
    assert scheme is None or scheme[0] in ("http:", "https:", "mailto:"), url
    assert not bare.startswith(("http://evil-link", "//evil-link")), url


def check_markdown(data: str, front: bool = False) -> None:
    """Markdown as CommonMark and its tables render it; ``front``: a YAML head stands before it."""
    check_plain(data)
    if front:
        blank, head, data = re.split(r"^---\n", data, maxsplit=2, flags=re.MULTILINE)
        assert blank == ""
        assert EVIL not in " ".join(map(str, yaml.safe_load(head)))
    made = MarkdownIt("commonmark", {"html": True}).enable("table").render(data)
    check_html(made)
    for node in LexborHTMLParser(made).css("h1, h2, h3, h4, h5, h6"):
        assert not node.text().startswith("evil heading"), node.html


def check_csv(data: str) -> None:
    """Rows of one width, and no cell that a spreadsheet takes for a formula."""
    check_plain(data, "\r\n")
    rows = list(csv.reader(io.StringIO(data, newline=""), strict=True))
    assert rows
    assert {len(row) for row in rows if row} == {len(rows[0])}
    for row in rows:
        for cell in row:
            check_plain(cell, "")
            number = re.fullmatch(r"-?\d+(\.\d+)?", cell)
            assert number or not cell.lstrip(" ").startswith(LEADING), cell


def check_xml(data: bytes) -> None:
    """A feed: elements of Atom and of XHTML without anything that runs."""
    check_plain(data.decode())
    for node in etree.fromstring(data, etree.XMLParser(resolve_entities=False)).iter():
        assert isinstance(node.tag, str), "a comment or an instruction"
        assert EVIL not in node.tag
        for name, value in node.attrib.items():
            assert not name.startswith("on")
            if name in ("href", "src"):
                check_url(value)


def check_file(path: Path, data: bytes) -> None:
    """A file by the ending of its name."""
    text = data.decode("utf-8") if path.suffix in TEXTS else ""
    if path.name == "README.md":
        check_markdown(text, front=text.startswith("---\n"))
    elif ".heedful" in path.parts:  # what the export remembers of its shards; nobody else reads it
        assert path.suffix == ".json" or path.name == "lock", path
    elif path.suffix in TEXTS:
        TEXTS[path.suffix](text)
    elif path.suffix in (".atom", ".xml"):
        check_xml(data)
    elif path.suffix == ".zip":
        for name, part in members_of_zip(data):
            check_names(Path(name))
            check_file(Path(name), part)
    elif path.suffix == ".tar":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                assert member.isfile()
                check_names(Path(member.name))
                if member.name.endswith(".txt"):  # the text itself, which is what was collected
                    continue
                check_file(Path(member.name), tar.extractfile(member).read())  # type: ignore[union-attr]
    else:
        assert path.suffix in OPAQUE or path.name in NAMED, f"nobody looks into {path}"


TEXTS: dict[str, Callable[[str], object]] = {
    ".html": check_html,
    ".md": check_markdown,
    ".csv": check_csv,
    ".json": lambda text: check_json(text),
    ".jsonl": check_json_lines,
    ".txt": check_plain,
    ".pub": check_plain,
}
"""How a text is looked into."""
OPAQUE = frozenset({".parquet", ".png", ".jpg", ".tsr", ".pem", ".gz", ".zst"})
"""What is no text."""
NAMED = frozenset({"SHA256SUMS", "checkpoint", "checkpoints"})


def members_of_zip(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of what is in a ZIP."""
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        for info in pack.infolist():
            if not info.is_dir():
                yield info.filename, pack.read(info)


def check_names(path: Path) -> None:
    """A path that only we named."""
    assert not path.is_absolute()
    for part in path.parts:
        assert NAME.fullmatch(part), path
        assert EVIL not in part, path


def check_folder(folder: Path) -> int:
    """Every file below ``folder``; returns how many there were."""
    number = 0
    for path in sorted(folder.rglob("*")):
        check_names(path.relative_to(folder))
        if path.is_file():
            check_file(path, path.read_bytes())
            number += 1
    return number
