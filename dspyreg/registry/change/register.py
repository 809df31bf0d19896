"""Registering: from files on a disk to a version."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare.bump import Side, judge
from dspyreg.compare.carry_over import carried
from dspyreg.compare.settings import one_sided
from dspyreg.errors import RegistryError, UsageError
from dspyreg.formats import known
from dspyreg.lifecycle import registration
from dspyreg.lifecycle.draft import Cause, Draft, Plan
from dspyreg.lifecycle.environments import where
from dspyreg.lifecycle.registration import AUTO, Request, Verdict
from dspyreg.lifecycle.rollback import rollback, target
from dspyreg.lifecycle.stages import archive_surplus
from dspyreg.model import canonical, names
from dspyreg.model.entry import beginning
from dspyreg.model.label import BUMPS
from dspyreg.model.selector import Selector
from dspyreg.registry.artifacts.checkout import made_from
from dspyreg.registry.artifacts.files import collect, store
from dspyreg.registry.artifacts.inspect import redacted, understand
from dspyreg.registry.artifacts.readable import why_unreadable
from dspyreg.registry.artifacts.sides import side_of, side_of_version
from dspyreg.registry.change.automation import after_recording, after_registering
from dspyreg.registry.change.record import measurable
from dspyreg.registry.change.result import outcome
from dspyreg.registry.context import digest_of_configuration
from dspyreg.registry.gate.facts import telling_breaks
from dspyreg.registry.transaction import screening
from dspyreg.registry.transaction.commit import commit, keyed
from dspyreg.registry.transaction.supplied_blobs import unreadable
from dspyreg.store.objects import read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dspyreg.backends.interface import Source
    from dspyreg.config.value import Config
    from dspyreg.formats.secrets import Secret
    from dspyreg.model.digest import Digest
    from dspyreg.model.document import Document
    from dspyreg.model.state import Snapshot
    from dspyreg.registry.artifacts.files import Collected, Paths
    from dspyreg.registry.artifacts.inspect import Understood
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.commit import Committed
    from dspyreg.registry.transaction.outcome import Outcome
    from dspyreg.registry.transaction.request_keys import Claim


_HINT: Final = "--redact stores it without them, --allow-secrets stores it as it is"


def register(
    context: Context,
    program: str,
    paths: Paths,
    *,
    label: str | None,
    bump: str,
    metrics: Mapping[str, float],
    metadata: Mapping[str, Any],
    tags: Sequence[str],
    changelog: str | None,
    contract: Mapping[str, Any] | None,
    settings: Mapping[str, Any] | None,
    parent: str | None,
    redact: bool,
    allow_secrets: bool,
    allow_pickle: bool,
    any_file: bool,
    exist_ok: bool,
    force: bool,
    reason: str | None,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.register``."""
    request = Request(
        program=names.program(program),
        files=(),
        label=label,
        bump=_bump(bump, label),
        metadata=_metadata(metadata),
        metrics=measurable(metrics),
        tags=tuple(names.word("tag", tag) for tag in dict.fromkeys(tags)),
        changelog=None if changelog is None else names.utf8("changelog", changelog),
        settings=None if settings is None else _json("settings", settings),
        parent=parent,
        exist_ok=exist_ok,
        force=force,
        reason=reason,
    )
    found = collect(paths, context.location)
    if parent is None:
        request = request._replace(parent=made_from(context, request.program, paths))
    understood, why_not = _understood(found, allow_pickle=allow_pickle)
    screening.require_one_wish(redact=redact, allow=allow_secrets)
    spoken = _found_in(request, contract, found)
    secret = bool(spoken or understood.secrets)
    if redact:
        request, understood = _without_secrets(request), redacted(understood)
        screening.refuse(_found_in(request, contract, found), hint=screening.HINT_ALLOW)
        understood = understood._replace(notices=(*understood.notices, *_redacted(spoken)))
    elif not allow_secrets:
        screening.refuse((*understood.secrets, *spoken), hint=_HINT)
    told = ("redacted" if redact else "allowed") if secret else None
    new = side_of(understood.state, contract, request.settings)
    request = _signed(context, request, understood)._replace(
        contract=new.contract.to_json() if new else None,
        secrets=told,
        notices=understood.notices,
        any_file=any_file and why_not is not None,
        unreadable=why_not,
        is_named_state=any(known.is_read(name, allow_pickle=True) for name in found),
    )
    trust = {"redact": redact, "secrets": allow_secrets, "pickle": allow_pickle}
    data = understood.data

    def registered(*, dry_run: bool) -> Outcome:
        files = store(context.blobs, found, data, dry_run=dry_run)
        asked = request._replace(files=files)
        claim = keyed(context, "register", operation_id, program, **trust, **_asked(asked))
        stored = {
            file.digest: data.source(file.path) if file.path in data else found[file.path]
            for file in files
        }

        def plan(draft: Draft, config: Config) -> Plan:
            wish, side = _carried(context, draft, asked, new, allow_pickle)
            look = _Look(context, side, allow_pickle=allow_pickle)
            found = registration.register(draft, config, wish, look)
            return _judged(context, draft, found, tell=dry_run)

        return _commit(context, plan, asked, stored, dry_run=dry_run, claim=claim)

    if not dry_run and _may_be_refused(context, request):
        registered(dry_run=True)  # judge it before a byte of it is stored
    return registered(dry_run=dry_run)


