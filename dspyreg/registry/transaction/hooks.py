"""The user's own commands before and after an operation. None runs under the lock.

A command gets the caller's environment and some ``DSPYREG_…`` variables. Its working directory is
the one that holds the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.errors import Refused
from dspyreg.model import canonical
from dspyreg.model.entry import beginning
from dspyreg.registry.transaction import trust
from dspyreg.registry.transaction.screening import clean
from dspyreg.system.environment import hook_depth
from dspyreg.system.environment import variables as os_environment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dspyreg.config.value import Config, Hooks
    from dspyreg.hooks.run import Execution
    from dspyreg.model.entry import Change, Entry
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.committed import Committed

_MAX_DEPTH: Final = 3
TOO_DEEP: Final = f"commands that call dspyreg are nested more than {_MAX_DEPTH} deep"


class Vetted(NamedTuple):
    """Commands, and changes that they had no objection to."""

    commands: tuple[str, ...]
    changes: tuple[Change, ...]


class Veto:
    """The prerequisite that no hook vetoes a planned entry."""

    def __init__(
        self, context: Context, config: Config, entry: Entry, needed: Vetted, vetted: list[Vetted]
    ) -> None:
        self._context, self._config, self._entry = context, config, entry
        self._needed, self._vetted = needed, vetted

    @property
    def subject(self) -> object:
        """See ``Prerequisite``."""
        return self._needed.commands

    def meet(self) -> None:
        """See ``Prerequisite``."""
        vet(self._context, self._config, self._entry)
        self._vetted.append(self._needed)


def vetting(hooks: Hooks, entry: Entry) -> Vetted | None:
    """Return what the hooks must vet before a planned entry is appended; None if there are none."""
    commands = dict(hooks.before).get(entry.operation, ())
    return Vetted(commands, entry.changes) if commands else None


def vet(context: Context, config: Config, entry: Entry) -> None:
    """Show a planned entry to the commands before its operation.

    Raises ``Refused`` when the first of them does not end with exit status 0, and if the user has
    not trusted them.
    """
    hooks = config.hooks
    for command in dict(hooks.before).get(entry.operation, ()):
        shown = beginning(command) or ""
        if not trust.may_start(context, config):
            raise Refused(
                "hook-not-trusted",
                hint="trust",
                operation=entry.operation,
                command=shown,
                why=trust.NOT_RUN,
            )
        if is_too_deep():
            raise Refused("hooks-too-deep", limit=_MAX_DEPTH)
        execution = _run(context, command, hooks.timeout, entry)
        if not execution.passed:
            why = beginning(_why(execution)) or ""
            raise Refused("vetoed", command=clean(shown), why=clean(why))


def _why(execution: Execution) -> str:
    if execution.status is not None and execution.status > 0:
        return execution.last_line or execution.message
    return f"it {execution.message}"


def vet_all(context: Context, planned: Iterable[Committed]) -> list[Vetted]:
    """Vet the entries of one operation before the first is appended. Raises ``Refused``."""
    vetted: list[Vetted] = []
    for each in planned:
        if each.entry is None or each.config is None:
            continue
        needed = vetting(each.config.hooks, each.entry)
        if needed is not None and needed not in vetted:
            vet(context, each.config, each.entry)
            vetted.append(needed)
    return vetted


def run_after(context: Context, config: Config, entry: Entry) -> list[str]:
    """Show an entry to the commands after its operation; return a notice of each failure."""
    notices: list[str] = []
    hooks = config.hooks
    for command in dict(hooks.after).get(entry.operation, ()):
        if not trust.may_start(context, config):
            return [f"the hooks after {entry.operation} were {trust.NOT_RUN}"]
        if is_too_deep():
            return [f"the hooks after {entry.operation} were not run: {TOO_DEEP}"]
        execution = _run(context, command, hooks.timeout, entry)
        if not execution.passed:
            failure = beginning(str(execution))
            notices.append(clean(f"the hook after {entry.operation} failed: {failure}"))
    return notices


def _run(context: Context, command: str, timeout: float, entry: Entry) -> Execution:
    from dspyreg.hooks.run import run

    return run(
        command,
        stdin=canonical.dumps(entry.to_json()) + b"\n",
        cwd=working_directory(context),
        environment=environment(
            context,
            OPERATION=entry.operation,
            PROGRAM=entry.program or "",
            LABEL=entry.label or "",
        ),
        timeout=timeout,
    )


def working_directory(context: Context) -> Path | None:
    """Return the directory that holds a local store; None, which is ours, for any other store."""
    store = context.store.location.directory
    return store.absolute().parent if store is not None else None


def environment(context: Context, **variables: str) -> dict[str, str]:
    """Return the environment of a command: the caller's own, and ``DSPYREG_…`` variables."""
    store = context.store.location.directory
    if store is not None:
        variables["STORE"] = str(store.absolute())
    variables["HOOK_DEPTH"] = str(hook_depth() + 1)
    if context.trusted.explicit is not None:  # for the dspyreg that it may call
        variables["TRUST"] = context.trusted.explicit
    return os_environment() | {f"DSPYREG_{name}": value for name, value in variables.items()}


def is_too_deep() -> bool:
    """Return whether too many commands that call dspyreg are nested already."""
    return hook_depth() >= _MAX_DEPTH
