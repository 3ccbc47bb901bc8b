"""The hostile web: every way in which a server was thought to lie, hang, flood or bomb, as one table."""

from __future__ import annotations

from tests.webs.hostile.bodies import BODIES
from tests.webs.hostile.connections import CONNECTIONS, PORTS
from tests.webs.hostile.endless import ENDLESS
from tests.webs.hostile.headers import HEADERS
from tests.webs.hostile.pages import PAGES
from tests.webs.hostile.pictures import PICTURES
from tests.webs.hostile.redirects import REDIRECTS
from tests.webs.hostile.row import Ending, Lie, hosts_of
from tests.webs.hostile.site_files import RULES

__all__ = ["GROUPS", "LIES", "PORTS", "Ending", "Lie", "hosts_of"]

GROUPS: dict[str, tuple[Lie, ...]] = {
    "Connections and status lines": CONNECTIONS,
    "Header lines": HEADERS,
    "Bodies": BODIES,
    "Redirects": REDIRECTS,
    "Site-level files": RULES,
    "Pages": PAGES,
    "Images and documents": PICTURES,
    "Sites without an end": ENDLESS,
}
"""The rows by what they are about."""

LIES: tuple[Lie, ...] = tuple(row for rows in GROUPS.values() for row in rows)
"""Every row."""
