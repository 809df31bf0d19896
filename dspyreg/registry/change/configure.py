"""A configuration is put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import Conflict, Refused
from dspyreg.lifecycle.configuration import differences, objections
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.registry.change.result import outcome
from dspyreg.registry.transaction import screening, trust
from dspyreg.registry.transaction.commit import commit, keyed

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.outcome import Outcome


_SAME: Final = "it says the same in other words"
_MEANWHILE: Final = "`dspyreg config show` shows it"
ANY: Final = object()  # in force before, whatever that is


def apply(
    context: Context,
    text: str,
    *,
    reason: str | None,
    redact: bool = False,
    allow_secrets: bool = False,
    dry_run: bool,
    over: Any = ANY,
    operation_id: str | None = None,
) -> Outcome:
    """Put a configuration document in force. Raises ``Refused`` if there is a secret in it, which
    cannot be redacted: a command without its token is another. Raises ``Conflict`` if the one that
    it is to take over from is not (any more) in force: ``over`` is the value of the name of the
    configuration.
    """
    from dspyreg.config.document import read as parse

    wanted = parse(text)
    screening.require_clean({"configuration": text}, allow=allow_secrets)
    reason = screening.screened({"reason": reason}, redact=redact, allow=allow_secrets)["reason"]
    written, told = text.encode(), canonical.dumps(wanted.to_json())
    value = {"document": Digest.of(told), "source": Digest.of(written)}
    claim = keyed(context, "config", operation_id, None, text=value["source"], reason=reason)

    def plan(draft: Draft, config: Config) -> Plan:
        if draft.get(names.CONFIG) == value:
            return Plan("config", already="already: this configuration is in force")
        if over not in (ANY, draft.get(names.CONFIG)):
            raise Conflict("another configuration was put in force meanwhile", hint=_MEANWHILE)
        faults = objections(draft, config, wanted)
        if faults:
            raise Refused("this configuration would leave versions behind", failures=tuple(faults))
        draft.change(names.CONFIG, value)
        notices = tuple(differences(config, wanted)) or (_SAME,)
        return Plan("config", notices=notices, blobs=(told, written))

    done = commit(context, plan, operation="config", reason=reason, dry_run=dry_run, claim=claim)
    notices = trust.applied(context, wanted, dry_run=dry_run)
    plan_told = done.plan._replace(notices=(*done.plan.notices, *notices))
    return outcome(context, done._replace(plan=plan_told))
