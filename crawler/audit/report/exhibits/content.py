"""What is held: its languages and its licences."""

from __future__ import annotations

from crawler.audit.report.charts import Bar, Series
from crawler.audit.report.exhibits.frame import Exhibit, exhibit
from crawler.audit.report.languages import UNMEASURED
from crawler.audit.report.model import Figures
from crawler.audit.report.page import number, size
from crawler.audit.wording import count


def languages(figures: Figures) -> Exhibit:
    """Languages of pages and documents."""
    rows = figures.languages
    known = [row for row in rows if row.language != UNMEASURED]
    caption = "Nobody looked at the languages of what is held."
    if known:
        caption = (
            f"Most text is in: {known[0].name}, {count(known[0].items, 'item')} with "
            f"{count(known[0].words, 'word')}. Languages are told from the words by a model, not by what a "
            "page says about itself."
        )
    return exhibit(
        id="languages",
        title="Languages of pages and documents",
        caption=caption,
        empty="No page or document is held.",
        series=(Series(key="kept", name="pages and documents"),),
        bars=[
            Bar(
                label=row.name,
                parts=(row.items,),
                value=number(row.items)
                if row.language == UNMEASURED
                else f"{number(row.items)} · {count(row.words, 'word')}",
            )
            for row in rows
        ],
        head=("language", "name", "pages and documents", "bytes of text", "words"),
        rows=[(row.language, row.name, row.items, row.text_bytes, row.words) for row in rows],
        noun="language",
    )


def licences(figures: Figures) -> Exhibit:
    """Licences that what is held names."""
    rows = figures.licences
    items = sum(row.items for row in rows)
    accepted = sum(row.accepted for row in rows)
    return exhibit(
        id="licences",
        title="Licences of what is held",
        caption=f"{count(items, 'item')} held {'names' if items == 1 else 'name'} a licence; for "
        f"{number(accepted)} an accepted licence or permission is bound to the very item.",
        empty="Nothing that is held names a licence.",
        series=(
            Series(key="granted", name="accepted, and bound to the item"),
            Series(key="silent", name="named only"),
        ),
        bars=[
            Bar(
                label=row.licence,
                parts=(row.accepted, row.items - row.accepted),
                value=f"{number(row.items)} · {size(row.bytes)}",
            )
            for row in rows
        ],
        head=("licence", "items", "accepted", "bytes"),
        rows=[(row.licence, row.items, row.accepted, row.bytes) for row in rows],
        noun="licence",
    )
