"""Put a configuration in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dspyreg.errors import Conflict, Refused
from dspyreg.lifecycle.configuration import differences, objections
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.registry.transaction import screening, trust
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.outcome import Outcome, concluded

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.registry.context import Context
    from dspyreg.registry.read.configuration import ConfigurationInForce
    from dspyreg.registry.transaction.options import ChangeOptions


_SAME: Final = "it says the same in other words"
_UNCHANGED: Final = "already: you changed nothing"


def apply(
    context: Context, text: str, options: ChangeOptions, *, over: ConfigurationInForce | None = None
) -> Outcome:
    """Put a configuration document in force.

    Raises ``Refused`` if there is a secret in it, which cannot be redacted: a command without its
    token is another. Raises ``Conflict`` if ``over`` is not in force (any more).
    """
    from dspyreg.config.document import read as parse

    if over is not None and text.rstrip("\n") == over.source.rstrip("\n"):
        return Outcome(context, notices=[_UNCHANGED])
    wanted = parse(text)
    screening.require_clean({"configuration": text}, allow=options.allow_secrets)
    options = options._replace(reason=screening.screened_reason(options))
    source, document = text.encode(), canonical.dumps(wanted.to_json())
    value = {"document": Digest.of(document), "source": Digest.of(source)}
    arguments = {"text": value["source"], "reason": options.reason}
    claim = options.claim(context, "config", None, **arguments)

    def plan(draft: Draft, config: Config) -> Plan:
        if draft.get(names.CONFIG) == value:
            return Plan("config", already="already: this configuration is in force")
        if over is not None and over.pointer != draft.get(names.CONFIG):
            raise Conflict("configuration-moved")
        faults = objections(draft, config, wanted)
        if faults:
            raise Refused("configuration-in-use", failures=tuple(faults))
        draft.change(names.CONFIG, value)
        notices = tuple(differences(config, wanted)) or (_SAME,)
        return Plan("config", notices=notices, blobs=(document, source))

    done = Transaction(context, "config", options, claim=claim).run(plan)
    notices = (*done.plan.notices, *trust.applied(context, wanted, dry_run=options.dry_run))
    return concluded(context, done._replace(plan=done.plan._replace(notices=notices)))
