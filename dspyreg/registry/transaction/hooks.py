"""The user's own commands: around an operation, and on a version. None runs under the lock.

What each of them finds: the caller's environment and some ``DSPYREG_…`` more, and as its working
directory the one that holds the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg import system
from dspyreg.errors import Refused
from dspyreg.model import canonical
from dspyreg.model.entry import beginning
from dspyreg.registry.transaction import trust
from dspyreg.registry.transaction.screening import clean

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.config.value import Config, Hooks
    from dspyreg.hooks.run import Ran
    from dspyreg.model.entry import Change, Entry
    from dspyreg.policy.forms import Command
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.commit import Committed

_DEEPEST: Final = 3
_TOO_DEEP: Final = f"commands that call dspyreg are nested more than {_DEEPEST} deep"
_HINT: Final = "a hook or a policy's command calls dspyreg, which runs it again"


class Vetted(NamedTuple):
    """Commands that were asked, and the changes that they had nothing against."""

    commands: tuple[str, ...]
    changes: tuple[Change, ...]


def vetting(hooks: Hooks, entry: Entry) -> Vetted | None:
    """Return what must be vetted before a planned entry happens, None if nobody is asked."""
    commands = dict(hooks.before).get(entry.operation, ())
    return Vetted(commands, entry.changes) if commands else None


def vet(context: Context, config: Config, entry: Entry) -> None:
    """Show a planned entry to the commands before its operation.

    Raises ``Refused`` when the first of them does not end with exit status 0, and if the user has
    not trusted them.
    """
    hooks = config.hooks
    for command in dict(hooks.before).get(entry.operation, ()):
        if not trust.may_start(context, config):
            told = f"the hook before {entry.operation}, {beginning(command)}, was {trust.NOT_RUN}"
            raise Refused(told, hint=trust.HINT)
        if _is_too_deep():
            raise Refused(_TOO_DEEP, hint=_HINT)
        ran = _run_hook(context, command, hooks.timeout, entry)
        if not ran.passed:
            raise Refused(clean(f"vetoed by {beginning(command)}: {beginning(_why(ran))}"))


def _why(ran: Ran) -> str:
    if ran.status is not None and ran.status > 0:
        return ran.last_line or ran.message
    return f"it {ran.message}"


def vet_all(context: Context, planned: list[Committed]) -> tuple[Vetted, ...]:
    """Vet the entries of one operation before the first of them happens. Raises ``Refused``."""
    vetted: list[Vetted] = []
    for each in planned:
        asked = each.entry and each.config and vetting(each.config.hooks, each.entry)
        if asked and each.entry and each.config and asked not in vetted:
            vet(context, each.config, each.entry)
            vetted.append(asked)
    return tuple(vetted)


def run_after(context: Context, config: Config, entry: Entry) -> list[str]:
    """Show an entry to the commands after its operation; return what went wrong, in words."""
    notices: list[str] = []
    hooks = config.hooks
    for command in dict(hooks.after).get(entry.operation, ()):
        if not trust.may_start(context, config):
            return [f"the hooks after {entry.operation} were {trust.NOT_RUN}"]
        if _is_too_deep():
            return [f"the hooks after {entry.operation} were not run: {_TOO_DEEP}"]
        ran = _run_hook(context, command, hooks.timeout, entry)
        if not ran.passed:
            told = f"the hook after {entry.operation} failed: {beginning(str(ran))}"
            notices.append(clean(told))
    return notices


class Measured(NamedTuple):
    """What a command came to that judged a version. ``result`` is the JSON object that its whole
    standard output was, ``output`` what it wrote: standard output, then standard error.
    """

    passed: bool
    message: str
    result: dict[str, Any] | None
    output: bytes
    seconds: float


def judge_command(
    context: Context, command: Command, program: str, number: int, rung: str
) -> Measured:
    """Run a command on the files of a version, in a temporary directory of their own. What it
    writes is kept in the log, without the secrets in it.

    It passes with exit status 0, unless it prints ``{"passed": false}``.
    """
    from tempfile import TemporaryDirectory

    from dspyreg.formats.secrets import blanked
    from dspyreg.hooks.run import run
    from dspyreg.registry.artifacts.checkout import laid_out

    if _is_too_deep():
        return Measured(False, _TOO_DEEP, None, b"", 0.0)
    selector = f"{program}@#{number}"
    with TemporaryDirectory(prefix="dspyreg-", ignore_cleanup_errors=True) as directory:
        version = laid_out(context, selector, directory)
        ran = run(
            command.run,
            stdin=b"",
            cwd=_directory(context),
            environment=_environment(
                context,
                CHECKOUT=directory,
                PROGRAM=program,
                LABEL=version.label,
                DIGEST=version.digest,
                RUNG=rung,
            ),
            timeout=command.timeout,
        )
    output, errors = (blanked(each) for each in (ran.output, ran.errors))
    result = _result(output)
    passed = ran.passed and (_result(ran.output) or {}).get("passed") is not False
    message = clean(_verdict(ran, result, passed=passed))
    return Measured(passed, message, result, output + errors, ran.seconds)


def _result(output: bytes) -> dict[str, Any] | None:
    try:
        told = canonical.loads(output)
        canonical.dumps(told)  # numbers can be too large for what is written again
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _verdict(ran: Ran, result: dict[str, Any] | None, *, passed: bool) -> str:
    told = (result or {}).get("message")
    if isinstance(told, str) and told and ran.fault is None:
        return beginning(told) or ""
    if passed:
        return f"{beginning(ran.command)} passed"
    if ran.passed:
        return f"{beginning(ran.command)} says that it did not pass"
    return beginning(str(ran)) or ""


def _run_hook(context: Context, command: str, timeout: float, entry: Entry) -> Ran:
    from dspyreg.hooks.run import run

    return run(
        command,
        stdin=canonical.dumps(entry.to_json()) + b"\n",
        cwd=_directory(context),
        environment=_environment(
            context,
            OPERATION=entry.operation,
            PROGRAM=entry.program or "",
            LABEL=entry.label or "",
        ),
        timeout=timeout,
    )


def _directory(context: Context) -> Path | None:
    """The directory that holds a local store; for any other store ours will do."""
    store = context.store.directory
    return store.absolute().parent if store is not None else None


def _environment(context: Context, **told: str) -> dict[str, str]:
    store = context.store.directory
    if store is not None:
        told["STORE"] = str(store.absolute())
    told["HOOK_DEPTH"] = str(system.hook_depth() + 1)
    if context.trusted.explicit is not None:  # for the dspyreg that it may call
        told["TRUST"] = context.trusted.explicit
    return system.environment() | {f"DSPYREG_{name}": value for name, value in told.items()}


def _is_too_deep() -> bool:
    return system.hook_depth() >= _DEEPEST
