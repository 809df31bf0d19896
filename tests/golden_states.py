"""Small states as DSPy wrote them, in ``tests/golden/formats``.

The letter that a name begins with is the family. All were written by DSPy 2.4.17 (A), 2.5.30
(B, see ``make_old_states.py``), 2.5.43 (C), 2.6.27 and 3.4.1 (D), but for three that are made up
after what there is in public: ``z-keyed``, ``d-flex`` and ``d-nan``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dspyreg.formats.known import read

if TYPE_CHECKING:
    from dspyreg.formats.normal import Predictor, Program

FOLDER = Path(__file__).parent / "golden" / "formats"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def data(name: str) -> bytes:
    """Return the bytes of a state."""
    return (FOLDER / f"{name}.json").read_bytes()


def state(name: str) -> Any:
    """Return the JSON of a state."""
    return json.loads(data(name))


def program(name: str) -> Program:
    """Return the program of a state."""
    return read(data(name))


def only(name: str) -> Predictor:
    """Return the one predictor of a state."""
    [predictor] = program(name).predictors
    return predictor


def program_of(value: Any) -> Program:
    """Return the program of the JSON of a state."""
    return read(json.dumps(value).encode())
