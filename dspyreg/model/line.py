"""A line of the log, to the byte (docs/reference/format.md, "Log line").

    line   = "{" intent [ ',"sig":"' base64 '"' ] place ',"id":"b3:' 64hex '"}' LF
    place  = ',"seq":' N ',"prev":"b3:' 64hex '"'

``id`` hashes every byte before ``,"id":`` as it was read, never as it would be written again.
"""

import re
from collections.abc import Iterable
from io import BytesIO
from typing import Final, NamedTuple, Self

from dspyreg.model.digest import Digest

LONGEST: Final = 64 * 1024
_HEX = rb"b3:[0-9a-f]{64}"
_PLACE = b',"seq":'
_TAIL = rb'%b([1-9][0-9]{0,18}),"prev":"(%b)","id":"(%b)"\}' % (_PLACE, _HEX, _HEX)
_CONTROL_MARKED = bytes.maketrans(bytes(range(0x20)), b"\xff" * 0x20)
_END = rb',"id":"(%b)"\}' % _HEX
_PLACE_OF = _PLACE + b'%d,"prev":"%b"'
_END_OF = b',"id":"%b"}'
_LAST_MEMBERS = _PLACE_OF + _END_OF
_ID_LENGTH: Final = len(',"id":"b3:') + 64 + len('"}')


class Head(NamedTuple):
    """The position of a log; ``hint`` is the journal's own note of that place in its storage."""

    seq: int
    id: Digest
    hint: str = ""

    def same(self, other: Self) -> bool:
        """Return whether both are the same point of the same history."""
        return self.seq == other.seq and self.id == other.id


def genesis(format_line: bytes) -> Head:
    """Return the head of an empty log: the digest of line 1 of ``format``, with its LF."""
    return Head(0, Digest.of(format_line))


class Line(NamedTuple):
    """A line that matches the grammar and its own id. ``data`` has no LF."""

    seq: int
    prev: Digest
    id: Digest
    data: bytes
    hint: str = ""

    @property
    def head(self) -> Head:
        """The head of a log that ends with this line."""
        return Head(self.seq, self.id, self.hint)

    def follows(self, before: "Head | Line") -> bool:
        """Return whether this line is right after a head or another line."""
        return self.seq == before.seq + 1 and self.prev == before.id


def parse(data: bytes, hint: str = "") -> Line | None:
    """Return the line of these bytes, without LF; None if the grammar or the id is violated."""
    match = _match(data)
    if match is None:
        return None
    identity = Digest.of(data[:-_ID_LENGTH])
    if identity != match[3].decode():
        return None
    return Line(int(match[1]), Digest(match[2].decode()), identity, data, hint)


def chain(
    before: Head | Line, every: Iterable[bytes], segment: object = "", offset: int = 0
) -> list[Line]:
    """Return the lines of these bytes, up to the first that does not follow the one before. It
    decides as ``parse`` and ``follows`` do, in half the time.

    ``hint`` of each is its end: ``SEGMENT:OFFSET``, counted from the offset of the first.
    """
    seq, prev, lines = before.seq, before.id, list[Line]()
    prev_bytes = prev.encode()
    for data in every:
        seq, offset = seq + 1, offset + len(data) + 1
        identity = Digest.of(data[:-_ID_LENGTH])
        id_bytes = identity.encode()
        tail = _LAST_MEMBERS % (seq, prev_bytes, id_bytes)
        if not data.endswith(tail) or not _begins_well(data, len(data) - len(tail)):
            break
        lines.append(Line(seq, prev, identity, data, f"{segment}:{offset}"))
        prev, prev_bytes = identity, id_bytes
    return lines


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the complete lines in these bytes, without their LF, and the incomplete last one."""
    lines = BytesIO(data).readlines()  # three times as fast as ``bytes.split``
    incomplete = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
    return [line[:-1] for line in lines], incomplete


def end_of(identity: Digest) -> bytes:
    """Return the end of the line with this id, without its LF."""
    return _END_OF % identity.encode()


def _begins_well(data: bytes, place: int) -> bool:
    """Return whether the bytes before the place begin an object, in one line."""
    has_intent = place >= len("{x") and data.startswith(b"{")
    return has_intent and data.translate(_CONTROL_MARKED) == data


def _match(data: bytes) -> re.Match[bytes] | None:
    """Match the grammar. The last place in the bytes is the one that counts: its form is fixed."""
    place = data.rfind(_PLACE)
    return re.fullmatch(_TAIL, data[place:]) if _begins_well(data, place) else None


def id_of(data: bytes) -> Digest:
    """Return the id at the end of a valid line without LF."""
    return Digest(data[-_ID_LENGTH + len(',"id":"') : -len('"}')].decode())


def compose(intent: bytes, head: Head) -> bytes:
    """Return the line, with its LF, of an intent after a head.

    ``intent`` is the members of a JSON object, without braces. Raises ``ValueError`` if the line
    would violate the grammar.
    """
    body = b"{" + intent + _PLACE_OF % (head.seq + 1, head.id.encode())
    line = body + end_of(Digest.of(body))
    if len(line) >= LONGEST or not _begins_well(line, len(b"{") + len(intent)):
        raise ValueError(f"a line of {len(line)} bytes; at most {LONGEST - 1} and no control bytes")
    return line + b"\n"


def first_complete(data: bytes) -> int:
    """Return the length of the complete line at the beginning of a tail; 0 without one."""
    for end in re.finditer(_END, data):
        if parse(data[: end.end()]) is not None:
            return end.end()
    return 0
