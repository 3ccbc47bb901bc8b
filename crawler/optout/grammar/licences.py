"""Which open licence a URL names.

Only the licence's own page on its own host counts, by host and path exactly: a page about a licence, or a host
whose name begins like the right one, names nothing.

Creative Commons (https://creativecommons.org/licenses/)::

    url     = [ ( "http" / "https" ) ":" ] "//" [ "www." ] host path
    path    = "/licenses/" code "/" version [ "/" jurisdiction ] [ "/" page ] [ "/" ]
            / "/publicdomain/" ( "zero" / "mark" ) "/1.0" [ "/" page ] [ "/" ]
    page    = ( "deed" / "legalcode" ) [ "." language ] / "rdf"

Identifiers are those of the SPDX licence list (https://spdx.org/licenses/). Ported Creative Commons licences go
under the identifier of the unported one, whose conditions they share.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

_PAGE = r"(?:/(?:(?:deed|legalcode)(?:\.[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,8})?)?|rdf))?/?"
_CC = re.compile(
    r"/licenses/(by|by-sa|by-nd|by-nc|by-nc-sa|by-nc-nd)/(1\.0|2\.0|2\.1|2\.5|3\.0|4\.0)"
    rf"(?:/(?:[a-z]{{2}}|igo|scotland))?{_PAGE}"
)
_CC_PUBLIC = re.compile(rf"/publicdomain/(zero|mark)/1\.0{_PAGE}")
_PUBLIC = {"zero": "CC0-1.0", "mark": "CC-PDM-1.0"}

# Host without "www.", path, identifier.
_OTHERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "nationalarchives.gov.uk",
        re.compile(r"/doc/open-government-licence/version/3(?:/|/open-government-licence\.htm)?"),
        "OGL-UK-3.0",
    ),
    ("etalab.gouv.fr", re.compile(r"/licence-ouverte-open-licence/?"), "etalab-2.0"),
    ("govdata.de", re.compile(r"/dl-de/by-2-0/?"), "DL-DE-BY-2.0"),
    ("govdata.de", re.compile(r"/dl-de/zero-2-0/?"), "DL-DE-ZERO-2.0"),
    ("opendatacommons.org", re.compile(r"/licenses/odbl/(?:1-0|1\.0)/?"), "ODbL-1.0"),
    ("opendatacommons.org", re.compile(r"/licenses/by/(?:1-0|1\.0)/?"), "ODC-By-1.0"),
    ("opendatacommons.org", re.compile(r"/licenses/pddl/(?:1-0|1\.0)/?"), "PDDL-1.0"),
    ("gnu.org", re.compile(r"/licenses/fdl-1\.3(?:\.[a-z]{2})?(?:\.html|\.txt)?"), "GFDL-1.3"),
    ("rightsstatements.org", re.compile(r"/(?:vocab|page)/NoC-US/1\.0/?"), "NoC-US"),
)


@lru_cache(maxsize=4096)
def licence_of(url: str) -> str | None:
    """The SPDX identifier of the open licence that ``url`` names, or None.

    ``rightsstatements.org`` statements have no SPDX identifier and go by their own (``NoC-US``).
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("", "http", "https") or port is not None or "@" in parts.netloc:
        return None
    host = (parts.hostname or "").removeprefix("www.")
    if host == "creativecommons.org":
        if match := _CC.fullmatch(parts.path):
            return f"CC-{match[1].upper()}-{match[2]}"
        match = _CC_PUBLIC.fullmatch(parts.path)
        return _PUBLIC[match[1]] if match else None
    for name, path, identifier in _OTHERS:
        if host == name and path.fullmatch(parts.path):
            return identifier
    return None
