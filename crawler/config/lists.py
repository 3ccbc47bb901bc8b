"""The operator's files: seeds and denylists of one entry a line, and certificates.

UTF-8; in lists, blank lines and ``#`` comments are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from crawler.config.given import Given, path
from crawler.config.model import ConfigError
from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import Malformed

T = TypeVar("T")

_COMMENT = re.compile(r"(?:^|\s)#.*")
# A comment begins a line or follows a blank: the fragment of a URL is none.


def lines(file: Path, where: str) -> Iterator[tuple[str, str]]:
    """The entries of ``file``, each after the place it stands at: ``seeds.txt line 3``."""
    yield from entries(content_of(file, where), file, where)


def content_of(file: Path, where: str) -> bytes:
    """What a list holds; raises :class:`ConfigError`."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{where}: {file} cannot be read: {error.strerror or error}") from None


def entries(data: bytes, file: Path, where: str) -> Iterator[tuple[str, str]]:
    """As :func:`lines`, of a file that was read already."""
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{where}: {file} is not a text file in UTF-8") from None
    if "\0" in content:
        raise ConfigError(f"{where}: {file} is not a text file in UTF-8")
    for number, line in enumerate(content.splitlines(), 1):
        entry = _COMMENT.sub("", line).strip()
        if entry:
            yield f"{file} line {number}", entry


def denied(given: Given, read: Callable[[str], T]) -> tuple[T, ...]:
    """The entries of the denylist files that ``given`` names, one path or a list of them."""
    files = given.raw if isinstance(given.raw, list) else [given.raw]
    found: list[T] = []
    for name in files:
        file = path(Given(name, given.origin, given.where, given.base))
        for place, entry in lines(file, given.where):
            try:
                found.append(read(entry))
            except Malformed as error:
                raise ConfigError(f"{place}: {entry[:200]!r} is not {error}") from None
    return tuple(found)


def host(entry: str) -> str:
    """A host name in ASCII and lower case; a leading dot denies everything below it too."""
    dot, name = ("." if entry.startswith(".") else ""), entry.removeprefix(".").rstrip(".").lower()
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not re.fullmatch(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[?[0-9a-f:.]+\]?", name):
        raise Malformed("a host name; write example.org, or .example.org for everything below it too")
    return dot + name.strip("[]")


def prefix(entry: str) -> str:
    """A URL prefix, in the form of the URLs it is compared with."""
    try:
        return normalise_url(entry)
    except Malformed:
        raise Malformed("a URL prefix; write https://example.org/art/") from None


def certificates(file: Path) -> str:
    """The certificates in ``file``, in PEM; raises ``Malformed`` with what it should be."""
    try:
        text = file.read_text("ascii")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Malformed(f"a file of certificates in PEM that can be read: {why}") from None
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise Malformed("a file of certificates in PEM")
    return text


def sha256(entry: str) -> str:
    """A digest in lower-case hexadecimal."""
    digest = entry.lower().removeprefix("sha256:")
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise Malformed("a SHA-256 digest of 64 hexadecimal digits")
    return digest
