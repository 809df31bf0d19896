"""The ``dspyreg`` command: it loads one command, runs it and reports its errors."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.main

from dspyreg.cli import params
from dspyreg.cli.commands import COMMANDS, COMPLETE, SECTIONS
from dspyreg.cli.options import with_common_options
from dspyreg.cli.streams import answering, prepare_streams, reserve_closed_streams, talk
from dspyreg.cli.words import Family, Verb, misused
from dspyreg.errors import RegistryError
from dspyreg.registry.report import foreign_report, noting, report
from dspyreg.system.signals import exit_on_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typer.models import CommandInfo

    from dspyreg.model.entry import Entry
    from dspyreg.registry.report import ErrorReport

_INTERRUPTED = 130
_SIGNALS = 128  # and the number of the signal
_BUG = 70
_BUG_HINT = "this is a bug of dspyreg; DSPYREG_DEBUG=1 shows where it happened"
_INTERRUPT = "interrupted"


def _version(ctx: typer.Context, value: bool) -> None:
    if value:
        from dspyreg import __version__

        typer.echo(f"dspyreg {__version__}")
        ctx.exit()


def _start(
    ctx: params.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options before the command; they are kept for the command."""


class LazyGroup(Family):
    """The top of the command line. It imports only the module of the command that runs."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return a command."""
        return load(cmd_name) if cmd_name in COMMANDS else None

    def invoke(self, ctx: Any) -> Any:
        """Run the command. An interrupt keeps its notes: typer reduces it to an exit code."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise SystemExit(_INTERRUPTED) from error

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands in sections, without importing one."""
        for section, title in SECTIONS.items():
            rows = [(n, c.help) for n, c in COMMANDS.items() if c.section == section]
            with formatter.section(title):
                formatter.write_dl(rows, col_max=12)


def load(name: str) -> Any:
    """Return one command, with the common options added to it and to its subcommands."""
    from importlib import import_module

    module: typer.Typer = import_module(f"dspyreg.cli.{COMMANDS[name].module}").app
    family = next((each for each in module.registered_groups if each.name == name), None)
    if family is None or family.typer_instance is None:
        return _built([each for each in module.registered_commands if each.name == name])
    commands, text = family.typer_instance.registered_commands, family.typer_instance.info.help
    return _built(commands, _family, cls=Family, name=name, help=text)


def _built(
    commands: list[CommandInfo], start: Callable[..., None] | None = None, **settings: Any
) -> Any:
    """Return one command, or with ``start``, which takes the words before it, several."""
    built = typer.Typer(add_completion=False, rich_markup_mode=None, **settings)
    if start is not None:
        built.callback()(with_common_options(start))
    for each in commands:
        callback: Any = each.callback
        built.command(each.name, cls=Verb)(with_common_options(callback))
    return typer.main.get_command(built)


def _family(ctx: params.Context) -> None:
    pass


def app() -> Any:
    """Return the whole command line."""
    return _built(
        [],
        _start,
        cls=LazyGroup,
        name="dspyreg",
        help="Keep a team's compiled DSPy programs: versions, promotion, rollback, audit.",
        epilog="`dspyreg COMMAND --help` tells more; `dspyreg demo` shows it all.",
    )


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    reserve_closed_streams()
    words = list(sys.argv[1:] if args is None else args)
    if words[:1] == [COMPLETE]:
        from dspyreg.cli import completing

        sys.exit(completing.main(words[1:]))
    wants_json = "--json" in words
    prepare_streams(wants_json=wants_json)
    with exit_on_signals(), noting() as entries:
        status = _guarded(lambda: run(words or ["--help"]), entries, wants_json=wants_json)
        undelivered = _guarded(_deliver, entries, wants_json=wants_json)
    sys.exit(undelivered or status)


def _deliver() -> int:
    """Flush the result while a failure can still be reported."""
    with answering():
        sys.stdout.flush()
    return 0


def run(words: list[str]) -> int:
    """Run one command and return its exit code; errors are raised."""
    from dspyreg.cli.session import repeating

    return repeating(lambda: _run(words))


def _run(words: list[str]) -> int:
    from dspyreg.cli.session import close_all

    try:
        code = app().main(args=words, prog_name="dspyreg", standalone_mode=False)
    finally:
        close_all()
    if code == _INTERRUPTED:  # typer made an exit code of an interrupt
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _guarded(work: Callable[[], int], entries: Sequence[Entry], *, wants_json: bool) -> int:
    """Return the exit status of some work. An error is reported, never shown as a traceback."""
    try:
        return work()
    except RegistryError as error:
        return _show(report(error, entries), error.exit_code, wants_json=wants_json)
    except typer.Exit as done:
        return done.exit_code
    except BaseException as error:
        status, code, message, hint = _classified(error)
        if message is None:
            return status
        if code == "bug" and _is_debugging():
            raise
        cause = error.__cause__ if code == _INTERRUPT else None  # it has the notes
        failure = foreign_report(cause or error, entries, code=code, message=message, hint=hint)
        return _show(failure, status, wants_json=wants_json)


def _classified(error: BaseException) -> tuple[int, str, str | None, str | None]:
    """Return the status, code, message and hint of an error that is not ours; no message for a
    plain exit.
    """
    if isinstance(error, SystemExit):
        status = error.code if isinstance(error.code, int) else _BUG
        if status == _INTERRUPTED:
            return status, _INTERRUPT, _INTERRUPT, None
        return status, _INTERRUPT, "terminated" if status > _SIGNALS else None, None
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return _INTERRUPTED, _INTERRUPT, _INTERRUPT, None
    misuse = misused(error)
    if misuse is not None:
        return 2, "usage", *misuse
    return _BUG, "bug", f"{type(error).__name__}: {error}", _BUG_HINT


def _is_debugging() -> bool:
    from dspyreg.system.environment import is_debugging

    return is_debugging()


def _show(failure: ErrorReport, status: int, *, wants_json: bool) -> int:
    """Write the report of an error to standard error and return its exit status."""
    from dspyreg.render.text import one_line

    if wants_json:
        from dspyreg.render import as_json

        talk(as_json.text({"error": failure.to_json()}))
        return status
    line = failure.headline
    talk(one_line(line if failure.code == _INTERRUPT else f"error: {line}") + "\n")
    for detail in failure.details:
        talk(one_line(f"  {detail}") + "\n")
    if failure.hint:
        talk(one_line(f"hint: {failure.hint}") + "\n")
    return status


if __name__ == "__main__":
    main()
