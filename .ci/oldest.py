"""Prints the oldest versions that ``pyproject.toml`` claims to work with, as constraints for pip, one a line.

    python .ci/oldest.py > oldest.txt
    pip install -c oldest.txt '.[timestamps,export,metrics,quality]'

``--extras`` prints the names of these extras instead.

Every direct dependency, also of the extras that users install, at its lower bound. What only tests and
developers need is left as it is: it is no part of what we claim.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

EXTRAS = ("timestamps", "export", "metrics", "quality")
"""What users install; the tests know this list, too."""

_BOUND = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*>=\s*(?P<version>[0-9.]+)(?P<rest>[^;]*)(?P<when>;.*)?")


def oldest(project: dict[str, object]) -> Iterator[str]:
    """The constraints. Raises ``ValueError`` for a dependency that names no lower bound."""
    extras = project["optional-dependencies"]
    assert isinstance(extras, dict)
    direct = project["dependencies"]
    assert isinstance(direct, list)
    for one in (*direct, *(entry for extra in EXTRAS for entry in extras[extra])):
        found = _BOUND.fullmatch(one.strip())
        if found is None:
            raise ValueError(f"{one}: name the oldest version that works, as in name>=1.0")
        yield f"{found['name']}=={found['version']}{found['when'] or ''}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--extras"]:
        print(",".join(EXTRAS))
        sys.exit()
    file = Path(__file__).parent.parent / "pyproject.toml"
    for line in oldest(tomllib.loads(file.read_text("utf-8"))["project"]):
        print(line)
