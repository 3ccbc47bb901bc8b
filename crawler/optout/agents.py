"""Names of other AI crawlers, and what a rule addressed to one of them says about training.

RFC 9309 binds only the crawler that is named. But an author cannot know every crawler, and operators themselves
define some of these names as the way to refuse training, so a refusal of one is read as a refusal of the use.
The list is curated by hand: a name stands in it when its own operator, or common practice, says what it is for.
Assistants that fetch for a user and search crawlers are absent on purpose: refusing those says nothing about
training.

Signals may import this module beside the model and the grammar: it is data, it imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

REVIEWED = date(2026, 11, 22)
"""When the list was last compared with its sources; its version."""


class Role(StrEnum):
    """What a name stands for."""

    CONTROL = "control"
    """Never fetches; the name exists only so that AI use can be refused."""
    TRAINING = "training"
    """Fetches for a model maker."""
    DATASET = "dataset"
    """Builds data sets for others to train on, as this crawler does."""
    RETIRED = "retired"
    """No longer fetches, or never documented; still written to refuse training."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agent:
    """One name that authors write to refuse AI training."""

    name: str
    """As its operator writes it."""
    role: Role
    """What it stands for."""
    source: str
    """Where that can be read."""
    strong: bool = True
    """False: the name serves other purposes too, so that only two such refusals count as one."""


_LIST = "https://github.com/ai-robots-txt/ai.robots.txt/tree/v1.50"
_GOOGLE = "https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers"
_META = "https://developers.facebook.com/docs/sharing/webmasters/web-crawlers"
_IN_FILES = "found in robots.txt files; undocumented"

_ROWS: tuple[tuple[Role, bool, str, tuple[str, ...]], ...] = (
    (Role.CONTROL, True, _GOOGLE, ("Google-Extended",)),
    (Role.CONTROL, True, "https://support.apple.com/119829", ("Applebot-Extended",)),
    (Role.CONTROL, True, "https://webz.io/bot.html", ("Webzio-Extended",)),
    (Role.CONTROL, True, _IN_FILES, ("NoAI", "NoML", "NoImageAI")),
    (Role.TRAINING, True, "https://platform.openai.com/docs/bots", ("GPTBot",)),
    (Role.TRAINING, True, "https://support.anthropic.com/articles/8896518", ("ClaudeBot",)),
    (Role.TRAINING, True, _META, ("meta-externalagent", "FacebookBot")),
    (Role.TRAINING, True, "https://developer.amazon.com/amazonbot", ("Amazonbot",)),
    (Role.TRAINING, True, "https://allenai.org/crawler", ("AI2Bot", "Ai2Bot-Dolma")),
    (
        Role.TRAINING,
        True,
        _LIST,
        (
            "Bytespider",
            "ChatGLM-Spider",
            "cohere-training-data-crawler",
            "Cotoyogi",
            "DeepSeekBot",
            "ICC-Crawler",
            "PanguBot",
            "SBIntuitionsBot",
            "TikTokSpider",
            "YandexAdditional",
            "YandexAdditionalBot",
        ),
    ),
    (Role.TRAINING, False, _GOOGLE, ("GoogleOther", "GoogleOther-Image", "GoogleOther-Video")),
    (Role.TRAINING, False, _GOOGLE, ("Google-CloudVertexBot",)),
    (Role.TRAINING, False, _LIST, ("bedrockbot",)),
    (Role.DATASET, True, "https://commoncrawl.org/ccbot", ("CCBot",)),
    (Role.DATASET, True, "https://github.com/rom1504/img2dataset", ("img2dataset",)),
    (Role.DATASET, True, "https://webz.io/bot.html", ("omgili", "omgilibot")),
    (
        Role.DATASET,
        True,
        _LIST,
        (
            "Diffbot",
            "ImagesiftBot",
            "Kangaroo Bot",
            "laion-huggingface-processor",
            "LAIONDownloader",
            "Timpibot",
            "VelenPublicWebCrawler",
        ),
    ),
    (Role.RETIRED, True, _LIST, ("anthropic-ai", "Claude-Web", "cohere-ai")),
    (Role.RETIRED, True, _IN_FILES, ("MistralAI-Training",)),
)

TRAINING_AGENTS: Mapping[str, Agent] = {
    name.lower(): Agent(name=name, role=role, source=source, strong=strong)
    for role, strong, source, names in _ROWS
    for name in names
}
"""Every name of the list, by its lower-case form."""

FRAMEWORK_AGENTS = frozenset({"scrapy"})
"""Names of the framework this crawler is built on, lower case; block lists mean crawlers like this one."""
