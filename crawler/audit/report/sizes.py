"""Sizes as the EU template asks for them: in one of three bands a modality.

The template counts text in tokens. What is known here is how many bytes of UTF-8 and how many words were read
out of what is kept, so the number of tokens is an estimate, and it is said whether it is near the edge of a
band.
"""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_TOKEN = 4
"""Bytes of UTF-8 text taken for one token: about what byte-pair vocabularies of today reach on English prose;
other languages and scripts differ by up to a factor of two."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bands:
    """The three sizes that the template tells apart for one modality."""

    unit: str
    """What is counted."""
    edges: tuple[int, int]
    """Below the first it is the lowest band, above the second the highest."""
    names: tuple[str, str, str]
    """What the template calls them."""

    def of(self, number: int) -> str:
        """The band that ``number`` falls in."""
        low, high = self.edges
        return self.names[0] if number < low else self.names[1] if number <= high else self.names[2]

    def doubtful(self, estimate: int) -> str | None:
        """The band that the true number is in if ``estimate`` is wrong by a factor of two; None: the same."""
        here = self.of(estimate)
        return next((band for band in (self.of(estimate // 2), self.of(estimate * 2)) if band != here), None)


TEXT = Bands(
    unit="tokens",
    edges=(10**9, 10**13),
    names=("Less than 1 billion tokens", "1 billion to 10 trillion tokens", "More than 10 trillion tokens"),
)
"""Of text."""

IMAGES = Bands(
    unit="images",
    edges=(10**6, 10**9),
    names=("Less than 1 million images", "1 million to 1 billion images", "More than 1 billion images"),
)
"""Of images."""


def tokens(text_bytes: int) -> int:
    """About how many tokens so many bytes of UTF-8 text are."""
    return -(-text_bytes // BYTES_PER_TOKEN)
