"""The one way by which anything changes: plan on a state, append if it still holds, else again."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

from dspyreg.config.value import DEFAULT
from dspyreg.errors import Conflict, Corrupt, Denied, Refused, UnsupportedFormat
from dspyreg.lifecycle.draft import After, Draft, Plan
from dspyreg.model import moment, names
from dspyreg.model.digest import Digest
from dspyreg.model.entry import Intent, text_or_blob
from dspyreg.registry.transaction.committed import Committed
from dspyreg.registry.transaction.prerequisite import Unmet
from dspyreg.registry.transaction.supplied_blobs import SuppliedBlobs
from dspyreg.store.gc import required
from dspyreg.store.log import Missing, Moved
from dspyreg.store.objects import require_intact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dspyreg.backends.interface import Source
    from dspyreg.config.value import Config
    from dspyreg.model.entry import Entry
    from dspyreg.model.line import Head
    from dspyreg.model.selector import Selector
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.hooks import Vetted
    from dspyreg.registry.transaction.options import ChangeOptions
    from dspyreg.registry.transaction.prerequisite import Prerequisite
    from dspyreg.registry.transaction.request_keys import Claim

    Planner = Callable[[Draft, Config], Plan]

MAX_ATTEMPTS = 10
MAX_OVERTAKEN = 3  # attempts before a writer takes a turn of its own
MAX_HOOK_ROUNDS = 5  # vetoes asked for again because others change what was planned
_TAKES_BACK = ("undo", "redo")


class Transaction:
    """An operation: entries under one id, each planned on one consistent state.

    ``claim`` is that of the request to its key: what was carried out under it before is the
    result. A refusal is recorded if it is about a ``subject``. ``origin`` is added to the
    context's own. A dry run builds on the runs before it, and on the last of an operation that
    it comes ``after``. With the ``operation_id`` of another transaction it is part of that one.
    """

    def __init__(
        self,
        context: Context,
        operation: str,
        options: ChangeOptions,
        *,
        claim: Claim | None = None,
        subject: Selector | None = None,
        origin: Mapping[str, Any] | None = None,
        after: Committed | None = None,
        operation_id: str | None = None,
    ) -> None:
        self.context, self.operation, self.subject = context, operation, subject
        self._entries = context.entries
        self.dry_run, self._reason = options.dry_run, options.reason
        if self._reason is not None:
            names.utf8("reason", self._reason)
        self._claim, self._origin = claim, {**context.origin, **(origin or {})}
        if claim is not None:
            operation_id = claim.operation_id
            self._origin["request"] = claim.request
        self.operation_id, self._is_fresh = operation_id or "", False
        if operation_id is None:
            self.operation_id, self._is_fresh = context.operation_id()
        self._before = after if self.dry_run else None
        self.vetted: list[Vetted] = []

    def run(self, planner: Planner, stored: Mapping[Digest, Source] | None = None) -> Committed:
        """Carry out a plan; durable on return.

        The plan is made again for as long as others change what it has read, and after each
        prerequisite that it lacked, which is met while nothing is locked. ``stored`` are blobs
        that were put before, and where their bytes can be read again. Raises what the planner
        raises, ``Refused`` if a hook vetoes, and ``Conflict`` if others do not cease.
        """
        supplied, attempts, rounds = SuppliedBlobs(self.context.blobs, stored), 0, Counter[object]()
        while attempts < MAX_ATTEMPTS:
            try:
                return self._attempt(planner, supplied, alone=attempts >= MAX_OVERTAKEN)
            except Moved:
                attempts += 1
                self._entries.refresh()
            except Missing as missing:
                attempts += 1
                self._put_again(supplied, missing.digests)
            except Unmet as unmet:
                attempts, prerequisite = 0, unmet.prerequisite
                rounds[prerequisite.subject] += 1
                if rounds[prerequisite.subject] > MAX_HOOK_ROUNDS:
                    raise Conflict("hooks-overtaken") from None
                self._meet(prerequisite)
                self._entries.refresh()
        raise Conflict("overtaken")

    def repeated(self) -> Committed | None:
        """Return what the claim's request came to before; None if it was not carried out, and
        once this transaction knows the answer.
        """
        if self._claim is None:
            return None
        with self._entries.reading():
            answer = self._claim.answer(self.context)
            if answer is None:
                return None
            self._settle()
            self._claim = None
            return Committed(*answer, repeated=True)

    def _attempt(self, planner: Planner, supplied: SuppliedBlobs, *, alone: bool) -> Committed:
        """Plan on the state as it is now, and append.

        A writer that was overtaken again and again takes its turn before it reads: nobody can
        overtake it then, however long it judges. Raises ``Moved``, ``Missing``, ``Unmet``.
        """
        entries = self._entries
        with entries.turn() if alone else nullcontext(), entries.reading():
            judged = entries.refresh() if alone else entries.head
            known = self.repeated()
            if known is not None:
                return known
            draft, config, plan = self._planned(planner, judged)
            if plan.already is not None:
                self._settle()
                return self._unchanged(plan, draft)
            intent, blobs = self._intent(plan, draft)
            if self.dry_run:
                return self._rehearsed(plan, draft, config, intent, supplied, blobs)
            if config.hooks.before:
                self._require_vetted(config, self._entry(intent))
            supplied.put(blobs)
            needs = required(self.context.blobs, intent)
            entry = entries.append(intent, judged, needs, self.context.seal)  # real from here on
            self._claim, self._is_fresh = None, False
            if self._reason is not None:  # in full: the line may name a blob
                entry = entry._replace(reason=self._reason)
            return Committed(plan, draft, entry, config=config)

    def _planned(self, planner: Planner, judged: Head) -> tuple[Draft, Config, Plan]:
        """Return a plan on the state at a head. Raises ``Moved`` if it is a refusal to record,
        and others have changed what it read.
        """
        before = self._before
        state = self._entries.state() if before is None else After(before.draft)
        draft = Draft(state, self.operation_id, fresh=self._is_fresh)
        try:
            config = self._configuration(draft)
            plan = planner(draft, config)
            self._require_intact(plan.serves)
        except Refused as refusal:
            self._record(refusal, draft, judged)
            raise
        return draft, config, plan

    def _configuration(self, draft: Draft) -> Config:
        """Return the configuration that judges. One that cannot be read can still be undone,
        judged by the built-in one.
        """
        try:
            return self.context.configuration_of(draft)
        except (Corrupt, UnsupportedFormat):
            if self.operation not in _TAKES_BACK:
                raise
            return DEFAULT

    def _require_intact(self, documents: Iterable[Digest]) -> None:
        self.context.entries.release()  # to hash files takes time
        fresh = {Digest.of(blob) for blob in self._before.blobs} if self._before else ()
        for document in documents:
            if document not in fresh:
                require_intact(self.context.blobs, document)

    def _unchanged(self, plan: Plan, draft: Draft) -> Committed:
        before = self._before
        if before is None:
            return Committed(plan, draft, None)
        self._before = before._replace(plan=plan, draft=draft, entry=None)
        return self._before

    def _rehearsed(
        self,
        plan: Plan,
        draft: Draft,
        config: Config,
        intent: Intent,
        supplied: SuppliedBlobs,
        blobs: list[bytes],
    ) -> Committed:
        """Return what a dry run comes to. Raises ``Conflict`` if a blob is missing."""
        before, context = self._before, self.context
        earlier, intents = (before.blobs, before.intents) if before else ((), ())
        missing = supplied.lacks(required(context.blobs, intent), (*earlier, *blobs))
        if missing is not None:
            raise self._gone(missing)
        self._before = Committed(
            plan,
            draft,
            self._entry(intent),
            (*intents, intent),
            config,
            blobs=(*earlier, *plan.blobs),
        )
        self._is_fresh = False
        return self._before

    def _intent(self, plan: Plan, draft: Draft) -> tuple[Intent, list[bytes]]:
        """Return the entry to append, and the blobs to store with it."""
        blobs, reason, evidence = list(plan.blobs), None, plan.evidence
        if self._reason is not None:
            reason, blob = text_or_blob(self._reason)
            blobs += [blob] if blob else []
        if plan.cause is not None:
            evidence = {**(evidence or {}), "cause": plan.cause._asdict()}
        intent = Intent(
            time=moment.text(self.context.now()),
            actor=self.context.actor,
            operation=plan.operation,
            operation_id=self.operation_id,
            program=plan.program,
            label=plan.label,
            reason=reason,
            forced=plan.forced,
            automatic=plan.cause is not None,
            changes=draft.changes,
            evidence=evidence,
            undoes=plan.undoes,
            context=self._origin,
            expects=draft.expects,
        )
        return intent, blobs

    def _entry(self, intent: Intent) -> Entry:
        """Return the entry that an intent would become; it has no place in the log."""
        intent.members()  # raises, as the append itself would, if it is too long
        return intent.entry()._replace(reason=self._reason)

    def _require_vetted(self, config: Config, planned: Entry) -> None:
        """Raise ``Unmet`` if the hooks have not seen these changes."""
        from dspyreg.registry.transaction.hooks import Veto, vetting

        needed = vetting(config.hooks, planned)
        if needed is not None and needed not in self.vetted:
            raise Unmet(Veto(self.context, config, planned, needed, self.vetted))

    def _meet(self, prerequisite: Prerequisite) -> None:
        """Meet a prerequisite; record a veto like any refusal."""
        try:
            prerequisite.meet()
        except Refused as error:
            with suppress(Moved), self._entries.reading():
                judged = self._entries.refresh()
                draft = Draft(self._entries.state(), self.operation_id)
                self._record(error, draft, judged)
            raise

    def _record(self, refusal: Refused, draft: Draft, judged: Head) -> None:
        if self.subject is None or self.dry_run:
            return
        from dspyreg.registry.transaction.refusal import record

        record(
            self.context,
            refusal,
            self.operation,
            self.subject,
            draft,
            judged,
            reason=self._reason,
        )

    def _settle(self) -> None:
        """Sync what others wrote: no power cut may take back what is called done already."""
        if self.dry_run:
            return
        with suppress(Denied):  # a store that cannot be written from here
            self._entries.settle()

    def _put_again(self, supplied: SuppliedBlobs, missing: Iterable[Digest]) -> None:
        gone = supplied.put_again(missing)
        if gone is not None:
            raise self._gone(gone)

    def _gone(self, digest: Digest) -> Conflict:
        from dspyreg.store.gc import collected_at

        time = collected_at(self._entries, self.context.blobs, digest)
        if time is None:
            return Conflict("blob-missing", digest=digest)
        return Conflict("blob-collected", digest=digest, date=time[:10])
