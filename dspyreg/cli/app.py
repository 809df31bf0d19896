"""The ``dspyreg`` command: finds the one command that is asked for, and answers for errors."""

from __future__ import annotations

import sys
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup, TyperOption

from dspyreg.cli.commands import COMMANDS, COMPLETE, SECTIONS
from dspyreg.cli.streams import reserve_closed_streams, unwinding_when_told_to_end
from dspyreg.errors import RegistryError, UsageError
from dspyreg.registry import happened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dspyreg.model.entry import Entry

_META = "dspyreg."
_INTERRUPTED = 130
_SIGNALS = 128  # and the number of the signal
_BUG = 70


def _keep(ctx: typer.Context, param: Any, value: Any) -> Any:
    """Note a common option; after the verb it overrides what stood before."""
    if value not in {None, False}:
        ctx.meta[_META + param.name] = value
    return value


@cache
def common_options() -> tuple[TyperOption, ...]:
    """Return the options that work before and after every verb; they keep nothing of a run."""

    def option(*names: str, help: str, **more: Any) -> TyperOption:  # noqa: A002
        return TyperOption(
            param_decls=list(names), help=help, callback=_keep, expose_value=False, **more
        )

    return (
        option("--store", metavar="DIR", help="The registry's directory."),
        option("--as", "actor", metavar="NAME", help="Who acts."),
        option("--json", "json", is_flag=True, help="One JSON document on standard output."),
        option("--quiet", "-q", "quiet", is_flag=True, help="No talk on standard error."),
        option("--events", "events", metavar="FILE", help="Append events as JSON; - is stderr."),
        option(
            "--trust", "trust", metavar="DIGEST", help="Let commands with this digest run; or all."
        ),
        option(
            "--allow-network-fs",
            "allow_network_fs",
            is_flag=True,
            help="Write to a store on NFS, SMB or FUSE.",
        ),
    )


def _version(ctx: typer.Context, _: Any, value: bool) -> None:
    if value:
        from dspyreg import __version__

        typer.echo(f"dspyreg {__version__}")
        ctx.exit()


class LazyGroup(TyperGroup):
    """The top of the command line; it imports the module of the one command that runs."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return a command."""
        return load(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the arguments begin with, or say what was meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            raise UsageError(f"no command {name!r}", hint=_meant(name))
        return super().resolve_command(ctx, args)

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Parse the words before the command; what that prints, such as help, is an answer."""
        from dspyreg.cli.session import answering

        with answering():
            return super().make_context(*given, **more)

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


def _meant(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1)
    return f"did you mean {near[0]!r}?" if near else "`dspyreg --help` lists them"


def load(name: str) -> Any:
    """Return one command, with the common options added to it and to its subcommands."""
    from importlib import import_module

    module = import_module(f"dspyreg.cli.{COMMANDS[name].module}")
    command = _built(module.app, name)
    for each in (command, *getattr(command, "commands", {}).values()):
        each.params += common_options()
        each.make_context = _answering(each.make_context)
    return command


def _answering(make_context: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command's way to parse its words; see ``LazyGroup.make_context``."""
    from dspyreg.cli.session import answering

    def made(*given: Any, **more: Any) -> Any:
        with answering():
            return make_context(*given, **more)

    return made


def _built(app: typer.Typer, name: str) -> Any:
    from typer.main import get_command_from_info, get_group_from_info

    for group in app.registered_groups:
        if group.name == name:
            return get_group_from_info(
                group,
                pretty_exceptions_short=False,
                suggest_commands=True,
                rich_markup_mode=None,
            )
    info = next(info for info in app.registered_commands if info.name == name)
    return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)


def app() -> LazyGroup:
    """Return the whole command line."""
    version = TyperOption(
        param_decls=["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_version,
        help="Print the version and exit.",
    )
    return LazyGroup(
        name="dspyreg",
        commands={},
        params=[version, *common_options()],
        help="Keep a team's compiled DSPy programs: versions, promotion, rollback, audit.",
        epilog="`dspyreg COMMAND --help` tells more; `dspyreg demo` shows it all.",
        rich_markup_mode=None,
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
    with unwinding_when_told_to_end(), happened.noting() as entries:
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
        return say(error.exit_code, error.code, str(error), error.hint, error)
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
    told = getattr(error, "format_message", None)
    if told is not None:  # the command line itself was wrong
        ctx = getattr(error, "ctx", None)
        path = ctx.command_path if ctx is not None else "dspyreg"
        return say(2, "usage", told(), f"`{path} --help`", error)
    from dspyreg import surroundings

    if surroundings.is_debugging():
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
    from dspyreg.registry.words import clean
    from dspyreg.render.text import one_line

    message, hint = clean(message), hint and clean(hint)
    failures = getattr(error, "failures", None)
    failures = None if failures is None else [clean(each) for each in failures]
    notes = [clean(each) for each in getattr(error, "__notes__", ())]
    whole = "; ".join((message, *notes))
    if entries and happened.in_words(entries) not in whole:
        whole += f"; {happened.in_words(entries)}"
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
    talk(one_line(whole if code == "interrupted" else f"error: {whole}") + "\n")
    for failure in failures or ():
        if failure != message:
            talk(one_line(f"  {failure}") + "\n")
    if hint:
        talk(one_line(f"hint: {hint}") + "\n")
    return status


if __name__ == "__main__":
    main()
