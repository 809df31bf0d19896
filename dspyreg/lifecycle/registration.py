"""Registering a new version, or not: what is present already, and what may not be registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import Conflict, Refused
from dspyreg.lifecycle import labels
from dspyreg.lifecycle.case import Case
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.lifecycle.gates import demands
from dspyreg.lifecycle.new_version import choose_label, create, record
from dspyreg.lifecycle.pointers import make_live
from dspyreg.lifecycle.request import NONE
from dspyreg.model import names
from dspyreg.model.document import files_digest
from dspyreg.policy.facts import CAPTURED

if TYPE_CHECKING:
    from typing import Any

    from dspyreg.config.value import Config
    from dspyreg.lifecycle.request import BumpVerdict, ParentSource, Request
    from dspyreg.model.digest import Digest
    from dspyreg.model.document import Document
    from dspyreg.model.state import Snapshot

_FEW = 5


def register(draft: Draft, config: Config, request: Request, source: ParentSource) -> Plan:
    """Make a new version of a program, on the first rung."""
    case, content = Case(draft, config, request.program), files_digest(request.files)
    _require_spelling(case)
    if config.versioning.require_changelog and not (request.changelog or "").strip():
        raise Refused("changelog-missing")
    latest = draft.latest(case.program)
    before = None if latest is None else draft.version(case.program, latest)
    verdict = None if before is None else source.verdict(before)
    present = _present(case, request, content, verdict, source)
    if present is not None:
        return present
    _require_readable(request, before)
    evidence = _admission(case, request, before, verdict)
    label, notices = choose_label(case, request, verdict)
    _require_meaning(case, label, content)
    notices = (*notices, *_same_content(case, content), *request.notices)
    notices += _unreadable_notice(config, request)
    number, document = create(case, request, label, content)
    for place in config.of_rung(config.first):
        if place.auto_deploy and not demands(config, case.program, None, (place,)):
            make_live(case, number, place)
    return Plan(
        "register",
        case.program,
        number,
        label,
        notices=notices,
        forced=evidence is not None and "failures" in evidence,
        evidence=evidence,
        blobs=(document,),
    )


def _admission(
    case: Case, request: Request, before: Snapshot | None, verdict: BumpVerdict | None
) -> dict[str, Any] | None:
    """Return the judgement by the policy of registrations, None without one."""
    policy = case.config.registration
    if policy is None:
        return None
    from dspyreg.lifecycle.admission import admit

    latest = None if before is None else before.label
    return admit(policy, case.metrics, request, verdict, latest)


def _require_spelling(case: Case) -> None:
    known = case.draft.get(names.reserved_name(case.program))
    if known not in {None, case.program}:
        raise Conflict("program-differs-in-case", program=case.program, other=known)


def _require_readable(request: Request, before: Snapshot | None) -> None:
    """Raise ``Refused`` if no program can be read from files that seem to hold one: by their
    names, or because the version ``before`` had one.
    """
    if request.unreadable is None or request.any_file:
        return
    if request.is_named_state or (before is not None and before.program is not None):
        raise Refused("program-unreadable", reason=request.unreadable)


def _unreadable_notice(config: Config, request: Request) -> tuple[str, ...]:
    """Return a notice if the top rung will demand a program where none can be read."""
    if request.unreadable is None or request.any_file:
        return ()
    from dspyreg.policy import loads

    policy = config.policy_of(request.program, config.top)
    if policy is None or not policy.get(loads.KEY):
        return ()
    top = config.title(config.top)
    return (f"no program can be read: {request.unreadable}; {top} demands one",)


def _present(
    case: Case,
    request: Request,
    content: Digest,
    verdict: BumpVerdict | None,
    source: ParentSource,
) -> Plan | None:
    """Return the plan for a version that is registered already; None for a new one."""
    draft, program = case.draft, case.program
    if request.label is not None:
        number = draft.number(program, labels.allowed(case.config, request.label))
    else:
        number = draft.latest(program)
    if number is None:
        return None
    label = case.label(number)
    same = draft.get(names.reserved_label(program, label)) == content
    if request.label is None and verdict is not None:
        same = verdict.level == NONE or (same and not verdict.unsaved_changed)
    if same and request.exist_ok:
        return _recorded(case, request, number, source)
    if request.label is not None:
        if same:
            raise Conflict("version-exists-same", label=label)
        raise Conflict("version-exists-other", label=label)
    if same and not request.force:
        raise Refused("program-registered", version=case.name(number))
    return None


def _recorded(case: Case, request: Request, number: int, source: ParentSource) -> Plan:
    """Record the new measurements and tags of a request on a version that exists."""
    draft, program = case.draft, case.program
    snapshot = draft.existing(program, number)
    already = f"already: {program}@{snapshot.label} is registered"
    notices = _not_recorded(request, source.document(snapshot.document), snapshot.label)
    known = draft.metrics(program, number)
    metrics = {name: value for name, value in request.metrics.items() if known.get(name) != value}
    tags = [tag for tag in request.tags if draft.get(names.tag(program, number, tag)) is None]
    if not metrics and not tags:
        return Plan("register", program, number, snapshot.label, already=already, notices=notices)
    record(case, request._replace(metrics=metrics, tags=tuple(tags)), number)
    operation = "score" if metrics else "tag"
    return Plan(operation, program, number, snapshot.label, notices=(already, *notices))


def _not_recorded(request: Request, document: Document, label: str) -> tuple[str, ...]:
    """Return a notice of the parts of a request that differ from a version that exists."""
    kept, missing = document.metadata, object()
    differs = {
        "metadata": any(kept.get(k, missing) != value for k, value in request.metadata.items()),
        "changelog": request.changelog not in (None, document.changelog),
        "contract": _is_captured(request.contract) and request.contract != document.contract,
        "any_file": request.any_file and not document.any_file,
    }
    lost = [part for part, is_lost in differs.items() if is_lost]
    return (f"not recorded: {', '.join(lost)}; {label} keeps its own",) if lost else ()


def _is_captured(contract: Any) -> bool:
    return contract is not None and contract.get("knowledge") == CAPTURED


def _require_meaning(case: Case, label: str, content: Digest) -> None:
    meaning = case.draft.get(names.reserved_label(case.program, label))
    if meaning not in {None, content}:
        raise Conflict("label-meant-other", version=f"{case.program}@{label}")


def _same_content(case: Case, content: Digest) -> tuple[str, ...]:
    twins = sorted(case.draft.by_content(case.program, content))
    same = ", ".join(case.label(number) for number in twins[:_FEW])
    return (f"the same content as {same}",) if twins else ()
