"""Register: from files on a disk to a version."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dspyreg.compare.bump import Side, judge
from dspyreg.compare.carry_over import carried
from dspyreg.compare.settings import one_sided
from dspyreg.formats import known
from dspyreg.lifecycle import registration
from dspyreg.lifecycle.new_version import origin
from dspyreg.lifecycle.request import BumpVerdict, Request
from dspyreg.registry.artifacts.files import collect, store
from dspyreg.registry.artifacts.inspect import inspect, redacted
from dspyreg.registry.artifacts.marker import made_from
from dspyreg.registry.artifacts.program_state import side_of, side_of_version
from dspyreg.registry.artifacts.readable import why_unreadable
from dspyreg.registry.change.automation import after_recording, after_registering
from dspyreg.registry.change.request import (
    arguments,
    checked,
    secrets_in,
    signed,
    without_secrets,
)
from dspyreg.registry.change.retention import archive_surplus
from dspyreg.registry.context import digest_of_configuration
from dspyreg.registry.transaction import screening
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.outcome import concluded
from dspyreg.registry.transaction.supplied_blobs import unreadable
from dspyreg.store.objects import read_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.value import Config
    from dspyreg.formats.secrets import Secret
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.model.digest import Digest
    from dspyreg.model.document import Document, File
    from dspyreg.model.state import Snapshot
    from dspyreg.registry.artifacts.files import Collected, Paths
    from dspyreg.registry.artifacts.inspect import Inspection
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.options import ChangeOptions
    from dspyreg.registry.transaction.outcome import Outcome

_HINT: Final = "secrets-in-files"


def register(
    context: Context, request: Request, paths: Paths, options: ChangeOptions, *, allow_pickle: bool
) -> Outcome:
    """See ``Registry.register``. ``request`` has the arguments as they came; its files are read
    from the paths.
    """
    request = checked(request)._replace(force=options.force, reason=options.reason)
    files = collect(paths, context.store.location.directory)
    if request.parent is None:
        request = request._replace(parent=made_from(context, request.program, paths))
    inspection, why_not = _understood(files, allow_pickle=allow_pickle)
    request, inspection = _screened(request, inspection, files, options)
    new = side_of(inspection.state, request.contract, request.settings)
    request = signed(context, request, inspection)._replace(
        contract=new.contract.to_json() if new else None,
        notices=inspection.notices,
        any_file=request.any_file and why_not is not None,
        unreadable=why_not,
        is_named_state=any(known.is_read(name, allow_pickle=True) for name in files),
    )
    work = _Registration(context, request, files, inspection, new, allow_pickle=allow_pickle)
    if not options.dry_run and _may_be_refused(context, request):
        work.carry_out(options._replace(dry_run=True))  # judged before a byte of it is stored
    return work.carry_out(options)


def _understood(files: Collected, *, allow_pickle: bool) -> tuple[Inspection, str | None]:
    """Return what the files say, and why no program can be read from them; None if one can."""
    try:
        inspection = inspect(files, allow_pickle=allow_pickle)
        if inspection.state is not None:
            return inspection, None
        data = inspection.data
        readers = {
            name: partial(data.__getitem__, name) if name in data else None for name in files
        }
        return inspection, why_unreadable(readers)
    except OSError as error:
        raise unreadable(Path(error.filename or "file"), error) from error


def _screened(
    request: Request, inspection: Inspection, files: Collected, options: ChangeOptions
) -> tuple[Request, Inspection]:
    """Return what may be stored. Raises ``Refused``, naming each place, if there is a secret that
    is neither redacted nor allowed.
    """
    redact, allow = options.redact, options.allow_secrets
    screening.require_one_choice(redact=redact, allow=allow)
    in_words = secrets_in(request, files)
    if in_words or inspection.secrets:
        request = request._replace(secrets="redacted" if redact else "allowed")
    if redact:
        request, inspection = without_secrets(request), redacted(inspection)
        screening.refuse(secrets_in(request, files), hint=screening.HINT_ALLOW)
        notices = (*inspection.notices, *_redacted(in_words))
        return request, inspection._replace(notices=notices)
    if not allow:
        screening.refuse((*inspection.secrets, *in_words), hint=_HINT)
    return request, inspection


def _redacted(secrets: list[tuple[str, Secret]]) -> list[str]:
    """Return a notice of which words were redacted."""
    return [f"redacted: {', '.join(dict(secrets))}"] if secrets else []


def _may_be_refused(context: Context, request: Request) -> bool:
    if request.unreadable is not None and not request.any_file:
        return True
    return context.configuration().registration is not None


class _Registration:
    """A request, its files, and the side of a comparison that they make."""

    def __init__(
        self,
        context: Context,
        request: Request,
        files: Collected,
        inspection: Inspection,
        new: Side | None,
        *,
        allow_pickle: bool,
    ) -> None:
        self._context, self._request, self._files = context, request, files
        self._data, self._new, self._allow_pickle = inspection.data, new, allow_pickle

    def carry_out(self, options: ChangeOptions) -> Outcome:
        """Store the files, register them, and do what the configuration has follow from that."""
        context, data = self._context, self._data
        files = store(context.blobs, self._files, data, dry_run=options.dry_run)
        request = self._request._replace(files=files)
        trust = {
            "redact": options.redact,
            "secrets": options.allow_secrets,
            "pickle": self._allow_pickle,
        }
        claim = options.claim(context, "register", request.program, **trust, **arguments(request))

        def plan(draft: Draft, config: Config) -> Plan:
            own, side = self._carried(draft, request)
            source = _LatestParent(context, side, allow_pickle=self._allow_pickle)
            plan = registration.register(draft, config, own, source)
            return _judged(draft, plan, with_passed=options.dry_run)

        transaction = Transaction(context, "register", options, claim=claim)
        done = transaction.run(plan, self._sources(files))
        if done.plan.operation != "register":  # it exists: something was recorded about it
            return concluded(context, done, *after_recording(context, done, options))
        steps = (done, *after_registering(context, done, options))
        return concluded(
            context, *steps, *archive_surplus(context, steps, request.program, options)
        )

    def _sources(self, files: Iterable[File]) -> dict[Digest, bytes | Path]:
        """Return where the bytes of the files can be read again."""
        return {
            file.digest: self._data.source(file.path)
            if file.path in self._data
            else self._files[file.path]
            for file in files
        }

    def _carried(self, draft: Draft, request: Request) -> tuple[Request, Side | None]:
        """Return the request with the contract of its parent, if it is an edited copy of that."""
        new, blobs = self._new, self._context.blobs
        number = origin(draft, request)
        snapshot = draft.version(request.program, number) if number is not None else None
        if snapshot is None or new is None:
            return request, new
        document = read_document(blobs, snapshot.document)
        old = side_of_version(blobs, document, allow_pickle=self._allow_pickle)
        side = carried(old, new) if old is not None else None
        if side is None:
            return request, new
        notice = (
            f"the contract is carried over from {snapshot.label}: "
            "predictors and field texts are its"
        )
        request = request._replace(
            contract=side.contract.to_json(),
            settings=None if side.settings is None else dict(side.settings),
            notices=(*request.notices, notice),
        )
        return request, side


class _LatestParent:
    """The source of the facts that a registration is judged by, besides the state."""

    def __init__(self, context: Context, new: Side | None, *, allow_pickle: bool) -> None:
        self._blobs, self._new, self._allow_pickle = context.blobs, new, allow_pickle

    def document(self, digest: Digest) -> Document:
        """See ``ParentSource``."""
        return read_document(self._blobs, digest)

    def verdict(self, latest: Snapshot) -> BumpVerdict | None:
        """See ``ParentSource``."""
        new = self._new
        if new is None:
            return None
        document = self.document(latest.document)
        old = side_of_version(self._blobs, document, allow_pickle=self._allow_pickle)
        if old is None:
            return None
        judgement = judge(old, new)
        beside = judge(old._replace(state=None), new._replace(state=None))
        return BumpVerdict(
            level=str(judgement.level),
            why=judgement.reasons[0].message if judgement.reasons else None,
            unknown=(*judgement.unknown, *one_sided(old.settings, new.settings)),
            unsaved_changed=bool(beside.reasons),
            breaks=judgement.breaks,
        )


def _judged(draft: Draft, plan: Plan, *, with_passed: bool) -> Plan:
    """Return a plan with the configuration that judged it, if that demands something;
    ``with_passed`` with a notice of each rule that passed.
    """
    if plan.evidence is None:
        return plan
    configuration = {"configuration": digest_of_configuration(draft)}
    passed = tuple(each["message"] for each in plan.evidence["findings"] if each["passed"])
    notices = (*plan.notices, *passed) if with_passed else plan.notices
    return plan._replace(evidence={**configuration, **plan.evidence}, notices=notices)
