"""Python and the libraries, against what the installed package says that it needs."""

from __future__ import annotations

import platform
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from crawler import __version__
from crawler.doctor.model import Check, Patient, ok, problem, warning

NAME = "heedful"
EXTRAS = {
    "timestamps": "time-stamps of an authority",
    "export": "Parquet and near-duplicates",
    "quality": "the slower reader of main text",
    "metrics": "--metrics",
}
"""The extras that are for operators, and what each is for."""

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[[^]]*\])?\s*(?P<bounds>[^;]*)(?:;(?P<marker>.*))?")
_BOUND = re.compile(r"(?P<how><=|>=|==|!=|~=|<|>)\s*(?P<version>[\w.]+)")
# PEP 508, as far as our own metadata goes: lower and upper bounds, markers of extras and of Python's version.


def checks(patient: Patient) -> Iterator[Check]:
    """Python, what is needed, what could be had besides."""
    yield _python()
    needed = _requirements()
    if not needed:
        yield warning(
            "libraries", f"{NAME} {__version__} runs without being installed", f"install it: pip install {NAME}"
        )
        return
    wrong = [words for name, bounds in needed[""] if (words := _wrong(name, bounds))]
    if wrong:
        yield problem("libraries", "; ".join(wrong), f"install it again: pip install --upgrade {NAME}")
    else:
        yield ok("libraries", f"{NAME} {__version__} and {len(needed[''])} libraries that it needs")
    there = []
    for extra, what in EXTRAS.items():
        lacking = [words for name, bounds in needed[extra] if (words := _wrong(name, bounds))]
        if needed[extra] and not lacking:
            there.append(extra)
        elif len(lacking) < len(needed[extra]):
            advice = f"install all of it: pip install '{NAME}[{extra}]'"
            yield warning(
                "extras", f"only a part of {extra} is there, for {what}: {'; '.join(lacking)}", advice
            )
    absent = [f"{extra} ({what})" for extra, what in EXTRAS.items() if extra not in there]
    said = f"installed: {', '.join(there) or 'none'}"
    yield ok("extras", said + (f"; to be had: {', '.join(absent)}" if absent else ""))


def _python() -> Check:
    wanted = "3.11"
    try:
        found = _BOUND.search(metadata(NAME)["Requires-Python"])
        wanted = found["version"] if found else wanted
    except (PackageNotFoundError, KeyError):
        pass
    words = f"{platform.python_implementation()} {platform.python_version()} on {platform.platform(terse=True)}"
    if sys.version_info[:2] < _numbers(wanted)[:2]:
        return problem("python", words, f"install Python {wanted} or later")
    return ok("python", words)


def _requirements() -> dict[str, list[tuple[str, str]]]:
    """Name and bounds of every requirement, by extra; the empty name for those that are always needed."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    try:
        lines = requires(NAME) or []
    except PackageNotFoundError:
        return {}
    for line in lines:
        part = _REQUIREMENT.match(line)
        if part is None or part["name"].lower() == NAME:
            continue
        marker = part["marker"] or ""
        python = re.search(r"python_version\s*<\s*['\"]([\d.]+)", marker)
        if python and sys.version_info[:2] >= _numbers(python[1])[:2]:
            continue
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)", marker)
        found[extra[1] if extra else ""].append((part["name"], part["bounds"]))
    return found


def _wrong(name: str, bounds: str) -> str | None:
    """What is wrong with an installed library; None: nothing."""
    try:
        have = version(name)
    except PackageNotFoundError:
        return f"{name} is not installed"
    for bound in _BOUND.finditer(bounds):
        mine, theirs = _numbers(have), _numbers(bound["version"])
        if (bound["how"] == ">=" and mine < theirs) or (bound["how"] == "<" and mine >= theirs):
            return f"{name} is {have}, needed is {bounds.strip()}"
    return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0])[:4])
