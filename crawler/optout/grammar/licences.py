"""Which open licence a URL names, and what it is called.

Only the licence's own page on its own host counts, by host and path exactly: a page about a licence, or a host
whose name begins like the right one, names nothing. A query or fragment changes nothing.

Creative Commons (https://creativecommons.org/licenses/)::

    url     = [ ( "http" / "https" ) ":" ] "//" [ "www." ] host path
    path    = "/licenses/" code "/" version [ "/" jurisdiction ] [ "/" page ] [ "/" ]
            / "/publicdomain/" ( "zero" / "mark" ) "/1.0" [ "/" page ] [ "/" ]
    page    = ( "deed" / "legalcode" ) [ "." language ] / "rdf"

Identifiers are those of the SPDX licence list (https://spdx.org/licenses/), whose own pages count too. Ported
Creative Commons licences go under the identifier of the unported one, whose conditions they share.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

_CODES = ("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")
_VERSIONS = ("1.0", "2.0", "2.1", "2.5", "3.0", "4.0")
_PAGE = r"(?:/(?:(?:deed|legalcode)(?:\.[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,8})?)?|rdf))?/?"
_CC = re.compile(
    rf"/licenses/({'|'.join(_CODES)})/({'|'.join(map(re.escape, _VERSIONS))})"
    rf"(?:/(?:[a-z]{{2}}|igo|scotland))?{_PAGE}"
)
_CC_PUBLIC = re.compile(rf"/publicdomain/(zero|mark)/1\.0{_PAGE}")
_PUBLIC = {"zero": "CC0-1.0", "mark": "CC-PDM-1.0"}
_SPDX = re.compile(r"/licenses/([A-Za-z0-9.-]+?)(?:\.html)?")

# Host without "www.", path, identifier.
_OTHERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "nationalarchives.gov.uk",
        re.compile(r"/doc/open-government-licence/version/3(?:/|/open-government-licence\.htm)?"),
        "OGL-UK-3.0",
    ),
    ("etalab.gouv.fr", re.compile(r"/licence-ouverte-open-licence/?"), "etalab-2.0"),
    (
        "etalab.gouv.fr",
        re.compile(r"/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2\.0\.pdf"),
        "etalab-2.0",
    ),
    ("alliance.numerique.gouv.fr", re.compile(r"/licence-ouverte-open-licence/?"), "etalab-2.0"),
    ("github.com", re.compile(r"/etalab/licence-ouverte/blob/master/(?:LO|open-licence)\.md"), "etalab-2.0"),
    (
        "github.com",
        re.compile(r"/DISIC/politique-de-contribution-open-source/blob/master/LICENSE(?:\.pdf)?"),
        "etalab-2.0",
    ),
    ("govdata.de", re.compile(r"/dl-de/by-2-0/?"), "DL-DE-BY-2.0"),
    ("govdata.de", re.compile(r"/dl-de/zero-2-0/?"), "DL-DE-ZERO-2.0"),
    ("opendatacommons.org", re.compile(r"/licenses/odbl/(?:1-0|1\.0)/?"), "ODbL-1.0"),
    ("opendatacommons.org", re.compile(r"/licenses/by/(?:1-0|1\.0)/?"), "ODC-By-1.0"),
    ("opendatacommons.org", re.compile(r"/licenses/pddl/(?:1-0|1\.0)/?"), "PDDL-1.0"),
    *(
        (
            "gnu.org",
            re.compile(rf"/licenses/(?:old-licenses/)?fdl-{version}(?:\.[a-z]{{2}})?(?:\.html|\.txt)?"),
            f"GFDL-{version}",
        )
        for version in ("1.1", "1.2", "1.3")
    ),
    ("rightsstatements.org", re.compile(r"/(?:vocab|page)/NoC-US/1\.0/?"), "NoC-US"),
)

IDENTIFIERS = frozenset(
    {
        *(f"CC-{code.upper()}-{version}" for code in _CODES for version in _VERSIONS),
        *_PUBLIC.values(),
        *(identifier for _, _, identifier in _OTHERS),
    }
)
"""Every identifier that a URL can be recognised as."""

FAMILIES = frozenset(re.sub(r"-[0-9.]+\Z", "", identifier) for identifier in IDENTIFIERS)
"""The same without versions: each stands for all versions of its licence."""

_TITLES = {
    "CC0-1.0": "CC0 1.0",
    "CC-PDM-1.0": "Public Domain Mark 1.0",
    "OGL-UK-3.0": "Open Government Licence v3.0",
    "etalab-2.0": "Licence Ouverte 2.0",
    "DL-DE-BY-2.0": "Datenlizenz Deutschland – Namensnennung – Version 2.0",
    "DL-DE-ZERO-2.0": "Datenlizenz Deutschland – Zero – Version 2.0",
    "NoC-US": "No Copyright – United States",
}


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
    if host == "spdx.org":
        match = _SPDX.fullmatch(parts.path)
        return match[1] if match and match[1] in IDENTIFIERS else None
    for name, path, identifier in _OTHERS:
        if host == name and path.fullmatch(parts.path):
            return identifier
    return None


def title_of(identifier: str) -> str:
    """The licence's name as credit lines write it: ``CC BY-SA 4.0``; its identifier where there is no other."""
    if match := re.fullmatch(r"CC-(BY[A-Z-]*)-([0-9.]+)", identifier):
        return f"CC {match[1]} {match[2]}"
    return _TITLES.get(identifier, identifier)


def is_share_alike(identifier: str) -> bool:
    """Whether what is made from a work under this licence has to go under it as well."""
    return bool(re.match(r"CC-BY-(?:NC-)?SA(?:-|\Z)|GFDL(?:-|\Z)|ODbL(?:-|\Z)", identifier))
