"""Names without an address, names that turn inside, and redirects to what may not be asked, in every spelling.

In a network of its own, where an address that counts as public is this machine, and its only name server too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import crawls
from tests.webs.hostile.names import HARMLESS, SPELLED

ALONE = ["unshare", "--user", "--map-root-user", "--net", "--mount"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    try:
        subprocess.run([*ALONE, "ip", "link"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no network of its own to be had here")
    folder = tmp_path_factory.mktemp("names")
    done = subprocess.run(
        [*ALONE, sys.executable, "-m", "tests.webs.hostile.names", str(folder)],
        cwd=Path(__file__).parents[1],
        env=crawls.environment(PYTHONPATH=str(Path(__file__).parents[1])),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_nobody_inside_was_connected_to(told: dict[str, Any]) -> None:
    assert told["inside"] == 0


def test_the_crawls_end_by_themselves(told: dict[str, Any]) -> None:
    assert told["codes"][0] == 0, told["err"]
    assert "Traceback" not in told["err"]


@pytest.mark.parametrize(
    ("name", "outcome", "why"),
    [
        ("nobody", "undetermined", "lookup|resolv"),
        ("failing", "undetermined", "lookup|resolv"),
        ("refusing", "undetermined", "lookup|resolv"),
        ("silent", "undetermined", "lookup|resolv|[Tt]ime"),
        ("empty", "undetermined", "lookup|resolv"),
        ("broken", "undetermined", "lookup|resolv|[Tt]ime"),
        ("inside", "skipped", "address: the name resolves to a private address"),
        ("ten", "skipped", "address: the name resolves to a private address"),
        ("cloud", "skipped", "address: the name resolves to a private address"),
        ("mixed", "unreserved", ""),
        ("turns", "unreserved", ""),
    ],
)
def test_what_becomes_of_a_name(name: str, outcome: str, why: str, told: dict[str, Any]) -> None:
    found, grounds = told["once"][f"{name}.example/page"]
    assert found == outcome, grounds
    assert re.search(why, grounds), grounds
    assert (f"{name}.example/page" in told["kept"]) == (outcome == "unreserved")


def test_a_name_that_turns_inside_is_left_from_then_on(told: dict[str, Any]) -> None:
    outcome, grounds = told["twice"]["turns.example/more"]
    assert outcome == "skipped"
    assert "address: the name resolves to a private address" in grounds
    assert "turns.example/page" in told["kept"], "what was kept before stays"


@pytest.mark.parametrize(("number", "target"), list(enumerate(SPELLED)))
def test_where_a_redirect_may_not_lead(number: int, target: str, told: dict[str, Any]) -> None:
    outcome, grounds = told["once"][f"r{number}.example/page"]
    assert outcome == "skipped"
    to_a_name = target in HARMLESS or "inside.example" in target
    assert ("house moved: " if to_a_name else "house address: redirected to ") in grounds
    assert f"r{number}.example/page" not in told["kept"]


@pytest.mark.parametrize(("number", "target"), list(enumerate(SPELLED)))
def test_rules_that_lead_inside_are_no_rules(number: int, target: str, told: dict[str, Any]) -> None:
    """Rules that could not be had permit nothing; rules that are not there (404) are another matter."""
    outcome, grounds = told["once"][f"s{number}.example/page"]
    harmless = target in HARMLESS
    assert outcome == ("unreserved" if harmless else "undetermined"), grounds
    assert (f"s{number}.example/page" in told["kept"]) == harmless
