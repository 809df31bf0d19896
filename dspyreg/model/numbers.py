"""How much two numbers may differ and still be the same, and how large a number may be."""

from __future__ import annotations

from typing import Final

TOLERANCE: Final = 1e-9
LARGEST: Final = 2**53  # the last whole number that every reader of JSON understands
