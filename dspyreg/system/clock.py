"""The clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dspyreg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


def clock() -> Callable[[], datetime]:
    """Return a clock in UTC; ``DSPYREG_NOW`` stops it. Raises ``UsageError`` if that is no time."""
    fixed = os.environ.get("DSPYREG_NOW")
    if not fixed:
        return lambda: datetime.now(UTC)
    from dspyreg.model import moment

    try:
        time = moment.parse(fixed)
    except ValueError as error:
        raise UsageError("now-invalid", text=fixed) from error
    return lambda: time
