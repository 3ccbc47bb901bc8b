"""The key that signs checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator

from crawler.audit import keys
from crawler.audit.keys import UnusableKey
from crawler.doctor.model import Check, Patient, ok, problem, warning


def checks(patient: Patient) -> Iterator[Check]:
    """Whether it is there, its owner's alone, and outside the corpus."""
    try:
        file = keys.place(None, patient.environ)
        named = bool(patient.environ.get(keys.ENVIRONMENT))
        if not named and not file.exists():
            made = f"there is none; the first crawl makes {file}"
            yield warning("signing key", made, "make it now and keep a copy elsewhere: heedful key new")
            return
        signer = keys.load(file)
    except UnusableKey as error:
        yield problem("signing key", str(error), "mend it before a crawl: nothing is recorded without it")
        return
    if patient.corpus is not None and file.resolve().is_relative_to(patient.corpus.resolve()):
        yield problem(
            "signing key", f"{file} lies inside the corpus", "move it elsewhere, it proves nothing there"
        )
        return
    folder = file.resolve().parent.stat()
    if os.name == "posix" and folder.st_mode & 0o022:
        advice = f"say chmod go-w {file.resolve().parent}"
        yield warning("signing key", f"others may replace {file}: they may write to its folder", advice)
        return
    yield ok("signing key", f"{signer.verifier.name} in {file}, readable by its owner alone")
