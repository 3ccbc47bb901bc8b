"""Kill a crawl at chosen moments of its writing.

``python -m tests.crawl_crashes STEP FOLDER EXPECTED COMMAND``: for n = 1, 1 + STEP, … a fork of this process
runs COMMAND on a copy of FOLDER and is killed with SIGKILL at its n-th system call that changes a file. Then
the same command has to finish, with the number of records for each ``host/path`` in the archive that EXPECTED
says, as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path

import crawler.run  # noqa: F401 - imported once, for all forks
from crawler.cli import main as heedful
from tests import crawls
from tests.crashes import die_at


def run(command: list[str], folder: Path, moment: int | None) -> int:
    """Run ``command`` on ``folder`` in a fork; its exit code, or -9."""
    child = os.fork()
    if child == 0:
        try:
            if moment is not None:
                die_at(moment)
            heedful([*command, "-o", str(folder), "-q"])
        except SystemExit as end:
            os._exit(int(end.code or 0))
        os._exit(70)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(step: int, base: Path, expected: Counter[str], command: list[str]) -> None:
    """Try the moments; print how many there were."""
    for tried, moment in enumerate(range(1, 10_000, step)):
        folder = base.with_name(f"{base.name}-{moment}")
        shutil.copytree(base, folder)
        code = run(command, folder, moment)
        try:
            if code != -signal.SIGKILL:
                assert code == 0, f"the crawl failed by itself: {code}"
                print(tried)
                return
            crawls.check_folder(folder)
            assert run(command, folder, None) == 0
            crawls.check_folder(folder)
            stored = crawls.stored(folder)
            assert stored == expected, f"{stored - expected} too many, {expected - stored} missing"
        except BaseException:
            print(f"killed at call {moment}, see {folder}", file=sys.stderr)
            raise
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Counter(json.loads(sys.argv[3])), sys.argv[4:])
