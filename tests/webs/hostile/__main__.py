"""Writes the table into ``docs/hostile-web.md``."""

from __future__ import annotations

from pathlib import Path

from tests.webs.hostile.page import BEGIN, END, table

PAGE = Path(__file__).parents[3] / "docs" / "hostile-web.md"


def main() -> None:
    """Put the table between its two lines."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
