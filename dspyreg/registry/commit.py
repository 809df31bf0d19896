"""The one way by which anything changes: plan on a state, append if it still holds, else again."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import Conflict, Denied, Refused, RegistryError, UsageError
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import moment, names
from dspyreg.model.entry import REFUSED, Intent, text_or_blob
from dspyreg.store.log import Moved
from dspyreg.store.objects import renew, require_intact

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.config.value import Config
    from dspyreg.model.entry import Entry
    from dspyreg.registry.facade import Registry

    Planner = Callable[[Draft, Config], Plan]

_ATTEMPTS = 100


class Committed(NamedTuple):
    """A plan, and the entry that it became: None if there was nothing to do. ``intents`` are
    what a dry run, and those it stands upon, would have appended.
    """

    plan: Plan
    draft: Draft
    entry: Entry | None
    intents: tuple[Intent, ...] = ()


def new_operation_id() -> str:
    """Return an id that no other operation has; retries of one operation keep it."""
    return os.urandom(8).hex()


def commit(
    registry: Registry,
    planner: Planner,
    *,
    operation: str,
    program: str | None = None,
    reason: str | None = None,
    operation_id: str | None = None,
    dry_run: bool = False,
    log_refusal: bool = False,
    upon: tuple[Committed, ...] = (),
) -> Committed:
    """Carry out a plan, judged on one consistent state; durable on return.

    ``log_refusal`` makes an entry without changes of a refusal by the rules. A dry run stands
    ``upon`` those before it, which nobody carried out. Raises what the planner raises, and
    ``Conflict`` if others keep changing what it reads.
    """
    identity = operation_id or new_operation_id()
    reason = None if reason is None else names.utf8("reason", reason)
    with registry.log.lock:
        for _ in range(_ATTEMPTS):
            registry.log.refresh()
            draft = Draft(upon[-1].draft if upon else registry.log.state(), identity)
            try:
                plan = planner(draft, registry.configuration_of(draft))
                _require_bytes(registry, plan, dry_run=dry_run)
            except Refused as refusal:
                if log_refusal and not dry_run:
                    _log_refusal(registry, operation, program, reason, identity, refusal)
                raise
            if plan.already is not None:
                if not dry_run:
                    _settle(registry)
                return Committed(plan, draft, None)
            intent, blobs = _intent(registry, plan, draft, reason)
            if dry_run:
                before = upon[-1].intents if upon else ()
                return Committed(plan, draft, _planned(intent), (*before, intent))
            try:
                return Committed(plan, draft, _append(registry, intent, blobs))
            except Moved:
                continue
    raise Conflict("others keep changing what this needs", hint="try again")


def _settle(registry: Registry) -> None:
    """Nobody hears "already" of something that a power cut could take back."""
    with suppress(Denied):  # what cannot be written from here was written by others
        registry.log.settle()


def _require_bytes(registry: Registry, plan: Plan, *, dry_run: bool) -> None:
    for document in plan.serves:
        require_intact(registry.blobs, document)
    for document in plan.revives:
        if dry_run:
            require_intact(registry.blobs, document)
        else:
            renew(registry.blobs, document)


def _intent(
    registry: Registry, plan: Plan, draft: Draft, reason: str | None
) -> tuple[Intent, list[bytes]]:
    blobs = list(plan.blobs)
    told: Any = reason
    if reason is not None:
        told, blob = text_or_blob(reason)
        blobs += [blob] if blob else []
    intent = Intent(
        time=moment.text(registry.now()),
        actor=registry.actor,
        operation=plan.operation,
        operation_id=draft.operation_id,
        program=plan.program,
        label=plan.label,
        reason=told,
        forced=plan.forced,
        changes=draft.changes,
        evidence=plan.evidence,
        undoes=plan.undoes,
        context=registry.context,
        expects=draft.expects,
    )
    if not intent.fits():
        raise UsageError(
            "too much for one entry of the log",
            hint="record fewer metrics or tags at a time; at most some 200",
        )
    return intent, blobs


def _append(registry: Registry, intent: Intent, blobs: list[bytes]) -> Entry:
    for blob in blobs:
        registry.blobs.put(blob)
    return registry.log.append(intent)


def _log_refusal(
    registry: Registry,
    operation: str,
    program: str | None,
    reason: str | None,
    identity: str,
    refusal: Refused,
) -> None:
    """Record a refusal, if that can be done; it never turns exit 1 into another."""
    told, blob = text_or_blob(reason) if reason is not None else (None, None)
    intent = Intent(
        time=moment.text(registry.now()),
        actor=registry.actor,
        operation=operation,
        operation_id=identity,
        program=program,
        outcome=REFUSED,
        reason=told,
        evidence={"failures": list(refusal.failures)},
        context=registry.context,
    )
    with suppress(RegistryError, Moved):
        _append(registry, intent, [blob] if blob else [])


def _planned(intent: Intent) -> Entry:
    """The entry that a dry run would have made: it has no place in the log."""
    from dspyreg.model.entry import Entry

    told = intent._asdict()
    del told["expects"]
    return Entry(seq=0, id=None, prev=None, **told)
