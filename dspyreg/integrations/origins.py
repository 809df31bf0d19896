"""The version that a program was loaded from: an attribute of the program and of its copies."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import NotFound
from dspyreg.model.selector import Selector

if TYPE_CHECKING:
    from dspyreg.registry.facade.registry import Registry

_ATTRIBUTE: Final = "_dspyreg_provenance"
_LOCATIONS: Final[dict[str, str]] = {}  # of the registries that this process loaded from, by id


class Provenance(NamedTuple):
    """The origin of a program's state: the selector, and the version that it meant.

    ``where`` is the location of the registry; None in a process that did not load from it itself.
    """

    selector: str
    program: str
    label: str
    digest: str
    registry: str
    where: str | None


def remember(program: Any, origin: Provenance) -> None:
    """Record the origin of a program; the last load counts.

    It is a plain value in an attribute: every copy of the program has it, and a pickle of the
    program can be read without dspyreg. The location of the registry is not part of it, because a
    program that is saved whole goes to other machines.
    """
    if origin.where is not None:
        _LOCATIONS[origin.registry] = origin.where
    vars(program)[_ATTRIBUTE] = origin._replace(where=None)._asdict()


def provenance(program: Any) -> Provenance | None:
    """Return the version that a program, or the one it was copied or compiled from, was loaded
    from: selector, program, label, digest, and the registry's id and location. None if nothing was
    loaded into it.
    """
    origin = getattr(program, "__dict__", {}).get(_ATTRIBUTE)
    if not isinstance(origin, dict):
        return None
    return Provenance(**{**origin, "where": _LOCATIONS.get(origin["registry"])})


def parent(program: Any, registry: Registry, name: str) -> str | None:
    """Return the label, in a registry and under a name, of the version that a program was loaded
    from; None if there is no such version.
    """
    origin = provenance(program)
    if origin is None or (origin.registry, origin.program) != (registry.registry_id, name):
        return None
    with suppress(NotFound):
        return registry.show(str(Selector(name, "digest", origin.digest))).label
    return None
