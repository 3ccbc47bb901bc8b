"""Ways to end a command when it least expects it, each followed by the same command and the invariants."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests import crawls
from tests.exports import files
from tests.faults.place import TURNING, Place, contents, finished, whole

TIMEOUT = 120.0
"""Seconds that any command may take, on a machine that does other things too."""


@dataclass(kw_only=True, slots=True)
class Strike:
    """One command that was struck, and what came after."""

    way: str
    """Its name in :data:`WAYS`."""
    seed: int
    """What its moment was drawn from."""
    code: int = 0
    """How the struck command ended; negative: by a signal."""
    strikes: int = 0
    """How often something was struck that was still running."""
    resumed: int = 0
    """How often the same command was run again."""
    broken: list[str] = field(default_factory=list)
    """What did not hold, one line each."""
    stored: int = 0
    """Contents in the archive in the end."""
    twice: int = 0
    """URLs that were asked more often than once."""

    def check(self, when: str, broken: Iterable[str]) -> None:
        """Note what did not hold."""
        self.broken += [f"{when}: {one}" for one in broken]


def begin(arguments: Iterable[str]) -> subprocess.Popen[str]:
    """Begin a command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "crawler", *arguments],
        env=crawls.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def until(reached: Callable[[], bool], process: subprocess.Popen[str], seconds: float = TIMEOUT) -> None:
    """Wait until something is reached or the process has ended."""
    end = time.monotonic() + seconds
    while process.poll() is None and not reached():
        assert time.monotonic() < end, "it neither got there nor ended"
        time.sleep(0.001)


def hears(process: subprocess.Popen[str]) -> bool:
    """Whether a handler for SIGTERM is set, as from our first line on; the interpreter itself sets none."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return False
    (mask,) = (line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(mask, 16) >> (signal.SIGTERM - 1) & 1)


def children(pid: int) -> list[int]:
    """The processes that the process ``pid`` has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found


