"""A configuration is put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.errors import Conflict, Refused
from dspyreg.lifecycle.configuration import differences, objections
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.registry.change.result import outcome
from dspyreg.registry.transaction import screening, trust
from dspyreg.registry.transaction.commit import commit, keyed
from dspyreg.registry.transaction.outcome import Outcome

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.registry.context import Context
    from dspyreg.registry.read.configuration import ConfigurationInForce


_SAME: Final = "it says the same in other words"
_MEANWHILE: Final = "`dspyreg config show` shows it"
_UNCHANGED: Final = "already: you changed nothing"


def apply(
    context: Context,
    text: str,
    *,
    reason: str | None,
    redact: bool = False,
    allow_secrets: bool = False,
    dry_run: bool,
    over: ConfigurationInForce | None = None,
    operation_id: str | None = None,
) -> Outcome:
    """Put a configuration document in force. Raises ``Refused`` if there is a secret in it, which
    cannot be redacted: a command without its token is another. Raises ``Conflict`` if ``over`` is
    not in force (any more).
    """
    from dspyreg.config.document import read as parse

    if over is not None and text.rstrip("\n") == over.source.rstrip("\n"):
        return Outcome((), (_UNCHANGED,), tuple, list, lambda _program, _number: "")
    wanted = parse(text)
    screening.require_clean({"configuration": text}, allow=allow_secrets)
    reason = screening.screened({"reason": reason}, redact=redact, allow=allow_secrets)["reason"]
    written, told = text.encode(), canonical.dumps(wanted.to_json())
    value = {"document": Digest.of(told), "source": Digest.of(written)}
    claim = keyed(context, "config", operation_id, None, text=value["source"], reason=reason)

    def plan(draft: Draft, config: Config) -> Plan:
        if draft.get(names.CONFIG) == value:
            return Plan("config", already="already: this configuration is in force")
        if over is not None and over.pointer != draft.get(names.CONFIG):
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
