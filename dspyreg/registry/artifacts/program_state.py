"""The one saved state among files, and the program that it makes comparable."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.bump import Side
from dspyreg.compare.contract import INFERRED, NOT_KNOWN, Contract
from dspyreg.compare.inference import inferred
from dspyreg.errors import Corrupt, UsageError
from dspyreg.formats import document as json_document
from dspyreg.formats import known, members
from dspyreg.formats.document import MAX_BYTES, NotAState, NotJson
from dspyreg.registry.artifacts.files import collect, digest_of
from dspyreg.registry.read.versions import show
from dspyreg.registry.transaction.supplied_blobs import unreadable
from dspyreg.store import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dspyreg.backends.interface import Readable
    from dspyreg.formats.normal import Program
    from dspyreg.model.digest import Digest
    from dspyreg.model.document import Document
    from dspyreg.model.version import Version
    from dspyreg.registry.context import Context

    SelectorOrPath = str | os.PathLike[str]
    Readers = Mapping[str, tuple[int, Callable[[], bytes]]]  # by path: size and reader of a file

_METADATA: Final = "metadata.json"
_MAX_METADATA: Final = 1 << 16


class SavedStates(NamedTuple):
    """The saved states among files, and why other files that should be states were not read.

    ``names`` are the files with a state. ``only`` is the state if there is exactly one: of
    several, none counts as the program. ``unpickled`` has the JSON of the pickles that were read.
    """

    names: tuple[str, ...]
    only: Program | None
    unpickled: dict[str, bytes]
    notices: tuple[str, ...]


def saved_states(readers: Readers, *, allow_pickle: bool = False) -> SavedStates:
    """Read the saved states among files. Raises ``OSError`` as the readers do."""
    states: dict[str, Program | None] = {}
    unpickled: dict[str, bytes] = {}
    notices = []
    for name, (size, content) in readers.items():
        if not known.is_read(name, allow_pickle=allow_pickle):
            continue
        if size > MAX_BYTES:
            notices.append(f"{name} is above 64 MiB and was not read")
            continue
        is_pickle = name.endswith(known.PICKLES)
        try:
            data = known.as_json(name, content())
            if is_pickle:
                unpickled[name] = data
            state = known.read(data)
            states[name] = None if states else state  # a second state is not needed in memory
        except NotAState as error:
            if is_pickle or isinstance(error, NotJson):
                notices.append(f"{name} was not read: {error}")
    only = next(iter(states.values())) if len(states) == 1 else None
    return SavedStates(tuple(states), only, unpickled, tuple(notices))


# Sides of a comparison


def side_of(
    state: Program | None, contract: Any, settings: Mapping[str, Any] | None
) -> Side | None:
    """Return the side of a program; None if neither its state nor its contract is known.

    Raises ``ValueError`` for a contract that cannot be read.
    """
    if contract is not None:
        known_contract = Contract.from_json(contract)
    elif state is not None:
        known_contract = inferred(state)
    else:
        return None
    return Side(known_contract, state, state.versions.get("dspy") if state else None, settings)


def side_of_version(
    blobs: Readable, document: Document, *, allow_pickle: bool = False
) -> Side | None:
    """Return the side of a registered version. Raises ``Corrupt``."""
    state = saved_states(_stored(blobs, document), allow_pickle=allow_pickle).only
    contract = document.contract
    if state is not None and contract is not None and contract.get("knowledge") == INFERRED:
        contract = None  # today's rules may infer more
    try:
        return side_of(state, contract, document.settings)
    except ValueError as error:
        raise Corrupt("a version document", "contract-unreadable", reason=str(error)) from error


def _stored(blobs: Readable, document: Document) -> Readers:
    return {
        file.path: (file.size, partial(objects.read, blobs, file.digest)) for file in document.files
    }


# Subjects of a comparison


class Subject(NamedTuple):
    """A version, or files that are not registered, as one of two that are compared."""

    name: str
    version: Version | None
    contents: tuple[tuple[str, Digest], ...]
    side: Side
    dependencies: dict[str, str]
    notices: tuple[str, ...] = ()

    @property
    def metrics(self) -> dict[str, float]:
        """The newest value of each metric; empty for files that are not registered."""
        return self.version.metrics if self.version is not None else {}

    def require_version(self) -> Version:
        """Return the version. Raises ``UsageError`` for files that are not registered."""
        if self.version is None:
            raise UsageError("version-expected", name=self.name)
        return self.version

    def to_json(self) -> dict[str, Any]:
        """Return the object of ``--json``."""
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


def subject(
    context: Context, target: SelectorOrPath, at: str | None, *, allow_pickle: bool = False
) -> Subject:
    """Return the subject behind a selector or a path. Raises ``NotFound``, ``Corrupt``."""
    if isinstance(target, str) and not is_path(target):
        return version_subject(context, target, at, allow_pickle=allow_pickle)
    return files_subject(context, target, allow_pickle=allow_pickle)


def is_path(text: str) -> bool:
    """Return whether a text is a path, not a selector: it looks like one, or the file exists."""
    return os.sep in text or text.endswith(known.STATES) or os.path.isfile(text)


def version_subject(
    context: Context, selector: str, at: str | None, *, allow_pickle: bool = False
) -> Subject:
    """Return the version behind a selector, with its bytes checked."""
    version = show(context, selector, at=at)
    document = objects.read_document(context.blobs, version.digest)
    readers = _stored(context.blobs, document)
    state, dependencies, notices = _program(readers, allow_pickle=allow_pickle)
    contract, contract_notices = _contract(document.contract, state)
    return Subject(
        str(version),
        version,
        tuple((file.path, file.digest) for file in document.files),
        Side(contract, state, dependencies.get("dspy"), document.settings),
        dependencies,
        _named(str(version), (*notices, *contract_notices)),
    )


def files_subject(context: Context, path: SelectorOrPath, *, allow_pickle: bool = False) -> Subject:
    """Return files that are not registered."""
    collected = collect(path, context.store.location.directory)
    try:
        contents = tuple((name, digest_of(file)) for name, file in sorted(collected.items()))
        readers = {name: (file.stat().st_size, file.read_bytes) for name, file in collected.items()}
        state, dependencies, notices = _program(readers, allow_pickle=allow_pickle)
    except OSError as error:
        raise unreadable(Path(path), error) from error
    contract = NOT_KNOWN if state is None else inferred(state)
    side = Side(contract, state, dependencies.get("dspy"))
    name = os.fspath(path)
    return Subject(name, None, contents, side, dependencies, _named(name, notices))


def _named(name: str, notices: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}: {notice}" for notice in notices)


def _program(
    readers: Readers, *, allow_pickle: bool
) -> tuple[Program | None, dict[str, str], tuple[str, ...]]:
    """Return the one saved state among files, the versions it was saved with, and notices."""
    states = saved_states(readers, allow_pickle=allow_pickle)
    if states.only is not None:
        return states.only, states.only.versions, ()
    notices = [*states.notices]
    if states.names:
        notices.append(f"several saved states ({', '.join(states.names)}): none was compared")
    elif not notices:
        shown = ", ".join([*sorted(readers)[:3], *(["…"] if len(readers) > 3 else [])])
        notices.append(f"no readable saved state ({shown}): only bytes were compared")
    return None, _dependencies(readers), tuple(notices)


def _dependencies(readers: Readers) -> dict[str, str]:
    """Return the versions that a program directory was saved with."""
    size, content = readers.get(_METADATA, (MAX_BYTES, bytes))
    if size > _MAX_METADATA:
        return {}
    try:
        return members.versions({members.METADATA: json_document.loads(content())})
    except NotAState:
        return {}


def _contract(value: Any, state: Program | None) -> tuple[Contract, tuple[str, ...]]:
    """Return the captured contract of a version, else the one inferred from its state."""
    guess = NOT_KNOWN if state is None else inferred(state)
    if value is None:
        return guess, ()
    try:
        contract = Contract.from_json(value)
    except ValueError:
        return guess, ("this dspyreg cannot read its contract",)
    is_best = contract.is_captured or (state is None and contract.knowledge == INFERRED)
    return contract if is_best else guess, ()
