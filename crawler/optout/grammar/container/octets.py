"""Numbers within bytes. An offset past the end reads as a smaller number, never as an exception."""

from __future__ import annotations


def be16(data: bytes, at: int) -> int:
    """Two octets, the highest first."""
    return int.from_bytes(data[at : at + 2], "big")


def be32(data: bytes, at: int) -> int:
    """Four octets, the highest first."""
    return int.from_bytes(data[at : at + 4], "big")


def be64(data: bytes, at: int) -> int:
    """Eight octets, the highest first."""
    return int.from_bytes(data[at : at + 8], "big")


def le16(data: bytes, at: int) -> int:
    """Two octets, the lowest first."""
    return int.from_bytes(data[at : at + 2], "little")


def le32(data: bytes, at: int) -> int:
    """Four octets, the lowest first."""
    return int.from_bytes(data[at : at + 4], "little")
