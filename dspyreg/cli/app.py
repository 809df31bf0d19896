"""The ``dspyreg`` command: finds the one command that is asked for, and answers for errors."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.main

from dspyreg.cli import params
from dspyreg.cli.commands import COMMANDS, COMPLETE, SECTIONS
from dspyreg.cli.options import with_common_options
from dspyreg.cli.streams import reserve_closed_streams
from dspyreg.cli.words import Family, Verb, misused
from dspyreg.errors import NOTE, RegistryError
from dspyreg.registry.transaction import appended
from dspyreg.system.signals import exit_on_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typer.models import CommandInfo

    from dspyreg.model.entry import Entry

_INTERRUPTED = 130
_SIGNALS = 128  # and the number of the signal
_BUG = 70


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
    """Stand for the words before the command; the options are kept for the command."""


class LazyGroup(Family):
    """The top of the command line; it imports the module of the one command that runs."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return a command."""
        return load(cmd_name) if cmd_name in COMMANDS else None

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for. An interrupt keeps what it has to say: typer would
        make a bare exit code of it.
        """
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
    commands, told = family.typer_instance.registered_commands, family.typer_instance.info.help
    return _built(commands, _family, cls=Family, name=name, help=told)


def _built(
    commands: list[CommandInfo], start: Callable[..., None] | None = None, **told: Any
) -> Any:
    """Return one command, or a family of commands where the words before them have a start."""
    built = typer.Typer(add_completion=False, rich_markup_mode=None, **told)
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
    _prepare_streams(wants_json)
    with exit_on_signals(), appended.noting() as entries:
        status = _guarded(lambda: run(words or ["--help"]), entries, wants_json=wants_json)
        lost = _guarded(_deliver, entries, wants_json=wants_json)
    sys.exit(lost or status)


def _prepare_streams(wants_json: bool) -> None:
    from dspyreg.cli.session import prepare_streams

    prepare_streams(wants_json=wants_json)


def _deliver() -> int:
    """See that the answer leaves the process, where that can still be told."""
    from dspyreg.cli.session import answering

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
    if code == _INTERRUPTED:  # typer has made an exit code of it, and says nothing
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _guarded(work: Callable[[], int], entries: Sequence[Entry], *, wants_json: bool) -> int:
    """Return an exit code whatever happens; say what went wrong and what had happened before,
    never with a traceback.
    """
    say = partial(_say, entries=entries, wants_json=wants_json)
    try:
        return work()
    except RegistryError as error:
        return say(error.exit_code, error.code, str(error), error.command_hint, error)
    except typer.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, typer.Abort) as error:
        return say(_INTERRUPTED, "interrupted", "interrupted", None, error)
    except SystemExit as error:
        return _ended(error, say)
    except Exception as error:
        return _unexpected(error, say)


def _ended(error: SystemExit, say: Callable[..., int]) -> int:
    """Return the exit code of a process that a signal ends, and say so."""
    if error.code == _INTERRUPTED:
        return say(_INTERRUPTED, "interrupted", "interrupted", None, error.__cause__ or error)
    status = error.code if isinstance(error.code, int) else _BUG
    return say(status, "interrupted", "terminated", None, error) if status > _SIGNALS else status


def _unexpected(error: Exception, say: Callable[..., int]) -> int:
    wrong = misused(error)
    if wrong is not None:
        return say(2, "usage", *wrong, error)
    from dspyreg.system import environment

    if environment.is_debugging():
        raise error
    message = f"{type(error).__name__}: {error}"
    hint = "this is a bug of dspyreg; DSPYREG_DEBUG=1 shows where it happened"
    return say(_BUG, "bug", message, hint, error)


def _say(
    status: int,
    code: str,
    message: str,
    hint: str | None,
    error: BaseException,
    *,
    entries: Sequence[Entry],
    wants_json: bool,
) -> int:
    from dspyreg.cli.session import talk
    from dspyreg.registry.transaction.screening import clean
    from dspyreg.render.text import one_line

    summary, hint = clean(getattr(error, "summary", message)), hint and clean(hint)
    message = clean(message)
    failures = getattr(error, "failures", None)
    failures = None if failures is None else [clean(each) for each in failures]
    notes = [clean(n) for n in getattr(error, "__notes__", ()) if not n.startswith(NOTE)]
    if entries and all(appended.in_words(entries) not in each for each in (message, *notes)):
        notes.append(appended.in_words(entries))
    whole = "; ".join((message, *notes))
    if entries and not hint:
        hint = f"`dspyreg log --seq {entries[0].seq}` shows it"
    if wants_json:
        from dspyreg.render import as_json

        told: dict[str, Any] = {"code": code, "message": whole, "hint": hint}
        told["entries"] = [entry.to_json() for entry in entries]
        if failures is not None:
            told["failures"] = list(failures)
        talk(as_json.render({"error": told}))
        return status
    line = "; ".join((summary, *notes))  # failures follow, each on its own line
    talk(one_line(line if code == "interrupted" else f"error: {line}") + "\n")
    for failure in failures or ():
        if failure != message:
            talk(one_line(f"  {failure}") + "\n")
    if hint:
        talk(one_line(f"hint: {hint}") + "\n")
    return status


if __name__ == "__main__":
    main()
