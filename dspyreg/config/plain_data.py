"""Plain data that people write: JSON, or else YAML. No key may be repeated."""

from __future__ import annotations

from typing import Any, Final

from dspyreg.errors import UsageError
from dspyreg.model import canonical

_DOCUMENTS: Final = canonical.decoder(unique=True, strict=False)
_VALUES: Final = canonical.decoder(unique=True)


def document(text: str) -> Any:
    """Return the value of a document in JSON or YAML. Raises ``UsageError``."""
    try:
        return _DOCUMENTS.decode(text)
    except canonical.RepeatedKey as error:
        raise UsageError("duplicate-key", key=error.key) from error
    except (ValueError, RecursionError):
        from dspyreg.config.yaml_text import read

        return read(text)


def value(text: str) -> Any:
    """Return the value of JSON, or any other text as it is. Raises ``UsageError``."""
    try:
        return _VALUES.decode(text)
    except canonical.RepeatedKey as error:
        raise UsageError("duplicate-key", key=error.key) from error
    except (ValueError, RecursionError):
        return text
