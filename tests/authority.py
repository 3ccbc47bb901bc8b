"""A time-stamping authority on loopback (RFC 3161) with certificates of its own, that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

SHA256 = "2.16.840.1.101.3.4.2.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"


@dataclass
class Authority:
    """What answers. Every field can be changed between two questions."""

    at: datetime = NOON
    """The time that it states."""
    status: int = 0
    """PKIStatus; 0: granted, 2: rejected."""
    words: str = ""
    """statusString."""
    nonce: int | None = None
    """The nonce to repeat; None: that of the question."""
    digest: bytes | None = None
    """The digest to stamp; None: that of the question."""
    instead: bytes | None = None
    """A body to send in place of any response."""
    http: int = 200
    """Status of the HTTP response."""
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING
    """What its certificate says that it is for; to be set before the first question."""
    asked: list[bytes] = field(default_factory=list)
    """Bodies of the questions so far."""
    url: str = ""
    """Where it listens."""

    @cached_property
    def root(self) -> x509.Certificate:
        """The certificate of its issuer, which signs itself."""
        return self._certificate("root", self._root_key, None, ca=True)

    @cached_property
    def own(self) -> x509.Certificate:
        """Its own certificate."""
        return self._certificate("authority", self._key, self.root, ca=False)

    def pem(self, *which: x509.Certificate) -> bytes:
        """These certificates in PEM; its issuer's if none is named."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in which or (self.root,))

    def answer(self, query: bytes) -> bytes:
        """TimeStampResp to a TimeStampReq."""
        self.asked.append(query)
        if self.instead is not None:
            return self.instead
        words = tlv(0x30, tlv(0x0C, self.words.encode())) if self.words else b""
        status = tlv(0x30, integer(self.status), words)
        if self.status:
            return tlv(0x30, status)
        _version, imprint, nonce, *_ = children(children(query)[0][1])
        return tlv(0x30, status, self._token(imprint[1], nonce[2]))

    def _token(self, imprint: bytes, nonce: bytes) -> bytes:
        if self.digest is not None:
            imprint = tlv(0x30, oid(SHA256)) + tlv(0x04, self.digest)
        info = tlv(
            0x30,
            integer(1),
            oid("1.3.6.1.4.1.99999.1"),
            tlv(0x30, imprint),
            integer(7),
            tlv(0x18, f"{self.at:%Y%m%d%H%M%SZ}".encode()),
            tlv(0x30, integer(1)),
            nonce if self.nonce is None else integer(self.nonce),
        )
        certificate = self.own.public_bytes(Encoding.DER)
        attributes = b"".join(
            sorted(
                [
                    attribute("1.2.840.113549.1.9.3", oid(TST_INFO)),
                    attribute("1.2.840.113549.1.9.4", tlv(0x04, sha256(info).digest())),
                    attribute(
                        "1.2.840.113549.1.9.16.2.47",
                        tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x04, sha256(certificate).digest())))),
                    ),
                ]
            )
        )
        signature = self._key.sign(tlv(0x31, attributes), ec.ECDSA(hashes.SHA256()))
        signer = tlv(
            0x30,
            integer(1),
            tlv(0x30, self.own.issuer.public_bytes(), integer(self.own.serial_number)),
            tlv(0x30, oid(SHA256)),
            tlv(0xA0, attributes),
            tlv(0x30, oid("1.2.840.10045.4.3.2")),
            tlv(0x04, signature),
        )
        content = tlv(0x30, oid(TST_INFO), tlv(0xA0, tlv(0x04, info)))
        signed = tlv(
            0x30,
            integer(3),
            tlv(0x31, tlv(0x30, oid(SHA256))),
            content,
            tlv(0xA0, certificate),
            tlv(0x31, signer),
        )
        return tlv(0x30, oid(SIGNED_DATA), tlv(0xA0, signed))

    @cached_property
    def _root_key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    def _certificate(
        self, name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate | None, *, ca: bool
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if issuer is None else issuer.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOON - timedelta(days=1000))
            .not_valid_after(NOON + timedelta(days=1000))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if not ca:
            builder = builder.add_extension(x509.ExtendedKeyUsage([self.purpose]), critical=True)
        return builder.sign(self._root_key, hashes.SHA256())


@contextmanager
def listening(authority: Authority | None = None) -> Iterator[Authority]:
    """The authority, on a port of its own."""
    chosen = authority or Authority()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            answer = chosen.answer(body)
            self.send_response(chosen.http)
            self.send_header("Content-Type", "application/timestamp-reply")
            if chosen.http in (301, 302, 303, 307, 308):
                self.send_header("Location", chosen.url)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    chosen.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    try:
        yield chosen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tlv(tag: int, *parts: bytes) -> bytes:
    """One DER value."""
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def integer(value: int) -> bytes:
    """INTEGER, not negative."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    body = b""
    for arc in (first * 40 + second, *rest):
        piece = [arc & 127]
        while arc := arc >> 7:
            piece.append(arc & 127 | 128)
        body += bytes(piece[::-1])
    return tlv(0x06, body)


def attribute(kind: str, value: bytes) -> bytes:
    """Attribute of one value."""
    return tlv(0x30, oid(kind), tlv(0x31, value))


def children(data: bytes) -> list[tuple[int, bytes, bytes]]:
    """Tag, content and whole bytes of the DER values in ``data``."""
    found, at = [], 0
    while at < len(data):
        tag, size, start = data[at], data[at + 1], at + 2
        if size > 127:
            start += size & 127
            size = int.from_bytes(data[at + 2 : start], "big")
        found.append((tag, data[start : start + size], data[at : start + size]))
        at = start + size
    return found
