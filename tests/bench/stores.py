"""Stores to measure, made through the public API: ``python stores.py DIRECTORY VERSIONS ENTRIES``.

Most versions belong to one program, some to others. The life of a version: it is registered with
measurements and a tag, comes to staging, perhaps to production; staging is moved to and fro, and
now and then production is rolled back. The last versions stay in development, and the last
releases are not taken back, so that there is something to promote and to roll back.
"""

from __future__ import annotations

import json
import os
import sys
from itertools import count
from pathlib import Path

import dspyreg

PROGRAM = "qa"
OTHERS = tuple(f"other-{nth}" for nth in range(10))
UNPROMOTED = 200
RELEASES_IN_A_ROW = 60


class Maker:
    """Fills one registry."""

    def __init__(self, directory: Path, versions: int, entries: int) -> None:
        dspyreg.init(directory)
        self.registry = dspyreg.open(directory, actor="ada", tell=print)
        self.file = directory.with_suffix(".program.json")
        self.versions, self.entries = versions, entries
        self.written = 0
        self.contents = count(1)

    def register(self, program: str) -> int:
        """Register a version and return its number."""
        nth = next(self.contents)
        state = {"predict": {"demos": [{"question": f"{nth}?", "answer": str(nth)}], "lm": None}}
        self.file.write_text(json.dumps(state))
        metrics = {"em": nth % 1000 / 1000, "latency_ms": 100.0 + nth % 50}
        entry = self.registry.register(program, self.file, metrics=metrics, tags=["nightly"]).entry
        self.written += 1
        assert entry is not None
        return int(next(c.new for c in entry.changes if c.name.endswith("/number")))

    def promote(self, program: str, number: int, rung: str = "staging") -> None:
        """Move a version up to a rung."""
        self.registry.promote(f"{program}@#{number}", to=rung, reason="better on the dev set")
        self.written += 1

    def deploy(self, program: str, number: int) -> None:
        """Point staging at a version."""
        self.registry.deploy(f"{program}@#{number}", environment="staging")
        self.written += 1

    def rollback(self, program: str) -> None:
        """Take production back."""
        self.registry.rollback(program, environment="production", reason="high error rate")
        self.written += 1

    def fill(self) -> None:
        """Make the versions of every program, and move them until there are enough entries."""
        small = max(self.versions // 100, 3)
        for program in OTHERS:
            self.release(program, [self.register(program) for _ in range(small)])
        mine = [self.register(PROGRAM) for _ in range(self.versions - small * len(OTHERS))]
        last = mine[-min(UNPROMOTED, len(mine) // 3) :]
        self.release(PROGRAM, mine[: -len(last)], reserve=RELEASES_IN_A_ROW * 2)
        self.registry.close()

    def release(self, program: str, numbers: list[int], reserve: int = 0) -> None:
        """Promote versions; every second to production, where every twentieth fails."""
        late = numbers[-min(RELEASES_IN_A_ROW, len(numbers) // 2) :]
        early = numbers[: -len(late)]
        for nth, number in enumerate(early):
            self.promote(program, number)
            if nth % 2:
                self.promote(program, number, "production")
            if nth % 20 == 19:
                self.rollback(program)
        while reserve and self.written + reserve < self.entries:
            self.deploy(program, early[self.written * 7 % (len(early) // 2) * 2])
        for number in late:
            self.promote(program, number)
            self.promote(program, number, "production")


if __name__ == "__main__":
    os.chdir(Path(sys.argv[1]).parent)
    Maker(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])).fill()
