"""Write a small registry of the present format, to be frozen and readable forever.

    python tests/golden/make_registry.py tests/golden/registries/format-N

Run once for each format, when it is new. What it wrote is never made again: digests, ids and
bytes in tests/golden/test_registries.py are those of the one run.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location
from dspyreg.errors import Refused
from dspyreg.registry.context import Caller, Context
from dspyreg.registry.facade.registry import Registry

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
CONFIGURATION = """\
format: 1
environments:
  production: {auto_deploy: true}
  eu: {rung: production, protected: true}
metrics: {primary: em}
"""


def make(directory: Path) -> None:
    """Write a short history of two programs."""
    minutes = count()
    local.create_store(Location.of(directory))
    with (
        tempfile.TemporaryDirectory() as scratch,
        Registry(
            Context(
                local.open_store(Location.of(directory)),
                Caller(
                    "ada",
                    origin=lambda: {"host": "build-7", "git": "1f" * 20},
                    provenance=lambda: {"python": "3.11.7", "dirty": False},
                ),
                clock=lambda: NOON + timedelta(minutes=next(minutes)),
                caches=[directory / "index.sqlite"],
            )
        ) as registry,
    ):
        play(registry, Path(scratch))
    (directory / "index.sqlite").unlink()


def play(registry: Registry, scratch: Path) -> None:
    """Use every kind of log name, every operation, and every kind of blob."""

    def file(text: str) -> Path:
        path = scratch / "program.json"
        path.write_text(text)
        return path

    meta = {"optimizer": "MIPROv2", "größe": [1, 2.5, None]}
    registry.register(
        "qa",
        file('{"v": 1}'),
        metrics={"em": 0.81},
        tags=["nightly build"],
        metadata=meta,
        any_file=True,
    )
    more = {"em": 0.84, "cost": 3}
    registry.register("qa", file('{"v": 2}'), metrics=more, changelog="shorter", any_file=True)
    registry.apply(CONFIGURATION, reason="two regions")
    for rung in ("staging", "production"):
        registry.promote("qa@1.0.0", to=rung)
    registry.promote("qa@1.0.1")
    registry.promote("qa", to="production", reason="better " * 1000)
    registry.deploy("qa@1.0.1", environment="eu")
    registry.rollback("qa", environment="production", reason="high error rate")
    registry.undo()
    registry.redo()
    with suppress(Refused):
        registry.promote("qa@1.0.1", to="staging")
    directory = scratch / "summarize"
    (directory / "modules").mkdir(parents=True)
    (directory / "metadata.json").write_text("{}")
    (directory / "modules" / "é.json").write_text("[]")
    registry.register("summarize", directory, version="0.1.0-rc.1", any_file=True)
    registry.archive("summarize@0.1.0-rc.1", reason="only a trial")
    registry.register("summarize", file('{"gone": true}'), version="0.2.0", any_file=True)
    registry.undo()
    registry.gc(grace=timedelta(0), undo_window=timedelta(0))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
