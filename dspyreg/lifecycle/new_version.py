"""Creating a version: its number, its label, its document, and the names that it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import Corrupt, NotFound, UsageError
from dspyreg.lifecycle import labels as automatic
from dspyreg.lifecycle.request import AUTO
from dspyreg.model import label as labels
from dspyreg.model import moment, names
from dspyreg.model.digest import Digest
from dspyreg.model.document import Document
from dspyreg.model.numbers import LARGEST

if TYPE_CHECKING:
    from dspyreg.lifecycle.case import Case
    from dspyreg.lifecycle.draft import Draft
    from dspyreg.lifecycle.request import BumpVerdict, Request


def choose_label(
    case: Case, request: Request, verdict: BumpVerdict | None
) -> tuple[str, tuple[str, ...]]:
    """Return the label of a new version: the requested one, or the next; and notices about it."""
    config = case.config
    if request.label is not None:
        label = automatic.allowed(config, request.label)
        return label, _too_small(case, label, verdict)
    semantic = config.versioning.strategy == "semantic"
    if not semantic and request.bump != AUTO:
        raise UsageError("bump-without-meaning", strategy=config.versioning.strategy)
    level = _level(verdict) if request.bump == AUTO else request.bump
    number = _next_number(case)
    label = automatic.automatic(
        case.draft, config, case.program, number, bump=level, now=request.now
    )
    base = automatic.highest(case.draft, case.program)
    if not semantic or base is None or request.bump != AUTO:
        return label, ()
    if verdict is None:
        return label, (f"{base} → {label}: a patch, because the change could not be compared",)
    why = verdict.why or "only bytes differ"
    return label, (f"{base} → {label}: {level}, because {why}", *verdict.unknown)


def _level(verdict: BumpVerdict | None) -> str:
    return verdict.level if verdict is not None and verdict.level in labels.BUMPS else "patch"


def _too_small(case: Case, label: str, verdict: BumpVerdict | None) -> tuple[str, ...]:
    """Return a notice if a requested label promises less than the change deserves."""
    latest = case.draft.latest(case.program)
    if verdict is None or latest is None or verdict.level not in labels.BUMPS:
        return ()
    level = labels.level_between(case.label(latest), label)
    if level is None or labels.BUMPS.index(level) <= labels.BUMPS.index(verdict.level):
        return ()
    return (f"{label} says {level}, but this is {verdict.level}: {verdict.why}",)


def _next_number(case: Case) -> int:
    """Return the number of the next version, above all that exist and the reserved one."""
    name = names.reserved_number(case.program)
    last = max(int(case.draft.get(name) or 0), next(case.draft.numbers(case.program), 0))
    if last >= LARGEST:
        raise Corrupt(name, "numbers-exhausted", last=last)
    return last + 1


def create(case: Case, request: Request, label: str, content: Digest) -> tuple[int, bytes]:
    """Change the names of a new version; return its number and its document."""
    draft, program, number = case.draft, case.program, _next_number(case)
    parent = origin(draft, request)
    parent_label = None if parent is None else case.label(parent)
    document = Document(
        program=program,
        files=tuple(sorted(request.files)),
        author=request.author,
        time=moment.text(request.now),
        metadata=dict(request.metadata),
        changelog=request.changelog,
        parent=parent_label,
        change_type=labels.level_between(parent_label, label),
        context=dict(request.context),
        contract=request.contract,
        family=request.family,
        program_digest=request.digest,
        secrets=request.secrets,
        settings=None if request.settings is None else dict(request.settings),
        any_file=request.any_file or None,
    ).to_bytes()
    draft.change(names.reserved_name(program), program)
    draft.change(names.reserved_number(program), number)
    draft.change(names.reserved_label(program, label), content)
    version = {"label": label, "document": Digest.of(document)}
    if request.digest is not None:
        version["program_digest"] = request.digest
    draft.change(names.version(program, number), version)
    draft.change(names.label(program, label), number)
    draft.set_stage(program, number, case.config.first, "Registered")
    record(case, request, number)
    return number, document


def record(case: Case, request: Request, number: int) -> None:
    """Record the measurements and tags of a request on a version."""
    draft, program = case.draft, case.program
    for metric, value in request.metrics.items():
        draft.change(names.metric(program, number, metric, draft.operation_id), value)
    for tag in request.tags:
        draft.change(names.tag(program, number, tag), True)


def origin(draft: Draft, request: Request) -> int | None:
    """Return the number of the version that a new one was made from: the named parent, or else
    the latest. Raises ``NotFound``.
    """
    if request.parent is None:
        return draft.latest(request.program)
    number = draft.number(request.program, request.parent)
    if number is None:
        raise NotFound("version", f"{request.program}@{request.parent}")
    return number
