"""Spans of bytes, and the long runs of an alphabet in which they are searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ALPHANUMERIC: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Span(NamedTuple):
    """Bytes that look like a secret: their range, what they look like, and the bytes."""

    start: int
    end: int
    what: str
    value: bytes


def alphabet_table(alphabet: bytes) -> bytes:
    """Return the translation of an alphabet to the letter `a`, and of all else to a space."""
    return bytes(ord("a") if byte in alphabet else ord(" ") for byte in range(256))


def runs(data: bytes, table: bytes, shortest: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of long runs of an alphabet: many times faster than a pattern."""
    marked = data.translate(table)
    run = b"a" * shortest
    end = 0
    while (start := marked.find(run, end)) >= 0:
        end = marked.find(b" ", start)
        if end < 0:
            end = len(marked)
        yield start, end
