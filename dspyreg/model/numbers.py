"""How much two numbers may differ and still be the same."""

from __future__ import annotations

from typing import Final

TOLERANCE: Final = 1e-9