def worked(process: subprocess.Popen[str]) -> float:
    """Processor seconds that a process has used by itself; endless when it has ended."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("inf")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def strike(one: Strike, process: subprocess.Popen[str], number: int, *, group: bool = False) -> str:
    """Send a signal to a process, or to all that it started, and wait for its end; what it said on stderr."""
    if process.poll() is None:
        (os.killpg if group else os.kill)(process.pid, number)
        one.strikes += 1
    _, said = process.communicate(timeout=TIMEOUT)
    one.code = process.returncode
    if "Traceback" in said:
        one.broken.append(f"a traceback: {said[-600:]}")
    return said


def again(one: Strike, arguments: list[str], *, ends: tuple[int, ...] = (0,)) -> None:
    """Run the same command to its end, with no step between."""
    ended = crawls.heedful(*arguments, timeout=TIMEOUT)
    one.resumed += 1
    if ended.code not in ends or "Traceback" in ended.err:
        one.broken.append(f"the same command ends with {ended.code}: {ended.err[-300:]}")


# Crawls


def _crawl(
    place: Place,
    one: Strike,
    wait: Callable[[subprocess.Popen[str], Path, int], None],
    number: int = signal.SIGKILL,
    *,
    group: bool = False,
    times: int = 1,
) -> None:
    folder = place.folder()
    command = place.crawl(folder)
    first = len(place.web.requests)
    stored: set[tuple[str, str]] = set()
    for _ in range(times):
        since = len(place.web.requests)
        process = begin(command)
        wait(process, folder, since)
        strike(one, process, number, group=group)
        if number != signal.SIGKILL and one.code not in (0, 3):
            one.broken.append(f"{signal.Signals(number).name} ended it with {one.code}")
        one.check("after the strike", whole(folder) if folder.exists() else [])
        if (folder / "archive").exists():
            now = set(contents(folder))
            one.check("after the strike", [f"lost: {at}" for at, _ in stored - now])
            stored = now
    states = crawls.frontier(folder) if (folder / "frontier.db").exists() else {}
    done = {at for at, (state, _) in states.items() if state == "done"}
    since = len(place.web.requests)
    if one.code != 0:
        again(one, command)
    if len(done) < len(states):  # else it is a run of its own, which asks again
        asked = place.asked(since)
        one.check("resumed", [f"asked although it was done: {at}" for at in done & set(asked)])
    one.check("resumed", [f"lost: {at}" for at, _ in stored - set(contents(folder))])
    one.check("resumed", finished(folder, place.expected))
    one.stored = len(crawls.stored(folder))
    one.twice = sum(number > 1 for number in place.asked(first).values())


def _any_moment(place: Place, chance: random.Random) -> Callable[[subprocess.Popen[str], Path, int], None]:
    moment, more = chance.uniform(0.0, place.base[1]), chance.uniform(0.0, 0.05)

    def wait(process: subprocess.Popen[str], folder: Path, since: int) -> None:
        until(lambda: worked(process) >= moment, process)
        time.sleep(more)

    return wait


def crawl(place: Place, one: Strike, chance: random.Random) -> None:
    """A crawl is killed at any moment of its life, once or twice."""
    _crawl(place, one, _any_moment(place, chance), times=1 + (chance.random() < 0.3))


def all_processes(place: Place, one: Strike, chance: random.Random) -> None:
    """A crawl and all processes that it has started are killed at once."""
    _crawl(place, one, _any_moment(place, chance), group=True)


def beginning(place: Place, one: Strike, chance: random.Random) -> None:
    """A crawl is killed while it makes its folder."""
    moment = chance.uniform(0.0, 0.1)

    def wait(process: subprocess.Popen[str], folder: Path, since: int) -> None:
        until(folder.exists, process)
        time.sleep(moment)

    _crawl(place, one, wait)


def ending(place: Place, one: Strike, chance: random.Random) -> None:
    """A crawl is killed when it has asked for everything, while it writes and signs."""
    moment = chance.uniform(0.0, 0.8)

    def wait(process: subprocess.Popen[str], folder: Path, since: int) -> None:
        until(lambda: place.expected <= set(place.asked(since)), process)
        time.sleep(moment)

    _crawl(place, one, wait)


def _told(number: int) -> Callable[[Place, Strike, random.Random], None]:
    def told(place: Place, one: Strike, chance: random.Random) -> None:
        moment = chance.uniform(0.0, place.base[1])
        group = chance.random() < 0.5  # a terminal sends Ctrl-C to children too

        def wait(process: subprocess.Popen[str], folder: Path, since: int) -> None:
            until(lambda: hears(process) and worked(process) >= moment, process)

        _crawl(place, one, wait, number, group=group and number == signal.SIGINT)

    told.__doc__ = f"A crawl is sent {signal.Signals(number).name} at any moment: it ends with 0 or 3."
    return told


ctrl_c = _told(signal.SIGINT)
terminated = _told(signal.SIGTERM)


def child(place: Place, one: Strike, chance: random.Random) -> None:
    """A process that reads documents is killed; the crawl goes on, and loses one item at most."""
    folder = place.folder()
    process = begin(place.crawl(folder))
    found: list[int] = []

    def there() -> bool:
        found[:] = children(process.pid)
        return bool(found)

    until(there, process)
    time.sleep(chance.uniform(0.0, 0.3))
    if process.poll() is None and (left := children(process.pid)):
        os.kill(left[0], signal.SIGKILL)
        one.strikes += 1
    _, said = process.communicate(timeout=TIMEOUT)
    one.code = process.returncode
    if one.code != 0 or "Traceback" in said:
        one.broken.append(f"the crawl ends with {one.code}: {said[-300:]}")
    stored = crawls.stored(folder)
    lost = place.expected - set(stored)
    if len(lost) > 1:
        one.broken.append(f"lost with one child: {sorted(lost)}")
    one.check("in the end", finished(folder, place.expected - lost))
    one.stored = len(stored)


# What is done with a corpus

_costs: dict[tuple[Path, str], float] = {}


def _cost(place: Place, way: str, folder: Path, arguments: list[str], *, ends: tuple[int, ...]) -> float:
    """Processor seconds of a command where nobody disturbs it; measured once."""
    known = place.root, way
    if known not in _costs:
        other = place.copy()
        _costs[known] = place.cost([str(other) if one == str(folder) else one for one in arguments], ends=ends)
    return _costs[known]


def _change(
    place: Place,
    one: Strike,
    chance: random.Random,
    folder: Path,
    arguments: list[str],
    *,
    gone: Collection[str] = (),
    erased: Collection[str] = (),
) -> None:
    """Kill a command that works on ``folder``, and have it done.

    ``gone``: what it takes out; ``erased``: what the ledger forgets.
    """
    before = set(contents(folder))
    moment = chance.uniform(0.25, 1.0) * _cost(place, one.way, folder, arguments, ends=(0, 1))
    process = begin(arguments)
    until(lambda: worked(process) >= moment, process)
    strike(one, process, signal.SIGKILL)
    one.check("after the strike", whole(folder, erased=erased))
    stays = {(at, digest) for at, digest in before if at not in gone}
    one.check("after the strike", [f"lost: {at}" for at, _ in stays - set(contents(folder))])
    again(one, arguments, ends=(0, 1))
    one.check("done", whole(folder, erased=erased))
    now = contents(folder)
    one.check("done", [f"lost: {at}" for at, _ in stays - set(now)])
    one.check("done", [f"still there: {at}" for at, _ in now if at in gone])
    one.stored = sum(now.values())


def recheck(place: Place, one: Strike, chance: random.Random) -> None:
    """A recheck that has to withdraw something is killed."""
    folder = place.copy()
    place.turned = True
    try:
        arguments = ["recheck", str(folder), *crawls.options(place.web), "--delay", "0.01", "-q"]
        _change(place, one, chance, folder, arguments, gone={f"{TURNING}/turns"})
    finally:
        place.turned = False


def withdraw(place: Place, one: Strike, chance: random.Random) -> None:
    """A withdrawal of a host is killed."""
    folder = place.copy()
    gone = {at for at in crawls.stored(folder) if at.startswith("south.example/")}
    arguments = ["withdraw", str(folder), "--host", "south.example", "--reason", "asked"]
    _change(place, one, chance, folder, arguments, gone=gone)


def erase(place: Place, one: Strike, chance: random.Random) -> None:
    """The erasure of what the ledger says about a URL is killed."""
    folder = place.copy()
    url = crawls.heedful("log", str(folder), "--outcome", "reserved", "--json").rows[0]["url"]
    arguments = ["ledger", "erase", str(folder), "--url", url, "--reason", "asked"]
    _change(place, one, chance, folder, arguments, erased={crawls.at(url)})
    left = [p.name for p in (folder / "ledger").rglob("*") if p.is_file() and url.encode() in p.read_bytes()]
    one.check("done", [f"{name} still says what was erased" for name in left])


def export(place: Place, one: Strike, chance: random.Random) -> None:
    """An export is killed; what it makes in the end is what an undisturbed one makes."""
    folder, target = place.base[0], place.folder()
    arguments = ["export", str(folder), "--format", "jsonl", "-q", "-o"]
    undisturbed = place.root / "undisturbed"
    if not undisturbed.exists():
        _costs[place.root, one.way] = place.cost([*arguments, str(undisturbed)])
    process = begin([*arguments, str(target)])
    moment = chance.uniform(0.1, 1.0) * _costs[place.root, one.way]
    until(lambda: worked(process) >= moment, process)
    strike(one, process, signal.SIGKILL)
    again(one, [*arguments, str(target)])
    if files(target) != files(undisturbed):
        one.broken.append("the export differs from an undisturbed one")
    ended = crawls.heedful("verify", str(target), "--corpus", str(folder), timeout=TIMEOUT)
    if ended.code != 0:
        one.broken.append(f"verify of the export ends with {ended.code}: {ended.out[-300:]}{ended.err[-300:]}")
    one.check("done", whole(folder))
    one.stored = len(crawls.stored(folder))


WAYS: dict[str, Callable[[Place, Strike, random.Random], None]] = {
    "crawl": crawl,
    "crawl and its children": all_processes,
    "crawl, first moments": beginning,
    "crawl, last moments": ending,
    "a child of a crawl": child,
    "recheck": recheck,
    "withdraw": withdraw,
    "export": export,
    "ledger erase": erase,
    "crawl, SIGINT": ctrl_c,
    "crawl, SIGTERM": terminated,
}
"""Every way, by its name in the table."""

KILLS = tuple(name for name in WAYS if "SIG" not in name)
"""Those that end in SIGKILL."""


def struck(place: Place, way: str, seed: int) -> Strike:
    """Strike once in this way; the seed decides the moment."""
    one = Strike(way=way, seed=seed)
    WAYS[way](place, one, random.Random(seed))
    return one
