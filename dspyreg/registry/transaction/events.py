"""Events: each operation starts, and completes or fails.

Events are not the log. The log is what happened; an event is sent to a listener of the moment,
also about what was refused or not found. Without a listener this module is not imported.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from dspyreg.errors import RegistryError
from dspyreg.model import moment, names
from dspyreg.registry.transaction.screening import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dspyreg.model.entry import Entry
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.outcome import Outcome

_T = TypeVar("_T")

PREFIX: Final = "dspy.registry."
OPERATIONS: Final = (
    *("register", "promote", "demote", "archive", "restore", "deploy", "rollback"),
    *("score", "approve", "evidence", "undo", "redo", "config", "gc"),
)
PHASES: Final = ("start", "complete", "error")
NAMES: Final = frozenset(
    (
        *(f"{PREFIX}{operation}_{phase}" for operation in OPERATIONS for phase in PHASES),
        *(
            f"{PREFIX}{name}"
            for name in ("performance_update", "auto_deployment", "automatic_rollback")
        ),
    )
)
_EXPLICIT: Final = frozenset(("promote", "deploy", "rollback", "undo", "redo"))


def emit(context: Context, name: str, **facts: Any) -> None:
    """Send an event to the listener and the logger; its name is without the prefix."""
    event = PREFIX + name
    if event not in NAMES:
        raise ValueError(f"not an event: {event}")
    log = _logger_for(failed="error" in facts)
    if log is None and context.listener is None:
        return
    record = {"event": event, "time": moment.text(context.now()), "actor": context.actor, **facts}
    with suppress(Exception):  # a failing listener undoes nothing
        if context.listener is not None:
            context.listener(record)
        if log is not None:
            log(event, extra=record)


def _logger_for(*, failed: bool) -> Callable[..., None] | None:
    """Return how to log an event; None if no handler takes it."""
    logging: Any = sys.modules.get("logging")  # without the import, no handler can exist
    if logging is None:
        return None
    logger = logging.getLogger("dspyreg")
    level = logging.ERROR if failed else logging.INFO
    if not (logger.hasHandlers() and logger.isEnabledFor(level)):
        return None
    log: Callable[..., None] = logger.error if failed else logger.info
    return log


def emit_around(
    context: Context,
    operation: str,
    act: Callable[[], _T],
    *,
    subject: object,
    options: Mapping[str, Any],
) -> _T:
    """Carry out an operation; emit start, complete and error events around it. ``subject`` is the
    program, selector or entry that it is about, ``options`` are its keyword arguments.
    """
    about = _about(operation, subject, options)
    emit(context, f"{operation}_start", **about)
    began = monotonic()
    try:
        result = act()
    except BaseException as error:
        emit(context, f"{operation}_error", **about, **_since(began), error=_described(error))
        raise
    facts: dict[str, Any] = {**about, **_since(began)}
    with suppress(RegistryError):  # the change is made, even if it cannot be read
        facts |= _result(operation, result)
    emit(context, f"{operation}_complete", **facts)
    for name, more in _consequences(operation, result):
        emit(context, name, **more)
    return result


def _about(operation: str, subject: object, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of an operation before it is carried out. Nothing has refused the secrets
    in them yet.
    """
    facts: dict[str, Any] = {"program": options.get("program"), "label": options.get("version")}
    if operation in {"undo", "redo"}:
        facts["undoes"] = subject if isinstance(subject, int) else options.get("seq")
    elif operation not in {"config", "gc"}:
        selector = str(subject)
        facts["program"], at, _ = selector.partition("@")
        if at:
            facts["selector"] = selector
    more = {key: options.get(key) for key in ("environment", "to", "reason")}
    facts |= {key: str(value) for key, value in more.items() if value is not None}
    return {key: clean(value) if isinstance(value, str) else value for key, value in facts.items()}


def _since(began: float) -> dict[str, float]:
    return {"duration_ms": round((monotonic() - began) * 1000, 3)}


def _described(error: BaseException) -> dict[str, Any]:
    code = error.code if isinstance(error, RegistryError) else "bug"
    if isinstance(error, KeyboardInterrupt):
        code = "interrupted"
    return {"code": code, "message": clean(str(error)) or type(error).__name__}


def _result(operation: str, result: Any) -> dict[str, Any]:
    """Return the facts of an operation that was carried out."""
    if operation == "gc":
        return {"deleted": len(result.deleted), "bytes": result.bytes}
    entry, version = result.entry, result.version
    if entry is None or result.repeated:
        place = _place_of(entry) if entry else {}
        return {"already": result.notices[0] if result.notices else None, **place}
    facts = {"program": entry.program, "label": entry.label, **_place_of(entry)}
    if entry.undoes is not None:
        facts["undoes"] = entry.undoes
    if version is not None:
        facts |= {"number": version.number, "digest": version.digest}
    return facts | _moved(operation, result, version and version.number)


def _place_of(entry: Entry) -> dict[str, Any]:
    return {"operation_id": entry.operation_id, "seq": entry.seq}


def _moved(operation: str, result: Outcome, number: int | None) -> dict[str, Any]:
    """Return a move: of labels in an environment, else of a version between stages."""
    pointers = {place: (old, new) for place, old, new in _pointers(result)}
    if operation in {"deploy", "rollback"} and pointers:
        place, (old, new) = next(iter(pointers.items()))
        return {"environment": place, "from": old, "to": new}
    facts: dict[str, Any] = {"environments": list(pointers)} if pointers else {}
    for entry in result.entries:
        for change in entry.changes:
            kind, *rest = names.split(change.name)
            if kind == "stages" and rest[1] == str(number):
                old, new = ((value or {}).get("stage") for value in change[1:])
                return facts | {"from": old, "to": new}
    return facts


def _pointers(result: Outcome) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield the environments whose live version changed, with the labels before and after."""
    for entry in result.entries:
        for change in entry.changes:
            kind, *rest = names.split(change.name)
            if kind == "environments":
                program, place = rest
                old, new = ((value or {}).get("live") for value in change[1:])
                if old != new:
                    labels = (n and result.label(program, n) for n in (old, new))
                    yield place, *labels  # type: ignore[misc]


def _consequences(operation: str, result: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of an operation besides start and complete."""
    if operation != "gc" and result.repeated:
        return
    if operation == "score":
        for entry in result.entries:
            measured = _measured(entry)
            if measured:
                about = {"program": entry.program, "label": entry.label, **_place_of(entry)}
                yield "performance_update", {**about, "metrics": measured}
    if operation not in {*_EXPLICIT, "gc"}:
        before = {place: old for place, old, _ in _pointers(result)}
        for made in result.deployments:
            entry = next(e for e in result.entries if made.deployment_id.endswith(e.operation_id))
            yield (
                "automatic_rollback" if entry.operation == "rollback" else "auto_deployment",
                {
                    "program": made.program,
                    "label": made.label,
                    **_place_of(entry),
                    "environment": made.environment,
                    "from": before.get(made.environment),
                    "to": made.label,
                },
            )


def _measured(entry: Entry) -> dict[str, float]:
    split = ((names.split(change.name), change.new) for change in entry.changes)
    return {name[3]: value for name, value in split if name[0] == "metrics"}
