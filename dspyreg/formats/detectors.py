"""The one list of detectors of keys and passwords, shared by everything that looks for them.

All of it works on bytes, so a text, a file, and a block of a stream are searched by the same code.
Every repetition in a pattern is bounded or cannot fail once begun: the bytes come from anybody.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from dspyreg.formats import name_detectors, token_detectors
from dspyreg.formats.secret_values import SHORTEST
from dspyreg.formats.spans import ALPHANUMERIC, Span, alphabet_table, runs
from dspyreg.formats.token_detectors import KNOWN_FORMS, PRINTABLE, decode_base64

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REDACTED: Final = "REDACTED"
BASE64: Final = "in base64"

_BASE64_RUNS: Final = alphabet_table(ALPHANUMERIC + b"+/_-")
_SHORTEST_BASE64: Final = 24
# Base64 broken into lines by MIME or PEM; a newline may also be written as an escape.
_LINES: Final = re.compile(
    rb"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{40,128}(?:\r?\n|\\r\\n|\\n)[ \t]{0,16})++"
    rb"[A-Za-z0-9+/]{0,128}={0,2}"
)
_BREAK: Final = re.compile(rb"\\r|\\n|\s++")
_ESCAPED: Final = re.compile(rb"%[0-9A-Fa-f]{2}")


def spans(data: bytes, *, deep: int = 2) -> list[Span]:
    """Return the spans of bytes that look like secrets, in order and without overlaps.

    Base64 inside base64 is decoded ``deep`` layers down.
    """
    if len(data) < 6:
        return []
    matches = [*token_detectors.find(data), *name_detectors.find(data, describe=value_of)]
    if deep and b"%" in data:
        matches += _in_percent_encoding(data)
    if deep and len(data) >= _SHORTEST_BASE64:
        matches += _in_base64(data, deep - 1)
    return _joined(matches) if len(matches) > 1 else matches


def _joined(matches: list[Span]) -> list[Span]:
    """Join overlapping spans under the name of the first; a known form wins over a name."""
    joined: list[Span] = []
    for span in sorted(matches, key=lambda span: (span.start, -span.end)):
        if joined and span.start < joined[-1].end:
            last = joined[-1]
            better = last if last.what in KNOWN_FORMS or span.what not in KNOWN_FORMS else span
            joined[-1] = better._replace(start=last.start, end=max(last.end, span.end))
        else:
            joined.append(span)
    return joined


def _in_base64(data: bytes, deep: int) -> Iterator[Span]:
    """Decode base64 that holds plain text, and search that."""
    yield from _decoded(data, runs(data, _BASE64_RUNS, _SHORTEST_BASE64), deep)
    if b"\n" in data or b"\\n" in data:
        yield from _decoded(data, (match.span() for match in _LINES.finditer(data)), deep)


def _decoded(data: bytes, ranges: Iterable[tuple[int, int]], deep: int) -> Iterator[Span]:
    for start, end in ranges:
        encoded = _BREAK.sub(b"", data[start:end])
        head = _without_utf16(decode_base64(encoded[:24]))
        if len(head) < 6 or head.translate(None, PRINTABLE):
            continue
        inner = spans(_without_utf16(decode_base64(encoded)), deep=deep)
        if inner:
            what = inner[0].what if BASE64 in inner[0].what else f"{inner[0].what}, {BASE64}"
            yield Span(start, end, what, data[start:end])


def _in_percent_encoding(data: bytes) -> Iterator[Span]:
    """Decode percent-encoding, search that, and yield the ranges in the encoded bytes."""
    pieces, starts, ends = [], [0], [0]  # where each piece starts, decoded and encoded
    at = size = 0
    for match in _ESCAPED.finditer(data):
        pieces += [data[at : match.start()], bytes((int(match[0][1:], 16),))]
        size += match.start() - at + 1
        at = match.end()
        starts.append(size)
        ends.append(at)
    if not pieces:
        return
    for span in spans(b"".join((*pieces, data[at:])), deep=0):
        first, last = (bisect_right(starts, offset) - 1 for offset in (span.start, span.end))
        start = ends[first] + span.start - starts[first]
        end = ends[last] + span.end - starts[last]
        yield Span(start, end, span.what, data[start:end])


def _without_utf16(decoded: bytes) -> bytes:
    """Return UTF-16 as plain bytes: every second byte of plain text is NUL there."""
    return decoded.replace(b"\0", b"") if decoded.count(b"\0") * 3 > len(decoded) else decoded


def value_of(name: str) -> str:
    """Return the description of a name's value. A token inside the name is left out."""
    data = name.encode(errors="surrogatepass")
    if len(data) >= SHORTEST:
        for span in reversed(spans(data)):
            data = data[: span.start] + "…".encode() + data[span.end :]
    return f"the value of `{data.decode(errors='replace')}`"
