"""``heedful config``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from crawler import TOKEN
from crawler.cli.crawl import how_much
from crawler.cli.helppage import Command, Group, as_json, identity, meaning, network, told
from crawler.cli.text import safe


@click.group(cls=Group, example="heedful config show")
def command() -> None:
    """Show what a crawl would be told, and by whom."""


@command.command(
    cls=Command,
    example="heedful config show --profile distributed",
    epilog="With the options of crawl. Secrets are not shown.",
)
@told("-o", "--output", metavar="DIR", help="The corpus folder.")
@identity
@meaning
@how_much
@network
@as_json
def show(as_json: bool, **options: Any) -> None:
    """Print every value in effect and where it comes from, and the digest of the policy it makes."""
    state = in_effect(options, os.environ)
    if as_json:
        click.echo(json.dumps(state, ensure_ascii=False, default=str))
        return
    for line in lines(state):
        click.echo(safe(line))


def in_effect(options: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, Any]:
    """All that would be in effect, as the object that ``--json`` prints; raises ``ConfigError``."""
    from crawler.config.file import NAME, read_file
    from crawler.config.load import MISSING, file_named, said, understood, weakening
    from crawler.config.profiles import effective
    from crawler.config.shown import concealed_setting, place_of, shown

    named = file_named(options, environ)
    file = Path(NAME) if named is None and Path(NAME).exists() else named
    told = said(options, environ, read_file(named, Path()))
    found = understood(told)
    scrapy = effective(found, {field: places[0].origin for field, places in told.items()})
    return {
        "file": None if file is None else str(file.absolute()),
        "values": [
            {
                "section": row.section,
                "name": row.name,
                "value": row.value,
                "origin": row.origin,
                "where": row.where,
                "over": list(row.over),
            }
            for row in shown(told, found, scrapy)
        ],
        "scrapy": [
            {
                "name": name,
                "value": concealed_setting(name, setting.value),
                "origin": setting.origin,
                "where": place_of(setting, told, found),
            }
            for name, setting in scrapy.items()
        ],
        "environment": surroundings(environ),
        "unread": unread(environ),
        "weakened": [{"what": words, "reason": found["reason"]} for words in weakening(found)],
        "missing": [{"name": "contact", "what": MISSING["contact"]}] if "contact" not in found else [],
        "policy": digest(found),
    }


def digest(found: Mapping[str, Any]) -> str:
    """The digest of the policy that every decision of such a crawl would bear; ``found``: what was said.

    :func:`crawler.promise.gate_from_settings`, which makes the gate of a crawl, makes the same of it; it is not
    asked here because it loads Scrapy.
    """
    from crawler.config import RunConfig, lists
    from crawler.optout import Gate, Policy
    from crawler.optout.model import Context, Operator
    from crawler.optout.policy import ACCEPTED, NON_COMMERCIAL

    config = RunConfig(**{"contact": "", **found})
    policy = Policy(
        purposes=config.purposes,
        posture=config.posture,
        reading=config.reading,
        accepted=ACCEPTED | config.accept | (NON_COMMERCIAL if config.non_commercial else frozenset()),
    )
    context = Context(
        agents=tuple(dict.fromkeys(token.lower() for token in (*config.tokens, TOKEN))),
        operator=Operator(commercial=not config.non_commercial, country=config.country),
        denylist=config.denylist,
        trust_anchors=lists.certificates(config.trust_anchors) if config.trust_anchors else "",
    )
    return Gate(policy, context).digest


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """What else of the environment a crawl heeds: proxies, and the key, of which only the name is told."""
    from crawler.audit import keys
    from crawler.config.shown import HIDDEN

    found = {}
    for name, value in sorted(environ.items()):
        if value and name.lower() in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            user, at, host = value.rpartition("@")
            scheme, between, _ = user.partition("://")
            found[name] = f"{scheme + between if between else ''}{HIDDEN}@{host}" if at else value
    if key := environ.get(keys.ENVIRONMENT):
        found[keys.ENVIRONMENT] = f"{HIDDEN}/{Path(key).name}"
    return found


def unread(environ: Mapping[str, str]) -> list[dict[str, str | None]]:
    """Variables that are called like ours and that no command reads, and what they may be meant to be."""
    from crawler.audit import keys
    from crawler.cli.app import COMMANDS, main
    from crawler.config.keys import KEYS
    from crawler.config.load import PREFIX

    known = {keys.ENVIRONMENT, f"{PREFIX}DEBUG", f"{PREFIX}CONFIG"}
    known |= {PREFIX + key.option.upper() for key in KEYS if key.option}
    for name in COMMANDS:
        known |= set(_variables(main.get_command(click.Context(main), name)))
    found = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    bare = [name.removeprefix(PREFIX) for name in known]  # the beginning, which all share, makes none alike
    near = {name: get_close_matches(name.removeprefix(PREFIX), bare, n=1) for name in found}
    return [{"name": name, "perhaps": PREFIX + near[name][0] if near[name] else None} for name in found]


def _variables(found: click.Command | None) -> Iterator[str]:
    for parameter in found.params if found else ():
        yield from [parameter.envvar] if isinstance(parameter.envvar, str) else parameter.envvar or ()
    for below in found.commands.values() if isinstance(found, click.Group) else ():
        yield from _variables(below)


def lines(state: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    yield f"file: {state['file'] or 'none, there is no heedful.toml in this folder'}"
    section = None
    for row in sorted(state["values"], key=_section):
        if row["section"] != section:
            section = row["section"]
            yield from ("", f"[{section}]")
        yield _line(row["name"], row, f"  over {', '.join(row['over'])}" if row["over"] else "")
    yield from ("", "settings of Scrapy")
    for row in state["scrapy"]:
        yield _line(row["name"], row, "")
    if state["environment"]:
        yield from ("", "environment")
        for name, value in state["environment"].items():
            yield f"  {name:29} {value}"
    yield ""
    for row in state["weakened"]:
        yield f"weakened: {row['what']}, because: {row['reason']}"
    if not state["weakened"]:
        yield "weakened: nothing"
    yield f"policy: {state['policy']}"
    for row in state["unread"]:
        perhaps = f"; perhaps {row['perhaps']}" if row["perhaps"] else ""
        yield f"unread: {row['name']} is read by no command{perhaps}"
    for row in state["missing"]:
        yield f"missing: {row['what']}"


def _section(row: Mapping[str, Any]) -> int:
    from crawler.config.written import ORDER

    return ORDER.index(row["section"])


def _line(name: str, row: Mapping[str, Any], more: str) -> str:
    from crawler.config.written import plain

    value = row["value"]
    match value:
        case None:
            words = "-"
        case {"entries": entries}:
            words = f"{entries:,} entries"
        case bool():
            words = "yes" if value else "no"
        case list():
            words = ", ".join(map(str, value)) or "-"
        case dict():
            words = ", ".join(value) or "-"
        case float():
            words = f"{value:g}"
        case _:
            words = str(plain(value))
    return f"  {name:29} {words:28} {row['where'] or row['origin']}{more}"
