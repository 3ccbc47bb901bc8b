"""Asks pip-audit for known vulnerabilities of what is installed in an environment: ``vulnerabilities.py VENV``.

Where pip-audit, or the service that it asks, cannot be had, one line says so and nothing fails: not knowing is
told, and no reason to stop. A vulnerability that is found fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

TIME = 150
"""Seconds for each of the two steps, installing and asking."""


def skipped(why: str) -> int:
    """Say why nothing was looked at."""
    print(f"skipped, nobody looked for vulnerabilities: {why}")
    return 0


def last_line(text: str) -> str:
    """Of what a program said, where the reason stands."""
    return (text.strip().splitlines() or ["it said nothing"])[-1][:200]


def audit(environment: Path) -> int:
    """0: none is known, or nobody could be asked; 1: one is known."""
    packages = next((environment / "lib").glob("python3*/site-packages"))
    with tempfile.TemporaryDirectory() as made:
        tool = Path(made) / "bin"
        subprocess.run([sys.executable, "-m", "venv", made], check=True)
        install = [tool / "pip", "install", "--quiet", "pip-audit"]
        try:
            got = subprocess.run(install, capture_output=True, text=True, timeout=TIME)
        except subprocess.TimeoutExpired:
            return skipped(f"pip-audit was not installed within {TIME} seconds")
        if got.returncode:
            return skipped(f"pip-audit cannot be installed ({last_line(got.stderr)})")
        command = [tool / "pip-audit", "--path", packages, "--format", "json", "--progress-spinner", "off"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIME)
        except subprocess.TimeoutExpired:
            return skipped(f"the service did not answer within {TIME} seconds")
    return judged(done.returncode, done.stdout, done.stderr)


def judged(code: int, out: str, err: str) -> int:
    """What pip-audit found, by what it printed: where its service could not be asked, it prints no JSON."""
    try:
        found = json.loads(out)["dependencies"]
    except (ValueError, LookupError, TypeError):
        return skipped(f"the service cannot be asked ({last_line(err)})")
    known = [(one["name"], one["version"], bug["id"]) for one in found for bug in one.get("vulns", ())]
    for row in known:
        print("vulnerable:", *row)
    if known:
        return 1
    if code:
        return skipped(f"pip-audit ended with {code} ({last_line(err)})")
    looked = sum("vulns" in one for one in found)
    if not looked:
        reasons = [one.get("skip_reason") for one in found if one.get("skip_reason")]
        return skipped(
            f"the service knows none of the packages ({last_line(str(reasons[0] if reasons else err))})"
        )
    print(f"{looked} of {len(found)} packages looked up, none with a known vulnerability")
    return 0


if __name__ == "__main__":
    sys.exit(audit(Path(sys.argv[1])))
