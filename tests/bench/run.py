"""The bench: ``python tests/bench/run.py [NAME…]`` measures every promise about speed.

It installs the package into an environment of its own, makes stores through the public API, and
prints each target beside its floor. All of it is in a temporary directory (about 17 GiB), which
goes when it is done; TMPDIR says where. Nothing else is written.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ground import Ground
from rows import ROWS

if TYPE_CHECKING:
    from rows import Row

HEAD = ("what", "target", "floor", "measured", "ratio", "")


def main() -> int:
    """Measure the groups that are named, all by default; 0 if every target is met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=" · ".join(ROWS))
    names = parser.parse_args().names or list(ROWS)
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        parser.error(f"no group {unknown[0]!r}; there are {', '.join(ROWS)}")
    with tempfile.TemporaryDirectory(prefix="dspyreg-bench-") as directory:
        return measure(Ground(Path(directory)), names)


def measure(ground: Ground, names: list[str]) -> int:
    """Measure groups and print their rows, each as soon as it is known."""
    show(HEAD)
    missed = 0
    for name in names:
        for row in ROWS[name](ground):
            show(cells(row))
            missed += not row.met
    print(f"{missed} missed" if missed else "all met")
    return 1 if missed else 0


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as texts."""
    verdict = "met" if row.met else "MISSED"
    return row.name, row.target, row.floor, row.measured, f"{row.ratio:.2f}", verdict


def show(texts: tuple[str, ...]) -> None:
    """Print one line of the table."""
    widths = (30, 32, 46, 13, 7, 6)
    print("".join(f"{text:<{width}}" for text, width in zip(texts, widths, strict=True)).rstrip())
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
