"""Layouts of entries of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.render.blocks import Fields, Layout, Table
from dspyreg.render.text import json_text, time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dspyreg.model.entry import Entry
    from dspyreg.registry.read.log import EntryList
    from dspyreg.registry.transaction.outcome import Outcome
    from dspyreg.render.options import RenderOptions


def outcome(result: Outcome, options: RenderOptions) -> Layout:
    """Lay out the entries that a change made, as ``log`` shows them."""
    return _entries(result.entries) if result.entries else ()


def entry_list(result: EntryList, options: RenderOptions) -> Layout:
    """Lay out entries of the log."""
    return _entries(result)


def _entries(entries: Sequence[Entry]) -> Layout:
    rows = tuple(
        (
            str(entry.seq or "-"),
            time(entry.time),
            entry.actor,
            entry.operation if entry.outcome == "done" else f"{entry.operation} {entry.outcome}",
            _subject(entry),
            _remark(entry),
        )
        for entry in entries
    )
    return (Table(("seq", "time", "actor", "operation", "version", "reason"), rows),)


def _subject(entry: Entry) -> str:
    if entry.program is None:
        return ""
    return f"{entry.program}@{entry.label}" if entry.label else entry.program


def _remark(entry: Entry) -> str:
    remarks = [f"undoes {entry.undoes}"] if entry.undoes else []
    remarks += ["forced"] if entry.forced else []
    evidence = entry.evidence if isinstance(entry.evidence, dict) else {}
    remarks += [_automatic(evidence.get("cause"))] if entry.automatic else []
    remarks += [entry.reason] if entry.reason else []
    if entry.operation == "approve" and entry.context.get("claimed"):
        remarks.append("the actor was given by hand")
    return "; ".join([*remarks, *evidence.get("failures", [])])


def _automatic(cause: Any) -> str:
    """Return the cause of an automatic entry, as far as it can be read."""
    if not isinstance(cause, dict) or not isinstance(cause.get("rule"), str):
        return "automatic"
    after = f" after entry {cause['entry']}" if cause.get("entry") else ""
    return f"automatic: {cause['rule']}{after}"


def entry(result: Entry, options: RenderOptions) -> Layout:
    """Lay out all of an entry."""
    fields = (
        ("seq", str(result.seq)),
        ("id", str(result.id)),
        ("time", result.time),
        ("actor", result.actor),
        ("operation", result.operation),
        ("operation_id", result.operation_id),
        ("version", _subject(result)),
        ("outcome", result.outcome),
        ("remark", _remark(result)),
        *((f"context.{key}", str(value)) for key, value in sorted(result.context.items())),
        *_evidence(result.evidence),
    )
    rows = tuple((c.name, json_text(c.old), json_text(c.new)) for c in result.changes)
    table = (Table(("name", "old", "new"), rows),) if rows else ()
    return (Fields(tuple(pair for pair in fields if pair[1])), *table)


def _evidence(evidence: Any) -> list[tuple[str, str]]:
    if not isinstance(evidence, dict):
        return []
    return [(f"evidence.{key}", json_text(value)) for key, value in sorted(evidence.items())]
