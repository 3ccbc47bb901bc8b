"""What the crawler does and does not do, in plain sentences; each holds for every run, or says otherwise.

They are the sentences of sections 2.3.d and 3.1.b of the EU template. Numbers are counted in URLs.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.audit.report.conduct import Conduct
from crawler.audit.report.model import Figures, SignalRow
from crawler.audit.wording import count
from crawler.optout import SIGNALS

OWN_RULES = frozenset(
    {"denylist", "document-locks", "http-status", "oversize", "paywall", "robots", "same-bytes"}
)
"""Signals that are no protocol to opt out by beside robots.txt: walls, locks, rules of our own."""

CAPTCHAS = (
    "Some sites answer with a captcha or another test that is meant to keep programs out. The crawler does "
    "not solve it and has nobody else solve it, and it does not come back in disguise. The page is not "
    "collected, and the test is recorded as a refusal."
)

PASSWORDS = (
    "The crawler has no accounts. It never signs in, sends no password, fills in no form and keeps no "
    "cookies. What is answered with a demand to sign in (HTTP 401 or 407), what is refused (403), a login "
    "page, and a document that needs a password or a key are not collected."
)

PAYWALLS = (
    "The crawler does not pay and does not go around a paywall. An answer that asks for payment (HTTP 402) "
    "and a page that says it is not free to read (isAccessibleForFree: false) are not collected, even where "
    "the text was sent along and only hidden from readers."
)

SAME_BYTES = (
    "Content that is reserved at one address, as far as it was read there, is not kept from another address "
    "either; what was never read at a reserved address cannot be compared."
)
"""How far a reservation of one address reaches to others with the same bytes."""

_PURPOSES = {
    "any": "every use",
    "crawl": "keeping a copy",
    "tdm": "text and data mining, that is automated analysis of any kind, the training of AI models included",
    "ai-train": "the training of AI models, also of those that generate content",
    "gen-ai-train": "the training of AI models that generate content",
    "ai-input": "use as input of AI models, such as looking up an answer",
    "search": "search engines",
}


def robots(conduct: Conduct, figures: Figures) -> str:
    """How robots.txt is kept to (RFC 9309)."""
    names = " and ".join(figures.about.tokens)
    row = next((row for row in figures.signals if row.signal == "robots"), None)
    words = (
        "Before anything else of a host is requested, its robots.txt is, under the Robots Exclusion "
        f"Protocol (RFC 9309). Rules for {names} bind the crawler, and where there are none, the rules for "
        "everybody (*). What robots.txt disallows is not requested, but for the host's other files that say "
        "what is reserved. If robots.txt cannot be had (no answer, a server error, a refusal, too many "
        "redirects), nothing else of the host is requested. Requests for longer pauses (Crawl-delay, "
        "Request-rate, Visit-time) are kept to."
    )
    return f"{words} {_kept_out(row)}"


def protocols(conduct: Conduct, figures: Figures, *, counted: bool) -> tuple[str, ...]:
    """Each way to refuse that is heard beside robots.txt, with its version; ``counted``: and its effect."""
    rows = {row.signal: row for row in figures.signals}
    told = []
    for name, versions in conduct.versions.items():
        if name in OWN_RULES or name == "licence":
            continue
        signal = SIGNALS.get(name)
        title = signal.title if signal else name
        words = f"{title}, version {' and '.join(versions)}"
        told.append(f"{words}. {_kept_out(rows.get(name))}" if counted else f"{words}.")
    lost = lost_policies(conduct)
    return tuple([*told, lost] if lost else told)


def walls(figures: Figures) -> str:
    """How often a wall was met."""
    total = sum(row.urls for row in figures.walls)
    if not total:
        return (
            "No URL is reserved by a wall: by a captcha, a demand to sign in, a paywall or a refusal by "
            "status. A robots.txt behind a wall counts as one that could not be had."
        )
    return (
        f"Walls were met {count(total, 'time')}, each kind of wall counted once a URL. Each was left alone: "
        "nothing that was behind one is in the data. A robots.txt behind a wall counts as one that could not "
        "be had."
    )


def conduct_of(conduct: Conduct, figures: Figures) -> tuple[str, ...]:
    """Who it says it is, how fast it goes, what it never does."""
    rows = [
        f"It always says who it is: {figures.about.user_agent}",
        *_pace(conduct),
        "It only reads (HTTP GET), runs no JavaScript, and asks for nothing that needs a form.",
        "When a site is overloaded or asks to wait (HTTP 429, 503, Retry-After), it waits.",
        _reading(figures.about.reading),
        _posture(figures.about.posture),
        "Certificates of encrypted connections are checked."
        if not conduct.unchecked
        else "In at least one run, certificates of encrypted connections were not checked.",
        f"The operator weakened a default and gave this reason: {figures.about.reason}"
        if figures.about.reason and (figures.about.reading == "literal" or conduct.unchecked)
        else None,
        lost_policies(conduct),
    ]
    return tuple(row for row in rows if row)


def lost_policies(conduct: Conduct) -> str | None:
    """That not every policy is known any more, so that something may be missing; None: all are."""
    if not conduct.policies_missing:
        return None
    many = (
        "1 policy of the runs is"
        if conduct.policies_missing == 1
        else (f"{conduct.policies_missing:,} policies of the runs are")
    )
    return f"{many} not in the corpus any more: protocols and lists that stand in no other one are not told."


def _pace(conduct: Conduct) -> Iterator[str]:
    """How fast it goes, by what its runs were set to."""
    trips = conduct.trips
    if not trips:
        return
    together = max(trip.together for trip in trips)
    many = f"{together:,} requests at a time go" if together > 1 else "one request at a time goes"
    delays = sorted({trip.delay for trip in trips})
    least = " or ".join(f"{delay:g}" for delay in delays)
    if delays[0] > 0:
        seconds = "second" if delays == [1.0] else "seconds"
        yield f"At most {many} to a registrable domain, with at least {least} {seconds} between two."
    else:
        yield f"At most {many} to a registrable domain. A run kept no pause between two."
    names = sorted({name for trip in trips for name in trip.pace})
    if names:
        yield f"A run changed the pace by {' and '.join(names)}, so that it may have been faster than this."


def order(figures: Figures) -> tuple[str, ...]:
    """What is asked before and during collection, and what happens when it cannot be told."""
    stages = {row.stage: row.reserved for row in figures.stages}
    return (
        "Before the first request for content of a host, its site-level files are asked for (robots.txt, "
        "tdmrep.json, ai.txt, trust.txt). Reserved there, or by a page that shows it, before it was requested: "
        f"{count(stages.get('host', 0), 'URL')}.",
        "Then status and headers of each answer are read, of every redirect on the way, too. If they reserve, "
        f"the transfer is stopped. Turned away there: {count(stages.get('headers', 0), 'URL')}.",
        "Then the content itself is read in memory: the page's own marks, metadata inside images and "
        "documents, licences that it names. Only then is any of it stored. Dropped there: "
        f"{count(stages.get('content', 0), 'URL')}.",
        "A reservation of a page also holds for the images on it, wherever they are served from."
        if figures.about.reading == "strict"
        else "What a page says of images holds for the images on it, wherever they are served from.",
        SAME_BYTES,
        "One reservation is enough. No permission found elsewhere cancels it."
        if figures.about.reading == "strict"
        else "Where several protocols speak, the most restrictive wins; within one, its own order holds.",
        "What could not be told counts as a refusal: if a file, an answer or a licence cannot be had or read, "
        f"the content is not collected. This happened to {count(figures.total.undetermined, 'URL')}.",
        "Every address that was considered is in a ledger with the decision, the words it rests on, and the "
        "time, so that each can be checked afterwards."
        + (
            f" The words of {count(figures.about.erased, 'entry')} were erased since; their place in the "
            "ledger can still be checked."
            if figures.about.erased
            else ""
        ),
    )


def up_to_date(conduct: Conduct, figures: Figures) -> tuple[str, ...]:
    """How the data follows reservations that are made, or requests that come, after collection."""
    rechecks = conduct.rechecks
    withdrawals = [event for event in figures.events if event.what == "withdrawal"]
    events = [event for event in figures.events if event.what == "recheck"]
    rows = []
    if rechecks:
        when = ", ".join(f"{trip.started:%d/%m/%Y}" for trip in rechecks[-12:])
        more = f" (the last 12 of {len(rechecks):,})" if len(rechecks) > 12 else ""
        rows.append(f"The sources were asked again {count(len(rechecks), 'time')}: {when}{more}.")
        rows.extend(f"{_day(event.at)}: {event.words}." for event in events[-12:])
        rows.append(
            "What is found reserved then leaves the data, with the same bytes under every other address, or is "
            "held back from what is made of the data. What could not be asked is held back until it can be. "
            f"Held back at present: {count(figures.held_back, 'URL')}."
        )
    else:
        crawls = len(conduct.crawls)
        again = (
            f"; the crawl was run {count(crawls, 'time')}, and a run on what is there already asks again, too"
            if crawls > 1
            else ""
        )
        rows.append(f"No recheck is on record{again}.")
    rows.append(
        "Removed after it had been collected, because it was reserved then or could not be asked about for too "
        f"long: {count(figures.total.removed, 'URL')}."
    )
    if withdrawals:
        gone = sum(event.items for event in withdrawals)
        first, last = withdrawals[0].at, withdrawals[-1].at
        rows.append(
            f"On request, {count(gone, 'item')} left the data in {count(len(withdrawals), 'withdrawal')}, "
            f"the first on {_day(first)}, the last on {_day(last)}. What was withdrawn is never collected "
            "again."
        )
    else:
        rows.append(
            "No withdrawal is on record. What is withdrawn leaves the data and is never collected again."
        )
    rows.append(f"The contact that the requests of the last run bore is {figures.about.contact}.")
    return tuple(rows)


def purposes(figures: Figures) -> tuple[str, ...]:
    """What the crawler collects for, in plain words."""
    about = figures.about
    told = "; ".join(f"{_PURPOSES.get(purpose, purpose)} ({purpose})" for purpose in about.purposes)
    return (f"{about.tokens[0]}: to collect content of public web pages for {told}.",)


def _kept_out(row: SignalRow | None) -> str:
    if row is None or not row.urls:
        return "Kept out by it: nothing so far."
    return f"Kept out by it: {count(row.urls, 'URL')}."


def _day(time: str) -> str:
    return f"{time[8:10]}/{time[5:7]}/{time[:4]}"


def _reading(reading: str) -> str:
    if reading == "strict":
        return (
            "It reads refusals generously: one that is misspelt, or addressed to other AI crawlers, counts, "
            "too (strict reading)."
        )
    return "It reads refusals by the letter of each protocol (literal reading)."


def _posture(posture: str) -> str:
    if posture == "opt-in":
        return "It keeps only what an accepted licence or permission covers and nobody has reserved (opt-in)."
    return "It keeps what nobody has reserved by any of these ways (opt-out). That is not consent."
