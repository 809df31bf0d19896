"""``convert``."""

from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from dspyreg.cli import params
from dspyreg.cli.session import Session

app = typer.Typer()


@app.command("convert")
def convert(
    ctx: params.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A state that some DSPy saved.",
            readable=False,
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write it; standard output otherwise.",
            readable=False,
            show_default=False,
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file with other content.")
    ] = False,
    allow_pickle: params.AllowPickle = False,
    yes: params.Yes = False,
) -> None:
    """Write an old state as today's DSPy loads it.

    What its family did not keep, no conversion can add, and standard error says what that is.
    No registry is needed, and none is changed.
    """
    from dspyreg.registry.artifacts import convert

    session = Session.of(ctx)
    found = convert.converted(file, output, allow_pickle=allow_pickle)
    if force and output is not None:
        session.confirm(
            "replace a file in the way",
            yes=yes,
            preview=lambda: session.tell_all(convert.replaced(found)),
        )
    convert.write(found, force=force)
    if output is None and not session.wants_json:
        session.pour(BytesIO(found.text.encode()))
    else:
        session.show(found, done=None if output is None else f"{output} was written")
    for notice in found.notices:
        session.tell(notice)
