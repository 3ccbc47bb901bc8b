"""Reads a vector file and puts each vector to the gate, stage by stage."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.optout import SIGNALS, Gate, Policy
from crawler.optout.host import Host, origin_of
from crawler.optout.model import (
    OPEN,
    Asset,
    Capture,
    Context,
    Decision,
    Denylist,
    Hop,
    Kind,
    Operator,
    Posture,
    Purpose,
    Reading,
    Statement,
)
from crawler.optout.policy import ACCEPTED
from tests.vectors.assets.make_assets import build

FOLDER = Path(__file__).parent / "vectors" / "signals"
AT = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
PAGE = {
    "status": 200,
    "headers": [["Content-Type", "text/html"]],
    "body": "<html><head></head><body></body></html>",
}
FIELDS = {
    "id", "name", "section", "asset", "files", "response", "hops", "documents", "agents", "purposes",
    "operator", "denylist", "expect", "outcome", "stage", "needs", "differs", "posture", "accept", "trust",
    "page", "licence",
}  # fmt: skip


def load(signal: str) -> list[dict[str, Any]]:
    """The vectors of one signal; an unknown field is an error, not a field nobody reads."""
    vectors = json.loads((FOLDER / f"{signal.replace('-', '_')}.json").read_text("utf-8"))["vectors"]
    for vector in vectors:
        unknown = set(vector) - FIELDS
        assert not unknown, f"{vector['id']}: unknown fields {unknown}"
        assert "expect" in vector or "outcome" in vector or "needs" in vector, f"{vector['id']} checks nothing"
    return vectors


def capture(url: str, answer: dict[str, Any], hops: list[dict[str, Any]] | None = None) -> Capture:
    """The capture that an answer of a vector describes."""
    if "body_base64" in answer:
        body = base64.b64decode(answer["body_base64"])
    elif "body_asset" in answer:
        body = build(answer["body_asset"])
    elif "body_repeat" in answer:
        body = "".join(text * times for text, times in answer["body_repeat"]).encode()
    else:
        body = answer.get("body", "").encode("utf-8", "surrogateescape")
    return Capture(
        url=url,
        status=answer.get("status", 200),
        headers=tuple((name.lower(), value) for name, value in answer.get("headers", [])),
        body=body,
        at=AT,
        complete=answer.get("complete", True),
        failure=answer.get("failure"),
        hops=tuple(
            Hop(
                url=hop["url"],
                status=hop["status"],
                headers=tuple((name.lower(), value) for name, value in hop["headers"]),
            )
            for hop in hops or ()
        ),
    )


def judge(vector: dict[str, Any], reading: Reading) -> Decision:
    """The decision the gate ends with for one vector."""
    denied = vector.get("denylist", {})
    gate = Gate(
        Policy(
            purposes=frozenset(Purpose(p) for p in vector.get("purposes", ["tdm"])),
            reading=reading,
            posture=Posture(vector.get("posture", "opt-out")),
            accepted=ACCEPTED | set(vector.get("accept", ())),
        ),
        Context(
            agents=tuple(vector.get("agents", ["mybot"])),
            operator=Operator(**vector.get("operator", {})),
            denylist=Denylist(
                hosts=frozenset(denied.get("hosts", ())),
                prefixes=tuple(denied.get("prefixes", ())),
                sha256=frozenset(denied.get("sha256", ())),
            ),
            trust_anchors=build("trust-anchors.pem").decode() if vector.get("trust") else "",
        ),
    )
    described = {"url": "https://h.example/a", "kind": "text"} | vector.get("asset", {})
    asset = Asset(url=described["url"], kind=Kind(described["kind"]), via=described.get("via"))
    origin = origin_of(asset.url)
    host = Host(origin, gate.host_files)
    files = vector.get("files", {})
    assert set(files) <= set(host.files), f"{vector['id']}: nobody reads {set(files) - set(host.files)}"
    for path in host.files:
        host.receive(path, capture(origin + path, files.get(path, {"status": 404})))
    documents = {url: capture(url, answer) for url, answer in vector.get("documents", {}).items()}

    inherited: tuple[Statement, ...] = ()
    if "page" in vector:  # the page that shows the asset, as judged before
        shown = capture(vector["page"].get("url", "https://h.example/page"), PAGE | vector["page"])
        judged = _through(gate, Asset(url=shown.url, kind=Kind.TEXT), shown)
        inherited = (*gate.spread(judged), *gate.of_images(shown).get(asset.url, ()))
    decision = gate.at_host(asset, host, at=AT, documents=documents, inherited=inherited)
    if decision.outcome not in OPEN:
        return decision
    answer = capture(asset.url, vector.get("response", PAGE), vector.get("hops"))
    decision = gate.at_headers(decision, answer, documents=documents)
    if decision.outcome not in OPEN:
        return decision
    return gate.at_content(decision, answer, documents=documents)


def _through(gate: Gate, asset: Asset, answer: Capture) -> Decision:
    """A page's own decision, on a host that says nothing."""
    origin = origin_of(asset.url)
    host = Host(origin, gate.host_files)
    for path in host.files:
        host.receive(path, capture(origin + path, {"status": 404}))
    decision = gate.at_headers(gate.at_host(asset, host, at=AT), answer)
    return gate.at_content(decision, answer) if decision.outcome in OPEN else decision


def names() -> list[str]:
    """The signals that must have a vector file: all of them."""
    return list(SIGNALS)
