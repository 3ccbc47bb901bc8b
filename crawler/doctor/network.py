"""Names: which servers are asked, and whether asking works. Unasked, only ``localhost`` is looked up."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from crawler.addresses import is_public
from crawler.doctor.model import Check, Patient, ok, problem, unchecked, warning

_RESOLV = Path("/etc/resolv.conf")


def checks(patient: Patient) -> Iterator[Check]:
    """The servers, ``localhost``, and with the network the operator's own name."""
    yield _servers()
    yield _localhost()
    yield _own(patient)


def _servers() -> Check:
    try:
        found = re.findall(r"^nameserver\s+(\S+)", _RESOLV.read_text("utf-8", "replace"), re.MULTILINE)
    except OSError:
        return unchecked("name servers", f"{_RESOLV} cannot be read")
    if not found:
        return warning("name servers", f"{_RESOLV} names none", "configure one, or crawl with --resolve alone")
    return ok("name servers", ", ".join(found))


def _localhost() -> Check:
    try:
        addresses = {str(row[4][0]) for row in socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)}
    except OSError as error:
        return problem("localhost", f"it has no address ({error})", "put it into /etc/hosts")
    if any(is_public(address) for address in addresses):
        return problem("localhost", f"it leads to {', '.join(sorted(addresses))}", "mend /etc/hosts")
    return ok("localhost", f"it leads to {', '.join(sorted(addresses))}")


def _own(patient: Patient) -> Check:
    name = "look-up"
    if not patient.network:
        return unchecked(name, "nothing is asked of the network without --network")
    contact = str(patient.found.get("operator_url") or patient.found.get("contact") or "")
    host = (urlsplit(contact).hostname if "://" in contact else contact.rpartition("@")[2]) or ""
    if not host:
        return unchecked(name, "there is no contact whose name could be looked up")
    began = time.monotonic()
    try:
        rows = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return problem(
            name, f"{host}, of your own contact, has no address ({error})", "mend DNS, or the contact"
        )
    took = time.monotonic() - began
    return ok(
        name, f"{host}, of your own contact, has {len({row[4][0] for row in rows})} addresses ({took:.2f} s)"
    )
