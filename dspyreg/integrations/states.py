"""The saved state of a version: the file that holds it, and its content."""

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

    RegistryOrPath = Registry | str | os.PathLike[str] | None

WHOLE: Final = "program.pkl"
_WHOLE_METADATA: Final = "metadata.json"


@contextmanager
def opened(registry: RegistryOrPath) -> Iterator[Registry]:
    """Yield a registry as it is, or open and close the one at a path, or the nearest."""
    if isinstance(registry, Registry):
        yield registry
        return
    with open_registry(registry) as opened_registry:
        yield opened_registry


def pinned(version: Version) -> str:
    """Return a selector of this version that nothing can move."""
    return str(Selector(version.program, "digest", str(version.digest)))


def is_whole(version: Version) -> bool:
    """Return whether a version is a program saved whole, as a pickle with its code."""
    return _whole(version) is not None


def whole_directory(version: Version) -> str:
    """Return the path of the program saved whole within a version. Raises ``Conflict``."""
    directory = _whole(version)
    if directory is None:
        raise Conflict("not-a-whole-program", version=version)
    return directory


def _whole(version: Version) -> str | None:
    paths = {file.path for file in version.files}
    for path in sorted(paths):
        directory, slash, name = path.rpartition("/")
        if name == WHOLE and f"{directory}{slash}{_WHOLE_METADATA}" in paths:
            return directory
    return None


def state_file(version: Version, path: str | None = None) -> str:
    """Return the path of the one saved state in a version. Raises ``UsageError``, ``Conflict``."""
    paths = [file.path for file in version.files]
    lone = path or main_path(paths)
    if lone is not None:
        return lone
    if is_whole(version):
        raise Conflict("is-a-whole-program", version=version)
    for kinds in (known.STATES, known.PICKLES):
        candidates = [each for each in paths if each.endswith(kinds) and each != RUN]
        if len(candidates) == 1:
            return candidates[0]
    raise UsageError("state-ambiguous", version=version, paths=", ".join(sorted(paths)))


def read(
    registry: Registry, version: Version, *, path: str | None = None, allow_pickle: bool = False
) -> Program:
    """Return the saved program of a version, from bytes that were just verified.

    Raises ``Refused`` for a pickle without ``allow_pickle``, ``Conflict`` for what is no state.
    """
    name = state_file(version, path)
    is_pickle = name.endswith(known.PICKLES)
    if is_pickle and not allow_pickle:
        raise Refused("state-is-pickle", file=name, version=version)
    data = registry.read(pinned(version), name)
    try:
        if not is_pickle:
            return known.read(data)
        from dspyreg.formats import unpickling

        return known.of(unpickling.loads(data))
    except NotAState as error:
        raise Conflict("state-not-readable", file=name, version=version, reason=error) from error


def captured(version: Version) -> Contract | None:
    """Return the contract that was captured at the registration of a version, or of the one it was
    edited from; None without one.
    """
    if not isinstance(version.contract, dict):
        return None
    try:
        contract = Contract.from_json(version.contract)
    except ValueError as error:
        raise Corrupt(f"blob {version.digest}", "contract-invalid", reason=error) from error
    return contract._replace(knowledge=CAPTURED) if contract.is_captured else None
