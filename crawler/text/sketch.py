"""What texts are compared by: a digest tells equal ones, sketches tell nearly equal ones.

Sketches are MinHash: C-MinHash (Li and Li, 2022, https://arxiv.org/abs/2109.03337) by rensa, over every five
words in a row. Where a script puts no spaces between words, each letter counts as a word. Sketches can be
compared when the same :func:`algorithm` made them; rensa changes it between minor versions.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata

from crawler.text.scripts import WORD

PERMUTATIONS = 128
"""Numbers in a sketch; the similarity it tells is off by some 0.03."""

SEED = 20261122
"""Fixed for ever: sketches of different seeds cannot be compared."""

GRAM = 5
"""Words in a row."""


def group_of(text: str) -> str:
    """SHA-256 of the words without regard to case, spacing and form, hexadecimal."""
    digest, between = hashlib.sha256(), b""
    for line in text.split("\n"):  # of a large text, one at a time; forms and cases do not reach beyond it
        if words := unicodedata.normalize("NFKC", line).split():
            digest.update(between + " ".join(words).casefold().encode("utf-8", "replace"))
            between = b" "
    return digest.hexdigest()


def algorithm() -> str:
    """What makes sketches here, for those who keep them."""
    from rensa import CMinHash

    return (
        f"rensa C-MinHash {CMinHash.ALGORITHM_VERSION}, {PERMUTATIONS} permutations, seed {SEED}, {GRAM} words"
    )


def sketch_of(text: str) -> bytes:
    """The sketch: 128 numbers of 32 bits, little-endian, the same on every machine; needs rensa."""
    import rensa

    words = [found[0] for found in WORD.finditer(unicodedata.normalize("NFKC", text).casefold())]
    grams = {" ".join(words[start : start + GRAM]) for start in range(max(1, len(words) - GRAM + 1))}
    hasher = rensa.CMinHash(num_perm=PERMUTATIONS, seed=SEED)
    hasher.update(sorted(grams))
    return struct.pack(f"<{PERMUTATIONS}I", *hasher.digest())


def similarity(one: bytes, other: bytes) -> float:
    """The share of equal numbers: an estimate of the Jaccard similarity of the two sets of five words."""
    first, second = (struct.unpack(f"<{PERMUTATIONS}I", sketch) for sketch in (one, other))
    return sum(map(int.__eq__, first, second)) / PERMUTATIONS
