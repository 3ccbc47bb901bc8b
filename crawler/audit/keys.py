"""The key that signs checkpoints: where it lies, how it is made, who may read it.

A key is a file of one line, as Go's signed-note tools write it (see :mod:`crawler.audit.note`), outside every
corpus: whoever has a corpus and its key can write another history for it. Beside it lies ``FILE.pub``, the half
to hand out.

Which key: the one that was named (``--key FILE``), else ``HEEDFUL_KEY``, else ``key`` in the user's
configuration folder, which is made when it is first needed.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from crawler.audit.note import PRIVATE, Signer, Verifier, format_signer, is_name, parse_signer, parse_verifier
from crawler.corpus.disk import BEYOND_US, TEMPORARY, naming, replace_file, sync_folder, write_all
from crawler.optout.model import Malformed

ENVIRONMENT = "HEEDFUL_KEY"
"""Environment variable with the path of a key file."""
NAME = "heedful"
"""What a key is called when nobody says otherwise."""
PUBLIC = ".pub"
"""Ending of the file with the public half."""

_LINE_LIMIT = 4096


class UnusableKey(Exception):
    """A key cannot be used or made; one sentence that says why and what to do, and never quotes a key."""


def default_place(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the user's key lies when nobody says otherwise; raises ``UnusableKey`` if the user has no home.

    ``$XDG_CONFIG_HOME/heedful/key`` where that is set (XDG Base Directory Specification), else
    ``%APPDATA%\\heedful\\key``, ``~/Library/Application Support/heedful/key`` or ``~/.config/heedful/key``.
    """
    given = environ.get("XDG_CONFIG_HOME", "")
    if given and Path(given).is_absolute():
        return Path(given, "heedful", "key")
    if sys.platform == "win32" and environ.get("APPDATA"):
        return Path(environ["APPDATA"], "heedful", "key")
    try:
        home = Path.home()
    except RuntimeError as error:
        raise UnusableKey(
            f"there is no home folder to keep a key in; set {ENVIRONMENT} to a key file"
        ) from error
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "heedful" / "key"
    return home / ".config" / "heedful" / "key"


def place(given: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """The file of the key that is in use: ``given``, else ``HEEDFUL_KEY``, else the user's."""
    if given is not None:
        return given
    named = environ.get(ENVIRONMENT)
    return Path(named) if named else default_place(environ)


def signer(
    given: Path | None = None, *, corpus: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Signer:
    """The key that is in use. The user's own is made when there is none yet; one that was named must be there.

    ``corpus``: the folder that is signed for, in which the key must not lie. Raises ``UnusableKey``.
    """
    file = place(given, environ)
    if corpus is not None and file.resolve().is_relative_to(corpus.resolve()):
        raise UnusableKey(
            f"the key {file} lies inside the corpus it signs for: move it elsewhere, it proves nothing there"
        )
    named = given is not None or bool(environ.get(ENVIRONMENT))
    if not named and not file.exists():
        try:
            with suppress(FileExistsError):  # another process was quicker: its key is the user's now
                return create(file)
        except OSError as error:
            if error.errno in BEYOND_US:
                raise
            raise UnusableKey(
                f"the key {file} cannot be made: {error.strerror}; set {ENVIRONMENT} to a key file, which "
                "heedful key new FILE makes"
            ) from error
    return load(file)


def load(file: Path) -> Signer:
    """The key in ``file``; raises ``UnusableKey`` if it is missing, is none, or others may read it."""
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise UnusableKey(f"{file} is no file, so there is no key in it")
            if os.name == "posix" and found.st_mode & 0o077:
                raise UnusableKey(f"others may read the key {file}: say chmod 600 {file}, or make a new one")
            data = os.read(descriptor, _LINE_LIMIT)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise UnusableKey(f"there is no key {file}; heedful key new {file} makes one") from None
    except OSError as error:
        raise UnusableKey(f"the key {file} cannot be read: {error.strerror}") from error
    try:
        return parse_signer(data.decode().strip())
    except UnicodeDecodeError:
        raise UnusableKey(f"the key {file} cannot be used: it is not text") from None
    except Malformed as error:
        raise UnusableKey(f"the key {file} cannot be used: {error}") from None


def create(file: Path, name: str = NAME) -> Signer:
    """Make a key in ``file``, readable by its owner alone, and its public half beside it.

    Raises ``FileExistsError`` where there is one, whole or not, and ``UnusableKey`` for a name that no key can
    have.
    """
    if not is_name(name):
        raise UnusableKey(
            f"a key cannot be called {name!r:.80}: a name has no blanks, no + and no control characters"
        )
    made = Signer(name, secrets.token_bytes(32))
    with naming(file):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(file, format_signer(made).encode() + b"\n", 0o600)
    public = file.with_name(file.name + PUBLIC)
    replace_file(public, f"{made.verifier}\n".encode())
    return made


def read_verifier(given: str) -> Verifier:
    """A public key from what a person gives: the key itself, or a file with it. Raises ``UnusableKey``."""
    text = given.strip()
    file = Path(text)
    with suppress(OSError, ValueError):
        if file.is_file():
            with file.open("rb") as opened:
                text = opened.read(_LINE_LIMIT).decode("utf-8", "replace").strip()
    if text.startswith(PRIVATE):
        raise UnusableKey(
            "this is a private key, which nobody else should have: give the public one, from its .pub file"
        )
    try:
        return parse_verifier(text)
    except Malformed as error:
        raise UnusableKey(f"{given!r:.100} is neither a public key nor a file with one: {error}") from None


def _write_once(file: Path, data: bytes, mode: int) -> None:
    """Write a new file: it appears whole or not at all, and never in the place of another."""
    temporary = file.with_name(f"{file.name}.{secrets.token_hex(4)}{TEMPORARY}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _link(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
    if os.name == "posix":
        sync_folder(file.parent)


def _link(temporary: Path, file: Path) -> None:
    try:
        os.link(temporary, file)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if file.exists():
            raise FileExistsError(17, "File exists", str(file)) from None
        temporary.rename(file)
