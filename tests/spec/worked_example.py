"""The registry shown in docs/reference/format.md, made by the current code.

Run as a program it prints the files as the page shows them.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from unittest import mock

from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location
from dspyreg.registry import context
from dspyreg.registry.context import Caller, Context
from dspyreg.registry.facade.registry import Registry

DRAWN = "3f9c2a71b4d85e06a7c1f230"
OPERATIONS = ("a1b2c3d4e5f60718", "0f1e2d3c4b5a6978", "7766554433221100")
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
PROGRAM = (
    b'{"predict":{"demos":[],"signature":{"instructions":"Answer the question.","fields":[]}}}'
)


def make(directory: Path) -> None:
    """Make the registry in a directory: a registration, a promotion, and its undo."""
    minutes, operations = count(), iter(OPERATIONS)

    def identity() -> str:
        return DRAWN + local._check(DRAWN)

    def operation() -> str:
        return next(operations)

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(local, "new_identity", identity))
        stack.enter_context(mock.patch.object(context, "new_operation_id", operation))
        elsewhere = stack.enter_context(tempfile.TemporaryDirectory())
        local.create_store(Location.of(directory))
        file = Path(elsewhere) / "program.json"
        file.write_bytes(PROGRAM)
        registered = Context(
            local.open_store(Location.of(directory)),
            Caller("ada", origin=lambda: {"host": "build-7"}),
            clock=lambda: NOON + timedelta(minutes=next(minutes)),
            caches=[directory / "index.sqlite"],
        )
        with Registry(registered) as registry:
            registry.register("qa", file, metrics={"em": 0.81}, tags=["nightly build"])
            registry.promote("qa@1.0.0", reason="passes the smoke tests")
            registry.undo()


def files(directory: Path) -> dict[str, bytes]:
    """Return the files that make the registry: neither the index nor the note of what is synced."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.name.startswith(("index.sqlite", "synced"))
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        store = Path(scratch) / "store"
        make(store)
        for name, data in files(store).items():
            sys.stdout.write(
                f"```text .dspyreg/{name}\n{data.decode().removesuffix(chr(10))}\n```\n\n"
            )
