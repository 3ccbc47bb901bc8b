"""The figures as one JSON object, every domain included; written piece by piece, because these may be many.

::

    report   = format about at period total held_back domains contributing kinds signals stages suffixes
               languages periods postures readings literal walls undetermined silent skipped licences
               events domain_list
    format   = 1                  grows when a reader of the old kind would misread the new one

Every other key is a field of :class:`crawler.audit.report.model.Figures`, rows as objects with the fields of
their classes; ``domain_list`` has those of :class:`~crawler.audit.report.model.DomainRow`, most URLs first.
Times are RFC 3339. A count has ``considered``, and a signal ``urls``, beside what they add up.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from crawler.audit.report.model import Count, SignalRow
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from crawler.audit.report.census import Census
    from crawler.audit.report.model import Figures

FORMAT = 1
"""The version of the object."""


def write_json(census: Census, figures: Figures, to: TextIO) -> None:
    """Write the object and a line break."""
    to.write(json.dumps({"format": FORMAT, **plain(figures)})[:-1] + ', "domain_list": [')
    for number, row in enumerate(census.domains()):
        to.write((", " if number else "") + json.dumps(plain(row)))
    to.write("]}\n")


def plain(value: Any) -> Any:
    """A value of the model as JSON types."""
    if is_dataclass(value) and not isinstance(value, type):
        row = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, Count):
            row["considered"] = value.considered
        elif isinstance(value, SignalRow):
            row["urls"] = value.urls
        return row
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return time_to_text(value) if isinstance(value, datetime) else value
