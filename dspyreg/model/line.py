"""One line of the log, to the byte (docs/reference/format.md, "Log line").

    line   = "{" intent [ ',"sig":"' base64 '"' ] place ',"id":"b3:' 64hex '"}' LF
    place  = ',"seq":' N ',"prev":"b3:' 64hex '"'

``id`` hashes every byte before ``,"id":``, as it was read and never as it would be written again.
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
    """Where a log stands; ``hint`` is the journal's own note on where that is in its storage."""

    seq: int
    id: Digest
    hint: str = ""

    def same(self, other: Self) -> bool:
        """Is it the same point of the same history?"""
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
        """Is this the entry right after that head, or line?"""
        return self.seq == before.seq + 1 and self.prev == before.id


def parse(data: bytes, hint: str = "") -> Line | None:
    """Return the line that these bytes spell, without LF; None if grammar or id do not hold."""
    match = _match(data)
    if match is None:
        return None
    identity = Digest.of(data[:-_ID_LENGTH])
    if identity != match[3].decode():
        return None
    return Line(int(match[1]), Digest(match[2].decode()), identity, data, hint)


def chain(
    before: Head | Line, found: Iterable[bytes], segment: object = "", offset: int = 0
) -> list[Line]:
    """Return the lines that these bytes spell, as far as each is the one right after the one
    before: what ``parse`` and ``follows`` say together, in half the time.

    ``hint`` of each is where it ends: ``SEGMENT:OFFSET``, counted from the offset of the first.
    """
    seq, prev, made = before.seq, before.id, list[Line]()
    spelled = prev.encode()
    for data in found:
        seq, offset = seq + 1, offset + len(data) + 1
        identity = Digest.of(data[:-_ID_LENGTH])
        told = identity.encode()
        tail = _LAST_MEMBERS % (seq, spelled, told)
        if not data.endswith(tail) or not _begins_well(data, len(data) - len(tail)):
            break
        made.append(Line(seq, prev, identity, data, f"{segment}:{offset}"))
        prev, spelled = identity, told
    return made


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the whole lines in these bytes, without their LF, and what of another comes last."""
    found = BytesIO(data).readlines()  # three times as fast as ``bytes.split``
    begun = found.pop() if found and not found[-1].endswith(b"\n") else b""
    return [line[:-1] for line in found], begun


def end_of(identity: Digest) -> bytes:
    """Return how the line with this id ends, without its LF."""
    return _END_OF % identity.encode()


def _begins_well(data: bytes, place: int) -> bool:
    """Is what stands before the place an object without its end, in one line?"""
    has_intent = place >= len("{x") and data.startswith(b"{")
    return has_intent and data.translate(_CONTROL_MARKED) == data


def _match(data: bytes) -> re.Match[bytes] | None:
    """Match the grammar; the place is the last that there is, for what follows it is fixed."""
    place = data.rfind(_PLACE)
    return re.fullmatch(_TAIL, data[place:]) if _begins_well(data, place) else None


def id_of(data: bytes) -> Digest:
    """Return the id at the end of a line that is known to be one; without its LF."""
    return Digest(data[-_ID_LENGTH + len(',"id":"') : -len('"}')].decode())


def compose(intent: bytes, head: Head) -> bytes:
    """Return the line, with its LF, that puts an intent after a head.

    ``intent`` is the members of a JSON object, without braces. Raises ``ValueError`` where the
    grammar has no place for it.
    """
    body = b"{" + intent + _PLACE_OF % (head.seq + 1, head.id.encode())
    line = body + end_of(Digest.of(body))
    if len(line) >= LONGEST or not _begins_well(line, len(b"{") + len(intent)):
        raise ValueError(f"a line of {len(line)} bytes; at most {LONGEST - 1} and no control bytes")
    return line + b"\n"


def first_complete(data: bytes) -> int:
    """Return the length of the complete line at the beginning of a tail; 0 if there is none."""
    for end in re.finditer(_END, data):
        if parse(data[: end.end()]) is not None:
            return end.end()
    return 0
