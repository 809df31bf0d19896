"""``history`` ``trends`` ``compare`` ``plan``."""

from typing import Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session

app = typer.Typer()

_VERSION = "A version: qa@1.1.0, qa@production, qa@#3 …"
A = Annotated[str, typer.Argument(metavar="A", help=_VERSION, show_default=False)]
B = Annotated[str, typer.Argument(metavar="B", help="The same.", show_default=False)]
_SINCE = "Only since then: a duration such as 30d, a date or a time."


@app.command("history")
def history(
    ctx: params.Context,
    program: params.Program,
    metric: Annotated[
        str | None, typer.Option("--metric", metavar="NAME", help="Not the score, but this metric.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="WHEN", help=_SINCE)] = None,
    interval: Annotated[
        str | None, typer.Option("--interval", metavar="INTERVAL", help="day: averages by day.")
    ] = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit",
            metavar="NUMBER",
            parser=params.from_1,
            help="At most so many versions or measurements, the newest.",
        ),
    ] = 1000,
    plot: Annotated[bool, typer.Option("--plot", help="Draw it.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values.")] = False,
    at: params.At = None,
) -> None:
    """Show what was measured of a program's versions.

    Without --metric the score of each version, by number; with it every value of that metric,
    oldest first. Days are those of UTC.
    """
    session = Session.of(ctx)
    measurements = session.registry.history(
        program, metric=metric, since=since, interval=interval, limit=limit, at=at
    )
    session.show(measurements, "csv" if csv else None, plot=plot)
    session.tell_all(measurements.notices)


@app.command("trends")
def trends(
    ctx: params.Context,
    program: params.Program,
    since: Annotated[str, typer.Option("--since", metavar="WHEN", help=_SINCE)] = "90d",
    at: params.At = None,
) -> None:
    """Show which way each metric of a program goes.

    Its newest value, whether it is improving, declining or stable, and how many percent it
    differs from the average of the day 30 days ago.
    """
    session = Session.of(ctx)
    trends = session.registry.trends(program, since=since, at=at)
    session.show(trends)
    session.tell_all(trends.notices)


@app.command("compare")
def compare(
    ctx: params.Context,
    a: A,
    b: B,
    md: params.Markdown = False,
    whole: params.Whole = False,
    at: params.At = None,
) -> None:
    """Say which of two versions is better.

    By the primary metric, where less than metrics.tie is a tie; without one the one that is
    better in something and worse in nothing. And what differs in their configuration.
    """
    session = Session.of(ctx)
    comparison = session.registry.compare(a, b, at=at)
    session.show(comparison, "md" if md else None, whole=whole)
    session.tell_all(comparison.verdict.notices)


@app.command("plan")
def plan(
    ctx: params.Context,
    selector: params.Selector,
    env: params.Environment = None,
    at: params.At = None,
) -> None:
    """Say what deploying a version would come to.

    Exit code 1 if it is not safe: if the score drops, a contract breaks, or the stage or a policy
    stands in the way. Nothing is written. A command that a policy names is run, if you trust it:
    see `dspyreg trust`.
    """
    session = Session.of(ctx)
    plan = session.registry.plan(selector, environment=env, at=at)
    session.show(plan)
    raise typer.Exit(0 if plan.deployment_safe else 1)
