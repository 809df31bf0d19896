"""The configuration in force: its digest, its source, and the names that it defines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.config.value import DEFAULT
from dspyreg.errors import Corrupt
from dspyreg.model import names
from dspyreg.model.digest import Digest
from dspyreg.model.state import ARCHIVED, DEPRECATED
from dspyreg.registry.context import digest_of_configuration, read_configuration

if TYPE_CHECKING:
    from dspyreg.backends.interface import Blobs
    from dspyreg.model.state import State
    from dspyreg.registry.context import Context


def digest_in_force(context: Context) -> Digest:
    """Return the digest of the configuration in force."""
    with context.entries.reading():
        return digest_of_configuration(context.entries.state())


def source(context: Context) -> str:
    """Return the YAML in force as it was written; the built-in one in full."""
    return address_and_source(context)[1]


def address_and_source(context: Context) -> tuple[dict[str, Any] | None, str]:
    """Return the log's value of the configuration in force, and its YAML."""
    with context.entries.reading():
        value = context.entries.state().get(names.CONFIG)
    if value is None:
        from dspyreg.config.document import write

        return None, write(DEFAULT)
    from dspyreg.store.objects import read as read_blob

    digest = Digest.parse(value["source"])
    try:
        return value, read_blob(context.blobs, digest).decode()
    except UnicodeDecodeError as error:
        raise Corrupt(f"blob {digest}", "blob-not-text", reason=str(error)) from error


def known_by(blobs: Blobs, state: State) -> tuple[set[str], set[str]]:
    """Return the stages and the environments that the configuration of a state defines.

    Raises ``Corrupt``, ``UnsupportedFormat``.
    """
    value = state.get(names.CONFIG)
    config = read_configuration(blobs, None if value is None else value["document"])
    stages = {DEPRECATED, ARCHIVED, *(rung.name for rung in config.rungs)}
    return stages, {place.name for place in config.environments}
