"""``config show`` ``config apply`` ``config edit``."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dspyreg.cli import inputs, params
from dspyreg.cli.session import Session

if TYPE_CHECKING:
    from dspyreg.registry.transaction.outcome import Outcome

config = typer.Typer(help="Show the configuration, or put one in force.")
app = typer.Typer()
app.add_typer(config, name="config")


@config.command("show")
def show(ctx: params.Context) -> None:
    """Show the configuration in force: the YAML as it was written."""
    from dspyreg.cli.results import ConfigurationShown
    from dspyreg.registry.read import configuration

    session = Session.of(ctx)
    value = session.registry.configuration()
    digest = configuration.digest_in_force(session.registry.context)
    source = configuration.source(session.registry.context)
    session.show(ConfigurationShown(digest, value.to_json(), source))


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
    act = partial(
        session.registry.apply,
        text,
        reason=reason,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
    )
    session.change(act, dry_run=dry_run, confirm="apply that", yes=yes)


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
    from dspyreg.cli.care.editor import manuscript, unchanged
    from dspyreg.registry.change import configure
    from dspyreg.registry.read import configuration
    from dspyreg.registry.transaction import appended
    from dspyreg.registry.transaction.options import Options

    session = Session.of(ctx)
    before, source = configuration.address_and_source(session.registry.context)
    context = session.registry.context
    options = Options(reason, False, False, operation_id, redact, allow_secrets)

    def act(text: str, *, dry_run: bool) -> "Outcome":
        return configure.apply(context, text, options._replace(dry_run=dry_run), over=before)

    with manuscript(source, keep=dry_run) as draft:
        text = draft.edited(partial(act, dry_run=True))
        if text is None:
            session.change(partial(unchanged, context), dry_run=dry_run)
        else:
            apply_it = appended.described("config")(partial(act, text))
            session.change(apply_it, dry_run=dry_run, confirm="apply that", yes=yes)
