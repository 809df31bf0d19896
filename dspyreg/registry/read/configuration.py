"""The configuration in force: its digest, its source, and the names that it defines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.config.value import DEFAULT
from dspyreg.errors import Corrupt
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest
from dspyreg.model.state import ARCHIVED, DEPRECATED
from dspyreg.registry.context import digest_of_configuration, read_configuration

if TYPE_CHECKING:
    from dspyreg.backends.interface import Blobs
    from dspyreg.config.value import Config
    from dspyreg.model.state import State
    from dspyreg.registry.context import Context


class ConfigurationInForce(NamedTuple):
    """The configuration in force: its digest, its value, and its YAML as it was written.

    ``pointer`` is what the log says of it; None for the built-in one, whose YAML is generated.
    """

    digest: Digest
    configuration: Config
    source: str
    pointer: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``config show --json``."""
        return {
            "digest": self.digest,
            "configuration": self.configuration.to_json(),
            "source": self.source,
        }


def current(context: Context) -> ConfigurationInForce:
    """Return the configuration in force. Raises ``Corrupt``."""
    with context.entries.reading():
        state = context.entries.state()
        pointer = state.get(names.CONFIG)
        digest, value = digest_of_configuration(state), context.configuration_of(state)
    return ConfigurationInForce(digest, value, _source(context, pointer), pointer)


def built_in() -> ConfigurationInForce:
    """Return the configuration of a registry in which none was applied."""
    from dspyreg.config.document import write

    digest = Digest.of(canonical.dumps(DEFAULT.to_json()))
    return ConfigurationInForce(digest, DEFAULT, write(DEFAULT), None)


def _source(context: Context, pointer: dict[str, Any] | None) -> str:
    if pointer is None:
        return built_in().source
    from dspyreg.store.objects import read as read_blob

    digest = Digest.parse(pointer["source"])
    try:
        return read_blob(context.blobs, digest).decode()
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
