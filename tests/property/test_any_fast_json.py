"""The fast reader of log lines agrees with the judge, for any entry."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from forging import entries, spelled
from hypothesis import given

from dspyreg.model.entry import LineReading
from dspyreg.model.line import Head, compose, genesis, parse
from dspyreg.store import fast_json

if TYPE_CHECKING:
    from collections.abc import Callable


START = genesis(b"a registry\n")


@given(entries())
def test_bulk_extraction_agrees_with_reading_the_entry(entry: dict[str, Any] | bytes):
    intent = entry if isinstance(entry, bytes) else spelled(entry)[1:-1].encode()
    found = parse(compose(intent, Head(6, START.id))[:-1])
    assert found is not None
    taken = fast_json.parse(found.data, 7)
    if taken is None:
        return
    told, rows = taken
    said = LineReading.of(found)
    assert said.counts
    assert (said.time, said.actor, said.operation) == (told.time, told.actor, told.operation)
    assert (said.operation_id, said.undoes) == (told.operation_id, told.undoes)
    undoable = sum(not name.startswith("reserved/") for name, *_ in rows)
    assert (said.members.get("program"), said.written) == (told.program, undoable)
    kept = [(name, None if text is None else fast_json.value_of(text)) for name, _, text in rows]
    assert kept == [(name, new) for name, _, new in said.changes]


def said(loads: Callable[[bytes], Any], data: bytes) -> str | None:
    with suppress(ValueError):
        return repr(loads(data))
    return None
