"""The location of a store: a value that is parsed from an address and shown without its secrets.

An address is the path of a directory, or a URL whose scheme ``backends.known`` lists.
"""

import os
import re
from pathlib import Path
from typing import Final, NamedTuple, Self

from dspyreg.errors import UsageError

# One slash is enough: pathlib turns `s3://x` into `s3:/x`. One letter is a drive of Windows.
_SCHEME: Final = r"([^/]{2,}?):/"
_PLAIN_SCHEME: Final = r"[A-Za-z][A-Za-z0-9+.-]*"
# User info ends at the only `@` there may be: with a second one, a part of it could be shown.
_WITHOUT_SECRETS: Final = r"/*(?:[^/?#@]*@)?([^?#@]*)(?:[?#][^@]*)?"


class Location(NamedTuple):
    """The address of a store and its scheme, which is empty for a directory."""

    scheme: str
    address: str

    @classmethod
    def parse(cls, address: str) -> Self:
        """Return the location that an address names. Raises ``UsageError`` for what is neither an
        address nor a path, without showing it: it may hold a password.
        """
        match = re.match(_SCHEME, address)
        if match is None:
            return cls.of(address)
        if not re.fullmatch(_PLAIN_SCHEME, match[1]):
            raise UsageError("address-invalid")
        return cls(match[1], address)

    @classmethod
    def of(cls, directory: str | os.PathLike[str]) -> Self:
        """Return the location of a directory, whatever its name looks like."""
        return cls("", str(Path(directory)))

    @property
    def directory(self) -> Path | None:
        """The directory of a local store; None for any other."""
        return None if self.scheme else Path(self.address)

    @property
    def real(self) -> str:
        """The one name of this location: for a directory its real path."""
        return str(self) if self.scheme else os.path.realpath(self.address)

    def __str__(self) -> str:
        """The location for people: an address without user info, query and fragment."""
        if not self.scheme:
            return self.address
        match = re.fullmatch(_WITHOUT_SECRETS, self.address[len(self.scheme) + 1 :])
        rest = match[1] if match else "…"
        return f"{self.scheme}://{rest}" if rest else self.scheme

    def __repr__(self) -> str:
        return f"Location({str(self)!r})"
