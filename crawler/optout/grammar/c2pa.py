"""C2PA manifests of one file: who says what about mining and training, and whether the signer is believed.

C2PA 2.2 (https://spec.c2pa.org/specifications/specifications/2.2/specs/C2PA_Specification.html), validated by
``c2pa-python``, which is told to ask nobody: no remote manifest, no OCSP, no host allowed at all, no built-in
list of whom to trust. What it cannot validate, or refuses to read, is read once more by our own walk over the
boxes (:mod:`~crawler.optout.grammar.jumbf`), because a creator's reservation survives a broken signature.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crawler.optout.grammar.container.walk import metadata_of
from crawler.optout.grammar.jumbf import (
    METADATA,
    MOST_TOLD,
    STORE,
    TRAINING,
    Manifest,
    Store,
    Told,
    as_json,
    first_store,
    kept_elsewhere,
    read_store,
    speaking,
)
from crawler.optout.grammar.sniff import TEXT_TYPES, picture
from crawler.optout.grammar.zip import Archive
from crawler.optout.model import Capture, Malformed

if TYPE_CHECKING:
    from c2pa import Context

SETTINGS: dict[str, dict[str, Any]] = {
    "verify": {
        "remote_manifest_fetch": False,  # on by default: a URL in the file would be fetched
        "ocsp_fetch": False,
        "verify_trust": True,
    },
    "core": {
        "allowed_network_hosts": [],  # none; the default is any
        "decode_identity_assertions": False,  # on by default: some identities are looked up
        "max_decompressed_manifest_size_in_mb": 32,
    },
}
"""What ``c2pa-python`` is told beside the trust anchors."""

MOST_STORES = 8
"""Manifest stores of one file that are read."""
MOST_ARCHIVED = 4 << 20
"""Octets of a store in an archive that are read."""
MOST_JSON = 64 << 20
"""Characters of the library's report that are read."""
MOST_ERROR = 4_096
"""Characters of the library's error that are read; the address of a remote manifest is in it."""
MOST_WORDS = 200
"""Characters of it that are quoted."""

