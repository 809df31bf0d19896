"""Log lines by the thousand, for an index that is built or far behind; the door to ``msgspec``.

Only what the index keeps is parsed, and values keep their text: six times as fast as ``json``.
Commands that follow a few lines do not import it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from dspyreg.model import canonical, checks, name_kinds
from dspyreg.store import index_state

Row = tuple[str, int, str | None]


class _Change(msgspec.Struct, gc=False):
    name: str
    new: msgspec.Raw


class FastEntry(msgspec.Struct, gc=False):
    """The members of an entry that the index keeps."""

    time: str
    actor: str
    operation: str
    operation_id: str
    program: str | None = None
    undoes: int | None = None
    changes: tuple[_Change, ...] = ()

    def rows(self, seq: int) -> list[Row]:
        """Return the names that it changes, with ``seq`` and the JSON text of their new values."""
        texts = [(change.name, str(change.new, "utf-8")) for change in self.changes]
        return [(name, seq, None if text == "null" else text) for name, text in texts]


_decode = msgspec.json.Decoder(FastEntry).decode


def parse(data: bytes, seq: int) -> tuple[FastEntry, list[Row]] | None:
    """Return the entry of a line with this seq, and its rows. None if dspyreg would not have
    spelled it so: then ``LineReading`` must judge it.
    """
    if b"\\" in data:
        return None
    try:
        entry = _decode(data.decode())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    rows = entry.rows(seq)
    return (entry, rows) if _is_as_written(entry, rows, data, seq) else None


# One pattern recognizes changes as dspyreg writes them, in a fifth of the time of ``name_kinds``.
# It accepts nothing that ``name_kinds`` would not.
_N: Final = r"[1-9][0-9]{0,14}"
_KEY: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}"
_PLAIN: Final = r"[A-Za-z0-9._+-]"
_OP: Final = r"[0-9a-f]{16}"
_DIGEST: Final = r'"b3:[0-9a-f]{64}"'
_TEXT: Final = r'(?:null|"[^"]*+")'
_NUMBER: Final = r"-?(?:0|[1-9][0-9]{0,15}+)(?:\.[0-9]++)?(?:e[+-]?[0-9]{1,2})?"
_WORD: Final = r'"[a-z_]{1,40}"'
_WRITTEN: Final = {
    f"metrics/\\1/{_N}/{_PLAIN}{{1,200}}/{_OP}": _NUMBER,
    f"stages/\\1/{_N}": f'{{"stage":"{_KEY}","reason":{_TEXT}}}',
    f"deployments/\\1/{_KEY}/{_OP}": (
        f'{{"number":{_N},"status":{_WORD},"strategy":{_WORD},"percent":100,"reason":{_TEXT},'
        f'"rollback_from":{_TEXT},"restores":{_TEXT}}}'
    ),
    f"environments/\\1/{_KEY}": (f'{{"live":{_N},"deployment":"{_PLAIN}{{1,200}}","canary":null}}'),
    "reserved/\\1/number": _N,
    f"reserved/\\1/label/{_PLAIN}{{1,128}}": _DIGEST,
    f"versions/\\1/{_N}": (
        f'{{"label":"{_PLAIN}{{1,128}}","document":{_DIGEST}(?:,"program_digest":{_DIGEST})?}}'
    ),
    f"labels/\\1/{_PLAIN}{{1,128}}": _N,
    f"tags/\\1/{_N}/{_PLAIN}{{1,200}}": "true",
    f"approvals/\\1/{_N}/{_KEY}/{_PLAIN}{{1,200}}": (
        f'{{"operation_id":"{_OP}","reason":{_TEXT}}}'
    ),
    f"evidence/\\1/{_N}/{_PLAIN}{{1,200}}/{_OP}": (f'{{"passed":(?:true|false),"note":{_TEXT}}}'),
}
_SAME_LINES: Final = "|".join(f"{name} (?:{value}|None)" for name, value in _WRITTEN.items())
_is_written: Final = re.compile(f"(.*) {_OP}(?:\n(?:{_SAME_LINES}))*+").fullmatch


def _is_as_written(entry: FastEntry, rows: list[Row], data: bytes, seq: int) -> bool:
    text = f"{entry.program} {entry.operation_id}"
    for name, _, value in rows:
        text += f"\n{name} {value}"
    return (
        _is_written(text) is not None
        and not (
            len(data) - len(text) > 2 * canonical.DEEPEST  # else the rest cannot be nested deeply
            and canonical.may_be_deeper(data)
        )
        and checks.is_time(entry.time)
        and checks.is_word(entry.actor)
        and checks.is_word(entry.operation)
        and (entry.program is None or checks.is_program(entry.program))
        and (entry.undoes is None or 0 < entry.undoes < seq)
        and _stand_alone(rows)
    )


def _stand_alone(rows: list[Row]) -> bool:
    """Return whether no name occurs twice, and each version has its stage."""
    after = {name: value for name, _, value in rows}
    return len(after) == len(rows) and not name_kinds.unpaired(after)


def value_of(text: str) -> Any:
    """Return the value of a text in the index: as ``index_state`` does, but faster."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):  # a lone surrogate, a number out of range
        return index_state.value_of(text)


def loads(data: bytes) -> Any:
    """Return the JSON value of UTF-8 bytes: as ``canonical`` does, but faster."""
    if canonical.may_be_deeper(data):
        return canonical.loads(data)
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return canonical.loads(data)
