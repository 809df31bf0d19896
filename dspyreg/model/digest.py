"""The address of bytes: ``b3:`` and the 64 hex digits that ``b3sum`` prints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from typing import BinaryIO

_FIRST_CHUNK = 16 << 10
_CHUNK = 256 << 10  # small enough to be hashed while it is in the cache of its core
_PATTERN = re.compile(r"b3:[0-9a-f]{64}")


class Digest(str):
    """A BLAKE3 digest as text. Only ``parse`` and ``of`` make one, so its form is proven."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return the digest that this text spells. Raises ``ValueError`` on any other spelling."""
        if not isinstance(text, str) or _PATTERN.fullmatch(text) is None:
            raise ValueError(f"not a digest: {text!r}")
        return cls(text)

    @staticmethod
    def is_one(text: str) -> bool:
        """Return whether a text spells a digest."""
        return _PATTERN.fullmatch(text) is not None

    @classmethod
    def of(cls, data: bytes | bytearray | memoryview) -> Self:
        """Return the digest of these bytes."""
        import blake3  # the module, not a name of it: cheaper in a function called this often

        return cls("b3:" + blake3.blake3(data).hexdigest())

    @classmethod
    def of_stream(cls, stream: BinaryIO) -> Self:
        """Return the digest of all bytes of a stream, in constant memory, on one core."""
        from blake3 import blake3

        hasher = blake3()
        buffer = memoryview(bytearray(_FIRST_CHUNK))  # most files are small
        while taken := stream.readinto(buffer):  # type: ignore[attr-defined]
            hasher.update(buffer[:taken])
            if taken == _FIRST_CHUNK:
                buffer = memoryview(bytearray(_CHUNK))
        return cls("b3:" + hasher.hexdigest())

    @property
    def hex(self) -> str:
        """The 64 hex digits."""
        return self[3:]
