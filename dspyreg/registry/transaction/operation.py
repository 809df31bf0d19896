"""The decorators of the facade: the frame around a change, and that around a read."""

from __future__ import annotations

import sys
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from dspyreg.registry.transaction import appended, screening

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.registry.context import Context

_Method = TypeVar("_Method", bound="Callable[..., Any]")


def operation(name: str) -> Callable[[_Method], _Method]:
    """Decorate a method that changes something; its object has a ``context``.

    The words of the call are screened for secrets, as its ``redact`` and ``allow_secrets`` say.
    Events are emitted around it, and its error says what had happened before. A dry run does
    neither.
    """

    def decorate(method: _Method) -> _Method:
        @wraps(method)
        def call(self: Any, *args: Any, **options: Any) -> Any:
            context: Context = self.context
            # The actor's name may be read from files: here, where no lock is held.
            options = screening.screened_call(options, context.actor)
            if options.get("dry_run"):
                with context.operation():
                    return method(self, *args, **options)
            with appended.described(name), context.operation():
                if not _has_listener(context):
                    return method(self, *args, **options)
                from dspyreg.registry.transaction import events

                act = partial(method, self, *args, **options)
                subject = args[0] if args else options.get("selector", options.get("program"))
                return events.emit_around(context, name, act, subject=subject, options=options)

        return call  # type: ignore[return-value]

    return decorate


def reading(method: _Method) -> _Method:
    """Decorate a method that reads: it answers from one look at the log."""

    @wraps(method)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        with self.context.operation():
            return method(self, *args, **options)

    return call  # type: ignore[return-value]


def _has_listener(context: Context) -> bool:
    """Return whether events have a listener: of the context, or a handler of the logger."""
    if context.listener is not None:
        return True
    logging = sys.modules.get("logging")  # without the import, no handler can exist
    if logging is None:
        return False
    logger = logging.getLogger("dspyreg")
    return bool(logger.hasHandlers() and logger.isEnabledFor(logging.ERROR))
