"""The two classes of commands: the parsing of their words and the text of their help.

The help is written here, because typer's differs between versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

from dspyreg.cli.streams import answering
from dspyreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Answering:
    """A command whose parsing may print a result, such as help."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Parse the words of a command."""
        with answering():
            return super().make_context(*args, **extra)  # type: ignore[misc]


class Verb(_Answering, TyperCommand):
    """A command."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words after the name in the usage line."""
        return usage(self)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options."""
        write_parameters(self.get_params(ctx), formatter)


class Family(_Answering, TyperGroup):
    """A command that has commands of its own."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the arguments begin with. Raises ``UsageError``."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            near = _nearest(name, known)
            if near is not None:
                raise UsageError("command-misspelt", name=name, near=near)
            raise UsageError("command-unknown", name=name, parent=ctx.command_path)
        return super().resolve_command(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words after the name in the usage line."""
        return [*usage(self), "COMMAND [ARGS]..."]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, then the commands."""
        write_parameters(self.get_params(ctx), formatter)
        self.format_commands(ctx, formatter)


def usage(command: Any) -> list[str]:
    """Return the options and arguments of a command in one line."""
    return ["[OPTIONS]", *(each.metavar for each in command.params if not is_option(each))]


def write_parameters(params: list[Any], formatter: Any) -> None:
    """Write a section for the arguments and one for the options, where there are any."""
    for title, rows in (
        ("Arguments", [(each.metavar, help_of(each)) for each in params if not is_option(each)]),
        ("Options", [(spelled(each), help_of(each)) for each in params if is_option(each)]),
    ):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def is_option(param: Any) -> bool:
    """Return whether a parameter is an option, not an argument."""
    return bool(param.param_type_name == "option")


def spelled(param: Any) -> str:
    """Return an option as it is typed: ``-n, --number NUMBER``."""
    names = ", ".join(sorted(param.opts, key=len))
    return names if param.is_flag else f"{names} {param.metavar}"


def default(param: Any) -> Any:
    """Return the default of an option, None if the help does not show it."""
    shown = is_option(param) and param.show_default and not param.is_flag
    return param.default if shown and param.default not in {None, ()} else None


def help_of(param: Any) -> str:
    """Return the help of a parameter, with its default."""
    end = "  [required]" if param.required else ""
    value = default(param)
    return f"{param.help or ''}{end if value is None else f'  [default: {value}]'}"


def misused(error: Any) -> tuple[str, str] | None:
    """Return the message and the hint of a usage error of typer; None for another error."""
    if not hasattr(error, "format_message"):
        return None
    ctx = getattr(error, "ctx", None)
    hint = f"`{ctx.command_path if ctx is not None else 'dspyreg'} --help`"
    if not hasattr(error, "possibilities"):
        return error.format_message(), hint
    name = error.option_name
    near = _nearest(name, error.possibilities or ())
    return f"no option {name!r}", f"did you mean {near!r}?" if near else hint


def _nearest(name: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, n=1)), None)
