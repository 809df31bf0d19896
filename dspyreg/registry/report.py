"""The report of an error: what a face shows, without secrets, and with what had happened before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import NOTE, RegistryError
from dspyreg.registry.transaction import appended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dspyreg.model.entry import Entry

noting = appended.noting


class ErrorReport(NamedTuple):
    """An error in words.

    ``message`` is all of it; ``headline`` leaves out the ``details``, for a face that lists them.
    ``entries`` are what had been appended before.
    """

    code: str
    message: str
    headline: str
    hint: str | None
    failures: tuple[str, ...]
    details: tuple[str, ...]
    entries: tuple[Entry, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the error document of ``--json``."""
        failures = {"failures": list(self.failures)} if self.failures else {}
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "entries": [entry.to_json() for entry in self.entries],
            **failures,
        }


def report(error: RegistryError, entries: Sequence[Entry]) -> ErrorReport:
    """Return the report of an error of ours; ``entries`` were appended before it."""
    return _report(error, entries, error.code, str(error), error.command_hint)


def foreign_report(
    error: BaseException, entries: Sequence[Entry], *, code: str, message: str, hint: str | None
) -> ErrorReport:
    """Return the report of any other error, or of an interrupt."""
    return _report(error, entries, code, message, hint)


def _report(
    error: BaseException, entries: Sequence[Entry], code: str, message: str, hint: str | None
) -> ErrorReport:
    from dspyreg.registry.transaction.screening import clean

    headline, failures = (
        (error.summary, error.failures) if isinstance(error, RegistryError) else (message, ())
    )
    notes = [clean(n) for n in getattr(error, "__notes__", ()) if not n.startswith(NOTE)]
    message, failures = clean(message), tuple(map(clean, failures))
    if entries and all(appended.in_words(entries) not in each for each in (message, *notes)):
        notes.append(appended.in_words(entries))
    if entries and not hint:
        hint = f"`dspyreg log --seq {entries[0].seq}` shows it"
    return ErrorReport(
        code=code,
        message="; ".join((message, *notes)),
        headline="; ".join((clean(headline), *notes)),
        hint=hint and clean(hint),
        failures=failures,
        details=tuple(each for each in failures if each != message),
        entries=tuple(entries),
    )
