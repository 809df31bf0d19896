"""A policy's command, run on a version: on its files, in a temporary directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.model import canonical
from dspyreg.model.entry import beginning
from dspyreg.registry.transaction import hooks
from dspyreg.registry.transaction.screening import clean

if TYPE_CHECKING:
    from dspyreg.hooks.run import Execution
    from dspyreg.policy.forms import Command
    from dspyreg.registry.context import Context


class CommandRun(NamedTuple):
    """The verdict of a command on a version. ``result`` is its standard output if that is one JSON
    object, ``output`` all that it wrote: standard output, then standard error.
    """

    passed: bool
    message: str
    result: dict[str, Any] | None
    output: bytes
    seconds: float


def run_on_version(
    context: Context, command: Command, program: str, number: int, rung: str
) -> CommandRun:
    """Run a command on the files of a version. The log keeps what it writes, without the secrets
    in it.

    It passes with exit status 0, unless it prints ``{"passed": false}``.
    """
    from tempfile import TemporaryDirectory

    from dspyreg.formats.secrets import blanked
    from dspyreg.hooks.run import run
    from dspyreg.registry.artifacts.checkout import write_version

    if hooks.is_too_deep():
        return CommandRun(False, hooks.TOO_DEEP, None, b"", 0.0)
    selector = f"{program}@#{number}"
    with TemporaryDirectory(prefix="dspyreg-", ignore_cleanup_errors=True) as directory:
        version = write_version(context, selector, directory)
        execution = run(
            command.run,
            stdin=b"",
            cwd=hooks.working_directory(context),
            environment=hooks.environment(
                context,
                CHECKOUT=directory,
                PROGRAM=program,
                LABEL=version.label,
                DIGEST=version.digest,
                RUNG=rung,
            ),
            timeout=command.timeout,
        )
    output, errors = (blanked(each) for each in (execution.output, execution.errors))
    result = _result(output)
    passed = execution.passed and (_result(execution.output) or {}).get("passed") is not False
    message = clean(_message(execution, result, passed=passed))
    return CommandRun(passed, message, result, output + errors, execution.seconds)


def _result(output: bytes) -> dict[str, Any] | None:
    """Return the JSON object that a command wrote; None if it wrote anything else."""
    try:
        value = canonical.loads(output)
        canonical.dumps(value)  # a number can be too large to be written again
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _message(execution: Execution, result: dict[str, Any] | None, *, passed: bool) -> str:
    message = (result or {}).get("message")
    if isinstance(message, str) and message and execution.fault is None:
        return beginning(message) or ""
    if passed:
        return f"{beginning(execution.command)} passed"
    if execution.passed:
        return f"{beginning(execution.command)} says that it did not pass"
    return beginning(str(execution)) or ""
