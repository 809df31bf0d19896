"""Refusals in the log: an entry that changes nothing, and says why not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from dspyreg.errors import RegistryError
from dspyreg.lifecycle.select import select
from dspyreg.model import moment
from dspyreg.model.entry import REFUSED, Intent, text_or_blob
from dspyreg.registry.context import digest_of_configuration
from dspyreg.store.gc import required
from dspyreg.store.log import Missing

if TYPE_CHECKING:
    from dspyreg.errors import Refused
    from dspyreg.lifecycle.draft import Draft
    from dspyreg.model.line import Head
    from dspyreg.model.selector import Selector
    from dspyreg.registry.context import Context


def record(
    context: Context,
    refusal: Refused,
    operation: str,
    subject: Selector,
    draft: Draft,
    judged: Head,
    *,
    reason: str | None,
) -> None:
    """Append an entry that tells of a refusal, if that is possible. No failure to do so replaces
    the refusal itself. Raises ``Moved`` if others have changed what was ``judged`` on.
    """
    if not refusal.is_worth_an_entry:
        return
    line_reason, blob = text_or_blob(reason) if reason is not None else (None, None)
    intent = Intent(
        time=moment.text(context.now()),
        actor=context.actor,
        operation=operation,
        operation_id=draft.operation_id,
        program=subject.program,
        label=_label(context, draft, subject),
        outcome=REFUSED,
        reason=line_reason,
        evidence={
            "configuration": digest_of_configuration(draft),
            **refusal.evidence,
            "failures": list(refusal.failures),
        },
        context=context.origin,
    )
    with suppress(RegistryError, Missing):
        for data in (*refusal.blobs, *([blob] if blob else [])):
            context.blobs.put(data)
        needs = required(context.blobs, intent)
        context.entries.append(intent, judged, needs, context.seal, expects=draft.expects)


def _label(context: Context, draft: Draft, subject: Selector) -> str | None:
    """Return the label of the version that was refused; None if none was named."""
    if not subject.is_explicit:
        return None
    with suppress(RegistryError):
        number, _ = select(draft, context.configuration_of(draft), subject)
        return draft.label(subject.program, number)
    return None
