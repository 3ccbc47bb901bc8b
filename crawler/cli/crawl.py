"""``heedful crawl``."""

from __future__ import annotations

import os
from typing import Any

import click

from crawler.cli.helppage import Command, as_json, identity, in_order, meaning, network, quiet, told

how_much = in_order(
    told("--scope", metavar="NAME", help="host, domain, prefix or any.  [domain]"),
    told("--kinds", metavar="LIST", help="What to keep: text, image, pdf, epub.  [text,image]"),
    told("--max-pages", metavar="N", help="Keep at most so many pages and documents."),
    told("--max-time", metavar="SECONDS", help="Stop after so long."),
    told("--max-bytes", metavar="N", help="Keep at most so many bytes."),
    told("--delay", metavar="SECONDS", help="Between requests to one domain.  [1]"),
    told("--concurrency", metavar="N", help="Requests under way at once."),
    told("--dry-run", is_flag=True, help="Ask for site-level files only."),
    told("--contacts", is_flag=True, help="Ask who reserved something for security.txt."),
    told("--metrics", metavar="PORT", help="/metrics and /healthz on 127.0.0.1; 0: none.  [0]"),
    told("--log-json", is_flag=True, help="Log one JSON object a line."),
)


@click.command(
    cls=Command,
    example="heedful crawl https://example.org/ -o corpus --contact you@your-domain",
    epilog="The same command on the same folder resumes. Also HEEDFUL_<NAME>, or [run] in heedful.toml.",
)
@click.argument("seeds", metavar="SEED...", nargs=-1, required=True)
@told("-o", "--output", metavar="DIR", help="The corpus folder; required.")
@identity
@meaning
@how_much
@network
@as_json
@quiet
def command(seeds: tuple[str, ...], as_json: bool, quiet: bool, **options: Any) -> int:
    """Collect text and images from SEEDs (URLs, @FILE, sitemap:URL); drop what is reserved."""
    from crawler import jsonlog
    from crawler.cli.conduct import conduct
    from crawler.config import load

    if options["log_json"]:  # what is wrong with the rest is told in the same form
        jsonlog.start()
    config = load(options, environ=os.environ, seeds=seeds, needs=("output",))
    return conduct(config, quiet=quiet, as_json=as_json)
