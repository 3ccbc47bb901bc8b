"""Paints the pictures in ``crawler/demo/pictures``; needs Pillow. ``python docs/make_demo_pictures.py``.

Each file's name says its size. The demo web itself only reads the files, and puts metadata into them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from painting import landscapes, things, works
from PIL import Image

FOLDER = Path(__file__).parent.parent / "crawler" / "demo" / "pictures"
WEBP = frozenset(
    [
        "fjord",
        "forest",
        "aurora",
        "island",
        "lake",
        "glacier",
        "pond",
        "soup",
        "ramen",
        "salad",
        "shell",
        "mei",
        "ingrid",
        "tram",
    ]
)
GIF = frozenset(["coin", "rays", "clock"])
PNG = frozenset(
    [
        "grid",
        "circles",
        "mosaic",
        "print",
        "woodcut",
        "linocut",
        "strata",
        "mug",
        "chair",
        "bag",
        "stool",
        "board",
        "books",
        "beetle",
        "tile",
    ]
)


def pictures() -> Iterator[tuple[str, Image.Image]]:
    """Every picture with its name."""
    for name in landscapes.VIEWS:
        yield name, landscapes.paint(name)
    for name in things.DRAWN:
        yield name, things.paint(name)
    for name in works.WORKS:
        yield name, works.paint(name)


def save(name: str, image: Image.Image) -> Path:
    """Write a picture in the format that its name is listed under, JPEG otherwise."""
    stem = FOLDER / f"{name}-{image.width}x{image.height}"
    if name in WEBP:
        image.save(path := stem.with_suffix(".webp"), quality=58, method=6)
    elif name in GIF or name in PNG:
        few = image.quantize(8 if "cut" in name or name == "rays" else 32, dither=Image.Dither.NONE)
        few.save(path := stem.with_suffix(".gif" if name in GIF else ".png"), optimize=True)
    else:
        image.save(path := stem.with_suffix(".jpg"), quality=56, optimize=True, progressive=len(name) % 2 == 0)
    return path


def main() -> None:
    """Write them all anew, and say how large they are."""
    for old in FOLDER.glob("*-*x*.*"):
        old.unlink()
    sizes = [save(name, image).stat().st_size for name, image in pictures()]
    sys.stdout.write(
        f"{len(sizes)} pictures, {sum(sizes) / 1000:.0f} kB, the largest {max(sizes) / 1000:.1f} kB\n"
    )


if __name__ == "__main__":
    main()
