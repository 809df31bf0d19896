"""``config show`` ``config apply``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dspyreg.cli import inputs, params
from dspyreg.cli.session import Session

config = typer.Typer(help="Show the configuration, or put one in force.", no_args_is_help=True)
app = typer.Typer()
app.add_typer(config, name="config")


@config.command("show")
def show(ctx: params.Context) -> None:
    """Show the configuration in force: the YAML as it was written."""
    from dspyreg.cli.views import ConfigurationShown
    from dspyreg.registry import in_force

    session = Session.of(ctx)
    value = session.registry.configuration()
    digest = session.registry.digest_of_configuration(value)
    source = in_force.source(session.registry)
    session.show(ConfigurationShown(digest, value.to_json(), source))


@config.command("apply")
def apply(
    ctx: params.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The YAML document.", readable=False)
    ],
    reason: params.Reason = None,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
) -> None:
    """Put a configuration in force, whole; it is kept in the log and can be undone."""
    session = Session.of(ctx)
    act = partial(session.registry.apply, inputs.read_text(file), reason=reason)
    session.change(act, dry_run=dry_run, confirm="apply that", yes=yes)
