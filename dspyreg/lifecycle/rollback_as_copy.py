"""Rolling back by a copy: the target becomes a new version with a number of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.lifecycle.draft import Plan
from dspyreg.lifecycle.new_version import choose_label, create
from dspyreg.lifecycle.rollback import restore_live
from dspyreg.model import moment
from dspyreg.model.document import files_digest

if TYPE_CHECKING:
    from dspyreg.config.value import Environment
    from dspyreg.lifecycle.case import Case
    from dspyreg.lifecycle.request import Request
    from dspyreg.lifecycle.rollback import Target
    from dspyreg.model.document import Document


def rollback_as_copy(
    case: Case,
    request: Request,
    original: Document,
    place: Environment,
    goal: Target,
    *,
    reason: str | None,
) -> Plan:
    """Roll back to a new copy of the target, labelled with the highest label's next patch."""
    now = case.live(place.name)
    metadata = {
        **original.metadata,
        "rollback_from": None if now is None else case.label(now),
        "rollback_to": case.label(goal.number),
        "rollback_timestamp": moment.text(request.now),
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
    versioning = case.config.versioning._replace(auto_increment=True)  # there is no other label
    counting = case._replace(config=case.config._replace(versioning=versioning))
    label, _ = choose_label(counting, copy, None)
    number, document = create(case, copy, label, files_digest(original.files))
    restore_live(case, place, number, goal, reason)
    return Plan("rollback", case.program, number, label, forced=goal.forced, blobs=(document,))
