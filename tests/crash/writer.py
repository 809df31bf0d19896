"""A writer to be killed: changes a shared store until then, and notes acknowledged entries.

Run as ``python writer.py STORE NOTES SEED``. A note is a line, in the notes before anything else
is done; a kill cannot take it back.
"""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import dspyreg

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

EXPECTED = (dspyreg.Refused, dspyreg.Conflict, dspyreg.NotFound, dspyreg.UsageError)


def main(store: str, notes: str, seed: str) -> None:
    """Work until killed."""
    draw = random.Random(seed)
    file = os.open(notes, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    program = Path(notes).with_suffix(".json")
    with dspyreg.open(store, actor=seed) as registry:
        while True:
            for text in attempt(registry, draw, program):
                os.write(file, f"{text}\n".encode())


def attempt(registry: Registry, draw: random.Random, program: Path) -> list[str]:
    """Run one operation; return what the registry reported."""
    try:
        outcome = draw.choice(WORK)(registry, draw, program)
    except EXPECTED:
        return []
    except Exception as error:
        return [f"unexpected {type(error).__name__}: {error}".replace("\n", " ")]
    return [f"{entry.seq} {entry.id}" for entry in outcome.entries]


def register(registry: Registry, draw: random.Random, program: Path) -> Outcome:
    """Register a new version of a program that others write too."""
    signature = {"instructions": str(draw.getrandbits(64)), "fields": []}
    program.write_text(json.dumps({"demos": [], "signature": signature}))
    return registry.register(draw.choice(["qa", "qa", registry.actor]), program)


def promote(registry: Registry, draw: random.Random, _: Path) -> Outcome:
    """Promote one of the newest versions."""
    stage, rung = draw.choice([("development", "staging"), ("staging", "production")])
    return registry.promote(f"qa@stage:{stage}", to=rung)


def rollback(registry: Registry, _: random.Random, __: Path) -> Outcome:
    """Roll production back."""
    return registry.rollback("qa", reason="a test")


def undo(registry: Registry, _: random.Random, __: Path) -> Outcome:
    """Undo the newest entry of any actor."""
    [newest] = registry.log(limit=1) or [None]
    return registry.undo(newest and newest.seq)


WORK: list[Callable[[Registry, random.Random, Path], Outcome]] = [
    register,
    register,
    promote,
    promote,
    rollback,
    undo,
]

if __name__ == "__main__":
    main(*sys.argv[1:])
