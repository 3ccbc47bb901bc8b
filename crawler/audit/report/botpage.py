"""``report --format bot-page``: the page that a site owner finds behind the contact in the User-Agent.

In ``bot-page/``, to be put on a web server as it is::

    index.html      who runs the crawler, what it is for, how to refuse it, how to have something removed
    crawler.json    the same for programs, and what was published before
    addresses.json  the address ranges it comes from, in the form in which others publish theirs
    changes.atom    what changed, as a feed
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crawler import __version__
from crawler.audit.printable import json_text
from crawler.audit.report.behaviour import CAPTCHAS, PASSWORDS, PAYWALLS
from crawler.audit.report.bot import Crawler, crawler_of
from crawler.audit.report.botchanges import Change, State, history, published
from crawler.audit.report.botfeed import feed, feed_id
from crawler.audit.report.botways import FIRST, ways
from crawler.audit.report.page import render
from crawler.audit.report.place import expect_own, own_folder
from crawler.audit.report.request import ReportError
from crawler.audit.wording import PURPOSES
from crawler.corpus.disk import naming, replace_file
from crawler.optout import SIGNALS
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from crawler.audit.report.request import Request

FOLDER = "bot-page"
"""Its folder within that of the report."""
PAGE, DATA, ADDRESSES, FEED = "index.html", "crawler.json", "addresses.json", "changes.atom"
"""Its files."""
FORMAT = 1
"""Version of ``crawler.json``; grows when a reader of the old object would misread the new one."""
SHOWN = 10
"""Changes that the page itself lists."""
UNPUBLISHED = (
    "The operator does not publish the addresses that this crawler comes from: an empty list does not mean "
    "that it comes from none."
)
"""What an empty list of addresses says."""


def write(request: Request) -> tuple[Path, ...]:
    """Write the files, the page first; what would be written as it is stays untouched.

    Raises ``ReportError`` where nobody can be reached, where the corpus was collected under other rules, and
    where a file of the last time cannot be gone on from; and then wrote nothing.
    """
    crawler = crawler_of(request)
    folder = request.folder / FOLDER
    expect_own(folder)
    old = published(folder / DATA)
    if old is None and (folder / FEED).exists():
        raise ReportError(
            f"{folder / FEED} is there without {DATA}, from which it would go on; put that back, or move "
            f"{FEED} away to begin anew"
        )
    changes = history(old, _state(crawler), request.corpus, request.at)
    identity = old.feed if old else feed_id(crawler.contact, crawler.token, changes[0].at)
    own_folder(folder)
    _put(folder / DATA, _json(_data(crawler, identity, changes)))  # first: the feed can be made again from it
    _put(folder / FEED, feed(crawler, identity, changes))
    _put(folder / ADDRESSES, _addresses(crawler, folder / ADDRESSES, request.at))
    _put(folder / PAGE, _page(crawler, changes))
    return tuple(folder / name for name in (PAGE, DATA, ADDRESSES, FEED))


def _state(crawler: Crawler) -> State:
    return {
        "tokens": [token.lower() for token in crawler.tokens],
        "purposes": [purpose.value for purpose in crawler.purposes],
        "posture": crawler.posture.value,
        "reading": crawler.reading.value,
        "accepted": list(crawler.accepted),
        "signals": dict(crawler.signals),
        "addresses": list(crawler.addresses),
        "operator": crawler.operator,
        "contact": crawler.contact,
    }


def _data(crawler: Crawler, identity: str, changes: Sequence[Change]) -> dict[str, Any]:
    crawling = crawler.crawling
    return {
        "format": FORMAT,
        "name": crawler.token,
        "tokens": list(crawler.tokens),
        "user_agent": crawler.user_agent,
        "operator": crawler.operator,
        "url": crawler.url,
        "contact": crawler.contact,
        "purposes": [purpose.value for purpose in crawler.purposes],
        "posture": crawler.posture.value,
        "reading": crawler.reading.value,
        "reason": crawler.reason,
        "accepted": list(crawler.accepted),
        "kinds": [kind.value for kind in crawler.kinds],
        "delay": crawler.delay,
        "addresses": list(crawler.addresses),
        "policy": crawler.policy,
        "signals": [
            {
                "name": signal.name,
                "title": signal.title,
                "version": crawler.signals[signal.name],
                "spec": signal.spec,
                "carriers": [carrier.value for carrier in signal.readers],
                "host_files": [file.path for file in signal.host_files],
            }
            for signal in SIGNALS.values()
        ],
        "crawling": crawling
        and {
            "since": time_to_text(crawling.since),
            "last": crawling.last and time_to_text(crawling.last),
            "recheck": crawling.recheck and time_to_text(crawling.recheck),
        },
        "made_by": f"heedful {__version__}",
        "updated": time_to_text(max(change.at for change in changes)),
        "feed": identity,
        "changes": [change.plain() for change in reversed(changes)],
    }


def _addresses(crawler: Crawler, file: Path, at: datetime) -> bytes:
    """The ranges; with the time at which they were first published so."""
    prefixes = [{f"ipv{6 if ':' in one else 4}Prefix": one} for one in crawler.addresses]
    told: dict[str, Any] = {"creationTime": f"{at:%Y-%m-%dT%H:%M:%S.%f}", "prefixes": prefixes}
    if not prefixes:
        told["note"] = UNPUBLISHED
    try:
        known = json.loads(file.read_bytes())
        if known["prefixes"] == prefixes and isinstance(known["creationTime"], str):
            told["creationTime"] = known["creationTime"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass  # not there, or not ours: made anew
    return _json(told)


def _page(crawler: Crawler, changes: Sequence[Change]) -> bytes:
    return render(
        "bot.html",
        crawler=crawler,
        purposes=[PURPOSES[purpose.value] for purpose in crawler.purposes],
        robots_signal=SIGNALS[FIRST],
        ways=list(ways(crawler)),
        walls=(PASSWORDS, PAYWALLS, CAPTCHAS),
        changes=changes[: -SHOWN - 1 : -1],
        unpublished=UNPUBLISHED,
        version=__version__,
    )


def _json(told: Any) -> bytes:
    return json_text(told, indent=2).encode() + b"\n"


def _put(path: Path, content: bytes) -> None:
    with naming(path):
        if path.is_file() and path.read_bytes() == content:
            return
    replace_file(path, content)
