"""Measurements, approvals and evidence are put on record."""

from __future__ import annotations

import math
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
from dspyreg.registry.change.result import outcome
from dspyreg.registry.gate.facts import judged
from dspyreg.registry.transaction import screening
from dspyreg.registry.transaction.commit import commit, keyed
from dspyreg.registry.transaction.supplied_blobs import unreadable
from dspyreg.system import runtime

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from dspyreg.backends.interface import Source
    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.outcome import Outcome


_LARGEST_WHOLE = 2**53


def measurable(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return metrics that can be compared: finite numbers under printable names."""
    for metric, value in metrics.items():
        names.word("metric", metric)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError(f"metric {metric} is not a number: {value!r}")
        if not _is_finite(value):
            raise UsageError(f"metric {metric} is {value}, which nothing can be compared with")
    return {metric: _exact(value) for metric, value in metrics.items()}


def _exact(value: float) -> float:
    """Return a number that every reader of JSON understands as the same."""
    return float(value) if abs(value) > _LARGEST_WHOLE else value


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def score(
    context: Context,
    selector: str,
    metrics: Mapping[str, float],
    *,
    reason: str | None,
    allow_secrets: bool,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.score``."""
    chosen, found = Selector.parse(selector), measurable(metrics)
    if not found:
        raise UsageError("nothing was measured", hint=f"`dspyreg score {selector} accuracy=0.92`")
    asked = {"selector": selector, "metrics": found, "reason": reason}
    claim = keyed(context, "score", operation_id, chosen.program, **asked)

    screening.require_clean({"metric": "\n".join(found)}, allow=allow_secrets)

    def plan(draft: Draft, config: Config) -> Plan:
        return record.score(draft, config, chosen, found)

    done = commit(
        context,
        plan,
        operation="score",
        reason=reason,
        dry_run=dry_run,
        origin=runtime(),
        claim=claim,
    )
    return outcome(context, done, *after_recording(context, done, dry_run=dry_run))


def approve(
    context: Context,
    selector: str,
    *,
    to: str | None,
    reason: str | None,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.approve``."""
    chosen, actor = Selector.parse(selector), context.actor
    asked = {"selector": selector, "to": to, "reason": reason}
    claim = keyed(context, "approve", operation_id, chosen.program, **asked)

    def plan(draft: Draft, config: Config) -> Plan:
        why = beginning(reason)
        found = record.approve(draft, config, chosen, actor, to=to, reason=why)
        return judged(context, found, draft)

    done = commit(context, plan, operation="approve", reason=reason, dry_run=dry_run, claim=claim)
    return outcome(context, done, *after_recording(context, done, dry_run=dry_run))


def add_evidence(
    context: Context,
    selector: str,
    name: str,
    *,
    passed: bool,
    file: str | os.PathLike[str] | None,
    note: str | None,
    allow_secrets: bool,
    dry_run: bool,
    operation_id: str | None,
) -> Outcome:
    """See ``Registry.add_evidence``."""
    chosen, name = Selector.parse(selector), names.word("evidence", name)
    told: dict[str, Any] = {"passed": passed, "note": beginning(note)}
    screening.require_clean({"evidence": name}, allow=allow_secrets)
    stored: dict[Digest, Source] = {}
    if file is not None:
        path = Path(file)
        if not allow_secrets:
            _require_clean(path)
        digest = _kept(context, path, dry_run=dry_run)
        told["file"], stored[digest] = {"blob": digest, "name": path.name}, path
    asked = {**told, "selector": selector, "name": name, "note": note}
    claim = keyed(context, "evidence", operation_id, chosen.program, **asked)

    def plan(draft: Draft, config: Config) -> Plan:
        return record.add_evidence(draft, config, chosen, name, told)

    done = commit(
        context,
        plan,
        operation="evidence",
        reason=note,
        dry_run=dry_run,
        stored=stored,
        claim=claim,
    )
    return outcome(context, done, *after_recording(context, done, dry_run=dry_run))


def _require_clean(path: Path) -> None:
    """Raise ``Refused`` if there are secrets in a file, or in its name."""
    from dspyreg.registry.artifacts.inspect import secrets_in

    screening.require_clean({"file": path.name}, allow=False)
    if path.is_file():
        with suppress(OSError):  # whoever stores it tells why it cannot be read
            screening.refuse(
                ((path.name, each) for each in secrets_in(path)), hint=screening.HINT_ALLOW
            )


def _kept(context: Context, path: Path, *, dry_run: bool) -> Digest:
    """Store a file and return its digest; a dry run only reads it."""
    try:
        if not path.is_file() and path.exists():
            raise UsageError(f"{path} is not a regular file")
        if not dry_run:
            return context.blobs.put(path)
        with open(path, "rb") as file:
            return Digest.of_stream(file)
    except OSError as error:
        raise unreadable(path, error) from error
