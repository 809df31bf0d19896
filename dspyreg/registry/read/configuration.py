"""The configuration in force, read from where the log says that it is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from dspyreg.config.value import DEFAULT, Config, require_sound
from dspyreg.errors import Corrupt
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.model.state import ARCHIVED, DEPRECATED

if TYPE_CHECKING:
    from dspyreg.backends.interface import Blobs
    from dspyreg.model.state import State
    from dspyreg.registry.context import Context


def read(blobs: Blobs, document: str | None) -> Config:
    """Return a stored configuration; the built-in one for None. Raises ``Corrupt``."""
    if document is None:
        return DEFAULT
    from dspyreg.store.objects import read_json

    try:
        config = Config.from_json(read_json(blobs, Digest.parse(document)))
        require_sound(config)
    except ValueError as error:
        raise Corrupt(f"configuration {document}", str(error)) from error
    return config


def digest(state: State) -> Digest:
    """Return the digest of the configuration that a state names: that of the stored document,
    whatever an older release left out of it.
    """
    value = state.get(names.CONFIG)
    return _built_in() if value is None else Digest.parse(value["document"])


def digest_in_force(context: Context) -> Digest:
    """Return the digest of the configuration in force."""
    with context.entries.lock:
        context.entries.refresh()
        return digest(context.entries.state())


@cache
def _built_in() -> Digest:
    return Digest.of(canonical.dumps(DEFAULT.to_json()))


def source(context: Context) -> str:
    """Return the YAML in force, as it was written; the built-in one spelt out."""
    return address_and_source(context)[1]


def address_and_source(context: Context) -> tuple[dict[str, Any] | None, str]:
    """Return what the log says of the configuration in force, and its YAML."""
    with context.entries.lock:
        context.entries.refresh()
        value = context.entries.state().get(names.CONFIG)
    if value is None:
        from dspyreg.config.document import write

        return None, write(DEFAULT)
    from dspyreg.store.objects import read as read_blob

    digest = Digest.parse(value["source"])
    try:
        return value, read_blob(context.blobs, digest).decode()
    except UnicodeDecodeError as error:
        raise Corrupt(f"blob {digest}", f"it is no text: {error}") from error


def known_by(blobs: Blobs, state: State) -> tuple[set[str], set[str]]:
    """Return the stages and the environments that the configuration of a state knows.

    Raises ``Corrupt``, ``UnsupportedFormat``.
    """
    value = state.get(names.CONFIG)
    config = read(blobs, None if value is None else value["document"])
    stages = {DEPRECATED, ARCHIVED, *(rung.name for rung in config.rungs)}
    return stages, {place.name for place in config.environments}
