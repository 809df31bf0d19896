"""The gate of the registry: facts from its blobs; a user's command runs where nothing is locked."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from dspyreg.errors import RegistryError
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.model.state import Pointer
from dspyreg.registry.context import digest_of_configuration
from dspyreg.store.objects import read, read_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.lifecycle.gates import Gate
    from dspyreg.model.document import Document
    from dspyreg.policy.facts import CommandResult
    from dspyreg.policy.forms import Command
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.hooks import Measured as Ran


_T = TypeVar("_T")
_LONGEST_RESULT = 4096


class Unmeasured(Exception):
    """A command must be run on a version before it can be judged."""

    def __init__(self, command: Command, program: str, number: int, rung: str) -> None:
        super().__init__(command.run)
        self.asked = command, program, number, rung


class Sight:
    """What the gate of one operation knows; what a command came to stays known for all attempts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ran: dict[tuple[Command, str, int, str], Ran] = {}
        self.now = context.now()
        self.hint: str | None = None

    def document(self, digest: Digest) -> Document:
        """See ``Look``."""
        return read_document(self._context.blobs, digest)

    def breaks(self, before: Digest, after: Digest) -> tuple[str, ...]:
        """See ``Look``."""
        return _breaks(self._context, self.document(before), self.document(after))

    def unreadable(self, document: Document) -> str | None:
        """See ``Look``."""
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
        """See ``Look``. Raises ``Unmeasured`` if the command was not run yet, but may be."""
        from dspyreg.policy.facts import CommandResult
        from dspyreg.registry.transaction import trust

        if not trust.may_start(self._context, config):
            self.hint = trust.HINT
            return CommandResult(False, trust.NOT_RUN, ran=False)
        asked = command, program, number, rung
        if asked not in self._ran:
            raise Unmeasured(*asked)
        return CommandResult(*self._ran[asked][:2])

    def measure(self, command: Command, program: str, number: int, rung: str) -> None:
        """Run a command on a version."""
        from dspyreg.registry.transaction.hooks import judge_command

        ran = judge_command(self._context, command, program, number, rung)
        self._ran[command, program, number, rung] = ran

    @property
    def outputs(self) -> tuple[bytes, ...]:
        """See ``Look``."""
        return tuple(ran.output for ran in self._ran.values())

    def commands(self) -> list[dict[str, Any]]:
        """See ``Look``."""
        return [
            {
                "run": command.run,
                "passed": ran.passed,
                "message": ran.message,
                "seconds": round(ran.seconds, 3),
                "result": ran.result if _is_short(ran.result) else None,
                "output": {"blob": Digest.of(ran.output)},
            }
            for (command, *_), ran in self._ran.items()
        ]


def _breaks(context: Context, before: Document, after: Document) -> tuple[str, ...]:
    from dspyreg.compare.bump import judge
    from dspyreg.registry.artifacts.sides import side_of_version

    a, b = (side_of_version(context.blobs, each) for each in (before, after))
    if a is None or b is None:
        return ()
    return judge(a, b).breaks


def telling_breaks(context: Context, draft: Draft, plan: Plan) -> Plan:
    """Return the plan of a rollback with a notice if callers of what was live will break. It does
    not wait for that, nor for what is damaged of the version that it leaves.
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
            reasons = () if alike else _breaks(context, before, after)
            if reasons:
                told = "; ".join(reasons)
                notices.append(f"{program}@{plan.label} breaks callers of {left.label}: {told}")
    return plan._replace(notices=tuple(notices))


def _is_short(result: Any) -> bool:
    return len(canonical.dumps(result)) < _LONGEST_RESULT


def watched(context: Context, attempt: Callable[[Sight], _T]) -> _T:
    """Return what an attempt comes to, once every command that its judgement needs was run."""
    sight = Sight(context)
    while True:
        try:
            return attempt(sight)
        except Unmeasured as missing:
            asked = missing.asked
        sight.measure(*asked)


def judged(context: Context, plan: Plan, draft: Draft, gate: Gate | None = None) -> Plan:
    """Return a plan with the configuration that it was judged by, and what its gate found."""
    digest = digest_of_configuration(draft)
    if gate is None or not gate.policies:
        return plan._replace(evidence={"configuration": digest})
    return plan._replace(
        evidence={"configuration": digest, **gate.to_json()},
        forced=plan.forced or bool(gate.failures),
        blobs=(*plan.blobs, *gate.blobs),
    )
