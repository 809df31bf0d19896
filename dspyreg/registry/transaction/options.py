"""The options that every change takes."""

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import UsageError

if TYPE_CHECKING:
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.request_keys import Claim


class ChangeOptions(NamedTuple):
    """The reason of a change, and how to make it.

    ``operation_id`` is the key of a request (see ``Registry``), not the id of its entries.
    ``redact`` and ``allow_secrets`` say what to do with secrets in what the log keeps.
    """

    reason: str | None = None
    force: bool = False
    dry_run: bool = False
    operation_id: str | None = None
    redact: bool = False
    allow_secrets: bool = False

    def require_reason(self) -> None:
        """Raise ``UsageError`` for force without a reason."""
        if self.force and not (self.reason or "").strip():
            raise UsageError("reason-missing")

    def claim(
        self, context: "Context", operation: str, program: str | None, **arguments: Any
    ) -> "Claim | None":
        """Return the claim of a request to its key; None if it has no key. ``arguments`` are what
        makes it the same request: with others, the key is taken.
        """
        if self.operation_id is None:
            return None
        from dspyreg.registry.transaction.request_keys import claim

        return claim(context, operation, self.operation_id, program, arguments)
