"""``promote`` ``demote`` ``archive`` ``restore`` ``deploy`` ``rollback``."""

from typing import Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session

app = typer.Typer()

Force = Annotated[
    bool, typer.Option("--force", help="Withdraw it where it is protected; needs --reason.")
]

Overrule = Annotated[
    bool, typer.Option("--force", help="Overrule what a policy finds; needs --reason.")
]


@app.command("promote")
def promote(
    ctx: params.Context,
    selector: params.Selector,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="RUNG", help="The rung; without a version: its newest."),
    ] = None,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    force: Overrule = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Move a version one rung up the ladder.

    The policy of that rung must pass. The version becomes live in the environments of the rung
    that deploy by themselves. Without --to a version leaves the first rung only, so that a
    repeated command does not climb. With --to and no version, the highest number on the rung
    below is promoted; repeating that is harmless.
    """
    session = Session.of(ctx)
    session.ask("promote it" if force else None, yes=yes)
    session.change(
        session.registry.promote,
        selector,
        to=to,
        reason=reason,
        force=force,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@app.command("demote")
def demote(
    ctx: params.Context,
    selector: params.Selector,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    force: Force = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Move a version one rung down."""
    session = Session.of(ctx)
    session.ask("demote it" if force else None, yes=yes)
    session.change(
        session.registry.demote,
        selector,
        reason=reason,
        force=force,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@app.command("archive")
def archive(
    ctx: params.Context,
    selector: params.Selector,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    force: Force = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Retire a version; its bytes stay."""
    session = Session.of(ctx)
    session.ask("archive it" if force else None, yes=yes)
    session.change(
        session.registry.archive,
        selector,
        reason=reason,
        force=force,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@app.command("restore")
def restore(
    ctx: params.Context,
    selector: params.Selector,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Bring an archived or deprecated version back."""
    session = Session.of(ctx)
    session.change(
        session.registry.restore,
        selector,
        reason=reason,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@app.command("deploy")
def deploy(
    ctx: params.Context,
    selector: params.Selector,
    env: params.Environment = None,
    select: Annotated[
        str | None,
        typer.Option(
            "--select",
            metavar="STRATEGY",
            help="Which version: conservative, aggressive, best_score or manual.",
        ),
    ] = None,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    force: Overrule = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Make a version live in an environment.

    Without a version, the highest number that qualifies, unless the configuration or --select
    has a strategy: conservative takes the best score if it is enough better than what is live,
    aggressive and best_score take it anyhow, manual leaves it to you. Repeating that is harmless.
    What the environment demands must pass.
    """
    session = Session.of(ctx)
    session.ask("deploy it" if force else None, yes=yes)
    session.change(
        session.registry.deploy,
        selector,
        environment=env,
        select=select,
        reason=reason,
        force=force,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@app.command("rollback")
def rollback(
    ctx: params.Context,
    program: params.Program,
    env: params.Environment = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="LABEL", help="Not the one before, but this.")
    ] = None,
    as_new_version: Annotated[
        bool, typer.Option("--as-new-version", help="Register a copy and make that live.")
    ] = False,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also to what was never live; needs --reason.")
    ] = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Make live again what was live before.

    A second rollback goes further back, never forward again. No policy is asked.
    """
    session = Session.of(ctx)
    session.ask("roll back" if force else None, yes=yes)
    session.change(
        session.registry.rollback,
        program,
        environment=env,
        to=to,
        reason=reason,
        as_new_version=as_new_version,
        force=force,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )
