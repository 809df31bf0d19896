"""``trust``."""

from typing import TYPE_CHECKING, Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session
from dspyreg.cli.streams import is_interactive, talk
from dspyreg.render.known import render

if TYPE_CHECKING:
    from dspyreg.registry.transaction.trust import TrustReport

app = typer.Typer()


@app.command("trust")
def trust(
    ctx: params.Context,
    place: Annotated[
        bool,
        typer.Option(
            "--place", help="Use a store of another user where it is found; run nothing of it."
        ),
    ] = False,
    yes: params.Yes = False,
    dry_run: params.DryRun = False,
) -> None:
    """Let the commands of a registry run as you.

    Shows what its configuration can start (hooks, and commands of policies) and asks. Until you
    say so, none of it runs here; other commands than those you have seen ask again. A store of
    another user that you name with --store is also used, from now on, where it is found. Kept in
    known_registries in your configuration directory; for one run, say --trust DIGEST or set
    DSPYREG_TRUST.
    """
    session = Session.of(ctx)
    report = session.registry.trust_report()
    question = report.question(place_only=place)
    if question is not None and not dry_run:
        session.confirm(question, yes=yes, preview=lambda: _preview(session, report))
    trusted = session.registry.trust(report.digest, place_only=place, dry_run=dry_run)
    session.show(trusted)
    session.tell_all(trusted.notices)


def _preview(session: Session, report: "TrustReport") -> None:
    """Show the commands before the question; on a terminal with --quiet and --json as well."""
    if is_interactive():
        talk(render(report, "plain"))
    else:
        session.tell_result(report)
