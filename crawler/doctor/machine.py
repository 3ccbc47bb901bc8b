"""What the system lets a process have: open files, memory, cores; and the proxies of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from crawler.config.shown import concealed
from crawler.doctor.model import Check, Patient, ok, problem, unchecked, warning

FEW_FILES, TOO_FEW_FILES = 1024, 256
"""Open files: below the first a wide crawl may run out of them, below the second any may."""
LITTLE, TOO_LITTLE = 1_000_000_000, 300_000_000
"""Bytes of memory to be had. A crawl takes some 300 MB, and two processes for parsing 200 MB each at most."""

_MEMORY = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup/memory.max")


def checks(patient: Patient) -> Iterator[Check]:
    """Open files, memory, cores, proxies."""
    yield _files(int(patient.found.get("concurrency") or 0))
    yield _memory()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield ok("cores", f"{cores} to be had; one crawl uses one, and up to two more for large files")
    yield _proxies(patient)


def _files(concurrency: int) -> Check:
    try:
        import resource
    except ImportError:
        return unchecked("open files", "this system has no such limit")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return ok("open files", "no limit")
    said = (
        f"{soft:,} at once, up to {'any number' if hard == resource.RLIM_INFINITY else f'{hard:,}'} on request"
    )
    if soft < max(TOO_FEW_FILES, concurrency + 64):
        return problem("open files", said, "raise it: ulimit -n 8192, or LimitNOFILE=8192 in the service")
    if soft < FEW_FILES:
        return warning("open files", said, "raise it for wide crawls: ulimit -n 8192")
    return ok("open files", said)


def _memory() -> Check:
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", _MEMORY.read_text(), re.MULTILINE)
    except OSError:
        found = None
    if found is None:
        return unchecked("memory", "what is to be had cannot be told on this system")
    free, group = int(found[1]) * 1024, ""
    try:
        text = _GROUP.read_text().strip()
        if text.isdigit():
            free, group = min(free, int(text)), f"; this process may take {int(text) / 1e9:,.1f} GB"
    except OSError:
        pass
    said = f"{free / 1e9:,.1f} GB to be had{group}"
    if free < TOO_LITTLE:
        return problem("memory", said, "give it more: a crawl takes some 300 MB")
    if free < LITTLE:
        return warning("memory", said, "give it 1 GB or more for a crawl of large files")
    return ok("memory", said)


def _proxies(patient: Patient) -> Check:
    names = ("http_proxy", "https_proxy", "all_proxy")
    set_ = {name: value for name, value in sorted(patient.environ.items()) if name.lower() in names and value}
    if not set_:
        return ok("proxies", "none is set: requests leave directly")
    shown = ", ".join(f"{name}={concealed(name, _as_url(value))}" for name, value in set_.items())
    advice = (
        "have the proxy refuse private addresses, or unset it: behind it nobody here sees where a name leads"
    )
    return warning("proxies", shown, advice)


def _as_url(value: str) -> str:
    return value if "://" in value else f"http://{value}"
