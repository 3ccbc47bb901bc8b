"""How much memory a process and all that it started take, while they run."""

from __future__ import annotations

import threading
from pathlib import Path


def children() -> dict[int, list[int]]:
    """The processes of this machine by their parents."""
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue  # it has ended
            found.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(folder.name))
    return found


def tree(root: int) -> list[int]:
    """``root`` and everything under it."""
    parents, found = children(), [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def memory(pid: int) -> tuple[int, int]:
    """Octets that a process holds now and held at most (VmRSS, VmHWM of proc(5)); zeros when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    told = dict(line.split(":", 1) for line in lines)
    now, most = (int(told.get(name, "0 kB").split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


class Watch:
    """Looks at a tree of processes until it is told to stop.

    What is held together is looked at ten times a second; what each held at most, the kernel remembers.
    """

    def __init__(self, root: int) -> None:
        self.together = 0
        """Octets held by all at once, at most, as far as it was looked at."""
        self.each: dict[int, int] = {}
        """Octets that each process held at most."""
        self._root = root
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End looking."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            held = 0
            for pid in tree(self._root):
                now, most = memory(pid)
                held += now
                self.each[pid] = max(self.each.get(pid, 0), most)
            self.together = max(self.together, held)
