"""A configuration is put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.errors import Refused
from dspyreg.lifecycle.configuration import differences, objections
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.registry.commit import commit
from dspyreg.registry.results import outcome

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.registry.facade import Registry
    from dspyreg.registry.outcome import Outcome


def apply(registry: Registry, text: str, *, reason: str | None, dry_run: bool) -> Outcome:
    """Put a configuration document in force."""
    from dspyreg.config.document import read as parse

    wanted = parse(text)
    written, told = text.encode(), canonical.dumps(wanted.to_json())
    value = {"document": Digest.of(told), "source": Digest.of(written)}

    def plan(draft: Draft, config: Config) -> Plan:
        if draft.get(names.CONFIG) == value:
            return Plan("config", already="already: this configuration is in force")
        faults = objections(draft, config, wanted)
        if faults:
            raise Refused("this configuration would leave versions behind", failures=tuple(faults))
        draft.change(names.CONFIG, value)
        notices = tuple(differences(config.to_json(), wanted.to_json()))
        return Plan("config", notices=notices, blobs=(told, written))

    done = commit(registry, plan, operation="config", reason=reason, dry_run=dry_run)
    return outcome(registry, done)
