"""What a reader of words and its worker say to each other: JSON in frames, each after its length.

Nothing in a frame can name code.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from crawler.text.model import Unread, Words

PREFIX = 4
"""Octets of a frame's length, big-endian."""

LONGEST = 256 * 1024 * 1024
"""Octets of a frame; what announces more is no frame of ours."""


def framed(message: Any) -> bytes:
    """A message as a frame. Raises ``ValueError`` when it is too long."""
    content = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(content) > LONGEST:
        raise ValueError(f"more than {LONGEST} octets")
    return len(content).to_bytes(PREFIX, "big") + content


def frames(heard: bytearray) -> Iterator[Any]:
    """The messages that ``heard`` begins with, taken out of it. Raises ``ValueError`` for anything else."""
    while len(heard) >= PREFIX:
        size = int.from_bytes(heard[:PREFIX], "big")
        if size > LONGEST:
            raise ValueError("no frame")
        if len(heard) < PREFIX + size:
            return
        content = bytes(heard[PREFIX : PREFIX + size])
        del heard[: PREFIX + size]
        yield json.loads(content)


def to_plain(result: Words | Unread) -> dict[str, Any]:
    """A result as JSON can say it."""
    plain = asdict(result)
    if isinstance(result, Words) and result.sketch is not None:
        plain["sketch"] = base64.b64encode(result.sketch).decode("ascii")
    return plain


def from_plain(plain: Any) -> Words | Unread:
    """The inverse of :func:`to_plain`. Raises ``ValueError``."""
    try:
        if "reason" in plain:
            return Unread(reason=str(plain["reason"]), damaged=bool(plain["damaged"]))
        values = {field.name: plain[field.name] for field in fields(Words)}
        if values["sketch"] is not None:
            values["sketch"] = base64.b64decode(values["sketch"], validate=True)
        return Words(**values)
    except (KeyError, TypeError) as error:
        raise ValueError("no result") from error
