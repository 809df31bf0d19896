"""The options that every command takes, before and after its name."""

from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

_META = "dspyreg.options"


def _options(
    store: Annotated[
        str | None, typer.Option("--store", metavar="DIR", help="The registry's directory.")
    ] = None,
    actor: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who acts.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No talk on standard error.")
    ] = False,
    events: Annotated[
        str | None,
        typer.Option("--events", metavar="FILE", help="Append events as JSON; - is stderr."),
    ] = None,
    trust: Annotated[
        str | None,
        typer.Option(
            "--trust", metavar="DIGEST", help="Let commands with this digest run; or all."
        ),
    ] = None,
    allow_network_fs: Annotated[
        bool, typer.Option("--allow-network-fs", help="Write to a store on NFS, SMB or FUSE.")
    ] = False,
) -> None:
    """Declare the options, for typer to read."""


OPTIONS = signature(_options).parameters


def with_common_options(command: "Callable[..., None]") -> "Callable[..., None]":
    """Return a command that also takes the common options and keeps them in its context; those
    after the command's name override those before it.
    """

    @wraps(command)
    def with_options(ctx: typer.Context, **values: Any) -> None:
        options = ctx.meta.setdefault(_META, {})
        for name in OPTIONS:
            value = values.pop(name)
            if value not in {None, False}:
                options[name] = value
        command(ctx=ctx, **values)

    own = signature(command, eval_str=True)
    parameters = [*own.parameters.values(), *OPTIONS.values()]
    with_options.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return with_options


def common_options(ctx: typer.Context) -> dict[str, Any]:
    """Return the common options that were given, by name."""
    options: dict[str, Any] = ctx.meta.get(_META, {})
    return options
