"""Every error dspyreg raises on purpose, with its exit code and its hint.

The library raises; ``cli.app.main`` alone turns an error into text and a status.
Exit codes are part of the interface: added, never reused (docs/reference/errors.md).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class RegistryError(Exception):
    """Something a user can understand and act on.

    ``entries`` are those that the operation appended before it failed: they happened.
    """

    exit_code: ClassVar[int] = 70
    code: ClassVar[str] = "bug"
    entries: tuple[Any, ...] = ()

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.command_hint = hint

    @property
    def hint(self) -> str | None:
        """What to do next, in the words of Python; ``command_hint`` has those of the command
        line, with its options as ``--force`` and ``--reason=WHY``.
        """
        return self.command_hint and _OPTION.sub(_in_python, self.command_hint)


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

    ``failures`` are all reasons in words, ``summary`` is the message where they are listed beside
    it, ``evidence`` is what the log keeps of the judgement, and ``blobs`` what that names. It
    ``is_worth_an_entry`` unless what was asked for would have changed nothing.
    """

    exit_code = 1
    code = "refused"

    def __init__(
        self,
        message: str,
        *,
        failures: tuple[str, ...] = (),
        summary: str | None = None,
        hint: str | None = None,
        evidence: Mapping[str, Any] | None = None,
        blobs: tuple[bytes, ...] = (),
        is_worth_an_entry: bool = True,
    ) -> None:
        super().__init__(message, hint=hint)
        self.summary, self.failures = summary or message, failures or (message,)
        self.evidence, self.blobs = evidence or {}, blobs
        self.is_worth_an_entry = is_worth_an_entry


class UsageError(RegistryError):
    """The request itself is malformed."""

    exit_code = 2
    code = "usage"


class NotFound(RegistryError):
    """The registry holds nothing of that kind under that name."""

    exit_code = 3
    code = "not_found"

    def __init__(
        self, kind: str, name: str, *, hint: str | None = None, message: str | None = None
    ) -> None:
        super().__init__(message or f"no {kind} {name}", hint=hint)
        self.kind, self.name = kind, name


class Conflict(RegistryError):
    """What is there contradicts what was asked, or somebody else was faster."""

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
            f"{version} does not fit {program}: {'; '.join(problems)}",
            hint="strict=False tolerates names that the program lacks, other types and tools"
            if tolerable
            else None,
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

    def __init__(self, where: str, what: str, *, hint: str | None = None) -> None:
        super().__init__(f"{where}: {what}", hint=hint or "run `dspyreg verify`")
        self.where, self.what = where, what


class UnsupportedFormat(RegistryError):
    """Written by a newer dspyreg than this one."""

    exit_code = 7
    code = "unsupported_format"

    def __init__(self, where: str, found: str) -> None:
        super().__init__(f"{where} has format {found}", hint="upgrade dspyreg")
        self.where, self.found = where, found


class StorageError(RegistryError):
    """The disk or the network failed; ``entries`` say what had happened before."""

    exit_code = 8
    code = "storage"


class OutcomeUnknown(StorageError):
    """The storage failed in the one moment in which nobody can tell what it kept."""

    def __init__(self, operation_id: str, cause: str) -> None:
        super().__init__(
            f"outcome unknown of operation {operation_id}: {cause}",
            hint=f"look for {operation_id} in `dspyreg log` before you try again",
        )
        self.operation_id = operation_id
