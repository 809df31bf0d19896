"""The configuration: read, and put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.config.value import DEFAULT, Config
from dspyreg.errors import Corrupt, Refused
from dspyreg.lifecycle.configuration import objections
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.registry.commit import commit
from dspyreg.registry.results import outcome
from dspyreg.store.objects import read as read_blob
from dspyreg.store.objects import read_json

if TYPE_CHECKING:
    from dspyreg.backends.interface import Blobs
    from dspyreg.registry.facade import Registry
    from dspyreg.registry.outcome import Outcome


def read(blobs: Blobs, document: str | None) -> Config:
    """Return a stored configuration; the built-in one for None. Raises ``Corrupt``."""
    if document is None:
        return DEFAULT
    try:
        return Config.from_json(read_json(blobs, Digest.parse(document)))
    except ValueError as error:
        raise Corrupt(f"configuration {document}", str(error)) from error


def source(registry: Registry) -> str:
    """Return the YAML in force, as it was written; the built-in one spelt out."""
    registry.log.refresh()
    value = registry.log.state().get(names.CONFIG)
    if value is None:
        from dspyreg.config.document import write

        return write(DEFAULT)
    return read_blob(registry.blobs, Digest.parse(value["source"])).decode()


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
        return Plan("config", blobs=(told, written))

    done = commit(registry, plan, operation="config", reason=reason, dry_run=dry_run)
    return outcome(registry, done)
