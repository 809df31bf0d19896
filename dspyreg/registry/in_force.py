"""The configuration in force, read from where the log says that it is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from dspyreg.config.value import DEFAULT, Config
from dspyreg.errors import Corrupt
from dspyreg.model import canonical, names
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from dspyreg.backends.interface import Blobs
    from dspyreg.registry.facade import Registry


def read(blobs: Blobs, document: str | None) -> Config:
    """Return a stored configuration; the built-in one for None. Raises ``Corrupt``."""
    if document is None:
        return DEFAULT
    from dspyreg.store.objects import read_json

    try:
        return Config.from_json(read_json(blobs, Digest.parse(document)))
    except ValueError as error:
        raise Corrupt(f"configuration {document}", str(error)) from error


@lru_cache(8)
def digest_of(config: Config) -> Digest:
    """Return the digest by which a decision names the configuration it was judged by."""
    return Digest.of(canonical.dumps(config.to_json()))


def source(registry: Registry) -> str:
    """Return the YAML in force, as it was written; the built-in one spelt out."""
    registry.the_log.refresh()
    value = registry.the_log.state().get(names.CONFIG)
    if value is None:
        from dspyreg.config.document import write

        return write(DEFAULT)
    from dspyreg.store.objects import read as read_blob

    return read_blob(registry.blobs, Digest.parse(value["source"])).decode()
