"""The one way by which anything changes: plan on a state, append if it still holds, else again."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import Conflict, Denied, Refused, RegistryError, UsageError
from dspyreg.lifecycle.draft import After, Draft, Plan
from dspyreg.lifecycle.select import select
from dspyreg.model import moment, names
from dspyreg.model.entry import REFUSED, Intent, text_or_blob
from dspyreg.store.log import Moved
from dspyreg.store.objects import renew, require_intact

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.config.value import Config
    from dspyreg.model.digest import Digest
    from dspyreg.model.entry import Entry
    from dspyreg.model.line import Head
    from dspyreg.model.selector import Selector
    from dspyreg.registry.facade import Registry

    Planner = Callable[[Draft, Config], Plan]

_ATTEMPTS = 100
_DOUBTS = 10  # so often a refusal is judged again if others wrote meanwhile


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
    reason: str | None = None,
    operation_id: str | None = None,
    dry_run: bool = False,
    asked: Selector | None = None,
    upon: tuple[Committed, ...] = (),
) -> Committed:
    """Carry out a plan, judged on one consistent state; durable on return.

    ``asked`` is the selector of an operation whose refusal is an entry too. A dry run stands
    ``upon`` those before it, which nobody carried out. Raises what the planner raises, and
    ``Conflict`` if others keep changing what it reads.
    """
    identity = operation_id or new_operation_id()
    reason = None if reason is None else names.utf8("reason", reason)
    with registry.the_log.lock:
        for attempt in range(_ATTEMPTS):
            judged = registry.the_log.refresh()
            state = After(upon[-1].draft) if upon else registry.the_log.state()
            draft = Draft(state, identity)
            try:
                plan = planner(draft, registry.configuration_of(draft))
                _require_bytes(registry, plan, dry_run=dry_run)
            except Exception as error:
                if attempt < _DOUBTS and not registry.the_log.stands_at(judged):
                    continue  # what was read may be half of one state and half of the next
                if isinstance(error, Refused) and asked is not None and not dry_run:
                    label = _label_of(registry, draft, asked)
                    _log_refusal(registry, operation, asked, label, reason, identity, error)
                raise
            if plan.already is not None:
                if attempt < _DOUBTS and not registry.the_log.stands_at(judged):
                    continue
                if not dry_run:
                    _settle(registry)
                return Committed(plan, draft, None)
            intent, blobs = _intent(registry, plan, draft, reason)
            if dry_run:
                before = upon[-1].intents if upon else ()
                return Committed(plan, draft, _planned(intent, reason), (*before, intent))
            try:
                entry = _append(registry, intent, blobs, judged)._replace(reason=reason)
                return Committed(plan, draft, entry)
            except Moved:
                continue
    raise Conflict("others keep changing what this needs", hint="try again")


def _settle(registry: Registry) -> None:
    """Nobody hears "already" of something that a power cut could take back."""
    with suppress(Denied):  # what cannot be written from here was written by others
        registry.the_log.settle()


def _require_bytes(registry: Registry, plan: Plan, *, dry_run: bool) -> None:
    for document in plan.serves:
        require_intact(registry.blobs, document)
    for document in plan.revives:
        lost = renew(registry.blobs, document, dry_run=dry_run)
        if lost is not None:
            raise _gone(registry, lost)


def _gone(registry: Registry, digest: Digest) -> Conflict:
    from dspyreg.store.gc import collected_at

    time = collected_at(registry.the_log, registry.blobs, digest)
    if time is None:
        return Conflict(f"blob {digest} is not there", hint="`dspyreg verify` tells more")
    return Conflict(
        f"blob {digest} was collected on {time[:10]}", hint="register the same content again"
    )


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


def _append(
    registry: Registry, intent: Intent, blobs: list[bytes], judged: Head | None = None
) -> Entry:
    for blob in blobs:
        registry.blobs.put(blob)
    return registry.the_log.append(intent, judged)


def _label_of(registry: Registry, draft: Draft, asked: Selector) -> str | None:
    """The label of the version that was refused; None if none was named."""
    if not asked.is_explicit:
        return None
    with suppress(RegistryError):
        number, _ = select(draft, registry.configuration_of(draft), asked)
        return draft.label(asked.program, number)
    return None


def _log_refusal(
    registry: Registry,
    operation: str,
    asked: Selector,
    label: str | None,
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
        program=asked.program,
        label=label,
        outcome=REFUSED,
        reason=told,
        evidence={"failures": list(refusal.failures)},
        context=registry.context,
    )
    with suppress(RegistryError, Moved):
        _append(registry, intent, [blob] if blob else [])


def _planned(intent: Intent, reason: str | None) -> Entry:
    """The entry that a dry run would have made: it has no place in the log."""
    from dspyreg.model.entry import Entry

    told = intent._replace(reason=reason)._asdict()
    del told["expects"]
    return Entry(seq=0, id=None, prev=None, **told)