_READ = frozenset(
    {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/heic", "image/heif"}
    | {"image/jxl", "image/tiff", "image/svg+xml", "application/pdf"}
)
"""What the library reads of the types that we collect. It also reads archives, but no compressed ones."""
_RASTER = _READ - {"application/pdf", "image/svg+xml"}
"""What holds a store as it is, or where a walk over the file finds it; four letters are slow to look for."""
_ARCHIVE = b"PK\x03\x04"
_REMOTE = "Remote:"
"""How the library's error begins where the file names a manifest that is kept elsewhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assertion:
    """One assertion that may speak of rights."""

    label: str
    """Its label: ``cawg.training-mining``, ``cawg.metadata``, with the number that tells it from its likes."""
    data: str
    """Its content as JSON; empty: it was named, and could not be read."""
    manifest: str
    """The label of the manifest that holds it."""
    trusted: bool = False
    """Whether it stands in the active manifest, which is intact and signed by someone who is believed."""

    @property
    def trains(self) -> bool:
        """Whether it is about mining and training, and no metadata."""
        return TRAINING.fullmatch(self.label) is not None

    @property
    def locator(self) -> str:
        """Where it stands: ``urn:c2pa:… > cawg.training-mining``."""
        return f"{self.manifest[:200]} > {self.label[:200]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifests:
    """What the manifests of one file say."""

    assertions: tuple[Assertion, ...] = ()
    """The assertions that may speak of rights, each once."""
    embedded: bool = False
    """Whether the file holds a manifest at all."""
    remote: str = ""
    """The address of a manifest that is kept elsewhere, where the library found one and nothing else."""
    trouble: str = ""
    """Why something may have been missed, in words; empty when everything was read."""


def may_hold(capture: Capture) -> bool:
    """Whether the bytes can hold a manifest; cheap, and never False for a file in which there is one.

    What a page writes into a script is no such file: it is read with the page.
    """
    body = capture.body
    media_type = _media_type(body)
    if STORE in body or b"dcterms:provenance" in body:
        return True
    if media_type not in _RASTER and b"c2pa" in body:  # packed or spelled otherwise, under its name
        return True
    if capture.media_type in TEXT_TYPES and not media_type:
        return False
    return bool(capture.parsed(metadata_of).manifests)


@lru_cache(maxsize=8)
def manifests_trusting(anchors: str) -> Callable[[Capture], Manifests]:
    """A parser for :meth:`~crawler.optout.model.Capture.parsed` that believes signers under ``anchors``.

    ``anchors``: certificates, PEM; empty: nobody is believed. The parser never raises.
    """

    def manifests(capture: Capture) -> Manifests:
        try:
            return _read(capture, anchors) if capture.parsed(may_hold) else Manifests()
        except Exception as error:  # nobody can tell what stands in such a file
            return Manifests(trouble=f"not read: {type(error).__name__}")

    return manifests


def manifests_in(stores: Iterable[bytes]) -> Manifests:
    """What manifest stores say that nobody validated: those kept outside of the file. Never raises."""
    return _walked([read_store(data) for data in stores])


def _read(capture: Capture, anchors: str) -> Manifests:
    media_type = _media_type(capture.body)
    if media_type == "application/epub+zip":
        return _archived(capture.body)
    report, trouble = _validated(capture.body, media_type, anchors) if media_type in _READ else (None, "")
    found: list[Assertion] = []
    if report is not None:
        state, active = report.get("validation_state"), str(report.get("active_manifest") or "")
        found = _told(_reported(report), active, active if state == "Trusted" else "")
        if state in ("Trusted", "Valid"):
            return _manifests(found, embedded=True)
        trouble = "invalid, and not read again"
    parts = [part.data for part in capture.parsed(metadata_of).manifests]
    walked = manifests_in(parts or filter(None, [first_store(capture.body)]))
    if walked.embedded:
        return _manifests([*found, *walked.assertions], embedded=True, trouble=walked.trouble)
    remote = trouble.removeprefix(_REMOTE).partition("url ")[2].strip() if trouble.startswith(_REMOTE) else ""
    return _manifests(
        found, embedded=report is not None, remote=remote, trouble="" if remote else trouble[:MOST_WORDS]
    )


def _archived(body: bytes) -> Manifests:
    """The manifests of an archive, each a file in it. They can reserve only: nobody validates them."""
    try:
        archive = Archive(body)
        names = [name for name in archive.names if name.lower().endswith(".c2pa")]
        if len(names) > MOST_STORES:
            raise Malformed("more manifest stores than are read")
        stores = [data for name in dict.fromkeys(names) for data in archive.read(name, MOST_ARCHIVED)]
    except Malformed as error:
        return Manifests(trouble=str(error)[:MOST_WORDS])
    return manifests_in(stores)


def _manifests(found: Iterable[Assertion], *, embedded: bool, remote: str = "", trouble: str = "") -> Manifests:
    """Each assertion once, though two readers found it."""
    once: dict[tuple[str, str, str], Assertion] = {}
    for one in found:
        once.setdefault((one.manifest, one.label.partition("__")[0], one.data), one)
    if len(once) > MOST_TOLD:
        trouble = trouble or "more assertions than are read"
    return Manifests(
        assertions=tuple(once.values())[:MOST_TOLD], embedded=embedded, remote=remote, trouble=trouble
    )


def _media_type(body: bytes) -> str:
    found = picture(body)
    if found is not None:
        return found.media_type
    if b"%PDF-" in body[:1024]:
        return "application/pdf"
    return "application/epub+zip" if body.startswith(_ARCHIVE) else ""


@lru_cache(maxsize=2)
def _context(anchors: str) -> Context:
    from c2pa import Context  # a large library, which most commands never need

    trust = {"trust": {"anchors": [{"trust_anchors": anchors, "trust_kind": "manifest"}]}} if anchors else {}
    return Context.from_dict(SETTINGS | trust)


def _validated(body: bytes, media_type: str, anchors: str) -> tuple[dict[str, Any] | None, str]:
    """The library's report, None where it has none, and why it has none although there may be a manifest."""
    try:
        from c2pa import Reader

        reader = Reader.try_create(media_type, io.BytesIO(body), context=_context(anchors))
        if reader is None:
            return None, ""
        with reader:
            text = reader.json()
        report = json.loads(text) if len(text) <= MOST_JSON else None
    except Exception as error:  # it is written in another language, and fed by strangers
        return None, str(error)[:MOST_ERROR] or type(error).__name__
    return (report, "") if isinstance(report, dict) else (None, "report too large")


def _reported(report: dict[str, Any]) -> Iterator[Manifest]:
    """The manifests in the library's report."""
    for label, content in _members(report.get("manifests")):
        manifest = Manifest(label=label)
        for one in _objects(content, "assertions"):
            name, data = str(one.get("label")), one.get("data")
            if TRAINING.fullmatch(name) or METADATA.fullmatch(name):
                manifest.told.append(Told(name, as_json(data)))
            elif kept_elsewhere(name, data):
                manifest.told.append(Told(name, ""))
        for one in _objects(content, "ingredients"):
            if isinstance(target := one.get("active_manifest"), str):
                manifest.ingredients.append((str(one.get("relationship")), target))
        yield manifest


def _members(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _objects(value: Any, key: str) -> list[dict[str, Any]]:
    listed = value.get(key) if isinstance(value, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _walked(stores: Sequence[Store]) -> Manifests:
    found: list[Assertion] = []
    trouble = "more manifest stores than are read" if len(stores) > MOST_STORES else ""
    for store in stores[:MOST_STORES]:
        active = store.manifests[-1].label if store.manifests else ""
        found += _told(store.manifests, active, "")
        trouble = trouble or store.trouble
    return _manifests(
        found, embedded=any(store.manifests or store.trouble for store in stores), trouble=trouble
    )


def _told(manifests: Iterable[Manifest], active: str, trusted: str) -> list[Assertion]:
    """What the manifests that speak for the file tell; that of the manifest ``trusted`` is believed."""
    return [
        Assertion(
            label=told.label,
            data=told.text,
            manifest=manifest.label,
            trusted=bool(trusted) and manifest.label == trusted,
        )
        for manifest in speaking(list(manifests), active)
        for told in manifest.told
    ]
