"""``register``."""

from pathlib import Path
from typing import Annotated

import typer

from dspyreg.cli import inputs, params
from dspyreg.cli.session import Session

app = typer.Typer()


@app.command("register")
def register(
    ctx: params.Context,
    program: params.SomeProgram = None,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="A file, several, or a directory. With --from-result it and the program may be "
            "left out, if the result tells them.",
            readable=False,
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="LABEL", help="The label, such as 1.2.0.")
    ] = None,
    bump: Annotated[
        str,
        typer.Option(
            "--bump", metavar="LEVEL", help="Which number goes up: major, minor, patch or auto."
        ),
    ] = "auto",
    metric: Annotated[
        list[str] | None, typer.Option("--metric", metavar="NAME=NUMBER", help="A measurement.")
    ] = None,
    metrics_file: Annotated[
        Path | None,
        typer.Option("--metrics-file", metavar="FILE", help="JSON or YAML.", readable=False),
    ] = None,
    from_result: Annotated[
        Path | None,
        typer.Option(
            "--from-result",
            metavar="FILE",
            help="An optimizer's result: scores, metadata, and what it tells of the program.",
            readable=False,
        ),
    ] = None,
    meta: Annotated[
        list[str] | None,
        typer.Option("--meta", metavar="KEY=VALUE", help="Metadata; the value JSON or text."),
    ] = None,
    meta_file: Annotated[
        Path | None,
        typer.Option("--meta-file", metavar="FILE", help="JSON or YAML.", readable=False),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="WORD", help="A tag.")] = None,
    changelog: Annotated[
        str | None, typer.Option("--changelog", metavar="TEXT", help="What is new.")
    ] = None,
    class_path: params.ClassPath = None,
    parent: Annotated[
        str | None,
        typer.Option(
            "--parent",
            metavar="LABEL",
            help="The version it was made from; by default what was checked out, else the latest.",
            show_default=False,
        ),
    ] = None,
    redact: Annotated[
        bool, typer.Option("--redact", help="Store states and words without the secrets in them.")
    ] = False,
    allow_secrets: Annotated[
        bool, typer.Option("--allow-secrets", help="Store secrets as well; kept in the log.")
    ] = False,
    allow_pickle: params.AllowPickle = False,
    any_file: Annotated[
        bool,
        typer.Option("--any-file", help="Register what no program can be read from as well."),
    ] = False,
    exist_ok: Annotated[
        bool,
        typer.Option(
            "--exist-ok",
            help="The same content again is fine; new metrics and tags are recorded on it.",
        ),
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Register what is registered as the latest already, or, with --reason, what the "
            "configuration would refuse.",
        ),
    ] = False,
    reason: params.Reason = None,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Store files as a new version of a program.

    The bytes are kept as they are, and nothing in a pickle is ever executed. Without --version
    the next label is chosen: 1.0.0 first, then the number that the change deserves, unless --bump
    says which. What looks like a secret is refused, naming the place; so is what no program can be
    read from, if it is called .json or .pkl, or the latest version is a program.
    """
    session = Session.of(ctx)
    words = inputs.words(program, paths or (), from_result)
    register = inputs.registering(session.registry, words, from_result)
    session.ask("register it again" if force else None, yes=yes)
    session.change(
        register,
        version=version,
        bump=bump,
        metrics=inputs.metrics(metric or (), metrics_file),
        metadata=inputs.metadata(meta or (), meta_file),
        tags=tag or (),
        changelog=changelog,
        contract=inputs.contract(class_path),
        parent=parent,
        redact=redact,
        allow_secrets=allow_secrets,
        allow_pickle=allow_pickle,
        any_file=any_file,
        exist_ok=exist_ok,
        force=force,
        reason=reason,
        operation_id=operation_id,
        dry_run=dry_run,
    )
