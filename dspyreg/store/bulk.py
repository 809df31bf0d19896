"""Log lines by the hundred, for an index that is built anew or far behind; door to ``msgspec``.

What the index keeps is taken out of a line, and values stay spelled as they are: six times as fast
as ``json``. Commands that follow a line or two do not wait for its import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from dspyreg.model import canonical
from dspyreg.store import past

if TYPE_CHECKING:
    from collections.abc import Iterator

_NULL: Final = msgspec.Raw(b"null")


class _Change(msgspec.Struct, gc=False):
    name: str
    old: msgspec.Raw
    new: msgspec.Raw


class Told(msgspec.Struct, gc=False):
    """What the index keeps of an entry."""

    time: str
    actor: str
    operation: str
    operation_id: str
    program: str | None = None
    undoes: int | None = None
    changes: tuple[_Change, ...] = ()

    def rows(self, seq: int) -> list[tuple[str, int, str | None]]:
        """Return what it changes: names, ``seq``, and the JSON of what they are now."""
        return [
            (change.name, seq, None if change.new == _NULL else str(change.new, "utf-8"))
            for change in self.changes
        ]

    def values(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield what it changes: names, and their values before and after."""
        return ((each.name, _value_of(each.old), _value_of(each.new)) for each in self.changes)


def _value_of(raw: msgspec.Raw) -> Any:
    return value_of(str(raw, "utf-8"))


class _Deployment(msgspec.Struct, gc=False):
    number: int


_decode = msgspec.json.Decoder(Told).decode
_decode_deployment = msgspec.json.Decoder(_Deployment).decode


def told_by(data: bytes) -> Told | None:
    """Return what the bytes of a line say; None for those that ``json`` must judge."""
    try:
        return _decode(data.decode())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def value_of(text: str) -> Any:
    """Return the value that the index keeps as this text: that which ``past`` says, much faster."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):  # a lone surrogate, a number out of range
        return past.value_of(text)


def loads(data: bytes) -> Any:
    """Return the JSON value of UTF-8 bytes: that which ``canonical`` says, much faster."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return canonical.loads(data)


def number_in(text: str) -> Any:
    """Return the number of the version that a deployment is of, which the index keeps as this text.

    Raises ``KeyError``, ``TypeError`` if there is none.
    """
    try:
        return _decode_deployment(text).number
    except (msgspec.MsgspecError, RecursionError):
        return value_of(text)["number"]
