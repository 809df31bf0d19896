"""Unpacking of zip and gzip, block by block, in little memory and with an upper limit."""

from __future__ import annotations

import zlib
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b\x08"
_HEADER: Final = Struct("<4sHHHHHIIIHH")  # of a member of a zip
_ENCRYPTED: Final = 1
_DEFLATED: Final = 8
_BLOCK: Final = 1 << 20
_MAX_MEMBERS: Final = 10_000


class Allowance:
    """The number of bytes and members that may still be unpacked. It stops archive bombs."""

    def __init__(self, size: int) -> None:
        self.left, self.members = size, _MAX_MEMBERS

    @property
    def is_spent(self) -> bool:
        """True if an archive holds more than may be unpacked."""
        return self.left <= 0 or self.members <= 0


class Piece(NamedTuple):
    """Some bytes of a member. The name is empty in gzip; the first piece ``begins`` a member."""

    member: str
    data: bytes
    begins: bool


class Reader:
    """An incremental unpacker: blocks of a stream in, pieces of members out.

    A stream that is not an archive yields nothing. Members of a zip are located by their own
    headers, so neither a broken directory nor leading bytes hide one. Members stored without
    compression are skipped: their bytes are in the stream itself.
    """

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._rest, self._member, self._begins = b"", "", False
        self._inflater: Any = None
        self._is_gzip: bool | None = None

    def take(self, block: bytes) -> Iterator[Piece]:
        """Yield what the next block completes."""
        self._rest += block
        if self._is_gzip is None:
            if len(self._rest) < len(_GZIP):
                return
            self._is_gzip = self._rest.startswith(_GZIP)
        while not self._allowance.is_spent:
            if self._inflater is None:
                if not self._begin():
                    return
                self._begins = True
                self._allowance.members -= 1
            yield from self._inflate()
            if self._inflater is not None:
                return

    def _begin(self) -> bool:
        """Move to the data of the next member; return False if there is none yet."""
        if self._is_gzip:
            if not self._rest.startswith(_GZIP):
                return False
            self._member, self._inflater = "", zlib.decompressobj(wbits=31)
            return True
        while (at := self._rest.find(_ZIP)) >= 0:
            self._rest = self._rest[at:]
            if len(self._rest) < _HEADER.size:
                return False
            _, _, flags, method, *_, name, extra = _HEADER.unpack_from(self._rest)
            if len(self._rest) < _HEADER.size + name + extra:
                return False
            if method == _DEFLATED and not flags & _ENCRYPTED:
                self._member = self._rest[_HEADER.size :][:name].decode(errors="replace")
                self._rest = self._rest[_HEADER.size + name + extra :]
                self._inflater = zlib.decompressobj(wbits=-15)
                return True
            self._rest = self._rest[len(_ZIP) :]
        self._rest = self._rest[-len(_ZIP) + 1 :]
        return False

    def _inflate(self) -> Iterator[Piece]:
        while self._rest and not self._allowance.is_spent:
            try:
                data = self._inflater.decompress(self._rest, min(_BLOCK, self._allowance.left))
            except zlib.error:  # a broken member, or bytes that only look like a header
                self._inflater = None
                return
            self._rest = self._inflater.unconsumed_tail
            self._allowance.left -= len(data)
            if data:
                yield Piece(self._member, data, self._begins)
                self._begins = False
            if self._inflater.eof:
                self._rest = self._inflater.unused_data
                self._inflater = None
                return
