"""Rows of the usage vocabularies: Content-Usage, Content-Signal, DisallowAITraining, NoAI lines."""

from __future__ import annotations

from crawler.demo.place import (
    KEPT,
    reserved,
)
from tests.webs.leaks.base import (
    EVERYONE,
    HEADER,
    OPEN_TO_ALL,
    ROBOTS,
    by_header,
    by_image,
    by_meta,
)
from tests.webs.row import leak

MANAGED = (
    "User-agent: *\nContent-Signal: search=yes,ai-train=no,use=reference\nAllow: /\n\n"
    "User-agent: GPTBot\nDisallow: /\n\n# END managed content\n\nUser-agent: *\nDisallow: /lp\n"
)
"""A robots.txt to which a content delivery network has prepended its own."""

CONTENT_USAGE = (
    leak(
        "usage",
        "robots.txt says train-ai=n",
        "content-usage",
        ROBOTS,
        reserved("content-usage"),
        robots=EVERYONE + "Content-Usage: train-ai=n\nAllow: /\n",
        peer="robots.txt: Content-Usage",
    ),
    leak(
        "usage-path",
        "robots.txt says train-ai=n for the page's path and y for the rest",
        "content-usage",
        ROBOTS,
        reserved("content-usage"),
        robots=EVERYONE + "Allow: /\nContent-Usage: /page train-ai=n\nContent-Usage: / train-ai=y\n",
    ),
    leak(
        "usage-legacy",
        "robots.txt uses a label of an early draft",
        "content-usage",
        ROBOTS,
        reserved("content-usage"),
        robots=EVERYONE + "Allow: /\nContent-Usage: ai=n\n",
    ),
    leak(
        "usage-misspelt",
        "capitals and spaces where the grammar has none",
        "content-usage",
        ROBOTS,
        reserved("content-usage"),
        robots=EVERYONE + "Allow: /\ncontent-usage: Train-AI = no,\n",
    ),
    leak(
        "usage-imported",
        "our own group is silent on a use that * denies",
        "content-usage",
        ROBOTS,
        reserved("content-usage"),
        robots=EVERYONE + "Content-Usage: train-ai=n\nAllow: /\n\nUser-agent: heedful\nAllow: /\n",
    ),
    leak(
        "usage-image",
        "robots.txt says train-ai=n for images only",
        "content-usage",
        ROBOTS,
        KEPT,
        reserved("content-usage"),
        robots=EVERYONE + "Allow: /\nContent-Usage: /*.png$ train-ai=n\n",
    ),
    by_header(
        "usage-header",
        "a header says train-ai=n",
        "content-usage",
        ("Content-Usage", "train-ai=n"),
        peer="header: Content-Usage",
    ),
    by_header(
        "usage-second-line",
        "the second of two header lines says train-ai=n",
        "content-usage",
        ("Content-Usage", "search=y"),
        ("content-usage", "train-ai=n"),
    ),
    by_image(
        "usage-image-header",
        "the image's own header says train-ai=n",
        "content-usage",
        HEADER,
        Content_Usage="train-ai=n",
    ),
    leak(
        "usage-yes",
        "robots.txt says train-ai=y",
        "content-usage",
        ROBOTS,
        KEPT,
        robots=EVERYONE + "Allow: /\nContent-Usage: train-ai=y\n",
    ),
    by_header(
        "usage-search",
        "a header denies search, which we do not do",
        "content-usage",
        ("Content-Usage", "search=n"),
        expect=KEPT,
    ),
)

CONTENT_SIGNAL = (
    leak(
        "signal",
        "robots.txt says ai-train=no",
        "content-signal",
        ROBOTS,
        reserved("content-signal"),
        robots=EVERYONE + "Content-Signal: search=yes, ai-train=no\nAllow: /\n",
        peer="robots.txt: Content-Signal",
    ),
    leak(
        "signal-managed",
        "a content delivery network put its own group before the site's",
        "content-signal",
        ROBOTS,
        reserved("content-signal"),
        robots=MANAGED,
    ),
    leak(
        "signal-case",
        "capitals where the examples have none",
        "content-signal",
        ROBOTS,
        reserved("content-signal"),
        robots=EVERYONE + "Content-signal: AI-Train=No\nAllow: /\n",
    ),
    leak(
        "signal-path",
        "a path stands before the signal",
        "content-signal",
        ROBOTS,
        reserved("content-signal"),
        robots=EVERYONE + "Content-Signal: /blog/ ai-train=no\nAllow: /\n",
    ),
    leak(
        "signal-use",
        "only reference use is offered",
        "content-signal",
        ROBOTS,
        reserved("content-signal"),
        robots=EVERYONE + "Content-Signal: use=reference\nAllow: /\n",
    ),
    by_header(
        "signal-header",
        "a header says ai-train=no",
        "content-signal",
        ("Content-Signal", "ai-train=no, search=yes"),
    ),
    by_header(
        "signal-words",
        "a header says disallow where the examples say no",
        "content-signal",
        ("Content-Signal", "ai-train=disallow"),
    ),
    leak(
        "signal-yes",
        "robots.txt says yes to everything",
        "content-signal",
        ROBOTS,
        KEPT,
        robots=EVERYONE + "Content-Signal: search=yes, ai-input=yes, ai-train=yes\nAllow: /\n",
    ),
    leak(
        "signal-comment",
        "only a comment speaks of content signals",
        "content-signal",
        ROBOTS,
        KEPT,
        robots="# Content-Signal: ai-train=no means that you may not.\n" + EVERYONE + "Allow: /\n",
    ),
)

DISALLOW_AI_TRAINING = (
    leak(
        "disallow-training",
        "robots.txt says DisallowAITraining",
        "disallow-ai-training",
        ROBOTS,
        reserved("disallow-ai-training"),
        robots=EVERYONE + "DisallowAITraining: /\nAllow: /\n",
    ),
    leak(
        "disallow-training-first",
        "DisallowAITraining stands before any group",
        "disallow-ai-training",
        ROBOTS,
        reserved("disallow-ai-training"),
        robots="DisallowAITraining: /\n" + OPEN_TO_ALL,
    ),
    by_header(
        "disallow-training-header",
        "a header of that name",
        "disallow-ai-training",
        ("DisallowAITraining", "/"),
    ),
    by_header(
        "disallow-training-tag",
        "X-Robots-Tag says DisallowAITraining",
        "robots-meta",
        ("X-Robots-Tag", "DisallowAITraining"),
    ),
    by_meta(
        "disallow-training-meta",
        "a meta says DisallowAITraining",
        '<meta name="robots" content="DisallowAITraining">',
    ),
    leak(
        "disallow-training-empty",
        "DisallowAITraining has no path",
        "disallow-ai-training",
        ROBOTS,
        KEPT,
        robots=EVERYONE + "DisallowAITraining:\nAllow: /\n",
    ),
)

NOAI_LINES = (
    leak(
        "noai-line",
        "robots.txt has a line NoAI",
        "noai-lines",
        ROBOTS,
        reserved("noai-lines"),
        robots=EVERYONE + "NoAI: /\nAllow: /\n",
    ),
    leak(
        "noimageai-line",
        "robots.txt has a line NoImageAI",
        "noai-lines",
        ROBOTS,
        KEPT,
        reserved("noai-lines"),
        robots=EVERYONE + "NoImageAI: yes\nAllow: /\n",
    ),
    leak(
        "noai-line-no",
        "robots.txt has a line NoAI that says no",
        "noai-lines",
        ROBOTS,
        KEPT,
        robots=EVERYONE + "NoAI: no\nAllow: /\n",
    ),
)
