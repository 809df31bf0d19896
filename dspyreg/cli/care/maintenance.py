"""``init`` ``verify`` ``gc`` ``completion``."""

from functools import partial
from typing import Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session
from dspyreg.cli.streams import answering
from dspyreg.errors import UsageError

app = typer.Typer()


@app.command("init")
def init(
    ctx: params.Context,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset", metavar="PRESET", help="Begin with simple (no gates) or governed."
        ),
    ] = None,
    shared: Annotated[
        bool, typer.Option("--shared", help="Let the group of the directory write to it.")
    ] = False,
) -> None:
    """Make an empty registry.

    In --store DIR, else DSPYREG_STORE, else .dspyreg in the working directory. One that is
    there already stays as it is; with --shared, its files become writable for its group. A
    preset is a configuration to begin with, put in force as `config apply` would.
    """
    from dspyreg.registry.open import create_registry

    session = Session.of(ctx)
    result = create_registry(
        session.option("store"),
        preset=preset,
        actor=session.option("actor"),
        allow_network=bool(session.option("allow_network_fs")),
        shared=shared,
    )
    state = "was made" if result.is_new else "is there"
    session.show(result, done=f"the registry {result.store} {state}")
    session.tell("ready: `dspyreg register NAME FILE`" if result.is_new else "already: it is there")
    if preset is not None:
        session.tell(f"preset {preset} is in force; `dspyreg config show` shows it")


@app.command("verify")
def verify(
    ctx: params.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Mend nothing.")] = False,
) -> None:
    """Check every byte; mend what can be rebuilt.

    Rehashes all blobs, walks the chain of the log, compares index and refs with it. Exit code 6
    if something is damaged or lost.
    """
    session = Session.of(ctx)
    report = session.registry.verify(repair=not dry_run)
    session.show(report)
    raise typer.Exit(0 if report.ok else 6)


@app.command("gc")
def gc(
    ctx: params.Context,
    grace: Annotated[
        str, typer.Option("--grace", metavar="TIME", help="Younger bytes stay.")
    ] = "24h",
    undo_window: Annotated[
        str, typer.Option("--undo-window", metavar="TIME", help="What can be undone stays.")
    ] = "90d",
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
    operation_id: params.OperationId = None,
) -> None:
    """Delete the bytes of versions that are gone.

    Those are versions whose registration was undone, and what dead writers left behind. This
    cannot be undone.
    """
    session = Session.of(ctx)
    collect = partial(session.registry.gc, grace=grace, undo_window=undo_window)
    if not dry_run:
        session.confirm(
            "delete that",
            yes=yes,
            preview=lambda: session.tell_result(collect(dry_run=True)),
        )
    swept = collect(dry_run=dry_run, operation_id=operation_id)
    session.show(swept)
    session.tell_all(swept.notices)


@app.command("completion")
def completion(
    ctx: params.Context,
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> None:
    """Print the completion script of a shell.

    bash: source it in ~/.bashrc. zsh: save it as _dspyreg in a directory of $fpath. fish: save
    it as ~/.config/fish/completions/dspyreg.fish.
    """
    from dspyreg.cli.completions import script

    if Session.of(ctx).wants_json:
        raise UsageError("completion-has-no-json")
    with answering():
        typer.echo(script(shell), nl=False)
