"""SemVer labels: validity, order, bumps and ranges. The one door to ``semver``.

A *rank* is a text that sorts as SemVer precedence does, so that a database can order labels.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dspyreg.errors import UsageError

if TYPE_CHECKING:
    from semver import Version as SemVer

LONGEST: Final = 128
BUMPS: Final = ("major", "minor", "patch")
FIRST: Final = "1.0.0"
_ANY = r"(?!-)[A-Za-z0-9._+-]+"  # with a dash first it would be an option
_CLAUSE = r"(\^|~|>=|<=|>|<|=)\s*(\d+)(?:\.(\d+))?(?:\.(\d+)([-+][0-9A-Za-z.+-]+)?)?"
_PLAIN = r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
_RELEASE = "~"


def semantic(text: str) -> str:
    """Return the label if it is SemVer 2.0.0, or raise ``UsageError``."""
    if len(text) > LONGEST or _parse(text) is None:
        bare = text.removeprefix("v")
        if bare != text and len(bare) <= LONGEST and _parse(bare) is not None:
            raise UsageError("label-not-semver", hint="label-without-v", text=text[:60], bare=bare)
        raise UsageError("label-not-semver", text=text[:60])
    return text


def any_form(text: str) -> str:
    """Return a label of letters, digits, ``._+-``, or raise ``UsageError``."""
    if len(text) > LONGEST or re.fullmatch(_ANY, text) is None:
        raise UsageError("label-invalid", text=text[:60])
    return text


@lru_cache(4096)
def rank(text: str) -> str | None:
    """Return the label's rank; None if it is not SemVer."""
    plain = re.fullmatch(_PLAIN, text)
    if plain is not None:  # most labels are plain, and need no import of semver
        return _core(*plain.groups()) + _RELEASE
    version = _parse(text)
    if version is None:
        return None
    core = _core(version.major, version.minor, version.patch)
    if version.prerelease is None:
        return core + _RELEASE
    return core + "!" + "!".join(_identifier(word) for word in version.prerelease.split("."))


def is_release(rank: str) -> bool:
    """Return whether a rank is that of a release, not of a prerelease."""
    return rank.endswith(_RELEASE)


def bump(text: str, level: str) -> str | None:
    """Return the next label of a level; None if the label is not SemVer."""
    version = _parse(text)
    if version is None:
        return None
    if level == "major":
        return str(version.bump_major())
    return str(version.bump_minor() if level == "minor" else version.bump_patch())


def level_between(old: str | None, new: str) -> str | None:
    """Return the level of the step from one label to another; None unless both are SemVer."""
    a, b = _parse(old) if old else None, _parse(new)
    if a is None or b is None:
        return None
    if a.major != b.major:
        return "major"
    return "minor" if a.minor != b.minor else "patch"


class Range:
    """A set of labels: bounds on rank, and the cores whose prereleases it names."""

    def __init__(
        self, text: str, bounds: tuple[tuple[str, str], ...], prereleases: frozenset[str]
    ) -> None:
        self.text = text
        self._bounds, self._prereleases = bounds, prereleases

    def holds(self, rank: str) -> bool:
        """Return whether a label of this rank is in the range."""
        if not is_release(rank) and rank.partition("!")[0] not in self._prereleases:
            return False
        return all(_ORDER[sign](rank, bound) for sign, bound in self._bounds)


_ORDER: Final = {
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
}


def range_of(text: str) -> Range:
    """Return the range of ``^1.2``, ``~1.2`` or ``>=1.0,<2``. Raises ``UsageError``."""
    bounds: list[tuple[str, str]] = []
    named: set[str] = set()
    for clause in text.split(","):
        match = re.fullmatch(_CLAUSE, clause.strip())
        if match is None or len(text) > LONGEST:
            raise UsageError("range-invalid", text=text[:60])
        low = _bound(match)
        if not is_release(low):
            named.add(low.partition("!")[0])
        bounds += _bounds(match, low)
    return Range(text, tuple(bounds), frozenset(named))


def _bounds(match: re.Match[str], low: str) -> list[tuple[str, str]]:
    sign, major, minor, patch = match[1], int(match[2]), match[3], match[4]
    full = patch is not None
    if sign == "^":
        return [(">=", _floor(low, full=full)), ("<", _caret(major, minor, patch))]
    if sign == "~" or (sign == "=" and not full):
        return [(">=", _floor(low, full=full)), ("<", _after(major, minor))]
    if sign == "=":
        return [(">=", low), ("<=", low)]
    if full:
        return [(sign, low)]
    if sign in {">", "<="}:  # >1.2 excludes every 1.2.x, <=1.2 includes them
        return [(">=" if sign == ">" else "<", _after(major, minor))]
    return [(sign, _floor(low, full=False))]


def _bound(match: re.Match[str]) -> str:
    text = f"{match[2]}.{match[3] or 0}.{match[4] or 0}{match[5] or ''}"
    bound = rank(text)
    if bound is None:
        raise UsageError("range-invalid", hint="range-bound", text=match[0], bound=text)
    return bound


def _floor(low: str, *, full: bool) -> str:
    return low if full else low.removesuffix(_RELEASE)


def _core(major: int | str, minor: int | str, patch: int | str) -> str:
    return "".join(_number(str(n)) for n in (major, minor, patch))


def _after(major: int, minor: str | None) -> str:
    return _core(major + 1, 0, 0) if minor is None else _core(major, int(minor) + 1, 0)


def _caret(major: int, minor: str | None, patch: str | None) -> str:
    if major or minor is None:
        return _core(major + 1, 0, 0)
    if int(minor) or patch is None:
        return _core(0, int(minor) + 1, 0)
    return _core(0, 0, int(patch) + 1)


def _parse(text: str) -> SemVer | None:
    from semver import Version as SemVer

    try:
        return SemVer.parse(text)
    except ValueError:
        return None


def _number(digits: str) -> str:
    return f"{len(digits):03d}{digits}"


def _identifier(word: str) -> str:
    return "0" + _number(word) if word.isdecimal() else "1" + word
