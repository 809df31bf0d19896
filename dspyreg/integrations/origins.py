"""What was loaded from where: the program itself carries it, and so do its copies."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import NotFound
from dspyreg.model.selector import Selector

if TYPE_CHECKING:
    from dspyreg.registry.facade.registry import Registry

_KEPT: Final = "_dspyreg_provenance"
_PLACES: Final[dict[str, str]] = {}  # of registries, by id, that this process loaded from


class Provenance(NamedTuple):
    """Where a program's state came from: what was asked for, and the version that it meant.

    ``where`` is the place of the registry; None in a process that did not load from it itself.
    """

    selector: str
    program: str
    label: str
    digest: str
    registry: str
    where: str | None


def remember(program: Any, origin: Provenance) -> None:
    """Keep where a program was loaded from; the last load counts.

    A plain value in an attribute: every way to copy a program takes it along, and a pickle of the
    program can be read where there is no dspyreg. The place of the registry is not kept in it: it
    tells of one machine, and a program that is saved whole goes to others.
    """
    if origin.where is not None:
        _PLACES[origin.registry] = origin.where
    vars(program)[_KEPT] = origin._replace(where=None)._asdict()


def provenance(program: Any) -> Provenance | None:
    """Return where a program, or what it was copied or compiled from, was loaded from: selector,
    program, label, digest, and the registry's id and place. None if nothing was loaded into it.
    """
    kept = getattr(program, "__dict__", {}).get(_KEPT)
    if not isinstance(kept, dict):
        return None
    return Provenance(**{**kept, "where": _PLACES.get(kept["registry"])})


def parent(program: Any, registry: Registry, name: str) -> str | None:
    """Return the label, in a registry and under a name, of the version that a program was loaded
    from; None if it came from nowhere or from somewhere else, or that version is gone.
    """
    origin = provenance(program)
    if origin is None or (origin.registry, origin.program) != (registry.registry_id, name):
        return None
    with suppress(NotFound):
        return registry.show(str(Selector(name, "digest", origin.digest))).label
    return None
