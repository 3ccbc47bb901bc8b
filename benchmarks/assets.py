"""Milliseconds per image for what is read inside it, beside Pillow's ``getxmp()`` and datadiligence's rule.

    pip install pillow defusedxml datadiligence
    python benchmarks/assets.py [ROUNDS]

Generates JPEG, PNG, WebP and AVIF of about 10 KB to 15 MB, each three times: without metadata, with XMP that
reserves, and signed with a C2PA manifest that reserves. Every reader sees the bytes in memory, all of them take
turns within each round. Prints median and worst of all rounds. ``ours`` is every signal that reads images, the
look for a manifest included. Then: which fixtures that reserve each reader misses, Pillow where they hold
XMP, datadiligence where they hold a manifest. What a reader refuses to open it misses too.
"""

from __future__ import annotations

import io
import logging
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from PIL import Image, PngImagePlugin

from crawler.optout import SIGNALS
from crawler.optout.grammar.c2pa import may_hold
from crawler.optout.model import Asset, Capture, Carrier, Context, Kind, Preference, Statement
from tests import vectorfile
from tests.vectors.assets.make_assets import build
from tests.vectors.assets.signed import assertion, every, sign

AT = datetime(2026, 11, 22, tzinfo=UTC)
ASSET = Asset(url="https://h.example/i", kind=Kind.IMAGE)
CONTEXT = Context(agents=("heedful",))
READERS = [one.readers[Carrier.EMBEDDED] for one in SIGNALS.values() if Carrier.EMBEDDED in one.readers]
AGAINST = (Preference.DISALLOW, Preference.CONDITIONAL)
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" '
    'plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"/>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
SIZES = {"10 KB": 10_000, "200 KB": 200_000, "2 MB": 2_000_000, "15 MB": 15_000_000}
FORMATS = {
    "JPEG": ("image/jpeg", {"quality": 90}, 1.0),
    "PNG": ("image/png", {"compress_level": 1}, 3.0),
    "WebP": ("image/webp", {"quality": 95, "method": 0}, 1.1),
    "AVIF": ("image/avif", {"quality": 90, "speed": 10}, 1.5),
}
"""Format → media type, how Pillow is to write it, and roughly how many bytes a pixel of noise takes in it."""


def picture(name: str, size: int, xmp: str | None) -> bytes:
    """Noise of about ``size`` bytes: no format can make it small."""
    _, options, each = FORMATS[name]
    edge = max(16, int((size / each) ** 0.5))
    image = Image.merge("RGB", [Image.effect_noise((edge, edge), 120 + shade) for shade in range(3)])
    extra: dict[str, Any] = {}
    if xmp and name == "PNG":
        extra["pnginfo"] = PngImagePlugin.PngInfo()
        extra["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp)
    elif xmp:
        extra["xmp"] = xmp.encode()
    written = io.BytesIO()
    image.save(written, name, **options, **extra)
    return written.getvalue()


def ours(body: bytes) -> bool:
    """Whether one of our signals hears a reservation."""
    capture = Capture(url=ASSET.url, status=200, body=body, at=AT)
    said = [item for reader in READERS for item in reader(capture, ASSET, CONTEXT)]
    return any(isinstance(item, Statement) and item.preference in AGAINST for item in said)


def pillow(body: bytes) -> bool:
    """Whether Pillow's ``getxmp()`` shows the property with a value that prohibits."""
    try:
        with Image.open(io.BytesIO(body)) as image:
            found = str(image.getxmp()) if hasattr(image, "getxmp") else ""
    except Exception:
        return False
    return "DataMining" in found and "PROHIBITED" in found.upper()


def the_rule() -> Callable[[bytes], bool]:
    """Whether datadiligence's rule refuses the image."""
    from datadiligence.rules import C2PAMetadataRule

    logging.disable(logging.CRITICAL)  # it logs what it cannot open and lets it pass
    rule = C2PAMetadataRule()

    def datadiligence(body: bytes) -> bool:
        try:
            return not rule.is_allowed(body=body)
        except ValueError:
            return False

    return datadiligence


@dataclass
class Row:
    """The times of one image."""

    format: str
    size: str
    holds: str
    body: bytes
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    heard: dict[str, bool] = field(default_factory=dict)


def rows() -> Iterator[Row]:
    for name, (media_type, _, _) in FORMATS.items():
        for label, size in SIZES.items():
            plain = picture(name, size, None)
            yield Row(name, label, "nothing", plain)
            yield Row(name, label, "XMP", picture(name, size, XMP))
            # The older label is the only one that datadiligence knows.
            mining = assertion(every("notAllowed", "c2pa"), label="c2pa.training-mining")
            yield Row(name, label, "C2PA", sign(plain, mining, media_type=media_type).file)


def main(rounds: int) -> int:
    readers = {"ours": ours, "Pillow": pillow, "datadiligence": the_rule()}
    table = list(rows())
    for row in table:
        capture = Capture(url=ASSET.url, status=200, body=row.body, at=AT)
        assert may_hold(capture) is (row.holds == "C2PA"), f"{row.format} {row.size} {row.holds}"
    for _ in range(rounds):
        for row in table:
            for name, read in readers.items():
                begun = time.perf_counter()
                row.heard[name] = read(row.body)
                row.milliseconds.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
    print(f"{'':5} {'size':>7} {'bytes':>10} {'holds':8}", *(f"{name:>24}" for name in readers))
    for row in table:
        cells = []
        for name in readers:
            times = row.milliseconds[name]
            heard = "" if row.holds == "nothing" else "heard " if row.heard[name] else "missed"
            cells.append(f"{heard} {statistics.median(times):8.3f} {max(times):8.3f}")
        columns = (f"{cell:>24}" for cell in cells)
        print(f"{row.format:5} {row.size:>7} {len(row.body):10} {row.holds:8}", *columns)
    print("median and worst, in ms")
    fixtures = {signal: sorted(reserving(signal)) for signal in ("iptc", "c2pa")}
    ours_misses = missed(ours, [*fixtures["iptc"], *fixtures["c2pa"]])
    missed(pillow, fixtures["iptc"])
    missed(readers["datadiligence"], fixtures["c2pa"])
    return 1 if ours_misses else 0


def reserving(signal: str) -> set[str]:
    """The fixtures that a vector of the signal has reserved by what is inside."""
    found = set()
    for vector in vectorfile.load(signal):
        fixture = vector.get("response", {}).get("body_asset")
        outcome = vector.get("outcome")
        strict = outcome["strict"] if isinstance(outcome, dict) else outcome
        alone = not {"page", "documents", "files", "hops"} & set(vector)
        alone = (
            alone and len(vector.get("response", {}).get("headers", ())) <= 1
        )  # its type, and nothing that reserves
        image = vector.get("asset", {}).get("kind") == "image"
        if fixture and strict == "reserved" and alone and image and "differs" not in vector:
            found.add(fixture)
    return found


def missed(read: Callable[[bytes], bool], fixtures: list[str]) -> list[str]:
    names = [name for name in fixtures if not read(build(name))]
    print(f"{read.__name__} misses {len(names)} of {len(fixtures)}: {', '.join(names) or 'nothing'}")
    return names


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
