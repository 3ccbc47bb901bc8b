"""``heedful.json``: what a corpus is, and the runs that made it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from crawler.corpus.errors import NotACorpus
from crawler.optout.model import Posture, Purpose, Reading

FORMAT = 2
"""Grows when a corpus of the new kind could not be read by an older version."""
SEAL = "manifest "
"""What the line of a checkpoint begins with that names the manifest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who collects, what for and how strictly."""

    operator: str | None
    """Name of who runs the crawl."""
    contact: str
    """Mail address or URL under which the operator can be asked."""
    tokens: tuple[str, ...]
    """Product tokens, lower case; the first is the one in the User-Agent."""
    purposes: tuple[Purpose, ...]
    """Declared purposes, sorted."""
    posture: Posture
    """Keep what nobody objected to, or only what was permitted."""
    reading: Reading
    """How statements are read."""
    reason: str | None
    """Why strictness was lowered, in the operator's words; None: it was not."""
    policy: str
    """Digest of everything of ours that decisions depend on: ``sha256:…``."""

    def differences(self, other: Identity) -> list[str]:
        """What ``other`` has differently among the things that are fixed for a corpus, in words."""
        return [
            f"{name} is {_words(fixed)}, this run has {_words(given)}"
            for name, fixed, given in (
                ("tokens", set(self.tokens), set(other.tokens)),
                ("purposes", set(self.purposes), set(other.purposes)),
                ("posture", {self.posture}, {other.posture}),
                ("reading", {self.reading}, {other.reading}),
            )
            if fixed != given
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run of the crawler on the corpus."""

    id: str
    """Its name in the ledger."""
    started: datetime
    """When it began, UTC."""
    ended: datetime | None = None
    """When it ended, UTC; None: it is running, or was killed."""
    seeds: tuple[str, ...] = ()
    """Where it began, as given on the command line."""
    settings: Mapping[str, Any]
    """Every setting that was made."""
    policy: str
    """Digest of what its decisions depend on."""
    versions: Mapping[str, str]
    """Versions of the programs that made it."""
    checked: Mapping[str, Any] = field(default_factory=dict)
    """What it was found to run with when it began, see :mod:`crawler.corpus.checked`; empty: it never began, or
    an older version made it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key that signs the ledger's checkpoints."""

    vkey: str
    """Its public half, as :mod:`crawler.audit.note` writes it."""
    since: datetime
    """When it was first used, UTC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """The content of ``heedful.json``."""

    format: int = FORMAT
    """Version of the folder's layout."""
    created: datetime
    """When the corpus was begun, UTC."""
    log: str
    """Name of its ledger: 16 random bytes, hexadecimal."""
    identity: Identity
    """Who collects, as of the last run."""
    versions: Mapping[str, str]
    """Versions of the programs that opened it last."""
    keys: tuple[Key, ...] = ()
    """Keys that signed checkpoints, in the order of their first use."""
    runs: tuple[Run, ...] = ()
    """Its runs, oldest first."""

    @property
    def origin(self) -> str:
        """First line of the checkpoints of its ledger."""
        return f"heedful/{self.log}"

    @property
    def seal(self) -> str:
        """The line of a checkpoint that says what the file holds: ``manifest`` and its SHA-256, hexadecimal."""
        return f"{SEAL}{hashlib.sha256(format_manifest(self)).hexdigest()}"


def run_name(at: datetime) -> str:
    """A name that nothing else has that writes to the ledger, of a run that begins at ``at``."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def format_manifest(manifest: Manifest) -> bytes:
    """The file, for people to read too. The identity's fields stand at the top level."""
    plain: dict[str, Any] = msgspec.to_builtins(manifest)
    identity = plain.pop("identity")
    for run in plain["runs"]:
        if not run["checked"]:  # as older versions wrote it, so that what they signed still is what it was
            del run["checked"]
    head = {key: plain.pop(key) for key in ("format", "created", "log")}
    return msgspec.json.format(msgspec.json.encode(head | identity | plain), indent=2) + b"\n"


def parse_manifest(data: bytes, where: str) -> Manifest:
    """The inverse of :func:`format_manifest`; raises ``NotACorpus``, naming ``where``."""
    try:
        plain = msgspec.json.decode(data, type=dict[str, Any])
        if plain.get("format") != FORMAT:
            raise NotACorpus(f"{where} has format {plain.get('format')!r:.40}, this version reads {FORMAT}")
        return msgspec.convert(plain | {"identity": plain}, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotACorpus(f"{where} cannot be read: {error}") from error


def _words(values: set[Any]) -> str:
    return ", ".join(sorted(map(str, values)))