def _may_be_refused(context: Context, request: Request) -> bool:
    if request.unreadable is not None and not request.any_file:
        return True
    return context.configuration().registration is not None


def _judged(context: Context, draft: Draft, plan: Plan, *, tell: bool) -> Plan:
    """Return a plan with the configuration that it was judged by, if that demanded something;
    ``tell`` what passed as well.
    """
    if plan.evidence is None:
        return plan
    configuration = {"configuration": digest_of_configuration(draft)}
    passed = tuple(each["message"] for each in plan.evidence["findings"] if each["passed"])
    notices = (*plan.notices, *passed) if tell else plan.notices
    return plan._replace(evidence={**configuration, **plan.evidence}, notices=notices)


def _asked(request: Request) -> dict[str, Any]:
    """Return what was asked for in a registration: its content by digests, as it was stored."""
    fields = ("label", "bump", "metadata", "metrics", "tags", "changelog", "exist_ok", "force")
    files = [(file.path, file.digest) for file in sorted(request.files)]
    asked = {field: getattr(request, field) for field in fields}
    more = {"parent": request.parent, "settings": request.settings}
    later = {"any_file": request.any_file or None, "reason": request.reason}
    asked |= {name: value for name, value in (more | later).items() if value is not None}
    return {**asked, "files": files, "contract": request.contract}


def _understood(found: Collected, *, allow_pickle: bool) -> tuple[Understood, str | None]:
    """Return what the files tell, and why no program can be read from them; None if one can."""
    try:
        told = understand(found, allow_pickle=allow_pickle)
        if told.state is not None:
            return told, None
        data = told.data
        readers = {
            name: partial(data.__getitem__, name) if name in data else None for name in found
        }
        return told, why_unreadable(readers)
    except OSError as error:
        raise unreadable(Path(error.filename or "file"), error) from error


def _found_in(
    request: Request, contract: Mapping[str, Any] | None, files: Collected
) -> list[tuple[str, Secret]]:
    """The secrets in what a registration says beside its files."""
    from dspyreg.formats.secrets import find

    documents = {
        "metadata": request.metadata,
        "contract": contract or {},
        "settings": request.settings or {},
    }
    found = [(what, each) for what, value in documents.items() for each in find(value)]
    named = {
        "changelog": request.changelog,
        "tag": "\n".join(request.tags),
        "program": request.program,
        "version": request.label,
        "metric": "\n".join(request.metrics),
        "path": "\n".join(files),
    }
    return [*found, *screening.found_in(named)]


