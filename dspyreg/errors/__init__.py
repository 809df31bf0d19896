"""Errors that dspyreg raises on purpose: their facts, exit code and hint.

An error carries facts; its words are made from ``errors.texts`` when someone looks. The library
raises; ``cli.app.main`` alone turns an error into text and a status. Exit codes are part of the
interface: added, never reused (docs/reference/errors.md).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class RegistryError(Exception):
    """An error that a user can understand and act on.

    ``problem`` is its key in ``errors.texts`` and ``facts`` are the fields of that text. ``hint``
    is the key of another hint than the one that belongs to the problem. ``entries`` are the log
    entries that the operation appended before it failed.
    """

    exit_code: ClassVar[int] = 70
    code: ClassVar[str] = "bug"
    entries: tuple[Any, ...] = ()

    def __init__(self, problem: str, *, hint: str | None = None, **facts: Any) -> None:
        super().__init__(problem)
        self.problem, self.facts = problem, facts
        self.set_hint(hint)

    def set_hint(self, hint: str | None) -> None:
        """Give the error another hint. A note has it too, which a traceback shows."""
        notes = [note for note in getattr(self, "__notes__", ()) if not note.startswith(NOTE)]
        self._hint = hint
        self.__notes__ = [*notes, *([NOTE + self.hint] if self.hint else [])]

    def __str__(self) -> str:
        from dspyreg.errors.texts import message

        return message(self.problem, self.facts)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, self.__dict__)

    @property
    def command_hint(self) -> str | None:
        """The next step, with the options of the command line: ``--force --reason=WHY``."""
        from dspyreg.errors.texts import hint

        return hint(self.problem, self._hint, self.facts)

    @property
    def hint(self) -> str | None:
        """The next step, with keyword arguments of Python: ``force=True, reason=WHY``."""
        return self.command_hint and _OPTION.sub(_in_python, self.command_hint)

    @property
    def summary(self) -> str:
        """The message without the failures, for a place that lists them."""
        return str(self)

    @property
    def failures(self) -> tuple[str, ...]:
        """Every reason in words, if the error has several."""
        return ()

    def to_json(self) -> dict[str, Any]:
        """Return the members of the error document of ``--json``."""
        return {"code": self.code, "message": str(self), "hint": self.command_hint}


def _restored(kind: type[RegistryError], args: tuple[Any, ...], state: dict[str, Any]) -> Any:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


NOTE: Final = "hint: "
_OPTION: Final = re.compile(r"`[^`]*`|--([a-z]+(?:-[a-z]+)*)(?:=(\"[^\"]*\"|[\w.$-]+))?( (?=--))?")
_OTHERWISE: Final = {"env": "environment", "as": "actor"}


def _in_python(option: re.Match[str]) -> str:
    """Return an option as a keyword argument; a whole command stays one, for a shell."""
    name, value, beside = option.groups()
    if name is None:
        return option[0]
    keyword = _OTHERWISE.get(name) or name.replace("-", "_")
    is_word = value is not None and (value.islower() or value[0].isdigit())
    return f"{keyword}={repr(value) if is_word else value or True}{', ' if beside else ''}"


class Refused(RegistryError):
    """The registry's rules say no; nothing was changed.

    ``failures`` are all reasons in words, ``summary`` is the message without them, ``evidence`` is
    what the log keeps of the judgement, and ``blobs`` what that names. It ``is_worth_an_entry``
    unless the request would have changed nothing.
    """

    exit_code = 1
    code = "refused"

    def __init__(
        self,
        problem: str,
        *,
        failures: tuple[str, ...] = (),
        hint: str | None = None,
        evidence: Mapping[str, Any] | None = None,
        blobs: tuple[bytes, ...] = (),
        is_worth_an_entry: bool = True,
        **facts: Any,
    ) -> None:
        super().__init__(problem, hint=hint, **facts)
        self._failures = failures
        self.evidence, self.blobs = evidence or {}, blobs
        self.is_worth_an_entry = is_worth_an_entry

    @property
    def summary(self) -> str:
        """The message without the failures, for where they are listed beside it."""
        return super().__str__()

    @property
    def failures(self) -> tuple[str, ...]:
        """Every reason, in words."""
        return self._failures or (self.summary,)

    def __str__(self) -> str:
        return f"{self.summary}: {'; '.join(self._failures)}" if self._failures else self.summary


class UsageError(RegistryError):
    """The request itself is malformed."""

    exit_code = 2
    code = "usage"


class NotFound(RegistryError):
    """The registry holds nothing of that kind under that name."""

    exit_code = 3
    code = "not_found"

    def __init__(
        self,
        kind: str,
        name: str,
        *,
        problem: str = "not-found",
        hint: str | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(problem, hint=hint, kind=kind, name=name, **facts)
        self.kind, self.name = kind, name


class Conflict(RegistryError):
    """The request contradicts the state of the registry, or a concurrent writer was faster."""

    exit_code = 4
    code = "conflict"


class ContractMismatch(Conflict):
    """A version does not fit the program it was to be loaded into; the program is untouched.

    The hint says whether ``strict=False`` would load it.
    """

    def __init__(
        self, version: str, program: str, problems: tuple[str, ...], *, tolerable: bool = False
    ) -> None:
        super().__init__(
            "contract-mismatch",
            hint="not-strict" if tolerable else None,
            version=version,
            program=program,
            problems="; ".join(problems),
        )
        self.version, self.program, self.problems = version, program, problems


class Denied(RegistryError):
    """This person, or this process, may not do that."""

    exit_code = 5
    code = "denied"


class Corrupt(RegistryError):
    """Bytes of the store are not what they were when they were written."""

    exit_code = 6
    code = "corrupt"

    def __init__(self, location: str, what: str, *, hint: str | None = None, **facts: Any) -> None:
        from dspyreg.errors.texts import message

        what = message(what, facts)
        super().__init__("corrupt", hint=hint, location=location, what=what, **facts)
        self.location, self.what = location, what


class UnsupportedFormat(RegistryError):
    """Written by a newer dspyreg than this one."""

    exit_code = 7
    code = "unsupported_format"

    def __init__(self, location: str, number: str) -> None:
        super().__init__("unsupported-format", location=location, number=number)
        self.location, self.number = location, number


class StorageError(RegistryError):
    """The disk or the network failed; ``entries`` say what had happened before.

    ``is_cache`` tells that only a cache was lost; ``is_repeatable`` that the call can be made
    again, because nothing had been appended.
    """

    exit_code = 8
    code = "storage"
    is_cache: ClassVar[bool] = False
    is_repeatable = False


class OutcomeUnknown(StorageError):
    """The storage failed in the one moment in which nobody can tell what it kept."""

    def __init__(self, operation_id: str, cause: str) -> None:
        super().__init__("outcome-unknown", operation_id=operation_id, cause=cause)
        self.operation_id = operation_id
