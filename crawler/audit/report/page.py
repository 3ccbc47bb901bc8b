"""HTML files that load nothing and run nothing but our own lines: the frame of every page of a report.

Templates lie in ``templates/`` and extend ``base.html``, which says what it offers. Everything that is printed
is escaped, and characters that control, reorder or hide others become U+FFFD, whoever wrote them: in templates
no value needs care. The Content Security Policy refuses all sources, and of scripts all but the one given here.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.audit.report.cells import visible

TEMPLATES = Path(__file__).parent / "templates"
"""Where the templates are."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def render(template: str, *, script: str | None = None, **context: Any) -> bytes:
    """One page as UTF-8. ``script``: name of the template folder's file that is its only script, inline."""
    policy, code = _POLICY, None
    if script is not None:
        code = (TEMPLATES / script).read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        policy += f"; script-src 'sha256-{digest}'"
    page = _environment().get_template(template)
    return page.render(policy=policy, script=code, **context).encode()


def number(value: int) -> str:
    """``12,345``."""
    return f"{value:,}"


def size(value: int) -> str:
    """``12.3 MB``: decimal units, three digits."""
    if value < 1000:
        return "1 byte" if value == 1 else f"{value} bytes"
    scaled, unit = float(value), 0
    while scaled >= 999.5 and unit < len(_UNITS) - 1:
        scaled, unit = scaled / 1000, unit + 1
    digits = 0 if scaled >= 99.95 else 1
    return f"{scaled:,.{digits}f} {_UNITS[unit]}"


_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def share(part: int, whole: int) -> str:
    """``37%``; never ``0%`` of something, never ``100%`` of less than all."""
    if whole == 0 or part == 0:
        return "0%"
    percent = round(100 * part / whole)
    if part == whole:
        return "100%"
    return "under 1%" if percent < 1 else "over 99%" if percent > 99 else f"{percent}%"


def moment(value: datetime | str) -> str:
    """``22 November 2026, 12:00 UTC``; text that is no RFC 3339 time stays as it is."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    utc = read.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc:%Y, %H:%M} UTC"


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"number": number, "size": size, "share": share, "moment": moment}
    return made


def _shown(value: object) -> object:
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(" ".join(value.splitlines()).replace("\t", " "), "\ufffd")
    return value
