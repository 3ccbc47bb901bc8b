"""What the two processes say to each other: MessagePack in frames, each after its length in four octets.

Nothing in a frame can name code. After a :class:`Job` with a size come that many octets of body, bare.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from crawler.optout.model import Asset, Capture, Hop

LONGEST = 48 * 1024 * 1024
"""Octets of a frame; what announces more is no frame of ours."""

EXAMINE = "examine"
"""The name of the job that asks everything of a content, in place of one syntax."""

PREFIX = 4
"""Octets of a frame's length, big-endian."""


class Begin(msgspec.Struct, frozen=True, tag=True):
    """The first frame to a child."""

    anchors: str
    """Certificates of those whose signed permissions are believed."""
    agents: tuple[str, ...] = ("",)
    """Our product tokens."""
    signals: tuple[str, ...] = ()
    """The names of the signals that are heard."""
    commercial: bool = True
    """Whether the run is commercial, as licences mean it."""
    country: str | None = None
    """Where the operator is, for licences that ask."""


class Answer(msgspec.Struct, frozen=True):
    """A capture as it travels."""

    url: str
    """As in :class:`~crawler.optout.model.Capture`, like all that follows."""
    status: int | None
    at: datetime
    headers: tuple[tuple[str, str], ...]
    hops: tuple[Hop, ...]
    complete: bool
    failure: str | None
    body: bytes = b""
    """Empty where the body follows on its own."""

    @classmethod
    def of(cls, capture: Capture, body: bytes = b"") -> Answer:
        """All of ``capture`` but its body."""
        return cls(
            capture.url, capture.status, capture.at, capture.headers, capture.hops, capture.complete,
            capture.failure, body,
        )  # fmt: skip

    def capture(self, body: bytes) -> Capture:
        """The capture, with this body."""
        return Capture(
            url=self.url,
            status=self.status,
            at=self.at,
            headers=self.headers,
            body=body,
            hops=self.hops,
            complete=self.complete,
            failure=self.failure,
        )


class Job(msgspec.Struct, frozen=True, tag=True):
    """Something to parse."""

    name: str
    """Which syntax, or :data:`EXAMINE`."""
    answer: Answer
    """What came, without its body."""
    size: int | None
    """How many octets follow; None: the same body as for the job before."""
    seconds: float
    """After how long the child ends itself, should nobody else do it."""
    asset: Asset | None = None
    """To examine: what the content is of."""
    documents: tuple[tuple[str, Answer], ...] = ()
    """To examine: the second documents that are there, by the URL they were asked under, with their bodies."""


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
