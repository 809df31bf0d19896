"""The effects of an entry in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.model import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.model.entry import Change, Entry

    Label = Callable[[str, int], str]

_RECORDED = ("metrics/", "approvals/", "evidence/", "tags/")


def effects(entry: Entry, label: Label) -> list[str]:
    """Return a line for each change of a stage, environment or configuration, for each record
    about a version, and for each failure that force overruled.
    """
    lines: list[str] = []
    is_registration = False
    for change in entry.changes:
        lines += _effect(change, label)
        is_registration |= change.name.startswith("versions/")
    if not is_registration:
        lines += [_recorded(c, label) for c in entry.changes if c.name.startswith(_RECORDED)]
    failures = entry.evidence.get("failures", ()) if isinstance(entry.evidence, dict) else ()
    return lines + [f"overruled: {failure}" for failure in failures if entry.forced]


def _recorded(change: Change, label: Label) -> str:
    """Return a line about a record on a version, or its removal."""
    kind, program, number, what, *_ = names.split(change.name)
    value = change.old if change.new is None else change.new
    text = f"evidence {what}"
    if kind == "metrics":
        text = f"{what} {value}"
    elif kind == "approvals":
        text = f"approved for {what}"
    elif kind == "tags":
        text = f"tagged {what}"
    elif not value["passed"]:
        text += " (failed)"
    removed = ", no longer" if change.new is None else ""
    return f"{program}@{label(program, int(number))}: {text}{removed}"


def _effect(change: Change, label: Label) -> list[str]:
    kind, *rest = names.split(change.name)
    if kind == "stages":
        return [_stage(rest[0], label(rest[0], int(rest[1])), change)]
    if kind == "environments":
        before, after = _live(rest[0], change.old, label), _live(rest[0], change.new, label)
        return [f"{rest[1]}: {before} → {after}"]
    if kind == names.CONFIG:
        which = "the built-in" if change.new is None else "another"
        return [f"{which} configuration is in force"]
    return []


def _stage(program: str, label: str, change: Change) -> str:
    if change.new is None:
        return f"{program}@{label} is no longer registered"
    stage, reason = change.new["stage"], change.new["reason"]
    if change.old is None:
        return f"{program}@{label} is in {stage}"
    suffix = f" ({reason})" if reason else ""
    return f"{program}@{label}: {change.old['stage']} → {stage}{suffix}"


def _live(program: str, value: Any, label: Label) -> str:
    if value is None or value["live"] is None:
        return "nothing"
    return label(program, value["live"])
