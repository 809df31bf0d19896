"""A new version: its number, its label, its document, and what may not be registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from dspyreg.errors import Conflict, Corrupt, NotFound, Refused, UsageError
from dspyreg.lifecycle import labels as automatic
from dspyreg.lifecycle.admission import admitted
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.lifecycle.environments import go_live, where
from dspyreg.lifecycle.gates import demands
from dspyreg.lifecycle.history import previous
from dspyreg.lifecycle.rollback import bring_back, target
from dspyreg.model import label as labels
from dspyreg.model import moment, names
from dspyreg.model.digest import Digest
from dspyreg.model.document import Document, File, files_digest
from dspyreg.model.numbers import LARGEST
from dspyreg.model.state import ARCHIVED, LIVE, Deployment, Pointer, Snapshot
from dspyreg.policy.facts import CAPTURED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dspyreg.config.value import Config

AUTO: Final = "auto"
NONE: Final = "none"


class Verdict(NamedTuple):
    """What a comparison with the latest version says: which number the change deserves, why,
    what could not be compared, whether something changed that a saved state does not tell (types,
    for one, the configuration of a predictor, or the version of DSPy), and what breaks.
    """

    level: str
    why: str | None = None
    unknown: tuple[str, ...] = ()
    unsaved_changed: bool = False
    breaks: tuple[str, ...] = ()


class Look(Protocol):
    """What a registration must know that neither it nor the state tells."""

    def verdict(self, latest: Snapshot) -> Verdict | None:
        """Return what a comparison with a version says; None where nothing can be compared."""

    def document(self, digest: Digest) -> Document:
        """Return the document of a version."""


class Request(NamedTuple):
    """What somebody wants to register. ``files`` are stored already; ``family``, ``digest`` and
    ``contract`` are those of the saved state among them. ``parent`` is what it was made from, the
    latest if it is None. ``unreadable`` says why there is no program to read, and ``any_file`` that
    it shall be kept all the same.
    """

    program: str
    files: tuple[File, ...]
    label: str | None = None
    bump: str = AUTO
    metadata: Mapping[str, Any] = {}
    metrics: Mapping[str, float] = {}
    tags: tuple[str, ...] = ()
    changelog: str | None = None
    parent: str | None = None
    author: str = ""
    now: datetime | None = None
    context: Mapping[str, Any] = {}
    exist_ok: bool = False
    force: bool = False
    reason: str | None = None
    any_file: bool = False
    unreadable: str | None = None
    is_named_state: bool = False
    family: str | None = None
    digest: Digest | None = None
    contract: Any = None
    settings: Mapping[str, Any] | None = None
    secrets: str | None = None
    notices: tuple[str, ...] = ()


def register(draft: Draft, config: Config, request: Request, look: Look) -> Plan:
    """Make a new version of a program, on the first rung."""
    program, content = request.program, files_digest(request.files)
    _require_spelling(draft, program)
    if config.versioning.require_changelog and not (request.changelog or "").strip():
        raise Refused("the configuration requires a changelog", hint="--changelog=TEXT")
    latest = draft.latest(program)
    before = None if latest is None else draft.version(program, latest)
    verdict = None if before is None else look.verdict(before)
    present = _present(draft, config, request, content, verdict, look)
    if present is not None:
        return present
    _require_program(request, before)
    evidence = None
    if config.registration is not None:
        label_before = None if before is None else before.label
        metrics = config.metrics_of(program)
        evidence = admitted(config.registration, metrics, request, verdict, label_before)
    label, notices = _label(draft, config, request, verdict)
    _require_meaning(draft, program, label, content)
    notices = (*notices, *_same_content(draft, program, content), *request.notices)
    notices += _not_for_the_top(config, request)
    number, document = _create(draft, config, request, label, content)
    for place in config.of_rung(config.first):
        if place.auto_deploy and not demands(config, program, None, (place,)):
            _deploy(draft, config, program, number, place.name)
    return Plan(
        "register",
        program,
        number,
        label,
        notices=notices,
        forced=evidence is not None and "failures" in evidence,
        evidence=evidence,
        blobs=(document,),
    )


def _require_spelling(draft: Draft, program: str) -> None:
    known = draft.get(names.reserved_name(program))
    if known not in {None, program}:
        raise Conflict(
            f"{program} differs from {known} only in case",
            hint="some file systems cannot tell them apart; choose another name",
        )


def _require_program(request: Request, before: Snapshot | None) -> None:
    """Raise ``Refused`` if no program can be read from what passes for one: by its name, or
    because the version ``before`` was one that could be.
    """
    if request.unreadable is None or request.any_file:
        return
    if request.is_named_state or (before is not None and before.program is not None):
        raise Refused(
            f"no program can be read: {request.unreadable}",
            hint="--any-file registers it as another file",
        )


def _not_for_the_top(config: Config, request: Request) -> tuple[str, ...]:
    """Say so where the top rung will ask for a program that cannot be read."""
    if request.unreadable is None or request.any_file:
        return ()
    from dspyreg.policy import loads

    policy = config.policy_of(request.program, config.top)
    if policy is None or not policy.get(loads.KEY):
        return ()
    return (
        f"no program can be read: {request.unreadable}; {config.title(config.top)} asks for one",
    )


def _present(
    draft: Draft,
    config: Config,
    request: Request,
    content: Digest,
    verdict: Verdict | None,
    look: Look,
) -> Plan | None:
    """Answer for what is there already: None goes on to register."""
    program = request.program
    if request.label is not None:
        label = automatic.given(config, request.label)
        number = draft.number(program, label)
    else:
        number = draft.latest(program)
        label = draft.label(program, number) if number is not None else ""
    if number is None:
        return None
    same = draft.get(names.reserved_label(program, label)) == content
    if request.label is None and verdict is not None:
        same = verdict.level == NONE or (same and not verdict.unsaved_changed)
    if same and request.exist_ok:
        return _recorded(draft, request, number, look)
    if request.label is not None:
        raise Conflict(
            f"Version {label} already exists, with {'the same' if same else 'other'} content",
            hint="--exist-ok accepts that" if same else "a label never changes its meaning",
        )
    if same and not request.force:
        raise Refused(
            f"the same program is registered as {program}@{label}",
            hint="--version=LABEL or --force registers it again",
        )
    return None


def _recorded(draft: Draft, request: Request, number: int, look: Look) -> Plan:
    """Record on a version that is there what measurements and tags came with it, and are new."""
    program = request.program
    snapshot = draft.existing(program, number)
    there = f"already: {program}@{snapshot.label} is registered"
    notices = _not_recorded(request, look.document(snapshot.document), snapshot.label)
    known = draft.metrics(program, number)
    metrics = {name: value for name, value in request.metrics.items() if known.get(name) != value}
    tags = [tag for tag in request.tags if draft.get(names.tag(program, number, tag)) is None]
    if not metrics and not tags:
        return Plan("register", program, number, snapshot.label, already=there, notices=notices)
    _record(draft, request._replace(metrics=metrics, tags=tuple(tags)), number)
    operation = "score" if metrics else "tag"
    return Plan(operation, program, number, snapshot.label, notices=(there, *notices))


def _is_captured(contract: Any) -> bool:
    return contract is not None and contract.get("knowledge") == CAPTURED


def _not_recorded(request: Request, document: Document, label: str) -> tuple[str, ...]:
    """Name what came with a version that is there, and says something else than that does."""
    kept, missing = document.metadata, object()
    told = {
        "metadata": any(kept.get(k, missing) != value for k, value in request.metadata.items()),
        "changelog": request.changelog not in (None, document.changelog),
        "contract": _is_captured(request.contract) and request.contract != document.contract,
        "any_file": request.any_file and not document.any_file,
    }
    lost = [what for what, is_lost in told.items() if is_lost]
    return (f"not recorded: {', '.join(lost)}; {label} keeps its own",) if lost else ()


def _label(
    draft: Draft, config: Config, request: Request, verdict: Verdict | None
) -> tuple[str, tuple[str, ...]]:
    if request.label is not None:
        label = automatic.given(config, request.label)
        return label, _too_small(draft, request.program, label, verdict)
    program, semantic = request.program, config.versioning.strategy == "semantic"
    if not semantic and request.bump != AUTO:
        raise UsageError(
            f"a bump has no meaning for {config.versioning.strategy} labels",
            hint="leave it out, or give a label",
        )
    level = _level(verdict) if request.bump == AUTO else request.bump
    assert request.now is not None  # noqa: S101 - the registry always fills it
    label = automatic.automatic(
        draft, config, program, _next(draft, program), bump=level, now=request.now
    )
    base = automatic.highest(draft, program)
    if not semantic or base is None or request.bump != AUTO:
        return label, ()
    if verdict is None:
        return label, (f"{base} → {label}: a patch, because what changed was not compared",)
    why = verdict.why or "only bytes differ"
    return label, (f"{base} → {label}: {level}, because {why}", *verdict.unknown)


def _level(verdict: Verdict | None) -> str:
    return verdict.level if verdict is not None and verdict.level in labels.BUMPS else "patch"


def _too_small(draft: Draft, program: str, label: str, verdict: Verdict | None) -> tuple[str, ...]:
    """Say so where a chosen label promises less than the change deserves."""
    latest = draft.latest(program)
    if verdict is None or latest is None or verdict.level not in labels.BUMPS:
        return ()
    chosen = labels.level_between(draft.label(program, latest), label)
    if chosen is None or labels.BUMPS.index(chosen) <= labels.BUMPS.index(verdict.level):
        return ()
    return (f"{label} says {chosen}, but this is {verdict.level}: {verdict.why}",)


def _require_meaning(draft: Draft, program: str, label: str, content: Digest) -> None:
    meant = draft.get(names.reserved_label(program, label))
    if meant not in {None, content}:
        raise Conflict(
            f"{program}@{label} was registered with other content before that was undone",
            hint="a label never changes its meaning; choose another",
        )


def _same_content(draft: Draft, program: str, content: Digest) -> tuple[str, ...]:
    twins = sorted(draft.by_content(program, content))
    labels_ = ", ".join(draft.label(program, number) for number in twins[:5])
    return (f"the same content as {labels_}",) if twins else ()


def _next(draft: Draft, program: str) -> int:
    """The number of the next version: none that was ever given, whatever the reservation says."""
    given = int(draft.get(names.reserved_number(program)) or 0)
    number = max(given, next(draft.numbers(program), 0)) + 1
    if number > LARGEST:
        raise Corrupt(names.reserved_number(program), f"after {given} there is no number left")
    return number


def _create(
    draft: Draft, config: Config, request: Request, label: str, content: Digest
) -> tuple[int, bytes]:
    program, number = request.program, _next(draft, request.program)
    made_from = origin(draft, request)
    parent = None if made_from is None else draft.label(program, made_from)
    assert request.now is not None  # noqa: S101 - the registry always fills it
    document = Document(
        program=program,
        files=tuple(sorted(request.files)),
        author=request.author,
        time=moment.text(request.now),
        metadata=dict(request.metadata),
        changelog=request.changelog,
        parent=parent,
        change_type=labels.level_between(parent, label),
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
    draft.set_stage(program, number, config.first, "Registered")
    _record(draft, request, number)
    return number, document


def _record(draft: Draft, request: Request, number: int) -> None:
    program = request.program
    for metric, value in request.metrics.items():
        draft.change(names.metric(program, number, metric, draft.operation_id), value)
    for tag in request.tags:
        draft.change(names.tag(program, number, tag), True)


def origin(draft: Draft, request: Request) -> int | None:
    """Return the number of the version that a new one was made from: the one that is named, else
    the latest. Raises ``NotFound``.
    """
    if request.parent is None:
        return draft.latest(request.program)
    number = draft.number(request.program, request.parent)
    if number is None:
        raise NotFound("version", f"{request.program}@{request.parent}")
    return number


def _deploy(draft: Draft, config: Config, program: str, number: int, place: str) -> None:
    environment = config.environment(place)
    assert environment is not None  # noqa: S101 - it comes from the configuration
    because = f"Superseded by {draft.label(program, number)}"
    go_live(draft, config, program, environment, Deployment(number, LIVE), because=because)


def register_rollback(
    draft: Draft,
    config: Config,
    request: Request,
    original: Document,
    *,
    environment: str | None,
    to: str | None,
    reason: str | None,
    force: bool,
) -> Plan:
    """Roll back by a fresh copy of the target: the highest label's next patch, its own number."""
    program, place = request.program, where(config, environment)
    found = target(draft, config, program, place, to, force=force)
    assert found is not None  # noqa: S101 - the registry asked before
    now = draft.pointer(program, place.name).live
    metadata = {
        **original.metadata,
        "rollback_from": None if now is None else draft.label(program, now),
        "rollback_to": draft.label(program, found.number),
        "rollback_timestamp": moment.text(request.now) if request.now else None,
    }
    copy = request._replace(
        metadata=metadata,
        files=original.files,
        family=original.family,
        digest=original.program_digest,
        contract=original.contract,
        settings=original.settings,
        secrets=original.secrets,
        any_file=bool(original.any_file),
    )
    counting = config.versioning._replace(auto_increment=True)  # nobody can name the copy's label
    label, _ = _label(draft, config._replace(versioning=counting), copy, None)
    number, document = _create(draft, config, copy, label, files_digest(original.files))
    bring_back(draft, config, program, place, number, found, reason)
    return Plan("rollback", program, number, label, forced=found.forced, blobs=(document,))


def surplus(draft: Draft, config: Config, program: str) -> list[int]:
    """Return the versions that ``max_versions`` has no room for, oldest first; never the newest,
    nor one that is live, a canary, or what a rollback would bring back.
    """
    limit = config.versioning.max_versions
    archived = set(draft.on_stage(program, ARCHIVED))
    kept = [number for number in draft.numbers(program) if number not in archived]
    if not limit or len(kept) <= limit:
        return []
    needed, pointers = {max(kept)}, draft.pointers(program)
    for name in {*pointers, *(environment.name for environment in config.environments)}:
        pointer, record = pointers.get(name, Pointer()), previous(draft, program, name)
        needed |= {pointer.live or 0, pointer.canary.number if pointer.canary else 0}
        needed |= {record.deployment.number} if record else set()
    free = [number for number in sorted(kept) if number not in needed]
    return free[: len(kept) - limit]
