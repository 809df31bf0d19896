"""One side of a comparison: what is known of the program of a version, or of a new one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dspyreg.compare.bump import Side
from dspyreg.compare.contract import INFERRED, Contract
from dspyreg.compare.inference import inferred
from dspyreg.errors import Corrupt
from dspyreg.formats import known
from dspyreg.formats.document import MAX_BYTES, NotAState
from dspyreg.store.objects import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dspyreg.backends.interface import Readable
    from dspyreg.formats.normal import Program
    from dspyreg.model.document import Document


def side_of(
    state: Program | None, contract: Any, settings: Mapping[str, Any] | None
) -> Side | None:
    """Return one side of a comparison; None where neither state nor contract is known."""
    if contract is not None:
        told = Contract.from_json(contract)
    elif state is not None:
        told = inferred(state)
    else:
        return None
    return Side(told, state, state.versions.get("dspy") if state else None, settings)


def side_of_version(
    blobs: Readable, document: Document, *, allow_pickle: bool = False
) -> Side | None:
    """Return the side of a version that is registered. Raises ``Corrupt``."""
    states = []
    for file in document.files:
        if known.is_read(file.path, allow_pickle=allow_pickle) and file.size <= MAX_BYTES:
            with suppress(NotAState):
                content = known.as_json(file.path, read(blobs, file.digest))
                states.append(known.read(content))
    state = states[0] if len(states) == 1 else None
    told = document.contract
    if state is not None and told is not None and told.get("knowledge") == INFERRED:
        told = None  # what can be inferred today may be more
    try:
        return side_of(state, told, document.settings)
    except ValueError as error:
        raise Corrupt("a version document", str(error)) from error
