"""The one way by which anything changes: plan on a state, append if it still holds, else again."""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.config.value import DEFAULT
from dspyreg.errors import (
    Conflict,
    Corrupt,
    Denied,
    Refused,
    RegistryError,
    UnsupportedFormat,
)
from dspyreg.lifecycle.draft import After, Draft, Plan
from dspyreg.lifecycle.select import select
from dspyreg.model import moment, names
from dspyreg.model.digest import Digest
from dspyreg.model.entry import REFUSED, Intent, text_or_blob
from dspyreg.registry.context import digest_of_configuration
from dspyreg.registry.transaction.supplied_blobs import Stock
from dspyreg.store.gc import required
from dspyreg.store.log import Missing, Moved
from dspyreg.store.objects import require_intact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dspyreg.backends.interface import Source
    from dspyreg.config.value import Config
    from dspyreg.model.entry import Entry
    from dspyreg.model.line import Head
    from dspyreg.model.selector import Selector
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.hooks import Vetted
    from dspyreg.registry.transaction.request_keys import Claim

    Planner = Callable[[Draft, Config], Plan]

_ATTEMPTS = 10
_OVERTAKEN = 3  # attempts without a turn of one's own
_TAKES_BACK = ("undo", "redo")
_VETTINGS = 5  # so often hooks are asked again if others change what was planned


class Committed(NamedTuple):
    """A plan, and the entry that it became: None if there was nothing to do. ``intents`` are
    what a dry run, and those it stands upon, would have appended; ``config`` was in force. An
    entry is ``repeated`` if it was appended before, under the same key.
    """

    plan: Plan
    draft: Draft
    entry: Entry | None
    intents: tuple[Intent, ...] = ()
    config: Config | None = None
    repeated: bool = False


class _Unvetted(Exception):
    """The user's hooks must see a planned entry first, and not under the lock."""

    def __init__(self, config: Config, entry: Entry, vetted: Vetted) -> None:
        super().__init__(entry.operation)
        self.config, self.entry, self.vetted = config, entry, vetted


def new_operation_id() -> str:
    """Return an id that no other operation has; retries of one operation keep it."""
    return os.urandom(8).hex()


def keyed(
    context: Context, operation: str, key: str | None, program: str | None, **arguments: Any
) -> Claim | None:
    """Return the claim of a request to the key that its caller gave it; None without a key."""
    if key is None:
        return None
    from dspyreg.registry.transaction.request_keys import claim

    return claim(context, operation, key, program, arguments)


def repeated(context: Context, claim: Claim | None, *, dry_run: bool) -> Committed | None:
    """Return what a request under a key came to before; None if it has not been carried out."""
    if claim is None:
        return None
    with context.entries.reading():
        answer = claim.answer(context)
        if answer is None:
            return None
        _settle(context, dry_run=dry_run)
        return Committed(*answer, repeated=True)


def commit(
    context: Context,
    planner: Planner,
    *,
    operation: str,
    reason: str | None = None,
    operation_id: str | None = None,
    dry_run: bool = False,
    asked: Selector | None = None,
    upon: tuple[Committed, ...] = (),
    origin: Mapping[str, Any] | None = None,
    vetted: tuple[Vetted, ...] = (),
    stored: Mapping[Digest, Source] | None = None,
    claim: Claim | None = None,
) -> Committed:
    """Carry out a plan, judged on one consistent state; durable on return.

    ``asked`` is the selector of an operation whose refusal is an entry too. A dry run stands
    ``upon`` those before it, which nobody carried out. ``origin`` is told beside the context's
    own. What hooks have ``vetted`` they are not asked again; those that come after an operation
    run when its ``outcome`` is made. ``stored`` are blobs that were put before, and where their
    bytes can be had again. What was carried out before under the key of a ``claim`` is the answer.
    Raises what the planner raises, ``Refused`` if a hook says no, and ``Conflict`` if others keep
    changing what it reads.
    """
    if claim is not None:
        operation_id, origin = claim.operation_id, {**(origin or {}), "request": claim.request}
    identity, fresh = operation_id or new_operation_id(), operation_id is None
    reason = None if reason is None else names.utf8("reason", reason)
    stock = Stock(context.blobs, stored or {})
    for _ in range(_VETTINGS):
        try:
            return _commit(
                context,
                planner,
                operation=operation,
                reason=reason,
                identity=identity,
                fresh=fresh,
                dry_run=dry_run,
                asked=asked,
                upon=upon,
                origin=origin or {},
                vetted=vetted,
                stock=stock,
                claim=claim,
            )
        except _Unvetted as found:
            unvetted = found
        _vet(context, unvetted, reason=reason, asked=asked)
        context.entries.refresh()
        vetted += (unvetted.vetted,)
    raise Conflict("others keep changing what the hooks were asked about", hint="try again")


