"""Reads ``heedful.toml``: which keys may stand where, and nothing about what they mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from crawler.config.given import Given
from crawler.config.keys import KEYS, SECTIONS
from crawler.config.model import ConfigError

NAME = "heedful.toml"
"""The configuration file of a working folder."""

_FREE = "summary"
# The operator's own words for the EU template: any key.


def read_file(file: Path | None, folder: Path) -> dict[tuple[str, str], Given]:
    """Every value of the file by section and name; nothing when there is no file and none was named."""
    chosen = folder / NAME if file is None else file
    if file is None and not chosen.exists():
        return {}
    found: dict[tuple[str, str], Given] = {}
    known = {place for key in KEYS for place in key.places}
    for section, body in _parsed(chosen).items():
        if section not in SECTIONS:
            raise ConfigError(f"{chosen.name}: there is no section [{section}]{_perhaps(section, SECTIONS)}")
        if not isinstance(body, dict):
            raise ConfigError(f"{chosen.name}: {section} is a section; write [{section}] above its keys")
        if section == _FREE:
            found[section, ""] = Given(body, "file", f"{chosen.name} [{section}]", chosen.parent)
            continue
        for written, raw in body.items():
            name = written.replace("-", "_")
            place = f"{chosen.name} [{section}]"
            if (section, name) not in known:
                names = [key for home, key in known if home == section]
                raise ConfigError(f"{place}: there is no key {written}{_perhaps(name, names)}")
            if (section, name) in found:
                raise ConfigError(f"{place}: {written} is written twice")
            found[section, name] = Given(raw, "file", f"{place} {written}", chosen.parent)
    return found


def _parsed(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not a text file in UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror or error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None


def _perhaps(word: str, names: object) -> str:
    assert isinstance(names, tuple | list)
    near = get_close_matches(word, names, n=1)
    return f"; perhaps {near[0]}" if near else f"; it knows {', '.join(sorted(names))}"
