"""The saved state of a version: which of its files it is, and what it says."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dspyreg.compare.contract import CAPTURED, Contract
from dspyreg.errors import Conflict, Corrupt, Refused, UsageError
from dspyreg.formats import known
from dspyreg.formats.document import NotAState
from dspyreg.model.document import RUN, main_path
from dspyreg.model.selector import Selector
from dspyreg.registry.facade.registry import Registry
from dspyreg.registry.open import open_registry

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from dspyreg.formats.normal import Program
    from dspyreg.model.version import Version

    Where = Registry | str | os.PathLike[str] | None

WHOLE: Final = "program.pkl"
_BESIDE_WHOLE: Final = "metadata.json"


@contextmanager
def opened(registry: Where) -> Iterator[Registry]:
    """Give a registry: the one that is given, or that of a path, or the nearest."""
    if isinstance(registry, Registry):
        yield registry
        return
    with open_registry(registry) as found:
        yield found


def pinned(version: Version) -> str:
    """Return a selector of this very version, whatever moves in the meantime."""
    return str(Selector(version.program, "digest", str(version.digest)))


def is_whole(version: Version) -> bool:
    """Is it a program that was saved whole, as a pickle with its code?"""
    return _whole(version) is not None


def whole_directory(version: Version) -> str:
    """Return the path of the program saved whole within a version. Raises ``Conflict``."""
    found = _whole(version)
    if found is None:
        raise Conflict(f"{version} is no program saved whole", hint="give into= and a program")
    return found


def _whole(version: Version) -> str | None:
    paths = {file.path for file in version.files}
    for path in sorted(paths):
        directory, slash, name = path.rpartition("/")
        if name == WHOLE and f"{directory}{slash}{_BESIDE_WHOLE}" in paths:
            return directory
    return None


def state_file(version: Version, path: str | None = None) -> str:
    """Return the path of the one saved state in a version. Raises ``UsageError``, ``Conflict``."""
    paths = [file.path for file in version.files]
    lone = path or main_path(paths)
    if lone is not None:
        return lone
    if is_whole(version):
        raise Conflict(f"{version} is a program saved whole", hint="program=True loads it")
    for kinds in (known.STATES, known.PICKLES):
        found = [each for each in paths if each.endswith(kinds) and each != RUN]
        if len(found) == 1:
            return found[0]
    raise UsageError(f"which file of {version}?", hint="path=, one of " + ", ".join(sorted(paths)))


def read(
    registry: Registry, version: Version, *, path: str | None = None, allow_pickle: bool = False
) -> Program:
    """Return the program that a version's state describes, from bytes checked just now.

    Raises ``Refused`` for a pickle that nobody allowed, ``Conflict`` for what is no state.
    """
    name = state_file(version, path)
    is_pickle = name.endswith(known.PICKLES)
    if is_pickle and not allow_pickle:
        raise Refused(
            f"{name} of {version} is a pickle",
            hint="allow_pickle=True reads examples, dates and containers from it, nothing else",
        )
    data = registry.read(pinned(version), name)
    try:
        if not is_pickle:
            return known.read(data)
        from dspyreg.formats import unpickling

        return known.of(unpickling.loads(data))
    except NotAState as error:
        raise Conflict(f"{name} of {version} is no state that can be loaded: {error}") from error


def captured(version: Version) -> Contract | None:
    """Return the contract that was captured when a version was registered, or when the one was
    that it was edited from; None without one.
    """
    if not isinstance(version.contract, dict):
        return None
    try:
        contract = Contract.from_json(version.contract)
    except ValueError as error:
        raise Corrupt(f"blob {version.digest}", str(error)) from error
    return contract._replace(knowledge=CAPTURED) if contract.is_captured else None
