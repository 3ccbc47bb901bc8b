"""Who may import whom: every module of ours against the table in ``docs/layers.md``."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from crawler.cli.app import COMMANDS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "layers.md"


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One row of the table."""

    ours: frozenset[str]
    outside: frozenset[str]
    later: frozenset[str]


@dataclass(frozen=True)
class Import:
    """One import as it is written."""

    name: str
    line: int
    later: bool


def table() -> dict[str, Layer]:
    """Module → row. A cell lists names in backquotes, or says that anything goes."""
    rows = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0].startswith("`"):
            ours, outside, later = (
                frozenset(re.findall(r"`([\w.]+)`", cell)) | ({"anything"} if cell == "anything" else set())
                for cell in cells[1:]
            )
            rows[cells[0].strip("`")] = Layer(ours=ours, outside=outside, later=later)
    return rows


LAYERS = table()


def module_of(path: Path) -> str:
    """Its dotted name relative to ``crawler``; ``crawler`` for the package itself."""
    parts = path.relative_to(ROOT / "crawler").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "crawler"


MODULES = {module_of(path): path for path in sorted((ROOT / "crawler").rglob("*.py"))}
PROFILES = sorted((ROOT / "settings").glob("*.py"))


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    return tuple(_walk(ast.parse(path.read_text("utf-8")), later=False))


def _walk(node: ast.AST, *, later: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import():
                yield from (Import(name.name, child.lineno, later) for name in child.names)
            case ast.ImportFrom():
                assert child.level == 0, "a relative import hides where a name comes from"
                assert child.module is not None
                for name in child.names:
                    # "from crawler.corpus import index" is about crawler.corpus.index.
                    inner = f"{child.module}.{name.name}"
                    is_module = inner.removeprefix("crawler.") in MODULES
                    yield Import(inner if is_module else child.module, child.lineno, later)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass  # nothing is loaded
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                yield from _walk(child, later=True)
            case _:
                yield from _walk(child, later=later)


def covers(name: str, module: str) -> bool:
    """Whether an entry of the table speaks for ``module``."""
    return name == module or module.startswith(name + ".")


def row_of(module: str) -> str:
    return max((name for name in LAYERS if covers(name, module)), key=len, default="")


def may(module: str, imported: Import) -> bool:
    """Whether the table lets ``module`` import this."""
    top, _, rest = imported.name.partition(".")
    layer = LAYERS[row_of(module)]
    if top in sys.stdlib_module_names:
        return True
    if top != "crawler":
        return top in layer.outside | (layer.later if imported.later else frozenset())
    allowed = layer.ours | (layer.later if imported.later else frozenset())
    return "anything" in allowed or any(covers(name, rest or "crawler") for name in allowed)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_what_its_row_allows(module: str) -> None:
    row = row_of(module)
    assert row, f"{PAGE.name} has no row for {module}"
    wrong = [imported for imported in imports_of(MODULES[module]) if not may(module, imported)]
    assert not wrong, f"{module} belongs to {row}"


def test_no_signal_imports_another() -> None:
    for module, path in MODULES.items():
        if module.startswith("optout.signals"):
            assert not [
                imported for imported in imports_of(path) if imported.name.startswith("crawler.optout.signals")
            ], module


@pytest.mark.parametrize("path", PROFILES, ids=[path.stem for path in PROFILES])
def test_settings_import_nothing_but_settings(path: Path) -> None:
    tops = {imported.name.partition(".")[0] for imported in imports_of(path)}
    assert tops <= {"settings", "__future__"}


def test_the_table_has_no_row_and_no_name_that_is_not_used() -> None:
    for name, layer in LAYERS.items():
        members = [module for module in MODULES if row_of(module) == name]
        assert members or name == "settings", f"no module belongs to {name}"
        written = [imported.name for module in members for imported in imports_of(MODULES[module])]
        for entry in (layer.ours - {"anything", "crawler"}) | layer.outside | layer.later - {"anything"}:
            used = any(covers(entry, one) or covers(f"crawler.{entry}", one) for one in written)
            assert used or name == "settings", f"{name} does not use {entry}"


@pytest.mark.parametrize("path", [*MODULES.values(), *PROFILES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is(path: Path) -> None:
    words = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert words
    assert words.split("\n", 1)[0].rstrip().endswith((".", ":", ",", "?", "``")) or "\n" in words, words


# What is really loaded


def loaded_by(statement: str) -> set[str]:
    """Every module that a fresh interpreter holds after ``statement``."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(ended.stdout.split())


def tops(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


NETWORK = {"scrapy", "twisted", "asyncio", "ssl", "http.client", "urllib.request"}
STORAGE = {"sqlite3", "fastwarc", "msgspec", "isal"}
PARSERS = {"lxml", "selectolax", "protego", "http_sf"}


def test_the_gate_loads_no_network_no_storage_and_nothing_else_of_ours() -> None:
    modules = loaded_by("import crawler.optout.gate")
    assert not modules & (NETWORK | STORAGE)
    assert {module for module in modules if covers("crawler", module)} == {
        "crawler",
        *(f"crawler.{name}" for name in MODULES if covers("optout", name) and f"crawler.{name}" in modules),
    }


@pytest.mark.parametrize("part", ["audit.ledger", "corpus.corpus", "corpus.journal"])
def test_what_is_kept_can_be_read_without_network_and_without_parsers(part: str) -> None:
    modules = loaded_by(f"import crawler.{part}")
    assert not modules & NETWORK
    assert not tops(modules) & PARSERS


def test_no_command_loads_scrapy_before_it_fetches() -> None:
    names = ", ".join(f"crawler.cli.{name}" for name in COMMANDS)
    assert not tops(loaded_by(f"import {names}")) & {"scrapy", "twisted", "lxml"}


def test_the_names_of_the_gate_are_found_when_they_are_used() -> None:
    assert "crawler.optout.gate" not in loaded_by("import crawler.optout")
    assert "crawler.optout.gate" in loaded_by("from crawler.optout import Gate, Policy, SIGNALS")
    ended = subprocess.run(
        [sys.executable, "-c", "from crawler.optout import Nothing"], capture_output=True, text=True, timeout=60
    )
    assert "cannot import name 'Nothing'" in ended.stderr
