"""The facts of the gate, read from the registry, and the judgement as an entry keeps it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from dspyreg.errors import RegistryError
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.model.state import Pointer
from dspyreg.registry.context import digest_of_configuration
from dspyreg.registry.transaction.prerequisite import Unmet
from dspyreg.store.objects import read, read_document

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.lifecycle.gates import Gate
    from dspyreg.model.document import Document
    from dspyreg.policy.facts import CommandResult
    from dspyreg.policy.forms import Command
    from dspyreg.registry.context import Context
    from dspyreg.registry.gate.command import CommandRun

    Key = tuple[Command, str, int, str]

_MAX_RESULT = 4096


class StoreFacts:
    """The facts of one operation that no state has. A command runs once, however often the
    operation is planned.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._runs: dict[Key, CommandRun] = {}
        self.now = context.now()
        self.hint: str | None = None

    def document(self, digest: Digest) -> Document:
        """See ``FactSource``."""
        return read_document(self._context.blobs, digest)

    def breaks(self, before: Digest, after: Digest) -> tuple[str, ...]:
        """See ``FactSource``."""
        return _breaks(self._context, self.document(before), self.document(after))

    def unreadable(self, document: Document) -> str | None:
        """See ``FactSource``."""
        from dspyreg.formats.document import MAX_BYTES
        from dspyreg.registry.artifacts.readable import why_unreadable

        blobs = self._context.blobs
        return why_unreadable(
            {
                file.path: partial(read, blobs, file.digest) if file.size <= MAX_BYTES else None
                for file in document.files
            }
        )

    def measured(
        self, config: Config, command: Command, program: str, number: int, rung: str
    ) -> CommandResult:
        """See ``FactSource``. Raises ``Unmet`` if the command was not run yet, but may be."""
        from dspyreg.policy.facts import CommandResult
        from dspyreg.registry.transaction import trust

        if not trust.may_start(self._context, config):
            self.hint = trust.HINT
            return CommandResult(False, trust.NOT_RUN, ran=False)
        key = command, program, number, rung
        if key not in self._runs:
            raise Unmet(_CommandOnVersion(self._context, key, self._runs))
        return CommandResult(*self._runs[key][:2])

    @property
    def outputs(self) -> tuple[bytes, ...]:
        """See ``FactSource``."""
        return tuple(run.output for run in self._runs.values())

    def commands(self) -> list[dict[str, Any]]:
        """See ``FactSource``."""
        return [
            {
                "run": command.run,
                "passed": run.passed,
                "message": run.message,
                "seconds": round(run.seconds, 3),
                "result": run.result if _is_short(run.result) else None,
                "output": {"blob": Digest.of(run.output)},
            }
            for (command, *_), run in self._runs.items()
        ]


class _CommandOnVersion:
    """The prerequisite that a policy's command has run on a version."""

    def __init__(self, context: Context, key: Key, runs: dict[Key, CommandRun]) -> None:
        self._context, self.subject, self._runs = context, key, runs

    def meet(self) -> None:
        """See ``Prerequisite``."""
        from dspyreg.registry.gate.command import run_on_version

        self._runs[self.subject] = run_on_version(self._context, *self.subject)


def _breaks(context: Context, before: Document, after: Document) -> tuple[str, ...]:
    from dspyreg.compare.bump import judge
    from dspyreg.registry.artifacts.program_state import side_of_version

    a, b = (side_of_version(context.blobs, each) for each in (before, after))
    if a is None or b is None:
        return ()
    return judge(a, b).breaks


def with_breaks(context: Context, draft: Draft, plan: Plan) -> Plan:
    """Return the plan of a rollback with a notice if callers of what was live will break. Damage
    of the version that it leaves is no obstacle.
    """
    notices = list(plan.notices)
    for change in draft.changes:
        kind, program, *_ = names.split(change.name)
        live = Pointer.of(change.old).live if kind == "environments" else None
        if live is None or not plan.serves:
            continue
        with suppress(RegistryError):
            left = draft.existing(program, live)
            before, after = (read_document(context.blobs, d) for d in (left.document, *plan.serves))
            alike = before.contract is not None and before.contract == after.contract
            reasons = "" if alike else "; ".join(_breaks(context, before, after))
            if reasons:
                version = f"{program}@{plan.label}"
                notices.append(f"{version} breaks callers of {left.label}: {reasons}")
    return plan._replace(notices=tuple(notices))


def _is_short(result: Any) -> bool:
    return len(canonical.dumps(result)) < _MAX_RESULT


def judged(plan: Plan, draft: Draft, gate: Gate | None = None) -> Plan:
    """Return a plan with the configuration that judged it, and the findings of its gate."""
    digest = digest_of_configuration(draft)
    if gate is None or not gate.policies:
        return plan._replace(evidence={"configuration": digest})
    return plan._replace(
        evidence={"configuration": digest, **gate.to_json()},
        forced=plan.forced or bool(gate.failures),
        blobs=(*plan.blobs, *gate.blobs),
    )
