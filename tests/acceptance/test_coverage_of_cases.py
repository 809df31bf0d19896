"""Every case has a test."""

from __future__ import annotations

import re
from pathlib import Path

NUMBERS = {
    "a": (1, 3, 4, 6, 9, 11, 12, 14, 16, 19, 20, 22, 23, 30),
    "b": (1, 3, 5, 7, 9),
    "c": (1, 2, 3, 4, 7, 10, 11, 12, 14, 15, 18, 20, 21, 23, 25, 28),
    "d": (1, 2, 4, 7, 10, 11, 13, 14, 16, 20, 22, 24, 25),
    "e": (1, 2, 3, 5, 6, 7, 12, 13, 14, 17, 18, 20, 21, 22, 23, 24, 25, 27, 28),
    "f": (1, 2, 3, 5, 6, 7, 8, 10, 12, 13, 15, 16, 17),
    "g": (1, 3, 5, 6, 9, 11, 12, 14, 15, 19, 21, 22, 26),
    "h": (1, 2, 3, 7, 8, 9, 10, 11, 12),
    "j": (8, 12, 13),
    "l": (1, 2),
}
CASES = frozenset(f"{group}{nth:02}" for group, all_ in NUMBERS.items() for nth in all_)


def test_every_case_has_a_test_named_after_its_id():
    found = set()
    for file in Path(__file__).parent.glob("test_?_*.py"):
        found |= set(re.findall(r"^def test_([a-z]\d\d)_", file.read_text(), re.MULTILINE))
    assert found == CASES
