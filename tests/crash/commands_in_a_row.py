"""A child that runs commands, each in its own directory, and reports how each ended.

Reads a list of ``[directory, words]`` from standard input; writes a line of JSON for each. If it
hangs, then at the command after the last line.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper


def main() -> None:
    """Run every command."""
    from dspyreg.cli.app import main as dspyreg

    answers = sys.stdout
    for directory, words in json.load(sys.stdin):
        os.chdir(directory)
        out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
        status: object = None
        with redirect_stdout(out), redirect_stderr(err):
            try:
                dspyreg(words)
            except SystemExit as done:
                status = done.code
        told = err.buffer.getvalue().decode()
        answers.write(json.dumps([status, told]) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
