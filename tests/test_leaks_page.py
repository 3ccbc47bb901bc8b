"""docs/leaks.md and the leak suite name the same situations, and the script fills the page from decisions."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from benchmarks import leaks
from tests.webs import LEAKS, PEER_SITUATIONS

PAGE = Path(__file__).parents[1] / "docs" / "leaks.md"


def rows(page: str) -> dict[str, list[str]]:
    """Cells of the table's rows by their first cell."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines()]
    return {row[0]: row[1:] for row in cells if len(row) == 7}


def log(*, kept: frozenset[str] = frozenset()) -> list[str]:
    """Decisions that say of every situation what its row asks for, but keep the pages of ``kept``."""
    return [
        json.dumps(
            {
                "url": f"http://{at.replace('/', ':8181/', 1)}",
                "outcome": "unreserved" if at in kept else (expect.outcome or "reserved"),
                "collect": at in kept or expect.kept,
                "grounds": [{"signal": expect.signal}] if expect.signal and at not in kept else [],
            }
        )
        for leak in LEAKS
        for at, expect in leak.expectations.items()
    ]


def test_the_page_has_a_row_for_each_situation_and_counts_them_right() -> None:
    table = rows(PAGE.read_text(encoding="utf-8"))
    assert [name for name in table if name in PEER_SITUATIONS] == list(PEER_SITUATIONS)
    for column in range(5):
        counted = sum(table[name][column] == "**kept**" for name in PEER_SITUATIONS)
        assert table[leaks.TOTAL][column] == str(counted)


def test_decisions_as_the_rows_ask_leave_nothing_to_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "leaks.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(log())))
    assert leaks.main(["fill", str(page)]) == 0
    said = capsys.readouterr().out.strip()
    assert re.fullmatch(r"\d+ pages and images in \d+ situations, 0 leaked", said)
    table = rows(page.read_text(encoding="utf-8"))
    assert {table[name][5] for name in PEER_SITUATIONS} == {"dropped"}
    assert table[leaks.TOTAL][5] == "0"


def test_a_leak_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    leak = next(row for row in LEAKS if row.peer == "meta: robots noai")
    page = tmp_path / "leaks.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(log(kept=frozenset({leak.page_at})))))
    assert leaks.main(["fill", str(page)]) == 1
    assert f"LEAK  {leak.page_at}: unreserved, should be reserved by robots-meta" in capsys.readouterr().out
    table = rows(page.read_text(encoding="utf-8"))
    assert table[leak.peer][5] == "**kept**"
    assert table[leaks.TOTAL][5] == "1"


def test_what_was_not_decided_stays_open() -> None:
    found = leaks.verdicts(leaks.last_decisions([]))
    assert set(found.values()) == {"–"}
    assert rows(leaks.filled(PAGE.read_text(encoding="utf-8"), found))[leaks.TOTAL][5] == "–"
    assert not any(leaked for leaked, _ in leaks.differences({}))


def test_no_decisions_at_all_are_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "leaks.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(SystemExit, match="no decisions"):
        leaks.main(["fill", str(page)])
    assert page.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")
    assert capsys.readouterr().out == ""


def test_the_last_decision_on_a_url_counts() -> None:
    leak = next(row for row in LEAKS if row.peer)
    first, last = (
        json.dumps({"url": f"http://{leak.page_at}", "collect": collect, "outcome": "", "grounds": []})
        for collect in (True, False)
    )
    assert leaks.verdicts(leaks.last_decisions([first, "", last]))[leak.peer] == "dropped"


def test_a_page_without_the_row_is_refused() -> None:
    with pytest.raises(ValueError, match="0 rows for"):
        leaks.filled("", {PEER_SITUATIONS[0]: "kept"})