def _redacted(spoken: list[tuple[str, Secret]]) -> list[str]:
    """Say which words were redacted."""
    return [f"redacted: {', '.join(dict(spoken))}"] if spoken else []


def _without_secrets(request: Request) -> Request:
    """The same with metadata, settings, changelog and tags redacted; names cannot be."""
    from dspyreg.formats import secrets

    changelog = None if request.changelog is None else secrets.without(request.changelog)
    return request._replace(
        metadata=secrets.redacted(request.metadata),
        settings=None if request.settings is None else secrets.redacted(request.settings),
        changelog=changelog,
        tags=tuple(dict.fromkeys(map(secrets.without, request.tags))),
    )


def _carried(
    context: Context, draft: Draft, request: Request, new: Side | None, allow_pickle: bool
) -> tuple[Request, Side | None]:
    """The same, with the contract of what it was made from where somebody edited that."""
    number = registration.origin(draft, request)
    snapshot = draft.version(request.program, number) if number is not None else None
    if snapshot is None or new is None:
        return request, new
    document = read_document(context.blobs, snapshot.document)
    old = side_of_version(context.blobs, document, allow_pickle=allow_pickle)
    found = carried(old, new) if old is not None else None
    if found is None:
        return request, new
    settings = None if found.settings is None else dict(found.settings)
    told = f"the contract is carried over from {snapshot.label}: predictors and field texts are its"
    wish = request._replace(
        contract=found.contract.to_json(),
        settings=settings,
        notices=(*request.notices, told),
    )
    return wish, found


class _Look:
    """What a registration is judged by, besides the state."""

    def __init__(self, context: Context, new: Side | None, *, allow_pickle: bool) -> None:
        self._context, self._new, self._allow_pickle = context, new, allow_pickle

    def document(self, digest: Digest) -> Document:
        """See ``Look``."""
        return read_document(self._context.blobs, digest)

    def verdict(self, latest: Snapshot) -> Verdict | None:
        """See ``Look``."""
        new, blobs = self._new, self._context.blobs
        if new is None:
            return None
        document = self.document(latest.document)
        old = side_of_version(blobs, document, allow_pickle=self._allow_pickle)
        if old is None:
            return None
        judgement = judge(old, new)
        beside = judge(old._replace(state=None), new._replace(state=None))
        return Verdict(
            level=str(judgement.level),
            why=judgement.reasons[0].message if judgement.reasons else None,
            unknown=(*judgement.unknown, *one_sided(old.settings, new.settings)),
            unsaved_changed=bool(beside.reasons),
            breaks=judgement.breaks,
        )


def _signed(context: Context, request: Request, understood: Understood | None = None) -> Request:
    origin = context.provenance
    signed = request._replace(author=context.actor, now=context.now(), context=origin)
    state = understood.state if understood else None
    if state is None:
        return signed
    if state.versions:
        origin["saved_with"] = state.versions
    return signed._replace(family=state.family, digest=state.digest())


def _commit(
    context: Context,
    plan: Callable[[Draft, Config], Plan],
    request: Request,
    stored: Mapping[Digest, Source],
    *,
    dry_run: bool,
    claim: Claim | None,
) -> Outcome:
    done = commit(
        context,
        plan,
        operation="register",
        reason=request.reason,
        dry_run=dry_run,
        stored=stored,
        claim=claim,
    )
    if done.plan.operation != "register":  # it was there: something was recorded about it
        return outcome(context, done, *after_recording(context, done, dry_run=dry_run))
    upon = (done, *after_registering(context, done, dry_run=dry_run))
    return outcome(context, *upon, *_retire(context, upon, request.program, dry_run=dry_run))


