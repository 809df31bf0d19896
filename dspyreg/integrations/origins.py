"""What was loaded from where, for as long as the program lives."""

from __future__ import annotations

import weakref
from typing import Any, NamedTuple


class Provenance(NamedTuple):
    """Where a program's state came from: what was asked for, and the version that it meant."""

    selector: str
    program: str
    label: str
    digest: str
    registry: str
    where: str


# By id, because a program may compare or hash as it likes.
_ORIGINS: dict[int, tuple[weakref.ref[Any], Provenance]] = {}


def remember(program: Any, origin: Provenance) -> None:
    """Keep where a program was loaded from; the last load counts."""
    key = id(program)
    _ORIGINS[key] = weakref.ref(program, lambda _: _ORIGINS.pop(key, None) and None), origin


def provenance(program: Any) -> Provenance | None:
    """Return where a program was loaded from: selector, program, label, digest, and the
    registry's id and place. None if nothing was loaded into it.
    """
    known = _ORIGINS.get(id(program))
    return known[1] if known is not None and known[0]() is program else None