def _commit(context: Context, planner: Planner, *, stock: Stock, **told: Any) -> Committed:
    """Carry out a plan that hooks have vetted, or raise ``_Unvetted``.

    A writer that was overtaken again and again takes its turn before it reads: nobody can
    overtake it then, however long it judges.
    """
    for attempt in range(_ATTEMPTS):
        alone = attempt >= _OVERTAKEN
        if alone:
            context.entries.refresh()  # a new index is built while others can still write
        turn = context.entries.turn() if alone else nullcontext()
        with turn, context.entries.reading():
            if attempt:
                context.entries.refresh()
            try:
                return _attempt(context, planner, judged=context.entries.head, stock=stock, **told)
            except Moved:
                continue
            except Missing as lost:
                missing = lost.digests
        gone = stock.put_again(missing)
        if gone is not None:
            raise _gone(context, gone)
    raise Conflict("others keep changing what this needs", hint="try again")


def _attempt(
    context: Context,
    planner: Planner,
    *,
    operation: str,
    reason: str | None,
    identity: str,
    fresh: bool,
    dry_run: bool,
    asked: Selector | None,
    upon: tuple[Committed, ...],
    origin: Mapping[str, Any],
    vetted: tuple[Vetted, ...],
    claim: Claim | None,
    judged: Head,
    stock: Stock,
) -> Committed:
    """Plan on the state as it is now, and append. Raises ``Moved`` if others wrote meanwhile."""
    done = repeated(context, claim, dry_run=dry_run)
    if done is not None:
        return done
    state = After(upon[-1].draft) if upon else context.entries.state()
    draft = Draft(state, identity, fresh=fresh)
    try:
        config = _configuration(context, draft, operation)
        plan = planner(draft, config)
        _require_intact(context, plan, upon)
    except Exception as error:
        if isinstance(error, Refused) and asked is not None and not dry_run:
            _log_refusal(context, operation, draft, asked, reason, error, judged)
        raise
    if plan.already is not None:
        _settle(context, dry_run=dry_run)
        return Committed(plan, draft, None)
    intent, blobs = _intent(context, plan, draft, reason, origin)
    if dry_run:
        lost = stock.lacks(required(context.blobs, intent), (*_unstored(upon), *blobs))
        if lost is not None:
            raise _gone(context, lost)
        before = upon[-1].intents if upon else ()
        plan = plan._replace(blobs=(*_unstored(upon), *plan.blobs))
        planned = _planned(intent, reason)
        return Committed(plan, draft, planned, (*before, intent), config)
    if config.hooks.before:
        _require_vetted(config, _planned(intent, reason), vetted)
    stock.put(blobs)
    entry = context.entries.append(intent, judged, required(context.blobs, intent))
    if reason is not None:  # in full: the line may name a blob
        entry = entry._replace(reason=reason)
    return Committed(plan, draft, entry, config=config)


def _configuration(context: Context, draft: Draft, operation: str) -> Config:
    """Return the configuration that judges. What put one in force that cannot be read can still
    be taken back: by the built-in one.
    """
    try:
        return context.configuration_of(draft)
    except (Corrupt, UnsupportedFormat):
        if operation not in _TAKES_BACK:
            raise
        return DEFAULT


def _require_vetted(config: Config, planned: Entry, vetted: tuple[Vetted, ...]) -> None:
    from dspyreg.registry.transaction.hooks import vetting

    needed = vetting(config.hooks, planned)
    if needed is not None and needed not in vetted:
        raise _Unvetted(config, planned, needed)