def _retire(
    context: Context, upon: tuple[Committed, ...], program: str, *, dry_run: bool
) -> list[Committed]:
    """Archive what ``max_versions`` has no room for: entries of their own, one operation."""
    retired: list[Committed] = []
    rest: list[int] | None = None
    done = upon[0]
    limit = context.configuration().versioning.max_versions
    while limit and done.entry is not None and not done.repeated:

        def plan(draft: Draft, config: Config) -> Plan:
            nonlocal rest
            if rest is None or not dry_run:  # nobody comes between the entries of a dry run
                rest = registration.surplus(draft, config, program)
            if not rest:
                return Plan("archive", already="already: there is room")
            found = archive_surplus(draft, program, rest[0], config.versioning.max_versions)
            return found._replace(
                cause=Cause("max_versions", (done.entry and done.entry.seq) or None)
            )

        try:
            one = commit(
                context,
                plan,
                operation="archive",
                operation_id=done.draft.operation_id,
                dry_run=dry_run,
                upon=(*upon, *retired) if dry_run else (),
            )
        except RegistryError as error:  # a hook's veto, a full disk; what was registered stands
            notice = f"more than {limit} versions of {program} stay: {error}"
            last = retired[-1] if retired else done
            return [*retired, last._replace(plan=Plan("archive", notices=(notice,)), entry=None)]
        if one.entry is None:
            break
        rest = rest and rest[1:]
        notice = f"{program}@{one.plan.label} was archived: max_versions is {limit}"
        retired.append(one._replace(plan=one.plan._replace(notices=(notice,))))
    return retired


def rollback_as_new_version(
    context: Context,
    program: str,
    *,
    environment: str | None,
    to: str | None,
    reason: str | None,
    force: bool,
    dry_run: bool,
    claim: Claim | None,
) -> Outcome:
    """Roll back by registering a copy of the target, for which there must be room as for any."""
    plan = _copying(context, program, environment=environment, to=to, reason=reason, force=force)
    done = commit(
        context,
        plan,
        operation="rollback",
        reason=reason,
        dry_run=dry_run,
        asked=Selector(program),
        claim=claim,
    )
    return outcome(context, done, *_retire(context, (done,), program, dry_run=dry_run))


def _copying(
    context: Context,
    program: str,
    *,
    environment: str | None,
    to: str | None,
    reason: str | None,
    force: bool,
) -> Callable[[Draft, Config], Plan]:
    """Return the planner of a rollback that registers a copy of its target."""
    request = _signed(context, Request(program, ()))

    def plan(draft: Draft, config: Config) -> Plan:
        place = where(config, environment)
        found = target(draft, config, program, place, to, force=force)
        if found is None:
            return rollback(draft, config, program, environment=environment, to=to)
        snapshot = draft.existing(program, found.number)
        original = read_document(context.blobs, snapshot.document)
        done = registration.register_rollback(
            draft,
            config,
            request,
            original,
            environment=environment,
            to=to,
            reason=beginning(reason),
            force=force,
        )
        return telling_breaks(
            context,
            draft,
            done._replace(
                serves=(snapshot.document,),
                evidence={"configuration": digest_of_configuration(draft)},
            ),
        )

    return plan


def _bump(bump: str, label: str | None) -> str:
    if bump not in {AUTO, *BUMPS}:
        raise UsageError(f"not a bump: {bump!r}", hint="major, minor, patch or auto")
    if label is not None and bump != AUTO:
        raise UsageError("a label and a bump contradict each other", hint="give one of them")
    return bump


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata that JSON can carry."""
    found = _json("metadata", metadata)
    for key in metadata:
        names.word("metadata key", key)
    return found


def _json(what: str, value: Mapping[str, Any]) -> dict[str, Any]:
    try:
        told: dict[str, Any] = canonical.loads(canonical.dumps(dict(value)))
    except (ValueError, TypeError, RecursionError) as error:
        raise UsageError(f"{what} is not JSON: {error}") from error
    return told
