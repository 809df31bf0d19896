"""``config show`` ``config apply`` ``config edit``."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dspyreg.cli import inputs, params
from dspyreg.cli.session import Session

if TYPE_CHECKING:
    pass

config = typer.Typer(help="Show the configuration, or put one in force.")
app = typer.Typer()
app.add_typer(config, name="config")


@config.command("show")
def show(ctx: params.Context) -> None:
    """Show the configuration in force: the YAML as it was written."""
    session = Session.of(ctx)
    session.show(session.registry.configuration_in_force())


@config.command("apply")
def apply(
    ctx: params.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The YAML document.", readable=False)
    ],
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Put a configuration in force, whole; it is kept in the log and can be undone."""
    session = Session.of(ctx)
    text = inputs.read_text(file)
    session.ask("apply that", yes=yes)
    session.change(
        session.registry.apply,
        text,
        reason=reason,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@config.command("edit")
def edit(
    ctx: params.Context,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Change the configuration in your editor, and put it in force.

    Opens the YAML in force in $VISUAL, else $EDITOR, and goes on as `config apply`. After a
    mistake you can edit again; a text that is not put in force is kept in a file.
    """
    from dspyreg.cli.care.editor import manuscript

    session = Session.of(ctx)
    current = session.registry.configuration_in_force()
    apply = partial(
        session.registry.apply,
        over=current,
        reason=reason,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
    )
    with manuscript(current.source, keep=dry_run) as draft:
        text = draft.edited(partial(apply, dry_run=True))
        session.ask("apply that" if draft.is_changed else None, yes=yes)
        session.change(apply, text, dry_run=dry_run)
