"""What the two processes say to each other: MessagePack in frames, each after its length in four octets.

Nothing in a frame can name code. After a :class:`Job` with a size come that many octets of body, bare.
"""

from __future__ import annotations

from typing import Any

import msgspec

LONGEST = 48 * 1024 * 1024
"""Octets of a frame; what announces more is no frame of ours."""

PREFIX = 4
"""Octets of a frame's length, big-endian."""


class Begin(msgspec.Struct, frozen=True, tag=True):
    """The first frame to a child."""

    anchors: str
    """Certificates of those whose signed permissions are believed."""


class Job(msgspec.Struct, frozen=True, tag=True):
    """Something to parse."""

    name: str
    """Which syntax."""
    url: str
    """Where the bytes are from."""
    headers: tuple[tuple[str, str], ...]
    """The header lines they came with."""
    size: int | None
    """How many octets follow; None: the same body as for the job before."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The child has its limits and waits for jobs."""


class Began(msgspec.Struct, frozen=True, tag=True):
    """All of a job has arrived, and its time runs."""


class Found(msgspec.Struct, frozen=True, tag=True):
    """What became of a job."""

    result: msgspec.Raw
    """The result, for whoever knows its type."""
    last: bool
    """Whether the child has grown or served enough, and wants no more."""


ToChild = Begin | Job
FromChild = Ready | Began | Found

decode_to_child = msgspec.msgpack.Decoder(ToChild).decode
decode_from_child = msgspec.msgpack.Decoder(FromChild).decode


def framed(message: Any) -> bytes:
    """A message as a frame. Raises ``ValueError`` when it is too long."""
    content = msgspec.msgpack.encode(message)
    if len(content) > LONGEST:
        raise ValueError(f"more than {LONGEST} octets")
    return len(content).to_bytes(PREFIX, "big") + content
