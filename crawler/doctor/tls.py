"""The certificates of authorities that servers are judged by."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

from crawler.config import guard
from crawler.doctor.model import Check, Patient, ok, problem, warning

FEW = 50
"""Certificates; the usual stores have more than a hundred."""


def checks(patient: Patient) -> Iterator[Check]:
    """Whether there is a store, and whether it is asked."""
    paths = ssl.get_default_verify_paths()
    count = ssl.create_default_context().cert_store_stats()["x509_ca"]
    folder = Path(paths.capath) if paths.capath else None
    if not count and folder is not None and folder.is_dir():  # read one by one, when they are needed
        count = sum(1 for one in folder.iterdir() if one.suffix[1:].isdigit())
    said = f"{ssl.OPENSSL_VERSION}, {count} authorities in {paths.cafile or paths.capath or 'no store'}"
    advice = "install the system's certificates, such as the package ca-certificates"
    if not count:
        yield problem("certificates", f"{said}: no server could be believed", advice)
    elif count < FEW:
        yield warning("certificates", f"{said}, which is few", advice)
    else:
        yield ok("certificates", said)
    if guard.weakened(patient.found.get("settings", {})):
        advice = f"remove {guard.CERTIFICATES} from heedful.toml"
        yield warning("verification", "certificates are not verified, as heedful.toml says", advice)
    else:
        yield ok("verification", "certificates are verified")
