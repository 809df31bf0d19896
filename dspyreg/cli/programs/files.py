"""``checkout`` ``cat``."""

from pathlib import Path
from typing import Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session
from dspyreg.errors import UsageError

app = typer.Typer()

Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="DIR",
        help="The directory; or a file, for a version of one file.",
        readable=False,
        show_default=False,
    ),
]


@app.command("checkout")
def checkout(
    ctx: params.Context,
    selector: params.Selector,
    output: Output = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files with other content.")
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Let -o be a symbolic link, moved in one step.")
    ] = False,
    yes: params.Yes = False,
    at: params.At = None,
) -> None:
    """Write a version's files below a directory.

    Byte for byte as they were registered, checked against their digests; by default below
    PROGRAM-LABEL in the working directory. A directory that a checkout made is replaced as a
    whole. With --link the files come into a hidden directory beside the link.
    """
    session = Session.of(ctx)
    checkout = session.registry.prepare_checkout(selector, output, at=at, link=link)
    if force:
        session.confirm(
            "replace files in the way",
            yes=yes,
            preview=lambda: session.tell_all(
                f"{path} would be replaced" for path in checkout.in_the_way()
            ),
        )
    checked_out = checkout.carry_out(force=force)
    session.show(checked_out, done=f"the files are in {checked_out.path}")
    session.tell_notices(selector, at)


@app.command("cat")
def cat(
    ctx: params.Context,
    selector: params.Selector,
    path: Annotated[
        str | None, typer.Option("--path", metavar="FILE", help="Which file, if several.")
    ] = None,
    at: params.At = None,
) -> None:
    """Write one file of a version to standard output.

    All of it is checked against its digest before the first byte is written.
    """
    session = Session.of(ctx)
    if session.wants_json:
        raise UsageError("cat-has-no-json")
    with session.registry.opened(selector, path, at=at) as file:
        session.pour(file)
    session.tell_notices(selector, at)
