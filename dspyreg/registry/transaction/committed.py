"""The result of one run of a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Draft, Plan
    from dspyreg.model.entry import Entry, Intent


class Committed(NamedTuple):
    """A plan, and the entry that it became: None if there was nothing to do.

    ``config`` was in force. ``repeated`` tells that the entry was appended before, under the same
    key. A dry run has the ``intents`` that it and the runs before it would have appended, and the
    ``blobs`` that they would have stored.
    """

    plan: Plan
    draft: Draft
    entry: Entry | None
    intents: tuple[Intent, ...] = ()
    config: Config | None = None
    repeated: bool = False
    blobs: tuple[bytes, ...] = ()
