"""What the operator wrote in ``[summary]``: which keys may stand there, and what each must look like.

A key is the name of a field, as in ``synthetic_used = true``; keys that begin alike may share a table, as in
``[summary.synthetic]`` with ``used = true``. A dash is as good as an underscore. Besides what its form asks
for, any key but one that asks yes or no takes ``"not applicable"``, and one that the corpus drafts an answer to
takes ``"confirmed"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from crawler.audit.report.answer import Answer, Source, Table, Ticks, Value
from crawler.audit.report.request import ReportError
from crawler.audit.report.template import DATASET_KEYS, MODALITIES, Field, Form, Who

PLACE = "heedful.toml [summary]"
"""Where the operator writes."""

CONFIRMED = "confirmed"
"""What stands for the answer that the corpus drafts."""

_NONE = ("not applicable", "n/a", "none")
_ASKED = {
    Form.TEXT: 'words in quotes, or "not applicable"',
    Form.YES_NO: "true or false",
    Form.LIST: 'a list of words, such as ["one", "two"]',
    Form.DATE: 'a date such as 2026-11-22, or a month such as "11/2026"',
    Form.MODALITIES: f"a list of {', '.join(MODALITIES)}",
    Form.DATASETS: f"a list of names, or of tables with {', '.join(DATASET_KEYS)}",
}


class SummaryError(ReportError):
    """What the operator wrote cannot be used: one sentence says what, where, and what to do. Exit code 2."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """What the operator wrote, read."""

    values: Mapping[str, Value]
    """By name of the field."""
    none: frozenset[str] = frozenset()
    """Fields of which the operator says that they do not apply."""
    confirmed: frozenset[str] = frozenset()
    """Drafts that the operator stands by."""

    def yes(self, name: str) -> bool | None:
        """What was answered to a yes/no field; None: nothing."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else None

    def text(self, name: str) -> str | None:
        """What was written in a text field; None: nothing."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def answer(self, field: Field) -> Answer | None:
        """The operator's answer; None: there is none, or it is that the draft is right."""
        if field.name in self.none:
            return Answer(field=field, source=Source.NONE, value="Not applicable, says the operator.")
        if field.name in self.values:
            return Answer(field=field, source=Source.OPERATOR, value=self.values[field.name])
        return None


def read(written: Mapping[str, Any], known: Iterable[Field]) -> Filled:
    """``[summary]`` as the fields of all documents (``known``) ask for; raises :class:`SummaryError`."""
    by_name = {field.name: field for field in known if field.key}
    values: dict[str, Value] = {}
    none, confirmed = set(), set()
    for key, name, raw in _flat(written, by_name):
        if name in values or name in none or name in confirmed:
            raise SummaryError(f"{PLACE}: {key} is written twice")
        field = by_name[name]
        if isinstance(raw, str) and field.form is not Form.YES_NO and raw.strip().lower() in _NONE:
            # "none" is an answer to "which other crawlers?", not a way out of the question.
            if raw.strip().lower() == "none" and field.form is Form.TEXT:
                values[name] = "None"
            else:
                none.add(name)
        elif field.who is Who.DRAFT and isinstance(raw, str) and raw.strip().lower() == CONFIRMED:
            confirmed.add(name)
        else:
            values[name] = _value(key, field.form, raw)
    return Filled(values=values, none=frozenset(none), confirmed=frozenset(confirmed))


def _flat(
    written: Mapping[str, Any], known: Mapping[str, Field], before: str = ""
) -> Iterable[tuple[str, str, Any]]:
    """Every key as it is written, the field it names, and its value."""
    for key, raw in written.items():
        shown = f"{before}{key}"
        name = shown.replace(".", "_").replace("-", "_")
        if name in known:
            yield shown, name, raw
        elif isinstance(raw, Mapping) and any(one.startswith(name + "_") for one in known):
            yield from _flat(raw, known, shown + ".")
        else:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            perhaps = f"; perhaps {near[0]}" if near else ""
            raise SummaryError(
                f"{PLACE}: there is no key {shown[:100]}{perhaps} (all keys: docs/eu-summary.md)"
            )


def _value(key: str, form: Form, raw: Any) -> Value:
    value = _READERS[form](raw)
    if value is None:
        raise SummaryError(f"{PLACE}: {key[:100]} is {_said(raw)}; write {_ASKED[form]}")
    return value


def _said(raw: Any) -> str:
    names = {
        bool: "true or false",
        str: "words",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return "empty" if raw in ("", [], {}) else names.get(type(raw), "a date or time")


def _text(raw: Any) -> str | None:
    return raw.strip() if isinstance(raw, str) and raw.strip() else None


def _yes_no(raw: Any) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _list(raw: Any) -> tuple[str, ...] | None:
    rows = [_text(one) for one in ([raw] if isinstance(raw, str) else raw if isinstance(raw, list) else [])]
    read = tuple(row for row in rows if row is not None)
    return read if rows and len(read) == len(rows) else None


def _date(raw: Any) -> str | None:
    if isinstance(raw, date | datetime):
        return f"{raw:%d/%m/%Y}"
    words = _text(raw) or ""
    for form, shown in _DATES.items():
        with suppress(ValueError):
            return datetime.strptime(words, form).strftime(shown)
    return None


def _modalities(raw: Any) -> Ticks | None:
    chosen = frozenset(_list(raw) or ())
    return Ticks(choices=MODALITIES, chosen=chosen) if chosen and chosen <= set(MODALITIES) else None


def _datasets(raw: Any) -> Table | None:
    if not isinstance(raw, list) or not raw:
        return None
    rows = [{"name": one} if isinstance(one, str) else one for one in raw]
    for row in rows:
        if not isinstance(row, Mapping) or not set(row) <= set(DATASET_KEYS) or not _text(row.get("name")):
            return None
        if not all(isinstance(value, str) for value in row.values()):
            return None
    cells = tuple(tuple(str(row.get(key, "")) for key in DATASET_KEYS) for row in rows)
    return Table(columns=DATASET_KEYS, rows=cells)


_DATES = {"%d/%m/%Y": "%d/%m/%Y", "%Y-%m-%d": "%d/%m/%Y", "%m/%Y": "%m/%Y", "%Y-%m": "%m/%Y"}
# How a day or a month may be written, and how the template has it.

_READERS = {
    Form.TEXT: _text,
    Form.YES_NO: _yes_no,
    Form.LIST: _list,
    Form.DATE: _date,
    Form.MODALITIES: _modalities,
    Form.DATASETS: _datasets,
}
