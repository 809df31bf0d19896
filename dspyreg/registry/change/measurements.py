"""Record measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import UsageError
from dspyreg.lifecycle import record
from dspyreg.model.selector import Selector
from dspyreg.registry.change.automation import after_recording
from dspyreg.registry.change.request import measurable
from dspyreg.registry.transaction import screening
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.outcome import concluded
from dspyreg.system.runtime import runtime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.options import ChangeOptions
    from dspyreg.registry.transaction.outcome import Outcome


def score(
    context: Context, selector: str, metrics: Mapping[str, float], options: ChangeOptions
) -> Outcome:
    """See ``Registry.score``."""
    version, measured = Selector.parse(selector), measurable(metrics)
    if not measured:
        raise UsageError("nothing-measured", selector=selector)
    arguments = {"selector": selector, "metrics": measured, "reason": options.reason}
    claim = options.claim(context, "score", version.program, **arguments)
    screening.require_clean({"metric": "\n".join(measured)}, allow=options.allow_secrets)

    def plan(draft: Draft, config: Config) -> Plan:
        return record.score(draft, config, version, measured)

    done = Transaction(context, "score", options, claim=claim, origin=runtime()).run(plan)
    return concluded(context, done, *after_recording(context, done, options))
