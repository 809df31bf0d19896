"""``score`` ``approve`` ``evidence`` ``check``."""

from pathlib import Path
from typing import Annotated

import typer

from dspyreg.cli import inputs, params
from dspyreg.cli.session import Session
from dspyreg.errors import UsageError

evidence = typer.Typer(help="Add evidence to a version, or show it.")
app = typer.Typer()
app.add_typer(evidence, name="evidence")

To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="RUNG", help="The rung; the next one up without.", show_default=False
    ),
]
EvidenceName = Annotated[
    str, typer.Argument(metavar="EVIDENCE", help="Such as load_testing.", show_default=False)
]


@app.command("score")
def score(
    ctx: params.Context,
    selector: params.Selector,
    metrics: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=NUMBER]...",
            help="Measurements; a bare number is the metric `score`.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="JSON or YAML.", readable=False)
    ] = None,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Append measurements to a version.

    They are never edited; the newest value of each metric counts.
    """
    session = Session.of(ctx)
    values = inputs.metrics(map(inputs.named_metric, metrics or ()), file)
    session.change(
        session.registry.score,
        selector,
        values,
        reason=reason,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@app.command("approve")
def approve(
    ctx: params.Context,
    selector: params.Selector,
    to: To = None,
    reason: params.Reason = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Approve a version for a rung, in your name.

    It counts until the version comes to the rung below anew. One person counts once.
    """
    session = Session.of(ctx)
    session.change(
        session.registry.approve,
        selector,
        to=to,
        reason=reason,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@evidence.command("add")
def add(
    ctx: params.Context,
    selector: params.Selector,
    name: EvidenceName,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="A report; kept for ever.", readable=False),
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="A few words on it.")
    ] = None,
    redact: params.Redact = False,
    allow_secrets: params.AllowSecrets = False,
    failed: Annotated[bool, typer.Option("--failed", help="It did not pass.")] = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Add evidence to a version; the newest under a name counts."""
    session = Session.of(ctx)
    session.change(
        session.registry.add_evidence,
        selector,
        name,
        passed=not failed,
        file=file,
        note=note,
        redact=redact,
        allow_secrets=allow_secrets,
        operation_id=operation_id,
        dry_run=dry_run,
    )


@evidence.command("list")
def list_(ctx: params.Context, selector: params.Selector, at: params.At = None) -> None:
    """List the evidence on a version, oldest first."""
    session = Session.of(ctx)
    session.show(session.registry.evidence(selector, at=at))


@evidence.command("cat")
def cat(
    ctx: params.Context, selector: params.Selector, name: EvidenceName, at: params.At = None
) -> None:
    """Write the newest file under a name to standard output."""
    import io

    session = Session.of(ctx)
    if session.wants_json:
        raise UsageError("evidence-cat-has-no-json")
    session.pour(io.BytesIO(session.registry.evidence_file(selector, name, at=at)))


@app.command("check")
def check(
    ctx: params.Context,
    selector: params.Selector,
    to: To = None,
    env: Annotated[
        str | None,
        typer.Option(
            "--env", metavar="NAME", help="Not promote, but deploy there.", show_default=False
        ),
    ] = None,
    md: params.Markdown = False,
    at: params.At = None,
) -> None:
    """Say whether a version would be let through.

    Every finding of the policies is told, and nothing is written; the exit code is 1 if one does
    not pass. A command that a policy names is run, if you trust it: see `dspyreg trust`.
    """
    session = Session.of(ctx)
    decision = session.registry.check(selector, to=to, environment=env, at=at)
    session.show(decision, "md" if md else None)
    if not decision.passed:
        raise typer.Exit(1)
