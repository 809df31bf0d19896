"""What can be compared: a version, or files that are not registered."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.bump import Side
from dspyreg.compare.contract import INFERRED, NOT_KNOWN, Contract
from dspyreg.compare.inference import inferred
from dspyreg.errors import Denied, StorageError
from dspyreg.formats import document, known, members
from dspyreg.formats.document import MAX_BYTES, NotAState, NotJson
from dspyreg.model.digest import Digest
from dspyreg.registry.read.versions import show
from dspyreg.store import objects

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dspyreg.formats.normal import Program
    from dspyreg.model.version import Version
    from dspyreg.registry.context import Context

    What = str | os.PathLike[str]

_METADATA: Final = "metadata.json"
_LARGEST_METADATA: Final = 1 << 16


class Subject(NamedTuple):
    """One of two that are compared: a version, or files that are not registered."""

    name: str
    version: Version | None
    contents: tuple[tuple[str, Digest], ...]
    side: Side
    dependencies: dict[str, str]
    notices: tuple[str, ...] = ()

    @property
    def metrics(self) -> dict[str, float]:
        """The newest value of each metric; files that are not registered have none."""
        return self.version.metrics if self.version is not None else {}

    def to_json(self) -> dict[str, Any]:
        """What ``--json`` tells of it."""
        state = self.side.state
        return {
            "name": self.name,
            "program": self.version.program if self.version else None,
            "label": self.version.label if self.version else None,
            "digest": self.version.digest if self.version else None,
            "program_digest": state.digest() if state else None,
            "format": state.family if state else None,
            "knowledge": self.side.contract.knowledge,
        }


def subject(context: Context, what: What, at: str | None, *, allow_pickle: bool = False) -> Subject:
    """Return what a selector or a path stands for. Raises ``NotFound``, ``Corrupt``."""
    if isinstance(what, str) and not is_path(what):
        return version_subject(context, what, at, allow_pickle=allow_pickle)
    return files_subject(context, what, allow_pickle=allow_pickle)


def is_path(text: str) -> bool:
    """Is this a file, and not a selector? It is if it looks like one, or is there."""
    return os.sep in text or text.endswith(known.STATES) or os.path.isfile(text)


def version_subject(
    context: Context, selector: str, at: str | None, *, allow_pickle: bool = False
) -> Subject:
    """Return the version that a selector means, its bytes checked."""
    version = show(context, selector, at=at)
    told = objects.read_document(context.blobs, version.digest)
    readers = {file.path: (file.size, _blob(context, file.digest)) for file in told.files}
    state, dependencies, notices = _understood(readers, allow_pickle=allow_pickle)
    contract, broken = _contract(told.contract, state)
    return Subject(
        str(version),
        version,
        tuple((file.path, file.digest) for file in told.files),
        Side(contract, state, dependencies.get("dspy"), told.settings),
        dependencies,
        _named(str(version), (*notices, *broken)),
    )


def _blob(context: Context, digest: Digest) -> Callable[[], bytes]:
    return lambda: objects.read(context.blobs, digest)


def files_subject(context: Context, path: What, *, allow_pickle: bool = False) -> Subject:
    """Return files that are not registered."""
    from dspyreg.registry.artifacts.files import collect

    found = collect(path, context.store.location.directory)
    try:
        contents = tuple((name, _digest(file)) for name, file in sorted(found.items()))
        readers = {name: (file.stat().st_size, file.read_bytes) for name, file in found.items()}
        state, dependencies, notices = _understood(readers, allow_pickle=allow_pickle)
    except PermissionError as error:
        raise Denied(f"cannot read {path}: {error.strerror}") from error
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    contract = NOT_KNOWN if state is None else inferred(state)
    side = Side(contract, state, dependencies.get("dspy"))
    name = os.fspath(path)
    return Subject(name, None, contents, side, dependencies, _named(name, notices))


def _digest(path: Path) -> Digest:
    with open(path, "rb") as file:
        return Digest.of_stream(file)


def _named(name: str, notices: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}: {notice}" for notice in notices)


_Readers = dict[str, tuple[int, "Callable[[], bytes]"]]


def _understood(
    readers: _Readers, *, allow_pickle: bool
) -> tuple[Program | None, dict[str, str], tuple[str, ...]]:
    """The one saved state among files, the versions that it was saved with, and notices."""
    states, notices = _states(readers, allow_pickle=allow_pickle)
    if len(states) == 1:
        [state] = states.values()
        return state, state.versions, ()
    if states:
        notices.append(f"several saved states ({', '.join(states)}); none was compared")
    elif not notices:
        some = ", ".join([*sorted(readers)[:3], *(["…"] if len(readers) > 3 else [])])
        notices.append(f"no saved state that can be read ({some}); only bytes were compared")
    return None, _dependencies(readers), tuple(notices)


def _states(readers: _Readers, *, allow_pickle: bool) -> tuple[dict[str, Program], list[str]]:
    """The states that can be read, and why others were not that should have been."""
    states: dict[str, Program] = {}
    notices = []
    for name, (size, content) in readers.items():
        if not known.is_read(name, allow_pickle=allow_pickle):
            continue
        if size > MAX_BYTES:
            notices.append(f"{name} is above 64 MiB and was not read")
            continue
        try:
            states[name] = known.read(known.as_json(name, content()))
        except NotAState as error:
            if name.endswith(known.PICKLES) or isinstance(error, NotJson):
                notices.append(f"{name} was not read: {error}")
    return states, notices


def _dependencies(readers: _Readers) -> dict[str, str]:
    """The versions that a program directory was saved with."""
    size, content = readers.get(_METADATA, (MAX_BYTES, bytes))
    if size > _LARGEST_METADATA:
        return {}
    try:
        return members.versions({members.METADATA: document.loads(content())})
    except NotAState:
        return {}


def _contract(told: Any, state: Program | None) -> tuple[Contract, tuple[str, ...]]:
    """The contract of a version: as it was captured, else what its state tells."""
    guess = NOT_KNOWN if state is None else inferred(state)
    if told is None:
        return guess, ()
    try:
        contract = Contract.from_json(told)
    except ValueError:
        return guess, ("its contract cannot be read by this dspyreg",)
    is_best = contract.is_captured or (state is None and contract.knowledge == INFERRED)
    return contract if is_best else guess, ()
