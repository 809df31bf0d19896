"""The two classes of commands: how their words are parsed, and how their help is written.

The help is written here, from what each parameter was told: typer spells it differently from one
version to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

from dspyreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Answering:
    """What parsing words prints, such as help, is an answer."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Parse the words of a command."""
        from dspyreg.cli.session import answering

        with answering():
            return super().make_context(*given, **more)  # type: ignore[misc]


class Verb(_Answering, TyperCommand):
    """A command."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words behind the name in the line that shows the usage."""
        return usage(self)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options."""
        write_parameters(self.get_params(ctx), formatter)


class Family(_Answering, TyperGroup):
    """A command that has commands of its own."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the arguments begin with, or say what was meant."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            hint = _meant(name, known) or f"`{ctx.command_path} --help` lists them"
            raise UsageError(f"no command {name!r}", hint=hint)
        return super().resolve_command(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words behind the name in the line that shows the usage."""
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
        ("Arguments", [(each.metavar, told(each)) for each in params if not is_option(each)]),
        ("Options", [(spelled(each), told(each)) for each in params if is_option(each)]),
    ):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def is_option(param: Any) -> bool:
    """Is this an option, not an argument?"""
    return bool(param.param_type_name == "option")


def spelled(param: Any) -> str:
    """Return an option as it is given: ``-n, --number NUMBER``."""
    names = ", ".join(sorted(param.opts, key=len))
    return names if param.is_flag else f"{names} {param.metavar}"


def default(param: Any) -> Any:
    """Return what an option is where it is not given, None if that needs no telling."""
    shown = is_option(param) and param.show_default and not param.is_flag
    return param.default if shown and param.default not in {None, ()} else None


def told(param: Any) -> str:
    """Return the help of a parameter, and what it is where it is not given."""
    end = "  [required]" if param.required else ""
    value = default(param)
    return f"{param.help or ''}{end if value is None else f'  [default: {value}]'}"


def misused(error: Any) -> tuple[str, str] | None:
    """Return what was wrong with a command line, and a hint; None if the error is another."""
    if not hasattr(error, "format_message"):
        return None
    ctx = getattr(error, "ctx", None)
    hint = f"`{ctx.command_path if ctx is not None else 'dspyreg'} --help`"
    if not hasattr(error, "possibilities"):
        return error.format_message(), hint
    name = error.option_name
    return f"no option {name!r}", _meant(name, error.possibilities or ()) or hint


def _meant(name: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else None