def _vet(
    context: Context, unvetted: _Unvetted, *, reason: str | None, asked: Selector | None
) -> None:
    """Let the hooks look at a planned entry; if one says no, that is recorded as any refusal."""
    from dspyreg.registry.transaction.hooks import vet

    entry = unvetted.entry
    try:
        vet(context, unvetted.config, entry)
    except Refused as error:
        if asked is not None:
            with suppress(Moved), context.entries.reading():
                judged = context.entries.refresh()
                draft = Draft(context.entries.state(), entry.operation_id)
                _log_refusal(context, entry.operation, draft, asked, reason, error, judged)
        raise


def _settle(context: Context, *, dry_run: bool) -> None:
    """Nobody hears "already" of something that a power cut could take back."""
    if dry_run:
        return
    with suppress(Denied):  # what cannot be written from here was written by others
        context.entries.settle()


def _unstored(upon: tuple[Committed, ...]) -> tuple[bytes, ...]:
    """What the dry runs before would have stored: each carries what came before it."""
    return upon[-1].plan.blobs if upon else ()


def _require_intact(context: Context, plan: Plan, upon: tuple[Committed, ...]) -> None:
    fresh = {Digest.of(blob) for blob in _unstored(upon)}
    for document in plan.serves:
        if document not in fresh:
            require_intact(context.blobs, document)


def _gone(context: Context, digest: Digest) -> Conflict:
    from dspyreg.store.gc import collected_at

    time = collected_at(context.entries, context.blobs, digest)
    if time is None:
        return Conflict(f"blob {digest} is not there", hint="`dspyreg verify` tells more")
    return Conflict(
        f"blob {digest} was collected on {time[:10]}", hint="register the same content again"
    )


def _intent(
    context: Context, plan: Plan, draft: Draft, reason: str | None, origin: Mapping[str, Any]
) -> tuple[Intent, list[bytes]]:
    blobs = list(plan.blobs)
    told: Any = reason
    if reason is not None:
        told, blob = text_or_blob(reason)
        blobs += [blob] if blob else []
    intent = Intent(
        time=moment.text(context.now()),
        actor=context.actor,
        operation=plan.operation,
        operation_id=draft.operation_id,
        program=plan.program,
        label=plan.label,
        reason=told,
        forced=plan.forced,
        automatic=plan.cause is not None,
        changes=draft.changes,
        evidence=_evidence(plan),
        undoes=plan.undoes,
        context={**context.origin, **origin},
        expects=draft.expects,
    )
    return intent, blobs


def _evidence(plan: Plan) -> Any:
    if plan.cause is None:
        return plan.evidence
    return {**(plan.evidence or {}), "cause": plan.cause._asdict()}


def _label_of(context: Context, draft: Draft, asked: Selector) -> str | None:
    """The label of the version that was refused; None if none was named."""
    if not asked.is_explicit:
        return None
    with suppress(RegistryError):
        number, _ = select(draft, context.configuration_of(draft), asked)
        return draft.label(asked.program, number)
    return None


def _log_refusal(
    context: Context,
    operation: str,
    draft: Draft,
    asked: Selector,
    reason: str | None,
    refusal: Refused,
    judged: Head,
) -> None:
    """Record a refusal, if that can be done; it never turns exit 1 into another.

    Raises ``Moved`` if what was judged has changed since.
    """
    if not refusal.is_worth_an_entry:
        return
    judged_by = digest_of_configuration(draft)
    told, blob = text_or_blob(reason) if reason is not None else (None, None)
    intent = Intent(
        time=moment.text(context.now()),
        actor=context.actor,
        operation=operation,
        operation_id=draft.operation_id,
        program=asked.program,
        label=_label_of(context, draft, asked),
        outcome=REFUSED,
        reason=told,
        evidence={
            "configuration": judged_by,
            **refusal.evidence,
            "failures": list(refusal.failures),
        },
        context=context.origin,
    )
    with suppress(RegistryError, Missing):
        Stock(context.blobs).put([*refusal.blobs, *([blob] if blob else [])])
        needs = required(context.blobs, intent)
        context.entries.append(intent, judged, needs, expects=draft.expects)


def _planned(intent: Intent, reason: str | None) -> Entry:
    """The entry that a dry run would have made: it has no place in the log."""
    intent.members()  # raises, as the operation itself would, if it is too long
    return intent.entry()._replace(reason=reason)
