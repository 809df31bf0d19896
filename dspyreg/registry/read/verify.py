"""The check of every byte of a store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dspyreg.registry.read.configuration import known_by
from dspyreg.store import verify as store_verify

if TYPE_CHECKING:
    from dspyreg.registry.context import Context
    from dspyreg.store.verify import VerifyReport


def verify(context: Context, *, repair: bool) -> VerifyReport:
    """See ``Registry.verify``."""
    known = partial(known_by, context.blobs)
    return store_verify.verify(context.store, context.entries, repair=repair, known=known)
