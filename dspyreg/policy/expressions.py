"""Demands in one line: a name, a comparison and a number, as in ``accuracy >= 0.85``."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from dspyreg.errors import UsageError
from dspyreg.model import names
from dspyreg.policy.forms import number, text
from dspyreg.policy.quantities import NUMBER

COMPARISONS: Final = (">=", "<=", "==", ">", "<")
_SIGNS: Final = r"[<>=]+"
NAME_PATTERN: Final = r"^[^<>=]*[^<>=\s][^<>=]*"
COMPARISON_PATTERN: Final = r"(>=|<=|==|>|<)\s*"
DIGITS_PATTERN: Final = r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
_LONGEST_SHOWN: Final = 60


class Expression(NamedTuple):
    """The parts of a demand; ``digits`` as they are written, with their sign."""

    name: str
    comparison: str
    digits: str
    is_percent: bool

    @property
    def number(self) -> float:
        """The number; never -0.0."""
        return float(self.digits) + 0.0


def is_compared(line: str) -> bool:
    """Return whether a line has a comparison in it."""
    return re.search(_SIGNS, line) is not None


def parse(line: str, example: str) -> Expression:
    """Return the parts of a demand. Raises ``UsageError``, with the example in its hint."""
    facts: dict[str, Any] = {"comparisons": " ".join(COMPARISONS), "example": example}
    signs = re.search(_SIGNS, line)
    if signs is None:
        raise UsageError("demand-without-comparison", text=_short(line), **facts)
    if signs[0] not in COMPARISONS:
        raise UsageError("comparison-unknown", text=_short(signs[0]), **facts)
    digits = line[signs.end() :].strip()
    percent = digits.endswith("%")
    digits = digits.removesuffix("%").rstrip()
    if not re.fullmatch(rf"[+-]?{NUMBER}", digits) or math.isinf(float(digits)):
        raise UsageError("demand-without-number", text=_short(digits), **facts)
    name = names.word("metric", line[: signs.start()].strip())
    return Expression(name, signs[0], digits, percent)


def members_of(members: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Return those members of a JSON object that are fields of a demand: a name, a comparison and
    a number. Raises ``ValueError``, ``KeyError`` and the like.
    """
    name, comparison, value = fields[:3]
    if members[comparison] not in COMPARISONS:
        raise ValueError(members[comparison])
    text(members[name])
    number(members[value])
    return {field: members[field] for field in fields}


def _short(part: str) -> str:
    fits = len(part) <= _LONGEST_SHOWN and part.isprintable()
    return f"`{part}`" if fits else ascii(part[:_LONGEST_SHOWN])
