"""The log as one JSON object a line on stderr, for programs that read it.

::

    {"time": "2026-11-22T10:00:00.123Z", "level": "warning", "logger": "crawler.sealing", "message": "…",
     "run": "20261122T100000Z-1a2b",
     "exception": {"type": "ValueError", "trace": ["crawler/job.py:12 in seal"]}}

Nothing of what is fetched is in it, whoever logs. The words of an exception may quote what a stranger sent, so
only its type and its place are written; of what other programs log, only the words that their authors wrote.
``HEEDFUL_DEBUG=1`` writes everything.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import traceback
import warnings
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

OURS = frozenset({"crawler", "heedful", "corpus", "check", "recheck"})
"""Where loggers of ours begin: the package, the command, the spiders."""
NAME = "heedful"
"""The logger of what the command itself has to say."""
LONGEST = 500
"""Characters of a message of others."""
FRAMES = 20
"""Places of an exception's way that are written: the last ones."""

_WARNING = re.compile(r"(?P<place>.+?:\d+): (?P<category>\w+): (?P<words>.*)", re.DOTALL)
_PLACE = re.compile(r'\s*File "(?P<file>[^"]*)", line (?P<line>\d+), in (?P<name>\S+)')
_LAST = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(:|$)")
_CONTROLS = {0x7F: "\\u007f"}  # the one control character that JSON does not escape


class _State:
    """What holds for this process."""

    active = False
    run: str | None = None


def active() -> bool:
    """Whether this process logs in JSON."""
    return _State.active


def start() -> None:
    """Log in JSON from here on: what anybody logs, warnings, and what is raised where nobody catches it."""
    if _State.active:
        return
    _State.active = True
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.root.handlers[:] = [handler]
    logging.captureWarnings(True)
    threading.excepthook = _in_a_thread
    sys.unraisablehook = _unraisable


def at_level(name: object) -> None:
    """Log what is as grave as this level of ``logging`` or graver; without :func:`start`, nothing happens."""
    if _State.active:
        level = logging.getLevelNamesMapping().get(str(name).upper(), logging.WARNING)
        logging.root.setLevel(level)
        for handler in logging.root.handlers:  # Scrapy gives its own loggers a level, past that of the root
            handler.setLevel(level)


def mute_twisted() -> None:
    """Have Twisted write nothing to stderr by itself; without :func:`start`, nothing happens.

    It writes what is critical there until somebody begins its log. Scrapy, which passes that log on to
    ``logging``, never does, so that all of it would be told twice, and once not as an object.
    """
    if _State.active:
        from twisted.logger import globalLogBeginner

        shown = warnings.showwarning
        globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
        warnings.showwarning = shown  # it takes warnings over, too


def of_run(name: str) -> None:
    """What is logged from here on belongs to this run."""
    _State.run = name


def say(level: str, message: str, **more: Any) -> None:
    """Write one line of the command itself, whatever the level of the log is. ``more``: further fields."""
    sys.stderr.write(line(level, NAME, message, **more) + "\n")
    sys.stderr.flush()


def line(level: str, logger: str, message: str, *, at: float | None = None, **more: Any) -> str:
    """One object without its LF: ASCII, so that nothing in it moves or hides anything on a terminal.

    ``at``: seconds of the epoch; None: now.
    """
    time = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
    text = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {"time": text, "level": level, "logger": logger, "message": message, "run": _State.run, **more}
    return json.dumps(fields, default=str).translate(_CONTROLS)


class JsonLines(logging.Formatter):
    """Makes a line of a record. Never raises: a record that cannot be formatted is told as such."""

    def format(self, record: logging.LogRecord) -> str:
        """One object."""
        try:
            more: dict[str, Any] = {}
            message = _message(record, more)
            if record.exc_info and record.exc_info[0] is not None:
                more["exception"] = _exception(*record.exc_info)
        except Exception as error:
            message, more = f"a record that cannot be formatted ({type(error).__name__})", {}
        return line(record.levelname.lower(), record.name, message, at=record.created, **more)


def _message(record: logging.LogRecord, more: dict[str, Any]) -> str:
    """The words of a record, as far as they are its author's."""
    if _debugging() or record.name.partition(".")[0] in OURS:
        return record.getMessage()
    if record.name == "py.warnings":
        return _warning(record.getMessage())
    first, *rest = str(record.msg).strip().splitlines() or [""]
    if trace := [place for text in rest if (place := _place(text))]:  # Twisted puts it into the message
        last = _LAST.match(rest[-1].strip())
        more["exception"] = {"type": last["type"] if last else "?", "trace": trace[-FRAMES:]}
    return first[:LONGEST] or "an exception"


def _warning(text: str) -> str:
    """A warning's place and category; its words where they are about a program and not about its input."""
    found = _WARNING.match(text)
    if found is None:
        return "a warning"
    words = found["words"].splitlines()[0] if found["category"].endswith("DeprecationWarning") else ""
    category = f"{found['category']}: {words[:LONGEST]}" if words else found["category"]
    return f"{category} ({_short(found['place'])})"


def _exception(
    kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> dict[str, Any]:
    """Its type and where it came from, the last place last; its words only for whoever debugs."""
    frames = traceback.extract_tb(trace)[-FRAMES:]
    found: dict[str, Any] = {
        "type": kind.__name__ if kind is not None else "?",
        "trace": [f"{_short(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames],
    }
    cause = None if error is None else error.__cause__ or error.__context__
    if cause is not None:
        found["cause"] = type(cause).__name__
    if _debugging():
        found["words"] = str(error)
    return found


def _place(text: str) -> str | None:
    found = _PLACE.match(text)
    return None if found is None else f"{_short(found['file'])}:{found['line']} in {found['name']}"


def _short(path: str) -> str:
    """A path without the folder where this interpreter's packages, or ours, lie."""
    for folder in (str(Path(__file__).parent.parent), *sys.path):
        if folder and path.startswith(folder + os.sep):
            return path[len(folder) + 1 :]
    return path


def _debugging() -> bool:
    return bool(os.environ.get("HEEDFUL_DEBUG"))


def _in_a_thread(raised: Any) -> None:
    info = (raised.exc_type, raised.exc_value, raised.exc_traceback)
    logging.getLogger(NAME).error("a thread ended in an exception", exc_info=info)


def _unraisable(raised: Any) -> None:
    info = (raised.exc_type, raised.exc_value, raised.exc_traceback)
    logging.getLogger(NAME).error("an exception that nobody could catch", exc_info=info)
