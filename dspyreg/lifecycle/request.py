"""A registration as it is requested, and its sources of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dspyreg.model.digest import Digest
    from dspyreg.model.document import Document, File
    from dspyreg.model.state import Snapshot

AUTO: Final = "auto"
NONE: Final = "none"


class BumpVerdict(NamedTuple):
    """The verdict of a comparison with the latest version: the level of the change and the reason.

    ``unknown`` names parts that could not be compared. ``unsaved_changed`` is for changes that a
    saved state does not have, such as types, the configuration of a predictor, or the version of
    DSPy. ``breaks`` lists breaking changes.
    """

    level: str
    why: str | None = None
    unknown: tuple[str, ...] = ()
    unsaved_changed: bool = False
    breaks: tuple[str, ...] = ()


class ParentSource(Protocol):
    """Facts about the versions before a new one, which the state does not have."""

    def verdict(self, latest: Snapshot) -> BumpVerdict | None:
        """Return the comparison with a version; None where nothing can be compared."""

    def document(self, digest: Digest) -> Document:
        """Return the document of a version."""


class Request(NamedTuple):
    """A registration as it is requested.

    ``files`` are stored already; ``family``, ``digest`` and ``contract`` are those of the saved
    state among them. ``parent`` is the version that it was made from, None for the latest.
    ``unreadable`` is the reason why no program can be read, and with ``any_file`` the files are
    registered all the same.
    """

    program: str
    now: datetime
    files: tuple[File, ...] = ()
    label: str | None = None
    bump: str = AUTO
    metadata: Mapping[str, Any] = {}
    metrics: Mapping[str, float] = {}
    tags: tuple[str, ...] = ()
    changelog: str | None = None
    parent: str | None = None
    author: str = ""
    context: Mapping[str, Any] = {}
    exist_ok: bool = False
    force: bool = False
    reason: str | None = None
    any_file: bool = False
    unreadable: str | None = None
    is_named_state: bool = False
    family: str | None = None
    digest: Digest | None = None
    contract: Any = None
    settings: Mapping[str, Any] | None = None
    secrets: str | None = None
    notices: tuple[str, ...] = ()
