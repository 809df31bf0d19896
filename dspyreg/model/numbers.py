"""Limits of numbers: the tolerance of comparisons, and the largest integer."""

from __future__ import annotations

from typing import Final

TOLERANCE: Final = 1e-9
LARGEST: Final = 2**53  # the last whole number that every reader of JSON understands
