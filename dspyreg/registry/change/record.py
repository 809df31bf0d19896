"""Record approvals and evidence."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dspyreg.errors import UsageError
from dspyreg.lifecycle import record
from dspyreg.model import names
from dspyreg.model.digest import Digest
from dspyreg.model.entry import beginning
from dspyreg.model.selector import Selector
from dspyreg.registry.change.automation import after_recording
from dspyreg.registry.gate.facts import judged
from dspyreg.registry.transaction import screening
from dspyreg.registry.transaction.commit import Transaction
from dspyreg.registry.transaction.outcome import concluded
from dspyreg.registry.transaction.supplied_blobs import unreadable

if TYPE_CHECKING:
    import os

    from dspyreg.backends.interface import Source
    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.options import ChangeOptions
    from dspyreg.registry.transaction.outcome import Outcome


def approve(context: Context, selector: str, options: ChangeOptions, *, to: str | None) -> Outcome:
    """See ``Registry.approve``."""
    version, actor = Selector.parse(selector), context.actor
    arguments = {"selector": selector, "to": to, "reason": options.reason}
    claim = options.claim(context, "approve", version.program, **arguments)

    def plan(draft: Draft, config: Config) -> Plan:
        why = beginning(options.reason)
        return judged(record.approve(draft, config, version, actor, to=to, reason=why), draft)

    done = Transaction(context, "approve", options, claim=claim).run(plan)
    return concluded(context, done, *after_recording(context, done, options))


def add_evidence(
    context: Context,
    selector: str,
    name: str,
    options: ChangeOptions,
    *,
    passed: bool,
    file: str | os.PathLike[str] | None,
) -> Outcome:
    """See ``Registry.add_evidence``. The note is the reason of the entry."""
    version, name = Selector.parse(selector), names.word("evidence", name)
    value: dict[str, Any] = {"passed": passed, "note": beginning(options.reason)}
    screening.require_clean({"evidence": name}, allow=options.allow_secrets)
    stored: dict[Digest, Source] = {}
    if file is not None:
        path = Path(file)
        if not options.allow_secrets:
            _require_clean(path)
        digest = _stored(context, path, dry_run=options.dry_run)
        value["file"], stored[digest] = {"blob": digest, "name": path.name}, path
    arguments = {**value, "selector": selector, "name": name, "note": options.reason}
    claim = options.claim(context, "evidence", version.program, **arguments)

    def plan(draft: Draft, config: Config) -> Plan:
        return record.add_evidence(draft, config, version, name, value)

    done = Transaction(context, "evidence", options, claim=claim).run(plan, stored)
    return concluded(context, done, *after_recording(context, done, options))


def _require_clean(path: Path) -> None:
    """Raise ``Refused`` if there are secrets in a file, or in its name."""
    from dspyreg.registry.artifacts.inspect import secrets_in

    screening.require_clean({"file": path.name}, allow=False)
    if path.is_file():
        with suppress(OSError):  # storing it raises the error that says why it is unreadable
            screening.refuse(
                ((path.name, each) for each in secrets_in(path)), hint=screening.HINT_ALLOW
            )


def _stored(context: Context, path: Path, *, dry_run: bool) -> Digest:
    """Store a file and return its digest; a dry run only reads it."""
    try:
        if not path.is_file() and path.exists():
            raise UsageError("not-a-regular-file", path=str(path))
        if not dry_run:
            return context.blobs.put(path)
        with open(path, "rb") as file:
            return Digest.of_stream(file)
    except OSError as error:
        raise unreadable(path, error) from error
